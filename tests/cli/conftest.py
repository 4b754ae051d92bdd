"""A project, a home, and the command line run in this process or in its own."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from agent_memory.cli.entry import main

Ran = subprocess.CompletedProcess[str]
_CLEARED = ("CLAUDE_CONFIG_DIR", "NO_COLOR", "VISUAL", "EDITOR")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home directory, and an environment that says nothing of the person's own."""
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("HOME", str(folder))
    for name in [*_CLEARED, *(name for name in os.environ if name.startswith("AGENT_MEMORY_"))]:
        monkeypatch.delenv(name, raising=False)
    return folder


@pytest.fixture
def project(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project that is the working directory."""
    folder = tmp_path / "project"
    (folder / ".git").mkdir(parents=True)
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def cli(
    project: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsysbinary: pytest.CaptureFixture[bytes],
) -> Callable[..., Ran]:
    """Runs a command line in this process; `stdin=` is what comes through a pipe."""

    def run(*words: str, stdin: bytes = b"") -> Ran:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        capsysbinary.readouterr()
        status = main(words)
        out, err = capsysbinary.readouterr()
        return Ran(words, status, _text(out), _text(err))

    return run


@pytest.fixture
def terminal(project: Path) -> Callable[..., bytes]:
    """Runs a command on a pseudo-terminal and returns what it sends there; `typed=` is answered."""
    pty = pytest.importorskip("pty", reason="needs a pseudo-terminal")

    def run(*words: str, typed: str = "", **environ: str) -> bytes:
        leader, follower = pty.openpty()
        command = [sys.executable, "-m", "agent_memory", *words]
        process = subprocess.Popen(
            command,
            stdin=follower,
            stdout=follower,
            stderr=follower,
            env={**os.environ, "TERM": "xterm-256color", "COLUMNS": "100", **environ},
        )
        os.close(follower)
        os.write(leader, typed.encode())
        sent = b""
        while True:
            try:
                part = os.read(leader, 65536)
            except OSError:  # Linux says EIO when the other side is closed
                break
            if not part:
                break
            sent += part
        os.close(leader)
        process.wait()
        return sent

    return run


@pytest.fixture
def process(project: Path) -> Callable[..., Ran]:
    """Runs a command line in a process of its own."""

    def run(*words: str) -> Ran:
        command = [sys.executable, "-m", "agent_memory", *words]
        done = subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, check=False)
        return Ran(words, done.returncode, _text(done.stdout), _text(done.stderr))

    return run


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")

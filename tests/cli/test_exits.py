"""Exit codes and the two lines, or the one document, of a failure."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import typer

from agent_memory import errors
from agent_memory.cli import exits

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.mark.parametrize(
    ("error", "code", "status"),
    [
        (errors.NotFoundError("m"), "not-found", 1),
        (errors.AmbiguousError("m"), "ambiguous", 1),
        (errors.DefinitionError("m"), "definition", 2),
        (errors.ConflictError("m"), "conflict", 3),
        (errors.LockTimeoutError("m"), "lock-timeout", 3),
        (errors.PolicyError("m"), "policy", 4),
        (errors.UnsafePathError("m"), "unsafe-path", 4),
        (errors.BudgetError("m"), "budget", 4),
        (errors.DecodeError("m"), "decode", 5),
        (errors.StorageError("m"), "storage", 5),
        (exits.WrongUsageError("m", "h"), "usage", 2),
        (typer.BadParameter("m"), "usage", 2),
        (PermissionError(13, "Permission denied", "f"), "storage", 5),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
def test_every_error_has_its_code(error: Exception, code: str, status: int) -> None:
    found = exits.fault(error)
    assert (found.code, found.status) == (code, status)


def test_every_error_of_the_package_has_an_exit_code() -> None:
    kinds = {kind for kind, _ in exits.CODES}
    assert {
        k for k in errors.AgentMemoryError.__subclasses__() if k.__module__ == errors.__name__
    } == kinds


def test_an_error_is_a_line_what_is_wrong_and_a_line_what_to_do(cli: Run) -> None:
    done = cli("show", "nowhere", "--dir", "m")
    assert (done.returncode, done.stdout) == (1, "")
    assert [line.split(":")[0] for line in done.stderr.splitlines()] == ["error", "hint"]


def test_candidates_are_listed_below(cli: Run) -> None:
    cli("remember", "use bun", "--dir", "m")
    cli("remember", "bun is at 1.3 on every runner we own", "--dir", "m")
    lines = cli("forget", "bun", "--dir", "m").stderr.splitlines()
    assert [line.split("  ")[-1] for line in lines[2:]] == [
        "use bun",
        "bun is at 1.3 on every runner we own",
    ]


@pytest.mark.parametrize(
    ("words", "code", "status"),
    [
        (["show", "nowhere", "--dir", "m"], "not-found", 1),
        (["show", "../x", "--dir", "m"], "unsafe-path", 4),
        (["show", "--nonsense"], "usage", 2),
        (["nonsense"], "usage", 2),
        (["remember"], "usage", 2),
        (["check", "--format", "xml", "--dir", "m"], "usage", 2),
        (["show", "--dir"], "usage", 2),
        (["show", "--json=1"], "usage", 2),
        (["show", "--dir", "a", "--agent", "b"], "usage", 2),
        (["prompt", "--definition", "nowhere.md"], "not-found", 1),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_with_json_a_failure_is_one_document(
    cli: Run, words: list[str], code: str, status: int
) -> None:
    for line in ([*words, "--json"], ["--json", *words]):
        if words[-1] == "--dir" and line[-1] == "--json":
            continue  # there, --json is not the missing value but proves that it is missing
        done = cli(*line)
        error = json.loads(done.stdout)["error"]
        assert (error["code"], done.returncode, done.stderr) == (code, status, "")
        assert error["message"]
        assert error["hint"]


def test_a_definition_without_a_scope_shows_its_line(cli: Run, project: Path) -> None:
    (project / "a.md").write_text("---\nname: dev\nmemory: team\n---\nbody\n")
    done = cli("prompt", "--definition", "a.md", "--json")
    error = json.loads(done.stdout)["error"]
    assert (done.returncode, error["code"], error["line"], error["column"]) == (
        2,
        "definition",
        3,
        9,
    )


def test_findings_exit_with_1_and_are_no_error(cli: Run, project: Path) -> None:
    (project / "m").mkdir()
    (project / "m/MEMORY.md").write_text("# Index\n")
    (project / "m/lost.md").write_text("# Lost\n")
    done = cli("check", "--dir", "m", "--json")
    assert (done.returncode, [f["code"] for f in json.loads(done.stdout)["findings"]]) == (
        1,
        ["LN005"],
    )
    assert cli("check", "--dir", "m", "--ignore", "LN005").returncode == 0


def test_an_interrupt_ends_with_130(capsys: pytest.CaptureFixture[str]) -> None:
    def interrupted() -> int:
        raise KeyboardInterrupt

    assert exits.guarded(interrupted, as_json=False) == 130
    assert capsys.readouterr() == ("", "")


def test_the_disks_refusal_is_no_traceback(cli: Run, project: Path) -> None:
    (project / "file").write_text("not a directory")
    done = cli("remember", "x", "--dir", "file")
    assert done.returncode == 5
    assert done.stderr.startswith("error: ")


def test_an_option_that_takes_no_value_fails_as_json_too(cli: Run) -> None:
    done = cli("--json=1", "show")
    assert (done.returncode, json.loads(done.stdout)["error"]["code"]) == (2, "usage")


@pytest.mark.parametrize("error", [KeyboardInterrupt, typer.Abort])
def test_with_json_an_interrupt_is_one_document(
    capsys: pytest.CaptureFixture[str], error: type[BaseException]
) -> None:
    def interrupted() -> int:
        raise error

    assert exits.guarded(interrupted, as_json=True) == 130
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "interrupted"


_FULL = "/dev/full"
_NO_ROOM = (
    "error: the output could not be written: No space left on device\n"
    "hint: what was asked for may have been done: look before you run it again\n"
)


@pytest.mark.skipif(not os.path.exists(_FULL), reason="there is no device that is always full")
@pytest.mark.parametrize("environ", [{}, {"PYTHONUNBUFFERED": "1"}], ids=["buffered", "not"])
@pytest.mark.parametrize(
    "words",
    [
        ["remember", "x"],
        ["prompt", "--json"],
        ["show"],
        ["show", "MEMORY", "--raw"],
        ["show", "nowhere", "--json"],
        ["init", "--json"],
        ["--help"],
        ["show", "--help"],
        ["--version"],
        [],
    ],
    ids=" ".join,
)
def test_an_output_that_cannot_be_written_is_not_taken_for_the_memory(
    project: Path, words: list[str], environ: dict[str, str]
) -> None:
    (project / "m").mkdir()
    (project / "m/MEMORY.md").write_text("# Index\n")
    with open(_FULL, "w") as full:
        done = _ran(*words, "--dir", "m", stdout=full.fileno(), environ=environ)
    assert (done.returncode, done.stderr) == (exits.BROKEN, _NO_ROOM)
    assert ("- x\n" in (project / "m/MEMORY.md").read_text()) == (words == ["remember", "x"])


@pytest.mark.skipif(not os.path.exists(_FULL), reason="there is no device that is always full")
def test_notes_that_cannot_be_written_stop_nothing(project: Path) -> None:
    words = ["remember", "x", "--agent", "dev"]
    (project / ".git").rmdir()  # which is worth a note
    with open(_FULL, "w") as full:
        done = _ran(*words, stderr=full.fileno())
    assert (done.returncode, done.stdout[:10]) == (0, "remembered")


@pytest.mark.skipif(sys.platform == "win32", reason="needs a POSIX shell")
@pytest.mark.parametrize("words", [["show"], ["remember", "x"], ["prompt", "--json"], ["--help"]])
def test_a_closed_stdout_is_an_output_that_cannot_be_written(
    project: Path, words: list[str]
) -> None:
    done = _ran(*words, "--dir", "m", closed=">&-")
    first, second = done.stderr.splitlines()
    assert done.returncode == exits.BROKEN
    assert first == "error: the output could not be written: Bad file descriptor"
    assert second.startswith("hint: ")


@pytest.mark.skipif(sys.platform == "win32", reason="needs a POSIX shell")
def test_who_prints_nothing_needs_no_stdout(project: Path) -> None:
    done = _ran("remember", "x", "--quiet", "--dir", "m", closed=">&-")
    assert (done.returncode, done.stderr) == (0, "")
    assert "- x\n" in (project / "m/MEMORY.md").read_text()


@pytest.mark.skipif(sys.platform == "win32", reason="needs a POSIX shell")
def test_without_stdin_nobody_is_asked_and_no_text_is_read(project: Path) -> None:
    assert _ran("remember", "x", "--dir", "m", closed="<&-").returncode == 0
    reading = _ran("remember", "-", "--dir", "m", closed="<&-")
    assert (reading.returncode, reading.stderr.splitlines()[0]) == (
        2,
        "error: there is no stdin to read the text from",
    )
    assert _ran("forget", "x", "--all", "--dir", "m", closed="<&-").returncode == 0


@pytest.mark.skipif(sys.platform == "win32", reason="needs a POSIX shell")
def test_without_stderr_the_exit_code_still_says_it(project: Path) -> None:
    assert _ran("show", "../x", "--dir", "m", closed="2>&-").returncode == exits.REFUSED


def _ran(
    *words: str,
    stdout: int = subprocess.PIPE,
    stderr: int = subprocess.PIPE,
    closed: str = "",
    environ: dict[str, str] | None = None,
) -> subprocess.CompletedProcess[str]:
    """A command line in a process of its own; `closed` is the redirection of a shell."""
    command = [sys.executable, "-m", "agent_memory", *words]
    if closed:
        command = ["sh", "-c", f'"$@" {closed}', "sh", *command]
    env = {**os.environ, **(environ or {})}
    return subprocess.run(command, stdout=stdout, stderr=stderr, text=True, env=env, check=False)


@pytest.mark.skipif(sys.platform == "win32", reason="pipes are closed otherwise there")
@pytest.mark.parametrize("words", [["prompt"], ["show", "MEMORY"], ["show", "--json"], ["--help"]])
def test_nobody_reading_on_is_quiet(project: Path, words: list[str]) -> None:
    (project / "m").mkdir()
    (project / "m/MEMORY.md").write_text("# Index\n\n" + "- an entry of some length\n" * 100)
    read, write = os.pipe()
    os.close(read)
    command = [sys.executable, "-m", "agent_memory", *words, "--dir", "m"]
    done = subprocess.run(command, stdout=write, stderr=subprocess.PIPE, check=False)
    os.close(write)
    assert (done.returncode, done.stderr) == (exits.PIPE_CLOSED, b"")

"""`edit`: a person's editor on a copy, and nothing of theirs ever lost."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def index(project: Path) -> Path:
    """An index with one entry."""
    (project / "m").mkdir()
    (project / "m/MEMORY.md").write_text("# Index\n\n- one\n")
    return project / "m/MEMORY.md"


@pytest.fixture
def editor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Makes the editor a script that has the copy's path in `path`."""

    def use(body: str) -> None:
        script = tmp_path / "an editor.py"
        script.write_text(f"import pathlib, sys\npath = pathlib.Path(sys.argv[-1])\n{body}\n")
        monkeypatch.setenv("EDITOR", f"'{sys.executable}' '{script}' --wait")

    return use


def test_what_the_person_writes_is_stored(
    cli: Run, index: Path, editor: Callable[[str], None]
) -> None:
    editor("path.write_text(path.read_text() + '- two\\n')")
    assert cli("edit", "--dir", "m").stdout == "wrote MEMORY.md\n"
    assert index.read_text() == "# Index\n\n- one\n- two\n"


def test_nothing_changed_writes_nothing(
    cli: Run, index: Path, editor: Callable[[str], None]
) -> None:
    editor("pass")
    before = index.stat().st_mtime_ns
    assert cli("edit", "--dir", "m").returncode == 0
    assert index.stat().st_mtime_ns == before


def test_an_editor_that_fails_writes_nothing_and_keeps_the_text(
    cli: Run, index: Path, editor: Callable[[str], None]
) -> None:
    editor("path.write_text('half a tho'); sys.exit(3)")
    done = cli("edit", "--dir", "m")
    assert done.returncode == 1
    assert "ended with 3; nothing was written" in done.stderr
    assert index.read_text() == "# Index\n\n- one\n"
    assert _kept(done.stderr) == "half a tho"


def test_a_conflict_keeps_the_persons_text(
    cli: Run, index: Path, editor: Callable[[str], None]
) -> None:
    theirs = "# Index\n\n- somebody else's\n"
    mine = "path.write_text('# Index\\n\\n- mine\\n')"
    editor(f"{mine}; pathlib.Path({str(index)!r}).write_text({theirs!r})")
    done = cli("edit", "--dir", "m")
    assert done.returncode == 3
    assert index.read_text() == theirs
    assert _kept(done.stderr) == "# Index\n\n- mine\n"


def test_a_refused_text_is_kept_too(cli: Run, index: Path, editor: Callable[[str], None]) -> None:
    editor("path.write_text('- the key is AKIAIOSFODNN7EXAMPLE\\n')")
    done = cli("edit", "--dir", "m")
    assert done.returncode == 4
    assert _kept(done.stderr) == "- the key is AKIAIOSFODNN7EXAMPLE\n"


def test_an_editor_that_is_not_there_is_said(
    cli: Run, index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VISUAL", "/nowhere/ed")
    done = cli("edit", "--dir", "m")
    assert (done.returncode, "cannot be started" in done.stderr) == (1, True)


def _kept(stderr: str) -> str:
    found = re.search(r"your text is kept in (.*?);", stderr)
    assert found
    return Path(found[1]).read_text()

"""`edit`: a person's editor on a copy, and nothing of theirs ever lost."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from agent_memory.memory import Memory
from agent_memory.storage.conflicts import Conflicts

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
    done = cli("edit", "--dir", "m")
    assert (done.returncode, done.stdout) == (0, "nothing changed, nothing written\n")
    assert index.stat().st_mtime_ns == before
    assert _copies() == []


def test_with_json_nothing_changed_is_an_empty_commit(
    cli: Run, index: Path, editor: Callable[[str], None]
) -> None:
    editor("pass")
    unchanged = json.loads(cli("edit", "--dir", "m", "--json").stdout)
    editor("path.write_text('# Mine\\n')")
    changed = json.loads(cli("edit", "--dir", "m", "--json").stdout)
    assert unchanged.keys() == changed.keys()
    assert (unchanged["is_empty"], unchanged["changed"]) == (True, [])
    assert (changed["is_empty"], changed["changed"]) == (False, ["MEMORY.md"])


def test_an_editor_that_fails_writes_nothing_and_keeps_the_text(
    cli: Run, index: Path, editor: Callable[[str], None]
) -> None:
    editor("path.write_text('half a tho'); sys.exit(3)")
    done = cli("edit", "--dir", "m")
    assert done.returncode == 1
    assert "ended with 3; nothing was written" in done.stderr
    assert index.read_text() == "# Index\n\n- one\n"
    assert _kept(done.stderr) == "half a tho"


def test_what_others_wrote_while_the_editor_was_open_is_merged(
    cli: Run, index: Path, editor: Callable[[str], None]
) -> None:
    appends = f"open({str(index)!r}, 'a').write('- theirs\\n')"
    editor(f"{appends}; path.write_text(path.read_text().replace('one', 'mine'))")
    done = cli("edit", "--dir", "m")
    assert done.returncode == 0
    assert "their changes and these are both in it" in done.stdout
    assert index.read_text() == "# Index\n\n- mine\n- theirs\n"
    assert _copies() == []


def test_a_conflict_keeps_the_persons_text_and_says_how_to_go_on(
    cli: Run, index: Path, editor: Callable[[str], None]
) -> None:
    theirs = "# Index\n\n- somebody else's\n"
    mine = "path.write_text('# Index\\n\\n- mine\\n')"
    editor(f"{mine}; pathlib.Path({str(index)!r}).write_text({theirs!r})")
    done = cli("edit", "--dir", "m")
    assert done.returncode == 3
    assert index.read_text() == theirs
    (kept,) = Memory.open("m").conflicts()
    assert (kept.ours, kept.theirs, kept.operation) == ("# Index\n\n- mine\n", theirs, "write")
    assert "“- somebody else's” stands where “- mine” would be" in done.stderr
    assert f"agent-memory conflicts resolve {kept.id}" in done.stderr
    assert "expected=" not in done.stderr
    assert _copies() == []


def test_where_a_conflict_cannot_be_kept_the_copy_is(
    cli: Run, index: Path, editor: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Conflicts, "keep", full)
    mine = "path.write_text('# Index\\n\\n- mine\\n')"
    editor(f"{mine}; pathlib.Path({str(index)!r}).write_text('# Index\\n\\n- theirs\\n')")
    done = cli("edit", "--dir", "m")
    assert (done.returncode, _kept(done.stderr)) == (5, "# Index\n\n- mine\n")


def test_a_file_that_was_removed_while_the_editor_was_open_is_a_conflict(
    cli: Run, index: Path, editor: Callable[[str], None]
) -> None:
    editor(f"path.write_text('# Mine\\n'); pathlib.Path({str(index)!r}).unlink()")
    done = cli("edit", "--dir", "m")
    assert (done.returncode, "was removed by others" in done.stderr) == (3, True)
    assert not index.exists()
    (kept,) = Memory.open("m").conflicts()
    assert cli("conflicts", "resolve", kept.id, "--ours", "--dir", "m").returncode == 0
    assert index.read_text() == "# Mine\n"


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


def test_an_editor_that_takes_the_copy_away_writes_nothing(
    cli: Run, index: Path, editor: Callable[[str], None]
) -> None:
    editor("path.unlink()")
    done = cli("edit", "--dir", "m")
    assert (done.returncode, "nothing was written" in done.stderr) == (1, True)
    assert "permissions" not in done.stderr
    assert index.read_text() == "# Index\n\n- one\n"
    assert _copies() == []


@pytest.mark.parametrize(
    "body",
    [
        "path.rename(path.with_name('other.md'))",
        "path.with_name('.MEMORY.md.swp').write_text('typed'); sys.exit(1)",
    ],
)
def test_what_the_editor_left_beside_the_copy_is_kept(
    cli: Run, index: Path, editor: Callable[[str], None], body: str
) -> None:
    editor(body)
    done = cli("edit", "--dir", "m")
    (folder,) = _copies()
    assert done.returncode == 1
    assert f"your text is kept in {folder}" in done.stderr
    assert list(folder.iterdir())


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Ctrl-C as a person's shell hands it to us, however the tests were started."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.skipif(sys.platform == "win32", reason="interrupts are no signals there")
@pytest.mark.usefixtures("interruptible")
def test_an_interrupt_in_the_editor_is_the_editors(
    cli: Run, index: Path, editor: Callable[[str], None]
) -> None:
    editor(
        "import os, signal\n"
        "os.kill(os.getppid(), signal.SIGINT)\n"
        "own = signal.getsignal(signal.SIGINT) is signal.default_int_handler\n"
        "path.write_text(f'# Written on, obeys interrupts: {own}\\n')"
    )
    done = cli("edit", "--dir", "m")
    assert (done.returncode, done.stdout) == (0, "wrote MEMORY.md\n")
    assert index.read_text() == "# Written on, obeys interrupts: True\n"
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.skipif(sys.platform == "win32", reason="interrupts are no signals there")
@pytest.mark.usefixtures("interruptible")
def test_an_editor_that_is_interrupted_leaves_its_text(
    cli: Run, index: Path, editor: Callable[[str], None]
) -> None:
    editor(
        "import os, signal\n"
        "path.write_text('half a tho')\n"
        "signal.signal(signal.SIGINT, signal.SIG_DFL)\n"
        "os.kill(os.getpid(), signal.SIGINT)"
    )
    done = cli("edit", "--dir", "m")
    assert (done.returncode, _kept(done.stderr)) == (1, "half a tho")


@pytest.mark.skipif(sys.platform == "win32", reason="interrupts are no signals there")
def test_interrupts_that_are_ignored_stay_so(
    cli: Run, index: Path, editor: Callable[[str], None]
) -> None:
    editor(
        "import signal\n"
        "path.write_text(f'# {signal.getsignal(signal.SIGINT) is signal.SIG_IGN}\\n')"
    )
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        cli("edit", "--dir", "m")
    finally:
        signal.signal(signal.SIGINT, before)
    assert index.read_text() == "# True\n"


@pytest.mark.parametrize(
    ("error", "status"), [(KeyboardInterrupt(), 130), (OSError(5, "Input/output error"), 5)]
)
def test_whatever_stops_the_writing_the_text_is_kept(
    cli: Run,
    index: Path,
    editor: Callable[[str], None],
    monkeypatch: pytest.MonkeyPatch,
    error: BaseException,
    status: int,
) -> None:
    def stopped(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(Memory, "write", stopped)
    editor("path.write_text('# Mine\\n')")
    done = cli("edit", "--dir", "m")
    assert (done.returncode, _kept(done.stderr)) == (status, "# Mine\n")


def _kept(stderr: str) -> str:
    found = re.search(r"your text is kept in (.*?)(?:;|$)", stderr, re.MULTILINE)
    assert found
    return Path(found[1]).read_text()


def _copies() -> list[Path]:
    return sorted(Path(tempfile.gettempdir()).glob("agent-memory-edit-*"))

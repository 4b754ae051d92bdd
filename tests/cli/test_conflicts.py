"""`conflicts`: listed, shown, decided by option, file or editor."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from agent_memory import ConflictError, Memory
from agent_memory.cli import screen

Run = Callable[..., subprocess.CompletedProcess[str]]
BASE = "# M\n\n- one\n- two\n- three\n"


@pytest.fixture
def kept(project: Path) -> str:
    """The id of a conflict over `two`, in the memory `m`."""
    (project / "m").mkdir()
    (project / "m/MEMORY.md").write_text(BASE.replace("two", "theirs"))
    with pytest.raises(ConflictError) as caught:
        Memory.open("m", actor="you").write(
            "MEMORY.md", BASE.replace("two", "ours").replace("one", "1"), base=BASE
        )
    return caught.value.kept


@pytest.fixture
def decide(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """A person at a terminal whose editor runs this on `text`."""

    def use(body: str) -> None:
        script = tmp_path / "editor.py"
        script.write_text(
            "import pathlib, sys\npath = pathlib.Path(sys.argv[-1])\ntext = path.read_text()\n"
            f"{body}\npath.write_text(text)\n"
        )
        monkeypatch.setenv("EDITOR", f"'{sys.executable}' '{script}'")
        monkeypatch.setattr(screen, "asks", lambda: True)

    return use


def index(project: Path) -> str:
    return (project / "m/MEMORY.md").read_text()


def test_no_conflicts_is_said(cli: Run, project: Path) -> None:
    (project / "m").mkdir()
    assert cli("conflicts", "--dir", "m").stdout == "no conflicts\n"
    assert json.loads(cli("conflicts", "--dir", "m", "--json").stdout) == {"conflicts": []}


def test_conflicts_are_documents(cli: Run, kept: str) -> None:
    (listed,) = json.loads(cli("conflicts", "--dir", "m", "--json").stdout)["conflicts"]
    shown = json.loads(cli("conflicts", "show", kept[:4], "--dir", "m", "--json").stdout)
    assert shown["conflict"] == listed
    assert (listed["id"], listed["path"], listed["line"]) == (kept, "MEMORY.md", 4)
    assert "- ours\n" in listed["ours"]
    done = json.loads(cli("conflicts", "drop", kept, "--dir", "m", "--json").stdout)
    assert (done["is_empty"], done["operation"]) == (True, "resolve")


def test_both_sides_are_shown_against_what_they_began_with(cli: Run, kept: str) -> None:
    shown = cli("conflicts", "show", kept, "--dir", "m").stdout
    ours, theirs = shown.split("theirs, in the file")
    assert "-- two\n+- 1\n+- ours\n" in ours
    assert "-- two\n+- theirs\n" in theirs


@pytest.mark.parametrize(
    ("words", "left"),
    [
        (("resolve", "--ours"), "# M\n\n- 1\n- ours\n- three\n"),
        (("resolve", "--theirs"), BASE.replace("two", "theirs")),
        (("drop",), BASE.replace("two", "theirs")),
        (("resolve", "--text", "-"), BASE.replace("two", "both")),
        (("resolve", "--text", "decided"), BASE.replace("two", "both")),
    ],
)
def test_a_conflict_is_decided(
    cli: Run, project: Path, kept: str, words: tuple[str, ...], left: str
) -> None:
    decided = BASE.replace("two", "both")
    (project / "decided").write_text(decided)
    action, *rest = words
    done = cli("conflicts", action, kept, *rest, "--dir", "m", stdin=decided.encode())
    assert (done.returncode, index(project)) == (0, left)
    assert Memory.open("m").conflicts() == []


def test_in_the_editor_both_texts_stand_beside_each_other(
    cli: Run, project: Path, kept: str, decide: Callable[[str], None]
) -> None:
    decide(
        "both = '<<<<<<< ours\\n- ours\\n=======\\n- theirs\\n>>>>>>> theirs\\n'\n"
        "assert both in text\ntext = text.replace(both, '- decided\\n')"
    )
    done = cli("conflicts", "resolve", kept, "--dir", "m")
    assert (done.returncode, done.stdout) == (0, f"resolved {kept}: MEMORY.md\n")
    assert index(project) == "# M\n\n- 1\n- decided\n- three\n"


@pytest.mark.parametrize(
    ("body", "status"), [("pass", 2), ("text = text.replace('- ours\\n', '')", 4)]
)
def test_marks_are_never_saved(
    cli: Run, project: Path, kept: str, decide: Callable[[str], None], body: str, status: int
) -> None:
    decide(body)
    done = cli("conflicts", "resolve", kept, "--dir", "m")
    assert done.returncode == status
    assert index(project) == BASE.replace("two", "theirs")
    assert [one.id for one in Memory.open("m").conflicts()] == [kept]
    assert ("your text is kept in" in done.stderr) == (status == 4)


@pytest.mark.parametrize(
    "words",
    [
        ("resolve", "{id}"),
        ("resolve",),
        ("show",),
        ("resolve", "{id}", "--ours", "--theirs"),
        ("drop", "{id}", "--ours"),
        ("merge", "{id}"),
    ],
)
def test_what_does_not_say_enough_is_wrong_usage(
    cli: Run, kept: str, words: tuple[str, ...]
) -> None:
    done = cli("conflicts", *(word.format(id=kept) for word in words), "--dir", "m")
    assert done.returncode == 2
    assert "hint: " in done.stderr


def test_a_conflict_that_is_not_there_is_not_found(cli: Run, kept: str) -> None:
    assert cli("conflicts", "show", "nothing", "--dir", "m").returncode == 1

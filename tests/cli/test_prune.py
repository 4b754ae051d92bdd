"""`prune` and `stale --verify` where somebody decides, and as JSON where nobody does."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from agent_memory import Memory

Run = Callable[..., subprocess.CompletedProcess[str]]
Terminal = Callable[..., bytes]
INDEX = (
    "# Memory\n\n"
    "- Alpha <!-- expires: 2020-01-01 -->\n"
    "- Beta <!-- expires: 2020-01-02 -->\n"
    "- Gamma <!-- expires: 2020-01-03 -->\n"
    "- Delta <!-- expires: 2020-01-04 -->\n"
    "- Pinned <!-- pin --> <!-- expires: 2020-01-05 -->\n"
    "- It holds\n"
)


@pytest.fixture
def index(project: Path) -> Path:
    (project / "m").mkdir()
    (project / "m/MEMORY.md").write_text(INDEX)
    return project / "m/MEMORY.md"


def line(name: str) -> str:
    return next(line for line in INDEX.splitlines(keepends=True) if name in line)


def test_each_entry_is_decided_on_and_all_of_it_is_one_commit(
    terminal: Terminal, index: Path
) -> None:
    sent = terminal(
        "prune", "--dir", "m", typed="y\nn\nwhat?\nedit\nv\n", EDITOR="sed -i s/Gamma/Third/"
    ).decode()
    assert "1 of 4" in sent
    assert "expired: it was to hold until 2020-01-04" in sent
    assert sent.count("Prune it?") == 5  # one answer was none
    assert "stays: it is pinned" not in sent
    assert index.read_text() == INDEX.replace(line("Alpha"), "").replace("Gamma", "Third")
    memory = Memory.open(index.parent)
    commit, found = memory.log()
    assert (commit.operation, found.operation) == ("prune", "found")
    assert [(one.done, one.source) for one in commit.judged] == [
        ("verified", line("Delta")),
        ("pruned", line("Alpha")),
    ]
    verdicts = {one.entry.text: one.verdict for one in memory.stale()}
    assert verdicts == {
        "Beta": "stale",
        "Third": "stale",
        "Delta": "fresh",
        "Pinned": "stale",
        "It holds": "fresh",
    }
    assert memory.undo(commit.id).changed
    assert index.read_text() == INDEX
    assert {one.verdict for one in memory.stale() if one.entry.text == "Delta"} == {"stale"}


def test_the_archive_names_the_lines_that_the_entries_had(index: Path) -> None:
    memory = Memory.open(index.parent)
    pruned = memory.prune(memory.stale()).judged
    assert [one.line for one in pruned] == [one.evidence[0].line for one in pruned] == [3, 4, 5, 6]


def test_quitting_keeps_what_was_decided_and_leaves_the_rest(
    terminal: Terminal, index: Path
) -> None:
    terminal("prune", "--dir", "m", typed="y\nq\n")
    assert index.read_text() == INDEX.replace(line("Alpha"), "")


def test_going_away_changes_nothing(terminal: Terminal, index: Path) -> None:
    assert "2 of 4" in terminal("prune", "--dir", "m", typed="y\n\x04").decode()
    assert index.read_text() == INDEX
    assert Memory.open(index.parent).log() == []


def test_who_only_says_no_changes_nothing(terminal: Terminal, index: Path) -> None:
    sent = terminal("prune", "--dir", "m", typed="\n\n\n\n").decode()
    assert "nothing was changed" in sent
    assert Memory.open(index.parent).log() == []


def test_an_edit_that_is_refused_leaves_the_text_in_the_editors_copy(
    terminal: Terminal, index: Path
) -> None:
    token = "ghp_" + "a1B2" * 9
    environ = {"EDITOR": f"sed -i s/Alpha/{token}/", "TMPDIR": str(index.parent.parent)}
    sent = terminal("prune", "--dir", "m", typed="e\n", **environ).decode()
    assert "your text is kept in" in " ".join(sent.split())
    assert index.read_text() == INDEX
    (copy,) = index.parent.parent.glob("agent-memory-edit-*/*.md")
    assert token in copy.read_text()


def test_yes_is_not_asked_for(terminal: Terminal, index: Path) -> None:
    sent = terminal("prune", "--yes", "--dir", "m").decode()
    assert "Prune it?" not in sent
    assert index.read_text() == INDEX


def test_the_plan_as_a_document(cli: Run, index: Path) -> None:
    done = cli("prune", "--dir", "m", "--json")
    said = json.loads(done.stdout)
    assert done.returncode == 1
    assert [(one["stale"]["entry"]["text"], one["kept"]) for one in said["proposed"]] == [
        ("Alpha", ""),
        ("Beta", ""),
        ("Gamma", ""),
        ("Delta", ""),
        ("Pinned", "it is pinned"),
    ]
    assert "-- Alpha" in said["diff"]
    assert cli("prune", "--dry-run", "--dir", "m", "--json").returncode == 0
    assert index.read_text() == INDEX
    assert not (index.parent / ".agent-memory").exists()


def test_the_archive_as_a_document(cli: Run, index: Path) -> None:
    memory = Memory.open(index.parent)
    memory.prune(memory.stale())
    (first, *_) = json.loads(cli("prune", "--list", "--dir", "m", "--json").stdout)["archived"]
    assert first["pruned"]["source"] == line("Alpha")
    assert first["pruned"]["evidence"][0]["kind"] == "expired"
    assert first["commit"]["operation"] == "prune"


def test_nothing_to_prune_is_no_finding(cli: Run, index: Path) -> None:
    index.write_text("# Memory\n\n- It holds\n")
    done = cli("prune", "--dir", "m", "--quiet")
    assert (done.returncode, done.stdout) == (0, "nothing to prune\n")


def test_what_is_verified_says_so_until_something_new_speaks_against_it(
    cli: Run, index: Path
) -> None:
    memory = Memory.open(index.parent)
    alpha = next(one.id for one in memory.entries() if one.text == "Alpha")
    assert json.loads(cli("stale", "--verify", alpha, "--dir", "m", "--json").stdout)["judged"]
    day = f"{memory.log()[0].time:%Y-%m-%d}"
    assert f"verified on {day}\n" in cli("stale", "--all", "--dir", "m").stdout
    index.write_text(INDEX.replace("2020-01-01", "2021-01-01"))
    lines = cli("stale", "--dir", "m").stdout.splitlines()
    assert lines[0].startswith("stale    MEMORY.md:3")
    assert lines[1] == f"         verified on {day}, but since then:"
    assert lines[2].endswith("expired: it was to hold until 2021-01-01")

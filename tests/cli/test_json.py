"""One JSON document for every command, with every byte of the memory in it."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def answer(cli: Run, project: Path) -> Callable[..., Any]:
    """The document that a command prints about a small memory."""
    (project / "m").mkdir()
    (project / "m/MEMORY.md").write_bytes(
        b"# Index\n\n- \xff byte \x1b]52;c;aGk=\x07 \x7f\n- [T](t.md)\n"
    )
    (project / "m/t.md").write_text(
        "---\nname: t\ndescription: about t\n---\n\n- one <!-- pin -->\n"
    )
    (project / "m/picture.png").write_bytes(b"\x89PNG")

    def ask(*words: str) -> Any:
        done = cli(*words, "--dir", "m", "--json")
        assert done.stdout.isascii()
        assert done.stdout.isprintable() or set(done.stdout) - set(map(chr, range(32, 127))) == {
            "\n"
        }
        return json.loads(done.stdout)

    return ask


def test_bytes_that_are_not_utf8_survive(answer: Callable[..., Any]) -> None:
    entry = answer("show", "MEMORY")["entries"][0]
    assert entry["text"].encode("utf-8", "surrogateescape") == b"\xff byte \x1b]52;c;aGk=\x07 \x7f"


def test_an_overview_has_the_budget_the_topics_and_the_findings(answer: Callable[..., Any]) -> None:
    seen = answer("show")
    assert seen["memory"]["directory"].endswith("/m")
    assert (seen["budget"]["lines"], seen["budget"]["over"]) == (4, False)
    assert [(t["path"], t["reachable"]) for t in seen["topics"] if not t["problem"]] == [
        ("t.md", True)
    ]
    assert [t["path"] for t in seen["topics"] if t["problem"]] == ["picture.png"]


def test_a_topic_has_its_text_or_its_entries(answer: Callable[..., Any], project: Path) -> None:
    assert answer("show", "t", "--raw")["text"] == (project / "m/t.md").read_text()
    assert [(e["text"], e["line"], e["pinned"]) for e in answer("show", "t")["entries"]] == [
        ("one", 6, True)
    ]


def test_a_prompt_is_the_exact_text_and_its_costs(answer: Callable[..., Any]) -> None:
    text = answer("prompt")["prompt"]
    explained = answer("prompt", "--explain")
    assert explained["text"] == text
    assert explained["tokens"] == -(-len(text.encode()) // 4)
    assert {cost["kind"] for cost in explained["costs"]} == {"guidance", "section", "entry"}


def test_a_commit_says_whether_it_changed_anything(answer: Callable[..., Any]) -> None:
    first, second = answer("remember", "new"), answer("remember", "new")
    assert (first["is_empty"], first["operation"], second["is_empty"]) == (False, "remember", True)


def test_a_dry_run_shows_the_changes_and_makes_none(
    answer: Callable[..., Any], project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AGENT_MEMORY_MAX_LINES", "12")
    before = "# Index\n\n## Facts\n\n" + "".join(f"- fact {n}\n" for n in range(20))
    (project / "m/MEMORY.md").write_text(before)
    dry = answer("compact", "--dry-run")
    assert "+++ b/facts.md" in dry["diff"]
    assert [(m["section"], m["topic"], m["entries"]) for m in dry["moved"]] == [
        ("Facts", "facts.md", 20)
    ]
    assert (project / "m/MEMORY.md").read_text() == before


def test_the_history_is_documents_in_utc(
    answer: Callable[..., Any], project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = answer("remember", "new")
    back = answer("undo")
    assert (back["operation"], back["undoes"]) == ("undo", made["id"])
    listed = answer("log", "--limit", "2")["commits"]
    assert [(c["id"], c["is_undone"]) for c in listed] == [(back["id"], False), (made["id"], True)]
    assert listed[0]["time"].endswith("Z")
    shown = answer("diff", made["id"])
    assert shown["commit"]["id"] == made["id"]
    assert shown["diff"].encode("utf-8", "surrogateescape").count(b"\xff") == 1
    lines = answer("log", "MEMORY", "--lines")
    assert (lines["path"], lines["lines"][0]["commit"]) == ("MEMORY.md", None)
    assert lines["lines"][0]["origin"] == "unknown: before the history"
    again = answer("restore", made["id"])
    (project / "m/MEMORY.md").write_text("# Index\n")
    (lost,) = answer("log", "--lost")["lost"]
    assert (lost["entry"]["text"], lost["commit"]["id"]) == ("new", again["id"])
    assert answer("log", "t", "--lost")["lost"] == []
    assert answer("undo", "nope")["error"]["code"] == "not-found"


def test_times_are_shown_where_the_reader_is(
    answer: Callable[..., Any], cli: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer("remember", "new")
    with monkeypatch.context() as here:
        here.setenv("TZ", "XYZ-05:30")
        time.tzset()
        local = datetime.fromisoformat(answer("log")["commits"][0]["time"]).astimezone()
        assert f"{local:%Y-%m-%d %H:%M}" in cli("log", "--dir", "m").stdout
        assert local.utcoffset() == timedelta(hours=5, minutes=30)
    time.tzset()


def test_the_list_and_the_creation_are_documents(answer: Callable[..., Any], cli: Run) -> None:
    assert answer("init")["created"] is False
    cli("init", "--agent", "dev")
    (memory,) = json.loads(cli("ls", "--json").stdout)["memories"]
    assert (memory["agent"], memory["scope"], memory["over"]) == ("dev", "project", False)


def test_the_version_is_a_document(cli: Run) -> None:
    from agent_memory import __version__

    for words in (("--json", "--version"), ("--version", "--json")):
        assert json.loads(cli(*words).stdout) == {"version": __version__}


def test_without_a_command_the_document_lists_them(cli: Run) -> None:
    from agent_memory.cli.app import COMMANDS

    done = cli("--json")
    listed = json.loads(done.stdout)["commands"]
    assert done.returncode == 0
    assert {one["name"]: one["panel"] for one in listed} == COMMANDS
    assert all(one["help"] for one in listed)

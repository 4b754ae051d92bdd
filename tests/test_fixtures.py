"""Every law over every fixture: memories of each shape that real ones have."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from agent_memory.core import links
from agent_memory.core.snapshot import Snapshot
from agent_memory.storage.scan import scan

HERE = Path(__file__).parent
FIXTURES = HERE / "fixtures"
NAMES = sorted(path.parent.relative_to(FIXTURES).as_posix() for path in FIXTURES.rglob("MEMORY.md"))


def _laws() -> ModuleType:
    spec = importlib.util.spec_from_file_location("laws", HERE / "laws.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


laws = _laws()


def rows(count: int, tells: str = "what it holds") -> tuple[bytes, dict[str, bytes]]:
    index = "".join(f"- [Topic {n}](topic-{n}.md) — {tells}\n" for n in range(count))
    topics = {f"topic-{n}.md": f"# Topic {n}\n\n- fact {n}\n".encode() for n in range(0, count, 10)}
    return f"# Many\n\n{index}".encode(), topics


def sections(count: int, entries: int, words: int = 8) -> bytes:
    parts = ["# Long\n"]
    for section in range(count):
        parts.append(f"\n## Section {section}\n\n")
        parts += [f"- entry {section}.{n} says {'something ' * words}\n" for n in range(entries)]
    return "".join(parts).encode()


LINES = "# Endings\n\n- [one](one.md) — first\n- two\n\n## More\n\ntext\n"
ROWS, ROW_TOPICS = rows(260)
RECIPES: dict[str, dict[str, bytes]] = {
    "over 200 lines of rows": {"MEMORY.md": ROWS, **ROW_TOPICS},
    "over 200 lines of sections": {"MEMORY.md": sections(20, 12)},
    "168 lines of 34 KB": {"MEMORY.md": sections(14, 9, 25)},
    "1,100 lines": {"MEMORY.md": sections(50, 19, 1)},
    "one line of 30 KB": {"MEMORY.md": b"# One line\n\n- " + b"word " * 6000 + b"\n"},
    "a topic over 400 lines": {"MEMORY.md": b"- [T](t.md)\n", "t.md": sections(30, 20)},
    "a topic of 2,000 lines": {"MEMORY.md": b"- [T](t.md)\n", "t.md": sections(10, 190, 2)},
    "CRLF": {"MEMORY.md": LINES.replace("\n", "\r\n").encode(), "one.md": b"- a\r\n"},
    "CR": {"MEMORY.md": LINES.replace("\n", "\r").encode(), "one.md": b"- a\r- b"},
    "mixed endings": {
        "MEMORY.md": b"# A\r\n\n- [one](one.md)\r- two\r\n\r- three\n",
        "one.md": b"",
    },
    "CRLF and front matter": {
        "MEMORY.md": b"\xef\xbb\xbf- [one](one.md)\r\n",
        "one.md": b"\xef\xbb\xbf---\r\nname: one\r\ntype: x # y\r\n---\r\n# One\r\n\r\n- [[a]]\r\n",
    },
    "bytes that are not UTF-8": {
        "MEMORY.md": b"# caf\xe9\n\n- [one](one.md) \xff\xfe\n- na\xefve\n",
        "one.md": b"---\nname: caf\xe9\n---\n- \xed\xa0\x80\n",
    },
    "UTF-16": {"MEMORY.md": "# Wide\n\n- entry\n".encode("utf-16")},
    "NUL": {"MEMORY.md": b"# A\0B\n\n- [x\0y](one.md) `a\0b`\n", "one.md": b"\0"},
    "no index": {"one.md": b"- alone\n"},
    "nothing": {},
    "pinned and over budget": {
        "MEMORY.md": b"## Keep <!-- pin -->\n\n" + b"- kept\n" * 20 + sections(20, 12)
    },
    "a table over budget": {
        "MEMORY.md": b"| a | b |\n|---|---|\n" + b"".join(b"| %d | x |\n" % n for n in range(250))
    },
    "a fence over budget": {"MEMORY.md": b"# F\n\n```\n" + b"code\n" * 250 + b"```\n\n- after\n"},
    "prose over budget": {
        "MEMORY.md": b"# P\n\n" + b"".join(b"Paragraph %d goes on.\n\n" % n for n in range(150))
    },
}


def test_there_are_enough_fixtures() -> None:
    assert len(NAMES) >= 40


@pytest.mark.parametrize("name", NAMES)
def test_every_law_holds_over_a_fixture(name: str) -> None:
    assert laws.broken(scan(str(FIXTURES / name))) == []


@pytest.mark.parametrize("name", RECIPES)
def test_every_law_holds_over_a_recipe(name: str) -> None:
    assert laws.broken(Snapshot(RECIPES[name])) == []


def statuses(name: str) -> set[tuple[str, str]]:
    return {(link.kind, link.status) for link in links.find_all(scan(str(FIXTURES / name)))}


def test_the_fixtures_have_links_of_every_kind_and_state() -> None:
    found = {pair for name in NAMES for pair in statuses(name)}
    assert {kind for kind, _ in found} == {"markdown", "reference", "wikilink", "code", "name"}
    assert {status for _, status in found} == {"ok", "broken", "dangling", "ambiguous"}


def test_the_script_reads_directories_and_changes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    memory = tmp_path / "project" / "memory"
    memory.mkdir(parents=True)
    (memory / "MEMORY.md").write_bytes(b"- [a](a.md)\r\n- [b](b.md)")
    (memory / "a.md").write_bytes(b"- x [[y]]\n")
    before = {path: path.read_bytes() for path in memory.iterdir()}
    assert laws.main([str(tmp_path)]) == 0
    assert {path: path.read_bytes() for path in memory.iterdir()} == before
    said = capsys.readouterr().out
    assert "2 files, 3 entries, 3 links" in said
    assert "1 memories, 3 entries, 0 with a broken law" in said
    assert "wikilink   dangling        1" in said


def test_the_script_fails_where_a_law_is_broken(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(memory: Snapshot) -> list[str]:
        return [f"{path}:1: no" for path in memory.files]

    (tmp_path / "MEMORY.md").write_bytes(b"- x\n")
    monkeypatch.setattr(laws, "LAWS", (never,))
    assert laws.main([str(tmp_path)]) == 1
    assert "MEMORY.md:1: no  (never)" in capsys.readouterr().out


def test_the_script_says_how_to_call_it_and_what_its_exit_codes_mean(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit) as caught:
        laws.main([])
    assert caught.value.code == 2
    with pytest.raises(SystemExit):
        laws.main(["--help"])
    assert "Exit codes: 0 every law holds, 1 a law is broken" in capsys.readouterr().out


def test_memories_are_found_below_a_project_and_where_they_are(tmp_path: Path) -> None:
    for path in (
        ".claude/agent-memory/api/notes.md", ".claude/agent-memory-local/api/MEMORY.md",
        "docs/memory/MEMORY.md", "docs/plain/readme.md", ".claude/agent-memory/api/deep/x.md",
        ".git/copy/MEMORY.md", ".claude/agent-memory/empty/notes.txt",
    ):  # fmt: skip
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(b"- x\n")
    expected = [".claude/agent-memory-local/api", ".claude/agent-memory/api", "docs/memory"]
    found = laws.memories(tmp_path)
    assert sorted(path.relative_to(tmp_path).as_posix() for path in found) == expected
    for path in expected:
        assert laws.memories(tmp_path / path) == [tmp_path / path]


def test_what_holds_no_memory_is_named_and_the_others_are_tried(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "empty").mkdir()
    (tmp_path / "full" / "MEMORY.md").write_bytes(b"- x\n")
    names = ["empty", "full/MEMORY.md", "gone", "full"]
    assert laws.main([str(tmp_path / name) for name in names]) == 2
    said = capsys.readouterr()
    assert "empty holds no memory: no MEMORY.md" in said.err
    assert "MEMORY.md is a file: give the directory" in said.err
    assert "gone does not exist" in said.err
    assert "1 memories, 1 entries, 0 with a broken law" in said.out


def test_a_file_that_cannot_be_read_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(path: str, sure: bool = False) -> bytes:
        if path.endswith("a.md"):
            raise PermissionError(13, "Permission denied", path)
        return Path(path).read_bytes()

    (tmp_path / "MEMORY.md").write_bytes(b"- x\n")
    (tmp_path / "a.md").write_bytes(b"- y\n")
    monkeypatch.setattr("agent_memory.storage.steady.read", refused)
    assert laws.main([str(tmp_path)]) == 2
    assert "a.md was left out: cannot be read: Permission denied" in capsys.readouterr().out


def test_a_law_that_crashes_says_where(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def crashing(memory: Snapshot) -> list[str]:
        raise KeyError("x")

    (tmp_path / "MEMORY.md").write_bytes(b"- x\n")
    monkeypatch.setattr(laws, "LAWS", (crashing,))
    assert laws.main([str(tmp_path)]) == 1
    assert "crashing crashed at test_fixtures.py:" in capsys.readouterr().out


def test_every_topic_is_renamed_unless_there_is_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    memory = Snapshot({"MEMORY.md": b"- x\n", **{f"t{n:02}.md": b"- y\n" for n in range(60)}})
    assert len(laws._sample(memory)) == 40
    monkeypatch.setattr(laws, "RENAMED", 1)
    assert laws._sample(memory) == [f"t{n:02}.md" for n in range(0, 60, 10)]
    assert laws._sample(Snapshot({"MEMORY.md": b"", "a.md": b""})) == ["a.md"]

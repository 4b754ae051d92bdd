"""Which memory a file belongs to."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent_memory.project.concerned import around, escapes


def directory(path: Path | str, config: Path | str = "/nowhere") -> str | None:
    found = around(str(path), lambda: config)
    return None if found is None else found[0]


@pytest.mark.parametrize(
    ("path", "found"),
    [
        (".claude/agent-memory/dev/MEMORY.md", (".claude/agent-memory/dev", "project", "dev")),
        (".other/agent-memory/dev/a/b.txt", (".other/agent-memory/dev", "project", "dev")),
        (".claude/agent-memory-local/d/x.md", (".claude/agent-memory-local/d", "local", "d")),
    ],
)
def test_an_agents_folder_is_a_memory_before_it_exists(
    tmp_path: Path, path: str, found: tuple[str, str, str]
) -> None:
    folder, kind, agent = found
    there = around(str(tmp_path / path), lambda: "/nowhere")
    assert there == (str(tmp_path / folder), kind, agent, str((tmp_path / folder).parents[1]))


def test_what_looks_like_an_agents_folder_in_the_sources_is_none(tmp_path: Path) -> None:
    assert directory(tmp_path / "src/agent-memory/dev/x.md") is None
    assert directory(tmp_path / ".claude/agent-memory/x.md") is None


def test_the_persons_own_folder_may_have_any_name(tmp_path: Path) -> None:
    path = tmp_path / "config/agent-memory/dev/x.md"
    assert directory(path, tmp_path / "config") == str(path.parent)


def test_the_nearest_folder_with_a_memorys_marks_is_one(tmp_path: Path) -> None:
    (tmp_path / "a/.agent-memory").mkdir(parents=True)
    (tmp_path / "a/b").mkdir()
    (tmp_path / "a/b/MEMORY.md").touch()
    assert directory(tmp_path / "a/x.txt") == str(tmp_path / "a")
    assert directory(tmp_path / "a/b/c/x.md") == str(tmp_path / "a/b")
    assert directory(tmp_path / "a/b/c/x.py") == str(tmp_path / "a")  # no file of a memory


def test_ways_out_of_a_memory_are_named(tmp_path: Path) -> None:
    memory = tmp_path / "m"
    (memory / ".agent-memory").mkdir(parents=True)
    (memory / "state").symlink_to(memory / ".agent-memory")
    (memory / "out.md").symlink_to(tmp_path / "x.md")
    ways = {
        "../x.md": "climbs out", ".Agent-Memory/x": "its own state",
        "state/x.md": "leads into", "out.md": "leads out",
    }  # fmt: skip
    for path, why in ways.items():
        assert why in escapes(f"{memory}/{path}", str(memory))
    for path in ("x.md", "a/../x.md", "a/b.md", ".gitignore"):
        assert escapes(f"{memory}/{path}", str(memory)) == ""

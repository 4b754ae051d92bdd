"""What a project tells every agent anyway."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent_memory.project.instructions import instructions

if TYPE_CHECKING:
    from pathlib import Path


def test_every_instruction_file_is_read_under_its_path(tmp_path: Path) -> None:
    (tmp_path / ".claude").mkdir()
    (tmp_path / "CLAUDE.md").write_bytes(b"one \xff\n")
    (tmp_path / "AGENTS.md").write_bytes(b"two\n")
    (tmp_path / ".claude/CLAUDE.md").write_bytes(b"three\n")
    (tmp_path / "README.md").write_bytes(b"no\n")
    assert instructions(tmp_path) == {
        "CLAUDE.md": "one \udcff\n",
        "AGENTS.md": "two\n",
        ".claude/CLAUDE.md": "three\n",
    }


def test_what_is_no_file_or_is_too_large_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "CLAUDE.md").mkdir()
    (tmp_path / "AGENTS.md").write_bytes(b"x" * 1_000_001)
    assert instructions(tmp_path) == {}


def test_imports_are_followed_from_the_folder_of_each_file(tmp_path: Path) -> None:
    (tmp_path / "docs/more").mkdir(parents=True)
    (tmp_path / "CLAUDE.md").write_text("See @docs/rules.md, and\n- @./AGENTS.md\n")
    (tmp_path / "AGENTS.md").write_text("one\n")
    (tmp_path / "docs/rules.md").write_text("@more/style.md. @../CLAUDE.md\n")
    (tmp_path / "docs/more/style.md").write_text("two\n")
    assert list(instructions(tmp_path)) == [
        "CLAUDE.md",
        "docs/rules.md",
        "docs/more/style.md",
        "AGENTS.md",
    ]


def test_what_is_no_import_is_not_followed(tmp_path: Path) -> None:
    project = tmp_path / "shop"
    project.mkdir()
    (tmp_path / "outside.md").write_text("one\n")
    for name in ("code.md", "mail.md", "fence.md"):
        (project / name).write_text("two\n")
    (project / "link.md").symlink_to(tmp_path / "outside.md")
    (project / "CLAUDE.md").write_text(
        "`@code.md` ada@mail.md @../outside.md @link.md @gone.md @somebody\n"
        f"@{tmp_path}/outside.md\n```\n@fence.md\n```\n@a\0b\n"
    )
    assert list(instructions(project)) == ["CLAUDE.md"]


def test_imports_end_after_some_levels_and_files(tmp_path: Path) -> None:
    (tmp_path / "CLAUDE.md").write_text("@0.md\n")
    for number in range(9):
        (tmp_path / f"{number}.md").write_text(f"@{number + 1}.md\n")
    assert list(instructions(tmp_path)) == ["CLAUDE.md", *(f"{number}.md" for number in range(5))]
    (tmp_path / "AGENTS.md").write_text("".join(f"@many/{n}.md\n" for n in range(99)))
    (tmp_path / "many").mkdir()
    for number in range(99):
        (tmp_path / f"many/{number}.md").write_text("x\n")
    assert len(instructions(tmp_path)) == 50

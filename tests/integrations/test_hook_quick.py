"""The quick look says that there is nothing to say only where the thorough one agrees."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent_memory.core.budget import Budget
from agent_memory.integrations import hook_quick

STANDARD = {"limits": "standard", "home": "/home/nobody"}
DEFINED = "---\nname: dev\nmemory: project\n---\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".claude/agents").mkdir(parents=True)
    (tmp_path / ".claude/agents/dev.md").write_text(DEFINED, encoding="utf-8")
    (tmp_path / ".claude/agent-memory/dev").mkdir(parents=True)
    (tmp_path / ".claude/agent-memory/dev/MEMORY.md").write_text("- a\n", encoding="utf-8")
    return tmp_path


def silent(project: Path, agent: str = "dev", **choice: str) -> bool:
    return hook_quick.is_silent_start(agent, str(project), {**STANDARD, **choice})


def test_the_limits_are_those_of_every_memory() -> None:
    assert Budget(hook_quick.LINES, hook_quick.BYTES) == Budget()


def test_an_index_within_its_limits_is_nothing_to_speak_of(project: Path) -> None:
    assert silent(project)
    assert silent(project / "src")
    index = project / ".claude/agent-memory/dev/MEMORY.md"
    for text in ("- a\n" * 201, "ä" * 12_501):
        index.write_text(text, encoding="utf-8")
        assert not silent(project)
    index.unlink()
    assert silent(project)


def test_a_project_without_memories_has_nothing_to_say_to_a_conversation(project: Path) -> None:
    assert not silent(project, "")
    (project / ".claude/agent-memory").rename(project / "elsewhere")
    assert silent(project, "")


@pytest.mark.parametrize(
    "definition",
    [
        "---\nname: dev\n---\n",
        "---\nname: other\nmemory: project\n---\n",
        "---\nname: dev\nmemory: user\n---\n",
        "---\nmemory: project\nmemory: local\n---\n",
        "memory: project\n",
        "",
    ],
)
def test_a_definition_that_says_anything_else_is_looked_at_closer(
    project: Path, definition: str
) -> None:
    (project / ".claude/agents/dev.md").write_text(definition, encoding="utf-8")
    assert not silent(project)


def test_whatever_is_unusual_is_looked_at_closer(project: Path) -> None:
    assert not silent(project, limits="")
    assert not silent(project, home=str(project / "below"))
    assert not silent(project, prompt="always")
    assert not silent(project, "../dev")
    assert not silent(project, "unknown")
    settings = project / "pyproject.toml"
    settings.write_text("[tool.agent-memory]\nmax-lines = 5\n", encoding="utf-8")
    assert not silent(project)
    settings.write_text("[project]\n", encoding="utf-8")
    assert silent(project)


def test_a_commit_under_way_and_a_link_are_looked_at_closer(project: Path) -> None:
    memory = project / ".claude/agent-memory/dev"
    (memory / ".agent-memory/journal").mkdir(parents=True)
    intent = memory / ".agent-memory/journal/intent.json"
    intent.touch()
    assert not silent(project)
    intent.unlink()
    (memory / "MEMORY.md").rename(memory / "real.md")
    (memory / "MEMORY.md").symlink_to("real.md")
    assert not silent(project)

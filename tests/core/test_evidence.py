"""A sentence that gives the agent its memory is told from one about a folder of that name."""

from __future__ import annotations

import pytest

from agent_memory.core.evidence import declares_empty, named_path, owning_path


@pytest.mark.parametrize(
    ("sentence", "path"),
    [
        ("You have a memory at `.claude/agent-memory/bee/`.", ".claude/agent-memory/bee/"),
        ("You have a memory directory located at agent-memory/bee.", "agent-memory/bee"),
        (
            "You keep your memory in `/srv/x/agent-memory-local/bee/`.",
            "/srv/x/agent-memory-local/bee/",
        ),
        ("You have a persistent folder here: `~/.claude/memory/`.", "~/.claude/memory/"),
        ("You have a memory system at `~/.claude/agents/bee.md`.", ""),
        ("You have a memory system at `my-agent-memory/bee/`.", ""),
        ("You have a memory system at `src/agent-memory/`.", ""),
        ("You have a memory system at `src/agent-memory/main.py`.", ""),
        ("You have a memory system at `.claude/agent-memory/<name>/`.", ""),
        ("You have memory leaks to find in `src/agent-memory/core/`.", ""),
        ("You maintain the memory system in `src/agent-memory/core/`.", ""),
        ("The memory is in `.claude/agent-memory/bee/`.", ""),
    ],
)
def test_only_a_sentence_that_gives_the_agent_a_memory_directory_counts(
    sentence: str, path: str
) -> None:
    assert owning_path(sentence) == path


def test_a_concrete_memory_directory_is_named_and_a_pattern_is_not() -> None:
    text = "See `.claude/agent-memory/*/` and `src/agent-memory/`, then .claude/agent-memory/bee/."
    assert named_path(text) == ".claude/agent-memory/bee/"
    assert named_path("See `src/agent-memory/`.") == ""


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("Your MEMORY.md is currently empty.", True),
        ("The `MEMORY.md` file is still empty.", True),
        ("If MEMORY.md is currently empty, begin it.", False),
        ("proceed as if MEMORY.md were empty", False),
        ("If MEMORY.md is currently empty, begin it. MEMORY.md is now empty.", True),
    ],
)
def test_that_the_memory_is_empty_is_told_from_what_to_do_then(text: str, says: bool) -> None:
    assert declares_empty(text) is says

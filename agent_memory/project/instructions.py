"""The instructions that a project gives to every agent anyway: CLAUDE.md and AGENTS.md."""

from __future__ import annotations

from pathlib import Path

from agent_memory.core import text as texts

FILES = ("CLAUDE.md", "AGENTS.md", ".claude/CLAUDE.md")
_MAX_BYTES = 1_000_000


def instructions(project: Path) -> dict[str, str]:
    """Path → text of the instruction files that a project has; unreadable ones are left out."""
    found: dict[str, str] = {}
    for name in FILES:
        path = project / name
        try:
            if path.is_file() and path.stat().st_size <= _MAX_BYTES:
                found[name] = texts.decode(path.read_bytes())
        except OSError:
            continue
    return found

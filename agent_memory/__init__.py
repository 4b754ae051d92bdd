"""The persistent memory of AI agents: plain Markdown, kept safe, small, linked and visible.

Every public name is bound when it is first used, so that `import agent_memory` costs nothing.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from agent_memory.core.budget import Budget, BudgetReport, CutLine
    from agent_memory.core.checks.finding import Finding
    from agent_memory.core.compact import Moved
    from agent_memory.core.document import Document, Entry, Section
    from agent_memory.core.draft import Draft
    from agent_memory.core.explain import Cost, Explanation
    from agent_memory.core.history import Commit, Nearest
    from agent_memory.core.links import Link
    from agent_memory.core.scope import Scope
    from agent_memory.core.topics import Topic
    from agent_memory.errors import (
        AgentMemoryError,
        AmbiguousError,
        BudgetError,
        ConflictError,
        DecodeError,
        DefinitionError,
        LockTimeoutError,
        NotFoundError,
        PolicyError,
        StorageError,
        UnsafePathError,
    )
    from agent_memory.memory import Memory, layered_prompt
    from agent_memory.project.definition import AgentDefinition
    from agent_memory.project.find import FoundMemory, find_memories

_HOMES = {
    "core.budget": ("Budget", "BudgetReport", "CutLine"),
    "core.checks.finding": ("Finding",),
    "core.compact": ("Moved",),
    "core.document": ("Document", "Entry", "Section"),
    "core.draft": ("Draft",),
    "core.explain": ("Cost", "Explanation"),
    "core.history": ("Commit", "Nearest"),
    "core.links": ("Link",),
    "core.scope": ("Scope",),
    "core.topics": ("Topic",),
    "errors": (
        "AgentMemoryError", "AmbiguousError", "BudgetError", "ConflictError", "DecodeError",
        "DefinitionError", "LockTimeoutError", "NotFoundError", "PolicyError", "StorageError",
        "UnsafePathError",
    ),
    "memory": ("Memory", "layered_prompt"),
    "project.definition": ("AgentDefinition",),
    "project.find": ("FoundMemory", "find_memories"),
}  # fmt: skip
_HOME = {name: home for home, names in _HOMES.items() for name in names}

__all__ = sorted(_HOME)
__version__ = "0.1.0"


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*globals(), *__all__]

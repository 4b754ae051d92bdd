"""The persistent memory of AI agents: plain Markdown, kept safe, small, linked and visible.

Every public name is bound when it is first used, so that `import agent_memory` costs nothing.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from agent_memory.core.archive import Archived as Archived
    from agent_memory.core.budget import Budget as Budget
    from agent_memory.core.budget import BudgetReport as BudgetReport
    from agent_memory.core.budget import CutLine as CutLine
    from agent_memory.core.checks.finding import Finding as Finding
    from agent_memory.core.compact import Moved as Moved
    from agent_memory.core.conflict import Conflict as Conflict
    from agent_memory.core.document import Document as Document
    from agent_memory.core.document import Entry as Entry
    from agent_memory.core.document import Section as Section
    from agent_memory.core.draft import Draft as Draft
    from agent_memory.core.explain import Cost as Cost
    from agent_memory.core.explain import Explanation as Explanation
    from agent_memory.core.history import Commit as Commit
    from agent_memory.core.history import Judged as Judged
    from agent_memory.core.history import Nearest as Nearest
    from agent_memory.core.history import Record as Record
    from agent_memory.core.inbox import Waiting as Waiting
    from agent_memory.core.lines import LineOrigin as LineOrigin
    from agent_memory.core.links import Link as Link
    from agent_memory.core.lost import Lost as Lost
    from agent_memory.core.prune import Proposal as Proposal
    from agent_memory.core.replies import ToolResult as ToolResult
    from agent_memory.core.scope import Scope as Scope
    from agent_memory.core.search import Hit as Hit
    from agent_memory.core.session import Summary as Summary
    from agent_memory.core.staleness.evidence import Evidence as Evidence
    from agent_memory.core.staleness.evidence import StaleEntry as StaleEntry
    from agent_memory.core.staleness.evidence import Staleness as Staleness
    from agent_memory.core.topics import Topic as Topic
    from agent_memory.errors import AgentMemoryError as AgentMemoryError
    from agent_memory.errors import AmbiguousError as AmbiguousError
    from agent_memory.errors import BudgetError as BudgetError
    from agent_memory.errors import ConflictError as ConflictError
    from agent_memory.errors import DecodeError as DecodeError
    from agent_memory.errors import DefinitionError as DefinitionError
    from agent_memory.errors import LockTimeoutError as LockTimeoutError
    from agent_memory.errors import NotFoundError as NotFoundError
    from agent_memory.errors import PolicyError as PolicyError
    from agent_memory.errors import StorageError as StorageError
    from agent_memory.errors import UnsafePathError as UnsafePathError
    from agent_memory.memory import Memory as Memory
    from agent_memory.memory import layered_prompt as layered_prompt
    from agent_memory.project.definition import AgentDefinition as AgentDefinition
    from agent_memory.project.find import FoundMemory as FoundMemory
    from agent_memory.project.find import find_memories as find_memories

_HOMES = {
    "core.archive": ("Archived",),
    "core.budget": ("Budget", "BudgetReport", "CutLine"),
    "core.checks.finding": ("Finding",),
    "core.compact": ("Moved",),
    "core.conflict": ("Conflict",),
    "core.document": ("Document", "Entry", "Section"),
    "core.draft": ("Draft",),
    "core.explain": ("Cost", "Explanation"),
    "core.history": ("Commit", "Judged", "Nearest", "Record"),
    "core.inbox": ("Waiting",),
    "core.lines": ("LineOrigin",),
    "core.links": ("Link",),
    "core.lost": ("Lost",),
    "core.prune": ("Proposal",),
    "core.replies": ("ToolResult",),
    "core.scope": ("Scope",),
    "core.search": ("Hit",),
    "core.session": ("Summary",),
    "core.staleness.evidence": ("Evidence", "StaleEntry", "Staleness"),
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

"""The face of the package: exactly the documented names, bound when they are first used."""

from __future__ import annotations

import ast
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import agent_memory

DOCUMENTED = {
    # what one opens, and what one opens it with
    "AgentDefinition", "Budget", "Memory", "Scope", "find_memories", "layered_prompt",
    # what comes back
    "Archived", "BudgetReport", "Commit", "Conflict", "Cost", "CutLine", "Document", "Draft",
    "Entry", "Evidence", "Explanation", "Finding", "FoundMemory", "Hit", "Judged", "LineOrigin",
    "Link", "Lost", "Moved", "Nearest", "Proposal", "Record", "Section", "StaleEntry",
    "Staleness", "Summary", "ToolResult", "Topic", "Waiting",
    # what can go wrong
    "AgentMemoryError", "AmbiguousError", "BudgetError", "ConflictError", "DecodeError",
    "DefinitionError", "LockTimeoutError", "NotFoundError", "PolicyError", "StorageError",
    "UnsafePathError",
}  # fmt: skip
FACE = Path(agent_memory.__file__)


def test_the_public_names_are_exactly_the_documented_ones() -> None:
    assert set(agent_memory.__all__) == DOCUMENTED
    assert len(agent_memory.__all__) == len(DOCUMENTED)
    assert set(agent_memory.__all__) <= set(dir(agent_memory))


@pytest.mark.parametrize("name", sorted(DOCUMENTED))
def test_a_public_name_is_the_object_of_its_home(name: str) -> None:
    home = import_module(f"agent_memory.{agent_memory._HOME[name]}")
    assert getattr(agent_memory, name) is getattr(home, name)
    assert getattr(home, name).__doc__


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="nonsense"):
        agent_memory.nonsense  # noqa: B018


def test_type_checkers_see_the_same_names_from_the_same_homes() -> None:
    tree = ast.parse(FACE.read_text(encoding="utf-8"))
    seen = {
        alias.name: node.module
        for block in tree.body
        if isinstance(block, ast.If)
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert seen == {name: f"agent_memory.{home}" for name, home in agent_memory._HOME.items()}


def modules_after(code: str) -> set[str]:
    """The modules loaded by a fresh Python that runs `code`."""
    script = f"{code}\nimport sys\nprint(*sys.modules)"
    run = [sys.executable, "-S", "-c", f"import sys\nsys.path[:0] = {sys.path!r}\n{script}"]
    return set(subprocess.run(run, capture_output=True, text=True, check=True).stdout.split())


def test_importing_the_package_loads_none_of_its_rooms() -> None:
    loaded = modules_after("import agent_memory")
    assert {name for name in loaded if name.startswith("agent_memory")} == {"agent_memory"}


def test_using_one_name_loads_only_what_it_needs() -> None:
    loaded = modules_after("from agent_memory import Memory, Scope, UnsafePathError")
    heavy = {"pydantic", "rich", "typer", "ruamel", "rapidfuzz", "filelock", "markdown_it"}
    assert not {name.partition(".")[0] for name in loaded} & heavy
    assert "agent_memory.memory" in loaded


def test_the_memory_tool_needs_no_sdk() -> None:
    command = "{'command': 'view', 'path': '/memories'}"
    loaded = modules_after(
        f"from agent_memory import Memory\nMemory.open('/none').handle({command})"
    )
    assert not {name.partition(".")[0] for name in loaded} & {"anthropic", "mcp", "httpx2", "anyio"}
    assert "agent_memory.integrations.memory_tool" in loaded


def test_tools_load_no_runner_and_nothing_heavy() -> None:
    loaded = modules_after("from agent_memory import Memory\nMemory.open('/nowhere').tools()")
    others = {"anthropic", "mcp", "httpx", "anyio", "pydantic", "rich", "rapidfuzz", "markdown_it"}
    assert not {name.partition(".")[0] for name in loaded} & others
    assert "agent_memory.integrations.tools" in loaded

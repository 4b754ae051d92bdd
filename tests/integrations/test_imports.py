"""No adapter imports another one, and without one no framework is loaded."""

from __future__ import annotations

import subprocess
import sys

import pytest

FRAMEWORKS = {"agents", "anthropic", "claude_agent_sdk", "deepagents", "langchain_core",
              "mcp", "pydantic_ai"}  # fmt: skip
FREE = ["claude_agent_sdk", "memory_tool", "schemas", "tools"]
EXTRAS = {
    "anthropic": "anthropic",
    "deepagents": "deepagents",
    "mcp": "mcp",
    "openai_agents": "agents",
    "pydantic_ai": "pydantic_ai",
}


def loaded(statement: str) -> set[str]:
    script = f"import sys\n{statement}\nprint(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


def ours(modules: set[str]) -> set[str]:
    start = "agent_memory.integrations."
    return {name.removeprefix(start) for name in modules if name.startswith(start)}


def test_the_library_loads_no_framework() -> None:
    modules = loaded("import agent_memory\nfrom agent_memory import Memory\nMemory.open('/none')")
    assert not modules & FRAMEWORKS
    assert not ours(modules)


@pytest.mark.parametrize("name", FREE)
def test_what_needs_no_extra_loads_no_framework(name: str) -> None:
    assert not loaded(f"import agent_memory.integrations.{name}") & FRAMEWORKS


@pytest.mark.parametrize("name", EXTRAS)
def test_an_adapter_loads_no_other_adapter(name: str) -> None:
    pytest.importorskip(EXTRAS[name], reason=f"the extra {name} is not installed")
    modules = loaded(f"import agent_memory.integrations.{name}")
    assert EXTRAS[name] in modules
    assert ours(modules) & EXTRAS.keys() == {name}


@pytest.mark.parametrize(("name", "package"), EXTRAS.items())
def test_without_its_package_an_adapter_names_the_extra_to_install(name: str, package: str) -> None:
    script = f"import sys; sys.modules[{package!r}] = None; import agent_memory.integrations.{name}"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    extra = name.replace("_", "-")
    said = done.stderr.splitlines()[-1]
    assert said.startswith(
        f"ModuleNotFoundError: this needs the extra {extra}: pip install 'agent-memory[{extra}]' ("
    )

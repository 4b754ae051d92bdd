"""What a command does not use it does not import."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

_HEAVY = ("rich", "pydantic", "ruamel", "markdown_it", "rapidfuzz", "filelock", "json", "tomllib")
_SCRIPT = """
import sys
from agent_memory.cli.entry import main
status = main(sys.argv[1:])
sys.stderr.write(f"{status} " + " ".join(sys.modules))
"""


def _imported(*words: str) -> tuple[str, set[str]]:
    command = [sys.executable, "-c", _SCRIPT, *words]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    status, *modules = done.stderr.split()
    return status, set(modules)


@pytest.fixture
def memory(project: Path) -> Path:
    (project / "m").mkdir()
    (project / "m/MEMORY.md").write_text("# Index\n\n## Notes\n\n- one\n- [T](t.md)\n")
    return project / "m"


def test_a_prompt_is_printed_without_the_heavy_libraries(memory: Path) -> None:
    status, modules = _imported("prompt", "--dir", str(memory))
    assert status == "0"
    assert not {name for name in _HEAVY if name in modules}


def test_only_the_command_asked_for_is_imported(memory: Path) -> None:
    _, modules = _imported("prompt", "--dir", str(memory))
    ours = {name.rsplit(".", 1)[-1] for name in modules if name.startswith("agent_memory.cli.")}
    assert ours == {"app", "entry", "examples", "exits", "look", "opening", "options", "screen"}


def test_rich_is_for_terminals(memory: Path) -> None:
    status, modules = _imported("show", "--dir", str(memory))
    assert (status, "rich" in modules) == ("0", False)

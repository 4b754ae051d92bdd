"""The demo plays through the library and cleans up after itself."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

Run = Callable[..., subprocess.CompletedProcess[str]]


def test_it_shows_every_kind_of_change(cli: Run) -> None:
    shown = cli("demo").stdout
    for sign in (
        "Nothing is saved here yet",
        "the pasted block's path is gone",
        "\n  remembered MEMORY.md:",
        "\n  nothing to do: this already stands at",
        "\n  updated MEMORY.md:",
        "\n  done: forget “Staging",
        "\n  moved 2 entries of ‘Project’ to project.md",
        "  MEMORY.md  ",
    ):
        assert sign in shown


def test_it_removes_its_folder_and_says_so(cli: Run) -> None:
    folder = json.loads(cli("demo", "--json").stdout)["folder"]
    assert not Path(folder).exists()
    assert cli("demo").stdout.rstrip().endswith("(--keep keeps it)")


def test_it_keeps_its_folder_when_asked(cli: Run) -> None:
    kept = re.search(r"^kept: (.*)$", cli("demo", "--keep").stdout, re.MULTILINE)
    assert kept
    assert (Path(kept[1]) / ".claude/agent-memory/django-backend-dev/MEMORY.md").is_file()


def test_it_is_the_same_every_time(cli: Run) -> None:
    plain = [re.sub(r"\S*agent-memory-demo-\w+", "<folder>", cli("demo").stdout) for _ in range(2)]
    assert plain[0] == plain[1]

"""How long a look takes beside git alone: `python speed.py MEMORY_DIRECTORY` (by hand).

Prints the seconds of the git calls that a cold look needs, one after another; of a cold look, in
a process of its own; and of a warm one. The best of three each, as others use the machine, too.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

LOOK = """
import sys, time
from agent_memory import Memory
start = time.perf_counter()
found = Memory.open(sys.argv[1]).staleness()
print(time.perf_counter() - start, len(found.entries))
"""


def git_alone(memory: Path) -> float:
    """The calls, one after another: where, what is tracked, the log, a blame a file."""
    files = [str(path.relative_to(memory)) for path in memory.rglob("*.md")]
    log = ["log", "--topo-order", "--diff-merges=first-parent", "--name-status", "-z", "-M",
           "--format=%H %P %ct"]  # fmt: skip
    calls = [["rev-parse", "HEAD"], ["ls-files", "-z", ":/"], log]
    calls += [["blame", "--porcelain", "--", file] for file in files]
    start = time.perf_counter()
    for call in calls:
        subprocess.run(["git", "-C", str(memory), *call], capture_output=True)
    return time.perf_counter() - start


def look(memory: Path, cache: str) -> float:
    done = subprocess.run(
        [sys.executable, "-c", LOOK, str(memory)],
        env={**os.environ, "XDG_CACHE_HOME": cache},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return float(done.stdout.split()[0])


def best(measured: Callable[[], float]) -> float:
    return min(measured() for _ in range(3))


def main(memory: Path) -> None:
    def cold() -> float:
        with tempfile.TemporaryDirectory() as fresh:
            return look(memory, fresh)

    alone, first = best(lambda: git_alone(memory)), best(cold)
    with tempfile.TemporaryDirectory() as kept:
        look(memory, kept)
        again = best(lambda: look(memory, kept))
    print(f"git alone {alone:.2f} s, cold {first:.2f} s ({first / alone:.2f} of git),"
          f" warm {again:.2f} s ({again / first:.2f} of cold)")  # fmt: skip


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())

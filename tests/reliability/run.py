"""The fault hunts of this folder at full size: every call of every operation fails once.

By hand: python tests/reliability/run.py [--operations …] [--kinds …] [--starts …] [--step 1]

A row says, for an operation and a kind of fault, how many calls were made to fail, from all
starts together, and how many problems that left. Each problem is printed; exit 1 if there is any.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import product
from pathlib import Path

sys.path.insert(0, os.path.dirname(__file__))

from calls import no_exchange
from faults import KINDS, STARTS, Tally, hunt
from memories import OPERATIONS


def one(step: int, exchange: bool, way: tuple[str, str, str]) -> Tally:
    """One hunt in a process of the pool."""
    operation, kind, start = way
    with tempfile.TemporaryDirectory() as work:
        hooks = [] if exchange else [no_exchange]
        return hunt(Path(work).resolve(), operation, kind, start, step, hooks)


def rows(tallies: Iterable[Tally]) -> dict[tuple[str, str], list[Tally]]:
    """The tallies by operation and kind."""
    found: dict[tuple[str, str], list[Tally]] = {}
    for tally in tallies:
        found.setdefault((tally.operation, tally.kind), []).append(tally)
        for problem in tally.problems:
            print(f"  {problem}", file=sys.stderr, flush=True)
    return found


def main() -> int:
    """Hunt, print the table, and say by the exit code whether all is well."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--operations", nargs="*", default=list(OPERATIONS))
    parser.add_argument("--kinds", nargs="*", default=list(KINDS))
    parser.add_argument("--starts", nargs="*", default=list(STARTS))
    parser.add_argument("--step", type=int, default=1, help="fail every so many calls")
    parser.add_argument("--no-exchange", action="store_true", help="as where there is no renameat2")
    chosen = parser.parse_args()
    begun = time.monotonic()
    ways = list(product(chosen.operations, chosen.kinds, chosen.starts))
    with ProcessPoolExecutor() as pool:
        hunted = pool.map(partial(one, chosen.step, not chosen.no_exchange), ways)
        found = rows(hunted)
    print(f"{'operation':12}{'fault':20}{'faults':>8}{'problems':>10}")
    for (operation, kind), tallies in found.items():
        faults = sum(tally.faults for tally in tallies)
        problems = sum(len(tally.problems) for tally in tallies)
        print(f"{operation:12}{kind:20}{faults:8}{problems:10}")
    every = [tally for tallies in found.values() for tally in tallies]
    faults, problems = sum(t.faults for t in every), sum(len(t.problems) for t in every)
    print(f"{faults} faults, {problems} problems, {time.monotonic() - begun:.0f} seconds")
    return 1 if problems else 0


if __name__ == "__main__":
    raise SystemExit(main())

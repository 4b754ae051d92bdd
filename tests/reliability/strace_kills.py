"""Kill an operation from outside, with strace, at each of its system calls that regard files.

By hand: python tests/reliability/strace_kills.py [--kills 1000] [--operations …] [--starts …]

`faults.py` reaches the calls that go through `_fs.py`. Here the kernel counts, so the calls of
filelock and of Python itself are among those before which the process dies. After each kill
readers see the old files or the new ones, what was acknowledged is new, and the next operation
works and leaves nothing lying about.

A row says how many such calls an operation makes, from all starts together, how often it was
killed, how many of the killed had acknowledged, after how many kills a reader was served the old
files and the new ones, and how many problems that left. Each problem is printed; exit 1 if there
is any.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from itertools import product
from pathlib import Path

sys.path.insert(0, os.path.dirname(__file__))

import memories
from faults import STARTS, Expected, Fault, Outcome, copied, examined, quiet, started
from memories import OPERATIONS

CALLS = "%file,%desc"  # strace's sets of calls that take a path or a handle
_ANYBODY = 0x59616D61, ctypes.c_ulong(-1)  # PR_SET_PTRACER, PR_SET_PTRACER_ANY of linux/prctl.h

Way = tuple[str, str]
"""An operation, and the start that it is made from."""


@dataclass(frozen=True)
class Point:
    """Right before the n-th call of this name: strace counts each name by itself."""

    name: str
    number: int
    call: str


@dataclass
class Traced:
    """What became of a process under strace: its calls, whether it told, and how it ended."""

    points: list[Point]
    told: bool
    code: int


@dataclass
class Tally:
    """How many kills a way was put to, and what was found after them."""

    way: Way
    calls: int
    kills: int = 0
    told: int = 0
    old: int = 0
    new: int = 0
    problems: list[str] = field(default_factory=list)


def obstacle(work: Path) -> str:
    """Why nothing can be killed with strace here; "" where it can."""
    if shutil.which("strace") is None:
        return "strace is not installed"
    if not hasattr(signal, "sigwait"):
        return "this system cannot wait for a signal"
    try:
        killed = traced(lambda: os.mkdir(work / "probe"), work / "log", Point("mkdir", 1, ""))
    except ChildProcessError as error:
        return f"strace cannot trace a process here: {error}"
    is_killed = killed.code == -signal.SIGKILL and not (work / "probe").exists()
    return "" if is_killed else "strace cannot kill a process here"


def traced(act: Callable[[], object], log: Path, kill_at: Point | None = None) -> Traced:
    """Do it in a child under strace, which may kill it at a call.

    Raises:
        ChildProcessError: strace cannot trace the child.
    """
    reading, telling = os.pipe()
    child = os.fork()
    if not child:
        _obey(act, telling)
    os.close(telling)
    try:
        os.read(reading, 1)
        strace, refusal = _attached(child, log, kill_at)
        os.kill(child, signal.SIGKILL if refusal else signal.SIGUSR1)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        strace.communicate()
        if refusal:
            raise ChildProcessError(refusal)
        return Traced(_points(log), os.read(reading, 1) == b"t", code)
    finally:
        os.close(reading)


def _obey(act: Callable[[], object], telling: int) -> None:
    """The child: wait until strace is there, do it, and tell before anything else."""
    code = 1
    try:
        ctypes.CDLL(None).prctl(*_ANYBODY, 0, 0, 0)  # some systems let only ancestors trace
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
        os.write(telling, b"r")
        signal.sigwait([signal.SIGUSR1])  # a read would be begun again, and counted
        act()
        os.write(telling, b"t")
        os.listdir(".")  # what comes after, so that it is also killed when it has told
        code = 0
    finally:
        os._exit(code)


def _attached(child: int, log: Path, kill_at: Point | None) -> tuple[subprocess.Popen[str], str]:
    """A strace that has the child, or else what it said instead."""
    what = [f"--trace={CALLS}"]
    if kill_at is not None:
        kill = f"--inject={kill_at.name}:signal=KILL:when={kill_at.number}"
        what = [f"--trace={kill_at.name}", kill]
    strace = subprocess.Popen(
        ["strace", "-o", str(log), *what, "-p", str(child)], stderr=subprocess.PIPE, text=True
    )
    assert strace.stderr is not None
    said = strace.stderr.readline().strip()
    return strace, "" if said.endswith("attached") else said or "it says nothing"


def _points(log: Path) -> list[Point]:
    seen: Counter[str] = Counter()
    points: list[Point] = []
    for line in log.read_text("utf-8", "replace").splitlines():
        name, parted, _ = line.partition("(")
        if parted and name.isidentifier():
            seen[name] += 1
            points.append(Point(name, seen[name], line))
    return points


# -- one way --------------------------------------------------------------------------------------


def kill(work: Path, way: Way, every: int = 1, first: int = 0) -> Tally:
    """Kill an operation at every so many of its calls, counted from `first`."""
    operation, start = way
    origin, root, log = work / "origin", work / "memory", work / "log"
    expected = started(origin, work / "clean", operation, start, [])
    memories.age(origin)  # or the number of calls depends on the time of the day

    def perform() -> object:
        return memories.perform(operation, root)

    copied(origin, root)
    points = traced(perform, log).points
    tally = Tally(way, len(points))
    for point in points[first::every]:
        copied(origin, root)
        ended = traced(perform, log, point)
        where = f"{operation} {start}, killed at {point.name} {point.number} ({point.call})"
        if ended.code != -signal.SIGKILL:
            tally.problems.append(f"{where}: it ended with {ended.code}")
            continue
        tally.kills += 1
        tally.told += ended.told
        tally.problems += [
            f"{where}: {problem}" for problem in _judged(root, expected, ended, tally)
        ]
    return tally


def _judged(root: Path, expected: Expected, ended: Traced, tally: Tally) -> Iterator[str]:
    with quiet():
        served = memories.read(root)
    tally.old += served in expected.old
    tally.new += served in expected.new
    outcome = Outcome(Fault("KILL before", 0, root), "told" if ended.told else "", died=True)
    yield from examined(root, expected, outcome)


# -- all of them ----------------------------------------------------------------------------------


def one(every: int, way: Way) -> Tally:
    """One way in a process of the pool; with `every` 0 its calls are only counted."""
    with tempfile.TemporaryDirectory() as work:
        return kill(Path(work).resolve(), way, every or 1, 0 if every else sys.maxsize)


def rows(tallies: Sequence[Tally]) -> Iterator[str]:
    """The table: a row for each operation, and one for all."""
    yield f"{'operation':12}{'calls':>8}{'kills':>8}{'told':>8}{'old':>8}{'new':>8}{'problems':>10}"
    for name in [*dict.fromkeys(tally.way[0] for tally in tallies), "all"]:
        of = [tally for tally in tallies if name in (tally.way[0], "all")]
        numbers = (
            sum(getattr(tally, column) for tally in of)
            for column in ("calls", "kills", "told", "old", "new")
        )
        shown = "".join(f"{number:8}" for number in numbers)
        yield f"{name:12}{shown}{sum(len(tally.problems) for tally in of):10}"


def main() -> int:
    """Kill, print the table, and say by the exit code whether all is well."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--operations", nargs="*", default=list(OPERATIONS))
    parser.add_argument("--starts", nargs="*", default=list(STARTS))
    parser.add_argument("--kills", type=int, help="about so many, spread evenly; else at each")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        if reason := obstacle(Path(work)):
            parser.exit(2, f"{reason}\n")
    begun = time.monotonic()
    ways = list(product(chosen.operations, chosen.starts))
    with ProcessPoolExecutor() as pool:
        every = 1
        if chosen.kills:
            calls = sum(tally.calls for tally in pool.map(partial(one, 0), ways))
            every = max(1, calls // chosen.kills)
        tallies = list(pool.map(partial(one, every), ways))
    for tally in tallies:
        for problem in tally.problems:
            print(f"  {problem}", file=sys.stderr, flush=True)
    print("\n".join(rows(tallies)))
    print(f"one call in {every}, {time.monotonic() - begun:.0f} seconds")
    return 1 if any(tally.problems for tally in tallies) else 0


if __name__ == "__main__":
    raise SystemExit(main())

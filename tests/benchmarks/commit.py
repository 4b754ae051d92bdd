"""How fast a commit is beside other writers, against yardsticks in the same run.

By hand: python tests/benchmarks/commit.py [--writers 8] [--count 10] [--rounds 5] [--json]

In each round the same number of processes add lines to an index of 115 lines, once for each way:

- ours: `Memory.remember`;
- yardstick: under the same kind of lock read the index, parse it with markdown-it, write an
  intent and sync it, write the file (temporary, sync, replace, sync of the directory);
- bare: under a plain flock, without parsing and without an intent.

The ways take turns, so that a busy minute changes all of them. Each process is warmed up by one
write before all begin together. Then one writer alone is timed once more, step by step.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from functools import cache
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

from filelock import FileLock
from markdown_it import MarkdownIt

from agent_memory import Budget, Memory
from agent_memory.core import draft, similar
from agent_memory.storage import directory, images, journal, log, outside, replace

INDEX = "MEMORY.md"
AREAS = ("Builds", "Tests", "Deployment", "Database", "Style", "Queues", "People", "Topics")
AMPLE = Budget(100_000, 100_000_000)
Write = Callable[[int, int], None]


def real_looking_index() -> str:
    """115 lines as agents write them: sections, rows with links, notes, a nested list, code."""
    lines = ["# Backend memory", "", "What every run should know. Details are in the topics.", ""]
    for number, area in enumerate(AREAS):
        lines += [f"## {area}", ""]
        if area == "Topics":
            lines += [
                f"- [{name.title()} notes]({name}.md) — what we learned about {name} so far"
                for name in ("celery", "django", "docker", "postgres", "pytest", "redis", "typing")
            ]
        for note in range(8 if area != "Topics" else 0):
            lines.append(
                f"- **{area} {note}**: `make {area.lower()}-{note}` needs `{area.upper()}_{number}"
                f"{note}=1`; without it step {note * 7 % 5} fails — see `src/{area.lower()}.py`"
            )
        lines += ["  - it was found on a Friday, [docs](https://example.org/a#b)"] * 2
        lines.append("")
    lines += ["```sh", "uv run pytest -x --lf", "```", ""]
    lines += [f"- note {number}: naïve retries hide timeouts" for number in range(115 - len(lines))]
    return "\n".join(lines) + "\n"


def line_of(writer: int, number: int) -> str:
    """What a writer adds: the same length for all, and unlike what the others say."""
    return f"fact {writer:03d}-{number:05d}: port {writer * 7919 + number * 104_729} answers slowly"


# -- the ways -----------------------------------------------------------------------------------


def ours(root: str) -> Write:
    """A commit of ours."""
    memory = Memory.open(root, budget=AMPLE, actor="bench")

    def write(writer: int, number: int) -> None:
        assert not memory.remember(line_of(writer, number)).is_empty

    return write


def yardstick(root: str) -> Write:
    """What any careful writer has to do who wants to know what the index says."""
    path, state = os.path.join(root, INDEX), os.path.join(root, ".yardstick")
    os.makedirs(state, exist_ok=True)
    parser = MarkdownIt("commonmark").enable("table")

    def write(writer: int, number: int) -> None:
        lock = FileLock(
            os.path.join(state, "lock"), timeout=60, poll_interval=0.001, thread_local=False,
            fallback_to_soft=False, preserve_lock_file=True,
        )  # fmt: skip
        lock.acquire()
        try:
            data = Path(path).read_bytes()
            parser.parse(data.decode())
            data += f"- {line_of(writer, number)}\n".encode()
            synced(os.path.join(state, "intent"), data)
            synced(f"{path}.tmp", data)
            os.replace(f"{path}.tmp", path)
            sync_folder(root)
        finally:
            lock.release()

    return write


def bare(root: str) -> Write:
    """The least that keeps a line: no parsing, no intent."""
    import fcntl

    path, lock = os.path.join(root, INDEX), os.open(os.path.join(root, ".lock"), os.O_CREAT, 0o666)

    def write(writer: int, number: int) -> None:
        waited_for(lambda: fcntl.flock(lock, fcntl.LOCK_EX))
        try:
            data = Path(path).read_bytes() + f"- {line_of(writer, number)}\n".encode()
            synced(f"{path}.tmp", data)
            os.replace(f"{path}.tmp", path)
            sync_folder(root)
        finally:
            fcntl.flock(lock, fcntl.LOCK_UN)

    return write


WAYS: dict[str, Callable[[str], Write]] = {"ours": ours, "yardstick": yardstick, "bare": bare}
waits: list[float] = []
"""Seconds that each write of this process waited for its lock."""


def waited_for(acquire: Callable[[], object]) -> object:
    """Acquire a lock and note how long that took."""
    start = time.perf_counter()
    try:
        return acquire()
    finally:
        waits.append(time.perf_counter() - start)


def synced(path: str, data: bytes) -> None:
    """Write a file and wait for the disk."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)
    try:
        os.write(handle, data)
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_folder(path: str) -> None:
    """Wait for the disk to know a directory's names."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


# -- many writers -------------------------------------------------------------------------------


def worker(way: str, root: str, writer: int, count: int, gate: Barrier, results: Any) -> None:
    """One process of a round: what each of its writes took, and waited, in seconds."""
    time_the_lock()
    write = WAYS[way](root)
    write(writer, 0)
    waits.clear()
    gate.wait()
    took, begun = [], time.monotonic()
    for number in range(1, count + 1):
        start = time.perf_counter()
        write(writer, number)
        took.append(time.perf_counter() - start)
    results.put((took, list(waits), begun, time.monotonic()))


def time_the_lock() -> None:
    """Note how long each lock of this process is waited for."""
    acquire = FileLock.acquire

    def timed_acquire(lock: FileLock, *args: Any, **kwargs: Any) -> object:
        return waited_for(lambda: acquire(lock, *args, **kwargs))

    setattr(FileLock, "acquire", timed_acquire)  # noqa: B010 - mypy lets no method be assigned


def round_of(way: str, writers: int, count: int) -> dict[str, list[float]]:
    """One round: the seconds of each write, of each wait, and the writes a second of all."""
    with tempfile.TemporaryDirectory() as root:
        Path(root, INDEX).write_text(real_looking_index(), encoding="utf-8")
        context = multiprocessing.get_context("spawn")
        gate, results = context.Barrier(writers), context.Queue()
        workers = [
            context.Process(target=worker, args=(way, root, number, count, gate, results))
            for number in range(writers)
        ]
        for process in workers:
            process.start()
        said = [results.get(timeout=600) for _ in workers]
        for process in workers:
            process.join()
        text = Path(root, INDEX).read_text(encoding="utf-8")
        missing = [
            (writer, number)
            for writer in range(writers)
            for number in range(count + 1)
            if text.count(line_of(writer, number)) != 1
        ]
        assert not missing, f"{way} lost {missing[:3]}"
    seconds = max(end for *_, end in said) - min(begun for _, _, begun, _ in said)
    return {
        "took": [one for took, *_ in said for one in took],
        "waited": [one for _, waited, *_ in said for one in waited],
        "rate": [writers * count / seconds],
    }


def share(values: list[float], part: float) -> float:
    """The value below which a part of the values lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


def compete(writers: int, count: int, rounds: int) -> dict[str, dict[str, float]]:
    """All ways in turn, round by round: milliseconds and writes a second."""
    kept: dict[str, dict[str, list[float]]] = {
        way: {"took": [], "waited": [], "rate": []} for way in WAYS
    }
    for _ in range(rounds):
        for way in WAYS:
            for name, values in round_of(way, writers, count).items():
                kept[way][name] += values
    return {
        way: {
            "p50_ms": share(values["took"], 0.5) * 1000,
            "p99_ms": share(values["took"], 0.99) * 1000,
            "max_ms": max(values["took"]) * 1000,
            "lock_wait_p50_ms": share(values["waited"], 0.5) * 1000,
            "per_second": statistics.median(values["rate"]),
        }
        for way, values in kept.items()
    }


# -- one writer, step by step -------------------------------------------------------------------

STEPS: tuple[tuple[str, object, str], ...] = (
    ("the whole commit", directory.DirectoryStorage, "commit"),
    ("· lock and unlock", None, ""),
    ("· prepare the state folder", journal.Journal, "prepare"),
    ("· recover", journal.Journal, "recover"),
    ("· look: read what is there", outside, "look"),
    ("· late versions", directory.DirectoryStorage, "_merge_late"),
    ("· plan: the edit", directory.DirectoryStorage, "_planned"),
    ("  · similar entries", similar, "nearest"),
    ("  · a copy of it?", similar, "copies"),
    ("  · put it into the index", draft.Draft, "_put"),
    ("  · parse with markdown-it", MarkdownIt, "parse"),
    ("· make: all that writes", directory.DirectoryStorage, "_make"),
    ("  · note what others did", outside, "note"),
    ("  · the intent and its images", journal.Journal, "begin"),
    ("    · images", images.Images, "keep"),
    ("  · prepare the new file", replace, "prepare"),
    ("  · exchange and compare", replace, "apply"),
    ("  · sync the folders", replace, "sync_folders"),
    ("  · the record and the head", journal.Journal, "done"),
    ("  · trim", log.Log, "trim"),
    ("every read of the head", log.Log, "head"),
    ("every fsync", os, "fsync"),
)


@cache
def clock() -> dict[str, list[float]]:
    """Seconds by step."""
    return {name: [] for name, *_ in STEPS}


def time_the_steps() -> None:
    """Have each step note its time; a step that is no more has no times."""
    for name, owner, attribute in STEPS:
        function = getattr(owner, attribute, None) if owner else None
        if function is not None:
            setattr(owner, attribute, timed(name, function))


def timed(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, noting how long it takes; calls of itself within count once."""
    depth = [0]

    def call(*args: Any, **kwargs: Any) -> Any:
        depth[0] += 1
        start = time.perf_counter()
        try:
            return function(*args, **kwargs)
        finally:
            depth[0] -= 1
            if not depth[0]:
                clock()[name].append(time.perf_counter() - start)

    return call


def alone(count: int) -> dict[str, dict[str, float]]:
    """One writer's steps: how often a commit, and milliseconds a commit (in the median)."""
    with tempfile.TemporaryDirectory() as root:
        Path(root, INDEX).write_text(real_looking_index(), encoding="utf-8")
        time_the_lock()
        time_the_steps()
        write = ours(root)
        for number in range(3):
            write(0, number)
        each: dict[str, list[tuple[int, float]]] = {name: [] for name in clock()}
        for number in range(3, count + 3):
            waits.clear()
            for values in clock().values():
                values.clear()
            write(0, number)
            clock()["· lock and unlock"] += waits
            for name, values in clock().items():
                each[name].append((len(values), sum(values)))
    return {
        name: {
            "times": statistics.median(times for times, _ in said),
            "ms": statistics.median(seconds for _, seconds in said) * 1000,
        }
        for name, said in each.items()
        if any(times for times, _ in said)
    }


def table(found: dict[str, dict[str, float]], steps: dict[str, dict[str, float]]) -> str:
    """Both results as text."""
    lines = [f"{'':12}{'p50':>9}{'p99':>9}{'max':>9}{'lock wait p50':>15}{'writes/s':>10}"]
    for way, one in found.items():
        lines.append(
            f"{way:12}{one['p50_ms']:9.1f}{one['p99_ms']:9.1f}{one['max_ms']:9.1f}"
            f"{one['lock_wait_p50_ms']:15.1f}{one['per_second']:10.1f}"
        )
    for other in ("yardstick", "bare"):
        p50, p99, rate = (
            found["ours"][name] / found[other][name] for name in ("p50_ms", "p99_ms", "per_second")
        )
        goal = "  (goal: p99 at most 3 ×, throughput at least 0.5 ×)" * (other == "yardstick")
        lines.append(f"ours / {other}: p50 {p50:.2f} ×, p99 {p99:.2f} ×, rate {rate:.2f} ×{goal}")
    lines += ["", f"{'one commit, alone, indented within':38}{'times':>6}{'ms':>9}"]
    lines += [f"{name:38}{one['times']:6.0f}{one['ms']:9.2f}" for name, one in steps.items()]
    return "\n".join(lines)


def main() -> None:
    """Run both and print them."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--writers", type=int, default=8)
    parser.add_argument("--count", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    found = compete(chosen.writers, chosen.count, chosen.rounds)
    steps = alone(40)
    if chosen.json:
        print(json.dumps({"ways": found, "one_commit": steps}, indent=1, ensure_ascii=False))
    else:
        print(table(found, steps))


if __name__ == "__main__":
    main()

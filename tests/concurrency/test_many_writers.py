"""Many threads write into one memory in special circumstances: nothing is lost."""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from agent_memory import AgentMemoryError, Budget, Memory
from agent_memory.storage import _fs


def text_of(writer: int, number: int) -> str:
    return f"writer {writer} noted fact number {number} in its own words"


def write(directory: str, writer: int, count: int, topic: str | None) -> list[str]:
    """Remember `count` entries; returns what was acknowledged."""
    memory = Memory.open(directory, budget=Budget(10_000, 10_000_000), actor=f"writer-{writer}")
    said = []
    for number in range(count):
        commit = memory.remember(text_of(writer, number), topic=topic)
        assert commit.entry is not None
        assert not commit.is_empty
        said.append(text_of(writer, number))
    return said


def everything(memory: Memory) -> list[str]:
    return sorted(entry.text for entry in memory.entries() if entry.text.startswith("writer "))


def test_the_first_writers_of_all_lose_nothing(tmp_path: Path) -> None:
    """Nothing exists yet: they all create the directory, the state folder and the index."""
    directory = tmp_path / "memory"
    with ThreadPoolExecutor(8) as pool:
        said = pool.map(write, [str(directory)] * 8, range(8), [1] * 8, [None] * 8)
        expected = sorted(text for texts in said for text in texts)
    assert everything(Memory.open(directory)) == expected


def test_threads_that_share_one_memory_lose_nothing(tmp_path: Path) -> None:
    memory = Memory.open(tmp_path / "memory", budget=Budget(10_000, 10_000_000))
    facts = [text_of(0, number) for number in range(40)]
    with ThreadPoolExecutor(4) as pool:
        commits = list(pool.map(memory.remember, facts))
    assert everything(memory) == sorted(facts)
    assert len({commit.id for commit in commits}) == 40
    assert len(list(memory._storage.history())) == 40


def test_writers_who_overflow_the_index_lose_nothing(tmp_path: Path) -> None:
    """A small budget: every few entries some move to topics, while others write."""
    directory = tmp_path / "memory"

    def remember(writer: int) -> None:
        memory = Memory.open(directory, budget=Budget(20, 25_000))
        for number in range(10):
            memory.remember(text_of(writer, number))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(remember, range(4)))
    memory = Memory.open(directory, budget=Budget(20, 25_000))
    assert everything(memory) == sorted(text_of(w, n) for w in range(4) for n in range(10))
    assert not memory.budget().over
    assert all(topic.reachable for topic in memory.topics())


def test_a_folder_that_keeps_turning_into_a_link_leads_nothing_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was acknowledged is in the memory, in the folder of that moment."""
    if not _fs.BY_HANDLE:
        pytest.skip("this system cannot hold folders open")
    monkeypatch.setattr(os, "fsync", lambda handle: None)
    monkeypatch.setattr("agent_memory.storage.directory._ATTEMPTS", 5)
    outside, directory = tmp_path / "outside", tmp_path / "memory"
    outside.mkdir()
    memory = Memory.open(directory, budget=Budget(10_000, 10_000_000))
    memory.remember("the first entry, so that there is an index")
    stop, turns = threading.Event(), [0]

    def turn() -> None:
        folder = directory / "notes"
        while not stop.is_set():
            turns[0] += 1
            with suppress(OSError):
                folder.rename(directory / f".aside-{turns[0]}")
            with suppress(OSError):
                folder.symlink_to(outside)
                for _ in range(turns[0] % 30):
                    folder.lstat()  # lets the writer in while the link is there
                folder.unlink()
            with suppress(OSError):
                folder.mkdir()
                for _ in range(turns[0] % 31):
                    folder.lstat()

    turning = threading.Thread(target=turn)
    turning.start()
    said = []
    try:
        for number in range(100):
            with suppress(AgentMemoryError):
                memory.remember(text_of(0, number), topic=f"notes/topic-{number}")
                said.append(number)
    finally:
        stop.set()
        turning.join()
    assert turns[0]
    assert said
    assert list(outside.iterdir()) == []
    kept = {path.stem for path in directory.rglob("topic-*.md")}
    assert {f"topic-{number}" for number in said} <= kept

"""Answers that are kept, and what happens when they cannot be."""

from __future__ import annotations

from pathlib import Path

from agent_memory.storage.cache import Cache


def test_what_is_kept_comes_back_and_the_last_one_wins(tmp_path: Path) -> None:
    cache = Cache(str(tmp_path / "deep/er"))
    assert cache.load("log") is None
    cache.save("log", b"one")
    cache.save("log", b"two")
    assert cache.load("log") == b"two"
    assert [path.name for path in (tmp_path / "deep/er").iterdir()] == ["log"]


def test_what_cannot_be_kept_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    cache = Cache(str(tmp_path / "file"))
    cache.save("log", b"one")
    assert cache.load("log") is None

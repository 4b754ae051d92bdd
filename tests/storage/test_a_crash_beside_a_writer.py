"""A crash between an exchange and the compare, while somebody wrote without the lock."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from agent_memory.core.history import Author, Plan
from agent_memory.storage import _fs
from agent_memory.storage.directory import DirectoryStorage


class Crash(BaseException):
    """Nothing is tidied up after it."""


def test_what_was_displaced_and_never_compared_is_merged_by_the_next_commit(
    storage: DirectoryStorage, author: Author, root: Path,
    putting: Callable[..., Callable[..., Plan]], monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    storage.commit(putting({"MEMORY.md": b"# M\n\n- one\n- two\n"}), author)
    exchange = _fs.exchange_below

    def met(temporary: str, base: str, path: str) -> None:
        (root / "MEMORY.md").write_bytes(b"# M\n\n- one\n- two\n- theirs\n")
        exchange(temporary, base, path)
        raise Crash

    monkeypatch.setattr(_fs, "exchange_below", met)
    with pytest.raises(Crash):
        storage.commit(putting({"MEMORY.md": b"# M\n\n- ours\n- one\n- two\n"}), author)
    monkeypatch.setattr(_fs, "exchange_below", exchange)
    storage.commit(putting({"other.md": b"- x\n"}), author)
    assert (root / "MEMORY.md").read_bytes() == b"# M\n\n- ours\n- one\n- two\n- theirs\n"

"""A disk that opens `a.md` by the name `A.md`: a rename of case alone must not lose the file."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from agent_memory.core.history import Author, Plan, Record
from agent_memory.core.snapshot import Snapshot
from agent_memory.storage import _fs
from agent_memory.storage.directory import DirectoryStorage

Putting = Callable[..., Callable[[Snapshot, Iterable[Record]], Plan]]
NAMES = [("a.md", "A.md"), ("A.md", "a.md"), ("in/b.md", "in/B.md")]

CHANGING = (
    "create", "create_anew", "exchange_below", "place_below", "rename", "replace_below",
    "take_below", "unlink", "unlink_below",
)  # fmt: skip


class PowerCut(BaseException):
    """The process dies here: nobody takes anything back."""


@pytest.fixture(autouse=True)
def without_case(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each name below the memory finds the file whose name differs in case alone.

    What is put in place of a file keeps the name that stands there, as it does on such disks.
    """
    if not _fs.BY_HANDLE:
        pytest.skip("folders cannot be held open here")
    original = _fs._folder_of

    @contextmanager
    def folded(root: str, path: str, make: bool = False) -> Iterator[tuple[int | None, str]]:
        with original(root, path, make) as (folder, name):
            assert folder is not None
            there = {known.casefold(): known for known in os.listdir(folder)}
            yield folder, there.get(name.casefold(), name)

    monkeypatch.setattr(_fs, "_folder_of", folded)


def topics(root: Path) -> dict[str, bytes]:
    paths = (path for path in root.rglob("*.md") if ".agent-memory" not in path.parts)
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in paths}


@pytest.mark.parametrize(("old", "new"), NAMES)
@pytest.mark.parametrize("after", [b"same\n", b"other\n"])
def test_the_case_of_a_name_changes(
    old: str, new: str, after: bytes, storage: DirectoryStorage, root: Path, author: Author,
    putting: Putting,
) -> None:  # fmt: skip
    storage.commit(putting({old: b"same\n"}), author)
    storage.commit(putting({old: None, new: after}), author)
    assert topics(root) == {new: after}


@contextmanager
def power_cut_at(step: int) -> Iterator[None]:
    """The n-th change of anything on the disk, and every later one, does not happen."""
    calls = iter(range(1, 1_000_000))

    def cut(function: Callable[..., object]) -> Callable[..., object]:
        def instead(*args: object, **kwargs: object) -> object:
            if next(calls) >= step:
                raise PowerCut
            return function(*args, **kwargs)

        return instead

    with pytest.MonkeyPatch.context() as patch:
        for name in CHANGING:
            patch.setattr(_fs, name, cut(getattr(_fs, name)))
        yield


@pytest.mark.parametrize(("old", "new"), NAMES)
@pytest.mark.parametrize("after", [b"same\n", b"other\n"])
def test_a_crash_at_any_step_loses_nothing(
    old: str, new: str, after: bytes, tmp_path: Path, author: Author, putting: Putting
) -> None:
    for step in range(1, 100):
        root = tmp_path / str(step)
        storage = DirectoryStorage(str(root), lambda: datetime(2026, 3, 1, tzinfo=UTC))
        storage.commit(putting({old: b"same\n"}), author)
        try:
            with power_cut_at(step):
                storage.commit(putting({old: None, new: after}), author)
        except PowerCut:
            storage.commit(putting({"next.md": b"x\n"}), author)
            assert topics(root) in (
                {old: b"same\n", "next.md": b"x\n"},
                {new: after, "next.md": b"x\n"},
            )
        else:
            assert step > 5
            return
    pytest.fail("it never came to an end")

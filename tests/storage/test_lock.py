"""The lock: one holder at a time, an end to waiting, and no trust in a deleted file."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from agent_memory.errors import LockTimeoutError, StorageError
from agent_memory.storage import lock
from agent_memory.storage.lock import locked


def test_who_waits_too_long_is_told_to_try_again(tmp_path: Path) -> None:
    path = str(tmp_path / "lock")
    with locked(path), pytest.raises(LockTimeoutError, match=r"0\.05 seconds") as caught:  # noqa: SIM117
        with locked(path, timeout=0.05):
            pytest.fail("two holders")
    assert caught.value.hint == "try again"
    assert path in caught.value.message


def test_the_lock_is_free_after_an_exception(tmp_path: Path) -> None:
    path = str(tmp_path / "lock")
    with pytest.raises(ZeroDivisionError), locked(path):
        raise ZeroDivisionError
    with locked(path, timeout=0):
        assert os.path.exists(path)
    assert os.path.exists(path)


def test_the_lock_file_outlives_its_holder(tmp_path: Path) -> None:
    """Deleted on release, it would let in one who waits on it and one who makes it anew."""
    path = tmp_path / "lock"
    with locked(str(path)):
        inode = path.stat().st_ino
    assert path.stat().st_ino == inode
    with locked(str(path)):
        assert path.stat().st_ino == inode
    assert path.stat().st_ino == inode


def test_the_lock_library_is_asked_for_a_file_that_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On POSIX it keeps the file anyway by now; elsewhere it does only when it is asked to."""
    asked: list[dict[str, object]] = []
    real = FileLock

    def recording(path: str, **options: Any) -> object:
        asked.append(options)
        return real(path, **options)

    monkeypatch.setattr(lock, "FileLock", recording)
    with locked(str(tmp_path / "lock")):
        assert asked[0]["preserve_lock_file"] is True
        assert asked[0]["fallback_to_soft"] is False


def test_a_lock_file_that_was_deleted_does_not_let_two_in(tmp_path: Path) -> None:
    """Whoever waits on the deleted file must not take it for the lock when it is freed."""
    path = str(tmp_path / "lock")
    waiting, entered = threading.Event(), threading.Event()

    def wait() -> None:
        waiting.set()
        with locked(path):
            entered.set()

    with locked(path):
        other = threading.Thread(target=wait)
        other.start()
        waiting.wait()
        os.unlink(path)
    other.join(10)
    assert entered.is_set()
    assert os.path.exists(path)


def test_the_locked_file_is_the_one_at_the_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file is deleted between opening and locking, once: it has to be taken again."""
    path = str(tmp_path / "lock")
    real = lock._is_at
    looks: list[bool] = []

    def deleting(name: str, handle: int) -> bool:
        if not looks:
            os.unlink(name)
        looks.append(real(name, handle))
        return looks[-1]

    monkeypatch.setattr(lock, "_is_at", deleting)
    with locked(path):
        assert looks == [False, True]
        with pytest.raises(LockTimeoutError), locked(path, timeout=0.02):
            pytest.fail("two holders")


def test_another_process_is_kept_out_and_its_death_frees_the_lock(tmp_path: Path) -> None:
    path = str(tmp_path / "lock")
    script = (
        "import sys\n"
        "from agent_memory.storage.lock import locked\n"
        "with locked(sys.argv[1]):\n"
        "    print('held', flush=True)\n"
        "    sys.stdin.readline()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, path],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(LockTimeoutError), locked(path, timeout=0.05):
            pytest.fail("two holders")
        holder.kill()
    with locked(path, timeout=1):
        assert os.path.exists(path)


def test_a_lock_that_cannot_be_opened_is_a_storage_error(tmp_path: Path) -> None:
    (tmp_path / "lock").mkdir()
    with pytest.raises(StorageError, match="lock") as caught, locked(str(tmp_path / "lock")):
        pytest.fail("a directory was locked")
    assert "move it away" in caught.value.hint

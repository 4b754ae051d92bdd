"""A process beside the one that tries something, which acts when it is told to."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_FORK: Any = multiprocessing.get_context("fork") if hasattr(os, "fork") else None

Wait = Callable[[Any], bool]
"""Says something and waits to be told to go on; False when there is nothing to go on for."""
Act = Callable[[Path, Wait], Any]


class Beside:
    """Another process that acts in a memory, up to where it waits."""

    def __init__(self, root: Path, act: Act) -> None:
        self._here, there = _FORK.Pipe()
        self._ended = False
        self._process = _FORK.Process(target=_act, args=(root, act, there))
        self._process.start()
        there.close()

    def go(self, on: bool = True) -> Any:
        """Let it go on, and wait for what it says then; None when it has ended."""
        if self._ended:
            return None
        self._here.send(on)
        self._ended, said = self._here.recv()
        return said

    def end(self) -> None:
        """Let it come to its end."""
        while not self._ended:
            self.go(on=False)
        self._process.join()
        self._here.close()


def _act(root: Path, act: Act, there: Any) -> None:
    def wait(said: Any = None) -> bool:
        there.send((False, said))
        return bool(there.recv())

    there.recv()
    there.send((True, act(root, wait)))


@contextmanager
def beside(root: Path, act: Act) -> Iterator[Beside]:
    """Somebody who waits to be told to begin, and has ended when this ends."""
    other = Beside(root, act)
    try:
        yield other
    finally:
        other.end()


def in_a_child(harness: Callable[[], Sequence[str]]) -> list[str]:
    """What a harness finds, in a process of its own, so that no patch outlives it."""
    here, there = _FORK.Pipe()
    process = _FORK.Process(target=lambda: there.send(list(harness())))
    process.start()
    there.close()
    try:
        return list(here.recv())
    finally:
        process.join()
        here.close()

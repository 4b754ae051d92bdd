"""Our own notes, JSON in small files, which a disk or anybody may have damaged."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, NoReturn

from agent_memory.storage import _fs


def read(path: str) -> dict[str, Any]:
    """The note in a file.

    Raises:
        OSError: it cannot be read.
        ValueError: it is none.
    """
    return parsed(_fs.read(path)[0])


def parsed(data: bytes) -> dict[str, Any]:
    """The note that these bytes are.

    Raises:
        ValueError: they are none. We write no fractions, and an infinite one is no number of ours.
    """
    try:
        note = json.loads(data, parse_float=_refuse, parse_constant=_refuse)
    except RecursionError:
        raise ValueError("nested too deep") from None
    if not isinstance(note, dict):
        raise ValueError("not an object")
    return note


def moment(text: str) -> datetime:
    """The time that a note tells; all of ours say how far from UTC they are.

    Raises:
        ValueError: it is none.
    """
    time = datetime.fromisoformat(text)
    if time.tzinfo is None:
        raise ValueError(f"{text} is the time of no known place")
    return time


def _refuse(number: str) -> NoReturn:
    raise ValueError(f"{number} is not a whole number")

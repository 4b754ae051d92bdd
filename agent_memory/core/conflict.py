"""An edit that could not be made because others had changed the same entry meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Conflict:
    """What somebody wanted to write (`ours`), kept beside the memory until it is resolved.

    `base` is the text that it was made out of, `theirs` what stood in the file `path` then, both
    whole files; `line` is where in `theirs` the first entry stands that both changed.
    """

    id: str
    time: datetime
    path: str
    line: int
    actor: str
    operation: str
    base: str
    ours: str
    theirs: str

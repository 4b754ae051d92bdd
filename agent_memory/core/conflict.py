"""An edit that could not be made because others had changed the same entry meanwhile."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from agent_memory.core import text as texts
from agent_memory.errors import AmbiguousError, NotFoundError, PolicyError

if TYPE_CHECKING:
    from agent_memory.core.draft import Draft

_OURS, _BETWEEN, _THEIRS = "<<<<<<< ours", "=======", ">>>>>>> theirs"
_MARKS = (_OURS.split()[0] + " ", _THEIRS.split()[0] + " ")


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


def hint(conflict_id: str = "ID") -> str:
    """How to go on after a conflict."""
    return (
        f"`agent-memory conflicts show {conflict_id}` shows both texts,"
        f" `agent-memory conflicts resolve {conflict_id}` goes on"
    )


def find(conflicts: Iterable[Conflict], conflict_id: str) -> Conflict:
    """The conflict with this id, or the only one whose id begins so.

    Raises:
        NotFoundError: there is none.
        AmbiguousError: several ids begin so.
    """
    found = [one for one in conflicts if conflict_id and one.id.startswith(conflict_id)]
    if not found:
        raise NotFoundError(
            f"no conflict has the id {texts.shorten(conflict_id, 40)!r}",
            "`agent-memory conflicts` lists those that are open",
        )
    if len(found) > 1:
        raise AmbiguousError(
            f"{len(found)} conflicts begin with {conflict_id}",
            "give more of the id",
            tuple(f"{one.id}  {one.path}:{one.line}" for one in found),
        )
    return found[0]


def with_ours(conflict: Conflict) -> str:
    """Theirs with all that we changed; where both changed the same, ours."""
    return _merged(conflict, conflict.theirs, conflict.ours)


def with_theirs(conflict: Conflict) -> str:
    """Theirs with what we changed elsewhere; where both changed the same, theirs."""
    return _merged(conflict, conflict.ours, conflict.theirs)


def _merged(conflict: Conflict, change: str, ground: str) -> str:
    from agent_memory.core.merge import merge

    if not conflict.theirs or not conflict.ours:  # one side removed the file
        return ground
    return merge(conflict.path, conflict.base, change, ground).text


def marked(conflict: Conflict) -> str:
    """Both texts in one, for a person's editor: marks stand around what is to be decided."""
    ours, theirs = (texts.lines(side(conflict)) for side in (with_ours, with_theirs))
    parts: list[str] = []
    for tag, a, b, c, d in SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes():
        if tag == "equal":
            parts += theirs[c:d]
        else:
            parts += _sides(ours[a:b], theirs[c:d])
    return "".join(parts)


def _sides(ours: Sequence[str], theirs: Sequence[str]) -> Iterator[str]:
    ending = texts.ending("".join([*ours, *theirs]))
    for mark, lines in ((_OURS, ours), (_BETWEEN, theirs)):
        yield mark + ending
        for line in lines:
            yield line if line.endswith(("\n", "\r")) else line + ending
    yield _THEIRS + ending


def refuse_marks(conflict: Conflict, text: str) -> None:
    """Refuse a text in which something is still to be decided.

    Raises:
        PolicyError: it has the marks that a conflict is shown with.
    """
    known = {*texts.lines(conflict.ours), *texts.lines(conflict.theirs)}
    for number, line in enumerate(texts.lines(text), 1):
        if line.startswith(_MARKS) and line not in known:
            raise PolicyError(
                f"line {number} of the text is still a mark of the conflict",
                "decide between both texts there, and take the lines of marks out",
            )


def resolve(draft: Draft, conflict: Conflict, text: str) -> None:
    """Write what was decided on; the conflict's `theirs` leaves the file as it is.

    Raises:
        PolicyError: the text must not be saved, or something in it is still to be decided.
        ConflictError: others have changed the same again.
    """
    refuse_marks(conflict, text)
    path, theirs = conflict.path, conflict.theirs
    if text == theirs:
        draft.notices.append(f"the conflict is dropped, and {path} left as it is")
    elif not theirs and path not in draft.snapshot.files:  # removed by others, and still so
        draft.write(path, text)
    else:
        draft.write(path, text, base=theirs)

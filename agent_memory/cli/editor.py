"""A person's editor on a copy of one text, saved by merging it with what others wrote since."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from agent_memory.cli import exits
from agent_memory.cli.exits import EditorError
from agent_memory.core import text as texts
from agent_memory.errors import AgentMemoryError, ConflictError
from agent_memory.storage.purge import EDIT_COPIES

if TYPE_CHECKING:
    from agent_memory.core.history import Commit
    from agent_memory.memory import Memory

T = TypeVar("T")


def edited(memory: Memory, topic: str, source: str, allow_secret: str = "") -> Commit:
    """The commit of what the person made of the file, an empty one where they changed nothing.

    Raises:
        EditorError: the editor ended with an error; nothing was written.
        ConflictError: somebody else changed the same meanwhile; the person's text is kept.
    """
    document = memory.document(topic)
    revision = document.revision

    def save(text: str) -> Commit:
        return memory.write(
            document.path, text, revision, source, base=document.text, allow_secret=allow_secret
        )

    return in_editor(document.path, document.text, save) or _unchanged(source)


def in_editor(path: str, before: str, save: Callable[[str], T]) -> T | None:
    """What `save` makes of the text that the person leaves, None where they changed nothing.

    Raises:
        EditorError: the editor ended with an error; nothing was saved.
        AgentMemoryError: what `save` raises; the person's text is kept, and the hint says where.
    """
    # Outside of the memory, so that no agent ever sees a half-written copy.
    copy = Path(tempfile.mkdtemp(prefix=EDIT_COPIES)) / Path(path).name
    copy.write_bytes(texts.encode(before))
    saved = None
    try:
        text = _edit(copy)
        if text != before:
            saved = save(text)
    except BaseException as error:  # an interrupt too must not lose the text
        _keep(copy, before, error)
        raise
    shutil.rmtree(copy.parent, ignore_errors=True)
    return saved


def _edit(copy: Path) -> str:
    """The text of the copy once the person has closed the editor."""
    command = os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"
    try:
        with _interrupts_left_to_the_editor():
            called = [*shlex.split(command), str(copy)]
            status = subprocess.run(called, check=False).returncode  # noqa: S603  # their own editor
    except (OSError, ValueError) as error:
        raise EditorError(
            f"the editor {command!r} cannot be started: {error}", "set VISUAL or EDITOR"
        ) from error
    if status:
        raise EditorError(
            f"the editor {command!r} ended with {status}; nothing was written", "try again"
        )
    try:
        return texts.decode(copy.read_bytes())
    except OSError as error:
        raise EditorError(
            f"the editor {command!r} left no {copy.name} to read ({error.strerror}); nothing was"
            " written",
            "try again, and save under the same name; to remove a topic: agent-memory rm TOPIC",
        ) from error


@contextmanager
def _interrupts_left_to_the_editor() -> Iterator[None]:
    """Do nothing at Ctrl-C, which the terminal sends to the editor and to us alike.

    A handler of ours and not `SIG_IGN`, which the editor would inherit; where interrupts are
    ignored already, as under `nohup`, they stay so.
    """
    before = signal.getsignal(signal.SIGINT)
    ours = threading.current_thread() is threading.main_thread()  # no other one may set handlers
    if not ours or before is None or before is signal.SIG_IGN:
        yield
        return
    signal.signal(signal.SIGINT, lambda *_: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _unchanged(source: str) -> Commit:
    from datetime import UTC, datetime

    from agent_memory.core.history import Commit

    said = "nothing changed, nothing written"
    return Commit("", datetime.now(UTC), "", "write", "", notices=(said,), source=source)


def _keep(copy: Path, before: str, error: BaseException) -> None:
    """Leave the person's text where they find it, and say where, if it is not what was there."""
    place = _place(copy, texts.encode(before))
    if isinstance(error, ConflictError) and error.kept:  # as a conflict, which says how to go on
        shutil.rmtree(copy.parent, ignore_errors=True)
        return
    if place is None:
        shutil.rmtree(copy.parent, ignore_errors=True)
        kept = ""
    else:
        kept = f"your text is kept in {place}"
    if not isinstance(error, AgentMemoryError):
        if kept:
            exits.say(f"note: {kept}")
        return
    hint = error.hint
    if isinstance(error, ConflictError):  # its own hint is for programs
        hint = "run edit again and take over from there what you still want"
    error.hint = "; ".join(part for part in (kept, hint) if part)


def _place(copy: Path, before: bytes) -> Path | None:
    """Where there is something of the person's, None where there is nothing."""
    try:
        if copy.read_bytes() != before:
            return copy
    except FileNotFoundError:
        pass
    except OSError:
        return copy
    # What the editor kept for a crash, or was told to save under another name.
    others = [path for path in copy.parent.glob("*") if path != copy]
    return copy.parent if others else None

"""A person's editor on a copy of one file, written back only if nobody changed it meanwhile."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from agent_memory.cli.exits import EditorError
from agent_memory.core import text as texts
from agent_memory.errors import AgentMemoryError

if TYPE_CHECKING:
    from agent_memory.core.history import Commit
    from agent_memory.memory import Memory


def edited(memory: Memory, topic: str, source: str) -> Commit | None:
    """The commit of what the person made of the file, None where they changed nothing.

    Raises:
        EditorError: the editor ended with an error; nothing was written.
        ConflictError: somebody else wrote it meanwhile; the person's text is kept, and where.
    """
    document = memory.document(topic)
    # Outside of the memory, so that no agent ever sees a half-written copy.
    copy = Path(tempfile.mkdtemp(prefix="agent-memory-edit-")) / Path(document.path).name
    copy.write_bytes(texts.encode(document.text))
    try:
        _run(copy)
        text = texts.decode(copy.read_bytes())
        commit = None
        if text != document.text:
            commit = memory.write(document.path, text, expected=document.revision, source=source)
    except (AgentMemoryError, OSError) as error:
        _keep(copy, document.text, error)
        raise
    shutil.rmtree(copy.parent, ignore_errors=True)
    return commit


def _run(copy: Path) -> None:
    command = os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"
    try:
        status = subprocess.run([*shlex.split(command), str(copy)], check=False).returncode  # noqa: S603
    except (OSError, ValueError) as error:
        raise EditorError(
            f"the editor {command!r} cannot be started: {error}", "set VISUAL or EDITOR"
        ) from error
    if status:
        raise EditorError(
            f"the editor {command!r} ended with {status}; nothing was written", "try again"
        )


def _keep(copy: Path, before: str, error: Exception) -> None:
    """Leave the person's text where they find it, and say where, if it is not what was there."""
    if copy.exists() and copy.read_bytes() != texts.encode(before):
        if isinstance(error, AgentMemoryError):
            error.hint = f"your text is kept in {copy}; {error.hint}".rstrip("; ")
    else:
        shutil.rmtree(copy.parent, ignore_errors=True)

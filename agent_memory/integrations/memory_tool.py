"""The memory tool `memory_20250818` without its SDK: commands in, texts out, over one tree.

`Mounts` is the tree: one memory as `/memories`, or several below it by name.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import AfterValidator, BaseModel, Field, TypeAdapter, ValidationError

from agent_memory.core import commands, paths, policy, replies
from agent_memory.core import text as texts
from agent_memory.core.commands import ROOT, Refused, Target
from agent_memory.core.draft import Draft
from agent_memory.core.replies import ToolResult
from agent_memory.errors import AgentMemoryError, UnsafePathError
from agent_memory.memory import Memory

Text: TypeAlias = Annotated[str, AfterValidator(policy.whole)]


class View(BaseModel):
    """Show a folder or a file."""

    command: Literal["view"]
    path: Text
    view_range: list[int] | None = None


class Create(BaseModel):
    """Make a new file."""

    command: Literal["create"]
    path: Text
    file_text: Text


class StrReplace(BaseModel):
    """Replace text that stands once in a file."""

    command: Literal["str_replace"]
    path: Text
    old_str: Annotated[Text, Field(min_length=1)]
    new_str: Text = ""


class Insert(BaseModel):
    """Put text below a line."""

    command: Literal["insert"]
    path: Text
    insert_line: int
    insert_text: Text


class Delete(BaseModel):
    """Take out a file or a folder."""

    command: Literal["delete"]
    path: Text


class Rename(BaseModel):
    """Move a file or a folder."""

    command: Literal["rename"]
    old_path: Text
    new_path: Text


Change: TypeAlias = Create | StrReplace | Insert | Delete | Rename
_COMMAND: TypeAdapter[View | Change] = TypeAdapter(
    Annotated[View | Change, Field(discriminator="command")]
)
Place: TypeAlias = tuple[str, Memory, Target]
Mountable: TypeAlias = "Memory | str | os.PathLike[str]"


class Mounts:
    """Memories under one tree: `Mounts({"project": a, "user": b}, read_only={"user"})`.

    Each is below `/memories/<name>`; one alone, under the name "", is `/memories` itself. A
    directory's path stands for the memory in it.
    """

    def __init__(self, memories: Mapping[str, Mountable], read_only: Collection[str] = ()) -> None:
        if "" in memories and len(memories) > 1:
            raise ValueError('the name "" is the whole tree, so it stands alone')
        if not set(read_only) <= set(memories):
            raise ValueError(f"read_only names what is not mounted: {set(read_only)}")
        for name in memories:
            if name and ("/" in name or paths.topic_path(name) != f"{name}.md"):
                raise UnsafePathError(f"{name!r} cannot be a folder's name", "use a plain word")
        self.memories = {name: _opened(one) for name, one in memories.items()}
        self.read_only = frozenset(read_only)

    @classmethod
    def of(cls, memory: Mounts | Mountable) -> Mounts:
        """A tree as it is; a memory, or the path of one, as the whole tree."""
        return memory if isinstance(memory, Mounts) else cls({"": memory})

    def handle(self, command: object, source: str = "agent") -> ToolResult:
        """Do one command; what goes wrong is a text in the result, never an exception."""
        try:
            asked = _COMMAND.validate_python(command)
            if isinstance(asked, View):
                return ToolResult(texts.well_formed(self._view(asked)))
            return self._change(asked, source)
        except ValidationError as error:
            said = _invalid(error)
        except Refused as refused:
            said = str(refused)
        except AgentMemoryError as error:
            said = "\n".join(filter(None, [f"Error: {error.message}", replies.hint(error)]))
        return ToolResult(texts.well_formed(said), is_error=True)

    def _view(self, asked: View) -> str:
        if "" not in self.memories and not commands.below_root(asked.path):
            return self._listing()
        _, memory, target = self._place(asked.path)
        return commands.view(memory.snapshot(), target, asked.view_range)

    def _listing(self) -> str:
        found: dict[str, int] = {}
        for name, memory in self.memories.items():
            inside = commands.sizes(memory.snapshot())
            found |= {f"{name}/{path}": size for path, size in inside.items()}
        notes = [f"{ROOT}/{name} is read-only" for name in sorted(self.read_only)]
        shown = commands.listing(ROOT, found, self.memories)
        return "\n".join([shown, *commands.noted(notes)])

    def _change(self, asked: Change, source: str) -> ToolResult:
        name, memory, edit = self._edit(asked)
        if name in self.read_only:
            raise Refused(f"Error: {ROOT}/{name}".rstrip("/") + " is read-only")
        said: list[str] = []

        def edited(draft: Draft) -> None:
            said[:] = [edit(draft)]

        commit = memory.change(asked.command, edited, source)
        text = "\n".join([*said, *commands.noted(commit.notices)])
        return ToolResult(texts.well_formed(text), commit=commit)

    def _edit(self, asked: Change) -> tuple[str, Memory, Callable[[Draft], str]]:
        """The memory that a command changes, and what it does to a draft of it."""
        if isinstance(asked, Rename):
            name, memory, old = self._place(asked.old_path)
            into, _, new = self._place(asked.new_path)
            if into != name:
                raise Refused(
                    "Error: a rename stays within one memory; create the text there, delete it here"
                )
            return name, memory, lambda draft: commands.rename(draft, old, new)
        name, memory, at = self._place(asked.path)
        if isinstance(asked, Create):
            text = asked.file_text
            return name, memory, lambda draft: commands.create(draft, at, text)
        if isinstance(asked, StrReplace):
            old_str, new_str = asked.old_str, asked.new_str
            return name, memory, lambda draft: commands.str_replace(draft, at, old_str, new_str)
        if isinstance(asked, Insert):
            line, added = asked.insert_line, asked.insert_text
            return name, memory, lambda draft: commands.insert(draft, at, line, added)
        return name, memory, lambda draft: commands.delete(draft, at)

    def _place(self, shown: str) -> Place:
        """The mount that a path lies in, and its target there."""
        below = commands.below_root(shown)
        shown = f"{ROOT}/{below}".rstrip("/")
        if "" in self.memories:
            return "", self.memories[""], Target(shown, below)
        name, _, path = below.partition("/")
        if name not in self.memories:
            names = ", ".join(f"{ROOT}/{name}" for name in sorted(self.memories))
            raise Refused(f"The path {shown} does not exist. The memories are {names}.")
        return name, self.memories[name], Target(shown, path)


def _opened(memory: Mountable) -> Memory:
    return memory if isinstance(memory, Memory) else Memory.open(memory)


def _invalid(error: ValidationError) -> str:
    """What is wrong with a command, by the names of its fields."""
    found: list[Any] = error.errors(include_url=False, include_input=False)
    lines = [f"{'.'.join(map(str, one['loc'])) or 'command'}: {one['msg']}" for one in found]
    return "Error: the command cannot be read: " + "; ".join(lines)

"""Agent definitions: a Markdown file whose front matter says who the agent is.

The front matter is read leniently, because 3.6 % of real ones are not valid YAML and runners
take them all the same. What decides where a memory lives (the `memory:` key) is read strictly:
a wrong value is an error that shows the line, never a guess. So is a `memory` or a `name`
that is given twice, and front matter that is too long to be read whole.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, ValidationError

from agent_memory.core import embedded, frontmatter
from agent_memory.core.scope import Scope
from agent_memory.core.text import bare, decode, lines, printable, size
from agent_memory.errors import DefinitionError, NotFoundError

if TYPE_CHECKING:
    from agent_memory.core.embedded import EmbeddedBlock

CAP = 64 * 1024
_MEND = "write `memory: project` (or `user`, or `local`)"
_TOOL = re.compile(r"(?:[^,(]|\([^)]*\)?)+")


class Prompting(Protocol):
    """What can render itself as a block for a system prompt, as a memory does."""

    def prompt(self) -> str:
        """The block."""
        ...


class AgentDefinition(BaseModel):
    """What an agent's file says; unknown keys are kept in `model_extra`.

    `tools` is empty where the key is missing, which runners take as "all of them"; see
    `model_fields_set`. `body` is the text after the front matter, exactly as written.
    """

    model_config = ConfigDict(extra="allow")

    name: str
    description: str = ""
    model: str | None = None
    color: str | None = None
    tools: list[str] = Field(default_factory=list)
    memory: Scope | None = None
    body: str = ""
    path: Path | None = None
    _fence: int = PrivateAttr(default=1)  # the line of the front matter's closing fence

    @classmethod
    def read(cls, path: str | Path) -> AgentDefinition:
        """The definition in the file `path`.

        A file without a `name` takes its stem as its name: some runners do so, and an agent
        without a name could have no memory.

        Raises:
            NotFoundError: there is no such file.
            DefinitionError: it cannot be read, has no front matter, one over 64 KiB, a wrong
                `memory` value, or `memory` or `name` twice.
        """
        path = Path(path)
        text = decode(_bytes(path))
        block = frontmatter.split(text)
        if block is None:
            raise _no_front_matter(path, text)
        _refuse_excess(path, text, block)
        for key in ("memory", "name"):
            _refuse_twice(path, text, block, key)
        read = frontmatter.values(block.raw, CAP * 3)  # not UTF-8: there three bytes each
        if read.problem is not None and not read.data:
            line = read.problem.line + block.start_line - 1
            message = f"the front matter cannot be read: {read.problem.message}"
            raise _error(path, text, line, read.problem.column, message, "write `key: value` lines")
        fields = {key: value for key, value in read.data.items() if key not in ("body", "path")}
        fields |= _known(fields, path.stem)
        fields["memory"] = _scope(fields.get("memory"), path, text, block)
        try:
            definition = cls.model_validate(
                {**fields, "body": text[block.span.end :], "path": path}
            )
        except ValidationError as error:
            key = str(error.errors()[0]["loc"][0])
            line, column = _place(block, key)
            message = f"`{key}` has a wrong value"
            raise _error(path, text, line, column, message, "write text there") from error
        definition._fence = block.lines
        return definition

    @property
    def body_line(self) -> int:
        """The line of the file, from 1, on which the body begins."""
        return self._fence + 1

    @property
    def embedded(self) -> tuple[EmbeddedBlock, ...]:
        """The old memory blocks in the body; their lines count from the body's first."""
        return embedded.find(self.body)

    def system_prompt(self, memory: Prompting) -> str:
        """The body with the memory's block in place of an old one, else appended."""
        return embedded.replace(self.body, memory.prompt())[0]

    def required_scope(self, scope: Scope | None = None) -> Scope:
        """The scope to use: the one passed, else the definition's own.

        Raises:
            DefinitionError: neither is given.
        """
        chosen = scope or self.memory
        if chosen is not None:
            return Scope(chosen)
        where = str(self.path or self.name)
        raise DefinitionError(
            f"{where}:{self._fence}: the definition has no `memory` key",
            "add a line `memory: project` (or `user`, or `local`) to the front matter, above its "
            f"closing `---` in line {self._fence}, or pass a scope",
            path=where,
            line=self._fence,
        )


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        near = _neighbours(path)
        hint = f"in that folder: {', '.join(near)}" if near else "check the path of the definition"
        raise NotFoundError(f"{path}: there is no such agent definition", hint, near) from error
    except OSError as error:
        reason = error.strerror or "unknown reason"
        raise DefinitionError(
            f"{path}: cannot be read: {reason}", "name a readable Markdown file", path=str(path)
        ) from error


def _neighbours(path: Path) -> tuple[str, ...]:
    """Up to five Markdown files in the folder of `path`."""
    try:
        return tuple(sorted(file.name for file in path.parent.glob("*.md")))[:5]
    except OSError:
        return ()


def _known(data: dict[str, object], stem: str) -> dict[str, object]:
    """The known keys of `data` in the types of the model, a missing name replaced."""
    known: dict[str, object] = {"name": _text(data.get("name")).strip() or stem}
    if "description" in data:
        known["description"] = _text(data["description"])
    for key in ("model", "color"):
        if key in data:
            known[key] = _text(data[key]) or None
    if "tools" in data:
        known["tools"] = _tools(data["tools"])
    return known


def _text(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(_text, value))
    return "" if value is None else str(value)


def _tools(value: object) -> list[str]:
    """A list as it is, a string split at its commas but not at those within parentheses."""
    if isinstance(value, list):
        return [_text(item) for item in value]
    return [tool for part in _TOOL.findall(_text(value)) if (tool := part.strip())]


def _scope(value: object, path: Path, text: str, block: frontmatter.FrontMatter) -> Scope | None:
    """The `memory` key's scope, None where it says nothing."""
    if value is None or value == "":
        return None
    if isinstance(value, str) and value.strip().lower() in set(Scope):
        return Scope(value.strip().lower())
    line, column = _place(block, "memory")
    shown = printable(str(value))[:40]
    raise _error(path, text, line, column, f"`memory: {shown}` names no scope", _MEND)


def _refuse_excess(path: Path, text: str, block: frontmatter.FrontMatter) -> None:
    """Raise an error for front matter that is too long to be read whole."""
    total = 0
    for number, line in enumerate(lines(block.raw), block.start_line):
        total += size(line)
        if total > CAP:
            message = f"the front matter is over {CAP:,} bytes from here on"
            mend = "move what is long below the closing `---`, into the body"
            raise _error(path, text, number, 1, message, mend)


def _refuse_twice(path: Path, text: str, block: frontmatter.FrontMatter, key: str) -> None:
    """Raise an error where a key stands twice: runners differ in which one they take."""
    pattern = _key(key)
    found = [n for n, line in enumerate(lines(block.raw), block.start_line) if pattern.match(line)]
    if len(found) > 1:
        message = f"`{key}` is given twice, in line {found[0]} and in line {found[1]}"
        raise _error(path, text, found[1], 1, message, "remove one of the two lines")


def _key(key: str) -> re.Pattern[str]:
    """What matches a line that begins with a top-level key, up to its value."""
    return re.compile(rf"([\"']?){re.escape(key)}\1[ \t]*:(?:[ \t]+|(?=[\r\n]|\Z))")


def _place(block: frontmatter.FrontMatter, key: str) -> tuple[int, int]:
    """Line and column, from 1, of the value of `key`; the first line where it cannot be told."""
    pattern = _key(key)
    for number, line in enumerate(lines(block.raw), block.start_line):
        if match := pattern.match(line):
            return number, match.end() + 1
    return block.start_line, 1


def _no_front_matter(path: Path, text: str) -> DefinitionError:
    opened = text.lstrip("\ufeff").startswith("---")
    message = "the front matter is never closed" if opened else "there is no front matter"
    mend = (
        "close it with a line `---`"
        if opened
        else "begin the file with a line `---`, then `name: …` and `memory: project`, then `---`"
    )
    return _error(path, text, 1, 1, message, mend)


def _error(
    path: Path, text: str, line: int, column: int, message: str, mend: str
) -> DefinitionError:
    """An error that shows its line with a caret under the column."""
    all_lines = lines(text)
    shown = printable(bare(all_lines[line - 1])) if line <= len(all_lines) else ""
    first = max(0, column - 41)  # a description may be 10,000 characters wide
    caret = " " * (column - 1 - first) + "^"
    excerpt = shown[first : first + 80].replace("\t", " ")
    return DefinitionError(
        f"{path}:{line}: {message}",
        f"{mend}\n  {excerpt}\n  {caret}",
        path=str(path),
        line=line,
        column=column,
    )

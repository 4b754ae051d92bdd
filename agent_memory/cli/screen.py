"""Where an answer goes: the exact text, blocks for a person, or one JSON document."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from agent_memory.cli import exits
from agent_memory.cli.options import Options
from agent_memory.core import text as texts

if TYPE_CHECKING:
    from agent_memory.cli.blocks import Block


class Screen:
    """One command's way to speak: stdout holds the answer, stderr the notes."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.terminal = sys.stdout.isatty()

    def note(self, text: str) -> None:
        """A remark on stderr, unless the person wants quiet."""
        if not self.options.quiet:
            exits.say(f"note: {text}")

    def exact(self, text: str) -> None:
        """Exactly this text; on a terminal without what could move its cursor."""
        if self.terminal:
            write(texts.printable(text))
        else:
            write_bytes(texts.encode(text))

    def answer(self, document: Callable[[], object], blocks: Callable[[], Iterable[Block]]) -> None:
        """The answer as one JSON document where that is wanted, else as blocks."""
        if self.options.json:
            exits.print_json(document())
        else:
            self.show(blocks())

    def show(self, blocks: Iterable[Block]) -> None:
        """Blocks: drawn on a terminal, as plain text elsewhere."""
        if self.terminal:
            from agent_memory.cli.render import draw

            drawn = list(blocks)  # before the output begins, as it may read the memory
            with exits.output():
                draw(drawn, colour=not self.options.no_color)
        else:
            from agent_memory.cli.plain import lines

            for line in lines(blocks):
                write_bytes(texts.encode(line + "\n"))


def asks() -> bool:
    """Whether there is somebody to ask."""
    return sys.stdin is not None and sys.stdin.isatty()


def choice(question: str, keys: str, otherwise: str) -> str:
    """The key that the person chooses, asked for until it is one of `keys`.

    Raises:
        Abort: they went away.
    """
    import typer

    while True:
        said = typer.prompt(question, default=otherwise, show_default=False, err=True)
        key = str(said).strip().lower()[:1] or otherwise
        if key in keys:
            return key


def write(text: str) -> None:
    """Write text to the terminal, whatever its encoding can say."""
    encoding = sys.stdout.encoding or "utf-8"
    with exits.output():
        sys.stdout.write(text.encode(encoding, "replace").decode(encoding))


def write_bytes(data: bytes) -> None:
    """Write bytes to stdout, after what was written as text."""
    with exits.output():
        sys.stdout.flush()
        sys.stdout.buffer.write(data)


def fields(result: object) -> dict[str, object]:
    """A dataclass as a JSON object, to be added to."""
    body = dump(result)
    if not isinstance(body, dict):
        raise TypeError(f"{type(result).__name__} is no dataclass")
    return body


def dump(value: object) -> object:
    """A result as JSON types; lone surrogates, which stand for bytes, stay what they are."""
    from pydantic import TypeAdapter

    return TypeAdapter(type(value)).dump_python(value, mode="json")

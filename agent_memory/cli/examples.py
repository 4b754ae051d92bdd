"""The one example that each command's help shows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

Command = TypeVar("Command", bound=Callable[..., Any])
EXAMPLES: dict[str, str] = {}


def example(line: str) -> Callable[[Command], Command]:
    """Give a command the line that its help shows to be copied."""

    def mark(command: Command) -> Command:
        EXAMPLES[command.__name__] = line
        return command

    return mark

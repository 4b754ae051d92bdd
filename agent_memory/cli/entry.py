"""Where `agent-memory` begins: a runner's hook is answered before the parser is imported."""

from __future__ import annotations

import sys
from collections.abc import Sequence

_VALUES = frozenset({"--dir", "--agent", "--scope", "--project", "--definition", "--prompt"})
_SETTINGS = ("install", "uninstall")
_HELP = ("--help", "-h")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if "hook" in words:
        plain = _plain(words)
        if plain[:1] == ["hook"]:
            if plain[1:2] and plain[1] in _SETTINGS:
                words = _without_bare_project(words)
            elif not any(word in words for word in _HELP):
                from agent_memory.cli import hook

                return hook.main(words)
    from agent_memory.cli import app

    return app.main(words)


def _plain(words: Sequence[str]) -> list[str]:
    """The words that are neither options nor their values."""
    plain: list[str] = []
    is_value = False
    for word in words:
        if is_value:
            is_value = False
        elif word in _VALUES:
            is_value = True
        elif not word.startswith("-"):
            plain.append(word)
    return plain


def _without_bare_project(words: Sequence[str]) -> list[str]:
    """`hook install --project` is the project around here, which is meant without it, too."""
    following = [*words[1:], "-"]
    return [
        word
        for word, after in zip(words, following, strict=True)
        if not (word == "--project" and (after.startswith("-") or after in ("hook", *_SETTINGS)))
    ]

"""A second opinion on what is a secret: detect-secrets, where it is installed.

Its entropy plugins stay off: they take commit hashes, UUIDs and ids for secrets, which memories
are full of. So do those for keywords, basic authentication and IP addresses: a memory should hold
`password: see the vault`, `https://user:pass@host` as an example and `127.0.0.1`; our own rules
know the value from the reference.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from importlib import import_module
from importlib.machinery import PathFinder
from typing import Any

from agent_memory.core import text as texts
from agent_memory.core.secrets import Detector, Hit

_PACKAGE = "detect_secrets"
_OFF = frozenset(
    {
        "Base64HighEntropyString", "HexHighEntropyString",
        "BasicAuthDetector", "KeywordDetector", "IPPublicDetector",
    }
)  # fmt: skip


@cache
def detector() -> Detector | None:
    """The plugins of detect-secrets as one detector, None where it is not installed."""
    return _detect if PathFinder.find_spec(_PACKAGE) is not None else None


def _detect(text: str) -> Sequence[Hit]:
    return sorted(_hits(text))


def _hits(text: str) -> Iterator[Hit]:
    start = 0
    for line in texts.lines(text):
        for plugin in _plugins():
            for value in plugin.analyze_string(texts.bare(line)):
                at = line.find(value)
                if value and at >= 0:
                    yield Hit(start + at, start + at + len(value), str(plugin.secret_type))
        start += len(line)


@cache
def _plugins() -> tuple[Any, ...]:
    """Every plugin that looks for the shape of a secret; the package is imported here first."""
    known = import_module(f"{_PACKAGE}.core.plugins.util").get_mapping_from_secret_type_to_class()
    return tuple(kind() for kind in known.values() if kind.__name__ not in _OFF)

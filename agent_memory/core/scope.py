"""Who a memory belongs to."""

from __future__ import annotations

from enum import StrEnum


class Scope(StrEnum):
    """The three scopes that an agent definition's `memory:` key may name."""

    USER = "user"
    PROJECT = "project"
    LOCAL = "local"

"""Checking files that are given as text."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from agent_memory.core.budget import Budget
from agent_memory.core.checks import check
from agent_memory.core.checks.finding import Facts, Finding
from agent_memory.core.paths import INDEX
from agent_memory.core.snapshot import Snapshot

Found = Callable[..., list[Finding]]


@pytest.fixture
def found() -> Found:
    """The findings of the rules that `select` names, in an index or in files."""

    def find(
        files: str | Mapping[str, str], *select: str, facts: Facts | None = None
    ) -> list[Finding]:
        held = {INDEX: files} if isinstance(files, str) else files
        data = {path: text.encode("utf-8", "surrogateescape") for path, text in held.items()}
        findings = check(Snapshot(data), Budget(), select, (), facts)
        assert all(one.message.isprintable() and one.hint.isprintable() for one in findings)
        return findings

    return find

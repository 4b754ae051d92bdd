"""What every test may ask for: how hard hypothesis tries, drafts, and the records of commits."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, settings
from past import Past

from agent_memory.core.budget import Budget
from agent_memory.core.draft import Draft
from agent_memory.core.history import Commit, Record
from agent_memory.core.sheet import Settings
from agent_memory.core.snapshot import Snapshot

_SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]
settings.register_profile("default", deadline=None, max_examples=40, suppress_health_check=_SLOW)
settings.register_profile("ci", settings.get_profile("default"), derandomize=True, database=None)
settings.register_profile(
    "hunt", settings.get_profile("default"), max_examples=int(os.environ.get("HUNT", "3000"))
)
settings.load_profile(
    os.environ.get("HYPOTHESIS_PROFILE", "ci" if "CI" in os.environ else "default")
)

Drafted = Callable[..., Draft]
Recorded = Callable[[Draft], Record]


@pytest.fixture
def draft() -> Drafted:
    """A draft over files given as text; `lines=`, `size=` and `pinned=` are its settings."""

    def make(
        files: dict[str, str] | None = None,
        *,
        lines: int = 200,
        size: int = 25_000,
        pinned: frozenset[str] = frozenset(),
        records: tuple[Record, ...] = (),
    ) -> Draft:
        encoded = {
            path: text.encode("utf-8", "surrogateescape") for path, text in (files or {}).items()
        }
        rules = Settings(Budget(lines, size), pinned, "Test memory")
        return Draft(Snapshot(encoded), rules, records)

    return make


@pytest.fixture
def record() -> Recorded:
    """The record that the history would keep of a draft that remembered something."""

    def make(written: Draft) -> Record:
        plan = written.plan("remember")
        commit = Commit(
            "c1", datetime(2026, 1, 1, tzinfo=UTC), "tester", plan.operation, plan.message,
            tuple(change.path for change in plan.changes), plan.entry, moved=plan.moved,
        )  # fmt: skip
        return Record(
            commit,
            {change.path: change.before for change in plan.changes},
            {change.path: change.after for change in plan.changes},
        )

    return make


@pytest.fixture
def past() -> Callable[..., Past]:
    """A memory that grows commit by commit, from files given as text."""
    return Past

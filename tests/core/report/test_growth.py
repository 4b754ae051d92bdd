"""What a memory held at the end of each day."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from past import START, Past

from agent_memory.core.report.growth import Day, growth

NEXT = START + timedelta(days=5)


@pytest.fixture
def grown(past: Callable[..., Past]) -> Past:
    """Two entries found; one more on the first day, two on the third."""
    made = past({"MEMORY.md": "# dev\n\n- a\n- b\n"})
    made.found()
    made.remember("c")
    on(made, made.remember("d", "d"), 2)
    on(made, made.remember("e", "d"), 2)
    return made


def on(past: Past, record: object, day: int) -> None:
    """Date a record `day` days after the start."""
    number = next(n for n, one in enumerate(past.records) if one is record)
    commit = replace(past.records[number].commit, time=START + timedelta(days=day))
    past.records[number] = replace(past.records[number], commit=commit)


def entries(days: tuple[Day, ...]) -> list[tuple[int, int, int, int]]:
    return [((day.day - START.date()).days, day.entries, day.commits, day.outside) for day in days]


def test_each_day_shows_what_it_ended_with(grown: Past) -> None:
    held = [len(grown.snapshot.document(path).entries) for path in grown.snapshot.files]
    days = growth(grown.snapshot, grown.records, NEXT)
    assert entries(days) == [(0, 3, 1, 0), (2, sum(held), 2, 0), (5, sum(held), 0, 0)]
    assert days[-1].lines == sum(data.count(b"\n") for data in grown.snapshot.files.values())


def test_what_nobody_has_recorded_yet_counts_today_only(grown: Past) -> None:
    before = growth(grown.snapshot, grown.records, NEXT)
    grown.outside({"new.md": "- x\n- y\n"}, recorded=False)
    after = growth(grown.snapshot, grown.records, NEXT)
    assert after[:-1] == before[:-1]
    assert after[-1].entries == before[-1].entries + 2


def test_changes_by_others_are_counted_apart(grown: Past) -> None:
    grown.outside({"MEMORY.md": "# dev\n"})
    on(grown, grown.records[0], 4)
    *_, day, _ = entries(growth(grown.snapshot, grown.records, NEXT))
    assert (day[0], day[2:]) == (4, (0, 1))


def test_a_history_that_was_trimmed_begins_with_what_it_first_saw(grown: Past) -> None:
    whole = growth(grown.snapshot, grown.records, NEXT)
    trimmed = growth(grown.snapshot, grown.records[:-2], NEXT)
    assert trimmed == whole[1:]


def test_a_version_whose_bytes_are_gone_leaves_the_file_as_it_was(grown: Past) -> None:
    whole = growth(grown.snapshot, grown.records, NEXT)
    grown.without_bytes(grown.records[-2])
    assert entries(growth(grown.snapshot, grown.records, NEXT)) == [
        (0, 2, 1, 0), *entries(whole)[1:]
    ]  # fmt: skip


def test_without_a_history_there_is_today(past: Callable[..., Past]) -> None:
    snapshot = past({"MEMORY.md": "- a\n"}).snapshot
    assert growth(snapshot, [], NEXT) == (Day(NEXT.date(), 1, 1, 0),)


def test_a_day_that_has_begun_ends_with_what_is_there_now(grown: Past) -> None:
    days = growth(grown.snapshot, grown.records, START + timedelta(days=2))
    assert entries(days)[-1][0] == 2
    assert len(days) == 2

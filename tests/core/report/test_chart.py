"""A number over days, drawn."""

from __future__ import annotations

import re
from datetime import date

import pytest

from agent_memory.core.report.chart import chart

FIRST, MIDDLE, LAST = date(2026, 3, 1), date(2026, 3, 2), date(2026, 3, 5)


def test_a_line_goes_in_steps_from_the_first_day_to_the_last() -> None:
    drawn = "".join(chart([(FIRST, 0), (MIDDLE, 5), (LAST, 10)], "entries"))
    (line,) = re.findall(r'class="line" d="([^"]*)"', drawn)
    assert re.fullmatch(r"M48 144\.0H122\.5V79\.0H346\.0V14\.0", line)


@pytest.mark.parametrize(
    ("most", "top"), [(0, 2), (1, 2), (9, 10), (37, 38), (366, 380), (1_451, 1_600)]
)
def test_the_axis_ends_on_an_even_number_above_the_most(most: int, top: int) -> None:
    drawn = "".join(chart([(FIRST, 0), (LAST, most)], "lines"))
    labels = re.findall(r'text-anchor="end">([\d,]+)</text>', drawn)
    assert [int(label.replace(",", "")) for label in labels] == [0, top // 2, top]


def test_it_is_told_to_who_does_not_see_it() -> None:
    drawn = "".join(chart([(FIRST, 3), (LAST, 4_000)], "lines"))
    assert 'role="img" aria-label="lines: 3 on 2026-03-01, 4,000 on 2026-03-05"' in drawn

"""A table that can become a list of cards."""

from __future__ import annotations

from agent_memory.core.report.tables import table

COLUMNS = (("what", ""), ("how many", "number"))


def test_cells_carry_their_headings_and_roles() -> None:
    made = "".join(table(COLUMNS, [("<b>x</b>", "3")], "things & more"))
    assert '<caption role="caption">things &amp; more</caption>' in made
    assert '<th scope="col" role="columnheader" class="number">how many</th>' in made
    assert '<td role="cell" class="number" data-name="how many">3</td>' in made
    assert made.count('role="row"') == 2


def test_a_text_runs_in_its_own_direction() -> None:
    made = "".join(table(COLUMNS, [("مرحبا", "3")], "m"))
    assert '<td role="cell" dir="auto" data-name="what">مرحبا</td>' in made

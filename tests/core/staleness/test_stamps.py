"""Stamps: what was known when somebody looked at an entry weighs nothing, what is new does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from past import Past

from agent_memory.core import lookup
from agent_memory.core.staleness.evidence import Evidence, StaleEntry
from agent_memory.core.staleness.stamps import Stamp, stamped, stamps, together

Pasts = Callable[..., Past]
GONE = Evidence("path gone", "a.py: deleted in abc", 1, "stale", "a.py", "src/a.py", commit="abc")
UNCOMMITTED = replace(GONE, detail="a.py: deleted in no commit yet", commit="")
EXPIRED = Evidence("expired", "it was to hold until 2026-01-01", 1, "stale", "2026-01-01")


@pytest.fixture
def here(past: Pasts) -> Past:
    return past({"MEMORY.md": "- one\n- two\n"})


def judged(here: Past, *evidence: Evidence) -> StaleEntry:
    return StaleEntry(next(lookup.entries(here.snapshot)), "stale", evidence)


def verify(here: Past, *evidence: Evidence) -> str:
    one = judged(here, *evidence)
    return here.does("verify", lambda draft: draft.verify(one)).commit.id


def now(here: Past, *evidence: Evidence) -> StaleEntry:
    found = stamps(record.commit for record in here.records)
    (one,) = stamped([judged(here, *evidence)], found)
    return one


def test_a_stamped_entry_is_fresh_and_its_evidence_stays_to_be_seen(here: Past) -> None:
    verify(here, GONE)
    assert now(here, GONE) == replace(
        judged(here, replace(GONE, weight="info")), verdict="fresh", verified="2026-03-01"
    )


def test_new_evidence_counts_again(here: Past) -> None:
    verify(here, GONE)
    assert (now(here, GONE, EXPIRED).verdict, now(here, GONE, EXPIRED).verified) == (
        "stale",
        "2026-03-01",
    )


def test_a_second_stamp_knows_what_the_first_one_knew(here: Past) -> None:
    verify(here, GONE)
    verify(here, *now(here, GONE, EXPIRED).evidence)
    assert now(here, GONE, EXPIRED).verdict == "fresh"


def test_other_text_has_no_stamp(here: Past) -> None:
    verify(here, GONE)
    here.outside({"MEMORY.md": "- one, or so\n- two\n"})
    assert (now(here, GONE).verdict, now(here, GONE).verified) == ("stale", "")


def test_a_stamp_can_be_undone_and_done_again(here: Past) -> None:
    done = verify(here, GONE)
    files = here.snapshot
    undo = here.undo(done).commit
    assert undo.message.startswith(f"undo {done}: verify “one”")
    assert now(here, GONE).verdict == "stale"
    assert here.undo(done).commit.is_empty  # it is undone already
    assert here.undo(undo.id).commit.undoes == undo.id
    assert now(here, GONE).verdict == "fresh"
    assert here.snapshot == files


@pytest.mark.parametrize(
    ("known", "later", "is_known"),
    [
        (GONE, replace(GONE, line=9, detail="in other words"), True),
        (GONE, replace(GONE, commit="def"), False),  # it came back, and went again
        (UNCOMMITTED, GONE, True),
        (GONE, UNCOMMITTED, False),
        (GONE, replace(GONE, path="lib/a.py"), False),
        (EXPIRED, EXPIRED, True),
        (EXPIRED, replace(EXPIRED, subject="2026-02-01"), False),
        (EXPIRED, replace(EXPIRED, detail="other words"), False),
        (replace(GONE, weight="info"), GONE, True),
    ],
)
def test_evidence_is_known_by_what_went_and_when(
    known: Evidence, later: Evidence, is_known: bool
) -> None:
    assert Stamp("2026-03-01", (known,)).knew(later) == is_known


def test_copies_are_looked_at_together(here: Past) -> None:
    one = judged(here, GONE)
    both = together([replace(one, verdict="fresh", evidence=()), one, one], one.entry.id)
    assert both == one
    assert together([one], "0000000000") is None

"""The archive: what was pruned and is nowhere now, and what brings it back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from past import Past

from agent_memory.core import lookup
from agent_memory.core.archive import archived, reaching
from agent_memory.core.staleness.evidence import StaleEntry
from agent_memory.errors import AmbiguousError

Pasts = Callable[..., Past]


@pytest.fixture
def here(past: Pasts) -> Past:
    return past({"MEMORY.md": "# M\n\n- one\n- two\n- three\n"})


def prune(here: Past, *words: str) -> str:
    found = [
        StaleEntry(entry, "stale")
        for entry in lookup.entries(here.snapshot)
        if any(word in entry.text for word in words)
    ]
    return here.does("prune", lambda draft: draft.prune(found)).commit.id


def kept(here: Past) -> list[tuple[str, str]]:
    found = archived(here.snapshot, (record.commit for record in here.records))
    return [(one.commit.id, one.pruned.source) for one in found]


def test_what_was_pruned_is_archived_the_last_first(here: Past) -> None:
    first, second = prune(here, "one", "three"), prune(here, "two")
    assert kept(here) == [(second, "- two\n"), (first, "- one\n"), (first, "- three\n")]


def test_what_came_back_is_not_archived_however_that_was(here: Past) -> None:
    before = here.text()
    done = prune(here, "one", "two")
    here.remember("two")
    assert kept(here) == [(done, "- one\n")]
    here.does("forget", lambda draft: draft.forget("two"))
    here.undo(done)
    assert kept(here) == []
    assert here.text() == before
    here.undo(here.records[0].commit.id)
    assert [source for _, source in kept(here)] == ["- one\n", "- two\n"]
    here.restore(done)
    assert kept(here) == []
    assert here.text() == before


def test_restoring_a_prune_in_which_an_entry_was_edited_brings_all_of_it_back(here: Past) -> None:
    before = here.text()
    (one, two, _) = lookup.entries(here.snapshot)

    def decided(draft: object) -> None:
        draft.update(two.id, "two, mended")  # type: ignore[attr-defined]  # a draft
        draft.prune([StaleEntry(one, "stale")])  # type: ignore[attr-defined]

    done = here.does("prune", decided).commit.id
    assert here.text() == "# M\n\n- two, mended\n- three\n"
    here.restore(done)
    assert here.text() == before


def test_the_archive_is_looked_into_only_where_the_history_has_no_such_commit(here: Past) -> None:
    prune(here, "one")
    prune(here, "two")
    new, old = here.records
    assert reaching([new], [old], new.commit.id) == [new]
    assert reaching([new], [old], None) == [new]
    assert reaching([new], [old], old.commit.id) == [new, old]
    with pytest.raises(AmbiguousError):
        reaching([new, old], [old], "c000")

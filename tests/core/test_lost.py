"""Lost entries: what others took out of our commits is named, what we took out is not."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from past import Past

from agent_memory.core import lost as losses
from agent_memory.core.lost import Lost, lost
from agent_memory.core.snapshot import Skipped, Snapshot

INDEX = "# Mine\n\n- one\n- two\n"
Pasts = Callable[..., Past]


@pytest.fixture
def here(past: Pasts) -> Past:
    return past({"MEMORY.md": INDEX})


def found(here: Past) -> list[Lost]:
    return list(lost(here.snapshot, here.records))


def texts(here: Past) -> list[str]:
    return [one.entry.text for one in found(here)]


def test_nothing_is_parsed_where_others_changed_nothing(
    here: Past, monkeypatch: pytest.MonkeyPatch
) -> None:
    here.remember("mine")
    here.does("forget", lambda draft: draft.forget("two"))
    monkeypatch.setattr(losses, "parsed", None)
    assert found(here) == []


@pytest.mark.parametrize("recorded", [True, False])
def test_an_overwritten_entry_is_lost_and_the_overwriter_named(here: Past, recorded: bool) -> None:
    wrote = here.remember("mine")
    here.outside({"MEMORY.md": INDEX + "- theirs\n"}, recorded)
    (one,) = found(here)
    assert (one.entry.text, one.entry.path, one.entry.line) == ("mine", "MEMORY.md", 5)
    assert (one.commit, one.stale) == (wrote.commit, True)
    assert one.taken_by == (here.records[0].commit if recorded else None)


def test_the_commit_is_the_last_of_ours_that_wrote_it(here: Past) -> None:
    here.remember("mine")
    here.undo()
    here.restore("c0001")
    here.outside({"MEMORY.md": INDEX})
    assert [one.commit.id for one in found(here)] == ["c0003"]


def test_an_updated_entry_is_lost_as_it_was_updated(here: Past) -> None:
    here.does("update", lambda draft: draft.update(draft.snapshot.index.entries[0].id, "one 1.3"))
    here.outside({"MEMORY.md": INDEX})
    assert texts(here) == ["one 1.3"]


def test_what_we_took_out_ourselves_is_not_lost(here: Past) -> None:
    here.remember("forgotten")
    here.remember("undone")
    here.remember("updated")
    here.does("update", lambda draft: draft.update(draft.snapshot.index.entries[-1].id, "new"))
    here.undo("c0002")
    here.does("forget", lambda draft: draft.forget("forgotten"))
    here.outside({"MEMORY.md": INDEX})
    assert texts(here) == ["new"]


def test_what_was_never_ours_is_not_lost(here: Past) -> None:
    here.found()
    here.outside({"MEMORY.md": INDEX + "- theirs\n"})
    here.outside({"MEMORY.md": "# Mine\n"})
    assert found(here) == []


def test_what_stands_in_another_file_is_not_lost(here: Past) -> None:
    here.remember("mine")
    here.outside({"MEMORY.md": INDEX, "t.md": "# T\n\n* mine\n"})
    assert found(here) == []


def test_what_is_restored_is_not_lost_any_more(here: Past) -> None:
    here.remember("mine")
    here.outside({"MEMORY.md": INDEX})
    here.restore("c0001")
    assert found(here) == []
    here.outside({"MEMORY.md": INDEX})
    assert texts(here) == ["mine"]


def test_a_whole_file_of_ours_can_be_lost(here: Past) -> None:
    here.remember("bun", topic="tools")
    here.outside({"tools.md": None})
    (one,) = found(here)
    assert (one.entry.text, one.entry.path, one.stale) == ("bun", "tools.md", False)


def test_what_a_person_takes_out_of_the_newest_version_is_no_stale_read(here: Past) -> None:
    here.remember("first")
    here.remember("second")
    here.outside({"MEMORY.md": INDEX + "- second\n"})
    assert [(one.entry.text, one.stale) for one in found(here)] == [("first", False)]


def test_everything_since_a_stale_read_is_lost_and_called_so(here: Past) -> None:
    for text in ("first", "second", "third"):
        here.remember(text)
    here.outside({"MEMORY.md": INDEX + "- theirs\n"})
    assert [(one.entry.text, one.stale) for one in found(here)] == [
        ("third", True), ("second", True), ("first", True),
    ]  # fmt: skip


def test_an_entry_in_other_words_of_the_same_meaning_is_found(here: Past) -> None:
    here.remember("cafe\u0301 opens at nine")
    here.outside({"MEMORY.md": INDEX + "- caf\u00e9 opens at nine\n"})
    assert found(here) == []
    here.outside({"MEMORY.md": INDEX})
    assert texts(here) == ["cafe\u0301 opens at nine"]


def test_a_file_that_is_not_read_now_loses_nothing(here: Past) -> None:
    here.remember("bun", topic="tools")
    files = {"MEMORY.md": here.snapshot.files["MEMORY.md"]}
    unread = Snapshot(files, (Skipped("tools.md", "no permission", 10),))
    assert lost(unread, here.records) == ()


def test_commits_without_their_bytes_are_passed_over(here: Past) -> None:
    record = here.remember("mine")
    here.outside({"MEMORY.md": INDEX})
    here.without_bytes(record)
    assert found(here) == []


def test_whoever_commits_next_is_told(here: Past) -> None:
    for number in range(5):
        here.remember(f"fact {number}")
    here.outside({"MEMORY.md": INDEX})
    (notice,) = losses.notices(here.snapshot, here.records)
    assert notice.startswith(
        "a change by others, written from a stale read, took out 5 entries that had been saved:"
        " “fact 4”, “fact 3”, “fact 2” and 2 more; `agent-memory log --lost` lists them"
    )


def test_it_is_told_once(here: Past) -> None:
    here.remember("mine")
    here.outside({"MEMORY.md": INDEX})
    here.remember("other")
    assert losses.notices(here.snapshot, here.records) == []
    assert texts(here) == ["mine"]


def test_additions_by_others_are_not_worth_a_notice(here: Past) -> None:
    here.remember("mine")
    here.outside({"MEMORY.md": here.text() + "- theirs\n"})
    assert losses.notices(here.snapshot, here.records) == []

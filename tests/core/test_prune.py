"""What may be pruned: stale, not pinned, not the user's, and not the only way to a topic."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from past import Past

from agent_memory.core import lookup
from agent_memory.core.prune import Proposal, proposals, unasked
from agent_memory.core.staleness.evidence import Evidence, StaleEntry
from agent_memory.errors import PolicyError

Pasts = Callable[..., Past]
GONE = Evidence("path gone", "src/a.py is gone", 3, "stale", "src/a.py", "src/a.py", commit="abc")


def stale(here: Past, *fresh: str) -> list[StaleEntry]:
    """Every entry as a stale one, but those that hold one of the words."""
    return [
        StaleEntry(entry, "fresh")
        if any(word in entry.text for word in fresh)
        else StaleEntry(entry, "stale", (GONE,))
        for entry in lookup.entries(here.snapshot)
    ]


def proposed(here: Past, *fresh: str, pinned: tuple[str, ...] = ()) -> dict[str, Proposal]:
    found = proposals(here.snapshot, here.records, stale(here, *fresh), pinned)
    return {one.stale.entry.text: one for one in found}


def test_only_what_is_stale_is_proposed(past: Pasts) -> None:
    here = past({"MEMORY.md": "- one\n- two\n- three\n"})
    found = stale(here, "one")
    found[1] = replace(found[1], verdict="suspect")
    (only,) = proposals(here.snapshot, here.records, found)
    assert (only.stale.entry.text, only.kept, only.source) == ("three", "", "")


def test_what_is_pinned_stays_by_itself_by_its_heading_or_by_the_settings(past: Pasts) -> None:
    here = past(
        {
            "MEMORY.md": "- alone <!-- pin -->\n- free\n\n## Kept <!-- pin -->\n\n- below\n\n"
            "## Rules\n\n### Inner\n\n- by the settings\n",
            "more.md": "- twice\n- [i](MEMORY.md)\n",
            "again.md": "- twice <!-- pin -->\n",
        }
    )
    kept = {text: one.kept for text, one in proposed(here, pinned=("rules",)).items()}
    assert kept.pop("[i](MEMORY.md)") == ""
    assert kept.pop("free") == ""
    assert set(kept.values()) == {"it is pinned"}
    assert len(kept) == 4


def test_what_the_user_said_stays_also_when_an_agent_has_moved_it_and_brought_it_back(
    past: Pasts,
) -> None:
    here = past({"MEMORY.md": "- old\n"})
    wrote = here.remember("the user's own", source="user").commit.entry
    here.remember("an agent's")
    here.does("move", lambda draft: draft.move(wrote or "", "more"))
    here.does("forget", lambda draft: draft.forget("own"))
    here.undo()
    found = proposed(here, "[")
    assert {text: (one.kept, one.source) for text, one in found.items()} == {
        "old": ("", ""),
        "an agent's": ("", "agent"),
        "the user's own": ("the user said it", "user"),
    }


def test_what_was_written_as_a_whole_file_is_told_line_by_line(past: Pasts) -> None:
    here = past({"MEMORY.md": "- old\n"})
    revision = here.snapshot.index.revision
    text = "- old\n- typed by hand\n"
    here.does("write", lambda d: d.write("MEMORY.md", text, revision), source="user")
    here.outside({"MEMORY.md": text + "- by another program\n"})
    found = proposed(here)
    assert {one.stale.entry.text: one.source for one in found.values()} == {
        "old": "",
        "typed by hand": "user",
        "by another program": "",
    }


def test_bytes_that_are_gone_from_the_history_say_nothing(past: Pasts) -> None:
    here = past({"MEMORY.md": "- old\n"})
    record = here.does("edit", lambda draft: draft.remember("x y z"))
    assert proposed(here)["x y z"].source == "agent"
    here.without_bytes(record)
    assert proposed(here)["x y z"].source == ""


def test_a_copy_that_holds_keeps_the_others(past: Pasts) -> None:
    here = past({"MEMORY.md": "- twice\n- free\n", "more.md": "- twice\n"})
    found = stale(here)
    found[-1] = replace(found[-1], verdict="fresh")
    assert [one.stale.entry.text for one in proposals(here.snapshot, [], found)] == ["free"]


def test_the_last_link_to_a_topic_stays(past: Pasts) -> None:
    here = past(
        {
            "MEMORY.md": "- [One](one.md) — stale\n- [Two](two.md) — stale\n- two.md holds\n",
            "one.md": "- it holds\n",
            "two.md": "- it holds\n",
        }
    )
    kept = {one.stale.entry.line: one.kept for one in proposed(here, "holds").values()}
    assert kept == {1: "only it leads to one.md", 2: ""}


def test_what_has_changed_meanwhile_is_not_proposed(past: Pasts) -> None:
    here = past({"MEMORY.md": "- one\n- two\n"})
    found = stale(here)
    here.outside({"MEMORY.md": "- one, but other\n- two\n"})
    assert [one.stale.entry.text for one in proposals(here.snapshot, [], found)] == ["two"]


# -- the verb -------------------------------------------------------------------------------------


def test_pruning_takes_out_what_may_go_and_says_what_stays(past: Pasts) -> None:
    here = past({"MEMORY.md": "# M\n\n- one\n- two <!-- pin -->\n- three\n"})
    commit = here.does("prune", lambda draft: draft.prune(stale(here, "three"))).commit
    assert here.text() == "# M\n\n- two <!-- pin -->\n- three\n"
    assert commit.message == "prune “one” in MEMORY.md"
    assert commit.notices == ("“two” in MEMORY.md:4 stays: it is pinned",)
    (one,) = commit.judged
    assert (one.done, one.source, one.path, one.line) == ("pruned", "- one\n", "MEMORY.md", 3)
    assert one.evidence == (GONE,)


def test_a_section_and_a_topic_that_we_made_go_with_their_last_entry(past: Pasts) -> None:
    here = past({"MEMORY.md": "# M\n\n- it holds\n"})
    before = here.text()
    here.does("remember", lambda draft: draft.remember("one", None, "News"))
    here.remember("two", "more")
    assert "## News" in here.text()
    here.does("prune", lambda draft: draft.prune(stale(here, "holds", "more.md")))
    assert here.text() == before
    assert list(here.snapshot.files) == ["MEMORY.md"]


def test_a_draft_that_is_played_again_prunes_what_is_still_there(past: Pasts) -> None:
    here = past({"MEMORY.md": "- one\n- two\n"})
    draft = here.draft()
    draft.prune(stale(here))
    here.outside({"MEMORY.md": "- two\n- new\n"})
    again = draft.replayed(here.snapshot, here.records)
    assert again.snapshot.text("MEMORY.md") == "- new\n"
    assert [one.source for one in again.judged] == ["- two\n"]


def test_a_verb_that_fails_leaves_no_stamp(past: Pasts) -> None:
    here = past({"MEMORY.md": "- one\n"})
    draft = here.draft()
    (found,) = stale(here)
    draft.verify(found)
    with pytest.raises(LookupError):
        draft.verify(replace(found, entry=replace(found.entry, id="0000000000")))
    assert len(draft.judged) == 1
    draft.discard()
    assert draft.plan("verify").is_empty


# -- without asking -------------------------------------------------------------------------------


def test_without_asking_nothing_of_unknown_source_goes_nor_more_than_a_fifth(past: Pasts) -> None:
    here = past({"MEMORY.md": "- old\n- a\n- b\n- c\n"})
    here.remember("first")
    here.remember("second")
    found = list(proposed(here).values())
    with pytest.raises(PolicyError, match="2 of 6 entries"):
        unasked(found, 6)
    assert [one.stale.entry.text for one in unasked(found, 10)] == ["first", "second"]
    assert [one.stale.entry.text for one in unasked(found, 6, force=True)] == ["first", "second"]

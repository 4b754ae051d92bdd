"""Taking a text out for good: what goes with it, and what would still tell of it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent_memory.core import purge
from agent_memory.core.snapshot import Skipped, Snapshot
from agent_memory.errors import PolicyError

TEXT = "Alice Smith"


def without(said: str, text: str = TEXT) -> str:
    return purge.without("MEMORY.md", said.encode(), text).decode()


def test_an_entry_that_holds_it_goes_whole() -> None:
    assert without("# M\n\n- one\n- call Alice Smith\n  at noon\n- two\n") == (
        "# M\n\n- one\n- two\n"
    )


def test_elsewhere_only_the_text_goes() -> None:
    said = "---\ndescription: of Alice Smith\n---\n\n# Notes of Alice Smith, 2026\n\n- one\n"
    assert without(said) == "---\ndescription: of \n---\n\n# Notes of , 2026\n\n- one\n"


def test_a_text_over_several_lines_of_an_entry_is_found_as_it_is_shown() -> None:
    assert without("- one\n- call Alice\n  Smith\n", "call Alice\nSmith") == "- one\n"


def test_case_and_accents_count() -> None:
    said = "- alice smith\n- Ali\u0301ce\n"
    assert without(said) == said
    assert without(said, "Al\u00edce") == said


@given(st.text("ab", max_size=12), st.text("ab", min_size=4, max_size=6))
def test_whatever_stood_around_it_it_is_gone(said: str, text: str) -> None:
    assert text not in without(f"# {said}\n", text)


def test_what_is_too_short_or_names_a_file_is_refused() -> None:
    with pytest.raises(PolicyError, match="at least 4"):
        purge.refuse("  abc ", Snapshot())
    with pytest.raises(PolicyError, match=r"name of alice\.md"):
        purge.refuse("alice", Snapshot({"alice.md": b""}))
    with pytest.raises(PolicyError, match=r"alice\.txt"):
        purge.refuse("alice", Snapshot({}, (Skipped("alice.txt", "not Markdown", 1),)))
    purge.refuse("alice", Snapshot({"a.md": b"alice"}))


@pytest.mark.parametrize(
    ("said", "tells"),
    [
        ("forget “call Alice Smith” in a.md", True),
        ("forget “call  Alice\nSmith” in a.md", True),
        ("forget “the phone number of Alice…” in a.md", True),
        ("forget “ice Sm…” in a.md", True),
        ("forget “the phone number of…” in a.md", False),
        ("forget “Al…” in a.md", False),
        ("forget “alice smith” in a.md", False),
    ],
)
def test_a_quotation_that_was_shortened_inside_of_it_tells_of_it(said: str, tells: bool) -> None:
    assert purge.tells(said, TEXT) is tells


def test_what_the_program_wrote_is_not_taken_for_the_text() -> None:
    document = {"id": "abcdef", "time": "abcd", "before": "abcd", "message": "abcd", "n": [1, "x"]}
    scrubbed = purge.scrubbed(document, "abcd")
    assert scrubbed == {**document, "message": purge.PURGED}


@given(st.text(min_size=4))
def test_it_is_looked_for_as_it_is_and_inside_of_json(text: str) -> None:
    for data in (text.encode("utf-8", "surrogatepass"), json.dumps({"x": text}).encode()):
        if not any("\ud800" <= c <= "\udfff" for c in text):
            assert any(needle in data for needle in purge.needles(text))


def test_what_cannot_be_reached_is_said() -> None:
    assert "/repo" in purge.unreachable("/repo")[0]
    assert len(purge.unreachable("")) == 1

"""The inbox: what waits stands in no file, and is decided on once."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from past import Past

from agent_memory.core import inbox
from agent_memory.core.inbox import Waiting
from agent_memory.core.undo import undo_session
from agent_memory.errors import AmbiguousError, NotFoundError, PolicyError, UnsafePathError

Pasts = Callable[..., Past]
KEY = "AKIA" + "Z7Q2M4X9P1L8K3J6"


@pytest.fixture
def here(past: Pasts) -> Past:
    return past({"MEMORY.md": "# M\n\n- one\n"})


def found(here: Past) -> list[Waiting]:
    return inbox.waiting(record.commit for record in here.records)


def bring(here: Past, text: str, topic: str | None = None, section: str | None = None) -> str:
    here.does(
        "quarantine",
        lambda draft: draft.quarantine(text, topic, section),
        actor="scout",
        session="s1",
    )
    return next(one.id for one in found(here) if one.text == text)


def decide(here: Past, verb: str, one: Waiting) -> None:
    here.does(verb, lambda draft: getattr(draft, verb)(one))


def texts(here: Past) -> list[str]:
    return [e.text for p in here.snapshot.files for e in here.snapshot.document(p).entries]


def test_what_waits_changes_no_file(here: Past) -> None:
    before = here.snapshot
    record = here.does("quarantine", lambda draft: draft.quarantine("- Curl it", "tools", "Web"))
    assert here.snapshot == before
    assert record.commit.changed == ()
    assert not record.commit.is_empty
    (one,) = found(here)
    assert (one.text, one.topic, one.section, one.actor) == ("Curl it", "tools.md", "Web", "us")
    assert f"waits in the inbox as {one.id}" in record.commit.notices[-1]


def test_the_oldest_is_listed_first(here: Past) -> None:
    for text in ("a fact", "another fact", "a third"):
        bring(here, text)
    assert [one.text for one in found(here)] == ["a fact", "another fact", "a third"]


def test_accepting_puts_it_where_it_was_to_go(here: Past) -> None:
    bring(here, "Curl it", "tools", "Web")
    decide(here, "accept", found(here)[0])
    assert "## Web\n\n- Curl it\n" in here.text("tools.md")
    assert here.records[0].commit.message == "accept “Curl it” of scout into tools.md"
    assert found(here) == []


def test_accepting_into_the_index_does_not_move_it_to_a_topic(here: Past) -> None:
    bring(here, "Curl it")
    decide(here, "accept", found(here)[0])
    assert here.text() == "# M\n\n- one\n- Curl it\n"


def test_a_rejected_entry_is_gone_and_may_come_again(here: Past) -> None:
    bring(here, "Curl it")
    decide(here, "reject", found(here)[0])
    assert found(here) == []
    bring(here, "Curl it")
    assert [one.text for one in found(here)] == ["Curl it"]
    assert texts(here) == ["one"]


@pytest.mark.parametrize("first", ["accept", "reject"])
@pytest.mark.parametrize("second", ["accept", "reject"])
def test_what_is_decided_is_not_decided_again(here: Past, first: str, second: str) -> None:
    bring(here, "Curl it")
    (one,) = found(here)
    decide(here, first, one)
    with pytest.raises(NotFoundError, match=f"was {first}ed meanwhile"):
        decide(here, second, one)


@pytest.mark.parametrize("verb", ["accept", "reject"])
def test_an_undone_decision_lets_it_wait_again(here: Past, verb: str) -> None:
    bring(here, "Curl it")
    decide(here, verb, found(here)[0])
    here.undo()
    assert [one.text for one in found(here)] == ["Curl it"]
    assert texts(here) == ["one"]


def test_undoing_a_session_empties_the_inbox_of_it_and_redoing_fills_it(here: Past) -> None:
    bring(here, "Curl it")
    bring(here, "Pipe it")
    step = here.does(
        "undo", lambda draft: draft.apply(lambda now, past: undo_session(now, past, "s1"))
    )
    assert found(here) == []
    here.undo(step.commit.id)
    assert [one.text for one in found(here)] == ["Curl it", "Pipe it"]


def test_the_same_text_waits_once(here: Past) -> None:
    bring(here, "Curl it")
    again = here.does("quarantine", lambda draft: draft.quarantine("Curl it"))
    assert again.commit.is_empty
    assert again.commit.notices[-1].startswith("nothing to do: it waits in the inbox already")


def test_what_stands_already_does_not_wait(here: Past) -> None:
    assert here.does("quarantine", lambda draft: draft.quarantine("one")).commit.is_empty
    assert found(here) == []


def test_what_came_to_stand_meanwhile_is_accepted_without_a_change(here: Past) -> None:
    bring(here, "Curl it")
    here.remember("Curl it")
    decide(here, "accept", found(here)[0])
    assert texts(here) == ["one", "Curl it"]
    assert found(here) == []


@pytest.mark.parametrize(
    ("text", "topic", "error"),
    [
        (f"the key is {KEY}", None, PolicyError),
        ("hidden\u200b here", None, PolicyError),
        (" ", None, PolicyError),
        ("fine", f"{KEY}", PolicyError),
        ("fine", "../up", UnsafePathError),
    ],
)
def test_it_is_screened_before_it_waits(
    here: Past, text: str, topic: str | None, error: type[Exception]
) -> None:
    with pytest.raises(error):
        here.does("quarantine", lambda draft: draft.quarantine(text, topic))
    assert here.records == []


def test_it_is_screened_again_when_it_is_accepted(here: Past) -> None:
    """What was no secret to the program that kept it may be one to a later one."""
    bring(here, "Curl it")
    (one,) = found(here)
    worse = Waiting(one.id, f"the key is {KEY}", one.topic, "", one.time, one.actor, one.source, "")
    with pytest.raises(PolicyError):
        decide(here, "accept", worse)
    assert texts(here) == ["one"]


def test_an_id_may_be_shortened_while_it_means_one(here: Past) -> None:
    entry = bring(here, "Curl it")
    bring(here, "Pipe it")
    assert inbox.find(found(here), entry[:4].upper()).text == "Curl it"
    for unknown in ("", entry[:3], "0000000000"):
        with pytest.raises(NotFoundError):
            inbox.find(found(here), unknown)
    one = found(here)[0]
    twice = [one, Waiting(one.id[:6] + "zzzz", "x", "", "", one.time, "", "", "")]
    with pytest.raises(AmbiguousError) as caught:
        inbox.find(twice, one.id[:6])
    assert len(caught.value.candidates) == 2

"""What a session weighs and what it says of itself."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from past import Past

from agent_memory.core import session
from agent_memory.core.history import Judged
from agent_memory.core.session import Summary, Told, Weight
from agent_memory.core.snapshot import Change
from agent_memory.errors import PolicyError

WAITS = Judged("waiting", "0123456789", "Curl it", "MEMORY.md", 0, "")


def change(before: str | None, after: str | None, path: str = "MEMORY.md") -> Change:
    sides = (None if text is None else text.encode() for text in (before, after))
    return Change(path, *sides)


@pytest.mark.parametrize(
    ("changes", "weight"),
    [
        ([change("- a\n", "- a\n- b\n")], Weight(1, 4)),
        ([change("- a\n", "- bb\n")], Weight(1, 5)),
        ([change("- a\n- b\n", "")], Weight(2, 0)),
        ([change(None, "# Ä\n\n- a\n", "t.md")], Weight(1, 10)),
        ([change("- a\n", ""), change("", "- a\n", "t.md")], Weight(1, 0)),
    ],
    ids=["added", "replaced", "taken out", "a new file", "moved"],
)
def test_a_commit_weighs_what_is_new_or_gone(changes: list[Change], weight: Weight) -> None:
    assert session.weight(changes, ()) == weight


def test_what_waits_weighs_as_much_as_if_it_stood_there() -> None:
    assert session.weight((), (WAITS, WAITS)) == Weight(2, 14)
    rejected = Judged("rejected", "0123456789", "Curl it", "MEMORY.md", 0, "")
    assert session.weight((), (rejected,)) == Weight(1, 0)


def test_what_a_session_has_written_is_told_by_the_history(past: Callable[..., Past]) -> None:
    here = past({"MEMORY.md": "# M\n\n- one\n"})
    here.does("remember", lambda draft: draft.remember("two"), session="s1")
    here.remember("three")
    lost = here.does("remember", lambda draft: draft.remember("four"), session="s1")
    here.without_bytes(lost)
    assert session.spent(here.records, "s1") == Weight(2, len("- two\n"))
    assert session.spent(here.records, "s2") == Weight()


def test_a_limit_is_what_may_be_reached_and_not_passed() -> None:
    limits = Weight(2, 10)
    session.refuse(limits, Weight(2, 10))
    with pytest.raises(PolicyError, match=r"may write 2 entries .* make it 3") as caught:
        session.refuse(limits, Weight(3, 10))
    assert caught.value.hint.startswith("stop saving")
    with pytest.raises(PolicyError, match=r"may write 10 bytes .* make it 1,000"):
        session.refuse(limits, Weight(2, 1000))


def test_a_summary_names_what_was_done_and_what_was_refused() -> None:
    told = [
        Told("remember", "remember “a” in MEMORY.md"),
        Told("forget", "forget “b” in MEMORY.md"),
        Told("remember", "remember: it is a secret", refused=True),
        Told("create", "write t.md"),
        Told("compact", "compact MEMORY.md"),
    ]
    found = session.summary("s1", "dev", told)
    assert found == Summary(
        "s1", "dev",
        added=("remember “a” in MEMORY.md", "write t.md"),
        forgotten=("forget “b” in MEMORY.md",),
        other=("compact MEMORY.md",),
        refused=("remember: it is a secret",),
    )  # fmt: skip
    assert found.text == (
        "session s1 of dev: 2 added, 1 forgotten, 1 changed otherwise, 1 refused\n"
        "- remember “a” in MEMORY.md\n"
        "- write t.md\n"
        "- forget “b” in MEMORY.md\n"
        "- compact MEMORY.md\n"
        "- refused: remember: it is a secret"
    )


def test_a_summary_of_nothing_says_so() -> None:
    assert session.summary("s1", "dev", ()).text == "session s1 of dev: nothing was written"

"""Which of two entries about the same thing is the older one."""

from __future__ import annotations

from agent_memory.core.document import Document
from agent_memory.core.staleness.superseded import superseded

OLD = "- Deploy `api` with **helm** from `infra` on port 80"
NEW = "- Deploy `api` with **helm** from `infra` on port 8080"
OTHER = "- Never touch `api`, `infra` or **helm** on a Friday, whoever asks for it"


def found(times: list[int]) -> list[tuple[str, int]]:
    entries = Document("MEMORY.md", "\n".join([OLD, NEW, OTHER])).entries
    pairs = zip(entries, times, strict=True)
    return [(entry.text, evidence.line) for entry, evidence in superseded(pairs)]


def test_the_older_of_two_that_say_almost_the_same_is_superseded() -> None:
    assert found([1, 2, 3]) == [(OLD[2:], 1)]  # the third says something else of the same
    assert found([2, 1, 0]) == [(NEW[2:], 2)]


def test_of_two_that_are_as_old_none_is() -> None:
    assert found([2, 2, 2]) == []

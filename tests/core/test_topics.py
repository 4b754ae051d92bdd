"""The files beside the index, as a list, and what a name means."""

import pytest

from agent_memory.core import topics
from agent_memory.core.budget import Budget
from agent_memory.core.paths import INDEX
from agent_memory.core.snapshot import Skipped, Snapshot
from agent_memory.errors import NotFoundError, UnsafePathError

SNAPSHOT = Snapshot(
    {
        INDEX: b"- [[retry]]\n",
        "deep/retry.md": b"---\nname: retry\ndescription: when to\n---\n# Retries\n",
        "alone.md": "é".encode(),
    },
    (Skipped("big.md", "over 5 MB", 6_000_000),),
)


def test_every_file_is_listed_by_path_also_what_is_not_read() -> None:
    listed = topics.topics(SNAPSHOT, Budget())
    assert [(t.path, t.title, t.description, t.lines, t.bytes, t.reachable) for t in listed] == [
        ("alone.md", "", "", 1, 2, False),
        ("big.md", "", "", 0, 6_000_000, False),
        ("deep/retry.md", "Retries", "when to", 5, 51, True),
    ]
    assert [topic.problem for topic in listed] == ["", "over 5 MB", ""]


@pytest.mark.parametrize("name", ["deep/retry.md", "deep/retry", "retry"])
def test_a_topic_is_found_by_path_or_stem(name: str) -> None:
    assert topics.find(SNAPSHOT, name) == "deep/retry.md"


def test_a_name_that_nothing_has_shows_what_is_near() -> None:
    with pytest.raises(NotFoundError) as caught:
        topics.find(SNAPSHOT, "alnoe")
    assert caught.value.suggestions == ("alone.md",)


def test_a_file_that_is_not_read_says_why() -> None:
    with pytest.raises(NotFoundError, match="over 5 MB"):
        topics.find(SNAPSHOT, "big")


def test_no_index_yet_says_how_to_begin() -> None:
    with pytest.raises(NotFoundError) as caught:
        topics.find(Snapshot(), INDEX)
    assert "init" in caught.value.hint


def test_a_name_that_leaves_the_memory_is_refused() -> None:
    with pytest.raises(UnsafePathError):
        topics.find(SNAPSHOT, "../x")

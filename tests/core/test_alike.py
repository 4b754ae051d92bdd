"""What an entry is about, and when two say the same; the rules are tested in checks/."""

from __future__ import annotations

import pytest

from agent_memory.core import alike
from agent_memory.core.document import Document


@pytest.mark.parametrize(
    ("text", "names", "numbers"),
    [
        ("Run `make test` on 16 of 20", {"make test"}, ("16", "20")),
        (
            "See https://example.org/a/b and docs/a.md.",
            {"https://example.org/a/b", "docs/a.md"},
            (),
        ),
        ("[Title](topic.md) and [[other]]", {"topic.md", "other"}, ()),
        ("**Retries** are capped at 3.5", {"Retries"}, ("3.5",)),
        ("**Why:** it is slow", set(), ()),
        ("**Why**: it is slow", set(), ()),
        ("`v2` is not 2", {"v2"}, ("2",)),
        ("nothing to hold on to", set(), ()),
    ],
)
def test_anchors_are_code_paths_links_bold_heads_and_numbers(
    text: str, names: set[str], numbers: tuple[str, ...]
) -> None:
    assert alike.anchors(text) == alike.Anchors(frozenset(names), numbers)


@pytest.mark.parametrize(
    ("one", "other", "is_equal"),
    [
        ("Use **bun** only.", "use  bun\nonly", True),
        ("Use `Bun`", "Use `bun`", False),
        ("Use bun 1.3", "Use bun 1.4", False),
    ],
)
def test_case_counts_where_there_is_code(one: str, other: str, is_equal: bool) -> None:
    assert (alike.plain(one) == alike.plain(other)) == is_equal


@pytest.mark.parametrize(
    ("one", "other", "is_swap"),
    [
        ("a b c", "a x c", True),
        ("a b c d", "a x c y", True),
        ("a b c", "a b c d", False),
        ("a b c", "c a b", False),
        ("a b", "a b", True),
    ],
)
def test_a_swap_puts_words_in_the_place_of_others(one: str, other: str, is_swap: bool) -> None:
    assert alike.is_swap(one.split(), other.split()) == is_swap


def test_negations_are_counted() -> None:
    assert alike.negations("Don't, and never, can’t; not noted") == 4


def test_a_large_group_is_compared_within_a_bound() -> None:
    text = "".join(f"- `x` and so on {n}\n" for n in range(300))
    group = Document("a.md", text).entries
    assert len(list(alike.pairs([group]))) < 300 * 6
    assert len(list(alike.pairs([group[:10]]))) == 45

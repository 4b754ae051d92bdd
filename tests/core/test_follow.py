"""How the anchors of links follow sections that leave their file."""

from __future__ import annotations

import pytest

from agent_memory.core import compact
from agent_memory.core.budget import Budget
from agent_memory.core.compact import Fitted
from agent_memory.core.document import entry_id
from agent_memory.core.overflow import Rules
from agent_memory.core.paths import INDEX
from agent_memory.core.snapshot import Snapshot

LIMIT = Budget(40, 10**9)


def bullets(name: str, count: int = 24) -> str:
    return "".join(f"- {name} {number}\n" for number in range(count))


def big(intro: str = "text", stays: str = "text", leaves: str = "text", end: str = "") -> str:
    return (
        f"# Big\n\n{intro}\n\n## Part 1\n\n{stays}\n\n{bullets('one', 14)}\n"
        f"## Part 7\n\n{leaves}\n\n{bullets('seven')}{end}"
    )


def split(files: dict[str, str], path: str = "big.md") -> dict[str, str]:
    before = Snapshot({name: text.encode() for name, text in files.items()})
    fitted = compact.fit(before, LIMIT, Rules(), path)
    assert fitted.moved
    assert compact.keeps_the_law(before, fitted, Rules(), path)
    return {name: fitted.snapshot.text(name) for name in fitted.snapshot.files}


@pytest.mark.parametrize(
    ("said", "says"),
    [
        ("[x](big.md#part-7)", "[x](big-part-7.md#part-7)"),
        ("[x](./big.md#part-7 'T')", "[x](./big-part-7.md#part-7 'T')"),
        ("[x](<big.md#Part 7>)", "[x](<big-part-7.md#Part 7>)"),
        ("[x](big.md#part%2D7)", "[x](big-part-7.md#part%2D7)"),
        ("[[big#Part 7]] [[big#part 7|x]]", "[[big-part-7#Part 7]] [[big-part-7#part 7|x]]"),
        ("[[big.md#Part 7]]", "[[big-part-7.md#Part 7]]"),
        ("see [r].\n\n[r]: big.md#part-7", "see [r].\n\n[r]: big-part-7.md#part-7"),
        ("[x](big.md) [[big]]", "[x](big.md) [[big]]"),
        ("[x](big.md#part-1) [[big#Part 1]]", "[x](big.md#part-1) [[big#Part 1]]"),
        ("[x](big.md#gone) `[x](big.md#part-7)`", "[x](big.md#gone) `[x](big.md#part-7)`"),
    ],
)
def test_a_link_to_a_heading_that_left_follows_it_in_its_own_style(said: str, says: str) -> None:
    after = split({INDEX: f"- [B](big.md)\n\n{said}\n", "big.md": big()})
    assert after[INDEX] == f"- [B](big.md)\n\n{says}\n"


def test_a_link_from_another_folder_follows_too() -> None:
    after = split({INDEX: "", "sub/x.md": "[x](../big.md#part-7)\n", "big.md": big()})
    assert after["sub/x.md"] == "[x](../big-part-7.md#part-7)\n"


@pytest.mark.parametrize(
    ("said", "says"),
    [
        ("[x](#part-7)", "[x](big-part-7.md#part-7)"),
        ("[[#Part 7]] [[#part 7|x]]", "[[big-part-7#Part 7]] [[big-part-7#part 7|x]]"),
        ("[x](#part-1) [[#Part 1]]", "[x](#part-1) [[#Part 1]]"),
    ],
)
def test_a_link_within_what_stayed_follows(said: str, says: str) -> None:
    after = split({INDEX: "", "big.md": big(intro=said)})
    assert f"\n{says}\n" in after["big.md"]


@pytest.mark.parametrize(
    ("said", "says"),
    [
        ("[x](#part-1)", "[x](big.md#part-1)"),
        ("[[#Part 1]] [[#Big|b]]", "[[big#Part 1]] [[big#Big|b]]"),
        ("[x](#part-7) [[#Part 7]]", "[x](#part-7) [[#Part 7]]"),
        ("[x](big.md#part-1) [y](#gone)", "[x](big.md#part-1) [y](#gone)"),
    ],
)
def test_a_link_within_what_left_leads_back_where_its_heading_stayed(said: str, says: str) -> None:
    after = split({INDEX: "", "big.md": big(leaves=said)})
    assert f"\n{says}\n" in after["big-part-7.md"]


def test_a_heading_of_the_same_words_changes_the_number_in_its_anchor() -> None:
    text = big(intro="[x](#part-7-1) [y](#part-7)").replace("## Part 1", "## Part 7", 1)
    after = split({INDEX: "", "big.md": text})
    assert "[x](big-part-7.md#part-7) [y](#part-7)" in after["big.md"]


def test_a_definition_goes_where_it_is_used_and_its_anchor_is_right_there() -> None:
    end = "\n[r]: #part-7\n[s]: #part-1\n[t]: <other file.md> 'T'\n"
    after = split({INDEX: "", "big.md": big("[r] [t]", "[s]", "[s] [t][T]", end)})
    assert after["big.md"].endswith(
        "[Part 7](big-part-7.md)\n\n[r]: big-part-7.md#part-7\n[s]: #part-1\n"
        "[t]: <other file.md> 'T'\n"
    )
    assert after["big-part-7.md"].endswith(
        "- seven 23\n\n[s]: big.md#part-1\n[t]: <other file.md> 'T'\n"
    )


def test_line_endings_and_a_byte_order_mark_are_kept() -> None:
    end = "\n[s]: #part-1\n"
    text = "\ufeff" + big("[s]", leaves="[s]", end=end).replace("\n", "\r\n")
    after = split({INDEX: "", "big.md": text})
    assert after["big.md"].startswith("\ufeff# Big\r\n")
    assert after["big-part-7.md"].endswith("- seven 23\r\n\r\n[s]: big.md#part-1\r\n")
    assert "\n" not in "".join(after.values()).replace("\r\n", "")


def test_what_was_just_written_is_not_changed() -> None:
    files = {INDEX: "# M\n\n- new [x](#part-7)\n\n" + big().partition("\n\n")[2]}
    before = Snapshot({INDEX: files[INDEX].encode()})
    new = before.index.entries[0].id
    fitted = compact.fit(before, LIMIT, Rules(keep=frozenset({new})))
    assert "Part 7" in [move.section for move in fitted.moved]
    assert "- new [x](#part-7)\n" in fitted.snapshot.text(INDEX)


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        (INDEX, "big-part-7.md#part-7", "big.md#part-7"),
        (INDEX, "big-part-7.md#part-7", "other.md#part-7"),
        (INDEX, "[x](big-part-7", "[y](big-part-7"),
        (INDEX, "[B](big.md)", "[B](big-part-7.md)"),
        ("big-part-7.md", "big.md#part-1", "#part-1"),
        ("big-part-7.md", "\n[s]: other.md\n", "\n"),
        ("big-part-7.md", "[s]: other.md", "[s]: big.md"),
        ("big.md", "- one 3\n", ""),
    ],
)
def test_the_law_allows_a_link_to_follow_and_nothing_else(path: str, old: str, new: str) -> None:
    text = big("[s]", leaves="[x](#part-1) [s]", end="\n[s]: other.md\n")
    index = "- [B](big.md)\n\n[x](big.md#part-7)\n"
    files = {INDEX: index, "big.md": text, "other.md": "## Part 7\n"}
    before = Snapshot({name: said.encode() for name, said in files.items()})
    good = compact.fit(before, LIMIT, Rules(), "big.md")
    assert compact.keeps_the_law(before, good, Rules(), "big.md")
    assert old in good.snapshot.text(path)
    broken = {**good.snapshot.files, path: good.snapshot.text(path).replace(old, new).encode()}
    bad = Fitted(Snapshot(broken), good.moved)
    assert not compact.keeps_the_law(before, bad, Rules(), "big.md")


def test_in_an_index_over_budget_top_and_tail_keep_their_links_to_what_gave_way() -> None:
    head = bullets("a", 8) + "- b [s] [t](#tail) [u]\n"
    tail = "\n## Tail\n\n- c [s] [[#M]]\n- d\n\n[s]: other.md\n[u]: other.md#x\n"
    index = "# M\n\n- new\n" + head + tail
    memory = Snapshot({INDEX: index.encode(), "other.md": b"# X\n"})
    rules = Rules(frozenset({entry_id("new")}))
    fitted = compact.make_room(memory, Budget(11, 10**6), "# M\n\n" + head + tail, rules)
    after = fitted.snapshot
    (topic,) = {move.topic for move in fitted.moved}
    assert "- b [s] [t](MEMORY.md#tail) [u]\n" in after.text(topic)
    assert after.text(topic).endswith("\n\n[s]: other.md\n[u]: other.md#x\n")
    assert after.text(INDEX).endswith("- c [s] [[#M]]\n- d\n\n[s]: other.md\n")

"""What points where, and what can be reached from what a runner loads."""

import pytest

from agent_memory.core import links
from agent_memory.core.budget import Budget
from agent_memory.core.paths import INDEX
from agent_memory.core.snapshot import Skipped, Snapshot


def snapshot(**files: str) -> Snapshot:
    """Files by stem; `index` is the index, `__` a folder."""
    names = {"index": INDEX}
    return Snapshot(
        {
            names.get(name) or name.replace("__", "/") + ".md": text.encode()
            for name, text in files.items()
        }
    )


def found(index: str, **files: str) -> list[tuple[str, str, str | None]]:
    memory = snapshot(index=index, **files)
    known = links.names(memory)
    return [(link.kind, link.status, link.resolved) for link in links.find(memory, INDEX, known)]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("[A](a.md)", "markdown"),
        ("[A](<a.md>)", "markdown"),
        ("[A](./a.md#part 'title')", "markdown"),
        ("[A](a.md#part)", "markdown"),
        ("[ref]: a.md", "reference"),
        ("[[a]]", "wikilink"),
        ("[[a|shown]] and", "wikilink"),
        ("[[a#part]]", "wikilink"),
        ("see `a.md`", "code"),
        ("see a.md for more", "name"),
        ("[A][ref]\n\n[ref]: ./a.md 'T'", "reference"),
        ("[A](%61.md)", "markdown"),
        ("[[ a ]]", "wikilink"),
        ("[[a.md]]", "wikilink"),
        ("[[a#Part|shown]]", "wikilink"),
        ("| x |\n|---|\n| [[a]] |", "wikilink"),
        ("> - see `./a.md`", "code"),
        ("see `a.md#A part`", "code"),
        ("(./a.md)", "name"),
        ("**a.md**", "name"),
        ("日本語 a.md。", "name"),
    ],
)
def test_each_way_of_linking_leads_to_the_file(text: str, kind: str) -> None:
    assert found(text, a="x") == [(kind, "ok", "a.md")]


def test_a_backticked_name_keeps_its_anchor_and_pictures_are_no_links() -> None:
    memory = snapshot(index="- `a.md#A part` ![x](a.md) `a.md b#c` `b#a.md`\n", a="x")
    (link,) = links.find(memory, INDEX, links.names(memory))
    assert (link.target, link.anchor) == ("a.md", "A part")
    assert memory.text(INDEX)[slice(*link.target_span)] == "a.md"
    assert links.is_row("`a.md#A part` — a row")


def test_percent_encoding_and_folders_are_followed() -> None:
    memory = Snapshot(
        {INDEX: b"[x](deep/two%20words.md)", "deep/two words.md": b"[up](../c.md)", "c.md": b""}
    )
    assert links.reachable(memory, Budget()) == {"deep/two words.md", "c.md"}


@pytest.mark.parametrize(
    "name", ["retry-rules", "retry_rules", "feedback-retry_rules", "Retry Rules"]
)
def test_a_wikilink_finds_a_file_by_its_declared_name_loosely(name: str) -> None:
    memory = snapshot(index=f"[[{name}]]", x="---\nname: feedback_retry-rules\n---\n")
    assert links.reachable(memory, Budget()) == {"x.md"}


def test_a_link_to_nothing_is_broken_and_a_wikilink_to_nothing_dangles() -> None:
    assert found("[a](gone.md) [[nowhere]]") == [
        ("markdown", "broken", None),
        ("wikilink", "dangling", None),
    ]


def test_a_plain_name_of_nothing_is_only_a_mention() -> None:
    assert found("see gone.md and `other.md` in docs/x.md") == []


def test_what_leads_elsewhere_is_no_link_of_the_memory() -> None:
    assert (
        found("[a](https://x.org/a.md) [b](mailto:x@y.z) [c](../outside.md) [d](#part)", a="") == []
    )


def test_a_link_to_nothing_in_another_memory_is_broken() -> None:
    memory = snapshot(index="[a](../other/gone.md) [b](../docs/gone.md) `../other/gone.md`")
    known = links.names(memory, frozenset({"../other/x.md"}))
    assert [(link.target, link.status) for link in links.find_all(memory, known)] == [
        ("../other/gone.md", "broken")
    ]


@pytest.mark.parametrize(
    "said", ["[[one/a]]", "[[one/a.md]]", "[x](one/a)", "`one/a.md`", "one/a.md", "[[first]]"]
)
def test_a_path_or_a_declared_name_tells_two_stems_apart(said: str) -> None:
    memory = Snapshot(
        {INDEX: said.encode(), "one/a.md": b"---\nname: first\n---\n", "two/a.md": b""}
    )
    assert [link.resolved for link in links.find_all(memory)] == ["one/a.md"]


def test_a_file_beside_the_one_that_speaks_comes_first() -> None:
    memory = Snapshot({"sub/x.md": b"[a](a.md) [[a]] [up](../a.md)", "sub/a.md": b"", "a.md": b""})
    assert [link.resolved for link in links.find_all(memory)] == ["sub/a.md", "sub/a.md", "a.md"]


def test_loose_names_that_two_files_share_are_ambiguous() -> None:
    memory = snapshot(index="[[big plan]] [[big_plan]]", **{"big-plan": "", "project_big_plan": ""})
    assert {link.status for link in links.find_all(memory)} == {"ambiguous"}


def test_a_link_into_another_memory_of_the_project_resolves_as_such() -> None:
    memory = snapshot(index="[x](../other/x.md#p) `../other/x.md` [y](../docs/y.md)", a="")
    known = links.names(memory, frozenset({"../other/x.md"}))
    assert [(n.kind, n.status, n.resolved) for n in links.find(memory, INDEX, known)] == [
        ("markdown", "ok", "../other/x.md"),
        ("code", "ok", "../other/x.md"),
    ]
    assert links.reachable(memory, Budget(), known) == set()


def test_a_link_says_where_it_stands_to_the_character() -> None:
    text = "---\nx: 1\n---\n\r\n- ü [A](<a.md#über> 'T') and [[a#Über|x]]\n"
    memory = snapshot(index=text, a="")
    one, two = links.find_all(memory)
    assert text[slice(*one.span)] == "[A](<a.md#über> 'T')"
    assert text[slice(*one.target_span)] == "a.md#über"
    assert text[slice(*two.span)] == "[[a#Über|x]]"
    assert text[slice(*two.target_span)] == "a"
    assert (one.line, one.anchor, two.line, two.anchor) == (5, "über", 5, "Über")


@pytest.mark.parametrize(
    "said", ["[a](a.md)", "[a][r]\n\n[r]: a.md", "[[a]]", "[[a|x]]", "[[a#x]]", "`a.md`", "a.md"]
)
def test_every_kind_of_link_counts_for_reach_and_leads_on(said: str) -> None:
    memory = snapshot(index=said, a=said.replace("a", "b"), b="x", c=said)
    assert links.reachable(memory, Budget()) == {"a.md", "b.md"}


def test_a_name_that_two_files_have_is_ambiguous() -> None:
    assert found("[[a]]", one__a="x", two__a="y") == [("wikilink", "ambiguous", None)]


def test_a_path_is_never_ambiguous() -> None:
    assert found("[x](one/a.md)", one__a="x", two__a="y") == [("markdown", "ok", "one/a.md")]


def test_a_file_that_is_not_read_can_still_be_meant() -> None:
    memory = Snapshot({INDEX: b"[big](big.md)"}, (Skipped("big.md", "too large", 6_000_000),))
    assert [link.status for link in links.find_all(memory)] == ["ok"]
    assert links.reachable(memory, Budget()) == set()


def test_fences_and_code_spans_hold_no_links() -> None:
    text = "```\n[a](a.md)\n```\n- ~~~\n  [[a]]\n  ~~~\n`[a](a.md)` and ``[[a]]``\n"
    assert found(text, a="x") == []


def test_a_link_after_a_fence_counts_again() -> None:
    for fence in ("```\ncode\n```", "- ```\n  code\n  ```", "> ```\n> code", "    ```\n    code\n"):
        assert found(f"{fence}\n\n[a](a.md)\n", a="x") == [("markdown", "ok", "a.md")], fence


def test_a_fence_in_front_matter_opens_nothing() -> None:
    assert found("---\nexample: |\n```\n---\n[a](a.md)\n", a="x") == [("markdown", "ok", "a.md")]


def test_a_fence_that_is_never_closed_hides_all_below() -> None:
    assert found("[a](a.md)\n\n```\n[b](b.md)\n", a="x", b="y") == [("markdown", "ok", "a.md")]


def test_reachability_is_transitive_and_survives_circles() -> None:
    memory = snapshot(index="[a](a.md)", a="[[b]]", b="[a](a.md) [i](MEMORY.md)", c="[a](a.md)")
    assert links.reachable(memory, Budget()) == {"a.md", "b.md"}


def test_only_the_loaded_part_of_the_index_leads_anywhere() -> None:
    memory = snapshot(index="- [a](a.md)\n- [b](b.md)\n", a="", b="")
    assert links.reachable(memory, Budget(lines=1)) == {"a.md"}
    assert links.reachable(memory, Budget(bytes=13)) == {"a.md"}


def test_links_of_all_files_come_with_the_index_first() -> None:
    memory = snapshot(index="x\n[[a]]\n", a="[[index]] [m](MEMORY.md)", A0="[[a]]")
    assert [(link.source, link.line) for link in links.find_all(memory)] == [
        (INDEX, 2),
        ("A0.md", 1),
        ("a.md", 1),
        ("a.md", 1),
    ]


@pytest.mark.parametrize(
    "row",
    [
        "[A](a.md) — x",
        "**[A](a.md)**",
        "[[a]]: x",
        "`a.md` x",
        "a.md — x",
        "→ [A](a.md)",
        "See: a.md",
    ],
)
def test_a_row_begins_with_a_link(row: str) -> None:
    assert links.is_row(row)


@pytest.mark.parametrize(
    "text", ["[site](https://x.org)", "use `make`", "text [A](a.md)", "[ ] todo", "a.mdx"]
)
def test_other_entries_are_no_rows(text: str) -> None:
    assert not links.is_row(text)


@pytest.mark.parametrize(
    "said",
    ["[x](../b/t.md)", "[x](../../docs/t.md#h)", "[x](/docs/t.md)", "`../b/t.md`", "see src/t.md"],
)
def test_a_path_that_leads_elsewhere_means_no_file_of_the_same_name(said: str) -> None:
    files = {INDEX: f"# M\n\n- {said}\n".encode(), "t.md": b"# t\n"}
    snapshot = Snapshot(files)
    assert all(link.resolved is None for link in links.find_all(snapshot))
    assert links.reachable(snapshot, Budget()) == set()


def test_a_path_with_the_wrong_folder_is_broken_and_not_guessed() -> None:
    files = {INDEX: b"- [x](nope/t.md)\n", "t.md": b"# t\n"}
    [link] = links.find_all(Snapshot(files))
    assert (link.status, link.resolved) == ("broken", None)


def test_a_link_into_another_memory_wins_over_an_own_file_of_that_name() -> None:
    files = {INDEX: b"- [x](../b/t.md)\n", "t.md": b"# t\n"}
    snapshot = Snapshot(files)
    known = links.names(snapshot, frozenset({"../b/t.md"}))
    assert [link.resolved for link in links.find_all(snapshot, known)] == ["../b/t.md"]

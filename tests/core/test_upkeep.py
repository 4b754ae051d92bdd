"""Keeping the index up: rows that are added, taken out and shortened, and prose left alone."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from agent_memory.core import links, rows, upkeep
from agent_memory.core.budget import Budget
from agent_memory.core.checks import check
from agent_memory.core.document import Document
from agent_memory.core.draft import Draft
from agent_memory.core.history import Record
from agent_memory.core.overflow import Rules
from agent_memory.core.paths import INDEX
from agent_memory.core.snapshot import Snapshot

Drafted = Callable[..., Draft]
Recorded = Callable[[Draft], Record]


def mended(draft: Draft, *deleted: str) -> str:
    """The index after everything was mended that can be."""
    draft.mend(check(draft.snapshot, draft.settings.budget), set(deleted))
    return draft.snapshot.text(INDEX)


def topic(text: str, path: str = "a-topic.md") -> Document:
    return Document(path, text)


@pytest.mark.parametrize(
    ("text", "title", "tells"),
    [
        ("---\ntitle: A title\ndescription: All of it\n---\n# H\n", "A title", "All of it"),
        ("---\nname: a-topic\n---\n# Heading\n\nOne. Two.\n", "Heading", "One."),
        ("- first fact\n- second\n", "A topic", "first fact"),
        ("```\ncode\n```\n\nAfter it! More.\n", "A topic", "After it!"),
        ("", "A topic", "notes on a topic"),
        ("日本語の文。二つ目。\n", "A topic", "日本語の文。"),
        ("---\ntitle: Kubernetes\n---\n# Notes\n\nOne.\n", "Kubernetes", "One."),
        (
            "See [the b](b.md) and [[c|the c]] or [[d]] now.\n",
            "A topic",
            "See the b and the c or d now.",
        ),
        ("See `b.md` first.\n", "A topic", r"See b\.md first."),
        ("word " * 60, "A topic", "word " * 18 + "word…"),
    ],
)
def test_a_row_is_made_of_what_the_topic_says(text: str, title: str, tells: str) -> None:
    assert upkeep.title(topic(text)) == title
    assert upkeep.tells(topic(text)) == tells


@pytest.mark.parametrize(
    ("index", "row"),
    [
        ("- [A](a.md): the a\n", "- [New](new.md): what it holds\n"),
        ("* **[A](a.md)** — the a\n", "* **[New](new.md)** — what it holds\n"),
        ("- [[a]] – the a\n", "- [[new]] – what it holds\n"),
        ("+ `a.md` - the a\n", "+ `new.md` - what it holds\n"),
        (
            "|T|W|\n|-|-|\n|[[a\\|A]]|the a|\n|**[[a]]**|the a|\n|[[a]]|the a|\n",
            "| [[new]] | what it holds |\n",
        ),
    ],
)
def test_a_row_has_the_style_of_the_others(index: str, row: str, draft: Drafted) -> None:
    written = draft({INDEX: index, "a.md": "x\n", "new.md": "what it holds\n"})
    assert mended(written) == index + row


def test_the_first_row_gets_a_section(draft: Drafted) -> None:
    written = draft({INDEX: "- a fact\n", "a.md": "x\n"})
    assert mended(written) == "- a fact\n\n## Topics\n\n- [A](a.md) — x\n"


def test_every_topic_out_of_reach_gets_a_row_in_the_list_of_links(draft: Drafted) -> None:
    index = "# M\n\nprose\n\n## Topics\n\n- [A](a.md) — x\n\n## Notes\n\n- a fact\n"
    files = {
        "a.md": "x\n",
        "b.md": "# B b\n\n[[c]] leads on. More.\n",
        "c.md": "y\n",
        "sub/d.md": "d\n",
    }
    written = draft({INDEX: index, **files})
    assert mended(written) == index.replace(
        "— x\n", "— x\n- [B b](b.md) — c leads on.\n- [D](sub/d.md) — d\n"
    )
    reached = links.reachable(written.snapshot, written.settings.budget)
    assert reached == {"a.md", "b.md", "c.md", "sub/d.md"}
    assert written.messages == ["add a row for b.md", "add a row for sub/d.md"]


def test_mending_twice_changes_nothing_more(draft: Drafted) -> None:
    written = draft({INDEX: "# M\n", "a.md": "x\n"})
    once = mended(written)
    assert mended(written) == once


def test_a_row_goes_only_when_its_topic_is_known_to_be_deleted(draft: Drafted) -> None:
    index = (
        "# M\n\nSee [gone](gone.md) in prose.\n\n- [Gone](./gone.md) — deleted\n"
        "- [Never](never.md) — was never there\n- a fact about [gone](gone.md)\n"
        "- [Gone](gone.md) and [A](a.md)\n- [A](a.md)\n"
    )
    files = {INDEX: index, "a.md": "x\n"}
    assert mended(draft(files)) == index
    assert mended(draft(files), "gone.md") == index.replace("- [Gone](./gone.md) — deleted\n", "")


def test_percent_escapes_and_dots_do_not_hide_a_deletion(draft: Drafted) -> None:
    index = "- [X](two%20words.md)\n- [Y](<sub/../y.md>)\n- [A](a.md)\n"
    written = draft({INDEX: index, "a.md": "x\n"})
    assert mended(written, "two words.md", "y.md") == "- [A](a.md)\n"


def test_a_fix_moves_no_prose_to_make_room(draft: Drafted) -> None:
    index = "# M\n\n" + "".join(f"- fact {number}\n" for number in range(8))
    written = draft({INDEX: index, "a.md": "x\n"}, lines=11)
    assert mended(written) == index
    assert "a.md stays out of reach: MEMORY.md has no room" in written.notices[0]


def test_broken_targets_are_those_of_the_index() -> None:
    memory = Snapshot({INDEX: b"[x](./x.md) [[y]] [a](a.md)\n", "a.md": b"[z](z.md)\n"})
    assert upkeep.broken_targets(links.find_all(memory)) == {"x.md", "y.md", "y.markdown"}


@pytest.mark.parametrize(
    "row", ["* [[gone]] — hook", "- [[gone|Text]]", "+ **[[gone.md#Part]]**: x"]
)
def test_a_wikilink_row_of_a_deleted_topic_goes(row: str, draft: Drafted) -> None:
    files = {INDEX: f"- [A](a.md)\n{row}\n", "a.md": "x\n"}
    assert mended(draft(files)) == files[INDEX]
    assert mended(draft(files), "gone.md") == "- [A](a.md)\n"


def test_a_table_keeps_its_header_when_its_last_row_goes(draft: Drafted) -> None:
    head = "# M\n\n| Topic | What |\n|---|---|\n"
    written = draft({INDEX: head + "| [Gone](gone.md) | x \\| y |\n\nprose\n"})
    assert mended(written, "gone.md") == head + "\nprose\n"


@pytest.mark.parametrize(
    "row",
    [
        "- [[gone]] and [[a]]",
        "- [[gone]] and [[never]]",
        "- [[gone]] — <https://example.org>",
        "- [[gone]] — https://example.org/x",
        "- [[gone]] — [log](build.log)",
        "- [[gone]] — ![p](p.png)",
        "- see [[gone]]: it was right",
        "- [[gone]]\n  and a note of mine",
        "[[gone]] in prose",
        "|a|b|\n|-|-|\n| [Gone](gone.md) | [A](a.md) |",
        "|a|b|\n|-|-|\n| We chose bun | [why](gone.md) |",
        "|a|b|\n|-|-|\n| as [gone](gone.md) says | x |",
    ],
)
def test_what_is_no_row_of_the_deleted_topic_alone_stays(row: str, draft: Drafted) -> None:
    written = draft({INDEX: f"- [A](a.md)\n\n{row}\n", "a.md": "x\n"})
    assert mended(written, "gone.md") == written.base.text(INDEX)


def test_a_finding_that_is_left_out_is_not_mended(draft: Drafted) -> None:
    written = draft({INDEX: "- [[gone]]\n- [Gone](gone.md)\n"})
    found = check(written.snapshot, written.settings.budget, ("LN001",))
    written.mend(found, {"gone.md"})
    assert written.snapshot.text(INDEX) == "- [[gone]]\n"


# -- what a hook says -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "hook"),
    [
        ("arr[0] or [x][y], a|b", r"arr\[0\] or \[x\]\[y\], a|b"),
        ("an odd ` tick and `code`", r"an odd ` tick and `code\`"),
        ("`arr[0]` is code", "`arr[0]` is code"),
        ("<!-- pin --> and `<!-- pin -->`", "&lt;!-- pin --> and &lt;!-- pin -->"),
        ("<b>bold</b> <https://example.org>", "&lt;b>bold&lt;/b> &lt;https://example.org>"),
        ("`a.md#x`, [t](b.md), ![i](c.png) and [[d|D]]", r"a\.md#x, t, i and D"),
        ("https://example.org/read.md", "https://example.org/read.md"),
        ("ends in a \\", "ends in a \\\\"),
        ("escaped \\[x\\] before", "escaped \\[x\\] before"),
    ],
)
def test_a_hook_says_what_the_description_says_and_leads_nowhere(said: str, hook: str) -> None:
    text = Document("new.md", "# New\n")
    text.__dict__["properties"] = {"description": said}
    assert upkeep.tells(text) == hook
    row = upkeep.styled_row(Document(INDEX, ""), "New", "new.md", upkeep.tells(text))
    assert row == f"[New](new.md) — {hook}"
    assert [m.target for m in links.mentions(Document(INDEX, f"- {row}\n"))] == ["new.md"]


def test_the_fallback_and_the_title_carry_no_markdown_of_a_heading(draft: Drafted) -> None:
    text = "# About [x](x.md) and [[y|the y]] or ` <b> [z]\n"
    written = draft({INDEX: "# M\n", "new.md": text})
    assert mended(written).endswith(
        "- [About x and the y or \\` &lt;b> (z)](new.md) —"
        " notes on about x and the y or \\` &lt;b> \\[z\\]\n"
    )
    assert [link.target for link in links.find_all(written.snapshot)][:1] == ["new.md"]


def test_bytes_that_are_not_utf8_reach_neither_hook_nor_title(draft: Drafted) -> None:
    written = draft({INDEX: "# M\n", "new.md": "# Caf\udce9\n\nno\udcff text.\n"})
    row = mended(written).splitlines()[-1]
    assert row == "- [Caf\ufffd](new.md) — no\ufffd text."


# -- tables ---------------------------------------------------------------------------------------


def test_a_fix_adds_to_the_table_that_holds_the_rows(draft: Drafted) -> None:
    index = "# M\n\n| Topic | What |\n|---|---|\n| [A](a.md) | the a |\n\nprose\n\n- a fact\n"
    written = draft({INDEX: index, "a.md": "", "new.md": "This | that. More.\n"})
    assert mended(written) == index.replace(
        "the a |\n", "the a |\n| [New](new.md) | This \\| that. |\n"
    )
    assert links.reachable(written.snapshot, written.settings.budget) == {"a.md", "new.md"}


def test_remember_then_forget_leaves_no_row_in_a_table(draft: Drafted, record: Recorded) -> None:
    index = "| Topic | What |\n|---|---|\n| [A](a.md) | the a |"
    written = draft({INDEX: index, "a.md": ""})
    entry = written.remember("a fact", topic="new")
    assert written.snapshot.text(INDEX) == index + "\n| [New](new.md) |  |\n"
    back = Draft(written.snapshot, written.settings, [record(written)])
    back.forget(entry)
    assert back.snapshot.files == written.base.files


# -- long rows ----------------------------------------------------------------------------------


def long(link: str, count: int) -> str:
    return f"- {link} — " + " ".join(f"word{number}" for number in range(count))


def test_long_rows_come_longest_first_and_facts_are_none() -> None:
    index = Document(
        INDEX, "\n".join([long("[A](a.md)", 40), long("[B](b.md)", 60), long("a fact", 90), ""])
    )
    assert [block.start for block in upkeep.long_rows(index)] == [1, 0]


@pytest.mark.parametrize("link", ["[A](a.md)", "**[A](a.md)**", "[[a]]", "`a.md`", "[[a|An A]]"])
def test_a_shortened_row_stands_in_full_in_its_topic(link: str) -> None:
    row = long(link, 60)
    memory = Snapshot({INDEX: f"# M\n\n{row}\n- x\n".encode(), "a.md": b"# A\n\n- a fact\n"})
    after, moved = upkeep.shorten_rows(memory, Rules())
    short = after.index.entries[0].text
    assert len(short) <= upkeep.SHORT_ROW
    assert short.endswith("…")
    assert links.is_row(short)
    assert [e.text for e in after.document("a.md").entries] == ["a fact", row[2:]]
    assert [e.text for e in after.index.entries[1:]] == ["x"]
    assert moved[0].bytes == len(memory.files[INDEX]) - len(after.files[INDEX])
    assert upkeep.shorten_rows(after, Rules()) == (after, [])


def test_a_row_without_spaces_keeps_the_head_of_its_hook() -> None:
    memory = Snapshot({INDEX: f"- [A](a.md) — {'一二三四' * 60}\n".encode(), "a.md": b"# A\n"})
    after, _ = upkeep.shorten_rows(memory, Rules())
    assert after.index.entries[0].text.startswith("[A](a.md) — " + "一二三四" * 20)
    assert len(after.index.entries[0].text) <= upkeep.SHORT_ROW


@pytest.mark.parametrize(
    "index",
    [
        long("[A](a.md)", 60) + " <!-- pin -->\n",
        "## Keep\n\n" + long("[A](a.md)", 60) + "\n",
        long("[A](a.md) and [B][b]", 60) + "\n\n[b]: b.md\n",
        long("[Gone](gone.md) and [A](a.md)", 60) + "\n",
        long("[Gone](gone.md)", 60) + "\n",
        long("[A](a.md)", 15) + "\n",
    ],
)
def test_other_rows_stay_as_they_are(index: str) -> None:
    memory = Snapshot({INDEX: index.encode(), "a.md": b"", "b.md": b""})
    assert upkeep.shorten_rows(memory, Rules(pinned=frozenset({"keep"}))) == (memory, [])


def test_a_tail_with_links_moves_and_all_of_them_stay_within_reach() -> None:
    row = long("[T](sub/t.md)", 30) + " and [B](b.md), [[c]], ![p](p.png) <https://example.org>"
    files = {INDEX: row, "sub/t.md": "# T\n", "b.md": "", "sub/c.md": ""}
    memory = Snapshot({path: text.encode() for path, text in files.items()})
    after, moved = upkeep.shorten_rows(memory, Rules())
    assert links.reachable(after, Budget()) == {"sub/t.md", "b.md", "sub/c.md"}
    assert [link.target for link in links.find(after, INDEX, links.names(after))] == ["sub/t.md"]
    assert after.document("sub/t.md").entries[0].text == (
        row[2:]
        .replace("(sub/t.md)", "(t.md)")
        .replace("(b.md)", "(../b.md)")
        .replace("(p.png)", "(../p.png)")
    )
    assert [move.topic for move in moved] == ["sub/t.md"]
    assert upkeep.shorten_rows(after, Rules()) == (after, [])


def test_a_row_is_cut_before_a_link_that_the_cut_would_split() -> None:
    row = "- [A](a.md) — " + "word " * 20 + "[" + "label " * 20 + "](b.md)"
    memory = Snapshot({INDEX: row.encode(), "a.md": b"", "b.md": b""})
    after, _ = upkeep.shorten_rows(memory, Rules())
    assert len(after.text(INDEX)) < 130
    assert links.reachable(after, Budget()) == {"a.md", "b.md"}


def test_a_row_is_not_cut_within_a_link_or_code() -> None:
    row = (
        "- [A](a.md) — "
        + "x" * 120
        + " `some code that is long and ends late, very late` "
        + "y " * 60
    )
    memory = Snapshot({INDEX: row.encode(), "a.md": b""})
    after, _ = upkeep.shorten_rows(memory, Rules())
    assert after.text(INDEX).count("`") % 2 == 0


def test_a_separator_is_found_behind_every_kind_of_row() -> None:
    for link in ("[A](a.md)", "**[A](a.md)**", "[[a]]", "`a.md`"):
        assert rows.separator(Document(INDEX, f"- {link}: x\n")) == ": "

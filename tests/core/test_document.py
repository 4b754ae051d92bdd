"""What Markdown becomes: sections and entries with their places."""

import pytest

from agent_memory.core.document import Document, bullet, entry_id


def entries(text: str) -> list[tuple[str, str, int, int]]:
    return [(e.kind, e.text, e.line, e.end_line) for e in Document("a.md", text).entries]


def pins(text: str) -> dict[str, bool]:
    return {entry.text: entry.pinned for entry in Document("a.md", text).entries}


def test_every_construct_is_an_entry_of_its_kind() -> None:
    text = (
        "# Title\n\nA paragraph\non two lines.\n\n- item\n  - nested\n1. one\n\n"
        "| a | b |\n|---|---|\n| x | y |\n\n```sh\nmake\n```\n\n> quote\n\n<div>\nhtml\n</div>\n"
    )
    assert entries(text) == [
        ("paragraph", "A paragraph\non two lines.", 3, 4),
        ("item", "item\n- nested", 6, 7),
        ("item", "one", 8, 8),
        ("row", "x | y", 12, 12),
        ("fence", "```sh\nmake\n```", 14, 16),
        ("quote", "> quote", 18, 18),
        ("html", "<div>\nhtml\n</div>", 20, 22),
    ]


def test_headings_rules_comments_and_definitions_are_no_entries() -> None:
    assert entries("# A\n\n---\n\n<!-- note -->\n\n[ref]: b.md\n\nSet\n===\n") == []


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("- plain", "plain"),
        ("* star", "star"),
        ("+ plus", "plus"),
        ("12) twelve", "twelve"),
        ("- [x] done", "done"),
        ("- [ ] open", "open"),
        ("-\ttab", "tab"),
        ("- pinned <!-- pin -->", "pinned"),
        ("- old <!-- expires: 2026-12-31 -->", "old"),
        ("- [a](b.md) — hook", "[a](b.md) — hook"),
    ],
)
def test_an_entry_says_its_text_without_bullet_checkbox_and_marker(line: str, text: str) -> None:
    assert [entry[1] for entry in entries(line + "\n")] == [text]


def test_continuation_lines_lose_the_indent_of_the_item() -> None:
    assert entries("1. one\n   two\n\n   three\n     deep\n")[0][1] == "one\ntwo\n\nthree\n  deep"


def test_equal_texts_share_an_id_whatever_their_spaces_and_accents() -> None:
    assert entry_id("a  b\nc") == entry_id("a b c")
    assert entry_id("\u00e9") == entry_id("e\u0301")
    assert entry_id("a") != entry_id("A")
    found = Document("a.md", "- same\n\npara\n\n* same <!-- pin -->\n").entries
    assert found[0].id == found[2].id != found[1].id
    assert len(found[0].id) == 10


def test_an_entry_names_the_nearest_heading_above() -> None:
    document = Document(
        "a.md", "- first\n\n# A\n\n- one\n\n### C `x`\n\n- two\n\n## D\n\n- three\n"
    )
    assert [entry.section for entry in document.entries] == ["", "A", "C `x`", "D"]


def test_a_section_ends_where_its_equal_or_better_begins() -> None:
    document = Document("a.md", "# A\n\n## B\n\n### C\n\ntext\n\n## D\n")
    assert [(s.title, s.level, s.line, s.end_line) for s in document.sections] == [
        ("A", 1, 1, 9),
        ("B", 2, 3, 8),
        ("C", 3, 5, 8),
        ("D", 2, 9, 9),
    ]


def test_front_matter_is_no_entry_and_line_numbers_count_it() -> None:
    document = Document(
        "a.md", "---\nname: retry-rules\ndescription: how to: retry\n---\n# Retry\n- x\n"
    )
    assert [(entry.text, entry.line) for entry in document.entries] == [("x", 6)]
    assert document.description == "how to: retry"
    assert document.title == "Retry"


def test_a_title_is_the_front_matters_own_words_before_the_heading() -> None:
    assert Document("a.md", "---\ntitle: Two words\n---\n# Other\n").title == "Two words"
    assert Document("a.md", "---\nname: only-stem\n---\ntext\n").title == "only-stem"
    assert Document("a.md", "text\n").title == ""


def test_a_pin_on_an_entry_pins_that_entry() -> None:
    assert pins("- a <!-- pin -->\n- b\n") == {"a": True, "b": False}
    assert pins("- a <!--PIN-->\n") == {"a": True}


def test_a_pin_on_a_heading_pins_its_section_with_all_below() -> None:
    text = "## A <!-- pin -->\n\n- a\n\n### In\n\n- b\n\n## C\n\n- c\n"
    assert pins(text) == {"a": True, "b": True, "c": False}
    assert [s.title for s in Document("a.md", text).sections] == ["A", "In", "C"]
    assert [s.pinned for s in Document("a.md", text).sections] == [True, False, False]


@pytest.mark.parametrize("gap", ["\n", "\n\n"])
def test_a_pin_alone_below_a_heading_pins_its_section(gap: str) -> None:
    assert pins(f"## A{gap}<!-- pin -->\n\n- a\n\n## B\n\n- b\n") == {"a": True, "b": False}


def test_a_pin_alone_further_down_pins_nothing() -> None:
    assert pins("## A\n\n- a\n\n<!-- pin -->\n\n- b\n") == {"a": False, "b": False}


def test_an_unclosed_fence_takes_the_rest_of_the_file() -> None:
    assert entries("- a\n\n```\n# not a heading\n- not an item\n") == [
        ("item", "a", 1, 1),
        ("fence", "```\n# not a heading\n- not an item", 3, 5),
    ]


def test_carriage_returns_and_a_byte_order_mark_change_no_structure() -> None:
    unix = Document("a.md", "# A\n\n- one\n- two\n")
    for text in ("\ufeff# A\r\n\r\n- one\r\n- two\r\n", "# A\r\r- one\r- two\r"):
        other = Document("a.md", text)
        assert [(e.id, e.line, e.section) for e in other.entries] == [
            (e.id, e.line, e.section) for e in unix.entries
        ]


def test_a_bullet_is_what_stands_before_an_items_text() -> None:
    assert [bullet(line) for line in ("- a", "  10. b", "-c", "*", "text")] == [
        "- ",
        "  10. ",
        "",
        "*",
        "",
    ]


def test_a_box_in_the_middle_of_a_text_is_part_of_it() -> None:
    assert entries("- write [x] to tick\n")[0][1] == "write [x] to tick"


@pytest.mark.parametrize("text", ["- \n", "-\n- [ ] \n", "- <!-- pin -->\n", "\x0c\n"])
def test_what_says_nothing_is_no_entry(text: str) -> None:
    assert entries(text) == []


def test_a_byte_order_mark_is_no_part_of_the_first_entry() -> None:
    assert Document("a.md", "\ufeffword\n").entries == Document("a.md", "word\n").entries


@pytest.mark.parametrize(
    ("front", "kind"),
    [
        ("type: feedback", "feedback"),
        ("metadata:\n  type: project", "project"),
        ("type: user\nmetadata:\n  type: project", "user"),
        ("description: a: b\nmetadata:\n  type: project", "project"),
        ("type: [a]", ""),
        ("metadata: none", ""),
    ],
)
def test_the_type_stands_in_front_matter_or_in_its_metadata(front: str, kind: str) -> None:
    assert Document("a.md", f"---\n{front}\n---\n").type == kind


def test_a_document_without_front_matter_has_no_type() -> None:
    assert Document("a.md", "type: x\n").type == ""


def test_only_whole_marker_comments_are_left_out() -> None:
    text = "- a <!-- expires: soon\n- b <!-- pin --> c <!-- expires: x --> <!-- pin\n"
    assert [entry[1] for entry in entries(text)] == ["a <!-- expires: soon", "b c <!-- pin"]

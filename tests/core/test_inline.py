"""Where links and code spans stand, to the character."""

import pytest

from agent_memory.core.document import Document


def found(text: str) -> list[tuple[str, str, str]]:
    document = Document("a.md", text)
    return [
        (one.kind, text[slice(*one.span)], text[slice(*one.target_span)])
        for one in document.inlines.found
    ]


@pytest.mark.parametrize(
    ("text", "kind", "span", "target"),
    [
        ("x [a](b.md 'c') y\n", "link", "[a](b.md 'c')", "b.md"),
        ("[a](<b c.md>)\n", "link", "[a](<b c.md>)", "b c.md"),
        ("![a](b.png)\n", "image", "![a](b.png)", "b.png"),
        ("see <https://x.y> now\n", "autolink", "<https://x.y>", ""),
        ("a `` b ` c `` d\n", "code", "`` b ` c ``", ""),
        ("a <b> c\n", "html", "<b>", ""),
        ("[a]: <b c.md> 'd'\n", "definition", "[a]: <b c.md> 'd'", "b c.md"),
        ("> [a]:\n> b.md\n", "definition", "[a]:\n> b.md", "b.md"),
        ("[a\\]: x]: b.md\n", "definition", "[a\\]: x]: b.md", "b.md"),
        ("# [a](b.md) #\n", "link", "[a](b.md)", "b.md"),
        ("> - 1. [a](b.md)\n", "link", "[a](b.md)", "b.md"),
        ("- x\n\n\t[a](b.md)\n", "link", "[a](b.md)", "b.md"),
        ("\ufeff[a](b.md)\r\n", "link", "[a](b.md)", "b.md"),
        ("---\r\nx: y\r\n---\r\n[a](b.md)", "link", "[a](b.md)", "b.md"),
        ("a\0\r[b](c\0.md)\r", "link", "[b](c\0.md)", "c\0.md"),
        ("\u00a0\n[a](b.md)\n", "link", "[a](b.md)", "b.md"),
    ],
)
def test_a_construct_is_found_to_the_character(
    text: str, kind: str, span: str, target: str
) -> None:
    assert (kind, span, target) in found(text)


def test_two_equal_cells_have_two_places() -> None:
    text = "| [a](b.md) | [a](b.md) |\n|---|---|\n| `x` | c | [a](b.md)\n| x | `x`\n"
    document = Document("a.md", text)
    starts = [one.span.start for one in document.inlines.found]
    assert len(set(starts)) == len(starts) == 4
    assert all(text[slice(*one.span)] in ("[a](b.md)", "`x`") for one in document.inlines.found)


def test_a_cell_with_an_escaped_bar_keeps_its_places() -> None:
    text = "| a | b |\n|---|---|\n| x \\| y [p\\|q](r\\|s.md) | `t \\| u` `v` |\n"
    assert found(text) == [
        ("link", "[p\\|q](r\\|s.md)", "r\\|s.md"),
        ("code", "`t \\| u`", ""),
        ("code", "`v`", ""),
    ]


def test_a_table_in_a_quotation_keeps_its_places() -> None:
    text = "> | a |\n> |---|\n> | [b](c.md) |\n"
    assert found(text) == [("link", "[b](c.md)", "c.md")]
    bare = "- a | b\n  --|--\n  [b](c.md) | `d`\n"
    assert [one[1] for one in found(bare)] == ["[b](c.md)", "`d`"]


def test_a_link_over_two_lines_ends_on_the_second() -> None:
    text = "> see [a\n> b](c.md) and\n> [d](e.md)\n"
    document = Document("a.md", text)
    assert [one.line for one in document.inlines.found] == [1, 3]
    assert found(text)[0] == ("link", "[a\n> b](c.md)", "c.md")


def test_references_are_found_with_their_label() -> None:
    document = Document("a.md", "[a][B] [b] ![c][b]\n\n[b]: d.md\n")
    kinds = [(one.kind, one.label, one.target) for one in document.inlines.found]
    assert kinds == [
        ("reference", "B", "d.md"),
        ("reference", "B", "d.md"),
        ("image", "B", "d.md"),
        ("definition", "B", "d.md"),
    ]


def test_prose_is_what_markdown_left() -> None:
    (run,) = Document("a.md", "a `b` [c](d.md) [[e]]\n").inlines.runs
    assert run.prose == "a               [[e]]"
    assert run.source(16) == 16


def test_a_nul_in_a_definition_is_a_part_of_its_destination() -> None:
    text = "[a]: b\0c.md\n"
    (definition,) = Document("a.md", text).inlines.found
    assert text[slice(*definition.target_span)] == "b\0c.md"

"""Where a remembered entry goes, and in whose style."""

import pytest

from agent_memory.core import place
from agent_memory.core.document import Document
from agent_memory.core.paths import INDEX
from agent_memory.errors import PolicyError


def added(index: str, text: str = "new", section: str | None = None) -> str:
    return place.add(Document(INDEX, index), text, section)


@pytest.mark.parametrize(
    ("bullets", "bullet"),
    [
        ("- a\n- b\n", "- "),
        ("* a\n", "* "),
        ("+   a\n", "+   "),
        ("1. a\n2. b\n", "3. "),
        ("1. a\n1. b\n", "1. "),
        ("9) a\n", "10) "),
        ("- [ ] a\n", "- "),
    ],
)
def test_a_new_entry_continues_the_list_with_its_own_bullet(bullets: str, bullet: str) -> None:
    assert added(f"## Notes\n\n{bullets}") == f"## Notes\n\n{bullets}{bullet}new\n"


def test_a_loose_list_stays_loose() -> None:
    assert added("# M\n\n- a\n\n- b\n") == "# M\n\n- a\n\n- b\n\n- new\n"


def test_after_a_paragraph_comes_a_blank_line() -> None:
    assert added("# M\n\nprose\n") == "# M\n\nprose\n\n- new\n"


def test_lines_of_one_entry_are_indented_below_its_bullet() -> None:
    assert added("1. a\n", "one\ntwo\n\nthree") == "1. a\n2. one\n   two\n\n   three\n"


def test_the_files_line_ending_is_followed_and_a_missing_one_supplied() -> None:
    assert added("## A\r\n\r\n- a") == "## A\r\n\r\n- a\r\n- new\r\n"
    assert added("- a\r- b", "x\ny") == "- a\r- b\r- x\r  y\r"


def test_without_a_section_the_last_that_is_no_list_of_links_gets_it() -> None:
    index = "# M\n\n## A\n\n- a\n\n## Topics\n\n- [T](t.md) — x\n"
    assert added(index) == index.replace("- a\n", "- a\n- new\n")


def test_an_index_of_links_alone_gets_a_section_for_notes() -> None:
    index = "# M\n\n- [T](t.md) — x\n"
    assert added(index) == index + "\n## Notes\n\n- new\n"


def test_a_section_is_found_whatever_its_case_and_spaces() -> None:
    index = "## Code  Style\n\n- a\n\n## Other\n\n- b\n"
    assert added(index, section="code style") == index.replace("- a\n", "- a\n- new\n")


def test_a_section_that_is_not_there_is_made_at_the_end() -> None:
    assert added("# M\n\n- a", section="## Style") == "# M\n\n- a\n\n## Style\n\n- new\n"


@pytest.mark.parametrize("section", ["", "#", "two\nlines"])
def test_a_section_is_named_by_one_line(section: str) -> None:
    with pytest.raises(PolicyError, match="one line"):
        added("# M\n", section=section)


def test_an_entry_below_an_unclosed_fence_would_be_code_so_it_goes_above() -> None:
    index = "## Notes\n\n```\ncode\n"
    text = added(index)
    assert text == "## Notes\n\n- new\n\n```\ncode\n"
    assert [e.text for e in Document(INDEX, text).entries] == ["new", "```\ncode"]


def test_an_entry_above_a_fence_leaves_the_pin_below_its_heading() -> None:
    text = added("## Notes\n<!-- pin -->\n```\ncode\n")
    assert text.startswith("## Notes\n<!-- pin -->\n\n- new\n")
    assert [entry.pinned for entry in Document(INDEX, text).entries] == [True, True]


def test_a_byte_order_mark_stays_the_first_character() -> None:
    text = added("\ufeff<!-- never closed\n")
    assert text.startswith("\ufeff\n- new\n")


@pytest.mark.parametrize("text", ["---", "# heading", "<!-- open", "```", "- a\n- b"])
def test_what_is_no_entry_is_refused_or_stands_as_one(text: str) -> None:
    try:
        result = added("# M\n", place.clean(text))
    except PolicyError:
        return
    assert len(Document(INDEX, result).entries) == 1


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("- a ", "a"),
        ("  * a", "a"),
        ("a\r\nb", "a\nb"),
        ("- a\n- b", "- a\n- b"),
        ("-", "-"),
        ("-a", "-a"),
    ],
)
def test_one_bullet_and_outer_space_are_taken_off(given: str, kept: str) -> None:
    assert place.clean(given) == kept


def test_taking_out_a_block_keeps_its_neighbours_apart() -> None:
    document = Document(INDEX, "a\n\n```\nx\n```\n---\n")
    fence = next(block for block in document.blocks if block.kind == "fence")
    assert [e.text for e in Document(INDEX, place.without(document, [fence])).entries] == ["a"]


def test_taking_out_a_paragraph_leaves_the_code_below_it_out_of_the_list_above() -> None:
    document = Document(INDEX, "- a\n\npara\n\n    code\n")
    text = place.without(document, [document.blocks[1]])
    assert text == "- a\n\n<!-- -->\n\n    code\n"
    assert [e.kind for e in Document(INDEX, text).entries] == ["item", "fence"]


def test_an_update_keeps_bullet_checkbox_marker_and_missing_newline() -> None:
    document = Document(INDEX, "- a\n- [x] old <!-- pin -->")
    assert place.replaced(document, document.blocks[1], "one\ntwo") == (
        "- a\n- [x] one <!-- pin -->\n  two"
    )


def test_an_update_that_would_split_a_table_is_refused() -> None:
    document = Document(INDEX, "| a |\n|---|\n| x |\n")
    row_block = next(block for block in document.blocks if block.kind == "row")
    assert place.replaced(document, row_block, "y").endswith("| y |\n")
    with pytest.raises(PolicyError, match=r"MEMORY\.md:3: the new text would not be one row"):
        place.replaced(document, row_block, "y\nz")


def test_a_comment_that_nobody_closed_hides_no_marker() -> None:
    assert place.markers("- a <!-- open\r<!-- pin --> b") == ["<!-- pin -->"]
    assert place.markers("- a <!-- a note --> b") == []

from __future__ import annotations

import pytest

from agent_memory.core.merge import Clash, Merged, merge, merge_files

BASE = "# M\n\n## A\n\n- a1\n- a2\n- a3\n\n## B\n\n- b1\n"
WITHOUT_A = "# M\n\n## B\n\n- b1\n"
FRONT = "---\nname: x\ntype: user\nmetadata:\n  kind: a\n  node: b\n---\n\n- e\n"


def merged(ours: str, theirs: str, base: str = BASE) -> str:
    result = merge("MEMORY.md", base, ours, theirs)
    assert result.clashes == ()
    return result.text


def with_(old: str, new: str, text: str = BASE) -> str:
    assert old in text
    return text.replace(old, new)


def test_both_add_at_the_end_and_theirs_comes_first() -> None:
    assert merged(BASE + "- ours\n", BASE + "- theirs\n") == BASE + "- theirs\n- ours\n"


def test_both_add_the_same_entry_and_it_stands_once() -> None:
    ours = BASE + "- new\n- only ours\n"
    theirs = with_("- a1\n", "- a1\n- new\n")
    assert merged(ours, theirs) == theirs + "- only ours\n"


def test_neighbouring_entries_are_changed_by_different_people() -> None:
    ours, theirs = with_("a1", "a1 ours"), with_("a2", "a2 theirs")
    assert merged(ours, theirs) == with_("a1", "a1 ours", theirs)


def test_an_entry_that_both_change_stays_theirs_and_is_a_clash() -> None:
    ours = with_("- a2\n", "- a2 ours\n  - more\n") + "- ours\n"
    theirs = with_("- a2", "- a2 theirs")
    result = merge("MEMORY.md", BASE, ours, theirs)
    assert result.text == theirs + "- ours\n"
    assert result.clashes == (Clash(6, "- a2", "- a2 ours\n  - more", "- a2 theirs"),)


@pytest.mark.parametrize("by_us", [True, False])
def test_removing_what_the_other_changes_is_a_clash(by_us: bool) -> None:
    gone, changed = with_("- a2\n", ""), with_("a2", "a2 changed")
    ours, theirs = (gone, changed) if by_us else (changed, gone)
    said = ("", "- a2 changed") if by_us else ("- a2 changed", "")
    line = 6 if by_us else 5
    assert merge("MEMORY.md", BASE, ours, theirs) == Merged(theirs, (Clash(line, "- a2", *said),))


def test_a_change_follows_an_entry_into_a_section_moved_and_renamed() -> None:
    theirs = "# M\n\n## B\n\n- b1\n\n## A renamed\n\n- a3\n- a1\n- a2\n"
    assert merged(with_("a2", "a2 ours"), theirs) == with_("- a2", "- a2 ours", theirs)


def test_our_move_takes_their_change_along() -> None:
    ours = "# M\n\n## A\n\n- a1\n- a3\n\n## B\n\n- b1\n- a2\n"
    assert merged(ours, with_("a2", "a2 theirs")) == with_("a2", "a2 theirs", ours)


def test_what_they_added_moves_with_the_section_that_we_moved() -> None:
    ours = "# M\n\n## B\n\n- b1\n\n## A\n\n- a1\n- a2\n- a3\n"
    theirs = with_("- b1\n", "- b1 t\n- b2\n")
    assert merged(ours, theirs) == with_("- b1\n", "- b1 t\n- b2\n", ours)


@pytest.mark.parametrize("by_us", [True, False])
def test_an_addition_brings_its_removed_section_back(by_us: bool) -> None:
    added = with_("- a3\n", "- a3\n- new\n")
    versions = (WITHOUT_A, added) if by_us else (added, WITHOUT_A)
    assert merged(*versions) == "# M\n\n## A\n\n- new\n\n## B\n\n- b1\n"


def test_a_section_that_comes_back_takes_nothing_from_the_one_above() -> None:
    ours = "# M\n\n## A\n\n- a1\n- a2\n- a3\n\n## B\n\n- b1\n- new\n"
    theirs = "# M\n\n## A\n\n- a1\n- a2\n- a3\n- theirs\n"
    assert merged(ours, theirs) == theirs + "\n## B\n\n- new\n"


def test_a_blank_line_that_parts_two_entries_ends_as_theirs_do() -> None:
    ours, theirs = "## H\nwords\n- a\n", "## H\r\n- t\r\n- a\r\n"
    wanted = "## H\r\n- t\r\n\r\nwords\r\n\r\n- a\r\n"
    assert merged(ours, theirs, "## H\n- a\n") == wanted


def test_both_add_a_section_of_the_same_name() -> None:
    ours, theirs = BASE + "\n## C\n\n- c1\n- ours\n", BASE + "\n## C\n\n- c1\n- theirs\n"
    assert merged(ours, theirs) == theirs + "- ours\n"


def test_rows_are_added_to_one_table() -> None:
    base = "| a | b |\n|---|---|\n| 1 | x |\n\nend\n"
    ours, theirs = (
        with_("x |\n", "x |\n| 2 | o |\n", base),
        with_("x |\n", "x |\n| 3 | t |\n", base),
    )
    wanted = with_("x |\n", "x |\n| 3 | t |\n| 2 | o |\n", base)
    assert merged(ours, theirs, base) == wanted


def test_a_row_brings_its_removed_table_back() -> None:
    base = "# T\n\n| a | b |\n|---|---|\n| 1 | x |\n\nend\n"
    ours, theirs = with_("x |\n", "x |\n| 2 | o |\n", base), "# T\n\nend\n"
    assert merged(ours, theirs, base) == "# T\n\n| a | b |\n|---|---|\n| 2 | o |\n\nend\n"


def test_each_removes_one_of_two_equal_entries_and_one_stays() -> None:
    base = "- twice\n- a\n- b\n- twice\n"
    text = merged("- a\n- b\n- twice\n", "- twice\n- a\n- b\n", base)
    assert sorted(text.splitlines()) == ["- a", "- b", "- twice"]


def test_two_entries_changed_into_the_same_one_become_one() -> None:
    assert merged("- x\n- b\n- c\n", "- a\n- b\n- x\n", "- a\n- b\n- c\n") == "- b\n- x\n"


def test_renumbering_is_no_change_of_the_entry() -> None:
    base, ours = "1. a\n2. b\n", "1. new\n2. a\n3. b\n"
    assert merged(ours, "1. a\n2. b theirs\n", base) == "1. new\n2. a\n3. b theirs\n"


def test_pins_and_nested_lines_belong_to_their_entry() -> None:
    ours = with_("- a1\n", "- a1 <!-- pin -->\n  - inner\n")
    theirs = with_("- a2\n", "- a2 theirs\n")
    assert merged(ours, theirs) == with_("a2", "a2 theirs", ours)


def test_a_nested_line_and_another_of_one_entry_are_a_clash() -> None:
    base = "- a\n  - b\n  - c\n  - d\n"
    ours, theirs = with_("b", "B", base), with_("d", "D", base)
    assert merge("x.md", base, ours, theirs).clashes == (
        Clash(1, base.rstrip(), ours.rstrip(), theirs.rstrip()),
    )


# --- front matter ---


def test_different_keys_of_front_matter_are_no_clash_also_nested_ones() -> None:
    ours = with_("type: user\n", "type: project\n", FRONT).replace("node: b", "node: ours")
    theirs = with_("name: x", "name: y", FRONT).replace("kind: a", "kind: theirs")
    text = merged(ours, theirs, FRONT)
    assert text == with_("type: user", "type: project", theirs).replace("node: b", "node: ours")


def test_keys_added_by_both_stand_once_each() -> None:
    ours = with_("type: user\n", "type: user\ndate: 1\n", FRONT)
    theirs = with_("type: user\n", "type: user\nby: me\n", FRONT)
    assert merged(ours, theirs, FRONT).count("date: 1\n") == 1
    assert merged(ours, theirs, FRONT).count("by: me\n") == 1


def test_a_nested_key_added_to_a_removed_one_is_a_clash() -> None:
    ours = with_("  node: b\n", "  node: b\n  more: c\n", FRONT)
    theirs = with_("metadata:\n  kind: a\n  node: b\n", "", FRONT)
    result = merge("x.md", FRONT, ours, theirs)
    assert (result.text, [clash.ours for clash in result.clashes]) == (theirs, ["  more: c"])


def test_one_key_changed_by_both_stays_theirs() -> None:
    theirs = with_("type: user", "type: theirs", FRONT)
    result = merge("x.md", FRONT, with_("type: user", "type: ours", FRONT) + "- o\n", theirs)
    assert result.text == theirs + "- o\n"
    assert result.clashes == (Clash(3, "type: user", "type: ours", "type: theirs"),)


def test_front_matter_removed_by_one_and_changed_by_the_other_is_a_clash() -> None:
    theirs = with_("name: x", "name: y", FRONT)
    result = merge("x.md", FRONT, "\n- e\n- o\n", theirs)
    assert result.text == theirs + "- o\n"
    assert len(result.clashes) == 1


# --- bytes ---


def test_their_line_endings_stay() -> None:
    theirs = (BASE + "- t\n").replace("\n", "\r\n")
    assert merged(BASE + "- o\n", theirs) == theirs + "- o\r\n"


def test_our_change_of_all_line_endings_is_taken() -> None:
    assert merged(BASE.replace("\n", "\r\n"), BASE + "- t\n") == (BASE + "- t\n").replace(
        "\n", "\r\n"
    )


def test_nothing_is_glued_to_a_last_line_without_an_ending() -> None:
    base = "- a\n- b"
    assert merged("- a\n- b\n- o\n", "- a\n- b\n- t", base) == "- a\n- b\n- t\n- o\n"
    assert merged("- o\n- b", "- a\n- b\n- t\n", base) == "- o\n- b\n- t\n"
    assert merged("- o\n- a\n- b", "- a\n- t", base="- a\n- b") == "- o\n- a\n- t"


def test_a_blank_line_never_joins_a_carriage_return() -> None:
    base, ours, theirs = "- a\n- b\r", "- a\n\n- o\n- b\r", "- a\n- t\r- b\r"
    assert merged(ours, theirs, base) == "- a\n- t\r\r- o\n- b\r"


def test_the_byte_order_mark_is_merged_apart_from_the_first_line() -> None:
    assert merged("\ufeff" + BASE, BASE + "- t\n") == "\ufeff" + BASE + "- t\n"
    assert merged(BASE + "- o\n", "\ufeff" + BASE) == "\ufeff" + BASE + "- o\n"


def test_bytes_that_are_not_utf_8_survive() -> None:
    base = b"- \xff\n- b\n"
    assert merge_files("x.md", base, base + b"- \xfe\n", b"- t\n" + base) == (
        b"- t\n" + base + b"- \xfe\n",
        (),
    )


def test_what_markdown_would_read_otherwise_is_one_clash_over_the_file() -> None:
    base, ours, theirs = "- a\n", "- a\n- o\n", "- a\n\n```\nnever closed\n"
    assert merge("x.md", base, ours, theirs) == Merged(theirs, (Clash(1, base, ours, theirs),))


# --- files ---


def test_a_file_deleted_by_one_and_left_alone_by_the_other_is_deleted() -> None:
    assert merge_files("x.md", b"- a\n", None, b"- a\n") == (None, ())
    assert merge_files("x.md", b"- a\n", b"- a\n", None) == (None, ())
    assert merge_files("x.md", b"- a\n", None, None) == (None, ())


def test_a_file_deleted_by_one_and_changed_by_the_other_stays_and_is_a_clash() -> None:
    assert merge_files("x.md", b"- a\n", None, b"- t\n") == (
        b"- t\n",
        (Clash(1, "- a\n", "", "- t\n"),),
    )
    assert merge_files("x.md", b"- a\n", b"- o\n", None) == (
        b"- o\n",
        (Clash(1, "- a\n", "- o\n", ""),),
    )


def test_a_file_that_both_made_holds_what_both_wrote() -> None:
    assert merge_files("x.md", None, b"# X\n\n- o\n", b"# X\n\n- t\n") == (
        b"# X\n\n- t\n- o\n",
        (),
    )
    assert merge_files("x.md", None, b"- o\n", None) == (b"- o\n", ())

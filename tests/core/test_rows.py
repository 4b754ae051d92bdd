"""How rows and new topics look, and where a row goes."""

import pytest

from agent_memory.core import rows
from agent_memory.core.document import Document
from agent_memory.core.paths import INDEX
from agent_memory.core.snapshot import Snapshot


def row(index: str, loaded: int = 99) -> str:
    return rows.add_row(Document(INDEX, index), "[New](new.md) — hook", loaded)


@pytest.mark.parametrize("mark", ["—", "–", "--", "-", ":"])
def test_a_row_uses_the_separator_of_the_others(mark: str) -> None:
    glue = ": " if mark == ":" else f" {mark} "
    index = Document(INDEX, f"- [A](a.md){glue}hook\n- [B](b.md){glue}hook\n- [C](c.md) ~ x\n")
    assert rows.row(index, "New", "new.md", "tells") == f"[New](new.md){glue}tells"


def test_a_row_can_name_any_path_and_title() -> None:
    index = Document(INDEX, "")
    assert rows.row(index, "[x]", "two words.md", "") == "[(x)](<two words.md>)"
    assert rows.row(index, "É", "é.md", "t") == "[É](<é.md>) — t"
    assert rows.row(index, "P", "100%.md", "t") == "[P](100%25.md) — t"


def test_a_row_joins_the_section_that_holds_most_rows() -> None:
    index = "# M\n\n## T\n\n- [A](a.md)\n- [B](b.md)\n\n## See also\n\n* [C](c.md)\n"
    assert row(index) == index.replace("b.md)\n", "b.md)\n- [New](new.md) — hook\n")


def test_a_row_has_the_bullet_that_most_rows_have() -> None:
    index = "* [A](a.md)\n* [B](b.md)\n- [C](c.md)\n"
    assert row(index) == index.replace("b.md)\n", "b.md)\n* [New](new.md) — hook\n")


def test_a_row_joins_a_table_where_most_rows_stand_in_one() -> None:
    table = "| Topic | What |\n|---|---|\n| [A](a.md) | a a |\n| [B](b.md) | b b |\n"
    added = table + "| [New](new.md) | hook |\n"
    assert row(f"# M\n\n{table}\n- [C](c.md)\n") == f"# M\n\n{added}\n- [C](c.md)\n"


def test_of_equal_lists_a_row_joins_the_last_that_is_loaded() -> None:
    index = "# M\n\n* [A](a.md) — x\n\n## B\n\n- b\n\n- [C](c.md)\n"
    assert row(index) == index + "- [New](new.md) — hook\n"
    assert row(index, 5) == index.replace("x\n", "x\n* [New](new.md) — hook\n")


def test_a_numbered_list_that_names_files_is_passed_over() -> None:
    index = "# M\n\n- [A](a.md)\n\n## B\n\n1. CLAUDE.md says so\n"
    assert row(index) == index.replace("a.md)\n", "a.md)\n- [New](new.md) — hook\n")


def test_the_first_row_gets_a_section_of_its_own() -> None:
    assert row("# M\n\n- a\n") == "# M\n\n- a\n\n## Topics\n\n- [New](new.md) — hook\n"


def test_where_the_end_is_not_loaded_the_row_goes_below_the_title() -> None:
    assert row("# M\n\n- a\n- b\n", 2) == "# M\n\n- [New](new.md) — hook\n- a\n- b\n"
    assert row("# M\n\n## A\n\n- a\n", 2).startswith("# M\n\n## Topics\n\n- [New]")


def test_a_row_never_disappears_in_an_open_comment() -> None:
    assert row("# M\n\n<!-- open\n").index("[New]") < row("# M\n\n<!-- open\n").index("<!--")


def test_a_row_swallows_no_code_below_it() -> None:
    text = row("    code\n", 0)
    assert [e.kind for e in Document(INDEX, text).entries] == ["paragraph", "fence"]


def test_a_new_topics_front_matter_is_valid_whatever_it_says() -> None:
    text = rows.new_topic("deep/a-b.md", "A: b", 'says: "x" # y')
    document = Document("deep/a-b.md", text)
    assert document.properties == {"name": "a-b", "description": 'says: "x" # y'}
    assert document.headings[0].title == "A: b"


def test_only_rows_that_lead_to_one_topic_are_its_rows() -> None:
    index = "# M\n\n- [A](a.md) — x\n- [A](a.md) and [B](b.md)\n- see prose about a.md\n"
    files = {INDEX: index.encode(), "a.md": b"# A\n", "b.md": b"# B\n"}
    assert [block.start for block in rows.rows_to(Snapshot(files), "a.md", INDEX)] == [2]


def test_a_sentence_about_a_topic_and_notes_below_a_row_are_no_plain_rows() -> None:
    index = "- [A](a.md) — x\n  - my own note\n- see [A](a.md), I decided\n- [A](a.md) — y\n"
    snapshot = Snapshot({INDEX: index.encode(), "a.md": b"# A\n"})
    assert [block.start for block in rows.rows_to(snapshot, "a.md", INDEX)] == [3]


def test_a_table_row_is_a_plain_row_where_words_come_after_its_link_only() -> None:
    head = "| # | Topic | What |\n|---|---|---|\n"
    index = head + "| 1 | [A](a.md) | x y |\n| we say | [A](a.md) | z |\n"
    snapshot = Snapshot({INDEX: index.encode(), "a.md": b"# A\n"})
    assert [block.start for block in rows.rows_to(snapshot, "a.md", INDEX)] == [2]


def test_a_row_says_its_text_and_title_without_markdown_of_their_own() -> None:
    index = Document(INDEX, "")
    assert rows.row(index, "[x](y.md) ` <b>", "new.md", "[z](z.md) or w.md") == (
        r"[x \` &lt;b>](new.md) — z or w\.md"
    )


def test_rows_added_together_stand_as_if_added_one_by_one() -> None:
    wanted = ["[A](a.md) — x", "[B](b.md)"]
    for text in ("# M\n\n- [Z](z.md)\n\ntext\n", "# M\n", "\ufeff# M\r\n\r\n- a\r\n", ""):
        one = Document(INDEX, rows.add_row(Document(INDEX, text), wanted[0], 99))
        expected = rows.add_row(one, wanted[1], 99)
        assert rows.add_rows(Document(INDEX, text), wanted, 99) == expected


def test_rows_that_cannot_stand_together_are_added_apart() -> None:
    text = rows.add_rows(Document(INDEX, "    code\n"), ["[A](a.md)", "[B](b.md)"], 0)
    said = [entry.text for entry in Document(INDEX, text).entries]
    assert {"[A](a.md)", "[B](b.md)"} <= set(said)
    assert "code" in said[-1]

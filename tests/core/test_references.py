"""Link reference definitions go where the text that uses them goes."""

from __future__ import annotations

from agent_memory.core.document import Document
from agent_memory.core.references import Part, settled


def placed(source: str, **parts: str | Part) -> dict[str, str]:
    given = {path: Part(part) if isinstance(part, str) else part for path, part in parts.items()}
    return settled(Document("t.md", source), given)


def test_a_definition_is_copied_to_the_end_of_each_part_that_uses_it_once() -> None:
    found = placed(
        "[a] b [a][]\n\nc ![d][a]\n\n[a]: x.md 'T'\n", one="[a] b [a][]\n", two="c ![d][a]"
    )
    assert found == {
        "one": "[a] b [a][]\n\n[a]: x.md 'T'\n",
        "two": "c ![d][a]\n\n[a]: x.md 'T'\n",
    }


def test_a_definition_leaves_the_part_that_does_not_use_it() -> None:
    source = "[a]\n\nb\n\n[a]: x.md\n[c]: y.md\n"
    found = placed(source, one="[a]\n", two="b\n\n[a]: x.md\n[c]: y.md\n")
    assert found == {"one": "[a]\n\n[a]: x.md\n", "two": "b\n\n[c]: y.md\n"}


def test_a_definition_that_both_use_stays_and_is_copied() -> None:
    found = placed("[A]\n\n[a]\n\n[a]: x.md\n", one="[A]\n", two="[a]\n\n[a]: x.md\n")
    assert found == {"one": "[A]\n\n[a]: x.md\n", "two": "[a]\n\n[a]: x.md\n"}


def test_a_definition_within_an_entry_stays_there_and_is_copied_without_its_marks() -> None:
    source = "[a]\r\n\r\n> [a]:\r\n> x.md\r\n"
    found = placed(source, one="[a]\r\n", two="> [a]:\r\n> x.md\r\n")
    assert found == {"one": "[a]\r\n\r\n[a]: x.md\r\n", "two": "> [a]:\r\n> x.md\r\n"}


def test_only_the_lines_that_came_count() -> None:
    found = placed("[a]\n\n[a]: x.md\n", one=Part("plain [a]\n\nmoved\n", 2), two="[a]\n")
    assert found["one"] == "plain [a]\n\nmoved\n"


def test_a_part_that_has_its_own_definition_gets_no_other() -> None:
    text = "[a]: other.md\n\n[a]\n"
    assert placed("[a]\n\n[a]: x.md\n", one=Part(text, 2))["one"] == text


def test_without_definitions_nothing_changes() -> None:
    assert placed("[a]\n", one="[a]", two="") == {"one": "[a]", "two": ""}

"""What front matter that is not YAML still says."""

from hypothesis import given
from hypothesis import strategies as st

from agent_memory.core import lenient


def test_an_unquoted_colon_is_part_of_the_value() -> None:
    assert lenient.read("description: when: always\nname: a\n") == {
        "description": "when: always",
        "name": "a",
    }


def test_lists_mappings_and_folded_text_are_read() -> None:
    raw = "a:\n- x\n- 'y'\nb:\n  type: z\nc: >-\n  one\n  two\nd: [e, \"f\"]\n# no\n"
    assert lenient.read(raw) == {
        "a": ["x", "y"],
        "b": {"type": "z"},
        "c": "one two",
        "d": ["e", "f"],
    }


def test_a_nested_type_is_read_beside_broken_lines() -> None:
    read = lenient.read("description: a: b\nmetadata:\n  type: feedback\n  by: c: d\n")
    assert read["metadata"] == {"type": "feedback", "by": "c: d"}


def test_escapes_of_a_double_quoted_text_are_undone() -> None:
    assert lenient.unescape(r"a \"b\"\n\\c") == 'a "b"\n\\c'


@given(st.text(alphabet="ab:#-'\"[]{}|> \r\n\t"))
def test_reading_never_fails(raw: str) -> None:
    assert all(isinstance(key, str) for key in lenient.read(raw))

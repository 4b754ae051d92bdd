"""Likeness suggests; equality decides."""

from agent_memory.core import similar
from agent_memory.core.paths import INDEX
from agent_memory.core.snapshot import Snapshot


def near(text: str, **files: str) -> list[str]:
    snapshot = Snapshot({f"{name}.md": content.encode() for name, content in files.items()})
    return [found.entry.text for found in similar.nearest(text, snapshot)]


def test_the_most_alike_comes_first_and_at_most_three_come() -> None:
    rows = "".join(f"- the worker retries {number} times\n" for number in range(6))
    found = near("the worker retries 3 times!", a=rows + "- something else entirely\n")
    assert found[0] == "the worker retries 3 times"
    assert len(found) == 3


def test_the_text_itself_and_what_is_unlike_are_left_out() -> None:
    assert near("use bun", a="- use bun\n- deploy on fridays\n") == []


def test_an_entry_is_found_by_any_of_its_lines_and_told_once() -> None:
    found = near(
        "the retry queue keeps order",
        a="- head\n  the retry queue keeps order\n  the retry queue\n",
    )
    assert found == ["head\nthe retry queue keeps order\nthe retry queue"]


def test_a_score_is_between_the_cutoff_and_a_hundred() -> None:
    snapshot = Snapshot({INDEX: b"- port is 8080\n"})
    (found,) = similar.nearest("port is 8081", snapshot)
    assert 60 <= found.score <= 100


def test_copies_are_found_in_every_file_whatever_their_shape() -> None:
    snapshot = Snapshot(
        {
            INDEX: b"- use  bun\n",
            "a.md": b"use\nbun\n",
            "b.md": b"* [ ] use bun <!-- pin -->\n",
            "c.md": b"- use bun 2\n",
        }
    )
    assert [copy.path for copy in similar.copies("use bun", snapshot)] == [INDEX, "a.md", "b.md"]


def test_a_copy_may_spell_its_accents_another_way() -> None:
    snapshot = Snapshot({INDEX: "- cafe\u0301 rules\n".encode()})
    assert [copy.line for copy in similar.copies("caf\u00e9 rules", snapshot)] == [1]


def test_a_copy_may_have_a_marker_within_a_word() -> None:
    snapshot = Snapshot({INDEX: b"- ab<!-- pin -->cd\n"})
    assert [copy.text for copy in similar.copies("abcd", snapshot)] == ["abcd"]

"""What a prompt costs, part by part."""

from agent_memory.core import prompt
from agent_memory.core.budget import Budget
from agent_memory.core.explain import estimate, explain
from agent_memory.core.paths import INDEX
from agent_memory.core.prompt import Place
from agent_memory.core.snapshot import Skipped, Snapshot

PLACE = Place("/d")
INDEX_TEXT = "# M\n\n- one\n\n## B\n\n- two\n- [A](a.md)\n"


def test_the_text_is_exactly_the_prompt() -> None:
    snapshot = Snapshot({INDEX: INDEX_TEXT.encode()})
    told = explain(PLACE, snapshot, Budget(lines=3))
    assert told.text == prompt.block(PLACE, INDEX_TEXT, Budget(lines=3))
    assert told.tokens == estimate(len(told.text.encode()))


def test_tokens_are_a_quarter_of_the_bytes_rounded_up() -> None:
    assert [estimate(size) for size in (0, 1, 4, 5)] == [0, 1, 1, 2]


def test_every_section_and_entry_has_its_cost_in_order() -> None:
    told = explain(PLACE, Snapshot({INDEX: INDEX_TEXT.encode(), "a.md": b""}), Budget())
    assert [(c.kind, c.title, c.line, c.lines, c.bytes, c.state) for c in told.costs[1:]] == [
        ("section", "M", 1, 8, 36, "loaded"),
        ("entry", "one", 3, 1, 6, "loaded"),
        ("section", "B", 5, 4, 24, "loaded"),
        ("entry", "two", 7, 1, 6, "loaded"),
        ("entry", "[A](a.md)", 8, 1, 12, "loaded"),
    ]
    assert told.costs[0].kind == "guidance"
    assert told.costs[0].bytes + len(INDEX_TEXT) == len(told.text.encode())
    assert told.unreachable == ()


def test_what_is_cut_says_why_and_what_it_takes_out_of_reach() -> None:
    skipped = (Skipped("x.bin", "not Markdown", 9),)
    told = explain(
        PLACE, Snapshot({INDEX: INDEX_TEXT.encode(), "a.md": b""}, skipped), Budget(lines=6)
    )
    states = {cost.title: (cost.state, cost.reason) for cost in told.costs}
    assert states["one"] == ("loaded", "")
    assert states["B"] == ("partly cut", "past line 6")
    assert states["two"] == ("cut", "past line 6")
    assert told.unreachable == ("a.md",)
    assert told.skipped == ("x.bin: not Markdown",)


def test_a_cut_by_bytes_and_by_one_long_line_are_told_apart() -> None:
    by_bytes = explain(PLACE, Snapshot({INDEX: b"- aaaa\n- bbbb\n"}), Budget(bytes=10))
    assert by_bytes.costs[-1].reason == "past 10 bytes"
    by_line = explain(PLACE, Snapshot({INDEX: b"- a\n- bbbbbbbbbbbbbb\n"}), Budget(bytes=10))
    assert by_line.costs[-1].reason == "after a line of more than 10 bytes"

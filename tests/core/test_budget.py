"""What a runner loads and cuts, line by line."""

import pytest

from agent_memory.core import budget as budgets
from agent_memory.core.budget import Budget


def cut(text: str, budget: Budget) -> list[tuple[int, str, str]]:
    return [(line.line, line.text, line.reason) for line in budgets.report(text, budget).cut]


def test_the_default_is_200_lines_and_25_000_bytes() -> None:
    assert (Budget().lines, Budget().bytes) == (200, 25_000)
    assert (Budget().target.lines, Budget().target.bytes) == (140, 17_500)


def test_an_index_that_just_fits_loses_nothing() -> None:
    assert cut("a\nb\n", Budget(lines=2, bytes=4)) == []
    assert Budget(lines=2, bytes=3).holds("a\nb")


def test_past_the_line_limit_exactly_the_rest_is_cut() -> None:
    assert cut("a\nb\n\nd", Budget(lines=2)) == [(3, "", "lines"), (4, "d", "lines")]


def test_past_the_byte_limit_the_cut_is_at_whole_lines() -> None:
    assert cut("ab\ncd\nef\n", Budget(bytes=5)) == [(2, "cd", "bytes"), (3, "ef", "bytes")]
    assert cut("é\né\n", Budget(bytes=5)) == [(2, "é", "bytes")]


def test_a_line_longer_than_the_byte_limit_is_named_as_such() -> None:
    assert cut("a\n" + "x" * 20 + "\nb\n", Budget(bytes=10)) == [
        (2, "x" * 20, "long line"),
        (3, "b", "bytes"),
    ]


def test_carriage_returns_count_as_bytes_and_end_lines() -> None:
    assert cut("a\r\nb\r\n", Budget(bytes=5)) == [(2, "b", "bytes")]
    assert cut("a\rb\rc\r", Budget(lines=2)) == [(3, "c", "lines")]


def test_what_is_kept_and_what_is_cut_are_the_whole_text() -> None:
    text = "".join(f"line {number}\n" for number in range(30))
    budget = Budget(lines=20, bytes=100)
    kept = budgets.kept(text, budget)
    assert kept + "".join(line + "\n" for _, line, _ in cut(text, budget)) == text
    assert budgets.kept_lines(text, budget) == kept.count("\n")
    assert budget.holds(kept)


def test_a_runner_that_leaves_out_front_matter_and_comments_loads_less() -> None:
    text = "---\nname: x\n---\na\n<!-- note -->\n<!-- over\n\nlines -->\nb\n"
    report = budgets.report(text, Budget(lines=8))
    assert budgets.as_loaded(text) == "a\nb\n"
    assert (report.lines, report.loaded_lines, report.loaded_bytes) == (9, 2, 4)
    assert report.over
    assert not report.loaded_over


def test_comments_within_a_line_a_fence_or_code_are_loaded() -> None:
    for text in ("a <!-- b -->\n", "<!-- b --> a\n", "```\n<!-- b -->\n```\n", "    <!-- b -->\n"):
        assert budgets.as_loaded(text) == text


def test_a_comment_after_a_closed_fence_is_left_out_again() -> None:
    assert budgets.as_loaded("~~~~\n~~~\n~~~~\n<!-- b -->\n") == "~~~~\n~~~\n~~~~\n"


def test_a_comment_that_never_closes_takes_the_rest() -> None:
    assert budgets.as_loaded("a\n<!-- b\nc\n") == "a\n"


@pytest.mark.parametrize("wrong", [{"lines": 0}, {"bytes": 0}, {"trim": 0.0}, {"trim": 1.1}])
def test_a_budget_that_holds_nothing_is_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=r"a budget needs|trim is a share"):
        Budget(**wrong)

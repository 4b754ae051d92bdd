"""Law: a text read piece by piece has the constructs that it has when it is read whole."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from agent_memory.core import blocks
from agent_memory.core import text as texts

LINES = st.sampled_from(
    [
        "", "", "", "# H", "## S", "#", "#none", "   # in", "    # code", "- item", "  more",
        "    deep", "> quote", "```", "~~~", "````", "<!--", "-->", "<pre>", "</pre>", "<div>",
        "</div>", "<?", "?>", "text", "---", "===", "| a | b |", "|---|---|", "1. one", "\t- tab",
        "[ref]: x.md", "'title", "- ```", "> <!--", "\x0c", "\u2028",
    ]
)  # fmt: skip
TEXTS = st.lists(LINES, max_size=40).flatmap(
    lambda lines: st.sampled_from(["\n", "\r\n", "\r"]).map(lambda end: end.join(lines))
)


@given(TEXTS)
def test_pieces_make_up_the_whole(text: str) -> None:
    lines = texts.lines(text)
    whole, _ = blocks._piece.__wrapped__(text)
    pieces = [block for block in blocks.of(None, lines) if block.kind != "raw"]
    assert pieces == list(whole)

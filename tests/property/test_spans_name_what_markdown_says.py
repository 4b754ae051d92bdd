"""Laws: our constructs are markdown-it's, lie in the text, nest, and are edited alone."""

from __future__ import annotations

from random import Random

from conformance import differences, misplaced, misread, reference
from hypothesis import assume, example, given, note
from hypothesis import strategies as st
from markdown_it.common.utils import unescapeAll
from strategies import markdown

from agent_memory.core import text as texts
from agent_memory.core.constructs import constructs
from agent_memory.core.document import Document
from agent_memory.core.text import Splice

PARTS = [
    "# ", "## x", "# a #", "===", "---", "- ", "* ", "1. ", "> ", ">", "    ", "\t", "  ", " ",
    "```", "~~~", "```sh", "<div>", "</div>", "<!-- c -->", "<!-- ", "-->", "<pre>", "<b>",
    "| a | b |", "|---|---|", "a | b", "--|--", "| x \\| y | [l](m.md) |", "| `a\\|b` | c |", "|",
    "[a](b.md)", "[a](<b c.md>)", "[a](b.md 'title')", "[a]( b.md", '"t" )', "[foo]", "[foo][]",
    "[x][foo]", "[foo]: /url", "[foo]:", "![im](p.png)", "![a [b](c)](d)", "[[w]]", "<http://x.y>",
    "[a [b](c) d](e)", "`code`", "`` a ` b ``", "`", "\\[a](b)", "**[a](b)**", "&amp;", "text",
    "漢字", "\u00a0", "\x0c", "\u2028", "\0", "\udcff", "***", "\\", "- [ ] t", "===",
]  # fmt: skip
ENDINGS = st.sampled_from(["\n", "\n", "\n", "\r\n", "\r", "\n\n", "  \n", "\\\n"])
odd = st.lists(
    st.builds(
        lambda parts, ending: "".join(parts) + ending,
        st.lists(st.sampled_from(PARTS), min_size=1, max_size=5),
        ENDINGS,
    ),
    max_size=10,
).map("".join)
anything = st.one_of(odd, odd, markdown())


@given(anything)
@example(">\t>")
@example("1. (\r=")
@example("\xa0\r<b>[]()")
@example("\x0c\nd>) []()\n<tp:>")
@example(">]\n-|c\n-|-")
@example("- a\n\n    b\na | b\n--|--\n")
def test_constructs_are_what_markdown_it_finds(text: str) -> None:
    document = Document("a.md", text)
    assert differences(document) == []
    assert misread(document) == []


@given(anything)
@example("\0\n===\n")
def test_spans_lie_in_the_text_and_nest_and_sections_part_it(text: str) -> None:
    assert misplaced(Document("a.md", text)) == []


@given(anything, st.randoms(use_true_random=False), st.sampled_from(["z", "*z*", "漢"]))
def test_replacing_a_span_changes_no_byte_outside(text: str, random: Random, new: str) -> None:
    document = Document("a.md", text)
    assume(constructs(document))
    one = random.choice(constructs(document))
    note(one)
    data = texts.encode(text)
    start, end = one.byte_span(document)
    edited = texts.encode(texts.splice(text, [Splice(one.span, new)]))
    assert edited == data[:start] + new.encode() + data[end:]


@given(anything)
def test_a_targets_span_holds_the_destination_as_it_is_written(text: str) -> None:
    for one in Document("a.md", text).inlines.found:
        raw = text[slice(*one.target_span)].replace("\0", "\ufffd")
        if raw:
            assert reference().normalizeLink(unescapeAll(raw)) == one.target

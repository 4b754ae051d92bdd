"""Law: setting one value of front matter changes that value, and no byte of anything else."""

from __future__ import annotations

from hypothesis import assume, given
from hypothesis import strategies as st

from agent_memory.core import frontmatter
from agent_memory.errors import PolicyError

KEYS = st.sampled_from(["name", "type", "description", "tags", "metadata"])
VALUES = st.sampled_from([
    "plain", '"double"', "'single'", "a: b", "text # why", "", "|\n  block\n  text", "[a, b]",
    "\n  type: nested\n  by: us", "\n- one\n- two", ">-\n  folded", "12", "true", "# only why",
    "caf\udce9", "two\n  lines",
])  # fmt: skip
LINES = st.one_of(
    st.builds("{}: {}".format, KEYS, VALUES), st.sampled_from(["# comment", "", "no key", "  in"])
)
NEW = st.one_of(
    st.sampled_from(["new", "a: b", "true", "it's", 'say "x"', "x # y", " lead", "- x", "", "é"]),
    st.text(alphabet="ab:#'\"-[]{}!&*|> é漢\\", max_size=12),
)


@given(st.lists(LINES, max_size=6), NEW, st.sampled_from(["name", "type", "metadata.type"]),
       st.sampled_from(["\n", "\r\n"]), st.sampled_from(["", "\ufeff"]))  # fmt: skip
def test_only_the_value_changes(
    lines: list[str], value: str, key: str, ending: str, mark: str
) -> None:
    text = mark + "\n".join(["---", *lines, "---", "", "# Body", "name: x", ""])
    text = text.replace("\n", ending)
    front = frontmatter.split(text)
    assume(front is not None)
    assert front is not None
    try:
        edited = frontmatter.with_value(text, key, value)
    except PolicyError:
        return
    now = frontmatter.split(edited)
    assert now is not None
    before, after = frontmatter.values(front.raw).data, frontmatter.values(now.raw).data
    outer, _, inner = key.partition(".")
    read = after.pop(outer)
    assert (read if not inner else dict(read)[inner]) == value  # type: ignore[call-overload]
    before.pop(outer, None)
    assert after == before
    assert edited[now.span.end :] == text[front.span.end :]
    line = touched(text, edited)
    assert not line or line.lstrip().startswith((outer, inner or outer))


def touched(text: str, edited: str) -> str:
    """The old line on which the two texts begin to differ, "" where something is put in only."""
    top = 0
    while top < min(len(text), len(edited)) and text[top] == edited[top]:
        top += 1
    low = 0
    while low < min(len(text), len(edited)) - top and text[-1 - low] == edited[-1 - low]:
        low += 1
    if top == len(text) - low:
        return ""
    return text[text.rfind("\n", 0, top) + 1 :].partition("\n")[0]

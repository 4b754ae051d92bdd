"""Law: reading a file and writing it with no edit gives the same bytes, whatever they are."""

from hypothesis import example, given
from hypothesis import strategies as st
from strategies import markdown

from agent_memory.core import text as texts
from agent_memory.core.document import Document
from agent_memory.core.snapshot import Snapshot

PARTS = [
    b"\xef\xbb\xbf", b"\r", b"\n", b"\r\n", b"\x0b", b"\x0c", b"\x85", b"\xe2\x80\xa8", b"\xff",
    b"\xed\xa0\x80", b"\x00", b"- a", b"# b", b"---", b"```", b"| a |", b"<!--", b"-->", b"    ",
    b"\t", b"[a](b.md)", "é".encode(),
]  # fmt: skip
anything = st.one_of(
    st.binary(max_size=60),
    st.lists(st.sampled_from(PARTS), max_size=20).map(b"".join),
    markdown().map(texts.encode),
)


@given(anything)
@example(b"\xef\xbb\xbf---\r\nname: x\r\n---\r\n\xff\r\n")
def test_decoded_bytes_encode_to_the_same_bytes(data: bytes) -> None:
    assert texts.encode(texts.decode(data)) == data


@given(anything)
def test_the_lines_joined_are_the_text(data: bytes) -> None:
    text = texts.decode(data)
    lines = texts.lines(text)
    assert "".join(lines) == text
    assert texts.count_lines(text) == len(lines)
    assert texts.size(text) == len(data)
    for line in lines:
        assert not set(texts.bare(line)) & {"\r", "\n"}
        assert line


@given(anything)
@example("a\r\r\n\rb\u2028c\x0cd\x85".encode())
def test_blocks_come_in_order_and_cover_every_line_that_says_something(data: bytes) -> None:
    document = Document("a.md", texts.decode(data))
    done = document.front_matter.lines if document.front_matter else 0
    for block in document.blocks:
        if block.kind == "row":
            continue
        between = "".join(document.lines[done : block.start])
        assert block.start >= done
        assert block.end > block.start
        assert not between.strip(texts.BOM + " \t\r\n\x0b\x0c\x85\u2028"), between
        done = block.end
    assert "".join(document.lines) == texts.decode(data)


@given(anything)
def test_every_entry_names_lines_of_the_file_that_say_it(data: bytes) -> None:
    document = Document("a.md", texts.decode(data))
    for entry in document.entries:
        assert 1 <= entry.line <= entry.end_line <= len(document.lines)
    starts = [entry.line for entry in document.entries]
    assert len(starts) == len(set(starts))


@given(anything)
def test_a_revision_is_the_same_for_the_same_bytes_and_only_for_them(data: bytes) -> None:
    one, other = Snapshot({"a.md": data}), Snapshot({"a.md": data + b"x"})
    assert one.revision == Snapshot({"a.md": bytes(data)}).revision != other.revision
    assert not one.changes_to({"a.md": bytes(data)})

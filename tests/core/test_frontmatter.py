"""Front matter: found exactly, read the way YAML reads it, and never a reason to fail."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from agent_memory.core import frontmatter
from agent_memory.core.frontmatter import split, values
from agent_memory.errors import PolicyError

FENCES = st.sampled_from(["---", "...", "--- ", "----", "key: value", "", " ---", "\ufeff---"])
ENDINGS = st.sampled_from(["\n", "\r\n", "\r", ""])


def test_a_block_is_found_with_its_fences_and_ending() -> None:
    text = "---\nname: a\nmemory: project\n---\nbody\n"
    found = split(text)
    assert found is not None
    assert text[found.span.start : found.span.end] == "---\nname: a\nmemory: project\n---\n"
    assert found.raw == "name: a\nmemory: project\n"
    assert (found.start_line, found.lines) == (2, 4)


@pytest.mark.parametrize(
    ("text", "raw"),
    [
        ("---\n---\n", ""),
        ("---\na: 1\n...", "a: 1\n"),
        ("--- \t\r\na: 1\r\n---  \r\nbody", "a: 1\r\n"),
        ("---\ra: 1\r---\rbody", "a: 1\r"),
        ("\ufeff---\na: 1\n---\n", "a: 1\n"),
        ("---\na: '----'\n----\n---\n", "a: '----'\n----\n"),
    ],
)
def test_fences_may_have_blanks_a_mark_and_any_ending(text: str, raw: str) -> None:
    found = split(text)
    assert found is not None
    assert found.raw == raw


@pytest.mark.parametrize(
    "text",
    ["", "---", "---\n", "----\na\n---\n", " ---\na\n---\n", "---\na: 1\n --- \n", "\n---\n---\n"],
)
def test_what_is_not_closed_or_not_first_is_no_front_matter(text: str) -> None:
    assert split(text) is None


@given(st.lists(st.tuples(FENCES, ENDINGS)))
def test_a_block_is_its_fences_around_the_raw_text(parts: list[tuple[str, str]]) -> None:
    text = "".join(line + ending for line, ending in parts)
    found = split(text)
    if found is not None:
        block = text[found.span.start : found.span.end]
        head, inner, tail = block.partition(found.raw) if found.raw else (block[:3], "", block[3:])
        assert head.strip() in ("---",) or not inner
        assert found.lines == len(
            block.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n").split("\n")
        )
        assert tail.strip()


def test_a_large_file_of_almost_fences_is_read_to_its_end() -> None:
    assert split("---\n" + "--- -\n" * 100_000 + " " * 100_000) is None


def test_plain_lines_are_read_without_yaml(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise AssertionError("the YAML parser was built")

    monkeypatch.setattr(frontmatter, "_parser", refuse)
    read = values(
        'name: bee\ndescription: "a \\"b\\"\\nc"\nmetadata:\n  type: feedback\n\nlast: x\n'
    )
    assert read.problem is None
    assert read.data == {
        "name": "bee",
        "description": 'a "b"\nc',
        "metadata": {"type": "feedback"},
        "last": "x",
    }


KEYS = st.sampled_from(["a", "b", "name", "memory", "true", "Null", "n", "a-b", "x_1", "1"])
SCALARS = st.one_of(
    st.sampled_from(
        [
            "",
            " ",
            "true",
            "null",
            "yes",
            "~",
            "1",
            "2026-01-02",
            "a: b",
            "a #b",
            "a#b",
            "a:b",
            "a:",
            "'it''s'",
            "'x'",
            '"x"',
            '"a\\nb"',
            '"a\\tb"',
            '"a\\\\"',
            '"a" b',
            "[a, b]",
            "*a",
            "- a",
            "a  ",
            "é",
            "x\u2028y",
            "x\x85y",
            "\ud800",
            "a\tb",
            "|",
            ">",
            "!t x",
            "{a: b}",
            "a b: c",
        ]
    ),
    st.text(alphabet="ab \"'\\:#n,[]{}é-", max_size=10),
)
PLAIN = st.lists(
    st.tuples(
        st.sampled_from(["", "", "", "  ", "    "]), KEYS, st.sampled_from([":", ": "]), SCALARS
    ),
    max_size=6,
).map(lambda rows: "".join(f"{i}{k}{c}{v}\n" for i, k, c, v in rows))


@given(PLAIN)
@example("a:\n  b: x\n    c: y\n")
@example("a:\nb: x\n")
@example("a: b\n  b: x\n")
def test_the_fast_path_says_what_yaml_says(raw: str) -> None:
    quick = frontmatter._plain(raw)
    if quick is not None:
        slow = frontmatter._yaml(raw)
        assert slow.problem is None
        assert slow.data == quick


@given(st.one_of(st.text(), PLAIN, st.text(alphabet="[]{}&*!|>-?:, \n\"'a%@")))
def test_reading_never_raises(raw: str) -> None:
    read = values(raw)
    assert all(isinstance(key, str) for key in read.data)


def test_dates_stay_strings() -> None:
    data = values("day: 2026-01-02\nat: 2026-01-02T03:04:05Z\nn: 3\nok: true\n").data
    assert data == {"day": "2026-01-02", "at": "2026-01-02T03:04:05Z", "n": 3, "ok": True}
    assert not any(isinstance(value, datetime.date) for value in data.values())


def test_an_unquoted_colon_is_read_leniently_and_reported() -> None:
    read = values("name: bee\ndescription: Use when: always\nmetadata:\n  type: feedback\n")
    assert read.data == {
        "name": "bee",
        "description": "Use when: always",
        "metadata": {"type": "feedback"},
    }
    assert read.problem is not None
    assert (read.problem.line, read.problem.column) == (2, 22)


def test_the_lenient_reader_knows_lists_quotes_and_folded_text() -> None:
    raw = (
        "bad: a: b\ntools:\n  - Read\n  - 'Write'\nother:\n- x\nflow: [a, \"b\"]\n"
        'quoted: "one\\ntwo \\"x\\""\n'
        "single: 'it''s'\nfolded: >-\n  one\n  two\nlong: one\n  two\n"
    )
    assert values(raw).data == {
        "bad": "a: b",
        "tools": ["Read", "Write"],
        "other": ["x"],
        "flow": ["a", "b"],
        "quoted": 'one\ntwo "x"',
        "single": "it's",
        "folded": "one two",
        "long": "one two",
    }


@pytest.mark.parametrize(
    "raw",
    [
        "a: &x 1\nb: *x\n",
        "a: &x {k: v}\nb:\n  <<: *x\n",
        "a: !!python/name:os.system x\n",
        "a: " + "[" * 4000 + "]" * 4000,
        "a: " + "{a: " * 900,
        "- " * 4000,
        "- a\n- b\n",
        "just text",
        "name: caf\udce9\ncolor: [x\n",
        "x: " + "y" * 9000,
        "? 0x" + "f" * 7000 + "\n: a key that no str() takes\n",
        "\tname: x\n",
    ],
)
def test_what_is_dangerous_or_broken_is_refused_with_a_reason(raw: str) -> None:
    read = values(raw)
    assert read.problem is not None
    assert read.problem.message
    assert read.problem.line >= 1


def test_of_a_key_given_twice_the_first_counts() -> None:
    read = values("a: one\nb: 2\na: three\n")
    assert read.problem is None
    assert read.data == {"a": "one", "b": 2}
    assert values("a: one\nb: 2: 3\na: three\n").data["a"] == "one"


def test_bytes_that_are_not_utf8_survive() -> None:
    assert values("name: caf\udce9\n").data == {"name": "caf\udce9"}


def test_the_cap_counts_bytes_and_what_fits_is_still_read() -> None:
    raw = "name: é\ndescription: " + "x" * 100 + "\n"
    read = values(raw, cap=40)
    assert read.problem is not None
    assert read.data["name"] == "é"
    assert values(raw, cap=len(raw.encode())).problem is None


def test_empty_front_matter_says_nothing() -> None:
    assert values("") == frontmatter.Values({})
    assert values("# only a comment\n") == frontmatter.Values({})


@pytest.mark.parametrize(
    ("text", "key", "value", "expected"),
    [
        ("---\nname: a\n---\nb\n", "name", "c", "---\nname: c\n---\nb\n"),
        ("---\nname: a # why\n---\n", "name", "c d", "---\nname: c d # why\n---\n"),
        ('---\nname:  "a"\t\n---\n', "name", "c", '---\nname:  "c"\t\n---\n'),
        ("---\nname: 'it''s'\n---\n", "name", "that's", "---\nname: 'that''s'\n---\n"),
        ("---\r\nx: 1\r\nname: a\r\n---\r\n", "name", "b", "---\r\nx: 1\r\nname: b\r\n---\r\n"),
        ("---\rname: a\r---\r", "name", "b", "---\rname: b\r---\r"),
        ("\ufeff---\nname: a\n---\n", "name", "b", "\ufeff---\nname: b\n---\n"),
        ("---\nname: a\n---\n", "name", "b: c", '---\nname: "b: c"\n---\n'),
        ("---\nname: a\n---\n", "name", "true", '---\nname: "true"\n---\n'),
        ("---\nname: a\n---\n", "name", "2026", '---\nname: "2026"\n---\n'),
        ("---\nname: a\n---\n", "name", 'say "x"', '---\nname: "say \\"x\\""\n---\n'),
        ("---\nname:\n---\n", "name", "b", "---\nname: b\n---\n"),
        ("---\nname: a\n---\n", "type", "x", "---\nname: a\ntype: x\n---\n"),
        ("---\n---\nb", "name", "a", "---\nname: a\n---\nb"),
        ("body\r\n", "name", "a", "---\r\nname: a\r\n---\r\nbody\r\n"),
        ("\ufeffbody", "name", "a", "\ufeff---\nname: a\n---\nbody"),
        ("---\nd: a: b\nname: x\n---\n", "name", "w", "---\nd: a: b\nname: w\n---\n"),
        ("---\nd: a: b\nname: x\n---\n", "d", "c: d", '---\nd: "c: d"\nname: x\n---\n'),
        ("---\nd: >-\n  a\n  b\nn: x\n---\n", "d", "c", "---\nd: c\nn: x\n---\n"),
        ("---\nd: |\n  n: x\nn: x\n---\n", "n", "w", "---\nd: |\n  n: x\nn: w\n---\n"),
        ("---\nm:\n  type: a # b\n---\n", "m.type", "c", "---\nm:\n  type: c # b\n---\n"),
        ("---\nm:\n    a: b\nz: y\n---\n", "m.t", "c", "---\nm:\n    a: b\n    t: c\nz: y\n---\n"),
        ("---\nz: y\n---\n", "m.type", "c", "---\nz: y\nm:\n  type: c\n---\n"),
        ("---\n'name': a\n---\n", "name", "b", "---\n'name': b\n---\n"),
        ("---\nname: caf\udce9\nb: c\n---\n", "b", "d", "---\nname: caf\udce9\nb: d\n---\n"),
    ],
)  # fmt: skip
def test_one_value_is_edited_and_every_other_byte_stays(
    text: str, key: str, value: str, expected: str
) -> None:
    assert frontmatter.with_value(text, key, value) == expected


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("---\nname:\n- a\n---\n", "name"),
        ("---\nname:\n  a: b\n---\n", "name"),
        ("---\n{name: a}\n---\n", "name"),
        ("---\nm: {type: a}\n---\n", "m.type"),
        ("---\nm: a\n---\n", "m.type"),
        ('---\na: "b\nname: c"\n---\n', "name"),
    ],
)
def test_what_is_no_scalar_of_its_own_is_not_edited(text: str, key: str) -> None:
    with pytest.raises(PolicyError, match="cannot be set"):
        frontmatter.with_value(text, key, "b")

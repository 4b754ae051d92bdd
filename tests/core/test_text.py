"""Lines, endings, splices, and what a terminal may be shown."""

import pytest

from agent_memory.core import text as texts
from agent_memory.core.text import Span, Splice


def test_only_three_endings_end_a_line() -> None:
    assert texts.lines("a\nb\r\nc\rd\x0ce\u2028f\x85g") == [
        "a\n",
        "b\r\n",
        "c\r",
        "d\x0ce\u2028f\x85g",
    ]
    assert texts.lines("") == []
    assert texts.lines("\r\n\r") == ["\r\n", "\r"]


def test_the_ending_of_a_text_is_its_most_frequent_one() -> None:
    assert texts.ending("a\r\nb\r\nc\n") == "\r\n"
    assert texts.ending("a\rb\r") == "\r"
    assert texts.ending("no ending") == "\n"
    assert texts.ending("one\ntwo\r\n") == "\n"


def test_a_last_line_without_ending_counts() -> None:
    assert [texts.count_lines(text) for text in ("", "a", "a\n", "a\nb", "a\r\nb\rc")] == [
        0,
        1,
        1,
        2,
        3,
    ]


def test_size_counts_utf8_bytes_also_of_bytes_that_are_none() -> None:
    assert texts.size("abc") == 3
    assert texts.size("é→😀") == 9
    assert texts.size(texts.decode(b"\xff\xfea")) == 3


def test_splices_replace_insert_and_remove_without_shifting_each_other() -> None:
    splices = [Splice(Span(4, 4), "!"), Splice(Span(0, 1), ""), Splice(Span(2, 3), "XYZ")]
    assert texts.splice("abcd", splices) == "bXYZd!"


def test_overlapping_splices_are_refused() -> None:
    with pytest.raises(ValueError, match="overlap at character 1"):
        texts.splice("abcd", [Splice(Span(0, 2), "x"), Splice(Span(1, 3), "y")])


@pytest.mark.parametrize(
    "hostile",
    [
        "\x1b]52;c;x\x07",
        "\x9b31m",
        "\x7f",
        "\u202e",
        "\u2066",
        "\u200b",
        "\U000e0041",
        "\udcff",
        "\r",
    ],
)
def test_what_moves_a_cursor_or_hides_text_becomes_visible(hostile: str) -> None:
    shown = texts.printable(f"a{hostile}b\tc\n")
    assert "\ufffd" in shown
    assert shown.startswith("a")
    assert shown.endswith("b\tc\n")
    assert hostile[0] not in shown
    shown.encode()


def test_words_in_any_script_and_emoji_stay_on_the_terminal() -> None:
    assert texts.printable("naïve — 日本 👍 ok") == "naïve — 日本 👍 ok"


def test_a_slug_is_words_joined_by_hyphens() -> None:
    assert texts.slug("Build & Test: `make` (v2)") == "build-test-make-v2"
    assert texts.slug("Größe/Über_uns") == "grösse-über-uns"
    assert texts.slug("→ ***") == "notes"
    assert len(texts.slug("word " * 40)) <= 60


def test_shortening_cuts_at_a_word_and_says_so() -> None:
    assert texts.shorten("a\n  b", 10) == "a b"
    assert texts.shorten("one two three", 9) == "one two…"
    assert texts.shorten("abcdefghij", 5) == "abcd…"
    assert texts.shorten("one two — three", 11) == "one two…"
    assert texts.shorten("題名 — 一二三四五六七八九", 11) == "題名 — 一二三四五…"


def test_a_well_formed_text_can_be_encoded_and_is_the_same_where_it_could_be_before() -> None:
    assert texts.well_formed("Grüße 👋") == "Grüße 👋"
    assert texts.well_formed("a\udcff\ud800b") == "a\ufffd\ufffdb"

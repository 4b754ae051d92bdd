"""Which characters hide from a reader, and which a script or an emoji needs."""

import re
import sys

import pytest

from agent_memory.core import hidden, policy
from agent_memory.core.hidden import HiddenFinding
from agent_memory.errors import PolicyError


@pytest.mark.parametrize(
    ("name", "chars"),
    [
        ("NUL character", "\0"),
        ("control character", "\x01\x08\x0b\x0c\x1b\x7f\x85\x9b"),
        ("Unicode tag character", "\U000e0001\U000e0041\U000e007f"),
        ("bidirectional override", "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"),
        ("private-use character", "\ue000\uf8ff\U000f0000\U0010fffd"),
        ("lone surrogate", "\ud800"),
        ("variation selector", "\ufe00\ufe0f\U000e0100\U000e01ef"),
        (
            "zero-width character",
            "\u00ad\u034f\u115f\u180e\u200b\u200c\u200d\u200e\u200f\u061c\u2060\u2064\u3164\ufeff",
        ),
    ],
)
def test_a_hidden_character_is_refused_by_name(name: str, chars: str) -> None:
    for char in chars:
        text = f"say {char} nothing"
        assert hidden.hidden(text) == (HiddenFinding(name, ord(char), 1, 5),)
        with pytest.raises(PolicyError, match=rf"{name} \(U\+{ord(char):04X}, line 1, column 5\)"):
            policy.screen(text)


@pytest.mark.parametrize(
    "text",
    [
        "tab\tand\nnewline\r\n",
        "\ufeff# A title after a byte order mark",
        "👩\u200d💻 👨\u200d👩\u200d👧 🏳\ufe0f\u200d🌈 👩🏽\u200d🚀 🙂\u200d↔\ufe0f",
        "⚠\ufe0f ✔\ufe0f ℹ\ufe0f 1\ufe0f\u20e3 ©\ufe0f ❤\ufe0e",
        "می\u200cخواهم",
        "क्\u200dष क्\u200cष",
        "ភាសា\u200bខ្មែរ",
        "עברית\u200e (C++) עברית",
        "שלום \u2066C++ (11)\u2069 עולם",
        "the word \u2067שלום\u2069 is a greeting",
        "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f England",
        "葛\U000e0100城",
        "Donau\u00addampf",
        "naïve café, 한국어, 日本語, ½ → ≠ …",
        "bytes \udce4 that are not UTF-8",
    ],
)
def test_what_a_script_or_an_emoji_needs_is_not_hidden(text: str) -> None:
    assert hidden.hidden(text) == ()
    policy.screen(text)


@pytest.mark.parametrize(
    "text",
    [
        "ig\u200dnore",
        "a\u200cb",
        "pass\u200bword",
        "❤\ufe0f\ufe0f",
        "a\ufe0f",
        "\u200d👩",
        "x\u200e",
        "\u2066if admin\u2069 return",
        "שלום \u2066 and no end",
        "שלום\n\u2066x\u2069",
        "שלום \u202ex\u202c",
        "\U0001f3f4\U000e0068\U000e0069\U000e007f orders in a flag",
    ],
)
def test_joiners_where_nothing_joins_are_hidden(text: str) -> None:
    assert hidden.hidden(text)


def test_a_finding_says_where_counted_from_one() -> None:
    assert hidden.hidden("a\nb\u200bc") == (HiddenFinding("zero-width character", 0x200B, 2, 2),)


@pytest.mark.parametrize("text", ["- plain", "- naïve — 日本語 🎉\r\n\ttext\n"])
def test_the_quick_look_misses_no_candidate(text: str) -> None:
    """It must say no for each character that the thorough one looks for, in any company."""
    assert hidden._shows_all(text)
    pattern = re.compile(hidden._CANDIDATES)
    candidates = [char for char in map(chr, range(sys.maxunicode + 1)) if pattern.match(char)]
    assert len(candidates) > 130_000
    assert [char for char in candidates if hidden._shows_all(text + char)] == []


def test_what_hides_can_be_shown_and_what_has_a_use_stays() -> None:
    assert (
        hidden.visible("a\u202eb \u200c\U000e0041 👩\u200d💻") == "a\ufffdb \ufffd\ufffd 👩\u200d💻"
    )

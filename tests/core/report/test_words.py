"""Words of a memory, as they stand in a page."""

from __future__ import annotations

from agent_memory.core.report.words import count, plain, prose, said

SECRET = "AKIA" + "Q3EGRI5V7XKZT2WN"  # made up, of the shape of an access key


def test_markup_is_text_in_content_and_in_attributes() -> None:
    assert said("<b a=\"x\" c='y'>&") == "&lt;b a=&quot;x&quot; c=&#x27;y&#x27;&gt;&amp;"


def test_what_hides_or_moves_text_is_made_visible() -> None:
    assert plain("a\u202eb\u200dc\U000e0041d\x00e\ue000\udcff") == (
        "a\ufffdb\ufffdc\ufffdd\ufffde\ufffd\ufffd"
    )


def test_what_a_script_needs_stays() -> None:
    assert plain("می\u200cخواهم 👩\u200d💻") == "می\u200cخواهم 👩\u200d💻"


def test_a_secret_is_masked_before_the_text_is_cut() -> None:
    assert plain(f"the key is {SECRET} here", 20) == "the key is…"
    assert plain(f"the key is {SECRET} here") == "the key is [secret] here"


def test_a_text_is_one_line_cut_at_a_word() -> None:
    assert plain("one two\nthree four", 12) == "one two…"


def test_backticks_become_code_around_what_is_escaped_already() -> None:
    assert prose("run `a <b>` now, `c") == "run <code>a &lt;b&gt;</code> now, `c"


def test_a_number_has_its_noun() -> None:
    assert (count(1, "entry", "entries"), count(2, "entry", "entries"), count(1234, "line")) == (
        "1 entry", "2 entries", "1,234 lines",
    )  # fmt: skip

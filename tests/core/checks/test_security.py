"""The rules about secrets and hidden characters; what they look like is tested elsewhere."""

from __future__ import annotations

from collections.abc import Callable

from agent_memory.core.checks.finding import Finding

Found = Callable[..., list[Finding]]
KEY = "AKIA" + "Q3ABCDEFG7ZKWT4P"


def test_a_secret_is_named_by_kind_and_place_and_never_shown(found: Found) -> None:
    text = f"---\nname: x\n---\n# M\n\n- the key is {KEY}\n\n```\n{KEY}\n```\n"
    first, second = found(text, "SE")
    assert (first.code, first.severity, first.line, second.line) == ("SE001", "error", 6, 9)
    assert "AWS access key id (column 14)" in first.message
    assert KEY not in first.message + first.hint


def test_no_rule_shows_a_secret_that_it_meets(found: Found) -> None:
    text = f"- [Key](key.md) — {KEY} {'word ' * 50}\n- the key is {KEY}\n- the key is {KEY}\n"
    findings = found({"MEMORY.md": text, "key.md": f"- the key is {KEY}\n"})
    assert {one.code for one in findings} >= {"SE001", "LN006"}
    assert all(KEY not in one.message + one.hint for one in findings)


def test_hashes_and_uuids_are_no_secrets(found: Found) -> None:
    text = (
        "- fixed in da39a3ee5e6b4b0d3255bfef95601890afd80709, see commit e5f1c2d\n"
        "- the tenant is 123e4567-e89b-12d3-a456-426614174000\n"
    )
    assert found(text, "SE") == []


def test_hidden_characters_of_a_line_are_one_finding(found: Found) -> None:
    (one,) = found("- plain\n- or\u200bders\U000e0041\n", "SE")
    assert (one.code, one.severity, one.line) == ("SE002", "error", 2)
    assert one.message == (
        "2 hidden characters (from column 5): zero-width character U+200B,"
        " Unicode tag character U+E0041"
    )


def test_emoji_and_scripts_that_need_joiners_are_left_alone(found: Found) -> None:
    assert found("- 👩‍💻 می‌خواهم ❤️\n", "SE") == []

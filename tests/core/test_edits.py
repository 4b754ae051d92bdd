"""What the editing tools of runners make of a file."""

from __future__ import annotations

from typing import Any

import pytest

from agent_memory.core.edits import result

ONE: dict[str, Any] = {"old_string": "a", "new_string": "b"}


@pytest.mark.parametrize(
    ("given", "text", "after"),
    [
        ({"content": "new"}, None, "new"),
        ({"content": "new"}, "old", "new"),
        (ONE, "a c", "b c"),
        ({**ONE, "replace_all": True}, "a a", "b b"),
        ({"old_string": "", "new_string": "new"}, None, "new"),
        ({"old_string": "", "new_string": "new"}, "", "new"),
        ({"old_string": "a\nb", "new_string": "c"}, "a\r\nb\r\n", "c\n"),
        ({"edits": [ONE, {"old_string": "b", "new_string": "c"}]}, "a", "c"),
    ],
)
def test_a_tools_input_gives_the_text_after_it(
    given: dict[str, Any], text: str | None, after: str
) -> None:
    assert result(given, text) == after


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"content": "same"}, "same"),
        ({}, "text"),
        (ONE, None),
        (ONE, "nothing of it"),
        (ONE, "a a"),
        ({"old_string": "", "new_string": "new"}, "text"),
        ({"edits": []}, "a"),
        ({"edits": "a"}, "a"),
        ({"edits": [ONE, ONE]}, "a"),
        ({"edits": [ONE, 3]}, "a"),
        ({"old_string": "a", "new_string": None}, "a"),
    ],
)
def test_a_call_that_changes_nothing_or_fails_gives_none(
    given: dict[str, Any], text: str | None
) -> None:
    assert result(given, text) is None

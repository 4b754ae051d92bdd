"""Settings files: ours goes in and out, and what is there stays as it is."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent_memory.errors import DecodeError
from agent_memory.integrations.hook_settings import INSTALLED, installed, uninstalled

OTHERS: dict[str, Any] = {
    "matcher": "Bash",
    "hooks": [{"type": "command", "command": "lint agent-memory"}],
}
_words = st.text('abü"\\ {}[],:\n', max_size=6)
_leaves = st.none() | st.booleans() | st.integers() | _words
_values = st.recursive(
    _leaves,
    lambda inner: (
        st.lists(inner, min_size=1, max_size=3)
        | st.dictionaries(_words, inner, min_size=1, max_size=3)
    ),
    max_leaves=8,
)
_members: st.SearchStrategy[Any] = st.dictionaries(_words, _values, min_size=1, max_size=3)
_groups = st.lists(st.just(OTHERS) | st.just({"hooks": [OTHERS["hooks"]]}), min_size=1, max_size=2)
_hooks = st.dictionaries(st.sampled_from([*INSTALLED, "Stop", "New"]), _groups, min_size=1)
_styles: st.SearchStrategy[dict[str, Any]] = st.sampled_from(
    [{"indent": 2}, {"indent": "\t"}, {"indent": 4}, {}]
)


@st.composite
def settings(draw: st.DrawFn) -> str:
    """A settings file as people, runners and formatters write them."""
    members: dict[str, Any] = dict(draw(_members))
    if draw(st.booleans()):
        members["hooks"] = draw(_hooks)
    text = json.dumps(members, ensure_ascii=draw(st.booleans()), **draw(_styles))
    text = text.replace("\n", draw(st.sampled_from(["\n", "\r\n"])))
    return draw(st.sampled_from(["", "\ufeff"])) + text + draw(st.sampled_from(["", "\n"]))


def loaded(text: str) -> dict[str, Any]:
    return dict(json.loads(text.removeprefix("\ufeff")))


@given(settings())
def test_installing_twice_is_installing_once_and_uninstalling_gives_every_byte_back(
    text: str,
) -> None:
    once = installed(text, "s")
    assert installed(once, "s") == once
    assert uninstalled(once, "s") == text
    assert uninstalled(text, "s") == text


@given(settings())
def test_what_is_there_stays_in_its_order_and_its_bytes(text: str) -> None:
    before, after = loaded(text), loaded(installed(text, "s"))
    hooks = after.pop("hooks")
    others = before.pop("hooks", {})
    assert list(after.items()) == list(before.items())
    assert [event for event in hooks if event in others] == list(others)
    for event, groups in others.items():
        assert hooks[event][: len(groups)] == groups
    for event, matcher in INSTALLED.items():
        group = hooks[event][-1]
        assert group.get("matcher", "") == matcher
        assert group["hooks"][0]["command"] == f"agent-memory hook {event}"
    kept = iter(installed(text, "s"))
    assert all(char in kept for char in text)  # nothing but insertions


@pytest.mark.parametrize("text", ["", "\n", "{}", "{\n}\n"])
def test_a_file_that_holds_nothing_gets_our_hooks_alone(text: str) -> None:
    assert set(loaded(installed(text, "s"))["hooks"]) == set(INSTALLED)
    assert loaded(uninstalled(installed(text, "s"), "s")) == {}


@pytest.mark.parametrize(
    "command",
    [
        "agent-memory hook PreToolUse --strict",
        "/opt/my venv/bin/agent-memory hook PreToolUse",
        '"$CLAUDE_PROJECT_DIR/.venv/bin/agent-memory" hook PreToolUse',
        "python -m agent_memory hook PreToolUse",
    ],
)
def test_a_hook_of_ours_is_known_however_it_is_called(command: str) -> None:
    mine = {"type": "command", "command": command}
    group = {"matcher": "Write", "hooks": [OTHERS["hooks"][0], mine]}
    text = json.dumps({"hooks": {"PreToolUse": [group]}})
    assert loaded(installed(text, "s"))["hooks"]["PreToolUse"] == [group]
    left = loaded(uninstalled(text, "s"))["hooks"]["PreToolUse"]
    assert left == [{**group, "hooks": OTHERS["hooks"]}]


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ('{\n  "a": 1,\n  "b" 2\n}', "s:3: not JSON"),
        ("// a comment\n{}", "s:1: not JSON"),
        ("{}\n{}", "s:2: not JSON"),
        ("[]", "s:1: what stands here is not an object"),
        ('{\n "hooks": []}', "s:2: `hooks` is not an object"),
        ('{\n "hooks": {\n "PreToolUse": {}}}', "s:3: `PreToolUse` is not an array"),
        ('{"hooks": {},\n "hooks": {}}', "s:2: `hooks` stands there twice"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_line(text: str, where: str) -> None:
    with pytest.raises(DecodeError) as refused:
        installed(text, "s")
    assert where in refused.value.message
    assert refused.value.hint

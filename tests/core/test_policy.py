"""What a memory refuses, and the words of its policy."""

import pickle

import pytest

from agent_memory.core import hidden, policy, remarks, secrets
from agent_memory.errors import PolicyError


@pytest.mark.parametrize("text", ["", " ", "\n\t\r\n", "\u3000"])
def test_blank_text_is_nothing_to_remember(text: str) -> None:
    with pytest.raises(PolicyError, match="nothing to remember"):
        policy.screen(text)


HOSTILE = (
    *(" ", "-", "`", "“", "-eyJa", "eyJaaaaaaaaa.", "password=", "password:a =", "://a:", "M."),
    *("api_key:a1", "aws_secret_", "xoxb-", "1:AA", "authorization: bearer ", "-----BEGIN A "),
    *("\u200d", "\u200e", "is today", "need to ", "in progress ", "/home/a/", "PR is ", "\r"),
)


@pytest.mark.parametrize("piece", HOSTILE)
def test_a_megabyte_of_anything_is_judged(piece: str) -> None:
    text = piece * (1_000_000 // len(piece.encode()))
    assert len(secrets.secrets(text)) <= len(text)
    assert len(hidden.hidden(text)) <= len(text)
    assert len(remarks.advice(text)) <= 3


def test_the_policy_is_said_in_single_sentences_of_one_line() -> None:
    for line in policy.SAVE + policy.DO_NOT_SAVE + policy.HABITS:
        assert line.isprintable()
        assert line.endswith(".")


def test_the_policy_passes_its_own_screen() -> None:
    for line in policy.SAVE + policy.DO_NOT_SAVE + policy.HABITS:
        policy.screen(line)


def test_a_refusal_can_be_pickled() -> None:
    with pytest.raises(PolicyError) as caught:
        policy.screen("a\0b")
    assert pickle.loads(pickle.dumps(caught.value)).hint == caught.value.hint

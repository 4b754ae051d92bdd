"""What a memory is for: the policy in words, and the part of it that code can enforce."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from agent_memory.core import text as texts
from agent_memory.errors import PolicyError

if TYPE_CHECKING:
    from agent_memory.core.secrets import Detector

ELSEWHERE = "Write where the secret is kept (a variable, a vault entry), not the secret"
SAVE = (
    "Conventions and patterns that have held up in more than one conversation.",
    "Decisions that shape the work, with their reason; where important files are; how the "
    "project is laid out.",
    "How the user likes to work: workflow, tools, tone and length of answers.",
    "The cure for a problem that comes back, with the sign to recognise it by.",
)
DO_NOT_SAVE = (
    "The state of the present task: what is under way, what comes next, temporary values.",
    "Anything incomplete or unconfirmed; check it against the project's documents first.",
    "What CLAUDE.md or AGENTS.md already says, or what contradicts it.",
    "A conclusion drawn from a single file.",
    "Passwords, keys and tokens; write where the secret is kept instead.",
)
HABITS = (
    "Open the topic that fits the work at hand before starting on it.",
    "After a mistake that is likely to happen again, look here first; if the lesson is missing, "
    "record it.",
    "When the user asks you to remember something, save it at once; once is enough.",
    "When the user asks you to forget something, remove every entry that says it.",
    "Correct or remove an entry as soon as it proves wrong or out of date.",
    "File by topic, not by date; change the entry that exists rather than adding a second one.",
)


def screen(
    text: str,
    *known: str,
    allow_secret: str = "",
    detect: Detector | None = None,
) -> tuple[str, ...]:
    """Let `text` through, or refuse what a memory must never hold; returns the secrets let through.

    Args:
        text: what is to be saved.
        known: what stood there before: a secret or a hidden character of it is not added now.
        allow_secret: why a secret may be saved all the same, "" where it may not.
        detect: a second opinion on what is a secret.

    Raises:
        PolicyError: blank text, a hidden character, or a secret; the text is not repeated.
    """
    if not text.strip():
        raise PolicyError("there is nothing to remember: the text is blank", "Give it some words.")
    _screen_hidden(text, known)
    # Imported here: a prompt needs the words above and none of the patterns.
    from agent_memory.core import secrets

    if allow_secret:
        _screen_reason(allow_secret)
    found = secrets.hits(text, detect)
    there = {
        old[hit.start : hit.end] for old in known if found for hit in secrets.hits(old, detect)
    }
    added = [hit for hit in found if text[hit.start : hit.end] not in there]
    if added and not allow_secret:
        line, column = texts.Places(text).of(added[0].start)
        raise PolicyError(
            f"the text looks like it holds a secret: {added[0].name} "
            f"(line {line}, column {column})",
            f"{ELSEWHERE}; if it is none, or must be here:"
            " --allow-secret REASON (`allow_secret=` in the library).",
        )
    return tuple(dict.fromkeys(at.name for at in added))


def _screen_hidden(text: str, known: tuple[str, ...]) -> None:
    from agent_memory.core import hidden

    found = list(hidden.positions(text))
    there = Counter[str]()
    for old in known if found else ():
        there |= Counter(old[start] for start, _ in hidden.positions(old))
    for start, name in found:
        if there[text[start]]:
            there[text[start]] -= 1
            continue
        line, column = texts.Places(text).of(start)
        raise PolicyError(
            f"the text holds a {name} (U+{ord(text[start]):04X}, line {line}, column {column})",
            "Remove the character; a reader would not see it, and a model would.",
        )


def _screen_reason(reason: str) -> None:
    """The reason is kept in the history, so it is looked at like any text."""
    try:
        screen(reason)
    except PolicyError as error:
        error.message = f"the reason for saving a secret cannot be kept: {error.message}"
        raise


def whole(text: str) -> str:
    """The text, if it is made of whole characters: JSON can bring halves that no file can hold.

    Raises:
        PolicyError: it holds half a character.
    """
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise PolicyError(
            f"the text holds half a character (U+{ord(text[error.start]):04X})",
            "Write the whole character, or leave it out.",
        ) from None
    return text

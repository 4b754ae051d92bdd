"""What a memory is for: the policy in words, and the part of it that code can enforce."""

from __future__ import annotations

from agent_memory.core import text as texts
from agent_memory.errors import PolicyError

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


def screen(text: str) -> None:
    """Let `text` through, or refuse what a memory must never hold.

    Raises:
        PolicyError: blank text, a hidden character, or a secret; the text is not repeated.
    """
    if not text.strip():
        raise PolicyError("there is nothing to remember: the text is blank", "Give it some words.")
    # Imported here: a prompt needs the words above and none of the patterns.
    from agent_memory.core import hidden, secrets

    for start, name in hidden.positions(text):
        line, column = texts.Places(text).of(start)
        raise PolicyError(
            f"the text holds a {name} (U+{ord(text[start]):04X}, line {line}, column {column})",
            "Remove the character; a reader would not see it, and a model would.",
        )
    for found in secrets.secrets(text):
        raise PolicyError(
            f"the text looks like it holds a secret: {found.name} "
            f"(line {found.line}, column {found.column})",
            "Write where the secret is kept (a variable, a vault entry), not the secret.",
        )

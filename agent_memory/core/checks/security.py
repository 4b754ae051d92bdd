"""SE: secrets, and characters that a reader does not see and a model does."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from agent_memory.core import hidden, secrets
from agent_memory.core.checks.finding import Place, Subject, rule


@rule("SE001", "error")
def secret(subject: Subject) -> Iterator[Place]:
    """A password, key or token: it reaches the model's provider, and whoever gets the repository.

    Say where the secret is kept, not what it is. One that was ever saved is no secret any more:
    replace it where it is used, then `agent-memory forget --purge` takes it out of files and
    history. The finding names the kind and never the text. A write that adds one is refused.
    """
    for document in subject.documents:
        for found in secrets.secrets(document.text, subject.facts.detect):
            yield (
                document.path,
                found.line,
                f"this looks like a secret: {found.name} (column {found.column})",
                "replace it where it is used, write here where it is kept, and take it out of the"
                " history with `agent-memory forget --purge -`",
            )


@rule("SE002", "error")
def hidden_character(subject: Subject) -> Iterator[Place]:
    """A character that no reader sees and every model reads can carry orders from a stranger.

    Tag characters, zero-width and bidirectional controls, private use and control characters,
    where no emoji and no script needs them. A write that adds one is refused; in the prompt each
    becomes U+FFFD.
    """
    for document in subject.documents:
        found = hidden.hidden(document.text)
        for line, group in groupby(found, key=lambda one: one.line):
            here = list(group)
            names = ", ".join(dict.fromkeys(f"{one.name} U+{one.codepoint:04X}" for one in here))
            count = f"{len(here)} hidden characters" if len(here) > 1 else "a hidden character"
            yield (
                document.path,
                line,
                f"{count} (from column {here[0].column}): {names}",
                "take the characters out; who put them there, and what else did they write?",
            )

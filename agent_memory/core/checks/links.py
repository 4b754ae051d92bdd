"""LN: links that lead nowhere, topics that nothing leads to, rows that say too much."""

from __future__ import annotations

from collections.abc import Iterator

from agent_memory.core import links, upkeep
from agent_memory.core import text as texts
from agent_memory.core.checks.finding import Place, Subject, rule
from agent_memory.core.links import Link
from agent_memory.core.paths import INDEX


def _found(subject: Subject, status: str) -> Iterator[Link]:
    return (link for link in subject.links if link.status == status)


@rule("LN001", "error")
def broken_index_link(subject: Subject) -> Iterator[Place]:
    """A link of the index leads to a file that is not there: the agent is sent to nothing."""
    for link in _found(subject, "broken"):
        if link.source == INDEX:
            message = f"{link.target} is not there"
            yield link.source, link.line, message, _mend(subject, link)


@rule("LN002", "warning")
def broken_topic_link(subject: Subject) -> Iterator[Place]:
    """A link in a topic leads to a file that is not there."""
    for link in _found(subject, "broken"):
        if link.source != INDEX:
            message = f"{link.target} is not there"
            yield link.source, link.line, message, _mend(subject, link)


@rule("LN003", "info")
def dangling_wikilink(subject: Subject) -> Iterator[Place]:
    """A wikilink has no topic yet; people write them for topics to come."""
    for link in _found(subject, "dangling"):
        hint = f"write the topic (`agent-memory remember … --topic {link.target}`), or leave it"
        yield link.source, link.line, f"[[{link.target}]] has no topic yet", hint


@rule("LN004", "warning")
def ambiguous_link(subject: Subject) -> Iterator[Place]:
    """A link can mean several files, so different readers open different ones."""
    for link in _found(subject, "ambiguous"):
        meant = links.candidates(link.source, link.target, subject.names)
        message = f"{link.target} can mean {', '.join(meant)}"
        yield link.source, link.line, message, "name the file by its path"


@rule("LN005", "warning")
def topic_out_of_reach(subject: Subject) -> Iterator[Place]:
    """No link leads to the topic from what a runner loads of the index, so no agent opens it."""
    reachable = links.reachable(subject.snapshot, subject.budget, subject.names)
    for path in subject.snapshot.topics:
        if path not in reachable:
            yield (
                path,
                1,
                "no link leads here from the part of the index that is loaded",
                "`agent-memory check --fix` adds a row for it",
            )


@rule("LN006", "warning")
def long_row(subject: Subject) -> Iterator[Place]:
    """A row of more than 200 characters spends the budget on what its topic should say."""
    index = subject.snapshot.index
    for block in upkeep.long_rows(index):
        text = index.entry(block).text
        yield (
            INDEX,
            block.start + 1,
            f"this row has {len(text)} characters (“{texts.shorten(text, 50)}”)",
            "`agent-memory compact --step rows` moves its tail into the topic, unless that holds"
            " links",
        )


def _mend(subject: Subject, link: Link) -> str:
    import difflib

    close = difflib.get_close_matches(link.target, sorted(subject.snapshot.files), 1, 0.6)
    if close:
        return f"did it become {close[0]}?"
    return "write that topic, or take the link out (`--fix` takes out rows of deleted topics)"

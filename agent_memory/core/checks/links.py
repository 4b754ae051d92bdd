"""LN: links that lead nowhere, topics that nothing leads to, rows that say too much."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence

from agent_memory.core import anchors, headings, links, upkeep
from agent_memory.core import text as texts
from agent_memory.core.checks.finding import Place, Subject, rule
from agent_memory.core.links import Link
from agent_memory.core.paths import INDEX
from agent_memory.core.snapshot import Snapshot

_ALIKE = 0.8  # of two names, 0 to 1 (difflib's ratio): below it they are two things as often as not


def _found(subject: Subject, status: str) -> Iterator[Link]:
    return (link for link in subject.links if link.status == status)


@rule("LN001", "error", fix="takes out the row of a topic that history or git shows deleted")
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


@rule("LN003", "info", fix="takes out the row of a topic that history or git shows deleted")
def dangling_wikilink(subject: Subject) -> Iterator[Place]:
    """A wikilink has no topic yet; people write them for topics to come."""
    for link in _found(subject, "dangling"):
        hint = f"write the topic (`agent-memory remember … --topic {link.target}`), or leave it"
        hint += "; `--fix` takes out rows of deleted topics" * (link.source == INDEX)
        yield link.source, link.line, f"[[{link.target}]] has no topic yet", hint


@rule("LN004", "warning")
def ambiguous_link(subject: Subject) -> Iterator[Place]:
    """A link can mean several files, so different readers open different ones."""
    for link in _found(subject, "ambiguous"):
        meant = links.candidates(link.source, link.target, subject.names)
        message = f"{link.target} can mean {', '.join(meant)}"
        yield link.source, link.line, message, "name the file by its path"


@rule("LN005", "warning", fix="adds a row for the topic, where the index has room for it")
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
            "`agent-memory compact --step rows` moves its tail into the topic that it leads to",
        )


@rule("LN007", "info")
def anchor_without_a_heading(subject: Subject) -> Iterator[Place]:
    """An anchor names no heading of the file that it leads to, so readers land at its top."""
    snapshot = subject.snapshot
    for link in subject.links:
        if link.anchor and link.resolved and link.resolved in snapshot.files:
            yield from _lost_anchor(snapshot, link.source, link.line, link.resolved, link.anchor)
    for path in sorted(snapshot.files):
        for line, anchor in headings.own(snapshot.document(path)):
            yield from _lost_anchor(snapshot, path, line, path, anchor)


def _lost_anchor(
    snapshot: Snapshot, path: str, line: int, target: str, anchor: str
) -> Iterator[Place]:
    document = snapshot.document(target)
    if not headings.is_there(document, anchor):
        near = headings.nearest(document, anchor)
        out = "write that heading, or take the anchor out"
        hint = f"“{near}” is the closest (`#{anchors.anchor(near)}`)" if near else out
        yield path, line, f"{target} has no heading #{anchor}", hint


def _mend(subject: Subject, link: Link) -> str:
    close = _renamed(link.target, sorted(subject.snapshot.files))
    out = "take the link out (`--fix` takes out rows of deleted topics)"
    return f"did it become {close}? If not, {out}" if close else f"write that topic, or {out}"


def _renamed(target: str, paths: Sequence[str]) -> str | None:
    """The file that a target has almost certainly become, moved or spelled otherwise."""
    import difflib

    wanted = _stem(target)
    stems = {_stem(path): path for path in reversed(paths) if path != INDEX}
    # Names that differ in a number, as in decision-12 and decision-13, are two things.
    alike = [stem for stem in stems if re.findall(r"\d+", stem) == re.findall(r"\d+", wanted)]
    close = difflib.get_close_matches(wanted, alike, 1, _ALIKE)
    return stems[close[0]] if close else None


def _stem(path: str) -> str:
    return links.loose(posixpath.splitext(posixpath.basename(path))[0])

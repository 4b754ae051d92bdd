"""PO: what will be wrong in the next conversation, what was never checked, what is one machine's.

Code, quoted words and front matter are passed over; of paths only the personal ones are looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from itertools import groupby

from agent_memory.core import remarks
from agent_memory.core import text as texts
from agent_memory.core.checks import FAMILIES, comments, unknown
from agent_memory.core.checks.finding import Place, Subject, rule
from agent_memory.core.document import Document
from agent_memory.core.remarks import Seen

_SILENT = frozenset({"fence", "html", "comment", "heading"})
_MONTH = (
    "(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sep(?:t(?:ember)?)?"
    "|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)"
)
_DATE = (
    r"(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{4}"
    rf"|{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?,? \d{{4}}|\d{{1,2}} {_MONTH},? \d{{4}})"
)
_TIME_HEADING = re.compile(
    rf"(?i)[\W_]*(?:(?:notes?|log|updates?|entry|session)(?: (?:from|of|for|on))?[\W_]*)?{_DATE}"
    r"|[\W_]*(?:(?:last|this|previous|current|today'?s) session"
    r"|session (?:#?\d+|notes?|log|summary)|today|yesterday)\b"
)
_TO_DO_HEADING = re.compile(
    r"(?i)[\W\d_]*(?:to-?[ _]?dos?|action items?|(?:next|remaining) (?:steps?|tasks?|work)"
    r"|(?:open|outstanding|pending) tasks?)(?: list)?[\W_]*"
)


def _prose(document: Document) -> str:
    """The text with nothing but blank lines in place of code, HTML, headings and front matter."""
    lines = list(document.lines)
    silent = [block for block in document.blocks if block.kind in _SILENT]
    for block in silent:
        lines[block.start : block.end] = ["\n"] * (block.end - block.start)
    first = document.front_matter.lines if document.front_matter else 0
    return "".join([*["\n"] * first, *lines[first:]])


def _noise(subject: Subject, kind: str, what: str, hint: str) -> Iterator[Place]:
    for document in subject.documents:
        seen = remarks.noise(_prose(document), kind)
        yield from _by_line(document.path, seen, what, hint)


def _by_line(path: str, seen: list[Seen], what: str, hint: str) -> Iterator[Place]:
    for line, words in groupby(seen, key=lambda one: one.line):
        yield path, line, f"{remarks.quoted(words)} {what}", hint


@rule("PO001", "warning")
def relative_date(subject: Subject) -> Iterator[Place]:
    """“Yesterday”, “last week” and “3 days ago” mean another day to every reader.

    A memory is read weeks after it was written, by somebody who does not know when that was.
    """
    hint = "write the date, or what holds without one"
    yield from _noise(subject, "day", "will mean another time to the next reader", hint)


@rule("PO002", "warning")
def task_under_way(subject: Subject) -> Iterator[Place]:
    """What is being worked on is the state of one session, and wrong in the next.

    A memory holds what lasts; what is under way stands in the tracker or on the branch.
    """
    hint = "save what was decided or learned; leave what is under way to the tracker"
    yield from _noise(subject, "task", "is the state of a task, not something that lasts", hint)


@rule("PO003", "warning")
def state_of_a_branch_or_ticket(subject: Subject) -> Iterator[Place]:
    """Whether a branch is merged or a ticket open changes elsewhere, without this line.

    Ask the forge when it matters; the memory will not hear of the change.
    """
    hint = "leave it out, or say what holds once it is merged or closed"
    yield from _noise(subject, "state", "changes without anybody telling the memory", hint)


@rule("PO004", "warning")
def to_do(subject: Subject) -> Iterator[Place]:
    """A list of what is to do belongs where somebody ticks it off.

    In a memory it is read as true in every conversation, long after it was done.
    """
    hint = "move it to the tracker, or save the reason why it is to do"
    what = "is something to do, and stays here when it is done"
    yield from _noise(subject, "to do", what, hint)
    for document in subject.documents:
        for heading in document.headings:
            if _TO_DO_HEADING.fullmatch(heading.title):
                words = Seen(heading.start + 1, heading.title)
                yield from _by_line(document.path, [words], what, hint)


@rule("PO005", "warning")
def heading_of_a_date_or_a_session(subject: Subject) -> Iterator[Place]:
    """A heading that is a date or a session files by when, and readers look for what.

    What is known of one thing ends up in many places, and nobody sees that it contradicts itself.
    """
    for document in subject.documents:
        for heading in document.headings:
            if _TIME_HEADING.match(heading.title):
                said = texts.shorten(texts.printable(heading.title), 60)
                yield (
                    document.path,
                    heading.start + 1,
                    f"“{said}” files by time, not by topic",
                    "move what lasts below the heading of the thing that it is about",
                )


@rule("PO006", "warning")
def speculation(subject: Subject) -> Iterator[Place]:
    """“Probably”, “I think” and “not verified” mark a guess, which the next reader takes for true.

    Look first, then save what was found; what cannot be checked is not yet known.
    """
    hint = "check it against the project, then write the fact or take the line out"
    yield from _noise(subject, "doubt", "marks a guess", hint)


@rule("PO007", "warning")
def personal_path(subject: Subject) -> Iterator[Place]:
    """A path into somebody's home exists on one machine, and tells who they are.

    From the repository's root the same path holds for everyone, and for every checkout.
    """
    for document in subject.documents:
        for line, words in groupby(remarks.personal_paths(document.text), lambda one: one.line):
            seen = list(words)
            rest = remarks.from_root(seen[0].words, subject.facts.project)
            yield (
                document.path,
                line,
                f"{remarks.quoted(seen)} exists on one machine only",
                "write the path from the repository's root"
                + f", as in `{texts.shorten(texts.printable(rest), 80)}`" * bool(rest),
            )


@rule("PO008", "warning")
def ignore_of_an_unknown_code(subject: Subject) -> Iterator[Place]:
    """A comment that ignores a code which no rule has answers for nothing."""
    for document in subject.documents:
        for line, code in comments.ignores(document):
            if not code:
                message = "this comment names no code to ignore"
            elif unknown([code]):
                message = f"no rule's code begins with {texts.printable(code)}"
            else:
                continue
            hint = f"docs/rules.md lists the codes; families are {', '.join(FAMILIES)}"
            yield document.path, line, message, hint


@rule("PO009", "warning")
def expiry_that_is_no_day(subject: Subject) -> Iterator[Place]:
    """A comment that says when an entry expires, and names no day: it never would."""
    for document in subject.documents:
        for line, day in comments.expiries(document):
            if not _is_day(day):
                message = (
                    f"this entry expires on no day: “{texts.shorten(texts.printable(day), 40)}”"
                )
                yield document.path, line, message, "write it as in `<!-- expires: 2026-12-31 -->`"


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False

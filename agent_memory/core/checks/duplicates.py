"""DU: what stands twice, in the memory or in the instructions, and what may contradict."""

from __future__ import annotations

from collections.abc import Iterator

from agent_memory.core import alike, links, opposed, remarks
from agent_memory.core import text as texts
from agent_memory.core.checks.finding import Place, Subject, rule
from agent_memory.core.document import Document, Entry

_FEWEST = 3  # words of an entry that can repeat a line of the instructions


def _where(entry: Entry) -> str:
    return f"{entry.path}:{entry.line}"


def _said(entry: Entry) -> str:
    return f"“{texts.shorten(texts.printable(entry.text), 60)}”"


@rule("DU001", "error", fix="takes the later copy out, unless it is pinned or carries a comment")
def copy_of_an_entry(subject: Subject) -> Iterator[Place]:
    """An entry that stands somewhere else already costs budget, and will be corrected in one place.

    Copies are equal but for white space, emphasis, a final full stop and, where there is no code,
    letter case. What is said of what it stands under is none (`Status: done` below two headings),
    and neither are table rows, code, and the link rows of two files: each leads its own readers.
    """
    for first, later, _ in alike.copies(subject.entries):
        message = f"{_said(later)} stands at {_where(first)} already"
        yield later.path, later.line, message, "take one of the two out (`--fix` takes this one)"


@rule("DU002", "warning")
def nearly_a_copy(subject: Subject) -> Iterator[Place]:
    """Two entries say nearly the same of the same things; corrected in one place, they part.

    Their code spans, paths, URLs, numbers and bold heads are the same, the words beside them alike
    to 80 % and more, and the difference is not one word, or one label, in place of another: those
    are two facts of one form.
    """
    for first, later, score in alike.near(subject.entries):
        message = f"{_said(later)} says nearly what {_where(first)} does ({score:.0f} % alike)"
        hint = "make one entry of both, with what each says alone"
        yield later.path, later.line, message, hint


@rule("DU003", "warning")
def repeats_the_instructions(subject: Subject) -> Iterator[Place]:
    """What CLAUDE.md or AGENTS.md says is loaded anyway, and changes there without the memory.

    Files that they import (`@path`) count as well.
    """
    said = remarks.standing(subject.facts.instructions)
    done: set[tuple[str, int]] = set()
    for entry in subject.entries if said else ():
        place = said.get(remarks.plain(entry.text))
        if place and _can_repeat(entry):
            done.add((entry.path, entry.line))
            yield _repeated(entry, f"{place[0][0]}:{place[0][1]}", "already")
    instructions = [
        entry
        for path, text in subject.facts.instructions.items()
        for entry in Document(path, text).entries
    ]
    told = {id(entry) for entry in instructions}
    for first, later, _ in alike.near([*instructions, *subject.entries] if told else ()):
        is_new = (later.path, later.line) not in done
        if id(first) in told and id(later) not in told and is_new:
            done.add((later.path, later.line))
            yield _repeated(later, _where(first), "nearly")


def _can_repeat(entry: Entry) -> bool:
    words = len(alike.words(entry.text))
    return words >= _FEWEST and not entry.text.endswith(":") and not links.is_row(entry.text)


def _repeated(entry: Entry, where: str, how: str) -> Place:
    verb = "stands already" if how == "already" else "stands nearly so"
    message = f"{_said(entry)} {verb} in {texts.printable(where)}"
    hint = "instructions are loaded anyway: keep here only what they do not say"
    return entry.path, entry.line, message, hint


@rule("DU004", "info")
def may_contradict(subject: Subject) -> Iterator[Place]:
    """Two entries of which perhaps only one is true; look at both, code cannot tell.

    They have the same anchors and words but for one negation or one number, or do one thing with
    two tools. Both may be true: of two places, or one as the exception to the other.
    """
    for first, later, difference in opposed.candidates(subject.entries):
        message = f"{_said(later)} may contradict {_where(first)}: {difference}"
        hint = "if both are true, let each say where; else take the old one out"
        yield later.path, later.line, message, hint

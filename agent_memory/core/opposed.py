"""Entries of which perhaps only one is true: candidates for a reader, never a verdict.

Two may speak of two things, of two times, or of one rule and its exception: code cannot tell. It
can find what deserves a look: the same anchors, and one negation or one number of difference; or
two tools of one kind for one verb.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import combinations
from typing import NamedTuple

from agent_memory.core import alike
from agent_memory.core.document import Entry

_ALIKE = 88.0  # token_sort_ratio of what is left without the difference, 0 to 100
_FEWEST = 3  # words that two entries without an anchor must share
_EMPHATIC = frozenset({"always", "only", "do", "does", "did", "please"})
_NAMING = re.compile(  # numbers that name something: dates, times, steps, tickets, versions as R2
    r"\b\d{4}-\d{2}-\d{2}\b|\b\d{1,2}:\d{2}\b|#\d+|\b[A-Z]{1,4}-?\d+(?:-\d+)*\b|\b\d{6,}\b"
    r"|(?i:\b(?:step|phase|part|chapter|item|sprint|milestone|issue|pr|mr|ticket|option|level|task"
    r"|stage|round|case|example|week|day|rule|line|tier|appendix|section|table|figure|wave|batch|no"
    r"|nr|adr|rfc|story|epic|block|slot|version)s?[ -]?#?\d+(?:\.\d+)*\b)"
)
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_TOOLS: tuple[frozenset[str], ...] = tuple(
    frozenset(kind.split())
    for kind in (
        "npm yarn pnpm bun",
        "pip poetry uv pipenv conda pdm",
        "pytest unittest nose",
        "jest vitest mocha ava",
        "black yapf autopep8",
        "flake8 pylint ruff",
        "mypy pyright pyre",
        "eslint biome oxlint",
        "tabs spaces",
        "merge rebase squash",
        "docker podman",
        "webpack vite rollup parcel esbuild",
        "cypress playwright selenium",
        "maven gradle",
    )
)
_USE = re.compile(
    r"(?i)\b(use|prefer|run|choose|install|build|test|format|lint|indent|package|deploy)s?"
    r"(?: (?:only|just|the|with|using|via|dependencies|packages))*[ `*]+([a-z0-9]+)\b"
)
_REFUSED = re.compile(r"(?i)(?:not|never|n['’]t|instead of|rather than|avoid|no longer)\s+\Z")


class Candidate(NamedTuple):
    """Two entries in the order in which they stand, and in what they differ."""

    first: Entry
    later: Entry
    difference: str


def candidates(entries: Sequence[Entry]) -> Iterator[Candidate]:
    """The pairs of entries that may contradict each other, each once."""
    seen: set[tuple[int, int]] = set()
    prose = [entry for entry in entries if alike.is_prose(entry) or _is_short_rule(entry)]
    for find in (_negated, _renumbered, _with_other_tools):
        for one in find(prose):
            pair = (id(one.first), id(one.later))
            if pair not in seen:
                seen.add(pair)
                yield one


def _is_short_rule(entry: Entry) -> bool:
    return entry.kind == "item" and len(alike.words(entry.text)) >= _FEWEST


def _grouped(entries: Iterable[Entry], key: str) -> Iterator[tuple[Entry, Entry]]:
    """Pairs of one subject: the same anchors, or the same words where there is no anchor."""
    groups: dict[object, list[Entry]] = defaultdict(list)
    for entry in entries:
        about = alike.anchors(entry.text)
        numbers = tuple(sorted(about.numbers)) if key == "negation" else len(about.numbers)
        said = () if about.names else _rest(entry.text, key)
        if about.names or len(said) >= _FEWEST:
            groups[about.names, numbers, said].append(entry)
    pairs = alike.pairs(groups.values())
    return (pair for pair in pairs if alike.may_be_one_thing(*pair) and _are_named_alike(*pair))


def _are_named_alike(first: Entry, later: Entry) -> bool:
    """Whether the numbers that name something, as in “step 2”, are the same in both."""
    one, other = (set(_NAMING.findall(entry.text)) for entry in (first, later))
    return one == other


@lru_cache(maxsize=16384)
def _rest(text: str, key: str) -> tuple[str, ...]:
    """The words of a text without those in which two may differ."""
    if key == "number":
        return alike.words(_NUMBER.sub(" ", text))
    words = alike.words(text)
    return tuple(w for w in words if not alike.is_negation(w) and w not in _EMPHATIC)


def _is_same(first: Entry, later: Entry, key: str) -> bool:
    """Whether two entries say the same but for the difference."""
    from rapidfuzz import fuzz

    one, other = _rest(first.text, key), _rest(later.text, key)
    if one == other:
        return True
    score = fuzz.token_sort_ratio(" ".join(one), " ".join(other), score_cutoff=_ALIKE)
    return bool(score) and not alike.is_swap(one, other)


def _negated(entries: Iterable[Entry]) -> Iterator[Candidate]:
    for first, later in _grouped(entries, "negation"):
        apart = abs(alike.negations(first.text) - alike.negations(later.text))
        if apart == 1 and _is_same(first, later, "negation"):
            yield Candidate(first, later, "one says not, the other does not")


def _renumbered(entries: Iterable[Entry]) -> Iterator[Candidate]:
    for first, later in _grouped(entries, "number"):
        one, other = (Counter(_quantities(entry.text)) for entry in (first, later))
        gone, come = list((one - other).elements()), list((other - one).elements())
        if len(gone) == len(come) == 1 and _is_same(first, later, "number"):
            yield Candidate(first, later, f"{gone[0]} here, {come[0]} there")


@lru_cache(maxsize=16384)
def _quantities(text: str) -> tuple[str, ...]:
    """The numbers that count or measure; dates, labels and numbers of tickets name something."""
    return tuple(_NUMBER.findall(_NAMING.sub(" ", text)))


def _with_other_tools(entries: Iterable[Entry]) -> Iterator[Candidate]:
    groups: dict[tuple[str, frozenset[str]], list[tuple[str, Entry]]] = defaultdict(list)
    for entry in entries:
        for verb, tool, kind in _uses(entry.text):
            groups[verb, kind].append((tool, entry))
    for (verb, _), uses in groups.items():
        for (tool, first), (other, later) in combinations(uses[:60], 2):
            if tool != other and first is not later and _is_one_subject(first, later):
                yield Candidate(first, later, f"{verb} {tool} here, {other} there")


@lru_cache(maxsize=16384)
def _uses(text: str) -> tuple[tuple[str, str, frozenset[str]], ...]:
    """The verbs of a text that are done with a tool: verb, tool, the tools of its kind."""
    found: list[tuple[str, str, frozenset[str]]] = []
    for match in _USE.finditer(text):
        verb, tool = match[1].casefold(), match[2].casefold()
        kind = next((tools for tools in _TOOLS if tool in tools), None)
        if kind and not _REFUSED.search(text[max(match.start() - 20, 0) : match.start()]):
            found.append((verb, tool, kind))
    tools = {(verb, kind) for verb, _, kind in found}
    # Where a text names two of a kind it draws the line between them itself.
    return tuple(found) if len(tools) == len(found) else ()


def _is_one_subject(first: Entry, later: Entry) -> bool:
    one, other = (
        frozenset(n for n in alike.anchors(entry.text).names if "/" in n or "." in n)
        for entry in (first, later)
    )
    return one == other

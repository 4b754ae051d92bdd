"""Entries that say the same, nearly the same, or the opposite of each other.

Likeness of wording alone says little: of two rows that differ in one word both may be true. So
entries are compared only where their **anchors** agree: code spans, paths, URLs, numbers and bold
heads. That also parts them into small groups, and no entry is compared with all the others.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import combinations
from typing import NamedTuple

from agent_memory.core import links
from agent_memory.core.document import Entry, normalised

SIMILAR = 80.0  # rapidfuzz's token_sort_ratio, 0 to 100
_GROUP = 60  # entries of one group that are compared with each other; beyond it with neighbours
_SHORTEST = 4  # words; what is shorter says too little to be nearly the same
_SHORTEST_COPY = 3  # words; what is shorter is a label, and stands twice for a reason
_LONG = 7  # words that are a statement of their own
_FEWEST = 3  # words besides the anchors that likeness can be told by
_PROSE = ("item", "paragraph", "quote")

_CODE = re.compile(r"`([^`\n]{1,200})`")
_URL = re.compile(r"\bhttps?://[^\s)>\]\"'`]{1,400}")
_LINKED = re.compile(r"\]\(([^()\s]{1,200})\)|\[\[([^\[\]|\n]{1,200})")
_PATH = re.compile(
    r"(?<![\w/.-])(?:(?:[\w.@-]{1,80}/){1,20}[\w.@-]{0,80}|[\w-]{1,80}\.[a-z]{1,5}\b)"
)
_BOLD = re.compile(r"\A\*\*([^*\n]{1,120}?)\*\*(?!\s*:)")
_LABEL = re.compile(
    r"(?:[^\w`]{0,4})([\w` ./#&+-]{1,50}(?:\([^()]{1,30}\))?)\*{0,2}:\*{0,2}(?=\s|\Z)"
)
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_NEGATIONS = frozenset({"not", "never", "no", "without", "cannot"})


@dataclass(frozen=True, slots=True)
class Anchors:
    """What an entry is about: `names` are its code, paths, URLs and bold head."""

    names: frozenset[str]
    numbers: tuple[str, ...]


class Pair(NamedTuple):
    """Two entries in the order in which they stand, and how alike their wording is (0 to 100)."""

    first: Entry
    later: Entry
    score: float = 100.0


@lru_cache(maxsize=16384)
def anchors(text: str) -> Anchors:
    """The anchors of a text."""
    names: set[str] = set()
    for pattern in (_CODE, _URL, _LINKED, _PATH):
        for match in pattern.finditer(text):
            names.add(next((group for group in match.groups() if group), match[0]).strip(" ."))
        text = pattern.sub(" ", text)
    if head := _BOLD.match(text):
        name = head[1].strip(" .")
        if not name.endswith(":"):
            names.add(name)
    return Anchors(frozenset(names), tuple(_NUMBER.findall(text)))


def plain(text: str) -> str:
    """The text under which two entries say the same: no emphasis, no final full stop, no case.

    Case stays where there is code, which may mean two things by it.
    """
    bare = normalised(text).replace("**", "").replace("__", "").rstrip(" .")
    return bare if "`" in bare else bare.casefold()


def label(text: str) -> str:
    """The label of a text such as `Status: done`, "" where it has none."""
    match = _LABEL.match(text)
    return plain(match[1]) if match else ""


def is_prose(entry: Entry, shortest: int = _SHORTEST) -> bool:
    """Whether an entry can be said twice: a sentence or so, no heading, row or piece of code."""
    text = entry.text.rstrip(" *_\n")
    long = len(_WORD.findall(text)) >= shortest or (not text.isascii() and len(text) > 20)
    return entry.kind in _PROSE and long and not text.endswith(":")


def copies(entries: Iterable[Entry]) -> Iterator[Pair]:
    """Every entry that says exactly what one before it does, with that one."""
    seen: dict[str, list[_Placed]] = defaultdict(list)
    for placed in _placed(entries):
        if not is_prose(placed.entry, _SHORTEST_COPY):
            continue
        before = seen[plain(placed.entry.text)]
        first = next((one for one in before[:_GROUP] if _is_copy(one, placed)), None)
        if first is not None:
            yield Pair(first.entry, placed.entry)
        before.append(placed)


class _Placed(NamedTuple):
    """An entry, the heading that it stands under, and below that the paragraph that leads to it."""

    entry: Entry
    title: str
    lead: str


def _placed(entries: Iterable[Entry]) -> Iterator[_Placed]:
    home, lead = ("", ""), ""
    for entry in entries:
        if (entry.path, entry.section) != home:
            home, lead = (entry.path, entry.section), ""
        if entry.kind == "paragraph" and (
            entry.text.startswith("**") or entry.text.rstrip(" *_").endswith(":")
        ):
            lead = plain(entry.text)
        yield _Placed(entry, _title(entry), lead)


def _is_copy(one: _Placed, other: _Placed) -> bool:
    """Whether two entries of one text say one thing, and not the same of what they stand under."""
    first, later = one.entry, other.entry
    if not _may_be_compared(first, later):
        return False
    labelled = bool(label(later.text))
    if first.path != later.path:
        return not labelled or bool(anchors(later.text).names)
    if one[1:] == other[1:]:
        return True
    is_part = labelled or "=" in later.text or later.text[:1].islower()
    # Under two leads a short text says something of each.
    return not is_part and (one.lead == other.lead or len(words(later.text)) >= _LONG)


def may_be_one_thing(first: Entry, later: Entry) -> bool:
    """Whether two entries may be about one thing, as far as labels tell (`Status: done`).

    Two labels are two things, and one label is about what it stands under.
    """
    one, other = label(first.text), label(later.text)
    if one and other and one != other:
        return False
    return not other or later.path != first.path or _title(first) == _title(later)


def _title(entry: Entry) -> str:
    return " ".join(entry.section.casefold().split())


def near(entries: Iterable[Entry]) -> Iterator[Pair]:
    """Entries with the same anchors that say nearly the same."""
    groups: dict[object, list[Entry]] = defaultdict(list)
    for entry in entries:
        about = anchors(entry.text)
        if is_prose(entry) and (about.names or about.numbers):
            groups[about.names, tuple(sorted(about.numbers))].append(entry)
    for first, later in pairs(groups.values()):
        said, again = first.text, later.text
        if plain(said) == plain(again) or negations(said) != negations(again):
            continue
        if not may_be_one_thing(first, later):
            continue
        score = _likeness(said, again)
        if score and not is_swap(words(said), words(again)):
            yield Pair(first, later, score)


def _likeness(said: str, again: str) -> float:
    """How alike two texts are without their anchors, which are the same, 0 where not enough."""
    from rapidfuzz import fuzz

    one, other = _without_anchors(said), _without_anchors(again)
    if min(len(one), len(other)) < _FEWEST:
        return 0.0
    return fuzz.token_sort_ratio(" ".join(one), " ".join(other), score_cutoff=SIMILAR)


@lru_cache(maxsize=16384)
def _without_anchors(text: str) -> tuple[str, ...]:
    for pattern in (_CODE, _URL, _LINKED, _PATH):
        text = pattern.sub(" ", text)
    return words(text)


def pairs(groups: Iterable[Sequence[Entry]]) -> Iterator[tuple[Entry, Entry]]:
    """The pairs of each group that are worth comparing, within a bound."""
    for first, later in _all_pairs(groups):
        if _may_be_compared(first, later):
            yield first, later


def _all_pairs(groups: Iterable[Sequence[Entry]]) -> Iterator[tuple[Entry, Entry]]:
    for group in groups:
        if len(group) <= _GROUP:
            yield from combinations(group, 2)
            continue
        # Too many to compare all: those whose words begin alike stand next to each other.
        order = sorted(range(len(group)), key=lambda number: plain(group[number].text))
        for place, number in enumerate(order):
            for other in order[place + 1 : place + 6]:
                a, b = sorted((number, other))
                yield group[a], group[b]


@lru_cache(maxsize=16384)
def words(text: str) -> tuple[str, ...]:
    """The words of a text in lower case, numbers among them."""
    return tuple(word.casefold().replace("’", "'") for word in _WORD.findall(text))


def is_negation(word: str) -> bool:
    """Whether a word turns a sentence into its opposite."""
    return word in _NEGATIONS or word.endswith("n't")


@lru_cache(maxsize=16384)
def negations(text: str) -> int:
    """How many words of a text turn something into its opposite."""
    return sum(map(is_negation, words(text)))


def is_swap(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether words only take the place of others, one for one: two facts of one form."""
    if len(one) != len(other):
        return False
    opcodes = SequenceMatcher(None, one, other, autojunk=False).get_opcodes()
    return all(tag in ("equal", "replace") and b - a == d - c for tag, a, b, c, d in opcodes)


def _may_be_compared(first: Entry, later: Entry) -> bool:
    """A link row of one file is no copy of one in another: each leads its own readers there."""
    return first.path == later.path or not (links.is_row(first.text) or links.is_row(later.text))

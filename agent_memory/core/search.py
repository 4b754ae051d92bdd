"""Finding entries by words: tokens, and a ranking that is the same for the same files.

The ranking is BM25 over entries (Robertson and Zaragoza, "The Probabilistic Relevance Framework",
2009) with two fields: what the entry says, and where it stands, which is its section and the name,
title and description of its file. No model, no index on disk, nothing to be kept up to date.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from agent_memory.core.document import Entry
from agent_memory.core.paths import INDEX
from agent_memory.core.snapshot import Snapshot
from agent_memory.core.text import printable

LIMIT = 10
SNIPPET = 160  # characters of an entry that a hit shows
_SAID, _PLACE = 2.0, 1.0  # what a word counts that the entry says, or that names its place
_PREFIX = 0.5  # what a word counts that only begins with the one looked for
_PREFIX_FROM = 3  # letters
_K1, _B = 1.2, 0.4  # entries are short: length says less than it does of documents

_ACCENTS = re.compile("[\u0300-\u036f]")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
# Scripts that put no space between words: kana, Han with its extensions, Hangul.
_RUNS = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
_WORD = re.compile(rf"[{_RUNS}]+|[^\W_{_RUNS}]+")
_IS_RUN = re.compile(f"[{_RUNS}]")


@dataclass(frozen=True, slots=True)
class Hit:
    """An entry that was found; a higher `score` is a better one, `snippet` is one line of it."""

    entry: Entry
    score: float
    snippet: str


@dataclass(frozen=True, slots=True)
class _Candidate:
    entry: Entry
    weights: dict[str, float]  # token → its occurrences, weighted by field
    length: int


def search(snapshot: Snapshot, query: str, limit: int = LIMIT) -> list[Hit]:
    """The entries that hold words of `query`, the best first; equal ones as they stand."""
    wanted = sorted(set(tokens(query)))
    candidates = list(_candidates(snapshot))
    if not wanted or not candidates or limit < 1:
        return []
    rarity = _rarity(wanted, candidates)
    mean = sum(one.length for one in candidates) / len(candidates) or 1.0
    scored = [(_score(one, rarity, mean), one.entry) for one in candidates]
    found = sorted((pair for pair in scored if pair[0] > 0), key=lambda pair: -pair[0])
    return [Hit(entry, score, snippet(entry.text, wanted)) for score, entry in found[:limit]]


def tokens(text: str) -> Iterator[str]:
    """The words of a query: letter case, accents and the joints of identifiers do not matter.

    `maxRetries`, `max_retries` and `max-retries` have the same two; text of a script without
    spaces becomes overlapping pairs of characters.
    """
    for word in _words(text):
        if not _IS_RUN.match(word) or len(word) == 1:
            yield word
        else:
            yield from (word[at : at + 2] for at in range(len(word) - 1))


def _words(text: str) -> Iterator[str]:
    for match in _WORD.finditer(_unaccented(text)):
        yield from (part.casefold() for part in _CAMEL.split(match[0]))


def _unaccented(text: str) -> str:
    if text.isascii():
        return text
    return unicodedata.normalize("NFC", _ACCENTS.sub("", unicodedata.normalize("NFKD", text)))


def _kept(text: str) -> Iterator[str]:
    """What an entry is found by: its tokens, whole identifiers, and single characters of a run."""
    yield from tokens(text)
    for match in _WORD.finditer(_unaccented(text)):
        if _IS_RUN.match(match[0]):
            yield from match[0] if len(match[0]) > 1 else ()
        elif _CAMEL.search(match[0]):
            yield match[0].casefold()


def _candidates(snapshot: Snapshot) -> Iterator[_Candidate]:
    for path in [INDEX, *snapshot.topics]:
        document = snapshot.document(path)
        if not document.entries:
            continue
        stem = path.rpartition(".")[0]
        about = "" if path == INDEX else f"{stem} {document.title} {document.description}"
        of_file = set(_kept(about))
        for entry in document.entries:
            weights = dict.fromkeys(of_file.union(_kept(entry.section)), _PLACE)
            said = Counter(_kept(entry.text))
            for token, times in said.items():
                weights[token] = weights.get(token, 0.0) + times * _SAID
            yield _Candidate(entry, weights, sum(said.values()))


def _rarity(wanted: Sequence[str], candidates: Sequence[_Candidate]) -> dict[str, float]:
    """How much each word tells: the fewer entries have it, the more."""
    count = len(candidates)
    having = {word: sum(_weight(one, word) > 0 for one in candidates) for word in wanted}
    return {word: math.log(1 + (count - n + 0.5) / (n + 0.5)) for word, n in having.items()}


def _weight(candidate: _Candidate, word: str) -> float:
    """The weight of a word in an entry, of words that begin with it where it is not there."""
    exact = candidate.weights.get(word)
    if exact is not None or len(word) < _PREFIX_FROM:
        return exact or 0.0
    begun = [weight for token, weight in candidate.weights.items() if token.startswith(word)]
    return max(begun, default=0.0) * _PREFIX


def _score(candidate: _Candidate, rarity: dict[str, float], mean: float) -> float:
    norm = _K1 * (1 - _B + _B * candidate.length / mean)
    total = 0.0
    for word, telling in rarity.items():
        weight = _weight(candidate, word)
        total += telling * weight / (weight + norm)
    return round(total, 4)


def snippet(text: str, wanted: Sequence[str], limit: int = SNIPPET) -> str:
    """One line of at most `limit` characters, from shortly before the first word looked for."""
    flat = " ".join(printable(text).split())
    if len(flat) <= limit:
        return flat
    start = max(0, min(_first(flat, wanted) - limit // 4, len(flat) - limit + 1))
    if start:
        start = flat.find(" ", start, start + limit // 4) + 1 or start
    head = "…" if start else ""
    room = limit - len(head)
    if len(flat) - start <= room:
        return head + flat[start:]
    return head + flat[start : start + room - 1].rstrip() + "…"


def _first(flat: str, wanted: Sequence[str]) -> int:
    """Where the first word begins that is looked for, 0 where only the file's name has it."""
    lowered = flat.casefold()
    found = [at for word in wanted if (at := lowered.find(word)) >= 0]
    return min(found, default=0)

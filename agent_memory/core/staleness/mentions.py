"""The paths that a line of Markdown names, as far as a reader would take them for paths.

Whether such a path ever was one is not decided here: what never existed in the repository is
passed over later, so this may be generous.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

CODE = re.compile(r"(?<!`)(`++)(?P<code>.+?)(?<!`)\1(?!`)")
"""A code span within a line; a run of backticks is taken whole, so that a long one costs little."""
_TARGET = re.compile(r"\]\(<?(?P<target>[^()<>\s]+(?:\([^()\s]*\)[^()<>\s]*)?)>?(?:\s[^)]*)?\)")
_SPLIT = re.compile(r"[\s`\"'“”‘’«»|;→←⇒=]+|,(?![^{}]*\})|\s[-–—]+\s|->")
_URL = re.compile(r"[a-z][a-z0-9+.-]*://|^(?:www\.|mailto:|data:|git@)", re.IGNORECASE)
_PLACE = re.compile(r"(?:::?[A-Za-z_(].*|:\d[\d:,~–-]*|#.*|@\d\S*)$")
_BRACES = re.compile(r"\{([^{}]*,[^{}]*)\}")
_PLACEHOLDER = re.compile(
    r"[*<>{}?!\\^%&…]|(?:^|/)\.{3}(?:/|$)|^\$|/\$|^~|\bpath/to\b|\bYYYY\b|\bXXX?\b|:"
)
_EXTENSION = re.compile(r"[^/]\.(?=[\w-]*[A-Za-z])[A-Za-z0-9][\w-]{0,11}$")
_PLAIN_FILES = frozenset(
    {"Makefile", "Dockerfile", "Justfile", "justfile", "Procfile", "Gemfile", "Rakefile", "LICENSE"}
)
_BRACKETS = (("(", ")"), ("[", "]"), ("<", ">"))
_BEFORE, _AFTER = "*'\"•–—,:;!?+", "*'\"•–—,:;!?."

_SAYS_SO = re.compile(
    r"\b(?:deleted?|deleting|deletion|removed?|removing|removal|renamed?|renaming|legacy|"
    r"former(?:ly)?|planned|obsolete|deprecated|no longer|used to be|"
    r"(?:was|were|been|has) (?:moved|replaced|split|merged|migrated)|moved (?:to|from|into)|"
    r"replaced (?:by|with)|does(?: not|n't) exist|to be created|not yet)\b|~~",
    re.IGNORECASE,
)
_PATHLIKE = re.compile(r"[\w.-]*[/.][\w./-]*\w")
_SENTENCE = re.compile(r"(?<=[.;!?])\s+|\|")


@dataclass(frozen=True, slots=True)
class Mention:
    """A path as a line names it.

    `path` is without decoration; `is_folder` where it ends in a slash or has no suffix; `is_bare`
    where it is a name without folders; `in_code` where it stands in a code span.
    """

    path: str
    text: str
    is_folder: bool
    is_bare: bool
    in_code: bool


@lru_cache(maxsize=65536)
def mentions(line: str, folder: str = "") -> tuple[Mention, ...]:
    """The paths in a line, each once; `folder` is where the file that it is in lies.

    A path that climbs (`../x`) is taken from `folder`.
    """
    found: dict[str, Mention] = {}
    for text, in_code in _words(line.replace("~~", " ")):
        if "/" not in text and not (in_code and "." in text):
            continue
        for word in _expanded(text):
            mention = _mention(word, in_code, folder)
            if mention is not None:
                found.setdefault(mention.path, mention)
    return tuple(found.values())


def says_so(line: str, mention: Mention) -> bool:
    """Whether the sentence that names a path says itself that it is gone, or not there yet.

    What stands within a path (`plans/removal.md`) says nothing.
    """
    return any(
        _SAYS_SO.search(_PATHLIKE.sub(" ", sentence))
        for sentence in _SENTENCE.split(line)
        if mention.text in sentence or mention.path in sentence
    )


def _words(line: str) -> Iterator[tuple[str, bool]]:
    """The words that may be paths, and whether each stands in code."""
    done, rest = 0, []
    for match in CODE.finditer(line):
        rest.append(line[done : match.start()])
        done = match.end()
        yield from ((word, True) for word in _SPLIT.split(match["code"]))
    plain = " ".join([*rest, line[done:]])
    for match in _TARGET.finditer(plain):
        yield match["target"], False
    yield from ((word, False) for word in _SPLIT.split(_TARGET.sub("] ", plain)))


def _expanded(word: str) -> list[str]:
    """`a/{b,c}.py` as the two paths that it stands for."""
    match = _BRACES.search(word)
    if match is None:
        return [word]
    parts = (part.strip() for part in match[1].split(","))
    return [f"{word[: match.start()]}{part}{word[match.end() :]}" for part in parts][:20]


def _mention(word: str, in_code: bool, folder: str) -> Mention | None:
    text = _trimmed(word)
    if not 2 < len(text) < 300 or _URL.search(text):
        return None
    path = _trimmed(_PLACE.sub("", text))
    path = path.removeprefix("./").removeprefix("@/")
    if not path.strip("./") or _PLACEHOLDER.search(path):
        return None
    climbs = path.startswith("../")
    if climbs:
        path = _from(folder, path)
    is_file = _names_a_file(path)
    if path.startswith("/"):
        if not is_file:
            return None  # a route, or a place of this machine
        path = path.lstrip("/")
    is_bare = "/" not in path.strip("/") and not climbs
    is_folder = not is_file
    if is_bare and ((is_folder and not path.endswith("/")) or not in_code):
        return None
    if is_folder and not path.endswith("/") and not in_code:
        return None  # and/or
    path = posixpath.normpath(path)
    if path.startswith("..") or path == "." or "//" in path:
        return None
    return Mention(path, text, is_folder, is_bare, in_code)


def _names_a_file(path: str) -> bool:
    name = path.rpartition("/")[2]
    hidden = name.startswith(".") and name.strip(".") != ""
    return hidden or name in _PLAIN_FILES or _EXTENSION.search(name) is not None


def _from(folder: str, path: str) -> str:
    """A climbing path from `folder`; what climbs out of the repository is taken as it goes on."""
    joined = posixpath.normpath(posixpath.join(folder, path))
    if joined.startswith(".."):
        joined = re.sub(r"^(?:\.\./)+", "", path)
    return f"{joined}/" if path.endswith("/") else joined


def _trimmed(word: str) -> str:
    """The word without the marks around it; brackets that belong to it stay."""
    before = None
    while word != before:
        before = word
        word = word.lstrip(_BEFORE).rstrip(_AFTER)
        for opener, closer in _BRACKETS:
            if word.endswith(closer) and word.count(closer) > word.count(opener):
                word = word[:-1]
            opened = word.count(opener) > word.count(closer) or word.endswith(closer)
            if word.startswith(opener) and opened:
                word = word[1:]
    return word

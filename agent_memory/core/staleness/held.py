"""What held when a line was written and no longer does: names of code, commands, versions.

One principle for all: what a file did not say then, it cannot have stopped saying. So each claim
is first held against the files of now; only where they do not bear it out, those of the commit
that wrote the line are asked, and only what they bore out is evidence.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from agent_memory.core.snapshot import Snapshot
from agent_memory.core.staleness import commands, symbols, versions
from agent_memory.core.staleness.commands import Command
from agent_memory.core.staleness.evidence import Evidence, Kind, Weight
from agent_memory.core.staleness.facts import Facts, Written, is_manifest
from agent_memory.core.staleness.mentions import mentions
from agent_memory.core.staleness.versions import Claim

Found = dict[str, dict[int, list[Evidence]]]
"""Evidence by the memory's file and its line."""


@dataclass(frozen=True, slots=True)
class Question:
    """Something that the files of now do not bear out: did one of `paths` do so at `commit`?

    `owner_stands` where it is a name of a class that is still there.
    """

    file: str
    line: int
    subject: Command | Claim | str
    commit: int
    paths: tuple[str, ...]
    owner_stands: bool = False


@dataclass(frozen=True)
class Files:
    """The files of now that can bear claims out, by their texts."""

    texts: Mapping[str, str]

    @cached_property
    def commands(self) -> Mapping[str, frozenset[str] | None]:
        """The commands of each kind; None where a manifest does not tell them."""
        found: dict[str, frozenset[str] | None] = {}
        for path, text in self.texts.items():
            kind = commands.kind_of(path)
            if kind:
                names, before = commands.defined(path, text), found.get(kind, frozenset())
                found[kind] = None if names is None or before is None else before | names
        return found

    @cached_property
    def versions(self) -> Mapping[str, Collection[str]]:
        """The versions of each package."""
        found: dict[str, set[str]] = defaultdict(set)
        for path, text in self.texts.items():
            if versions.is_manifest(path):
                for name, numbers in versions.in_use(path, text).items():
                    found[name] |= numbers
        return found


def wanted(snapshot: Snapshot, facts: Facts) -> set[str]:
    """The living files that have to be read: manifests, and those said to define something."""
    files = {path for path in facts.live if is_manifest(path)}
    for _, _, line, _, folder, _ in _lines(snapshot, facts):
        if symbols.symbols(line):
            files |= _files(line, folder, facts)
    return files


def questions(snapshot: Snapshot, facts: Facts, files: Files) -> list[Question]:
    """The claims that the files of now do not bear out."""
    found: list[Question] = []
    for file, number, line, written, folder, in_fence in _lines(snapshot, facts):
        at = file, number
        commit = written.commits[0]
        for command in commands.commands(line, in_fence):
            known = files.commands.get(command.kind, frozenset())
            if known is not None and command.name not in known:
                paths = commands.manifests(command.kind, facts.manifests)
                found.append(Question(*at, command, commit, _alive(paths, commit, facts)))
        for claim in versions.claims(line, files.versions):
            if not versions.agrees(claim, files.versions[claim.name]):
                paths = [path for path in facts.manifests if versions.is_manifest(path)]
                found.append(Question(*at, claim, commit, _alive(paths, commit, facts)))
        for symbol in symbols.symbols(line):
            inside = sorted(_files(line, folder, facts) & files.texts.keys())
            if not any(_is_in(symbol, path, files.texts[path]) for path in inside):
                stands = any(_owner_stands(symbol, path, files.texts[path]) for path in inside)
                found.append(Question(*at, symbol, commit, tuple(inside), stands))
    return [question for question in found if question.paths]


def answers(
    asked: Iterable[Question],
    then: Mapping[tuple[int, str], str],
    words: Collection[str],
    facts: Facts,
) -> Found:
    """The evidence: what the files of then bore out.

    Args:
        asked: the questions.
        then: texts by commit and path.
        words: those of the asked names that still stand in some file.
        facts: what is known of the project.
    """
    found: Found = defaultdict(lambda: defaultdict(list))
    for question in asked:
        for path in question.paths:
            text = then.get((question.commit, path))
            if text is not None and _bore_out(question.subject, path, text):
                evidence = _evidence(question, path, words, facts)
                found[question.file][question.line].append(evidence)
                break
    return found


def _lines(snapshot: Snapshot, facts: Facts) -> Iterator[tuple[str, int, str, Written, str, bool]]:
    """The lines that are committed: file, number, text, origin, folder, and whether it is code."""
    for path in snapshot.files:
        document = snapshot.document(path)
        fenced = {
            number
            for block in document.blocks
            if block.kind == "fence"
            for number in range(block.start + 1, block.end + 1)
        }
        folder = f"{facts.folder}/{path}".rpartition("/")[0].strip("/")
        for number, written in facts.written.get(path, {}).items():
            if written.commits and number <= len(document.lines):
                yield path, number, document.lines[number - 1], written, folder, number in fenced


def _files(line: str, folder: str, facts: Facts) -> set[str]:
    """The living files that a line names, each beyond doubt."""
    found = set()
    for mention in mentions(line, folder):
        named = (
            facts.here.named(mention.path)
            if mention.is_bare
            else facts.here.files(mention.path, facts.prefix)
        )
        if len(named) == 1 and not mention.is_folder:
            found.add(named[0])
    return found


def _alive(paths: Iterable[str], commit: int, facts: Facts) -> tuple[str, ...]:
    past = facts.past
    return tuple(path for path in paths if past is not None and past.alive(path, commit))


def _is_in(symbol: str, path: str, text: str) -> bool:
    """Whether a file has a name in any way; a method in Python must be that of its class."""
    if not symbols.occurs(symbol, text):
        return False
    return not _owner_stands(symbol, path, text) or symbols.defines(symbol, path, text)


def _owner_stands(symbol: str, path: str, text: str) -> bool:
    """Whether a file of Python still has the class that a name is of."""
    owner = symbol.rpartition(".")[0]
    return bool(owner) and path.endswith(".py") and symbols.defines(owner, path, text)


def _bore_out(subject: Command | Claim | str, path: str, text: str) -> bool:
    if isinstance(subject, Command):
        return subject.name in (commands.defined(path, text) or ())
    if isinstance(subject, Claim):
        return versions.agrees(subject, versions.in_use(path, text).get(subject.name, ()))
    return symbols.defines(subject, path, text)


def _evidence(question: Question, path: str, words: Collection[str], facts: Facts) -> Evidence:
    subject, past = question.subject, facts.past
    written = facts.written[question.file][question.line]
    wrote = past.commits[question.commit] if past else ""
    when = f"when this line was written ({wrote[:10]}, {written.day})"
    kind: Kind
    weight: Weight = "stale"
    if isinstance(subject, Command):
        kind, text = "command gone", subject.text
        detail = f"{path} defined `{text}` {when}; nothing does now"
    elif isinstance(subject, Claim):
        kind, text, weight = "version", subject.text, "suspect"
        detail = f"{path} said {text} {when}; now it is another"
    else:
        kind, text = "symbol gone", subject
        detail = f"{path} defined {text} {when}, and does no more"
        if question.owner_stands:
            detail += "; its class is there"
        elif symbols.searched(subject) in words:
            weight, detail = "info", f"{detail}; the name still stands elsewhere"
        else:
            detail += "; the name stands in no file"
    return Evidence(kind, detail, question.line, weight, text, path, wrote)

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
from agent_memory.core.staleness.facts import Facts, is_manifest
from agent_memory.core.staleness.mentions import mentions
from agent_memory.core.staleness.versions import Claim

Found = dict[str, dict[int, list[Evidence]]]
"""Evidence by the memory's file and its line."""


@dataclass(frozen=True, slots=True)
class Question:
    """Something that the files of now do not bear out: did one of `paths` do so at `commit`?

    `owner_stands` where it is a name of a class that is still there, `may_inherit` where that has
    classes above it.
    """

    file: str
    line: int
    subject: Command | Claim | str
    commit: int
    paths: tuple[str, ...]
    owner_stands: bool = False
    may_inherit: bool = False


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
    for line in _lines(snapshot, facts):
        if line.files and symbols.symbols(line.text):
            files |= line.files
    return files


def questions(snapshot: Snapshot, facts: Facts, files: Files) -> list[Question]:
    """The claims that the files of now do not bear out."""
    found: list[Question] = []
    for line in _lines(snapshot, facts):
        found += _of_commands(line, facts, files)
        found += _of_versions(line, facts, files)
        found += _of_symbols(line, files)
    return [question for question in found if question.paths]


def _of_commands(line: _Line, facts: Facts, files: Files) -> Iterator[Question]:
    for command in commands.commands(line.text, line.in_fence):
        known = files.commands.get(command.kind, frozenset())
        if known is not None and command.name not in known:
            paths = commands.manifests(command.kind, facts.manifests)
            yield line.asks(command, _alive(paths, line.commit, facts))


def _of_versions(line: _Line, facts: Facts, files: Files) -> Iterator[Question]:
    for claim in versions.claims(line.text, files.versions):
        if not versions.agrees(claim, files.versions[claim.name]):
            paths = [path for path in facts.manifests if versions.is_manifest(path)]
            yield line.asks(claim, _alive(paths, line.commit, facts))


def _of_symbols(line: _Line, files: Files) -> Iterator[Question]:
    inside = sorted(line.files & files.texts.keys())
    for symbol in symbols.symbols(line.text) if inside else ():
        if not any(_is_in(symbol, path, files.texts[path]) for path in inside):
            owners = [path for path in inside if _owner_stands(symbol, path, files.texts[path])]
            owner = symbol.rpartition(".")[0]
            may = any(symbols.inherits(owner, files.texts[path]) for path in owners)
            yield line.asks(symbol, tuple(inside), bool(owners), may)


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


@dataclass(frozen=True, slots=True)
class _Line:
    """A committed line; `files` are the living files that its entry names, each beyond doubt."""

    file: str
    number: int
    text: str
    commit: int
    in_fence: bool
    files: frozenset[str]

    def asks(
        self,
        subject: Command | Claim | str,
        paths: tuple[str, ...],
        stands: bool = False,
        may_inherit: bool = False,
    ) -> Question:
        return Question(self.file, self.number, subject, self.commit, paths, stands, may_inherit)


def _lines(snapshot: Snapshot, facts: Facts) -> Iterator[_Line]:
    """The lines of entries that are committed."""
    for path in snapshot.files:
        document = snapshot.document(path)
        written = facts.written.get(path, {})
        folder = f"{facts.folder}/{path}".rpartition("/")[0].strip("/")
        for entry in document.entries:
            lines = document.lines[entry.line - 1 : entry.end_line]
            files = frozenset(file for line in lines for file in _files(line, folder, facts))
            for number, line in enumerate(lines, entry.line):
                origin = written.get(number)
                if origin is not None and origin.commits:
                    in_fence = entry.kind == "fence"
                    yield _Line(path, number, line, origin.commits[0], in_fence, files)


def _files(line: str, folder: str, facts: Facts) -> Iterator[str]:
    for mention in mentions(line, folder):
        named = (
            facts.here.named(mention.path)
            if mention.is_bare
            else facts.here.files(mention.path, facts.prefix)
        )
        if len(named) == 1 and not mention.is_folder:
            yield named[0]


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
        member = subject.rpartition(".")[2]
        if question.owner_stands and question.may_inherit and member in words:
            weight, detail = "suspect", f"{detail}; its class may inherit it: the name still stands"
        elif question.owner_stands:
            detail += "; its class is there"
        elif symbols.searched(subject)[0] in words:
            weight, detail = "info", f"{detail}; the name still stands elsewhere"
        else:
            detail += "; the name stands in no file"
    return Evidence(kind, detail, question.line, weight, text, path, wrote)

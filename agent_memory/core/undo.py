"""Going back: undoing a commit, and undoing the undo, without losing what others wrote since.

It is a three-way merge: what the commit left is the base, what was there before it is wanted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from agent_memory.core import lookup, place, secrets
from agent_memory.core import text as texts
from agent_memory.core.forget import entry_blocks
from agent_memory.core.history import PURGE, Commit, Judged, Record
from agent_memory.core.merge import Clash, merge_files
from agent_memory.core.paths import INDEX
from agent_memory.core.records import described, find, is_ours, kept, renamed
from agent_memory.core.snapshot import Snapshot, parsed
from agent_memory.errors import ConflictError, NotFoundError

Files = Mapping[str, bytes | None]
Clashes = tuple[tuple[str, Clash], ...]
Back = tuple[Snapshot, Clashes]
_NAMED = 3  # commits of others that an error names


@dataclass(frozen=True, slots=True)
class Step:
    """A way back, ready to be committed.

    `undoes` is the id of the commit that it takes back (several ids are parted by a space);
    `index` is the index that it goes back to; links must still lead to the files in `reach`;
    `judged` are the stamps and what the inbox holds that it takes back, or gives back.
    """

    snapshot: Snapshot
    message: str
    notices: tuple[str, ...] = ()
    undoes: str | None = None
    index: str = ""
    reach: tuple[str, ...] = ()
    judged: tuple[Judged, ...] = ()


# -- which commit ---------------------------------------------------------------------------------


def choose(records: Iterable[Record], actor: str, commit_id: str | None = None) -> Record:
    """The commit to be undone: the one of this id, else this actor's last that still stands.

    Raises:
        NotFoundError: there is none, or its bytes are no longer in the history.
        AmbiguousError: several ids begin so.
    """
    if commit_id is not None:
        return kept(find(records, commit_id))
    others: list[str] = []
    for record in _standing(records):
        if record.commit.actor == actor:
            return kept(record)
        others.append(described(record.commit))
    raise NotFoundError(
        f"no commit by {actor} is left to undo",
        "name one by its id: `agent-memory undo ID`; `agent-memory log` lists them",
        tuple(others[:_NAMED]),
    )


def choose_session(records: Iterable[Record], session: str) -> tuple[Record, ...]:
    """The commits of a session that still stand, the newest first.

    Raises:
        NotFoundError: there are none, or the bytes of one are no longer in the history.
    """
    found = [kept(record) for record in _standing(records) if record.commit.session == session]
    if not session or not found:
        raise NotFoundError(
            f"no commit to undo is of the session {texts.shorten(session, 40)}",
            "`agent-memory log --json` lists commits with their sessions",
        )
    return tuple(found)


def _standing(records: Iterable[Record]) -> Iterator[Record]:
    """Our commits that are neither undone nor undo one, the newest first."""
    commits = (record.commit for record in records)
    for record, (commit, is_undone) in zip(records, marked(commits), strict=True):
        is_step = commit.undoes is None and commit.operation != PURGE  # which nothing brings back
        if is_step and is_ours(commit) and not is_undone:
            yield record


def marked(commits: Iterable[Commit]) -> Iterator[tuple[Commit, bool]]:
    """Each commit, the newest first, with whether it is undone now."""
    undone: set[str] = set()
    for commit in commits:
        is_undone = commit.id in undone
        if commit.undoes is not None and not is_undone:  # else it takes nothing back any more
            undone.update(commit.undoes.split())
        yield commit, is_undone


# -- undo -----------------------------------------------------------------------------------------


def undo(
    snapshot: Snapshot, records: Iterable[Record], actor: str, commit_id: str | None = None
) -> Step:
    """The step that takes a commit back; the id of an undo takes that back.

    Without an id, a commit of which nothing is left to take back is passed over: others took it
    out, or a restore brought it back and was undone.

    Raises:
        NotFoundError: there is nothing to undo, or its bytes are no longer in the history.
        AmbiguousError: several ids begin so.
        ConflictError: others have changed the same place since.
    """
    step = _undo(snapshot, records, (choose(records, actor, commit_id),))
    if commit_id is not None or _does(step, snapshot):
        return step
    mine = (r for r in _standing(records) if r.commit.actor == actor and r.kept)
    steps = (_undo(snapshot, records, (record,)) for record in mine)
    return next((one for one in steps if _does(one, snapshot)), step)


def _does(step: Step, snapshot: Snapshot) -> bool:
    return step.snapshot.files != snapshot.files or bool(step.judged)


def undo_session(snapshot: Snapshot, records: Iterable[Record], session: str) -> Step:
    """The step that takes back all that a session did and that still stands.

    Raises:
        NotFoundError: there is nothing to undo, or its bytes are no longer in the history.
        ConflictError: others have changed the same place since.
    """
    return _undo(snapshot, records, choose_session(records, session))


def _undo(snapshot: Snapshot, records: Iterable[Record], chosen: Sequence[Record]) -> Step:
    after, reach = snapshot, list[str]()
    for record in chosen:
        now, (after, clashes) = after, undone(after, record)
        refuse(clashes, record.commit, "undone")
        reach += left(record.before, now, after)
    commits = [record.commit for record in chosen]
    stamps = tuple(_stamps(records, commits))
    nothing = "it is undone already, or others took it out"
    return Step(
        after,
        "; ".join(_message(commit) for commit in commits),
        () if stamps and after == snapshot else tuple(remarks(snapshot, after, nothing)),
        " ".join(commit.id for commit in commits),
        next((index_of(r.before) for r in reversed(chosen) if INDEX in r.before), ""),
        tuple(reach),
        stamps,
    )


def _stamps(records: Iterable[Record], commits: Sequence[Commit]) -> Iterator[Judged]:
    """What commits that are not undone already say of entries, without changing a file."""
    if any(commit.judged for commit in commits):
        gone = {one.id for one, is_undone in marked(r.commit for r in records) if is_undone}
        for commit in commits:
            if commit.id not in gone:
                yield from (one for one in commit.judged if one.done != "pruned")


def undone(snapshot: Snapshot, record: Record) -> Back:
    """The files without what a commit did, and where others have changed the same place."""
    moved = renamed(record)
    return went_back(snapshot, record.after, record.before, moved and (moved[1], moved[0]))


def _message(commit: Commit) -> str:
    verb, _, said = commit.message.partition(" ")
    if commit.undoes is not None and verb in ("undo", "redo"):
        return f"{'redo' if verb == 'undo' else 'undo'} {said}"
    return f"undo {commit.id}: {texts.shorten(commit.message, 120)}"


# -- merging --------------------------------------------------------------------------------------


def went_back(snapshot: Snapshot, base: Files, ours: Files, moved: tuple[str, str] | None) -> Back:
    """The files with the change from `base` to `ours` made on them, and where that clashes.

    `moved` is a file's path in `base` and in `ours`: what others changed in it goes with it.
    """
    files: dict[str, bytes | None] = dict(snapshot.files)
    clashes: list[tuple[str, Clash]] = []
    todo = [(path, path) for path in ours]
    if moved is not None and moved[0] in files and moved[1] not in files:
        todo = [moved, *(pair for pair in todo if pair[0] not in moved)]
    for source, target in todo:
        merged, found = _merged(target, base[source], ours[target], files.pop(source, None))
        files[target] = merged
        clashes += [(target, clash) for clash in found]
    left = {path: data for path, data in files.items() if data is not None}
    return snapshot.with_files(left), tuple(clashes)


def _merged(
    path: str, base: bytes | None, ours: bytes | None, theirs: bytes | None
) -> tuple[bytes | None, tuple[Clash, ...]]:
    """One file: what others made of it since stays, whether it is to go or they removed it."""
    if theirs == base:
        return ours, ()
    if ours in (base, theirs):
        return theirs, ()
    if ours is None and base is not None and theirs is not None:
        bare = _bare(path, base)
        merged, clashes = merge_files(path, base, bare, theirs)
        nothing = not clashes and set(_said(merged)) <= set(_said(bare))
        return (None if nothing else merged), clashes
    if theirs is None and base is not None and ours is not None:
        if not ids(path, ours) - ids(path, base):
            return None, ()
        return merge_files(path, base, ours, _bare(path, base))
    return merge_files(path, base, ours, theirs)


def _bare(path: str, data: bytes) -> bytes:
    """A file without its entries: what was made around them."""
    document = parsed(path, data)
    return texts.encode(place.without(document, [block for block, _ in entry_blocks(document)]))


def ids(path: str, data: bytes | None) -> set[str]:
    """The ids of the entries of one version of a file."""
    return {entry.id for entry in parsed(path, data or b"").entries}


def _said(data: bytes | None) -> list[str]:
    return [line.strip() for line in texts.lines(texts.decode(data or b"")) if line.strip()]


# -- what is said about it ------------------------------------------------------------------------


def index_of(files: Files) -> str:
    """The index's text in a set of versions, "" where it is not among them."""
    return texts.decode(files.get(INDEX) or b"")


def left(wanted: Files, now: Snapshot, after: Snapshot) -> Iterator[str]:
    """Files that stay or come back against the wanted state: their rows must not go."""
    for path, data in wanted.items():
        stays = path != INDEX and path in after.files and after.files[path] != data
        if stays and (data is None or path not in now.files):
            yield path


def refuse(clashes: Clashes, commit: Commit, done: str) -> None:
    """Raise where others have changed the same place.

    Raises:
        ConflictError: they have; both texts of the first place are named.
    """
    if not clashes:
        return
    path, first = clashes[0]
    more = f", and {len(clashes) - 1} more places" if len(clashes) > 1 else ""
    raise ConflictError(
        f"{commit.id} is not {done}: {path}:{first.line} has changed since{more};"
        f" {_quoted(first.theirs)} stands where {_quoted(first.ours)} would be",
        "change that place by hand, or undo first what was done there since"
        f" (`agent-memory log {path} --lines` says by which commit)",
        base=first.base,
        ours=first.ours,
        theirs=first.theirs,
    )


def _quoted(text: str) -> str:
    return f"“{texts.shorten(secrets.masked(text), 80)}”" if text.strip() else "nothing"


def remarks(before: Snapshot, after: Snapshot, why: str) -> Iterator[str]:
    """What there is to say: that nothing changed, and what mentions a file that went."""
    if before.files == after.files:
        yield f"nothing to do: {why}"
    for path in sorted(before.files.keys() - after.files.keys()):
        yield from lookup.mentions(after, path)

"""A path that an entry names, held against the repository: there, gone, or never there.

What never existed in the repository (a dependency's source, an ignored file, another repository,
a file to come) is passed over. Something live wins: a path that means a living file in any way
is not gone.
"""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from agent_memory.core.staleness.evidence import Evidence, Weight
from agent_memory.core.staleness.facts import Facts, Written
from agent_memory.core.staleness.mentions import Mention, mentions, says_so
from agent_memory.core.staleness.past import Fate, Past

_SHORT = 10  # characters of a commit's id that are shown
_LOOKED_AT = 200  # files of a folder whose fate is looked up


@dataclass(frozen=True, slots=True)
class _Gone:
    """A path that lived when the line was written, and how it went."""

    path: str
    fate: Fate
    nearest: str = ""


def path_evidence(
    line: str, number: int, folder: str, facts: Facts, written: Written | None
) -> Iterator[Evidence]:
    """What the repository says to each path in a line of a file in `folder`."""
    past = facts.past
    if past is None:
        yield from _untold(line, number, folder)
        return
    for mention in mentions(line, folder):
        living = _living(mention, facts)
        if living:
            if living[0] and written is not None:
                yield from _changed(mention, living[0], number, past, written)
            continue
        if written is not None and not written.commits:
            continue  # not committed yet: whoever writes it now sees what is there
        gone = _gone(mention, facts, past, written)
        if gone is not None:
            yield _path_gone(mention, gone, number, past, written, says_so(line, mention))


def _untold(line: str, number: int, folder: str) -> Iterator[Evidence]:
    for mention in mentions(line, folder):
        if not mention.is_bare and not mention.is_folder:
            detail = f"cannot tell what became of {mention.path}"
            yield Evidence("cannot tell", detail, number, "info", mention.text, mention.path)


def _living(mention: Mention, facts: Facts) -> list[str]:
    """What a mention can mean among the files that are there; "" stands for a folder."""
    if mention.is_bare:
        return facts.here.named(mention.path) or (
            [""] if mention.is_folder and facts.here.directories(mention.path) else []
        )
    found = facts.here.files(mention.path, facts.prefix)
    if found or not mention.is_folder:
        return found
    return ["" for _ in facts.here.directories(mention.path, facts.prefix)]


def _gone(mention: Mention, facts: Facts, past: Past, written: Written | None) -> _Gone | None:
    """What a mention meant when it was written, if that was something of this repository."""

    def lived(path: str) -> bool:
        return written is None or any(past.alive(path, commit) for commit in written.commits)

    if mention.is_bare:
        found = [path for path in facts.ever.named(mention.path) if lived(path)]
    else:
        found = facts.ever.files(mention.path, facts.prefix, lived)
    if found:
        fates = [(path, past.fate(path, facts.live)) for path in found]
        path, fate = next((one for one in fates if one[1].renamed_to), fates[0])
        return _Gone(path, fate, "" if fate.renamed_to else _nearest(path, facts))
    if not mention.is_folder or mention.is_bare:
        return None

    def held(folder: str) -> bool:
        # `feat/login` in a code span is as often a branch or a package as it is a folder.
        exact = folder in (mention.path, facts.prefix + mention.path)
        return (exact or mention.text.endswith("/")) and any(map(lived, facts.ever.below(folder)))

    for folder in facts.ever.directories(mention.path, facts.prefix, held):
        files = [path for path in facts.ever.below(folder) if lived(path)]
        return _Gone(f"{folder}/", _folder_fate(folder, files, facts, past))
    return None


def _folder_fate(directory: str, lived: list[str], facts: Facts, past: Past) -> Fate:
    """How a folder went: with the last of its files, and to where most of them were moved."""
    fates = [(path, past.fate(path, facts.live)) for path in lived[:_LOOKED_AT]]
    targets: Counter[str] = Counter()
    for path, fate in fates:
        rest = path[len(directory) :]
        if fate.renamed_to.endswith(rest):
            targets[fate.renamed_to[: -len(rest)]] += 1
    commits = [fate.commit for _, fate in fates if fate.commit is not None]
    target = next((name for name, count in targets.most_common(1) if count * 2 > len(fates)), "")
    return Fate(min(commits, default=None), f"{target}/" if target else "")


def _nearest(path: str, facts: Facts) -> str:
    """The only living file with the base name of one that is gone, or ""."""
    same = facts.here.named(posixpath.basename(path))
    return same[0] if len(same) == 1 else ""


def _path_gone(
    mention: Mention,
    gone: _Gone,
    line: int,
    past: Past,
    written: Written | None,
    is_told: bool,
) -> Evidence:
    weight: Weight = "stale" if written is not None else "suspect"
    reason = ""
    if mention.is_bare:
        weight, reason = "info", "; a bare file name"
    elif is_told:
        weight, reason = "info", "; the line itself speaks of a change"
    commit, date = _named(past, gone.fate.commit)
    wrote = past.commits[written.commits[0]] if written is not None and written.commits else ""
    detail = f"{_existed(gone.path, wrote, written)}; {_went(gone, commit, date)}{reason}"
    return Evidence(
        "path gone",
        detail,
        line,
        weight,
        mention.text,
        gone.path,
        wrote,
        commit,
        date,
        gone.fate.renamed_to,
        gone.nearest,
    )


def _existed(path: str, wrote: str, written: Written | None) -> str:
    if written is None:
        return f"{path} existed once, and when this line was written is not known"
    day = f", {written.day}" if written.day else ""
    return f"{path} existed when this line was written ({wrote[:_SHORT]}{day}, by {written.by})"


def _went(gone: _Gone, commit: str, date: str) -> str:
    target = gone.fate.renamed_to
    verb = f"renamed to {target}" if target else "deleted"
    place = f" in {commit[:_SHORT]} on {date}" if commit else ", in no commit yet"
    near = f"; the only file of its name is {gone.nearest}" if gone.nearest else ""
    return f"{verb}{place}{near}"


def _named(past: Past, commit: int | None) -> tuple[str, str]:
    if commit is None:
        return "", ""
    return past.commits[commit], f"{datetime.fromtimestamp(past.times[commit], UTC):%Y-%m-%d}"


def _changed(
    mention: Mention, path: str, line: int, past: Past, written: Written
) -> Iterator[Evidence]:
    """How often a living file was changed since: evidence that weighs nothing."""
    if mention.is_bare or not written.commits or path not in past.place:
        return
    count = past.changes_since(path, written.commits[0])
    if count:
        times = "1 commit has" if count == 1 else f"{count} commits have"
        wrote = past.commits[written.commits[0]]
        detail = f"{times} changed {path} since this line was written"
        yield Evidence("changed", detail, line, "info", mention.text, path, wrote)

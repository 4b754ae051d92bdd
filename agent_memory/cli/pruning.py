"""Taking stale entries out, into the archive: `prune`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated

import typer

from agent_memory.cli import commits, exits, opening, screen
from agent_memory.cli.aged import evidence, judged
from agent_memory.cli.blocks import Block, Diff, Line
from agent_memory.cli.examples import example
from agent_memory.cli.exits import WrongUsageError
from agent_memory.cli.screen import Screen, dump
from agent_memory.core import prune as pruning
from agent_memory.core import text as texts
from agent_memory.core.history import PRUNE
from agent_memory.core.secrets import masked

if TYPE_CHECKING:
    from agent_memory.core.archive import Archived
    from agent_memory.core.draft import Draft
    from agent_memory.core.prune import Proposal
    from agent_memory.core.staleness.evidence import StaleEntry, Staleness
    from agent_memory.memory import Memory

_QUESTION = "Prune it? yes, [no], edit, verify, quit"


@dataclass(slots=True)
class Decisions:
    """What a person decided about stale entries; what they said nothing of stays."""

    pruned: list[StaleEntry] = field(default_factory=list)
    verified: list[StaleEntry] = field(default_factory=list)
    edited: dict[str, str] = field(default_factory=dict)

    def make(self, draft: Draft) -> None:
        """Do all of it on a draft."""
        for entry, text in self.edited.items():
            draft.update(entry, text)
        for one in self.verified:
            draft.verify(one)
        if self.pruned:
            draft.prune(self.pruned)


@example("agent-memory prune --dry-run")
def prune(
    ctx: typer.Context,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show the plan with its evidence, write nothing.")
    ] = False,
    yes: Annotated[
        bool, typer.Option("--yes", help="Do not ask; leave what has no known source.")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="With --yes: even more than a fifth of the entries.")
    ] = False,
    list_: Annotated[
        bool, typer.Option("--list", help="Show what is archived: when, by whom, and why.")
    ] = False,
) -> None:
    """Take stale entries out, into the archive; `undo` or `restore ID` brings them back.

    Never what is pinned or what the user said. Each is asked about where there is a terminal;
    where there is none, --yes decides, and without it the plan is shown and the exit code is 1.
    """
    shown = Screen(ctx.obj)
    if force and not yes:
        raise WrongUsageError("--force is for --yes", "agent-memory prune --yes --force")
    if list_:
        found = opening.memory(ctx.obj, shown.note).archive()
        shown.answer(lambda: {"archived": [dump(one) for one in found]}, lambda: _archive(found))
        return
    memory = opening.writer(ctx.obj, shown.note)
    looked_at = memory.staleness(ctx.obj.project)
    for notice in looked_at.notices:
        shown.note(notice)
    proposed = memory.prunable(looked_at.entries)
    going = [one for one in proposed if not one.kept]
    if dry_run or not going:
        _show_plan(shown, memory, proposed)
    elif yes:
        _unasked(shown, memory, looked_at, proposed, force=force)
    elif screen.asks() and not ctx.obj.json:
        _asked(shown, memory, going)
    else:
        _show_plan(shown, memory, proposed)
        raise typer.Exit(exits.FINDINGS)


# -- without asking -------------------------------------------------------------------------------


def _show_plan(shown: Screen, memory: Memory, proposed: Sequence[Proposal]) -> None:
    diff = _diff(memory, [one.stale for one in proposed])
    shown.answer(
        lambda: {"proposed": [dump(one) for one in proposed], "diff": diff},
        lambda: _plan(proposed, diff),
    )


def _diff(memory: Memory, stale: Sequence[StaleEntry]) -> str:
    with memory.edit() as draft:
        draft.prune(stale)
        diff = draft.diff()
        draft.discard()
    return diff


def _plan(proposed: Sequence[Proposal], diff: str) -> Iterator[Block]:
    """Each stale entry with the evidence and who said it, or why it stays; then the diff."""
    for one in proposed:
        yield from _proposal(one)
    if diff:
        yield Diff(diff)
    else:
        yield Line("nothing to prune", "good")


def _proposal(one: Proposal) -> Iterator[Block]:
    yield from judged(one.stale)
    if one.kept:
        yield Line(f"         stays: {one.kept}", "warning")
    else:
        yield Line(f"         source: {one.source or 'unknown'}", "quiet")


def _unasked(
    shown: Screen,
    memory: Memory,
    looked_at: Staleness,
    proposed: Sequence[Proposal],
    *,
    force: bool,
) -> None:
    chosen = pruning.unasked(proposed, len(looked_at.entries), force)
    unknown = sum(not one.source and not one.kept for one in proposed)
    if unknown:
        what = "1 stale entry has" if unknown == 1 else f"{unknown} stale entries have"
        shown.note(f"{what} no known source and will stay: a person must decide")
    if not chosen:
        _show_plan(shown, memory, [])
        return
    commits.tell(shown, memory.prune([one.stale for one in chosen], source="user"))


# -- one by one -----------------------------------------------------------------------------------


def _asked(shown: Screen, memory: Memory, going: Sequence[Proposal]) -> None:
    decided = Decisions()
    for number, one in enumerate(going, 1):
        shown.show([Line(f"{number} of {len(going)}", "quiet"), *_proposal(one)])
        shown.show([Diff(_diff(memory, [one.stale]))])
        if not _decide(memory, one.stale, decided):
            break
    commit = memory.change(PRUNE, decided.make, source="user")
    commits.tell(shown, commit)
    if commit.is_empty:
        shown.show([Line("nothing was changed")])


def _decide(memory: Memory, stale: StaleEntry, decided: Decisions) -> bool:
    """Ask about one entry; whether to go on with the next."""
    key = screen.choice(_QUESTION, "ynevq", "n")
    if key == "y":
        decided.pruned.append(stale)
    elif key == "v":
        decided.verified.append(stale)
    elif key == "e":
        text = _edited(memory, stale)
        decided.edited.update({stale.entry.id: text} if text else {})
    return key != "q"


def _edited(memory: Memory, stale: StaleEntry) -> str | None:
    """The entry's new text out of the person's editor, None where they changed nothing."""
    from agent_memory.cli.editor import in_editor

    def save(text: str) -> str:
        with memory.edit() as draft:  # refused now, the text is still in the editor's copy
            draft.update(stale.entry.id, text)
            draft.discard()
        return text

    return in_editor(f"{stale.entry.id}.md", f"{stale.entry.text}\n", save)


# -- the archive ----------------------------------------------------------------------------------


def _archive(found: Sequence[Archived]) -> Iterator[Block]:
    """What was pruned, each with when, by whom and the evidence."""
    if not found:
        yield Line("the archive is empty")
        return
    for one in found:
        commit, pruned = one.commit, one.pruned
        said = texts.shorten(masked(" ".join(pruned.source.split())), 80)
        when = f"{commit.time.astimezone():%Y-%m-%d %H:%M}"
        yield Line(f"{commit.id}  {when}  {commit.actor}  {pruned.path}:{pruned.line}  {said}")
        yield from evidence(pruned.path, pruned.evidence)
    yield Line("agent-memory restore ID  brings back what that commit took out", "quiet")

"""The memory that the harnesses work on, what they do to it, and what must be true afterwards."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from agent_memory import Budget, Commit, Memory

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
NEXT = {"next.md": b"next\n"}
LONG_AGO = 1_600_000_000_000_000_000  # nanoseconds
_FILES = {
    "MEMORY.md": (
        "# Test memory\n\n## Style\n\n- use tabs\n- keep lines short\n- name things plainly\n\n"
        "## Topics\n\n- [Alpha](alpha.md) — the first\n- [Beta](notes/beta.md) — the second\n"
        "- [Only](gone/only.md) — alone in its folder\n- [Spare](old/spare.md) — moved later\n\n"
        "## Notes\n\n- bun is the runner\n"
        "- the port is 4000\n- deploys happen on Mondays\n- the cache lives in Redis\n"
    ),
    "alpha.md": "# Alpha\n\n- see [beta](notes/beta.md)\n- alpha says one thing\n",
    "notes/beta.md": "# Beta\n\n- back to [alpha](../alpha.md)\n- beta says another\n",
    "gone/only.md": "# Only\n\n- the only one here\n",
    "old/spare.md": "# Spare\n\n- something to move about\n",
}


def opened(root: Path, actor: str = "doomed", lines: int = 200) -> Memory:
    """The memory at `root`, at a time that stands still."""
    return Memory.open(
        root, budget=Budget(lines, 25_000), actor=actor, clock=lambda: NOON, quarantine=["web"]
    )


def make(root: Path, history: bool = True) -> None:
    """Make the memory; with `history`, after a commit, else as somebody wrote it by hand."""
    for path, text in _FILES.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    if history:
        before = NOON - timedelta(days=1)
        memory = Memory.open(root, budget=Budget(200, 25_000), actor="first", clock=lambda: before)
        memory.remember("the first entry of all")
    age(root)


def age(root: Path) -> None:
    """Let nothing look as if somebody had just written it: that is waited for."""
    for folder, _, names in os.walk(root):
        for name in [*names, "."]:
            os.utime(os.path.join(folder, name), ns=(LONG_AGO, LONG_AGO))


def _id(memory: Memory, text: str) -> str:
    return next((entry.id for entry in memory.entries() if text in entry.text), "unread")


def _edit(memory: Memory) -> Commit:
    with memory.edit() as draft:
        draft.remember("said in the middle of an edit")
        draft.rename("notes/beta.md", "notes/gamma.md")
        draft.remove("gone/only.md")
        draft.write("fresh/new.md", "# New\n\n- new in a new folder\n")
    assert draft.commit is not None
    return draft.commit


Operation = Callable[[Memory], Commit]

OPERATIONS: dict[str, Operation] = {
    "remember": lambda memory: memory.remember("a fact that is worth keeping"),
    "quarantine": lambda memory: memory.remember("a fact out of the web", source="web"),
    "update": lambda memory: memory.update(_id(memory, "bun is"), "pnpm is the runner now"),
    "move": lambda memory: memory.move(_id(memory, "the port"), "alpha"),
    "forget": lambda memory: memory.forget("deploys happen"),
    "write": lambda memory: memory.write("deep/er/n.md", "# N\n\n- in a new folder\n"),
    "rename": lambda memory: memory.rename("notes/beta.md", "other/gamma.md"),
    "remove": lambda memory: memory.remove("gone/only.md"),
    "compact": lambda memory: memory.compact(),
    "edit": _edit,
}
_LINES = {"compact": 17}  # a budget that the index does not keep


def perform(name: str, root: Path) -> Commit:
    """Do one of the operations."""
    return OPERATIONS[name](opened(root, lines=_LINES.get(name, 200)))


def move_files(root: Path) -> Commit:
    """What somebody does who then dies half way: it changes, makes and removes a file."""
    return opened(root, "crashed").rename("old/spare.md", "new/spare.md")


def do_next(root: Path) -> Commit:
    """What the next writer does, who has to put in order what it finds."""
    return opened(root, "next").write("next.md", "next\n")


# -- what must be true --------------------------------------------------------------------------


def visible(root: Path) -> dict[str, bytes]:
    """Every file of the memory as it lies there, our state left out but for what waits."""
    return _waiting(root) | {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and ".agent-memory" not in path.parts
    }


def read(root: Path) -> dict[str, bytes]:
    """The files, and what waits in the inbox, as a reader is served them."""
    return _waiting(root) | dict(opened(root)._storage.scan().files)


def _waiting(root: Path) -> dict[str, bytes]:
    """What waits, as if it stood in a file of its own; none where nothing does."""
    found = [one.text for one in opened(root).inbox()]
    return {"(inbox)": "\n".join(found).encode()} if found else {}


def actors(root: Path) -> list[str]:
    """Who made the commits of the history, the newest first."""
    return [record.commit.actor for record in opened(root)._storage.history()]


def litter(root: Path, folders: bool = True) -> list[str]:
    """Whatever should not be there after a commit; with `folders`, empty ones, too."""
    state = root / ".agent-memory"
    left = [path for folder in ("tmp", "late") for path in (state / folder).glob("*")]
    left += [path for mask in ("*.part", "intent*") for path in (state / "journal").glob(mask)]
    if folders:
        left += [
            path
            for path in root.rglob("*")
            if path.is_dir() and ".agent-memory" not in path.parts and not any(path.iterdir())
        ]
    found = [path.relative_to(root).as_posix() for path in left]
    ignore = state / ".gitignore"
    if ignore.exists() and ignore.read_bytes() != b"*\n":
        found.append("a torn .gitignore")
    return found

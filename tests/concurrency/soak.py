"""The proofs of this folder at full size, with the disk waited for, as a table.

By hand: python tests/concurrency/soak.py [--workers 8] [--edits 200] [--only NAME …] [--json]

A row says how many edits were acknowledged and how many refused; of ours what is missing, how
much of that the history does not explain, what stands twice although nobody wrote a stale
version, and what of pages is not as it was written; of theirs how many lines they wrote, what is
not in the files and what is nowhere; how often readers looked, and what they saw wrong.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from crowd import Crew, in_processes, in_tasks, in_threads, outcome, prepare, taken_out_by_others

Run = Callable[[Path, Path], Crew]


def scenarios(workers: int, edits: int, sync: bool) -> dict[str, Run]:
    """What is tried, by name."""
    processes = partial(in_processes, workers=workers, edits=edits, sync=sync)
    found: dict[str, Run] = {
        "spawn": partial(processes, method="spawn", readers=2),
        "fork": partial(processes, method="fork", readers=2),
        "threads, one memory": partial(in_threads, workers=workers, edits=edits, shared=True),
        "threads, a memory each": partial(in_threads, workers=workers, edits=edits, shared=False),
        "asyncio.to_thread": partial(in_tasks, workers=workers, edits=edits),
        "beside append": partial(processes, method="spawn", outsiders=("append", "append")),
    }
    git = ("check_out", "stash") if shutil.which("git") else ()
    for way in ("overwrite", "swap", "take_away", *git):
        found[f"beside {way}"] = partial(processes, method="spawn", outsiders=(way,))
    return found


def run(name: str, scenario: Run) -> dict[str, object]:
    """One row."""
    with tempfile.TemporaryDirectory() as temporary:
        directory, start = Path(temporary, "memory"), time.monotonic()
        prepare(directory, name.endswith(("check_out", "stash")))
        crew = scenario(directory, Path(temporary, "told"))
        seconds = time.monotonic() - start
        came = outcome(crew)
        unexplained = [text for text in came.missing if not taken_out_by_others(crew, text)]
        undecidable = bool(crew.outsiders) and "append" not in crew.outsiders
        twice = [] if undecidable else came.twice
        back = [] if undecidable else came.back
        late = [] if undecidable else came.theirs_missing
        failed = [*unexplained, *twice, *back, *came.pages, *came.theirs_destroyed, *came.wrong]
        for fault in [*failed, *late][:10]:
            print(f"  {name}: {fault}", file=sys.stderr)
        for refusal in came.refused[:3]:
            print(f"  {name}: refused: {refusal}", file=sys.stderr)
    return {
        "scenario": name, "edits": came.edits, "refused": len(came.refused),
        "missing": len(came.missing), "unexplained": len(unexplained), "twice": len(twice),
        "back": len(back), "pages": len(came.pages), "theirs": came.theirs,
        "not in files": len(came.theirs_missing), "nowhere": len(came.theirs_destroyed),
        "looks": came.looks, "wrong": len(came.wrong), "seconds": round(seconds, 1),
    }  # fmt: skip


def main() -> None:
    """Run what is asked for and print a line for each as it ends."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--workers", type=int, default=8)
    parser.add_argument("--edits", type=int, default=200, help="of each worker")
    parser.add_argument("--only", nargs="*", default=(), help="names, or parts of names")
    parser.add_argument("--no-sync", action="store_true", help="do not wait for the disk")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    rows: list[dict[str, object]] = []
    for name, scenario in scenarios(chosen.workers, chosen.edits, not chosen.no_sync).items():
        if chosen.only and not any(part in name for part in chosen.only):
            continue
        row = run(name, scenario)
        if not chosen.json:
            if not rows:
                print(f"{'scenario':24}" + "".join(f"{key:>13}" for key in list(row)[1:]))
            values = "".join(f"{value!s:>13}" for value in list(row.values())[1:])
            print(f"{name:24}{values}", flush=True)
        rows.append(row)
    if chosen.json:
        print(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()

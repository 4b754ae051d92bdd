"""Our verdicts and four simple ones against what really went stale.

    python tests/benchmarks/staleness/replay.py [--half tune|quote] [--seed N] WORK_TREE…

A work tree is a clone, whose HEAD holds agent memory, with its history. `truth.py` says what
went stale; every prediction is held against it, whether or not it found the mention itself.
Intervals are of 95 % by a bootstrap over repositories, as mentions of one repository are alike.
The repositories fall into two halves by a hash of their names: what there is to choose is chosen
on `tune`, and `quote` is quoted. Prints 30 random disagreements, to be read.
"""

from __future__ import annotations

import argparse
import hashlib
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from truth import Mention, Repository

from agent_memory import Memory

DAYS_90 = 90 * 86400
Key = tuple[str, int, str]


@dataclass
class Replayed:
    """One repository: what is true, and what each judge says of it."""

    name: str
    true: set[Key] = field(default_factory=set)
    named: dict[Key, Mention] = field(default_factory=dict)
    said: dict[str, set[Key]] = field(default_factory=dict)
    why: dict[Key, str] = field(default_factory=dict)
    targets: int = 0


def replay(top: Path) -> Replayed:
    repo = Repository(top)
    result = Replayed(top.name)
    for folder in repo.folders:
        for mention in repo.mentions(folder):
            result.named[(mention.file, mention.line, mention.path)] = mention
    result.said["ours"] = set(ours(repo, result))
    for key in result.said["ours"]:
        if key not in result.named:
            result.named[key] = repo.status(*key)
    result.true = {key for key, mention in result.named.items() if mention.stale}
    for name, judge in BASELINES.items():
        result.said[name] = {key for key, one in result.named.items() if judge(repo, one)}
    return result


def ours(repo: Repository, result: Replayed) -> Iterator[Key]:
    for folder in repo.folders:
        for entry in Memory.open(repo.top / folder).staleness().entries:
            for evidence in entry.evidence:
                if evidence.kind not in ("path gone", "path moved"):
                    continue
                key = (f"{folder}/{entry.entry.path}", evidence.line, named(evidence.subject))
                result.why[key] = f"{evidence.weight}: {evidence.detail}"
                if evidence.weight == "stale":
                    result.targets += bool(evidence.renamed_to)
                    yield key


def named(subject: str) -> str:
    """A path as the truth writes it."""
    while subject.startswith(("./", "../", "/", "@/")):
        subject = subject.split("/", 1)[1]
    return subject.split(":")[0].split("#")[0].strip("/")


def _changed(repo: Repository, mention: Mention) -> bool:
    time = repo.last_change.get(mention.path)
    if time is None:
        ends = "/" + mention.path
        time = max((t for path, t in repo.last_change.items() if path.endswith(ends)), default=0)
    return int(time) > mention.time


BASELINES: dict[str, Callable[[Repository, Mention], bool]] = {
    "always-missing": lambda repo, one: not one.exact_now,
    "suffix-only": lambda repo, one: not one.now,
    "older than 90 days": lambda repo, one: repo.head_time - one.time > DAYS_90,
    "file changed": _changed,
}


def rates(results: list[Replayed], judge: str) -> tuple[float, float]:
    hits = sum(len(one.said[judge] & one.true) for one in results)
    said = sum(len(one.said[judge]) for one in results)
    true = sum(len(one.true) for one in results)
    return (hits / said if said else float("nan")), (hits / true if true else float("nan"))


def intervals(results: list[Replayed], judge: str, seed: int) -> list[tuple[float, float]]:
    chance = random.Random(seed)
    drawn = [rates(chance.choices(results, k=len(results)), judge) for _ in range(2000)]
    found = []
    for values in zip(*drawn, strict=True):
        kept = sorted(value for value in values if value == value) or [float("nan")]
        last = len(kept) - 1
        found.append((kept[last * 25 // 1000], kept[last * 975 // 1000]))
    return found


def half(name: str) -> str:
    return "tune" if hashlib.sha256(name.encode()).digest()[0] % 2 else "quote"


def disagreements(results: list[Replayed], seed: int) -> Iterator[str]:
    all_of_them = [(one, key) for one in results for key in sorted(one.said["ours"] ^ one.true)]
    random.Random(seed).shuffle(all_of_them)
    for one, key in all_of_them[:30]:
        what = "FALSE" if key in one.said["ours"] else "MISSED"
        mention = one.named[key]
        yield (
            f"{what} {one.name}/{key[0]}:{key[1]} {key[2]}\n"
            f"    then={mention.then} now={mention.now} written={mention.written[:10]}"
            f" | {one.why.get(key, 'we say nothing')}"
        )


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("trees", nargs="+", type=Path)
    options.add_argument("--half", choices=["tune", "quote"])
    options.add_argument("--seed", type=int, default=1)
    chosen = options.parse_args()
    trees = [tree for tree in chosen.trees if chosen.half in (None, half(tree.name))]
    results = [one for tree in trees if (one := replay(tree)).named]
    for one in results:
        hits, said = len(one.true & one.said["ours"]), len(one.said["ours"])
        found = f"{len(one.named)} named, {len(one.true)} stale, ours {said}, right {hits}"
        moved = sum(mention.moved for mention in one.named.values())
        print(f"{one.name}: {found}, with a target {one.targets}, moved below a folder {moved}")
    for judge in ("ours", *BASELINES):
        shares = zip(rates(results, judge), intervals(results, judge, chosen.seed), strict=True)
        precision, recall = (
            f"{share:.3f} [{low:.2f}, {high:.2f}]" for share, (low, high) in shares
        )
        print(f"{judge:20} precision {precision}  recall {recall}")
    for row in disagreements(results, chosen.seed):
        print(row)


if __name__ == "__main__":
    main()

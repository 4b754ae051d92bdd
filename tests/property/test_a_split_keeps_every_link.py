"""Law: when a topic is split, every link leads where it led, and only links' targets change."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, note
from hypothesis import strategies as st

from agent_memory.core import anchors, links
from agent_memory.core.budget import Budget
from agent_memory.core.document import Document
from agent_memory.core.draft import Draft
from agent_memory.core.paths import INDEX
from agent_memory.core.sheet import Settings
from agent_memory.core.snapshot import Snapshot

HEADINGS = ["Part one", "Part two", "Über uns", "Part 7: `x`", "Setup"]
SAID = [
    "[a]({}#{})", "[a](<./{}#{}>)", "[[big#{}]]", "[[big#{}|shown]]", "[a](#{})", "[[#{}]]",
    "[r]", "[text][r]", "![p][img]", "[own]", "[[big]]", "[b](big.md)", "plain", "[no](#gone)",
]  # fmt: skip
DEFINED = ["[r]: other.md 'T'", "[img]: <p q.png>", "[own]: #{}", "> [r]:\n> other.md"]


def spelled(way: str, heading: str, home: str) -> str:
    own = way.startswith(("[a](#", "[own]: #"))
    said = heading if "[[" in way or "<" in way else anchors.anchor(heading)
    if own or "[[" in way:
        return way.format(said)
    return way.format("big.md" if home != "sub/x.md" else "../big.md", said)


@st.composite
def memories(draw: st.DrawFn) -> Snapshot:
    ending = draw(st.sampled_from(["\n", "\n", "\r\n"]))
    headings = draw(st.lists(st.sampled_from(HEADINGS), min_size=2, max_size=5, unique=True))
    ways = st.builds(spelled, st.sampled_from(SAID), st.sampled_from(headings), st.just("big.md"))
    definitions = st.builds(
        spelled, st.sampled_from(DEFINED), st.sampled_from(headings), st.just("")
    )
    number = 0
    lines = ["# Big", ""]
    for heading in headings:
        lines += [f"## {heading}", ""]
        for _ in range(draw(st.integers(1, 12))):
            number += 1
            lines.append(f"- entry {number} " + " ".join(draw(st.lists(ways, max_size=2))))
        lines += ["", *draw(st.lists(definitions, max_size=2)), ""]
    files = {"big.md": ending.join(lines), "other.md": "# Other\n", INDEX: "- [Big](big.md)\n"}
    for home in (INDEX, "sub/x.md"):
        say = st.builds(
            spelled, st.sampled_from(SAID[:4]), st.sampled_from(headings), st.just(home)
        )
        said = draw(st.lists(say, max_size=4))
        files[home] = files.get(home, "") + "".join(f"- see {one}\n" for one in said)
    return Snapshot({path: text.encode() for path, text in files.items()})


def ends(snapshot: Snapshot) -> Counter[tuple[str, ...]]:
    """What every entry's links say and lead to: a heading by its words, a file by its name."""
    known = links.names(snapshot)
    found: Counter[tuple[str, ...]] = Counter()
    for path in snapshot.files:
        document = snapshot.document(path)
        for entry in document.entries:
            if links.is_row(entry.text):
                continue
            inside = range(entry.line, entry.end_line + 1)
            leads = [lead(snapshot, one) for one in anchors.anchored(document, known)
                     if one.line in inside and one.kind != "reference"]  # fmt: skip
            leads += [
                referred(snapshot, path, one.target)
                for one in document.inlines.found
                if one.line in inside and one.label and one.kind in ("reference", "image")
            ]
            if leads:
                found[tuple(sorted(leads))] += 1
    return found


def lead(snapshot: Snapshot, link: anchors.Anchored) -> str:
    document = snapshot.document(link.goal)
    number = anchors.look_up(anchors.by_name(document), link.said)
    return "nowhere" if number is None else document.headings[number].title


def referred(snapshot: Snapshot, path: str, target: str) -> str:
    name, mark, _ = target.partition("#")
    if not mark:
        return target
    text = f"[x](<{target}>)" if name else f"[x]({target})"
    probe = Document(path, text if name else text + snapshot.text(path))
    goals = list(anchors.anchored(probe, links.names(snapshot)))
    return lead(snapshot, goals[0])


def beside_targets(snapshot: Snapshot) -> Counter[str]:
    """Every entry with the targets of its anchored links taken out, rows aside."""
    known = links.names(snapshot)
    found: Counter[str] = Counter()
    for path in snapshot.files:
        text = snapshot.text(path)
        spans = [
            (a.name.start, a.anchor.end) for a in anchors.anchored(Document(path, text), known)
        ]
        for start, end in sorted(spans, reverse=True):
            text = text[:start] + "@" + text[end:]
        entries = Document(path, text).entries
        found.update(e.text for e in entries if not links.is_row(e.text))
    return found


@given(memories(), st.integers(8, 30))
def test_a_split_keeps_every_link_and_every_other_word(memory: Snapshot, limit: int) -> None:
    note(memory.text("big.md"))
    settings = Settings(Budget(), topic_lines=limit)
    draft = Draft(memory, settings)
    draft.compact(("topics",))
    note(draft.diff())
    assert ends(draft.snapshot) == ends(memory)
    assert beside_targets(draft.snapshot) == beside_targets(memory)
    again = Draft(draft.snapshot, settings)
    again.compact(("topics",))
    assert not again.changes()

"""Memories as people and agents write them, and as nobody should, for the laws to be tried on."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

from hypothesis import strategies as st

from agent_memory.core.budget import Budget
from agent_memory.core.draft import Draft
from agent_memory.core.history import Commit, Record
from agent_memory.core.paths import INDEX
from agent_memory.core.sheet import Settings
from agent_memory.core.snapshot import Snapshot

TOPICS = ("alpha.md", "beta_notes.md", "deep/gamma.md", "tooling.md")
TITLES = ("Notes", "Topics", "Style", "Commands", "Très long — title", "notes on `x`", "Alpha")
WORDS = ("always", "use", "bun", "1.3", "`make test`", "naïve", "retry", "<b>", "port 8080", "*so*")

_words = st.lists(st.sampled_from(WORDS), min_size=1, max_size=5).map(" ".join)
_serial = st.integers(0, 999)
said = st.builds(lambda words, number: f"{words} {number}", _words, _serial)
"""What an entry says, mostly unlike any other."""

_title = st.sampled_from(TITLES)
_target = st.sampled_from([*TOPICS, "gone.md"])
_stem = st.sampled_from(["alpha", "beta-notes", "gamma", "nowhere"])
_pin = st.sampled_from(["", "", "", "", " <!-- pin -->"])
_mark = st.sampled_from(
    ["- ", "- ", "- ", "* ", "+ ", "-   ", "  - ", "1. ", "2) ", "-\t", "- [ ] "]
)

Piece = list[str]


def _listed(mark: str, items: list[str], gap: int) -> Piece:
    lines: Piece = []
    for number, item in enumerate(items):
        lines += [""] * (gap if number else 0) + [mark + item]
    return lines


link = st.one_of(
    st.builds("[{}]({}) — {}".format, _title, _target, said),
    st.builds("**[{}]({})**: see".format, _title, _target),
    st.builds("[[{}]] {}".format, _stem, said),
    st.builds("`{}` holds {}".format, _target, said),
    st.builds("{}".format, _target),
)
_items = st.builds(
    _listed,
    _mark,
    st.lists(st.one_of(st.builds("{}{}".format, said, _pin), said, link), min_size=1, max_size=5),
    st.sampled_from([0, 0, 0, 1]),
)
_rows = st.builds(_listed, st.just("- "), st.lists(link, min_size=1, max_size=5), st.just(0))
_cell = st.one_of(st.builds("[{}]({})".format, _title, _target), st.builds("[[{}]]".format, _stem))
_table = st.builds(
    lambda first, rows: [
        f"{first}| topic | what |".lstrip(),
        f"{first and '---'}|---|---|",
        *(f"{first and number}| {cell} | {text} |" for number, (cell, text) in enumerate(rows)),
    ],
    st.sampled_from(["", "# "]),
    st.lists(st.tuples(_cell, said), min_size=1, max_size=5),
)
_nested = st.builds(
    lambda head, inner, more: [f"- {head}", f"  - {inner}", "", f"    {more}", f"  1. {inner} b"],
    said, said, said,
)  # fmt: skip
_paragraph = st.lists(st.one_of(said, said, link), min_size=1, max_size=3)
_heading = st.builds(
    lambda level, title, pin: [f"{'#' * level} {title}{pin}"], st.sampled_from([1, 2, 2, 2, 3, 4]),
    _title, _pin,
)  # fmt: skip
_setext = st.builds(lambda title, line: [title, line], said, st.sampled_from(["---", "===", "-"]))
_odd = st.one_of(
    st.just(["---"]),
    st.just(["***"]),
    st.just(["<!-- pin -->"]),
    st.just(["<!-- a note", "", "that is not shown -->"]),
    st.just(["<!-- never closed"]),
    st.just(["<details>", "text", "</details>"]),
    st.just(["[ref]: alpha.md", "[other]: gone.md"]),
    st.just(["- "]),
    st.just(["#"]),
    st.just(["\x0c"]),
    st.just(["a\u2028b\x85c"]),
    st.just(["\udcff\udcfe bytes"]),
    st.builds(lambda text: ["```sh", text, "# not a heading", "```"], said),
    st.builds(lambda text: ["```", text], said),
    st.builds(lambda text: ["~~~", text, "", "~~~"], said),
    st.builds(lambda text: [f"    {text}", "", f"    {text} code"], said),
    st.builds(lambda text: [f"> {text}", "lazy"], said),
    st.builds(
        lambda one, two: ["| a | b |", "|---|---|", f"| {one} | x |", f"| {two} | y |"], said, said
    ),
    st.builds(lambda text: ["a | b", "--|--", f"{text} | z"], said),
)
piece: st.SearchStrategy[Piece] = st.one_of(
    _items, _items, _rows, _table, _nested, _paragraph, _heading, _heading, _setext, _odd
)
_front = st.sampled_from(
    [[], [], [], ["---", "name: x", "description: a: b", "---"], ["---", "never closed"]]
)
_gap = st.sampled_from([0, 1, 1, 1, 1, 2, 4])
_ending = st.sampled_from(["\n", "\n", "\n", "\r\n", "\r"])


@st.composite
def markdown(draw: st.DrawFn, pieces: int = 8) -> str:
    """The text of one file."""
    lines: Piece = [*draw(_front)]
    if draw(st.booleans()):
        lines += ["# Memory", ""]
    for part in draw(st.lists(piece, max_size=pieces)):
        lines += part + [""] * draw(_gap)
    ending = draw(_ending)
    text = ending.join(lines)
    if draw(st.integers(0, 9)):
        text = text.rstrip("\r\n") + ending
    return ("\ufeff" if draw(st.integers(0, 19)) == 7 else "") + text


@st.composite
def memories(draw: st.DrawFn, pieces: int = 12) -> Snapshot:
    """An index, sometimes none, and up to three topics that link to each other or do not."""
    files: dict[str, bytes] = {}
    for path in draw(st.lists(st.sampled_from(TOPICS), unique=True, max_size=3)):
        files[path] = draw(markdown(4)).encode("utf-8", "surrogateescape")
    if draw(st.integers(0, 11)):
        files[INDEX] = draw(markdown(pieces)).encode("utf-8", "surrogateescape")
    return Snapshot(files)


def _budget(snapshot: Snapshot, lines: float, size: float) -> Budget:
    index = snapshot.text(INDEX)
    return Budget(
        max(6, round(len(index.splitlines()) * lines)), max(300, round(len(index) * size))
    )


def budgets(snapshot: Snapshot) -> st.SearchStrategy[Budget]:
    """Budgets around the size of a memory's index: far too small, just right, ample."""
    share = st.sampled_from([0.1, 0.5, 0.8, 1.0, 1.02, 1.1, 1.5, 4.0])
    return st.builds(lambda lines, size: _budget(snapshot, lines, size), share, share)


@st.composite
def held(draw: st.DrawFn) -> Draft:
    """A draft over a memory, with a budget that may be too small and a section that is pinned."""
    snapshot = draw(memories())
    pinned = draw(st.sampled_from([frozenset[str](), frozenset[str](), frozenset({"style"})]))
    return Draft(snapshot, Settings(draw(budgets(snapshot)), pinned, "Test memory"))


new_entry = st.one_of(
    said.map(lambda text: f"{text} is new"),
    st.builds("{} first\nsecond {}\n\n- third".format, said, said),
    said.map(lambda text: f"{text} pinned <!-- pin -->"),
)
topic = st.sampled_from([None, None, None, "alpha", "fresh", "deep/gamma", "MEMORY.md"])
section = st.sampled_from([None, None, None, "Style", "Brand new", "Notes", "Topics"])


def ids(snapshot: Snapshot) -> Counter[str]:
    """How often each entry stands in a memory, by id."""
    return Counter(entry.id for path in snapshot.files for entry in snapshot.document(path).entries)


def record(written: Draft) -> Record:
    """What the history would keep of a draft that remembered one entry."""
    plan = written.plan("remember")
    paths = tuple(change.path for change in plan.changes)
    time = datetime(2026, 1, 1, tzinfo=UTC)
    commit = Commit(
        "c1", time, "tester", "remember", plan.message, paths, plan.entry, moved=plan.moved
    )
    return Record(
        commit,
        {change.path: change.before for change in plan.changes},
        {change.path: change.after for change in plan.changes},
    )

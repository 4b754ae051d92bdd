"""Law: what either side did to the entries of a file is done in the merge, once, or is a clash."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from hypothesis import assume, given, note
from hypothesis import strategies as st
from strategies import markdown, said

from agent_memory.core import text as texts
from agent_memory.core.document import Document
from agent_memory.core.merge import Merged, merge, merge_files

PATH = "MEMORY.md"
Lines = list[str]


def ids(text: str) -> Counter[str]:
    return Counter(entry.id for entry in Document(PATH, text).entries)


def alone(text: str) -> Counter[str]:
    """The entries of a clash; a mark that stood at its head in mid file is part of one."""
    return ids(text) | ids(f"\n{text}")


def lawful(base: str, ours: str, theirs: str) -> Counter[str]:
    """How often each entry must stand in a merge without clashes."""
    old, mine, other = ids(base), ids(ours), ids(theirs)
    result = Counter[str]()
    for entry in old | mine | other:
        here, there = mine[entry] - old[entry], other[entry] - old[entry]
        both = here * there > 0
        change = (max if here > 0 else min)(here, there) if both else here + there
        result[entry] = max(0, old[entry] + change)
    return +result


# --- memories of sections, and what people do to them ---


@dataclass(frozen=True)
class Step:
    """One edit; `place` and `other` are fractions of whatever there is to choose from."""

    verb: str
    place: float
    other: float
    text: str


VERBS = ("add", "add", "remove", "change", "change", "move", "rename", "section", "drop", "field",
         "note", "nest")  # fmt: skip
fraction = st.sampled_from([0.0, 0.2, 0.5, 0.7, 0.95])  # few, so that both sides often meet
steps = st.lists(
    st.builds(Step, st.sampled_from(VERBS), fraction, fraction, said), min_size=1, max_size=4
)


@st.composite
def plain(draw: st.DrawFn) -> str:
    """An ordinary memory: maybe front matter, sections, items, paragraphs; entries are unique."""
    number = iter(range(1000))
    lines: Lines = []
    if draw(st.booleans()):
        lines += ["---", "name: memory", "description: what is known", "type: project", "---", ""]
    lines += ["# Memory", ""]
    for title in draw(st.lists(st.sampled_from("ABCDE"), unique=True, min_size=1, max_size=4)):
        lines += [f"## {title}", ""]
        for _ in range(draw(st.integers(0, 4))):
            text = f"{draw(said)} of {next(number)}"
            shape = draw(st.sampled_from(["item", "item", "item", "nested", "paragraph"]))
            if shape == "paragraph":
                lines += [*([""] if lines[-1] else []), text, ""]
            else:
                lines += [f"- {text}", *(["  - inner"] if shape == "nested" else [])]
        lines += [""] if lines[-1] else []
    return "\n".join(lines).rstrip("\n") + "\n"


def chunks(text: str) -> list[tuple[int, int]]:
    return [(entry.line - 1, entry.end_line) for entry in Document(PATH, text).entries]


def chosen(options: list[tuple[int, int]], place: float) -> tuple[int, int] | None:
    return options[int(place * len(options))] if options else None


def done(text: str, step: Step) -> str:
    """The text after one edit, as a person would make it: no bytes elsewhere change."""
    lines = text.splitlines()
    at = chosen(chunks(text), step.place)
    heads = [(n, n + 1) for n, line in enumerate(lines) if line.startswith("## ")]
    head = chosen(heads, step.other)
    following = [n for n, _ in heads if head and n > head[0]] + [len(lines)]
    if step.verb == "add" and head:
        lines[following[0] : following[0]] = ["", f"- {step.text}"]
        lines = [*lines[: following[0] + 2], "", *lines[following[0] + 2 :]]
    elif step.verb == "remove" and at:
        del lines[at[0] : at[1]]
    elif step.verb == "change" and at:
        lines[at[0]] += f" {step.text.split()[-1]}"
    elif step.verb == "nest" and at and lines[at[0]].startswith("- "):
        lines[at[1] : at[1]] = [f"  - {step.text}"]
    elif step.verb == "move" and at and head:
        piece = lines[at[0] : at[1]]
        rest = lines[: at[0]] + lines[at[1] :]
        to = rest.index(lines[head[0]]) + 1
        lines = [*rest[:to], "", *piece, "", *rest[to:]]
    elif step.verb == "rename" and head:
        lines[head[0]] += f" {step.text.split()[-1]}"
    elif step.verb == "section":
        lines += ["", f"## New {step.text.split()[-1]}", "", f"- {step.text}"]
    elif step.verb == "drop" and head:
        del lines[head[0] : following[0]]
    elif step.verb == "field" and "name: memory" in lines:
        fields = ["name: ", "description: ", "type: "]
        key = fields[int(step.place * 3)]
        lines = [
            key + step.text.split()[0].strip("`*<>") if x.startswith(key) else x for x in lines
        ]
    elif step.verb == "note" and head:
        lines[head[1] : head[1]] = ["", f"<!-- {step.text} -->", ""]
    return "".join(line + "\n" for line in lines)


def edited(text: str, script: list[Step]) -> str:
    for step in script:
        text = done(text, step)
    return text


def check(base: str, ours: str, theirs: str) -> Merged:
    """What is true of every merge."""
    merged = merge(PATH, base, ours, theirs)
    note(f"BASE\n{base}\nOURS\n{ours}\nTHEIRS\n{theirs}\nMERGED\n{merged.text}\n{merged.clashes}")
    known = {texts.bare(line) for text in (base, ours, theirs) for line in texts.lines(text)}
    stripped = {line.removeprefix(texts.BOM) for line in known} | known | {""}
    assert {texts.bare(line) for line in texts.lines(merged.text)} <= {
        *stripped, *(texts.BOM + line for line in stripped)
    }  # fmt: skip
    law, found = lawful(base, ours, theirs), ids(merged.text)
    if not merged.clashes:
        assert found == law
    else:  # what is missing is told of, and theirs stays but for what we took out of it
        told = sum((alone(clash.ours) for clash in merged.clashes), Counter[str]())
        assert not law - found - told
        assert not ids(theirs) - found - (ids(base) - ids(ours))
    return merged


@given(plain(), steps, steps, steps)
def test_entries_stand_as_often_as_both_sides_want(
    base: str, both: list[Step], one: list[Step], two: list[Step]
) -> None:
    """Some edits are made by both, as when one side has the other's half."""
    ours, theirs = edited(base, both[1:] + one), edited(base, both[1:] + two)
    merged = check(base, ours, theirs)
    assert all(clash.theirs != theirs for clash in merged.clashes), "all of it is a clash"


@given(plain(), steps, steps)
def test_either_side_may_be_ours(base: str, one: list[Step], two: list[Step]) -> None:
    left, right = edited(base, one), edited(base, two)
    here, there = merge(PATH, base, left, right), merge(PATH, base, right, left)
    note(f"{base}\n---\n{left}\n---\n{right}\n---\n{here}\n---\n{there}")
    if not here.clashes and not there.clashes:
        assert ids(here.text) == ids(there.text)


@given(markdown(), markdown())
def test_where_one_side_did_nothing_the_other_is_taken_byte_for_byte(base: str, new: str) -> None:
    assert merge(PATH, base, new, base) == Merged(new, ())
    assert merge(PATH, base, base, new) == Merged(new, ())
    assert merge(PATH, base, new, new) == Merged(new, ())


def with_entry(draw: st.DrawFn, lines: list[str], at: tuple[int, int], part: list[Lines]) -> None:
    """Do something to the entry on the lines `at` of a version."""
    start, end = at
    verb = draw(st.sampled_from(["keep", "keep", "remove", "change", "nest", "pin"]))
    if verb == "remove":
        part[start:end] = [[] for _ in range(start, end)]
    elif verb == "change":
        part[start] = [f"{lines[start]} changed"]
    elif verb == "nest" and lines[start].startswith("- "):
        part[end - 1] = [lines[end - 1], "  - something under it"]
    elif verb == "pin":
        part[start] = [f"{lines[start]} <!-- pin -->"]


@st.composite
def shared_out(draw: st.DrawFn) -> tuple[str, str, str]:
    """A memory, and two versions of it by people who keep off each other's entries."""
    base = draw(plain())
    lines = base.splitlines()
    versions = ([[line] for line in lines], [[line] for line in lines])
    someone = st.integers(0, 1)
    for at in chunks(base):
        with_entry(draw, lines, at, versions[draw(someone)])
    titles = [number for number, line in enumerate(lines) if line.startswith("## ")]
    for title in titles:
        for who, version in enumerate(versions):
            if draw(st.integers(0, 2)) == 0:
                version[title] += ["", f"- added by {who} below {title}", ""]
        if draw(st.integers(0, 3)) == 0:
            versions[draw(someone)][title][0] += " renamed"
    for who, version in enumerate(versions):
        if draw(st.booleans()):
            version.append(["", f"- added by {who} at the end"])
    if lines[0] == "---":
        for field in (1, 2, 3):
            version = versions[draw(someone)]
            version[field][0] += draw(st.sampled_from(["", " changed"]))
            version[field] += draw(st.sampled_from([[], [f"more{field}: of it"]]))
    left, right = ("".join(f"{line}\n" for part in v for line in part) for v in versions)
    return base, left, right


@given(shared_out())
def test_who_changes_different_entries_never_clashes(versions: tuple[str, str, str]) -> None:
    base, ours, theirs = versions
    merged = check(base, ours, theirs)
    assert not merged.clashes
    known = Document(PATH, merged.text).properties
    for side in (ours, theirs):
        for key, value in Document(PATH, side).properties.items():
            if Document(PATH, base).properties.get(key) != value:
                assert known[key] == value


@given(markdown(), st.data())
def test_any_markdown_cut_and_put_together_otherwise(base: str, data: st.DataObject) -> None:
    """Lines taken out, doubled, put in, anywhere: also in fences, tables and lists."""

    def version() -> str:
        lines = texts.lines(base)
        for _ in range(data.draw(st.integers(1, 3))):
            at = data.draw(st.integers(0, len(lines)))
            gone = data.draw(st.integers(0, 2))
            come = texts.lines(data.draw(markdown(1))) if data.draw(st.booleans()) else []
            lines[at : at + gone] = come
        return "".join(lines)

    check(base, version(), version())


@given(st.binary(max_size=60), st.binary(max_size=60), st.binary(max_size=60))
def test_any_bytes_merge(base: bytes, ours: bytes, theirs: bytes) -> None:
    merged, _ = merge_files(PATH, base, ours, theirs)
    assert merged == texts.encode(check(*map(texts.decode, (base, ours, theirs))).text)


_scraps = st.lists(
    st.sampled_from(["- a", "- b", "```", "---", "\n", "\r", "\r\n", "\n\n", "# h", "x: y", "|a|",
                     "|-|", "\x0c", "\udcff", "\ufeff", "<!--", "-->", "  ", "1. ", "> "])
).map("".join)  # fmt: skip


@given(_scraps, _scraps, _scraps)
def test_any_scraps_merge(base: str, ours: str, theirs: str) -> None:
    check(base, ours, theirs)


@given(plain(), steps, steps, st.sampled_from(["\r\n", "\r"]), st.booleans())
def test_line_endings_are_not_mixed(
    base: str, one: list[Step], two: list[Step], ending: str, by_us: bool
) -> None:
    """Whoever converts a file, every line of the merge ends as that side wants it."""
    ours, theirs = edited(base, one), edited(base, two)
    assume(len({base, ours, theirs}) == 3)
    if by_us:
        ours = ours.replace("\n", ending)
    else:
        theirs = theirs.replace("\n", ending)
    merged = check(base, ours, theirs)
    if not any(clash.theirs == theirs for clash in merged.clashes):
        assert {line[len(texts.bare(line)) :] for line in texts.lines(merged.text)} <= {ending}
    plainly = merge(PATH, base, ours.replace(ending, "\n"), theirs.replace(ending, "\n"))
    assert plainly.text == merged.text.replace(ending, "\n")

"""Law: a stale write whose edits stand apart from theirs never conflicts, and loses nothing."""

from __future__ import annotations

from hypothesis import given, note
from hypothesis import strategies as st
from strategies import said

from agent_memory.core.budget import Budget
from agent_memory.core.draft import Draft
from agent_memory.core.paths import INDEX
from agent_memory.core.sheet import Settings
from agent_memory.core.snapshot import Snapshot

Lines = list[str]


@st.composite
def sides(draw: st.DrawFn) -> tuple[str, str, str, set[str]]:
    """A base, two versions of it that change different sections, and the lines both must leave."""
    base, ours, theirs = (["# Memory", ""] for _ in range(3))
    wanted: set[str] = set()
    for number in range(draw(st.integers(2, 6))):
        head = [f"## Part {number}", ""]
        old = [f"- {draw(said)} of {number}.{n}" for n in range(draw(st.integers(1, 4)))]
        new = draw(edits(old, number))
        mine = draw(st.booleans())
        for lines, body in (
            (base, old),
            (ours, new if mine else old),
            (theirs, old if mine else new),
        ):
            lines += [*head, *body, ""]
        wanted |= set(new)
    return "\n".join(base), "\n".join(ours), "\n".join(theirs), wanted


@st.composite
def edits(draw: st.DrawFn, old: Lines, part: int) -> Lines:
    """The entries of a part with some changed, some taken out, some added; the first one stays."""
    new = [old[0]]
    for line in old[1:]:
        kind = draw(st.sampled_from(["keep", "change", "remove", "add"]))
        new += [line] if kind in ("keep", "add") else []
        new += [f"{line} changed"] if kind == "change" else []
        new += [f"- {draw(said)} new in {part} after {len(new)}"] if kind == "add" else []
    return new


@given(sides())
def test_edits_that_stand_apart_are_all_in_the_file(given: tuple[str, str, str, set[str]]) -> None:
    base, ours, theirs, wanted = given
    note(f"BASE\n{base}\nOURS\n{ours}\nTHEIRS\n{theirs}")
    draft = Draft(Snapshot({INDEX: theirs.encode()}), Settings(Budget(1000, 1_000_000)))
    draft.write(INDEX, ours, base=base)
    found = {line for line in draft.snapshot.text(INDEX).splitlines() if line.startswith("- ")}
    assert found == wanted


@given(sides())
def test_the_same_is_true_of_a_draft_that_is_played_again(
    given: tuple[str, str, str, set[str]],
) -> None:
    base, ours, theirs, wanted = given
    long = Draft(Snapshot({INDEX: base.encode()}), Settings(Budget(1000, 1_000_000)))
    long.write(INDEX, ours, expected=long.snapshot.index.revision)
    again = long.replayed(Snapshot({INDEX: theirs.encode()}))
    found = {line for line in again.snapshot.text(INDEX).splitlines() if line.startswith("- ")}
    assert found == wanted

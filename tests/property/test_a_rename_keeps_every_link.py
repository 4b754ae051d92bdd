"""After a rename every link leads where it led, and no byte beside the links has changed."""

from __future__ import annotations

import posixpath
import re

from hypothesis import given, note
from hypothesis import strategies as st

from agent_memory.core import links
from agent_memory.core import text as texts
from agent_memory.core.budget import Budget
from agent_memory.core.document import Document
from agent_memory.core.links import Names
from agent_memory.core.paths import INDEX
from agent_memory.core.rename import rename
from agent_memory.core.snapshot import Snapshot
from agent_memory.errors import PolicyError, UnsafePathError

BUDGET = Budget()
PATHS = ["a.md", "big-plan.md", "two words.md", "sub/a.md", "sub/c.md", "sub/deep/d.md", "é.md"]
GOALS = [*PATHS, "A.md", "new.md", "big_plan.md", "sub/new.md", "other/b c.md", "x#1.md", "é é.md"]


def spellings(path: str, home: str) -> list[str]:
    """Ways to link to `path` from a file in the folder `home`."""
    relative = posixpath.relpath(path, home or ".")
    stem = posixpath.splitext(posixpath.basename(path))[0]
    escaped = relative.replace(" ", "%20")
    return [
        f"[T]({escaped})", f"[T](<{relative}>)", f"[T]({escaped}#part 't')", f"[T](<./{relative}>)",
        f"[{posixpath.basename(path)}]({escaped})", f"[`{path}`]({escaped})", f"[[{stem}]]",
        f"[[{stem}|shown]]", f"[[{stem}#Part]]", f"[[{stem.replace('-', '_')}]]", f"[[{path}]]",
        f"`{relative}`", relative, path, f"![p]({escaped})", f"\n\n[ref]: {escaped}\n\n",
        f"[no such]({stem}-gone.md)", f"[[{stem} to come]]", f"`code {relative}`", "plain words",
        "[site](https://x.org/a.md)", "[out](../../out.md)",
    ]  # fmt: skip


@st.composite
def memories(draw: st.DrawFn) -> Snapshot:
    paths = [INDEX, *draw(st.lists(st.sampled_from(PATHS), min_size=1, unique=True))]
    files: dict[str, bytes] = {}
    for path in paths:
        home = posixpath.dirname(path)
        ways = [way for to in paths for way in spellings(to, home)]
        said = draw(st.lists(st.sampled_from(ways), max_size=6))
        glue = draw(st.sampled_from([" ", "\n- ", "\r\n\r\n", " — "]))
        name = posixpath.splitext(posixpath.basename(path))[0]
        front = draw(st.sampled_from(["", f"---\nname: {name}\n---\n", "---\nname: other\n---\n"]))
        files[path] = texts.encode(front + glue.join(["x", *said, "x\n"]))
    return Snapshot(files)


def meant(document: Document, known: Names) -> list[tuple[str, str | None]]:
    return [(mention.kind, goal) for mention, goal in links.resolutions(document, known)]


def beside_links(document: Document, named: frozenset[int] = frozenset()) -> str:
    """The text with every target, label of a name, and front matter name taken out.

    The mentions with the numbers `named` read as if they were Markdown links.
    """
    text = document.text
    spans = {
        (m.span, "[](·)") if number in named else (m.target_span, "·")
        for number, m in enumerate(links.mentions(document))
    }
    spans |= {(i.target_span, "·") for i in document.inlines.found if i.kind == "image"}
    for (start, end), instead in sorted(spans, reverse=True):
        text = text[:start] + instead + text[end:]
    text = re.sub(r"\[[^\[\]]*\](?=\(<?·)", "[]", text)
    return re.sub(r"\A---\nname: .*\n---\n", "", text)


@given(memories(), st.data())
def test_a_rename_keeps_every_link_and_every_other_byte(
    memory: Snapshot, data: st.DataObject
) -> None:
    old = data.draw(st.sampled_from(memory.topics))
    new = data.draw(st.sampled_from(GOALS))
    note((old, new, memory.files))
    try:
        after = rename(memory, old, new)
    except (PolicyError, UnsafePathError):
        return
    note(after.files)
    assert set(after.files) == set(memory.files) - {old} | {new}
    known = links.names(memory), links.names(after)
    for path in memory.files:
        home = new if path == old else path
        was = meant(memory.document(path), known[0])
        now = meant(after.document(home), known[1])
        assert len(was) == len(now)
        became = set()  # plain names that cannot be said, and are links now
        for number, ((kind, target), (other, goal)) in enumerate(zip(was, now, strict=True)):
            if kind != other:
                assert (kind in ("code", "name"), other, target) == (True, "markdown", old)
                assert not links.is_name(new)
                became.add(number)
            assert target is None or goal == (new if target == old else target)
        assert beside_links(memory.document(path), frozenset(became)) == beside_links(
            after.document(home)
        )


@given(memories(), st.data())
def test_a_rename_there_and_back_leads_everywhere_again(
    memory: Snapshot, data: st.DataObject
) -> None:
    old = data.draw(st.sampled_from(memory.topics))
    try:
        there = rename(memory, old, "quite/elsewhere.md")
        back = rename(there, "quite/elsewhere.md", old)
    except PolicyError:
        return
    assert links.reachable(back, BUDGET) == links.reachable(memory, BUDGET)

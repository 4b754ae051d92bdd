"""How overflow leaves an index, and what stays."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

from agent_memory.core import links
from agent_memory.core.draft import Draft
from agent_memory.core.paths import INDEX
from agent_memory.core.snapshot import Snapshot
from agent_memory.errors import BudgetError

Drafted = Callable[..., Draft]


def ids(snapshot: Snapshot) -> Counter[str]:
    return Counter(e.id for path in snapshot.files for e in snapshot.document(path).entries)


def bullets(name: str, count: int) -> str:
    return "".join(f"- {name} {number}\n" for number in range(count))


def sections(**counts: int) -> str:
    parts = [f"## {title}\n\n{bullets(title.lower(), count)}" for title, count in counts.items()]
    return "# M\n\n" + "\n".join(parts)


def compacted(draft: Draft) -> Snapshot:
    draft.compact()
    after = draft.snapshot
    assert draft.settings.budget.holds(after.text(INDEX))
    assert not ids(draft.base) - ids(after)
    reached = links.reachable(after, draft.settings.budget)
    assert links.reachable(draft.base, draft.settings.budget) <= reached
    assert set(after.topics) - set(draft.base.topics) <= reached
    return after


def test_the_lowest_section_leaves_first_and_as_it_is(draft: Drafted) -> None:
    written = draft({INDEX: sections(Alpha=7, Beta=7, Gamma=24)}, lines=45)
    after = compacted(written)
    assert [move.section for move in written.moved] == ["Gamma"]
    assert after.text("gamma.md").endswith("\n## Gamma\n\n" + bullets("gamma", 24))
    assert "## Beta" in after.text(INDEX)
    assert "[Gamma](gamma.md)" in after.text(INDEX)


def test_it_is_trimmed_to_seven_tenths_so_that_the_next_writes_move_nothing(draft: Drafted) -> None:
    after = compacted(draft({INDEX: "# M\n\n" + bullets("x", 100)}, lines=50))
    assert 25 <= len(after.index.lines) <= 35
    again = draft({path: after.text(path) for path in after.files}, lines=50)
    again.remember("one more")
    assert again.moved == []


def test_a_flat_list_is_split_by_entry_from_its_end(draft: Drafted) -> None:
    after = compacted(draft({INDEX: "# M\n\n" + bullets("x", 60)}, lines=40))
    texts = [entry.text for entry in after.index.entries if entry.text.startswith("x")]
    assert texts == [f"x {number}" for number in range(len(texts))]
    (topic,) = after.topics
    assert [e.text for e in after.document(topic).entries] == [
        f"x {n}" for n in range(len(texts), 60)
    ]


def test_a_pure_list_of_links_gets_one_further_index(draft: Drafted) -> None:
    topics = {f"t{number}.md": f"# T{number}\n\ntext {number}\n" for number in range(60)}
    index = "# M\n\n" + "".join(f"- [T{n}](t{n}.md) — hook {n}\n" for n in range(60))
    after = compacted(draft({INDEX: index, **topics}, lines=30))
    assert set(after.topics) - set(topics) == {"more-topics.md"}
    assert "[More topics](more-topics.md)" in after.text(INDEX)


def test_a_second_overflow_of_links_joins_the_same_further_index(draft: Drafted) -> None:
    index = "# M\n\n" + "".join(f"- [T{n}](t{n}.md)\n" for n in range(60))
    files = {INDEX: index, **{f"t{n}.md": f"text {n}\n" for n in range(60)}}
    once = compacted(draft(files, lines=40))
    twice = compacted(draft({path: once.text(path) for path in once.files}, lines=20))
    assert set(once.files) == set(twice.files)


@pytest.mark.parametrize(
    "pinned",
    [
        "## Keep\n\n" + "".join(f"- keep {n} <!-- pin -->\n" for n in range(5)),
        "## Keep <!-- pin -->\n\n" + bullets("keep", 5),
        "## Keep\n<!-- pin -->\n\n" + bullets("keep", 5),
        "## Keep\n\n### Deep\n\n" + bullets("keep", 5),
    ],
)
def test_what_is_pinned_stays_though_it_is_lowest(pinned: str, draft: Drafted) -> None:
    settings = frozenset({"keep"}) if "pin" not in pinned else frozenset[str]()
    written = draft({INDEX: sections(Alpha=30) + "\n" + pinned}, lines=30, pinned=settings)
    after = compacted(written)
    kept = [entry.text for entry in after.index.entries if entry.text.startswith("keep")]
    assert kept == [f"keep {number}" for number in range(5)]


def test_what_is_pinned_and_too_large_is_an_error_that_says_so(draft: Drafted) -> None:
    written = draft({INDEX: "## Keep <!-- pin -->\n\n" + bullets("keep", 30)}, lines=20)
    with pytest.raises(BudgetError, match=r"30 pinned entries \(the first at line 3\)") as caught:
        written.compact()
    assert "raise the budget" in caught.value.hint
    assert not written.changes()


def test_within_budget_there_is_nothing_to_do(draft: Drafted) -> None:
    written = draft({INDEX: "# M\n\n- a\n"})
    written.compact()
    assert not written.changes()
    assert written.notices == [f"nothing to do: {INDEX} and its topics are within their limits"]


def test_a_topic_never_takes_a_name_that_is_meant_by_a_link(draft: Drafted) -> None:
    files = {INDEX: sections(Alpha=20, Beta=20), "beta.md": "somebody's own\n"}
    after = compacted(draft(files, lines=30))
    assert after.text("beta.md") == "somebody's own\n"
    assert "beta-2.md" in after.files


def test_gaps_close_when_only_blank_lines_are_too_many(draft: Drafted) -> None:
    written = draft({INDEX: "# M <!-- pin -->\n\n- a\n\n\n\n\n\n\n- b\n"}, lines=6)
    written.compact()
    assert written.snapshot.text(INDEX) == "# M <!-- pin -->\n\n- a\n\n- b\n"


def test_an_index_of_168_lines_and_34_kb_fits_afterwards(draft: Drafted) -> None:
    parts = ["# Django backend", ""]
    number = 0
    while len(parts) < 168:
        if number % 12 == 0:
            parts += ["", f"## Area {number // 12}", ""]
        parts.append(f"- **fact {number}**: " + "the retry queue keeps its order; " * 7)
        number += 1
    index = "\n".join(parts[:168]) + "\n"
    assert len(index.splitlines()) == 168
    assert 31_000 < len(index) < 36_000
    after = compacted(draft({INDEX: index}))
    assert len(after.files[INDEX]) <= 17_500
    assert len(after.text(INDEX)) > 8_000


def test_an_index_of_1_162_lines_fits_afterwards(draft: Drafted) -> None:
    parts = ["# M", "", "- [Setup](setup.md) — how", ""]
    while len(parts) < 1_162:
        number = len(parts)
        parts += [f"## Part {number}", "", f"Prose about {number}.", "", "```sh", f"make {number}"]
        parts += ["```", "", f"- one {number}", f"  - nested {number}", f"- two {number}", ""]
    files = {INDEX: "\n".join(parts[:1_162]) + "\n", "setup.md": "# Setup\n\ntext\n"}
    written = draft(files)
    after = compacted(written)
    assert 70 <= len(after.index.lines) <= 140
    assert "setup.md" in links.reachable(after, written.settings.budget)


# -- topics and steps ---------------------------------------------------------------------------

HEAD = "---\nname: t\ndescription: all of t\n---\n\n# The T\n\nWhat it is about.\n\n"


def long_topic(*titles: str, count: int = 120) -> str:
    return HEAD + "\n".join(f"## {title}\n\n{bullets(title, count)}" for title in titles)


def test_a_topic_over_its_limit_is_split_by_its_headings(draft: Drafted) -> None:
    files = {INDEX: "- [T](t.md)\n", "t.md": long_topic("One", "Two", "Three", "Four")}
    written = draft(files)
    after = compacted(written)
    assert after.text(INDEX) == files[INDEX]
    assert after.text("t.md").startswith(HEAD)
    assert len(after.document("t.md").lines) <= 400
    assert "[Four](t-four.md)" in after.text("t.md")
    assert after.text("t-four.md").endswith("## Four\n\n" + bullets("Four", 120))
    reached = links.reachable(after, written.settings.budget)
    assert reached == set(after.topics)
    assert [(move.path, move.topic) for move in written.moved] == [
        ("t.md", f"t-{title.casefold()}.md") for title in ("Three", "Four")
    ]


def test_a_topic_in_a_folder_is_split_beside_itself(draft: Drafted) -> None:
    text = long_topic("One", "Two", "Three", "Four") + "\nSee [a](../a.md).\n"
    after = compacted(draft({INDEX: "- [T](sub/t.md)\n", "sub/t.md": text, "a.md": "x\n"}))
    assert set(after.topics) == {"a.md", "sub/t.md", "sub/t-three.md", "sub/t-four.md"}


def test_a_topic_within_its_limit_is_left_alone(draft: Drafted) -> None:
    written = draft({INDEX: "- [T](t.md)\n", "t.md": long_topic("One", "Two", count=180)})
    written.compact()
    assert not written.changes()


def test_a_topic_that_cannot_be_split_is_named_and_left_alone(draft: Drafted) -> None:
    text = "# T <!-- pin -->\n\n" + bullets("x", 500)
    written = draft({INDEX: "- [T](t.md)\n", "t.md": text})
    written.compact()
    assert not written.changes()
    assert written.notices[0].startswith("t.md stays over 400 lines: ")


def everything_too_long() -> dict[str, str]:
    row = "- [T](t.md) — " + "word " * 60
    index = f"# M\n\n## Rows\n\n{row}\n\n" + "## Facts\n\n" + bullets("fact", 60)
    return {INDEX: index, "t.md": long_topic("One", "Two", "Three", "Four")}


@pytest.mark.parametrize(
    ("steps", "reasons", "paths"),
    [
        (("rows",), {"row shortened"}, {INDEX}),
        (("sections",), {f"{INDEX} is over its limit"}, {INDEX}),
        (("topics",), {"t.md is over its limit"}, {"t.md"}),
        ((), {f"{INDEX} is over its limit", "t.md is over its limit"}, {INDEX, "t.md"}),
    ],
)
def test_each_step_can_be_chosen(
    steps: tuple[str, ...], reasons: set[str], paths: set[str], draft: Drafted
) -> None:
    written = draft(everything_too_long(), lines=40)
    written.compact(steps)
    assert {move.reason for move in written.moved} == reasons
    assert {move.path for move in written.moved} == paths
    assert all(move.bytes > 0 for move in written.moved)
    lost = ids(written.base) - ids(written.snapshot)
    full = [e.id for e in written.base.index.entries if e.text.startswith("[T](t.md)")]
    assert set(lost) <= set(full if "rows" in steps else [])
    if "rows" in steps:
        assert set(full) <= {entry.id for entry in written.snapshot.document("t.md").entries}


def test_over_bytes_rows_are_shortened_before_anything_moves(draft: Drafted) -> None:
    rows = "".join(f"- [T{n}](t{n}.md) — {'word ' * 60}\n" for n in range(10))
    files = {INDEX: "# M\n\n- a fact\n\n## Topics\n\n" + rows}
    files |= {f"t{n}.md": f"# T{n}\n\n- x {n}\n" for n in range(10)}
    written = draft(files, size=2_500)
    written.compact()
    assert {move.reason for move in written.moved} == {"row shortened"}
    assert len(written.moved) == 10
    assert written.settings.budget.holds(written.snapshot.text(INDEX))
    assert sum(move.bytes for move in written.moved) == len(written.base.files[INDEX]) - len(
        written.snapshot.files[INDEX]
    )


def test_a_step_with_nothing_to_do_says_so(draft: Drafted) -> None:
    written = draft({INDEX: "# M\n\n" + bullets("fact", 60)}, lines=40)
    written.compact(("rows", "topics"))
    assert not written.changes()
    assert written.notices == ["nothing to do for rows, topics"]
    with pytest.raises(ValueError, match="rows, sections, topics"):
        written.compact(("everything",))


def test_a_topic_that_is_one_long_section_is_named_and_left_alone(draft: Drafted) -> None:
    written = draft({INDEX: "- [T](t.md)\n", "t.md": long_topic("Only", count=900)})
    written.compact()
    assert not written.changes()
    assert written.moved == []
    assert written.notices[0] == (
        "t.md stays over 400 lines: most of it is one section (“Only”); give it headings"
    )


def test_a_topic_of_one_long_entry_is_no_shorter_elsewhere(draft: Drafted) -> None:
    text = "## Only\n\n- x\n" + "  more\n" * 500
    written = draft({INDEX: "- [T](t.md)\n", "t.md": text})
    written.compact()
    assert not written.changes()
    assert written.notices[0].startswith("t.md stays over 400 lines: most of it is one section")


def test_a_piece_that_is_too_long_itself_is_split_at_once(draft: Drafted) -> None:
    parts = "\n".join(f"### Deep {n}\n\n{bullets(f'deep {n}', 150)}" for n in range(4))
    text = long_topic("One", "Two", count=140) + f"\n## Three\n\n{parts}"
    written = draft({INDEX: "- [T](t.md)\n", "t.md": text})
    after = compacted(written)
    assert all(len(after.document(path).lines) <= 400 for path in after.topics)
    assert "t-three.md" in {move.path for move in written.moved}
    again = draft({path: after.text(path) for path in after.files})
    again.compact()
    assert not again.changes()


def test_an_empty_topic_is_nothing_to_split(draft: Drafted) -> None:
    written = draft({INDEX: "- [T](t.md)\n", "t.md": ""})
    written.compact()
    assert written.notices == [f"nothing to do: {INDEX} and its topics are within their limits"]


def test_overflow_never_joins_a_topic_in_another_folder(draft: Drafted) -> None:
    index = "- [Gamma](old/gamma.md)\n\n" + sections(Alpha=7, Gamma=3, Beta=10)
    written = draft({INDEX: index, "old/gamma.md": "# Gamma\n\n- there\n"}, lines=12)
    after = compacted(written)
    assert after.text("old/gamma.md") == "# Gamma\n\n- there\n"


def test_a_form_feed_keeps_the_blank_line_below_it(draft: Drafted) -> None:
    written = draft({INDEX: "\f\n\n\n\n\n[ref]: alpha.md\n[other]: gone.md"}, lines=6)
    written.compact()
    assert written.snapshot.text(INDEX) == "\f\n\n[ref]: alpha.md\n[other]: gone.md"

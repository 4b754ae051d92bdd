"""Moving topics and renaming headings: what follows, how it is spelled, and what is refused."""

from __future__ import annotations

import pytest

from agent_memory.core import rename
from agent_memory.core.paths import INDEX
from agent_memory.core.snapshot import Skipped, Snapshot
from agent_memory.errors import AmbiguousError, NotFoundError, PolicyError, UnsafePathError


def snapshot(files: dict[str, str]) -> Snapshot:
    return Snapshot({path: text.encode() for path, text in files.items()})


def followed(index: str, old: str, new: str, **more: str) -> str:
    """What the index says after a rename of one topic."""
    files = {INDEX: index, old: "x\n"} | {f"{name}.md": text for name, text in more.items()}
    return rename.rename(snapshot(files), old, new).text(INDEX)


@pytest.mark.parametrize(
    ("said", "says"),
    [
        ("[A](a.md)", "[A](new-one.md)"),
        ("[A](./a.md)", "[A](./new-one.md)"),
        ("[A](a.md#part)", "[A](new-one.md#part)"),
        ("[A](a.md 'title')", "[A](new-one.md 'title')"),
        ("[A](<a.md>)", "[A](<new-one.md>)"),
        ("[A](<a.md#x y>)", "[A](<new-one.md#x y>)"),
        ("[A](%61.md)", "[A](new-one.md)"),
        ("[A](a)", "[A](new-one)"),
        ("[a.md](a.md)", "[new-one.md](new-one.md)"),
        ("[`a.md`](a.md)", "[`new-one.md`](new-one.md)"),
        ("[see a.md](a.md)", "[see a.md](new-one.md)"),
        ("[A][r]\n\n[r]: a.md", "[A][r]\n\n[r]: new-one.md"),
        ("[r]: <a.md> 'T'", "[r]: <new-one.md> 'T'"),
        ("[[a]]", "[[new-one]]"),
        ("[[a.md]]", "[[new-one.md]]"),
        ("[[ a ]]", "[[ new-one ]]"),
        ("[[a|A]]", "[[new-one|A]]"),
        ("[[a#Part]]", "[[new-one#Part]]"),
        ("[[a#Part|A]]", "[[new-one#Part|A]]"),
        ("see `a.md`", "see `new-one.md`"),
        ("see ``  a.md#Part of ` it ``", "see ``  new-one.md#Part of ` it ``"),
        ("see a.md.", "see new-one.md."),
        ("```\n[A](a.md)\n```", "```\n[A](a.md)\n```"),
        ("[A](https://x.org/a.md)", "[A](https://x.org/a.md)"),
    ],
)
def test_a_link_follows_in_its_own_style(said: str, says: str) -> None:
    assert followed(said, "a.md", "new-one.md") == says


@pytest.mark.parametrize(
    ("said", "new", "says"),
    [
        ("[A](a.md)", "two words.md", "[A](two%20words.md)"),
        ("[A](<a.md>)", "two words.md", "[A](<two words.md>)"),
        ("[[a]]", "two words.md", "[[two words]]"),
        ("[A](a.md)", "x#y.md", "[A](x%23y.md)"),
        ("[A](a.md)", "100%.md", "[A](100%25.md)"),
        ("[A](a.md)", "x(y.md", "[A](x%28y.md)"),
        ("[A](a.md)", "größe.md", "[A](größe.md)"),
        ("[A](a.md)", "deep/b.md", "[A](deep/b.md)"),
        ("[[a]]", "deep/b.md", "[[deep/b]]"),
        ("`a.md`", "deep/b.md", "`deep/b.md`"),
    ],
)
def test_any_name_is_spelled_so_that_it_leads_there(said: str, new: str, says: str) -> None:
    assert followed(said, "a.md", new) == says


@pytest.mark.parametrize("said", ["[[big_plan]]", "[[big plan]]", "[[big-plan]]"])
def test_a_loose_spelling_keeps_its_own_mark_between_words(said: str) -> None:
    mark = said[5]
    assert followed(said, "big-plan.md", "small-step.md") == f"[[small{mark}step]]"


def test_links_within_the_moved_file_lead_from_its_new_folder() -> None:
    files = {
        INDEX: "[a](a.md)\n",
        "a.md": "[i](MEMORY.md) [b](./sub/b.md) [me](a.md#x) [x](#x) [[b]]\n"
        "![p](img/p.png) [out](../else.md) [dir](docs/) [site](https://x.org) [root](/r.md)\n",
        "sub/b.md": "[up](../a.md) `a.md`\n",
    }
    after = rename.rename(snapshot(files), "a.md", "deep/er/a.md")
    assert after.text("deep/er/a.md") == (
        "[i](../../MEMORY.md) [b](../../sub/b.md) [me](a.md#x) [x](#x) [[b]]\n"
        "![p](../../img/p.png) [out](../../../else.md) [dir](../../docs/) [site](https://x.org)"
        " [root](/r.md)\n"
    )
    assert after.text("sub/b.md") == "[up](../deep/er/a.md) `deep/er/a.md`\n"
    assert after.text(INDEX) == "[a](deep/er/a.md)\n"


@pytest.mark.parametrize(
    ("front", "expected"),
    [
        ("name: a", "name: b"),
        ('name: "a"  # mine', 'name: "b"  # mine'),
        ("title: T\nname: a\nx: 1", "title: T\nname: b\nx: 1"),
        ("name: another", "name: another"),
        ("title: a", "title: a"),
        ("metadata:\n  name: a", "metadata:\n  name: a"),
    ],
)
def test_the_declared_name_follows_only_where_it_was_the_stem(front: str, expected: str) -> None:
    files = {INDEX: "[A](a.md)\n", "a.md": f"---\n{front}\n---\nname: a\n"}
    after = rename.rename(snapshot(files), "a.md", "b.md")
    assert after.text("b.md") == f"---\n{expected}\n---\nname: a\n"


def test_a_wikilink_by_the_declared_name_says_what_it_said() -> None:
    files = {INDEX: "[[The Plan]]\n", "a.md": "---\nname: The Plan\n---\n"}
    assert rename.rename(snapshot(files), "a.md", "b.md").text(INDEX) == "[[The Plan]]\n"


def test_only_the_case_may_change() -> None:
    after = rename.rename(snapshot({INDEX: "[A](a.md) [[a]]\n", "a.md": "x"}), "a.md", "A.md")
    assert (set(after.files), after.text(INDEX)) == ({INDEX, "A.md"}, "[A](A.md) [[A]]\n")


@pytest.mark.parametrize("new", ["b.md", "B.md", "\uff42.md", "e\u0301.md", "skipped.md", "sub"])
def test_a_name_that_something_has_or_that_looks_the_same_is_refused(new: str) -> None:
    files = {"a.md": b"", "b.md": b"", "\u00e9.md": b"", "sub/x.md": b""}
    memory = Snapshot(files, (Skipped("skipped.md", "too large", 9),))
    with pytest.raises(UnsafePathError, match=r"is there already|would be one on some systems"):
        rename.rename(memory, "a.md", new)


@pytest.mark.parametrize("new", ["big plan.md", "Big-Plan.md", "project_big_plan.md"])
def test_a_name_that_a_wikilink_takes_for_that_of_another_topic_is_refused(new: str) -> None:
    files = {INDEX: "x\n", "a.md": "x\n", "big_plan.md": "y\n"}
    with pytest.raises(UnsafePathError, match="one name to a"):
        rename.rename(snapshot(files), "a.md", new)
    in_a_folder = rename.rename(snapshot(files), "a.md", f"sub/{new}")
    assert f"sub/{new}" in in_a_folder.files


def test_topics_that_are_twins_already_may_trade_spellings() -> None:
    files = {INDEX: "x\n", "big-plan.md": "x\n", "big_plan.md": "y\n"}
    assert "big plan.md" in rename.rename(snapshot(files), "big-plan.md", "big plan.md").files


def test_the_index_keeps_its_name_and_nothing_takes_it() -> None:
    memory = snapshot({INDEX: "", "a.md": ""})
    for old, new in [(INDEX, "b.md"), ("a.md", INDEX)]:
        with pytest.raises(PolicyError, match="keeps its name"):
            rename.rename(memory, old, new)
    with pytest.raises(UnsafePathError):
        rename.rename(memory, "a.md", "memory.md")
    with pytest.raises(PolicyError, match="has that name already"):
        rename.rename(memory, "a.md", "a.md")


@pytest.mark.parametrize(
    ("index", "new"),
    [
        ("see !a.md", "two words.md"),  # as a Markdown link it would be a picture
        ("[[a]]", "x#y.md"),
        ("[[a]]", "x[1].md"),
        ("[[one/b]] [[b]]", "two/b.md"),  # what led to one/b.md could mean two files
    ],
)
def test_a_link_that_could_not_follow_refuses_the_whole_rename(index: str, new: str) -> None:
    memory = snapshot({INDEX: index, "a.md": "", "one/b.md": ""})
    with pytest.raises(PolicyError, match=r"MEMORY\.md:1: the link to .* could not follow"):
        rename.rename(memory, "a.md", new)


def test_every_place_that_could_not_follow_is_named() -> None:
    memory = snapshot({INDEX: "[[a]]\n\n[A](a.md) [[a]]\n", "a.md": "", "b.md": "x\n\n!a.md\n"})
    with pytest.raises(PolicyError) as caught:
        rename.rename(memory, "a.md", "x #.md")
    assert caught.value.message == (
        "MEMORY.md:1: the link to a could not follow to x #.md, nor those at MEMORY.md:3, b.md:3"
    )


@pytest.mark.parametrize(
    ("said", "new", "says"),
    [
        ("see `a.md`.", "two words.md", "see [`two words.md`](two%20words.md)."),
        ("see a.md.", "two words.md", "see [two words.md](two%20words.md)."),
        ("`` a.md ``", "c#.md", "[`c#.md`](c%23.md)"),
        ("(./a.md)", "in/x [1].md", "([./in/x \\[1\\].md](in/x%20%5B1%5D.md))"),
        ("| x |\n|---|\n| a.md |", "a b.md", "| x |\n|---|\n| [a b.md](a%20b.md) |"),
        ("[the `a.md`](a.md)", "a b.md", "[the `a.md`](a%20b.md)"),
    ],
)
def test_a_plain_name_that_cannot_be_said_becomes_a_markdown_link(
    said: str, new: str, says: str
) -> None:
    assert followed(said, "a.md", new) == says


def test_a_name_in_a_moved_file_becomes_a_link_from_its_new_folder() -> None:
    memory = snapshot({INDEX: "x\n", "sub/a.md": "see `a.md`\n"})
    after = rename.rename(memory, "sub/a.md", "two words/b c.md")
    assert after.text("two words/b c.md") == "see [`b c.md`](b%20c.md)\n"


def test_what_a_rename_does_besides_is_said() -> None:
    before = snapshot({INDEX: "[[x]]\n\n`one/x.md`\n", "one/x.md": "", "two/x.md": ""})
    after = rename.rename(before, "one/x.md", "one/y z.md")
    assert after.text(INDEX) == "[[x]]\n\n[`one/y z.md`](one/y%20z.md)\n"
    assert list(rename.notices(before, after, "one/x.md", "one/y z.md")) == [
        "MEMORY.md:1: the link to x leads to two/x.md now",
        "MEMORY.md:3: one/x.md is a Markdown link to one/y z.md now",
    ]


def test_a_rename_that_only_renames_says_nothing_besides() -> None:
    before = snapshot({INDEX: "[[a]] `a.md` [[gone]]\n", "a.md": "[[b]]\n", "b.md": ""})
    after = rename.rename(before, "a.md", "c.md")
    assert list(rename.notices(before, after, "a.md", "c.md")) == []


def test_what_led_nowhere_may_find_the_new_name() -> None:
    assert followed("[[b]] [A](a.md) [B](b.md)", "a.md", "b.md") == "[[b]] [A](b.md) [B](b.md)"


def test_a_rename_may_end_an_ambiguity() -> None:
    memory = snapshot({INDEX: "[[x]]", "one/x.md": "", "two/x.md": ""})
    assert rename.rename(memory, "one/x.md", "one/y.md").text(INDEX) == "[[x]]"


# -- headings -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("## Old part\n", "## New\n"),
        ("##   Old part  ##\n", "##   New  ##\n"),
        ("Old part\n---\n", "New\n---\n"),
        ("Old\npart\n===\n", "New\n===\n"),
        ("## Old part <!-- pin -->\n", "## New <!-- pin -->\n"),
        ("\n  # Old part\r\n", "\n  # New\r\n"),
        (
            "---\nname: t\n---\n\n# Old part\n\nOld part\n",
            "---\nname: t\n---\n\n# New\n\nOld part\n",
        ),
    ],
)
def test_a_heading_of_any_form_keeps_it(before: str, after: str) -> None:
    memory = snapshot({INDEX: "", "t.md": before})
    assert rename.rename_heading(memory, "t.md", "old  PART", "New").text("t.md") == after


def test_a_heading_that_reads_as_its_own_pin_is_told_apart() -> None:
    memory = snapshot({INDEX: "# pin <!-- pin -->\n"})
    after = rename.rename_heading(memory, INDEX, "pin", "new")
    assert after.text(INDEX) == "# new <!-- pin -->\n"


@pytest.mark.parametrize(
    ("said", "says"),
    [
        ("[x](t.md#über-uns)", "[x](t.md#größe-neu)"),
        ("[x](t.md#%C3%BCber-uns)", "[x](t.md#gr%C3%B6%C3%9Fe-neu)"),
        ("[x](<t.md#Über uns>)", "[x](<t.md#Größe neu>)"),
        ("[[t#Über uns]]", "[[t#Größe neu]]"),
        ("[[t#über-uns|x]]", "[[t#größe-neu|x]]"),
        ("`t.md#über-uns` x", "`t.md#größe-neu` x"),
        ("`` t.md#Über uns ``", "`` t.md#Größe neu ``"),
        ("[r]: t.md#über-uns 'T'", "[r]: t.md#größe-neu 'T'"),
        ("[x](t.md#über-unser)", "[x](t.md#über-unser)"),
        ("[x](u.md#über-uns) [x](#über-uns)", "[x](u.md#über-uns) [x](#über-uns)"),
        ("`[x](t.md#über-uns)`", "`[x](t.md#über-uns)`"),
    ],
)
def test_anchors_follow_their_heading(said: str, says: str) -> None:
    memory = snapshot({INDEX: said, "t.md": "## Über uns\n", "u.md": "## Über uns\n"})
    assert rename.rename_heading(memory, "t.md", "Über uns", "Größe neu").text(INDEX) == says


def test_a_files_own_anchors_follow_too() -> None:
    text = "# T\n\n## Old\n\n[x](#old) [[#Old]] [[#old|x]] [y](#older)\n\n[r]: #old\n"
    memory = snapshot({INDEX: "", "t.md": text})
    assert rename.rename_heading(memory, "t.md", "Old", "New").text("t.md") == (
        "# T\n\n## New\n\n[x](#new) [[#New]] [[#new|x]] [y](#older)\n\n[r]: #new\n"
    )


def test_a_heading_that_is_not_there_names_those_that_are() -> None:
    memory = snapshot({"t.md": "# One\n\n## Two\n"})
    with pytest.raises(NotFoundError) as caught:
        rename.rename_heading(memory, "t.md", "Three", "x")
    assert caught.value.suggestions == ("One", "Two")


def test_two_headings_of_that_name_are_ambiguous() -> None:
    memory = snapshot({"t.md": "# A\n\n## b\n\n## B\n"})
    with pytest.raises(AmbiguousError, match="2 headings") as caught:
        rename.rename_heading(memory, "t.md", "B", "x")
    assert caught.value.candidates == ("t.md:3  b", "t.md:5  B")


@pytest.mark.parametrize("new", ["A", "", "x\n\ny", "x <!-- pin -->", "x ##"])
def test_what_would_not_be_one_heading_of_its_own_is_refused(new: str) -> None:
    memory = snapshot({"t.md": "# A\n\n## B\n"})
    with pytest.raises(PolicyError):
        rename.rename_heading(memory, "t.md", "B", new)


@pytest.mark.parametrize("new", ["Dup!", "Dup 1"])
def test_a_heading_does_not_take_the_anchor_of_another(new: str) -> None:
    memory = snapshot({"t.md": "## Dup\n\n## Dup\n\n## Other\n\n[a](#dup) [b](#dup-1)\n"})
    with pytest.raises(PolicyError, match="already"):
        rename.rename_heading(memory, "t.md", "Other", new)


def test_a_heading_may_change_what_its_anchor_leaves_out() -> None:
    memory = snapshot({"t.md": "## Dup\n\n## Dup!\n\n[a](#dup) [b](#dup-1)\n"})
    after = rename.rename_heading(memory, "t.md", "Dup!", "Dup?")
    assert after.text("t.md") == "## Dup\n\n## Dup?\n\n[a](#dup) [b](#dup-1)\n"


@pytest.mark.parametrize(
    ("old", "says"),
    [
        ("Dup", "[a](t.md#new) [b](t.md#dup) [[t#New]] [[t#Dup!]]"),
        ("Dup!", "[a](t.md#dup) [b](t.md#new) [[t#Dup]] [[t#New]]"),
    ],
)
def test_links_to_numbered_anchors_lead_to_the_heading_that_they_meant(old: str, says: str) -> None:
    index = "[a](t.md#dup) [b](t.md#dup-1) [[t#Dup]] [[t#Dup!]]"
    memory = snapshot({INDEX: index, "t.md": "## Dup\n\n## Dup!\n"})
    assert rename.rename_heading(memory, "t.md", old, "New").text(INDEX) == says

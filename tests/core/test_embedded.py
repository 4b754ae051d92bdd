"""Old memory blocks are found, replaced whole, and nothing of the author's goes with them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent_memory.core.embedded import EmbeddedBlock, find, replace

OURS = "<!-- agent-memory:begin -->\n# Memory\nours\n<!-- agent-memory:end -->\n"
WHERE = "/home/someone/shop/.claude/agent-memory/bee/"
HAVE = f"You have a persistent Persistent Agent Memory directory at `{WHERE}`. It persists."
ADVICE = "Guidelines:\n- Keep `MEMORY.md` short\n\nWhat to save:\n- Stable patterns\n"
EMPTY = "Your MEMORY.md is currently empty. Save a pattern when you notice one."
BLOCK = f"# Persistent Agent Memory\n\n{HAVE}\n\n{ADVICE}\n## MEMORY.md\n\n{EMPTY}"
BEFORE = "You are a bee.\n\n## Update Your Agent Memory\n\nRecord:\n- flowers\n- hives\n\n"
AFTER = "\n\n## Style\n\nBe brief.\n"


def the_one(body: str) -> EmbeddedBlock:
    (block,) = find(body)
    return block


def cut(body: str) -> str:
    block = the_one(body)
    return body[block.span.start : block.span.end]


def test_a_block_at_the_end_is_replaced_and_the_authors_list_stays() -> None:
    body = BEFORE + BLOCK + "\n"
    text, found = replace(body, OURS)
    assert text == BEFORE + OURS
    assert found == (
        EmbeddedBlock(
            span=found[0].span,
            line=9,
            end_line=BEFORE.count("\n") + BLOCK.count("\n") + 1,
            heading="Persistent Agent Memory",
            directory=WHERE,
            says_empty=True,
        ),
    )


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_a_block_in_the_middle_ends_where_the_author_goes_on(newline: str) -> None:
    body = (BEFORE + BLOCK + AFTER).replace("\n", newline)
    assert cut(body) == BLOCK.replace("\n", newline)
    text, _ = replace(body, OURS)
    assert text.startswith(BEFORE.replace("\n", newline))
    assert text.endswith(AFTER.replace("\n", newline))


@pytest.mark.parametrize(
    "heading",
    [
        "## Persistent Agent Memory",
        "### Agent Memory ###",
        "# **Your Persistent Memory**",
        "Persistent Agent Memory\n=======================",
        "Agent Memory\n---",
        "**Persistent Agent Memory**",
        "__Memory:__",
        "# 🧠 Bee's memory system",
        "## Persistent Agent Memory (project scope)",
    ],
)
@pytest.mark.parametrize(
    "index", ["## MEMORY.md", "**MEMORY.md**", "MEMORY.md\n---------", "# `MEMORY.md`"]
)
def test_the_heading_may_be_of_any_kind_and_wording(heading: str, index: str) -> None:
    block = f"{heading}\n\n{HAVE}\n\n{ADVICE}\n{index}\n\n{EMPTY}"
    assert cut(BEFORE + block + "\n\n# Style\n\nBe brief.\n") == block


@pytest.mark.parametrize(
    "sentence",
    [
        "You have a persistent memory directory at `.claude/agent-memory/bee/`.",
        "You have a persistent, file-based memory system at `~/.claude/agent-memory/bee`. Use it.",
        "You have a persistent memory directory\nat `C:\\my shop\\.claude\\agent-memory\\bee\\`.",
        "You have a memory directory at /srv/x/.claude/agent-memory-local/bee/.",
        "Your memory directory is `.runner/agent-memory/bee/`. Consult it first.",
        "You have a persistent auto memory directory at `~/.claude/projects/-shop/memory/`.",
    ],
)
def test_the_evidence_may_be_any_sentence_that_names_the_directory(sentence: str) -> None:
    block = f"## Agent Memory\n\n{sentence}\n\n- Keep it short"
    assert cut(BEFORE + block + AFTER) == block


def test_the_foreign_directory_is_reported() -> None:
    title = "# Agent Memory\n\n"
    body = f"{title}You have a persistent memory directory at C:\\me\\.claude\\agent-memory\\bee\\."
    assert the_one(body).directory == "C:\\me\\.claude\\agent-memory\\bee\\"
    assert the_one(f"# Agent Memory\n\n{EMPTY}").directory == ""
    assert not the_one(body).says_empty


def test_sections_of_the_same_level_that_such_blocks_have_belong_to_it() -> None:
    block = (
        f"## Persistent Agent Memory\n\n{HAVE}\n\n## Types of memory\n\n- user\n\n"
        "## What NOT to save in memory\n\n- noise\n\n## How to save memories\n\n"
        "```markdown\n---\nname: x\n---\n# Style\n```\n\n"
        "## Before recommending from memory\n\nLook.\n\n"
        f"## MEMORY.md\n\n{EMPTY}"
    )
    assert cut(BEFORE + block + AFTER) == block


def test_without_an_index_the_block_ends_before_the_authors_next_section() -> None:
    block = f"# Persistent Agent Memory\n\n{HAVE}\n\n## Guidelines\n\n- Keep it short"
    assert cut(BEFORE + block + AFTER) == block


@pytest.mark.parametrize(
    "index",
    [
        "- [Bees](bees.md) — who they are\n- [Hives](hives.md) — where",
        "# Bee Memory Index\n\n- [Bees](bees.md) — who\n\n## Hives\n\n- two of them",
        "## Projects\n\n- [Bees](bees.md) — who\n\n## Hives\n\n- [Hives](./hives.md) — where",
        "Currently empty. Record hives.",
        f"{EMPTY}\n## MEMORY.md\n\n# Bee Memory\n\n## Hives\n- two",
        f"{EMPTY}\n\n- [Bees](bees.md) — pasted under it",
        "Some prose about bees.\n\n### Deeper\n\nmore",
    ],
)
@pytest.mark.parametrize("after", ["\n\n# Style\n\nBe brief.\n", "\n\n---\n\n# Style\n", "\n"])
def test_a_pasted_index_goes_with_the_block(index: str, after: str) -> None:
    block = BLOCK.removesuffix(EMPTY) + index
    assert cut(BEFORE + block + after) == block


@pytest.mark.parametrize(
    "after",
    [
        "\n\n## Style\n\nBe brief.\n",
        "\n\nAlways answer in French.\n",
        "\n\n### Deeper\n\nBe brief.\n",
        "\n\n- Always answer in French\n",
        "\n- Always answer in French\n",
        "\n\n1. Always answer in French\n",
        "\n\n- [French](https://example.org/french.md) is spoken\n",
        "\n\nRemember: never deploy on Friday.\n",
        "\n\nYour memory is limited to honey.\n",
        "\n\n```sh\nmake honey\n```\n",
        "\n\n    make honey\n",
        "\n\n> Be brief.\n",
        "\n> Be brief.\n",
        "\n\n| a | b |\n|---|---|\n",
        "\n\n<!-- mine -->\n",
        "\n\n**Style**\n\nBe brief.\n",
        "\n</agent-memory>\n",
        "\n\n---\n\nBe brief.\n",
        "\n# Style\n",
    ],
)
def test_what_the_author_says_after_an_empty_index_is_kept(after: str) -> None:
    assert cut(BEFORE + BLOCK + after) == BLOCK


def test_after_an_empty_index_only_rows_that_link_beside_it_are_its_own() -> None:
    block = f"{BLOCK}\nSave more.\n\n- [Bees](bees.md) — who\n* [Hives](./hives.md)"
    assert cut(f"{BEFORE}{block}\n- Always answer in French\n- [Ants](ants.md)\n") == block


@pytest.mark.parametrize("note", [f"{EMPTY}\n---", "**Currently empty.**", f"> {EMPTY}\n> More."])
def test_the_note_that_the_index_is_empty_may_be_of_any_kind(note: str) -> None:
    block = BLOCK.removesuffix(EMPTY) + note
    (found,) = find(f"{BEFORE}{block}\n\nAlways answer in French.\n")
    assert found.says_empty
    text, _ = replace(f"{BEFORE}{block}\n\nAlways answer in French.\n", OURS)
    assert "empty" not in text
    assert text.endswith("\n\nAlways answer in French.\n")


@pytest.mark.parametrize("heading", ["## Agent Memory\n\n", ""])
def test_a_lone_note_that_the_memory_is_empty_takes_nothing_along(heading: str) -> None:
    assert cut(f"You fly.\n\n{heading}{EMPTY}\n\n- Keep it short\n") == heading + EMPTY


@pytest.mark.parametrize(
    "section",
    [
        "## Coding rules\n\nUse tabs.\n\n### Exceptions\n\nMakefiles.",
        "## Coding rules\n\nUse tabs.\n\n## Tests\n\nWrite them.",
        "### Coding rules\n\n```sh\nmake\n```",
        "**Coding rules**\n\n- Use tabs",
        "Coding rules\n------------\n\nUse tabs.",
    ],
)
@pytest.mark.parametrize("index", [EMPTY, "- [Bees](bees.md) — who they are"])
def test_an_authors_section_between_the_parts_of_a_block_stays(section: str, index: str) -> None:
    above, below = BLOCK.removesuffix(EMPTY).rstrip().split("\n\n## MEMORY.md")
    assert below == ""
    body = f"{BEFORE}{above}\n\n{section}\n\n## MEMORY.md\n\n{index}{AFTER}"
    text, found = replace(body, OURS)
    assert text == f"{BEFORE}{OURS}\n{section}\n\n{AFTER}"
    lines = body.split("\n")
    cuts = ["\n".join(lines[block.line - 1 : block.end_line]) for block in found]
    assert cuts == [above, f"## MEMORY.md\n\n{index}"]


def test_parts_of_a_block_on_both_sides_of_an_authors_section_are_found() -> None:
    top = f"# Persistent Agent Memory\n\n{HAVE}"
    rest = f"## How to save memories\n\nWrite.\n\n## MEMORY.md\n\n{EMPTY}"
    text, found = replace(f"{top}\n\n## Coding rules\n\nUse tabs.\n\n{rest}\n", OURS)
    assert text == f"{OURS}\n## Coding rules\n\nUse tabs.\n\n\n"
    assert [block.heading for block in found] == [
        "Persistent Agent Memory",
        "How to save memories",
    ]


def test_what_follows_a_rule_inside_of_a_block_is_the_authors() -> None:
    top = f"# Persistent Agent Memory\n\n{HAVE}"
    body = f"{top}\n\n---\n\nUse tabs.\n\n## MEMORY.md\n\n{EMPTY}\n"
    assert replace(body, OURS)[0] == f"{OURS}\n---\n\nUse tabs.\n\n\n"


@pytest.mark.parametrize(
    "section", ["## Conventions\n- use x\n\n## Debugging\n", "# Style\nBrief.\n"]
)
def test_sections_below_a_bare_index_heading_stay_where_nothing_tells_whose_they_are(
    section: str,
) -> None:
    block = BLOCK.removesuffix(EMPTY).rstrip()
    assert cut(f"{BEFORE}{block}\n\n{section}") == block


def test_a_block_without_a_heading_is_found_inside_the_authors_section() -> None:
    block = f"{HAVE}\n\n{ADVICE}\n## MEMORY.md\n\n{EMPTY}"
    assert cut(BEFORE + block + AFTER) == block
    assert the_one(BEFORE + block).heading == ""


def test_a_lone_paragraph_goes_and_the_authors_next_one_stays() -> None:
    body = f"You are a bee.\n\n{HAVE}\n\nYou fly south.\n"
    assert cut(body) == HAVE


@pytest.mark.parametrize(
    "after", ["- Fly south", "Remember: fly south.", "```sh\nfly south\n```", "- Fly\n\n- South"]
)
@pytest.mark.parametrize("index", ["", f"\n\n## MEMORY.md\n\n{EMPTY}"])
def test_what_follows_a_lone_paragraph_stays_unless_it_is_introduced(
    after: str, index: str
) -> None:
    body = f"You are a bee.\n\n{HAVE}\n\n{after}{index}\n"
    text, found = replace(body, OURS)
    assert text == f"You are a bee.\n\n{OURS}\n{after}\n" + ("\n\n" if index else "")
    assert len(found) == (2 if index else 1)
    advice = "What to save in memory:\n\n- flowers\n\n- hives"
    assert cut(f"You are a bee.\n\n{HAVE}\n\n{advice}\n\nYou fly.\n") == f"{HAVE}\n\n{advice}"


@pytest.mark.parametrize(
    "body",
    [
        "## Update Your Agent Memory\n\nUpdate your agent memory with:\n- flowers\n",
        "## Memory\n\nYou manage memory and allocations: a memory directory at every node.\n",
        "## Memory curation\n\nRead `.claude/agent-memory/*/MEMORY.md` and merge.\n",
        "## Agent Memory\n\nRead all of `.claude/agent-memory/<agent>/`.\n",
        "## Agent Memory\n\nIf MEMORY.md is currently empty, look at the README first.\n",
        "If MEMORY.md is currently empty, look at the README first.\n",
        "# Agent Memory\n\nYou maintain the library in `src/agent-memory/`. KEEPME\n\n- do tests\n",
        "# Agent Memory\n\nYou maintain the library in `src/agent-memory/core/`. KEEPME\n",
        "# Agent Memory\n\nConsult `src/agent-memory/core/` before you change it.\n",
        "# Agent Memory\n\nYou maintain the persistent store in `src/agent-memory/store/`.\n",
        "# Agent Memory\n\nYou have memory leaks to look for in `src/agent-memory/core/`.\n",
        "# Agent Memory\n\nYou have the memory notes in `docs/agent-memory/notes.md`.\n",
        "# Agent Memory\n\nClean `.claude/agent-memory/bee/` up. Old notes persist.\n",
        "# Agent Memory\n\nYou have a persistent memory directory at `~/notes/bee/`.\n",
        f"```markdown\n{BLOCK}\n```\n",
        f"~~~~\n{BLOCK}\n~~~~\n",
        f"- step\n\n  ```\n{BLOCK}\n  ```\n",
        f"```md\n{BLOCK}\n",
        f"<!--\n{BLOCK}\n-->\n",
        "<!-- agent-memory:begin -->\nnever ended\n",
        "No such word.\n",
        "",
    ],
)
def test_a_definition_that_merely_talks_about_memory_is_not_cut(body: str) -> None:
    assert find(body) == ()
    text, found = replace(body, OURS)
    assert found == ()
    assert text.startswith(body)
    assert text.endswith(OURS)


def test_a_fence_left_over_from_nesting_does_not_hide_the_block() -> None:
    nested = "```markdown\n# Example\n```python\nx\n```\nmore\n```\n\n"
    block = BLOCK.replace("## MEMORY.md", "```yaml\na: b\n```\n\n## MEMORY.md")
    assert cut(nested + block) == block


def test_our_own_block_is_replaced_whatever_it_holds() -> None:
    ours = OURS.replace("ours", f"```\n{BLOCK}\n## MEMORY.md\n<!-- half").rstrip("\n")
    assert cut(BEFORE + ours + AFTER) == ours


def test_replacing_twice_is_replacing_once() -> None:
    once, _ = replace(BEFORE + BLOCK + AFTER, OURS)
    assert replace(once, OURS)[0] == once


def test_further_blocks_are_removed() -> None:
    text, found = replace(BEFORE + BLOCK + AFTER + BLOCK + AFTER, OURS)
    assert len(found) == 2
    assert text.count("agent-memory:begin") == 1
    assert "currently empty" not in text
    assert WHERE not in text
    assert text.count("Be brief.") == 2


@pytest.mark.parametrize(
    ("body", "gap"), [("", ""), ("a", "\n\n"), ("a\n", "\n"), ("a\n\n", ""), ("a\r\n", "\r\n")]
)
def test_without_an_old_block_ours_follows_after_a_blank_line(body: str, gap: str) -> None:
    ours = OURS.replace("\n", "\r\n") if "\r\n" in body else OURS
    assert replace(body, OURS) == (body + gap + ours, ())


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("old", [BLOCK, "No old block."])
def test_our_block_takes_over_the_line_ending_of_the_body(newline: str, old: str) -> None:
    expected, _ = replace(BEFORE + old + AFTER, OURS)
    text, _ = replace((BEFORE + old + AFTER).replace("\n", newline), OURS)
    assert text == expected.replace("\n", newline)


def test_the_line_ending_that_is_used_most_counts() -> None:
    mixed = BEFORE.replace("\n", "\r\n") + "one\n"
    assert replace(mixed, OURS)[0].endswith(OURS.replace("\n", "\r\n"))
    mixed = BEFORE + "one\r\n"
    assert replace(mixed, OURS)[0].endswith("\r\n\n" + OURS)


def test_a_block_that_ends_the_body_without_a_line_ending_is_replaced() -> None:
    assert replace(BEFORE + BLOCK, OURS)[0] == BEFORE + OURS


def test_a_pasted_index_ends_where_it_says_that_it_is_empty() -> None:
    block = f"{BLOCK.removesuffix(EMPTY)}What I know of bees.\n\n{EMPTY}"
    assert cut(f"{BEFORE}{block}\n\n- Always answer in French\n") == block


PIECES = st.sampled_from(
    [
        "# A",
        "## B",
        "text",
        "- item",
        "",
        "",
        "---",
        "===",
        "```",
        "```py",
        "~~~",
        "<!--",
        "-->",
        "**Bold**",
        "# Persistent Agent Memory",
        "**Agent Memory**",
        "## MEMORY.md",
        HAVE,
        EMPTY,
        "# Memory Index",
        ADVICE,
        "- [x](x.md)",
        "<!-- agent-memory:begin -->",
        "<!-- agent-memory:end -->",
        "## Update your memory",
    ]
)
BODIES = st.lists(st.tuples(PIECES, st.sampled_from(["\n", "\n", "\n\n", "\r\n"]))).map(
    lambda rows: "".join(line + ending for line, ending in rows)
)


@given(BODIES)
def test_text_outside_of_the_blocks_is_never_changed(body: str) -> None:
    text, found = replace(body, "NEW")
    kept = []
    done = 0
    for block in found:
        assert done <= block.span.start < block.span.end
        assert block.line <= block.end_line
        kept.append(body[done : block.span.start])
        done = block.span.end
    kept.append(body[done:])
    if found:
        assert text == kept[0] + "NEW" + "".join(kept[1:])
    else:
        assert text.startswith(body)


@given(BODIES)
def test_a_second_pass_finds_nothing_new(body: str) -> None:
    text, found = replace(body, "NEW")
    if found and "```" not in body and "~~~" not in body and "<!--" not in body:
        assert [block.heading for block in find(text)] == []


@given(st.text(alphabet="#`*_-=~<!>/\\ \nmemory.agMEORYD"))
def test_no_text_is_too_strange(body: str) -> None:
    find(body + "memory")


@pytest.mark.parametrize(
    ("part", "blocks"),
    [
        ("you have memory at ", 0),
        ("a/", 0),
        ("`", 0),
        ("# Memory\n", 0),
        ("```\n", 0),
        ("<!--\n", 0),
        ("- ", 0),
        ("**", 0),
        ("agent-memory", 0),
        (".claude/agent-memory/", 1),
        ("# Memory\n## Memory\n", 0),
        ("**Memory**\n\n", 0),
        ("\n\n- ", 0),
        (f"\n\n{HAVE}\n\n- x\n\n```\n```\n", 1),
        (f"\n\n{HAVE}\n\n{EMPTY}", 8_000),
        (f"\n\n---\n\n{HAVE}\n\n```\n```\n", 8_000),
        (f"\n\n## MEMORY.md\n\n{EMPTY}\n\n- [x](x.md)", 8_000),
    ],
)
def test_a_hostile_body_is_read_to_its_end(part: str, blocks: int) -> None:
    body = "# Agent memory\n\nYou have a persistent memory at " + part * 8_000
    assert len(find(body)) == blocks


def test_a_bold_label_before_the_sentence_goes_with_it() -> None:
    block = f"**Persistent Agent Memory:** {HAVE}"
    assert cut(f"You are a bee.\n\n{block}\n\n**Output**: honey\n") == block

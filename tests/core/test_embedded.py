"""Old memory blocks are found, replaced whole, and nothing of the author's goes with them."""

from __future__ import annotations

import time

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
        "You have a persistent memory directory at `~/notes/bee/`.",
        EMPTY,
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
        "\n</agent-memory>\n",
        "\n\n---\n\nBe brief.\n",
        "\n# Style\n",
    ],
)
def test_what_the_author_says_after_an_empty_index_is_kept(after: str) -> None:
    assert cut(BEFORE + BLOCK + after) == BLOCK


def test_a_block_without_a_heading_is_found_inside_the_authors_section() -> None:
    block = f"{HAVE}\n\n{ADVICE}\n## MEMORY.md\n\n{EMPTY}"
    assert cut(BEFORE + block + AFTER) == block
    assert the_one(BEFORE + block).heading == ""


def test_a_lone_paragraph_goes_and_the_authors_next_one_stays() -> None:
    body = f"You are a bee.\n\n{HAVE}\n\nYou fly south.\n"
    assert cut(body) == HAVE


@pytest.mark.parametrize(
    "body",
    [
        "## Update Your Agent Memory\n\nUpdate your agent memory with:\n- flowers\n",
        "## Memory\n\nYou manage memory and allocations: a memory directory at every node.\n",
        "## Memory curation\n\nRead `.claude/agent-memory/*/MEMORY.md` and merge.\n",
        "## Agent Memory\n\nRead all of `.claude/agent-memory/<agent>/`.\n",
        "## Agent Memory\n\nIf MEMORY.md is currently empty, look at the README first.\n",
        "If MEMORY.md is currently empty, look at the README first.\n",
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
    assert replace(body, OURS) == (body + gap + OURS, ())


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
    "part",
    ["you have memory at ", "a/", "`", "# Memory\n", "```\n", "<!--\n", "- ", "**", "agent-memory"],
)
def test_a_hostile_body_takes_no_longer_than_its_length_warrants(part: str) -> None:
    body = "# Agent memory\n\nYou have a persistent memory at " + part * 8_000
    began = time.perf_counter()
    find(body)
    assert time.perf_counter() - began < 2


def test_a_bold_label_before_the_sentence_goes_with_it() -> None:
    block = f"**Persistent Agent Memory:** {HAVE}"
    assert cut(f"You are a bee.\n\n{block}\n\n**Output**: honey\n") == block

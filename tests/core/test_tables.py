"""Link rows in tables: where their link is, and how one more looks."""

import pytest

from agent_memory.core import tables
from agent_memory.core.document import Document
from agent_memory.core.paths import INDEX


def one_more(text: str, row: str = "[New](new.md) — this | that") -> str:
    document = Document(INDEX, text)
    rows = [block for block in document.blocks if block.kind == "row"]
    return tables.one_more(document, rows, row)


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("| [A](a.md) | x |", 0),
        ("| **[A](a.md)** | x |", 0),
        ("| 1 | [[a\\|A]] |", 1),
        ("|  | `a.md` |", 1),
        ("| two words | [A](a.md) |", None),
        ("| see [A](a.md) | x |", None),
        ("| [A](https://example.org/a.md) | x |", None),
        ("| a | b |", None),
    ],
)
def test_the_link_comes_before_any_sentence(row: str, column: int | None) -> None:
    document = Document(INDEX, f"| a | b |\n|---|---|\n{row}\n")
    block = next(block for block in document.blocks if block.kind == "row")
    assert tables.link_cell(document, block) == column


@pytest.mark.parametrize(
    ("table", "line"),
    [
        ("| T | W |\n|---|---|\n| [A](a.md) | the a |\n", r"| [New](new.md) | this \| that |"),
        ("T | W\n---|---\n[A](a.md) | the a\n", r"[New](new.md) | this \| that"),
        (
            "|#|Type|File|What|On|\n|-|-|-|-|-|\n|1|user|[A](a.md)|of the a|2026-01-02|\n",
            r"|  |  | [New](new.md) | this \| that |  |",
        ),
        (
            "|File|Type|What|\n|-|-|-|\n|[A](a.md)|user|of the a|\n|[B](b.md)|user|b b|\n",
            r"| [New](new.md) |  | this \| that |",
        ),
        ("|File|What|\n|-|-|\n|[A](a.md)||\n", r"| [New](new.md) | this \| that |"),
        ("|#|File|\n|-|-|\n|1|[A](a.md)|\n", r"|  | [New](new.md) — this \| that |"),
        ("|File|On|\n|-|-|\n|[A](a.md)|2026|\n", r"| [New](new.md) — this \| that |  |"),
        ("|File|What|More|\n|-|-|-|\n|[A](a.md)|a a\n", r"| [New](new.md) | this \| that |"),
        ("On|File\n-|-\n2026|[A](a.md)\n", r"|  | [New](new.md) — this \| that"),
    ],
)
def test_one_more_row_has_the_shape_of_its_table(table: str, line: str) -> None:
    assert one_more(table) == line


@pytest.mark.parametrize("link", ["[New](new.md)", "**[New](new.md)**", "[[new]]", "`new.md`"])
def test_a_link_of_any_style_is_told_from_its_hook(link: str) -> None:
    table = "| T | W |\n|---|---|\n| [A](a.md) | the a |\n"
    assert one_more(table, f"{link}: a - b") == f"| {link} | a - b |"
    assert one_more(table, link) == f"| {link} |  |"

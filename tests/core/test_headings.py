"""Which anchors name a place of a file, and which heading one may mean."""

import pytest

from agent_memory.core import headings
from agent_memory.core.document import Document

TEXT = """# The topic

## Speed & `order` of [things](x.md)
## Twice
## Twice

Setext part
---

> ## Quoted

- ## In an item

<a id="by-id"></a> <a name='by name'></a>

## 日本語 の節
## Custom {#my-id}

```
# In a fence
```
"""


@pytest.mark.parametrize(
    "anchor",
    [
        "the-topic", "The topic", "the%20topic".replace("%20", " "), "THE-TOPIC",
        "speed--order-of-things", "speed-order-of-things", "Speed & order of things",
        "twice", "twice-1", "setext-part", "quoted", "in-an-item", "by-id", "my-id",
        "日本語-の節", "user-content-twice", "The topic#Twice",
        "L10", "L10-L20", "L3C4-L5C6", "^block", ":~:text=x", "top", "",
    ],
)  # fmt: skip
def test_what_is_there_or_is_no_heading_is_not_missed(anchor: str) -> None:
    assert headings.is_there(Document("a.md", TEXT), anchor)


@pytest.mark.parametrize(
    ("anchor", "near"),
    [
        ("twice-2", "Twice"),
        ("setext-parts", "Setext part"),
        ("speed-and-order", "Speed & `order` of things"),
        ("in-a-fence", "In an item"),
        ("nope", ""),
        ("The topic#Nope", ""),
    ],
)
def test_what_is_missed_is_told_with_the_closest_heading(anchor: str, near: str) -> None:
    document = Document("a.md", TEXT)
    assert not headings.is_there(document, anchor)
    assert headings.nearest(document, anchor) == near


def test_a_files_own_anchors_are_found_with_their_lines() -> None:
    text = "[a](#one) [b](x.md#two)\n\n[[#Three|x]] `[[#no]]` \\[[#no]]\n\n[r]: #four%20four\n"
    found = sorted(headings.own(Document("a.md", text)))
    assert found == [(1, "one"), (3, "Three"), (5, "four four")]

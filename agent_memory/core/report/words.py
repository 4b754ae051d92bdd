"""Words of a memory in a page: nothing in them is markup, hides, moves text or is a secret."""

from __future__ import annotations

import re

from agent_memory.core import hidden
from agent_memory.core import text as texts
from agent_memory.core.picture import label
from agent_memory.core.secrets import masked

_CODE = re.compile("`([^`<>]+)`")
_LONGEST = 20_000  # characters that are looked at: what is shown of a text is far shorter


def plain(text: str, limit: int = 400) -> str:
    """`text` on one line, at most `limit` characters, `[secret]` in place of every secret.

    The whole text is looked at before it is cut, so that no half of a secret stays.
    """
    return label.clean(hidden.visible(texts.shorten(masked(text[:_LONGEST]), limit)))


def said(text: str, limit: int = 400) -> str:
    """`plain`, as the content or the attribute of an element."""
    return label.xml(plain(text, limit))


def prose(text: str, limit: int = 400) -> str:
    """`said`, as the content of an element, with what stands in backticks as code."""
    return _CODE.sub(r"<code>\1</code>", said(text, limit))


def count(number: int, noun: str, many: str = "") -> str:
    """A number with its noun."""
    return f"{number:,} {noun if number == 1 else many or f'{noun}s'}"

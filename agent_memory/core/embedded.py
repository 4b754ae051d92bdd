"""The old memory block that somebody pasted into an agent definition's body.

About one definition in five holds one: a heading about a persistent memory, a sentence with a
foreign directory, advice, and a `MEMORY.md` sub-section, mostly "currently empty". It reaches
from its heading to the end of that sub-section. The author's own text is worth more than a
clean cut, so a section counts only with evidence (a sentence that names a memory directory, or
the words "MEMORY.md is currently empty"), code and comments are never looked into, and where
it cannot be told whose a section is, the author keeps it.

Our own rendered block counts as one, too; it stands between two marker lines.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from agent_memory.core.outline import (
    BOLD_LEVEL,
    END,
    Row,
    is_list,
    next_visible,
    opens_paragraph,
    outline,
    paragraph,
)
from agent_memory.core.text import Span, Splice, splice


@dataclass(frozen=True, slots=True)
class EmbeddedBlock:
    """An old block in a body.

    `span` is in characters and leaves out the last line's ending; `line` and `end_line` count
    from 1 and belong to the block; `heading` is its title, "" where it has none; `directory` is
    the foreign directory it names, or ""; `says_empty`: it says that the memory is empty.
    """

    span: Span
    line: int
    end_line: int
    heading: str
    directory: str
    says_empty: bool


def find(body: str) -> tuple[EmbeddedBlock, ...]:
    """The old memory blocks of `body`, in order."""
    if "memory" not in body.lower():
        return ()
    rows = outline(body)
    found = []
    at = 0
    while at < len(rows):
        end = _block_end(rows, at)
        if end > at:
            end = _trimmed(rows, at, end)
            found.append(_block(rows, at, end))
            at = end
        else:
            at += 1
    return tuple(found)


def replace(body: str, block: str) -> tuple[str, tuple[EmbeddedBlock, ...]]:
    """`body` with its first old block replaced by `block` and further ones removed, and those.

    Without an old block, `block` is appended after a blank line. Everything outside of the old
    blocks stays as it is.
    """
    found = find(body)
    if not found:
        return body + _gap(body) + block, ()
    first = found[0].span
    if block.endswith("\n") and body.startswith(("\n", "\r"), first.end):
        block = block[:-1]
    splices = [Splice(first, block), *(Splice(old.span, "") for old in found[1:])]
    return splice(body, splices), found


def _gap(body: str) -> str:
    if not body.strip():
        return ""
    newline = "\r\n" if "\r\n" in body else "\n"
    if not body.endswith(("\n", "\r")):
        return newline * 2
    blank = body.endswith(("\n\n", "\r\r", "\n\r\n"))
    return "" if blank else newline


# --- evidence: is it a memory block? ---

_PATH = r"(?:`[^`]{1,400}`|\"[^\"]{1,400}\"|[^\s`'\"]{0,200}[/\\][^\s`'\"]{0,400})"
_OWNS = re.compile(
    r"\byou(?:r agent)? (?:also )?(?:have|own|maintain|keep)\b[^`]{0,120}?"
    r"\b(?:memory|memories|directory|folder)\b[^`]{0,60}?"
    rf"\b(?:at|in|under|inside|here)\b:?\s?\*?\*?(?P<path>{_PATH})",
    re.I,
)
_DIRECTORY = re.compile(
    r"`([^`\n]{0,400}agent-memory[^`\n]{0,400})`|\"([^\"\n]{0,400}agent-memory[^\"\n]{0,400})\"|"
    r"([^\s`'\"()<>|]{0,400}agent-memory[^\s`'\"()<>|]{0,400})"
)
_OPENING = re.compile(r" {0,3}(?:\*\*[^*]{1,60}\*\*:? *)?(?:\*\*)?you (?:also )?have an? ", re.I)
_SAYS_WHERE = re.compile(
    r"\b(?:you|your|persistent|directory|folder|located|lives?|stored|location|path)\b", re.I
)
_EMPTY = re.compile(
    r"(?:\b(?P<unless>if|when|whether|while|until|unless|that)\s+)?(?:\b(?:your|the)\s+)?[`*]{0,3}"
    r"\bMEMORY\.md[`*]{0,3}\s+(?:file\s+)?is\s+(?:currently|still|now)\s+empty",
    re.I,
)
_SHORT_EMPTY = re.compile(r"\s*[*_(>]{0,3} ?(?:it is |this file is )?currently empty\b", re.I)
_PLACEHOLDER = re.compile(r"[*{}<>]|\[\w")

_WORD = re.compile(r"[^\W_]+(?:\.md)?")
_FILLER = re.compile(
    r"an?|agents?|and|the|this|your|user|of|for|notes|team|persistent|project|scoped?|section|shared|"
    r"specific|sub|subagent|system|term|long|local|global|memory|memories|director(?:y|ies)|"
    r"files?|folder|instructions"
)
_AUTHORS = re.compile(
    r"build|check|consult|keep|learn|maintain|manage|record|review|sav|updat|us(?:e|ing)\b|when|what|how"
)
_PARTS = re.compile(
    r"types of memory|(?:what )?(?:not )?to save(?: in memory)?|what (?:not )?to save.*|"
    r"how to (?:save|use|access|update) (?:your )?(?:memor(?:y|ies)).*|"
    r"when to (?:access|save|use|update) (?:your )?memor(?:y|ies).*|"
    r"before recommending from memory|memory and other forms of persistence|"
    r"searching past context|memory (?:guidelines|types|format|index|contents?|structure)|"
    r"explicit user requests|how memory works"
)
_GENERIC_PARTS = frozenset({"guidelines", "instructions", "important", "record", "scope"})


def _normal(title: str) -> str:
    return " ".join(_WORD.findall(title.lower()))


def _is_index_title(title: str) -> bool:
    """Whether a heading opens the sub-section that holds the pasted index."""
    words = _normal(title).split()
    return "memory.md" in words and not _AUTHORS.match(words[0])


def _is_part(row: Row, level: int) -> bool:
    """Whether a heading below a block's heading of `level` belongs to such blocks."""
    title = _normal(row.title)
    known = _is_index_title(row.title) or _PARTS.fullmatch(title) is not None
    return known or (row.level > level and title in _GENERIC_PARTS)


def _is_about_memory(title: str) -> bool:
    words = _normal(title).split()
    return bool({"memory", "memories"}.intersection(words)) and not _AUTHORS.match(words[0])


def _is_telling(title: str) -> bool:
    """Whether a title says nothing but "persistent agent memory" in some wording."""
    words = set(_normal(title).split())
    own = _is_about_memory(title) and all(_FILLER.fullmatch(word) for word in words)
    return own and not words.isdisjoint({"persistent", "agent", "subagent"})


def _owning_path(text: str) -> str:
    """The directory in a sentence that gives the agent its memory; "" where it is none."""
    lowered = text.lower()
    if "agent-memory" not in lowered and "persistent" not in lowered:
        return ""
    match = _OWNS.search(text)
    path = _clean(match["path"]) if match else ""
    known = match and (_is_memory_path(path) or "persistent" in match[0].lower())
    return path if known and ("/" in path or "\\" in path) else ""


def _named_path(text: str) -> str:
    """A concrete memory directory that a text names, "" where there is none."""
    if "agent-memory" not in text:
        return ""
    for match in _DIRECTORY.finditer(text):
        path = _clean(match[1] or match[2] or match[3])
        if _is_memory_path(path) and ("/" in path or "\\" in path):
            return path
    return ""


def _is_memory_path(path: str) -> bool:
    return "agent-memory" in path and not _PLACEHOLDER.search(path)


def _clean(path: str) -> str:
    return path.strip("`\"'*").rstrip(".,;:)")


def _declares_empty(text: str) -> bool:
    """Whether a text says that MEMORY.md is empty, and not only what to do when it is."""
    return any(match["unless"] is None for match in _EMPTY.finditer(text))


def _has_evidence(rows: list[Row], telling: bool) -> bool:
    """Whether a section is a memory block; under a `telling` title a named directory will do."""
    for i, row in enumerate(rows):
        if row.kind != "text" or not (opens_paragraph(rows, i) or is_list(row.text)):
            continue
        text = paragraph(rows, i)
        if _owning_path(text) or _declares_empty(text):
            return True
        if telling and _named_path(text) and _SAYS_WHERE.search(_DIRECTORY.sub("", text)):
            return True
    return False


# --- extent: where does it end? ---


def _block_end(rows: list[Row], at: int) -> int:
    """The row after the block that starts at `at`; `at` itself where none starts there."""
    row = rows[at]
    if row.kind == "ours":
        return next(i for i in range(at, len(rows)) if rows[i].text.startswith(END)) + 1
    if row.kind == "heading" and (_is_about_memory(row.title) or _is_index_title(row.title)):
        is_index = _is_index_title(row.title)
        end = _index_end(rows, at) if is_index else _section_end(rows, at)
        return end if _has_evidence(rows[at:end], _is_telling(row.title)) else at
    if row.kind == "text" and opens_paragraph(rows, at) and _opens_block(paragraph(rows, at)):
        return _section_end(rows, at)
    return at


def _opens_block(text: str) -> bool:
    """Whether a paragraph opens like the block's first sentence, in no section of its own."""
    empty = _EMPTY.match(text.lstrip())
    if empty is not None:
        return empty["unless"] is None
    return _OPENING.match(text) is not None and bool(_owning_path(text))


def _section_end(rows: list[Row], at: int) -> int:
    """The row after the block whose heading, or first sentence, is at `at`."""
    opening = rows[at]
    loose = opening.kind == "text" or opening.level == BOLD_LEVEL
    level = BOLD_LEVEL if loose else opening.level
    index = _index_heading(rows, at, level)
    if index is not None:
        return _index_end(rows, index)
    for i in range(at + 1, len(rows)):
        row = rows[i]
        if row.kind == "ours" or (row.kind == "rule" and not _part_follows(rows, i, level)):
            return i
        if row.kind == "heading" and _ends_section(row, level, rows, i):
            return i
        if loose and _is_authors_paragraph(rows, i):
            return i
    return len(rows)


def _ends_section(row: Row, level: int, rows: list[Row], i: int) -> bool:
    """Whether a heading ends a block that has no index below it."""
    if _is_part(row, level):
        return False
    if row.level == BOLD_LEVEL:
        return level == BOLD_LEVEL and not _is_prose_of_block(rows, i)
    return True


def _index_heading(rows: list[Row], at: int, level: int) -> int | None:
    """The row of the block's MEMORY.md heading, None where it has none.

    Deeper headings before it belong to the block; of the same or a higher level only those
    that such blocks are known to have.
    """
    for i in range(at + 1, len(rows)):
        row = rows[i]
        if row.kind == "ours":
            return None
        if row.kind != "heading":
            continue
        if _is_index_title(row.title):
            return i
        if row.level <= level and row.level < BOLD_LEVEL and not _is_part(row, level):
            return None
        if row.level == BOLD_LEVEL == level and not (
            _is_part(row, level) or _is_prose_of_block(rows, i)
        ):
            return None
    return None


def _index_end(rows: list[Row], at: int) -> int:
    """The row after the MEMORY.md sub-section that starts at `at`, or of two in a row."""
    end = _one_index_end(rows, at)
    if end < len(rows) and rows[end].kind == "heading" and _is_index_title(rows[end].title):
        return _one_index_end(rows, end)  # once: a template's, then the real one
    return end


def _one_index_end(rows: list[Row], at: int) -> int:
    first = next_visible(rows, at + 1)
    if first is None:
        return len(rows)
    if rows[first].kind == "heading" and rows[first].level <= rows[at].level:
        return _pasted_end(rows, first) if _is_pasted(rows, first) else at + 1
    empty = rows[first].kind == "text" and _says_empty(rows[first].text)
    for i in range(first, len(rows)):
        row = rows[i]
        if row.kind in ("ours", "rule") or row.text.startswith("</"):
            return i
        if row.kind == "heading" and (empty or row.level <= rows[at].level):
            return i
        if empty and i > first and _is_authors_paragraph(rows, i):
            return i
    return len(rows)


def _is_pasted(rows: list[Row], i: int) -> bool:
    """Whether a heading at once after `MEMORY.md` opens the index that was pasted there.

    The sub-section always holds something, so a title (level 1) does; a lower heading only
    when it speaks of memory or heads rows that link to files beside the index.
    """
    row = rows[i]
    return row.level == 1 or "memory" in _normal(row.title).split() or _heads_links(rows, i)


def _pasted_end(rows: list[Row], first: int) -> int:
    """The row after a pasted index that opens with the heading `first`."""
    for i in range(first + 1, len(rows)):
        row = rows[i]
        if row.kind in ("ours", "rule"):
            return i
        if row.kind == "heading" and row.level <= rows[first].level and not _heads_links(rows, i):
            return i
    return len(rows)


_LINK_ROW = re.compile(r"[ \t]*[-*+][ \t]+\[[^\]]*\]\((?:\./)?[^)/\\]+\.md\)", re.I)


def _heads_links(rows: list[Row], i: int) -> bool:
    following = next_visible(rows, i + 1)
    return following is not None and _LINK_ROW.match(rows[following].text) is not None


def _is_authors_paragraph(rows: list[Row], i: int) -> bool:
    """Whether a paragraph opens at row `i` that has nothing to do with a memory."""
    if rows[i].kind != "text" or not opens_paragraph(rows, i) or is_list(rows[i].text):
        return False
    return not _is_prose_of_block(rows, i)


def _says_empty(text: str) -> bool:
    return _declares_empty(text) or _SHORT_EMPTY.match(text) is not None


def _part_follows(rows: list[Row], at: int, level: int) -> bool:
    following = next_visible(rows, at + 1)
    return (
        following is not None
        and rows[following].kind == "heading"
        and _is_part(rows[following], level)
    )


_OF_BLOCK = re.compile(
    r"memor(?:y|ies)|\bremember|\bforget\b|as you work|what (?:not )?to save|"
    r"^\W*(?:guidelines|record|explicit user requests|step \d)\b|across (?:sessions|conversations)",
    re.I,
)


def _is_prose_of_block(rows: list[Row], i: int) -> bool:
    """Whether a paragraph, or a list after one, reads like advice about a memory."""
    text = rows[i].text
    if _OF_BLOCK.search(text):
        return True
    return is_list(text) and rows[i - 1].kind in ("text", "blank", "heading")


def _trimmed(rows: list[Row], at: int, end: int) -> int:
    """`end` without the blank lines and rules that only part the block from what follows."""
    while end > at + 1 and rows[end - 1].kind in ("blank", "rule"):
        end -= 1
    return end


def _block(rows: list[Row], at: int, end: int) -> EmbeddedBlock:
    visible = [row.text for row in rows[at:end] if row.kind != "hidden"]
    owning = (_owning_path(text) for text in visible)
    named = (_named_path(text) for text in visible)
    directory = next(filter(None, owning), "") or next(filter(None, named), "")
    last = rows[end - 1]
    return EmbeddedBlock(
        span=Span(rows[at].start, last.start + len(last.text)),
        line=at + 1,
        end_line=end,
        heading=rows[at].title,
        directory=directory,
        says_empty=any(_says_empty(text) for text in visible),
    )

"""What tells that a section of an agent's definition is an old memory block, not the author's.

A title that speaks of a memory is no evidence. A sentence that gives the agent a memory
directory is, and so are the words "MEMORY.md is currently empty". That a path contains the
word agent-memory is not enough: a library may be called so.
"""

from __future__ import annotations

import re

from agent_memory.core.outline import Row, is_list, opens_paragraph, paragraph

_PATH = r"(?:`[^`]{1,400}`|\"[^\"]{1,400}\"|[^\s`'\"]{0,200}[/\\][^\s`'\"]{0,400})"
_OWNS = re.compile(
    r"\byou(?:r agent)? (?:also )?(?:have|keep)\b[^`]{0,120}?"
    r"\b(?:memory|memories|persistent (?:directory|folder))\b"
    r"(?:[ ,(*]{1,4}(?:director(?:y|ies)|folder|files?|system|store|storage|notes|bank|index|"
    r"that|which|is|are|lives?|located|stored|kept)\b){0,5}"
    rf"[ ,(*]{{1,4}}(?:at|in|under|inside|here)\b:?\s?\*?\*?(?P<path>{_PATH})",
    re.I,
)
_DIRECTORY = re.compile(
    r"`([^`\n]{0,400}agent-memory[^`\n]{0,400})`|\"([^\"\n]{0,400}agent-memory[^\"\n]{0,400})\"|"
    r"([^\s`'\"()<>|]{0,400}agent-memory[^\s`'\"()<>|]{0,400})"
)
_OPENING = re.compile(r" {0,3}(?:\*\*[^*]{1,60}\*\*:? *)?(?:\*\*)?you (?:also )?have an? ", re.I)
_SAYS_WHOSE = re.compile(
    r"\byou (?:also )?have\b[^.]{0,80}\bmemor(?:y|ies)\b|\bpersist(?:s|ent)?\b|\bremember\b|"
    r"\bconsult\b|\byour (?:[\w-]{1,30} ){0,3}memor(?:y|ies)\b",
    re.I,
)
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")
_MEMORY_PATH = re.compile(
    r"(?:^|[/\\])agent-memory(?:-local)?[/\\]+[^/\\.]+(?:[/\\]|$)|"
    r"(?:^|[/\\])\.claude[/\\](?:.*[/\\])?(?:agent-memory(?:-local)?|memory|memories)(?:[/\\]|$)"
)
_HIDDEN_FOLDER = re.compile(r"(?:^|[/\\])\.\w[^/\\]*[/\\]+agent-memory")
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
_OF_MEMORY = re.compile(r"\b(?:memor(?:y|ies)|remember|forget)\b", re.I)
_OF_BLOCK = re.compile(
    r"memor(?:y|ies)|\bto (?:remember|forget)\b|as you work|what (?:not )?to save|"
    r"^\W*(?:guidelines|record|explicit user requests|step \d)\b|across (?:sessions|conversations)",
    re.I,
)


def _normal(title: str) -> str:
    return " ".join(_WORD.findall(title.lower()))


def is_index_title(title: str) -> bool:
    """Whether a heading opens the sub-section that holds the pasted index."""
    words = _normal(title).split()
    return "memory.md" in words and not _AUTHORS.match(words[0])


def is_part(row: Row, level: int) -> bool:
    """Whether a heading below a block's heading of `level` belongs to such blocks."""
    title = _normal(row.title)
    known = is_index_title(row.title) or _PARTS.fullmatch(title) is not None
    return known or (row.level > level and title in _GENERIC_PARTS)


def is_about_memory(title: str) -> bool:
    """Whether a heading may open a block: it speaks of a memory, and not of what to do with it."""
    words = _normal(title).split()
    return bool({"memory", "memories"}.intersection(words)) and not _AUTHORS.match(words[0])


def is_telling(title: str) -> bool:
    """Whether a title says nothing but "persistent agent memory" in some wording."""
    words = set(_normal(title).split())
    own = is_about_memory(title) and all(_FILLER.fullmatch(word) for word in words)
    return own and not words.isdisjoint({"persistent", "agent", "subagent"})


def owning_path(text: str) -> str:
    """The directory in a sentence that gives the agent its memory; "" where it is none."""
    if "memor" not in text.lower():
        return ""
    match = _OWNS.search(text)
    path = _clean(match["path"]) if match else ""
    return path if _is_memory_path(path) else ""


def named_path(text: str) -> str:
    """A concrete memory directory that a text names, "" where there is none."""
    if "agent-memory" not in text:
        return ""
    for match in _DIRECTORY.finditer(text):
        path = _clean(match[1] or match[2] or match[3])
        if _is_memory_path(path):
            return path
    return ""


def _says_whose(text: str) -> bool:
    """Whether one of the sentences of `text` says of a runner's folder that memories are there.

    A folder of source code may be called agent-memory, too, so it must be a hidden one.
    """
    if "agent-memory" not in text:
        return False
    return any(
        _HIDDEN_FOLDER.search(named_path(sentence))
        and _SAYS_WHOSE.search(_DIRECTORY.sub("", sentence))
        for sentence in _SENTENCE_END.split(text)
    )


def _is_memory_path(path: str) -> bool:
    """Whether a path looks like an agent's memory directory, or like something in one."""
    return _MEMORY_PATH.search(path) is not None and not _PLACEHOLDER.search(path)


def _clean(path: str) -> str:
    return path.strip("`\"'*").rstrip(".,;:)")


def declares_empty(text: str) -> bool:
    """Whether a text says that MEMORY.md is empty, and not only what to do when it is."""
    return any(match["unless"] is None for match in _EMPTY.finditer(text))


def has_evidence(rows: list[Row], telling: bool) -> bool:
    """Whether a section is a memory block; a `telling` title needs less of it."""
    for i, row in enumerate(rows):
        if row.kind != "text" or not (opens_paragraph(rows, i) or is_list(row.text)):
            continue
        text = paragraph(rows, i)
        if owning_path(text) or declares_empty(text):
            return True
        if telling and _says_whose(text):
            return True
    return False


def says_empty(text: str) -> bool:
    """Whether a text says that the index is empty, be it in two words as the index itself does."""
    return declares_empty(text) or _SHORT_EMPTY.match(text) is not None


def opens_block(text: str) -> bool:
    """Whether a paragraph opens like the block's first sentence, in no section of its own."""
    empty = _EMPTY.match(text.lstrip())
    if empty is not None:
        return empty["unless"] is None
    return _OPENING.match(text) is not None and bool(owning_path(text))


def speaks_of_memory(title: str) -> bool:
    """Whether a deeper heading is about the agent's memory, in whatever words."""
    return _OF_MEMORY.search(title) is not None


def reads_like_block(text: str) -> bool:
    """Whether a line reads like the advice about a memory that such blocks give."""
    return _OF_BLOCK.search(text) is not None


def title_names_memory(title: str) -> bool:
    """Whether a title contains the word memory."""
    return "memory" in _normal(title).split()

"""What a memory had better not hold: remarks for whoever writes, never a refusal.

Judging is the agent's and the person's part; code can only point at words.

Every pattern is linear in the text: it starts at a literal, every repeat after it is bounded or
possessive, and a lookbehind lets a run of characters be entered once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from agent_memory.core.text import Places, compiled, lines, printable, shorten

_CODE_OR_QUOTE = (
    r"```[^`]*```|`[^`\n]*`"
    r"|\"[^\"\n]{0,200}(?:\n(?![ \t]*\n)[^\"\n]{0,200})?\"|“[^“”\n]{0,200}(?:\n[^“”\n]{1,200})?”"
)
_ALONE = r"(?<![\w./'’-])"
_END = r"(?![\w'’(-]|[./]\w)"
_DAY = (
    # "today" also says "as things stand", which lasts: only what tells of a day counts
    r"(?:^[ \t]*(?:[-*+] )?|[.!?] )[Tt]oday"
    r"(?=[,:]| (?i:i|we|he|she|they|(?:the )?user|[a-z]{2,20}ed)\b)",
    r"\b(?<!is )(?<!are )(?<!not )(?i:[a-z]{2,20}ed|broken?|failing|flaky|down|found|built|met"
    r"|ran|wrote|made|did|due|by|until|from|as of|since|earlier|later) (?i:today)" + _END,
    r"(?:^[ \t]*(?:[-*+] )?|\b(?i:i|we|user) )(?i:[a-z]{2,20}ed)\b[^.\n]{0,80} (?i:today)" + _END,
    _ALONE + r"(?i:need to|have to|going to|plan to|working on)\b[^.\n]{0,80} (?i:today)" + _END,
    r"(?i:is|are) (?i:broken|failing|flaky|down|blocked) (?i:today)" + _END,
    _ALONE + r"(?i:yesterday|tomorrow|tonight|this (?:morning|afternoon|evening|week|month"
    r"|sprint|session)|(?:last|next) (?:night|week|month|sprint|session)|right now"
    r"|(?:\d{1,3}|a few) (?:minutes?|hours?|days?|weeks?) ago)" + _END,
)
_TASK = (
    _ALONE + r"(?i:currently (?:working|debugging|fixing|implementing|refactoring|investigating"
    r"|blocked|testing|migrating)|(?:i'?m|i am|we'?re|we are) (?:still |now )?working on"
    r"|(?:work|still|currently) in[ -]progress)" + _END,
    r"(?i:(?:^|[:—–] ?|\((?=in progress))in[ -]progress|(?<!if )in[ -]progress(?=[.)]?$))",
    r"(?:^[ \t]*(?:[-*+] )?|[:(—–] ?|\b(?:is|are|still) )\*{0,2}WIP" + _END,
)
_STATE = (
    _ALONE + r"(?i:not (?:yet )?merged(?: yet)?|not yet pushed|not pushed yet"
    r"|(?:waiting for|awaiting|pending) (?:(?:an?|the|code|human|user) )?(?:review|merge|approval"
    r"|ruling|decision|confirmation))" + _END,
    _ALONE
    + r"(?i:pr|mr|pull request|ticket|issue|branch)(?: [#\w/-]{1,40})? (?i:still |(?:is|are) "
    r"(?:still )?)(?i:open|pending|unmerged|in review|under review|ready for review)" + _END,
)
_TO_DO = (
    r"^[ \t]*(?:[-*+] )?(?:\[ \](?= )|(?:TODO|FIXME)S?\b|(?i:next|remaining) (?i:steps?|tasks?):)",
)
_DOUBT = (
    _ALONE
    + r"(?i:(?<!that )(?<!which )(?<!one )(?<!you )might|(?-i:maybe)|perhaps|probably|presumably"
    r"|apparently|i think|i guess|i believe"
    r"|i assume|not sure|seems to|seems like|appears to be|unverified|to be confirmed"
    r"|not (?:yet )?(?:verified|confirmed)(?: yet)?)" + _END,
    r"(?:^[ \t]*(?:[-*+] )?|[.!?] )Maybe" + _END,
)
_SPOKEN_OF = r"(?i)progress|might|seems|appears"  # also of what can happen
_CONDITION = (
    r"(?i:\b(?:if|when|while|until|unless|whether|during|once|another|already"
    r"|where|what(?:ever)?|which(?:ever)?|who(?:ever)?)\b)"
)
_OWN_PATH = (
    r"(?<![\w.:/\\~-])(?:/home/|/Users/|[A-Za-z]:[\\/]Users[\\/])"
    r"(?!Shared\b|Public\b|runner\b|node\b|app\b|vscode\b|username\b|you\b)"
    r"\w[\w.-]{0,63}(?![\w.*-])[\w./\\@+-]{0,400}"
)


NOISE: Mapping[str, tuple[str, ...]] = {
    "day": _DAY,
    "task": _TASK,
    "state": _STATE,
    "to do": _TO_DO,
    "doubt": _DOUBT,
}
"""By kind, the patterns of what will be wrong next time, and of what was never checked."""


def advice(text: str) -> tuple[str, ...]:
    """Remarks on what a memory had better not hold, one line each; none for most texts.

    Code spans and quoted words are left out, except where paths are looked for.
    """
    session = [seen for kind in NOISE if kind != "doubt" for seen in noise(text, kind)]
    remarks = (
        (sorted(session), "this session's state: it will be wrong next time; save what lasts"),
        (noise(text, "doubt"), "a guess: check it against the project first, then save the fact"),
    )
    notices = [f"{quoted(seen)} reads like {why}" for seen, why in remarks if seen]
    if paths := personal_paths(text):
        notices.append(
            f"{quoted(paths)} exists on one machine only: write the path from the repository's "
            f"root{_tail(paths[0].words)}"
        )
    return tuple(notices)


class Seen(NamedTuple):
    """Words that were seen, and their line, from 1."""

    line: int
    words: str


def noise(text: str, kind: str) -> list[Seen]:
    """The words of a kind in the prose of a text, in order."""
    prose = compiled(_CODE_OR_QUOTE).sub(lambda match: "“”" + "\n" * match[0].count("\n"), text)
    return _seen(NOISE[kind], prose)


def personal_paths(text: str) -> list[Seen]:
    """The paths into somebody's home, also those in code."""
    return _seen((_OWN_PATH,), text)


def _seen(patterns: tuple[str, ...], text: str) -> list[Seen]:
    found: dict[int, str] = {}
    for pattern in patterns:
        for match in compiled("(?m)" + pattern).finditer(text):
            words = match[0].strip(" \t:(—–")
            if compiled(_SPOKEN_OF).search(words) and _is_conditional(text, match.start()):
                continue
            found.setdefault(match.start(), words)
    places = Places(text) if found else None
    return [Seen(places.of(start)[0], found[start]) for start in sorted(found) if places]


def _is_conditional(text: str, start: int) -> bool:
    """Whether something is spoken of as what can happen, not as what is or is believed."""
    sentence = compiled(r"[.!?]\s|\n[ \t]*\n").split(text[max(start - 160, 0) : start])[-1]
    return bool(compiled(_CONDITION).search(sentence))


def quoted(seen: Iterable[Seen]) -> str:
    """The first three of the words, each once, in quotation marks."""
    words = list(dict.fromkeys(one.words for one in seen))[:3]
    return ", ".join(f'"{shorten(printable(one), 60)}"' for one in words)


def from_root(path: str, project: str = "") -> str:
    """A personal path as it may read from the repository's root, "" where nothing is left.

    Args:
        path: the path into somebody's home.
        project: the name of the project's folder, "" where it is not known.
    """
    parts = [part for part in re.split(r"[/\\]", path.rstrip(".,")) if part]
    rest = parts[3:] if parts[0].endswith(":") else parts[2:]
    if project in rest:
        return "/".join(rest[rest.index(project) + 1 :])
    return "/".join(rest[-2:]) if len(rest) > 1 else ""


def _tail(path: str) -> str:
    rest = from_root(path)
    return f', as in "{shorten(rest, 60)}"' if rest else ""


_LONGEST_ITEM = 2_000  # characters; no entry repeats a longer one to the letter
_LEAD = r"^[ \t]*(?:>[ \t]*)*(?:#{1,6}[ \t]+|(?:[-*+]|\d{1,9}[.)])[ \t]+(?:\[[ xX]\][ \t]+)?)?"


def repeats(text: str, instructions: Mapping[str, str]) -> tuple[str, ...]:
    """A remark for each place in `instructions` (path → text) that says `text` already."""
    wanted = plain(text)
    return tuple(
        f"already stands in {printable(path)}:{line}; instructions are loaded anyway"
        for path, line in (standing(instructions).get(wanted, ()) if wanted else ())
    )


def standing(instructions: Mapping[str, str]) -> dict[str, list[tuple[str, int]]]:
    """What stands in `instructions` (path → text), by its plain words: path and line.

    That is each line, and a wrapped item's lines together. Two texts have the same plain words
    if they equal but for bullet, white space, emphasis, letter case and a final full stop.
    """
    found: dict[str, list[tuple[str, int]]] = {}
    for path, content in instructions.items():
        start, item = 0, ""
        for number, line in enumerate(lines(content), 1):
            lead = compiled(_LEAD).match(line)
            if not item or (lead and lead[0].strip()) or not line.strip():
                start, item = number, ""
            item = f"{item} {line}".strip() if len(item) <= _LONGEST_ITEM else item
            for words, at in ((plain(line), number), (plain(item), start)):
                places = found.setdefault(words, [])
                if words and (path, at) not in places:
                    places.append((path, at))
    return found


def plain(text: str) -> str:
    """The words of a text without what does not change what it says."""
    bare = compiled(_LEAD).sub("", text, count=1)
    return " ".join(bare.replace("**", "").replace("`", "").casefold().split()).rstrip(" .")

"""What a memory had better not hold: remarks for whoever writes, never a refusal.

Judging is the agent's and the person's part; code can only point at words.

Every pattern is linear in the text: it starts at a literal, every repeat after it is bounded or
possessive, and a lookbehind lets a run of characters be entered once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from agent_memory.core.text import compiled, lines, printable, shorten

_CODE_OR_QUOTE = r"```[^`]*```|`[^`\n]*`|\"[^\"\n]{0,200}\"|“[^”\n]{0,200}”"
_ALONE = r"(?<![\w./'’-])"
_END = r"(?![\w'’(-]|[./]\w)"
_NOISE = (
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
    _ALONE + r"(?i:currently (?:working|debugging|fixing|implementing|refactoring|investigating"
    r"|blocked|testing|migrating)|(?:i'?m|i am|we'?re|we are) (?:still |now )?working on"
    r"|(?:work|still|currently) in[ -]progress|not (?:yet )?merged(?: yet)?"
    r"|(?:waiting for|awaiting) (?:review|merge|approval))" + _END,
    r"(?i:(?:^|[:(—–] ?)in[ -]progress|(?<!if )in[ -]progress(?=[.)]?$))",
    _ALONE + r"WIP" + _END,
    r"^[ \t]*(?:[-*+] )?(?:\[ \](?= )|(?:TODO|FIXME)S?\b|(?i:next|remaining) (?i:steps?|tasks?):)",
    _ALONE
    + r"(?i:pr|mr|pull request|ticket|issue|branch)(?: [#\w/-]{1,40})? (?i:still |(?:is|are) "
    r"(?:still )?)(?i:open|pending|unmerged|in review|under review|ready for review)" + _END,
)
_DOUBT = (
    _ALONE + r"(?i:might|maybe|perhaps|probably|presumably|apparently|i think|i guess|i believe"
    r"|i assume|not sure|seems to|seems like|appears to be|unverified|to be confirmed"
    r"|not (?:yet )?(?:verified|confirmed)(?: yet)?)" + _END,
)
_CONDITION = r"(?i:\b(?:if|when|while|until|unless|whether|during|once|another|already)\b)"
_OWN_PATH = (
    r"(?<![\w.:/\\~-])(?:/home/|/Users/|[A-Za-z]:[\\/]Users[\\/])"
    r"(?!Shared\b|Public\b|runner\b|node\b|app\b|vscode\b|username\b|you\b)"
    r"\w[\w.-]{0,63}(?![\w.*-])[\w./\\@+-]{0,400}"
)


def advice(text: str) -> tuple[str, ...]:
    """Remarks on what a memory had better not hold, one line each; none for most texts.

    Code spans and quoted words are left out, except where paths are looked for.
    """
    prose = compiled(_CODE_OR_QUOTE).sub(lambda match: "“”" + "\n" * match[0].count("\n"), text)
    remarks = (
        (_seen(_NOISE, prose), "this session's state: it will be wrong next time; save what lasts"),
        (_seen(_DOUBT, prose), "a guess: check it against the project first, then save the fact"),
    )
    notices = [f"{_quote(seen)} reads like {why}" for seen, why in remarks if seen]
    if paths := _seen((_OWN_PATH,), text):
        notices.append(
            f"{_quote(paths)} exists on one machine only: write the path from the repository's "
            f"root{_tail(paths[0])}"
        )
    return tuple(notices)


def _seen(patterns: tuple[str, ...], text: str) -> list[str]:
    """The matched words, each once, in order."""
    found: dict[int, str] = {}
    for pattern in patterns:
        for match in compiled("(?m)" + pattern).finditer(text):
            words = match[0].strip(" \t:(—–")
            if "progress" in words.lower() and _is_conditional(text, match.start()):
                continue
            found.setdefault(match.start(), words)
    return list(dict.fromkeys(found[start] for start in sorted(found)))


def _is_conditional(text: str, start: int) -> bool:
    """Whether "in progress" is spoken of as something that can happen, not as today's state."""
    reach = text[max(start - 80, 0) : start]
    return bool(compiled(_CONDITION).search(reach.rsplit("\n", 1)[-1]))


def _quote(seen: list[str]) -> str:
    return ", ".join(f'"{shorten(printable(words), 60)}"' for words in seen[:3])


def _tail(path: str) -> str:
    parts = [part for part in re.split(r"[/\\]", path.rstrip(".,")) if part]
    rest = parts[3:] if parts[0].endswith(":") else parts[2:]
    return f', as in "{shorten("/".join(rest[-2:]), 60)}"' if len(rest) > 1 else ""


_LEAD = r"^[ \t]*(?:>[ \t]*)*(?:#{1,6}[ \t]+|(?:[-*+]|\d{1,9}[.)])[ \t]+(?:\[[ xX]\][ \t]+)?)?"


def repeats(text: str, instructions: Mapping[str, str]) -> tuple[str, ...]:
    """A remark for each place in `instructions` (path → text) that says `text` already.

    A line, or a wrapped item's lines together, equals the text but for bullet, white space,
    emphasis, letter case and a final full stop.
    """
    wanted = _plain(text)
    if not wanted:
        return ()
    return tuple(
        f"already stands in {printable(path)}:{line}; instructions are loaded anyway"
        for path, content in instructions.items()
        for line in _standing_at(wanted, content)
    )


def _standing_at(wanted: str, content: str) -> list[int]:
    found: list[int] = []
    start, item = 0, ""
    for number, line in enumerate(lines(content), 1):
        lead = compiled(_LEAD).match(line)
        if not item or (lead and lead[0].strip()) or not line.strip():
            start, item = number, ""
        item = f"{item} {line}".strip() if len(item) <= 4 * len(wanted) + 200 else item
        if _plain(line) == wanted:
            found.append(number)
        elif _plain(item) == wanted:
            found.append(start)
    return found


def _plain(text: str) -> str:
    bare = compiled(_LEAD).sub("", text, count=1)
    return " ".join(bare.replace("**", "").replace("`", "").casefold().split()).rstrip(" .")

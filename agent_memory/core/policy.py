"""What a memory is for: the policy in words, and the part of it that code can see.

`screen` refuses what must never be stored, secrets and hidden characters. `advice` and `repeats`
only remark on what probably should not be; judging that is the agent's and the person's part.

Every pattern is linear in the text: it starts at a literal, every repeat after it is bounded or
possessive, and a lookbehind lets a run of characters be entered once.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from agent_memory.core.text import lines, printable, shorten
from agent_memory.errors import PolicyError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SAVE = (
    "Conventions and patterns that have held up in more than one conversation.",
    "Decisions that shape the work, with their reason; where important files are; how the "
    "project is laid out.",
    "How the user likes to work: workflow, tools, tone and length of answers.",
    "The cure for a problem that comes back, with the sign to recognise it by.",
)
DO_NOT_SAVE = (
    "The state of the present task: what is under way, what comes next, temporary values.",
    "Anything incomplete or unconfirmed; check it against the project's documents first.",
    "What CLAUDE.md or AGENTS.md already says, or what contradicts it.",
    "A conclusion drawn from a single file.",
    "Passwords, keys and tokens; write where the secret is kept instead.",
)
HABITS = (
    "Open the topic that fits the work at hand before starting on it.",
    "After a mistake that is likely to happen again, look here first; if the lesson is missing, "
    "record it.",
    "When the user asks you to remember something, save it at once; once is enough.",
    "When the user asks you to forget something, remove every entry that says it.",
    "Correct or remove an entry as soon as it proves wrong or out of date.",
    "File by topic, not by date; change the entry that exists rather than adding a second one.",
)


@dataclass(frozen=True, slots=True)
class SecretFinding:
    """A secret's kind and place, counted from 1; never its text."""

    name: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class HiddenFinding:
    """A character that a reader does not see; line and column count from 1."""

    name: str
    codepoint: int
    line: int
    column: int


class SecretRule(NamedTuple):
    """A kind of secret: `marks` are substrings, one of which every match holds, in lower case."""

    name: str
    marks: tuple[str, ...]
    pattern: str


_KEYWORD = (
    r"(?P<key>(?i:passwor[dt]|passwd|passphrase|pwd|(?<=[_-])pass)|(?i:secret(?:[_ -]?key)?|token"
    r"|(?:api|access|auth|private|encryption|signing)[_ -]?key|credentials?))"
)
_IS = r"(?:\s{0,3}(?::\s{0,3}[a-z]{1,12}\s{0,3}=(?!=)|=>|:=|[=:](?!=))|\s{1,3}(?i:is)\s)[\s*]{0,4}"
_GIVEN = (
    r"(?:(?P<quote>[\"'`])(?P<quoted>[^\"'`\s]{6,500}+)(?P=quote)"
    r"|(?P<plain>[^\s\"'`<>(){}\[\],;|\\]{6,200}+)(?![(\[]))"
)
_EDGE = r"(?<![A-Za-z0-9])"
_WORD = r"(?<![A-Za-z0-9_-])"

# Shapes as their issuers document them; sharper rules stand before blunter ones.
SECRETS: tuple[SecretRule, ...] = (
    SecretRule(
        "private key",
        ("-----begin", "putty-user-key-file-", "age-secret-key-1"),
        r"-----BEGIN (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----"
        r"|PuTTY-User-Key-File-\d|AGE-SECRET-KEY-1[0-9A-Z]{50,64}",
    ),
    SecretRule(
        "AWS access key id",
        ("akia", "asia", "abia", "acca"),
        _EDGE + r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}(?![A-Za-z0-9])",
    ),
    SecretRule(
        "AWS secret access key",
        ("secret",),
        r"(?i:aws[_ -]?secret[_ -]?(?:access[_ -]?)?key|secret[_ -]?access[_ -]?key)[\"'`*]{0,3}"
        r"\s{0,3}(?:=>|[=:]|is)[\s\"'`*]{0,4}(?P<value>[A-Za-z0-9/+]{40})(?![A-Za-z0-9/+])",
    ),
    SecretRule("Google API key", ("aiza",), _WORD + r"AIza[A-Za-z0-9_-]{35}(?![A-Za-z0-9_-])"),
    SecretRule(
        "Google OAuth secret",
        ("gocspx-", "ya29."),
        _WORD + r"(?:GOCSPX-[A-Za-z0-9_-]{20,40}|ya29\.[A-Za-z0-9_-]{20,500})",
    ),
    SecretRule(
        "Google service account key",
        ("private_key_id",),
        r"private_key_id[\"']?\s{0,5}:\s{0,5}[\"']?(?P<value>[0-9a-f]{40})",
    ),
    SecretRule(
        "Azure account key",
        ("accountkey", "account_key", "sharedaccesskey"),
        r"(?i:account_?key|sharedaccesskey)[\"'\s]{0,3}[=:][\"'\s]{0,3}"
        r"(?P<value>[A-Za-z0-9+/]{40,88}+={0,2})",
    ),
    SecretRule(
        "GitHub token",
        ("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"),
        _EDGE + r"(?:gh[pousr]_[A-Za-z0-9]{30,255}|github_pat_[A-Za-z0-9_]{22,255})",
    ),
    SecretRule(
        "GitLab token",
        ("glpat-", "glptt-", "gldt-", "glrt-", "glsoat-", "glcbt-", "glft-", "glagent-"),
        _EDGE + r"gl(?:pat|ptt|dt|rt|soat|cbt|ft|agent)-(?=[A-Za-z_-]{0,60}\d)[\w-]{20,255}",
    ),
    SecretRule(
        "Bitbucket or Atlassian token",
        ("atbb", "atatt3", "atctt3"),
        _EDGE + r"(?:ATBB[A-Za-z0-9]{28,40}|AT[AC]TT3[A-Za-z0-9_=-]{50,255})",
    ),
    SecretRule("Anthropic key", ("sk-ant-",), _WORD + r"sk-ant-[A-Za-z0-9_-]{20,255}"),
    SecretRule(
        "OpenAI or OpenRouter key",
        ("sk-",),
        _WORD + r"sk-(?:(?:proj|svcacct|admin|or-v1)-(?=[A-Za-z_-]{0,60}\d)[A-Za-z0-9_-]{20,255}"
        r"|[A-Za-z0-9]{32,255})",
    ),
    SecretRule("Hugging Face token", ("hf_",), _EDGE + r"hf_[A-Za-z0-9]{30,64}"),
    SecretRule(
        "Slack token",
        ("xox", "xapp-"),
        _EDGE + r"(?:xox[abeoprs]|xapp)-(?=[A-Za-z-]{0,60}\d)[A-Za-z0-9-]{10,255}",
    ),
    SecretRule(
        "Slack webhook",
        ("hooks.slack.com",),
        r"hooks\.slack\.com/(?:services|workflows)/T\w{6,20}/[AB]\w{6,20}/\w{16,64}",
    ),
    SecretRule(
        "Discord token or webhook",
        (".", "api/webhooks/"),
        r"discord(?:app)?\.com/api/webhooks/\d{17,20}/[\w-]{60,80}"
        r"|(?<![\w.-])[MNO][A-Za-z0-9_-]{23,27}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,45}(?![\w-])",
    ),
    SecretRule(
        "Telegram bot token", (":aa",), r"(?<![\w:])\d{8,10}:AA[A-Za-z0-9_-]{32,34}(?![\w-])"
    ),
    SecretRule(
        "Stripe key",
        ("_live_", "_test_", "whsec_"),
        _EDGE + r"(?:[sr]k_(?:live|test)_[A-Za-z0-9]{16,255}|whsec_[A-Za-z0-9+/=]{24,255})",
    ),
    SecretRule("Twilio key", ("sk",), _EDGE + r"SK[0-9a-f]{32}(?![A-Za-z0-9])"),
    SecretRule("SendGrid key", ("sg.",), _WORD + r"SG\.[\w-]{16,32}\.[\w-]{32,64}"),
    SecretRule("npm token", ("npm_",), _EDGE + r"npm_[A-Za-z0-9]{36}(?![A-Za-z0-9_])"),
    SecretRule("PyPI token", ("pypi-",), _EDGE + r"pypi-(?=[A-Za-z_-]{0,60}\d)[\w-]{50,500}"),
    SecretRule("DigitalOcean token", ("_v1_",), _EDGE + r"do[opr]_v1_[0-9a-f]{64}"),
    SecretRule(
        "Vault, Docker, Databricks or Shopify token",
        ("hvs.", "dckr_pat_", "dapi", "shp"),
        _EDGE + r"(?:hvs\.[\w-]{24,255}|dckr_pat_[\w-]{20,64}|dapi[0-9a-f]{32}(?![A-Za-z0-9])"
        r"|shp(?:at|ca|pa|ss)_[0-9a-f]{32})",
    ),
    SecretRule(
        "JSON Web Token",
        ("eyj",),
        r"(?<![\w-])eyJ[\w-]{8,8000}+\.eyJ[\w-]{8,8000}+\.[\w-]{10,1000}",
    ),
    SecretRule(
        "authorization header",
        ("authorization",),
        r"(?i:authorization)[\"'`*]{0,3}\s{0,3}[:=]\s{0,3}[\"'`]?(?i:basic|bearer|token)\s{1,3}"
        r"(?P<value>[A-Za-z0-9._~+/=-]{12,500}+)",
    ),
    SecretRule(
        "password in a URL",
        ("://",),
        r"(?<=://)(?P<user>[^\s/:@]{0,128}):(?P<login>[^\s/@]{3,256})@(?=[\w\[])",
    ),
    SecretRule(
        "password or key",
        ("pass", "pwd", "secret", "token", "key", "credential"),
        _KEYWORD + r"[\"'`*\]]{0,3}" + _IS + _GIVEN,
    ),
)

_MASK = r"[xX*•.]{8}"
_PLACEHOLDER = (
    # stand-ins, words of a schema, names of algorithms, addresses of the real thing, plain words
    r"(?i)[$<{(\[%*]|![a-z]+\Z"
    r"|(?:test|example|dummy|fake|sample|your|change|replace|placeholder|redacted|xxx|insert)"
    r"|(?:demo|secret|pass|passwd|password|pwd|token|user|admin|root|guest|postgres|string|none|null"
    r"|undefined|true|false|required|optional|invalid|foo|bar|todo|tbd|abc)[-_!]?\d{0,3}\Z"
    r"|(?:argon|b?crypt|scrypt|pbkdf|sha|md5|hmac|[hrep]s\d|aes|base\d|utf|oauth|x509|ed25519)"
    r"[\w-]{0,12}\Z"
    r"|(?:[a-z]{1,12}://|\.{0,2}/|~|arn:|vault:|file:|projects/)|(?:[^\W\d]*|\d*)\Z"
)
_DOTTED = r"[A-Za-z_]\w*(?:\.\w+)+"
_REFERENCE = (
    r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|[A-Za-z]+\d{0,3}(?:[-_./:][A-Za-z]*\d{0,3})+"
    r"|[a-z]+(?:[A-Z][a-z]+)+\d{0,3}|[\d._-]+[a-z%]{0,3}"
)
_SIGN = r"[\d!@#$^&*+=?~]"
_STAND_IN = (
    r"(?i)(?:password|passwd|passw|pass|pwd|pw|secret|postgres|test|token|example|changeme"
    r"|x+|\W+)\Z"
)


def screen(text: str) -> None:
    """Let `text` through, or refuse what a memory must never hold.

    Raises:
        PolicyError: blank text, a hidden character, or a secret; the text is not repeated.
    """
    if not text.strip():
        raise PolicyError("there is nothing to remember: the text is blank", "Give it some words.")
    for start, name in _hidden(text):
        line, column = _Places(text).of(start)
        raise PolicyError(
            f"the text holds a {name} (U+{ord(text[start]):04X}, line {line}, column {column})",
            "Remove the character; a reader would not see it, and a model would.",
        )
    for found in secrets(text):
        raise PolicyError(
            f"the text looks like it holds a secret: {found.name} "
            f"(line {found.line}, column {found.column})",
            "Write where the secret is kept (a variable, a vault entry), not the secret.",
        )


def secrets(text: str) -> tuple[SecretFinding, ...]:
    """Every secret in `text`, in order; where rules overlap, the sharper one."""
    lowered = text.lower()
    hits = [
        (*_value_span(match), order, rule.name)
        for order, rule in enumerate(SECRETS)
        if any(mark in lowered for mark in rule.marks)
        for match in _compiled(rule.pattern).finditer(text)
        if _is_real(match)
    ]
    places = _Places(text) if hits else None
    found: list[SecretFinding] = []
    done = 0
    for start, end, _, name in sorted(hits, key=lambda hit: (hit[0], hit[2])):
        if places and start >= done:
            found.append(SecretFinding(name, *places.of(start)))
            done = end
    return tuple(found)


def hidden(text: str) -> tuple[HiddenFinding, ...]:
    """Every character in `text` that a reader does not see and that no script needs there."""
    hits = list(_hidden(text))
    places = _Places(text) if hits else None
    return tuple(
        HiddenFinding(name, ord(text[start]), *places.of(start)) for start, name in hits if places
    )


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


class _Places:
    """Line and column, from 1, of a character's index."""

    def __init__(self, text: str) -> None:
        self.starts = [0, *accumulate(map(len, lines(text)))]

    def of(self, index: int) -> tuple[int, int]:
        line = bisect_right(self.starts, index)
        return line, index - self.starts[line - 1] + 1


def _value_span(match: re.Match[str]) -> tuple[int, int]:
    for name in ("value", "login", "quoted", "plain"):
        if match.groupdict().get(name) is not None:
            return match.span(name)
    return match.span()


def _is_real(match: re.Match[str]) -> bool:
    """Whether a match is a secret, not a stand-in for one or a piece of code."""
    if _compiled(_MASK).search(match[0]):
        return False
    groups = match.groupdict()
    if "login" in groups:
        value = groups["login"]
        return not (
            value == groups["user"] or _compiled(_STAND_IN).match(value) or value[0] in "$<{[%*"
        )
    if "key" in groups:
        return _is_real_value(groups["key"], groups["quoted"], groups["plain"])
    return True


def _is_real_value(keyword: str, quoted: str | None, plain: str | None) -> bool:
    value = quoted if quoted is not None else (plain or "").rstrip(".:!?*")
    password = keyword.lower().startswith(("pass", "pwd"))
    if len(value) < (6 if password else 10) or _compiled(_REFERENCE).fullmatch(value):
        return False
    if quoted is None and _compiled(_DOTTED).fullmatch(value):
        return False
    letters = any(char.isalpha() for char in value)
    return (
        letters
        and bool(_compiled(_SIGN).search(value))
        and not _compiled(_PLACEHOLDER).match(value)
    )


# --- hidden characters -------------------------------------------------------------------------

_TAGS = "\U000e0000-\U000e007f"
_PRIVATE = "\ue000-\uf8ff\U000f0000-\U000ffffd\U00100000-\U0010fffd"
_CONTROL = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"
_BIDI = "\u202a-\u202e\u2066-\u2069"
_CANDIDATES = (
    f"[{_CONTROL}{_TAGS}{_PRIVATE}{_BIDI}\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f"
    "\u2060-\u2065\u206a-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U0001d173-\U0001d17a"
    "\U000e0100-\U000e01ef\ud800-\udbff]"  # a low surrogate may be a byte that is not UTF-8
)
_NAMES = (
    ("NUL character", "\x00"),
    ("control character", _CONTROL),
    ("Unicode tag character", _TAGS),
    ("bidirectional override", _BIDI),
    ("private-use character", _PRIVATE),
    ("lone surrogate", "\ud800-\udbff"),
    ("variation selector", "\ufe00-\ufe0f\U000e0100-\U000e01ef"),
)
_EMOJI = (
    "[\u2190-\u2bff\U0001f000-\U0001faff\u203c\u2049\u2122\u2139\u3030\u303d\u3297\u3299©®0-9#*]"
)
_CJK = "[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
# Scripts that join or break inside a word: Hebrew to Myanmar, Khmer to Vedic, Saurashtra to
# Meetei, the Arabic presentation forms, Kharoshthi to Kaithi and its neighbours.
_JOINING = "[\u0590-\u10ff\u1780-\u1cff\ua800-\uabff\ufb1d-\ufefc\U00010a00-\U00011fff]"
_UNSPACED = "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]"
_NEIGHBOURS = (
    # character, what may stand before it, what may stand after it
    ("\u200d", f"(?:{_EMOJI}|\ufe0f)", _EMOJI),
    ("[\u200c\u200d]", _JOINING, _JOINING),
    ("\u200b", _UNSPACED, _UNSPACED),
    ("\u00ad", r"[^\W\d_]", r"[^\W\d_]"),
    ("[\ufe0e\ufe0f]", _EMOJI, "(?s:.|)"),
    ("[\ufe00-\ufe02\U000e0100-\U000e01ef]", f"(?:{_CJK}|[\u2200-\u2aff])", "(?s:.|)"),
)
_MARKS = "\u061c\u200e\u200f"
_RTL = (
    "[\u0590-\u061b\u061d-\u08ff\ufb1d-\ufdff\ufe70-\ufefc"
    "\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
_REACH = 40


def _hidden(text: str) -> Iterator[tuple[int, str]]:
    if text.isascii() and text.isprintable():
        return
    for match in _compiled(_CANDIDATES).finditer(text):
        index = match.start()
        if not _has_a_use(text, index):
            yield index, _kind(match[0])


def _kind(char: str) -> str:
    return next(
        (name for name, chars in _NAMES if _compiled(f"[{chars}]").match(char)),
        "zero-width character",
    )


def _has_a_use(text: str, index: int) -> bool:
    char, before, after = text[index], text[max(index - 1, 0) : index], text[index + 1 : index + 2]
    if char == "\ufeff":
        return index == 0
    if char in _MARKS:
        return bool(_compiled(_RTL).search(text, max(index - _REACH, 0), index + _REACH))
    return any(
        _compiled(this).match(char)
        and _compiled(left).fullmatch(before)
        and _compiled(right).fullmatch(after)
        for this, left, right in _NEIGHBOURS
    )


# --- remarks -----------------------------------------------------------------------------------

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
    prose = _compiled(_CODE_OR_QUOTE).sub(lambda match: "“”" + "\n" * match[0].count("\n"), text)
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
        for match in _compiled("(?m)" + pattern).finditer(text):
            words = match[0].strip(" \t:(—–")
            if "progress" in words.lower() and _is_conditional(text, match.start()):
                continue
            found.setdefault(match.start(), words)
    return list(dict.fromkeys(found[start] for start in sorted(found)))


def _is_conditional(text: str, start: int) -> bool:
    """Whether "in progress" is spoken of as something that can happen, not as today's state."""
    reach = text[max(start - 80, 0) : start]
    return bool(_compiled(_CONDITION).search(reach.rsplit("\n", 1)[-1]))


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
        lead = _compiled(_LEAD).match(line)
        if not item or (lead and lead[0].strip()) or not line.strip():
            start, item = number, ""
        item = f"{item} {line}".strip() if len(item) <= 4 * len(wanted) + 200 else item
        if _plain(line) == wanted:
            found.append(number)
        elif _plain(item) == wanted:
            found.append(start)
    return found


def _plain(text: str) -> str:
    bare = _compiled(_LEAD).sub("", text, count=1)
    return " ".join(bare.replace("**", "").replace("`", "").casefold().split()).rstrip(" .")

"""Passwords, keys and tokens: what they look like, and where one stands in a text.

Every pattern is linear in the text: it starts at a literal, every repeat after it is bounded or
possessive, and a lookbehind lets a run of characters be entered once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from agent_memory.core.text import Places, Span, Splice, compiled, splice


class SecretFinding(NamedTuple):
    """A secret's kind and place, counted from 1; never its text."""

    name: str
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
        _EDGE + r"gl(?:pat|ptt|dt|rt|soat|cbt|ft|agent)-(?=[A-Za-z_-]{0,60}(?:\d|[a-z][A-Z]))"
        r"[\w-]{20,255}",
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
        "Groq, xAI, Perplexity or Replicate key",
        ("gsk_", "xai-", "pplx-", "r8_"),
        _EDGE + r"(?:gsk_[A-Za-z0-9]{48,64}|xai-[A-Za-z0-9]{64,128}|pplx-[A-Za-z0-9]{40,64}"
        r"|r8_[A-Za-z0-9]{37,40})(?![A-Za-z0-9])",
    ),
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
_ELIDED = r"\.\.\.|…"  # an example that was cut short
_YOURS = r"(?i:your[_-])|\A[A-Z]+(?:_[A-Z]+)+\Z"
_PLACEHOLDER = (
    # stand-ins, words of a schema, names of algorithms, options and variables of CSS, UUIDs,
    # addresses of the real thing, plain words
    r"(?i)[$<{(\[%*&]|![a-z]+\Z|.{0,500}(?:[$#]\{|\{\{)"
    r"|(?:test|example|dummy|fake|sample|your|change|replace|placeholder|redacted|xxx|insert)"
    r"|(?:demo|secret|pass|passwd|password|pwd|token|user|admin|root|guest|postgres|string|none|null"
    r"|undefined|true|false|required|optional|invalid|foo|bar|todo|tbd|abc)[-_!]?\d{0,3}\Z"
    r"|(?:argon|b?crypt|scrypt|pbkdf|sha|md5|hmac|[hrep]s\d|aes|base\d|utf|oauth|x509|ed25519)"
    r"[\w-]{0,12}\Z|[a-z]{1,20}#[a-z-]{1,40}\Z|0x[0-9a-f]{40}(?![0-9a-f])"
    r"|--[a-z]|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z|(?:[a-z]{1,12}://|\.{0,2}/|~|arn:|vault:|file:|projects/)|(?:[^\W\d]*|\d*)\Z"
)
_DOTTED = r"[A-Za-z_]\w*(?:\.\w+)+"
_REFERENCE = (
    r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|[A-Za-z]+\d{0,3}(?:[-_./:][A-Za-z]*\d{0,3})+"
    r"|[a-z]+(?:[A-Z][a-z]+)+\d{0,3}|[\d._-]+[a-z%]{0,3}"
)
_SIGN = r"[\d!@#$^&*+=?~]"
_STAND_IN = (
    r"(?i)(?:password|passwd|passw|pass|pwd|pw|secret|postgres|test|token|example|changeme"
    r"|x+|\W+|[a-z]{1,20}[_-](?:password|passwd|pass|pwd|secret))\Z"
)


Detector = Callable[[str], Sequence["Hit"]]
"""Something else that knows secrets, such as `project/detector.py`."""


class Hit(NamedTuple):
    """Where the secret part of a secret stands in a text, and its kind."""

    start: int
    end: int
    name: str


def hits(text: str, detect: Detector | None = None) -> list[Hit]:
    """The place of every secret in `text`, in order; where rules overlap, the sharper one.

    Args:
        text: what is looked at.
        detect: a second opinion, which counts where the rules here find nothing.
    """
    lowered = text.lower()
    found = [
        (Hit(*_value_span(match), rule.name), order)
        for order, rule in enumerate(SECRETS)
        if any(mark in lowered for mark in rule.marks)
        for match in compiled(rule.pattern).finditer(text)
        if _is_real(match)
    ]
    found += [(hit, len(SECRETS)) for hit in (detect(text) if detect else ())]
    kept: list[Hit] = []
    done = 0
    for hit, _ in sorted(found, key=lambda one: (one[0].start, one[1])):
        if hit.start >= done:
            kept.append(hit)
            done = hit.end
    return kept


def secrets(text: str, detect: Detector | None = None) -> tuple[SecretFinding, ...]:
    """Every secret in `text` by kind and place."""
    found = hits(text, detect)
    places = Places(text) if found else None
    return tuple(SecretFinding(hit.name, *places.of(hit.start)) for hit in found if places)


def masked(text: str) -> str:
    """`text` with `[secret]` in place of every secret."""
    return splice(text, [Splice(Span(hit.start, hit.end), "[secret]") for hit in hits(text)])


def _value_span(match: re.Match[str]) -> tuple[int, int]:
    for name in ("value", "login", "quoted", "plain"):
        if match.groupdict().get(name) is not None:
            return match.span(name)
    return match.span()


def _is_real(match: re.Match[str]) -> bool:
    """Whether a match is a secret, not a stand-in for one or a piece of code."""
    if compiled(_MASK).search(match[0]) or compiled(_ELIDED).search(match[0]):
        return False
    groups = match.groupdict()
    if "login" in groups:
        value = groups["login"]
        return not (
            value == groups["user"] or compiled(_STAND_IN).match(value) or value[0] in "$<{[%*"
        )
    if "key" in groups:
        return _is_real_value(groups["key"], groups["quoted"], groups["plain"])
    return not compiled(_YOURS).search(groups.get("value") or "")


def _is_real_value(keyword: str, quoted: str | None, plain: str | None) -> bool:
    value = quoted if quoted is not None else (plain or "").rstrip(".:!?*")
    password = keyword.lower().startswith(("pass", "pwd"))
    if len(value) < (6 if password else 10) or compiled(_REFERENCE).fullmatch(value):
        return False
    if quoted is None and compiled(_DOTTED).fullmatch(value):
        return False
    letters = any(char.isalpha() for char in value)
    return (
        letters and bool(compiled(_SIGN).search(value)) and not compiled(_PLACEHOLDER).match(value)
    )

"""Commands that an entry names, and the manifests that say whether they are there."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from agent_memory.core.staleness.mentions import CODE

_NAME = r"(?P<name>[A-Za-z0-9][\w:.@/-]*)"
_RUNS = re.compile(
    r"(?:^|[;&|(]\s*|\s)(?P<tool>npm run(?:-script)?|pnpm run|yarn run|bun run|make|just)"
    rf"(?P<options>(?:\s+(?:-{{1,2}}[\w-]+(?:[= ][^\s-]\S*)?))*?)\s+{_NAME}(?=$|[\s;&|)'\"])"
)
_TARGET = re.compile(r"^(?P<names>[A-Za-z0-9_][\w./% -]*?)\s*:(?![=:])", re.MULTILINE)
_PHONY = re.compile(r"^\.PHONY\s*:\s*(?P<names>.+)$", re.MULTILINE)
_RECIPE = re.compile(r"^@?(?P<name>[A-Za-z_][\w-]*)(?:[ \t]+[^:\n]*)?:(?!=)", re.MULTILINE)
_ALIAS = re.compile(r"^alias\s+(?P<name>[\w-]+)", re.MULTILINE)
_SCRIPTS = re.compile(
    r"^\[(?:project\.scripts|project\.gui-scripts|tool\.poetry\.scripts)\]\s*\n(?P<body>(?:(?!\[).*\n?)*)",
    re.MULTILINE,
)
_SCRIPT = re.compile(r"^[\"']?(?P<name>[\w.-]+)[\"']?\s*=", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Command:
    """A command as a line has it: the manifest's kind, and the name that must stand in it."""

    kind: str
    name: str
    text: str


def commands(line: str, in_fence: bool) -> list[Command]:
    """The commands in a line: in its code spans, or in all of it where it is code itself."""
    found: dict[Command, None] = {}
    for code in [line.strip().removeprefix("$ ")] if in_fence else _spans(line):
        for match in _RUNS.finditer(code):
            tool = match["tool"].split()[0]
            kind = tool if tool in ("make", "just") else "npm"
            if "-C" in match["options"] or "=" in match["name"] or "--prefix" in code:
                continue  # elsewhere, or a variable
            found[Command(kind, match["name"], f"{match['tool']} {match['name']}")] = None
        word = re.match(r"(?:uv run |poetry run )?([a-z][a-z0-9]*(?:[-_][a-z0-9]+)+)(?:\s|$)", code)
        if word:
            found[Command("script", word[1], word[1])] = None
    return list(found)


def _spans(line: str) -> Iterator[str]:
    return (match["code"].strip() for match in CODE.finditer(line))


def manifests(kind: str, paths: Collection[str]) -> list[str]:
    """The files among `paths` that can define commands of a kind."""
    return sorted(path for path in paths if kind_of(path) == kind)


def kind_of(path: str) -> str:
    """Which kind of commands a file defines, "" where it is none."""
    name = path.rpartition("/")[2]
    if name == "package.json":
        return "npm"
    if name in ("Makefile", "makefile", "GNUmakefile") or name.endswith(".mk"):
        return "make"
    if name.lower() in ("justfile", ".justfile") or name.endswith(".just"):
        return "just"
    return "script" if name == "pyproject.toml" else ""


def defined(path: str, text: str) -> frozenset[str] | None:
    """The names that a manifest defines; None where that cannot be told from it."""
    kind = kind_of(path)
    if kind == "npm":
        return _npm(text)
    if kind == "make":
        lists = [match["names"] for match in _TARGET.finditer(text)]
        lists += [match["names"] for match in _PHONY.finditer(text)]
        names = frozenset(name for names in lists for name in names.split())
        return None if any("%" in name for name in names) else names
    if kind == "just":
        found = {match["name"] for match in _RECIPE.finditer(text)}
        return frozenset(found | {match["name"] for match in _ALIAS.finditer(text)})
    bodies = (match["body"] for match in _SCRIPTS.finditer(text))
    return frozenset(match["name"] for body in bodies for match in _SCRIPT.finditer(body))


def _npm(text: str) -> frozenset[str] | None:
    try:
        body = json.loads(text)
        scripts = body.get("scripts", {})
        return frozenset(scripts) if isinstance(scripts, dict) else frozenset()
    except (ValueError, AttributeError):
        return None

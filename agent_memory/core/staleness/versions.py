"""Versions that an entry claims, and the lock files and manifests that say which are in use."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass

_VERSION = r"v?(?P<version>\d{1,4}(?:\.\d{1,4}){0,3})(?:\.x)?"
_CLAIM = re.compile(
    rf"(?<![\w/@.-])(?P<name>@?[A-Za-z][\w.-]*(?:/[\w.-]+)?)(?:\s?(?P<sign>==|@)\s?|\s+)[v^~]?{_VERSION}"
    r"(?P<open>\+)?(?![\w.%/:-]*[\w%/:])"
)
_LOCKED = re.compile(r'^name = "(?P<name>[^"]+)"\r?\nversion = "(?P<version>[^"]+)"', re.MULTILINE)
_PINNED = re.compile(
    r"^(?P<name>[A-Za-z0-9._-]+)(?:\[[^\]]*\])?==(?P<version>[\w.]+)", re.MULTILINE
)
_RANGE = re.compile(r"^[\^~>=v ]*(?P<version>\d+(?:\.\d+)*)")
_FILES = frozenset(
    {"uv.lock", "poetry.lock", "Cargo.lock", "package-lock.json", "package.json", "go.mod"}
)


@dataclass(frozen=True, slots=True)
class Claim:
    """That something has a version; `parts` are as many numbers as the claim gives."""

    name: str
    parts: tuple[int, ...]
    text: str


def claims(line: str, known: Collection[str]) -> list[Claim]:
    """The versions that a line claims of something in `known` (names in lower case)."""
    found: dict[Claim, None] = {}
    for match in _CLAIM.finditer(line.replace("`", " ").replace("**", " ")):
        name = normal(match["name"])
        exact = match["sign"] is not None or "." in match["version"]
        if name in known and not match["open"] and (exact or name[:1] == "@" or len(name) > 3):
            parts = tuple(int(part) for part in match["version"].split("."))
            found[Claim(name, parts, match[0].strip())] = None
    return list(found)


def normal(name: str) -> str:
    """The name under which a package counts as the same."""
    return name.lower().replace("_", "-")


def is_manifest(path: str) -> bool:
    """Whether a file says which versions are in use."""
    name = path.rpartition("/")[2]
    return name in _FILES or (name.startswith("requirements") and name.endswith(".txt"))


def in_use(path: str, text: str) -> Mapping[str, frozenset[str]]:
    """The versions of each package that a file names."""
    found: dict[str, set[str]] = defaultdict(set)
    name = path.rpartition("/")[2]
    if name in ("package-lock.json", "package.json"):
        for package, version in _npm(name, text):
            found[normal(package)].add(version)
    elif name == "go.mod":
        for match in re.finditer(r"^\s*(?:require\s+)?(\S+)\s+v(\d[\w.-]*)", text, re.MULTILINE):
            found[normal(match[1].rpartition("/")[2])].add(match[2])
        for match in re.finditer(r"^go\s+(\d[\d.]*)", text, re.MULTILINE):
            found["go"].add(match[1])
    else:
        pattern = _PINNED if name.endswith(".txt") else _LOCKED
        for match in pattern.finditer(text):
            found[normal(match["name"])].add(match["version"])
    return {package: frozenset(versions) for package, versions in found.items()}


def _npm(name: str, text: str) -> list[tuple[str, str]]:
    try:
        body = json.loads(text)
        if name == "package-lock.json":
            return [
                (path.rpartition("node_modules/")[2], str(package.get("version", "")))
                for path, package in body.get("packages", {}).items()
                if path.count("node_modules/") == 1
            ]
        listed = {**body.get("dependencies", {}), **body.get("devDependencies", {})}
    except (ValueError, AttributeError, TypeError):
        return []
    ranges = ((package, _RANGE.match(str(said))) for package, said in listed.items())
    return [(package, match["version"]) for package, match in ranges if match]


def agrees(claim: Claim, versions: Collection[str]) -> bool:
    """Whether one of the versions begins with the numbers that are claimed."""
    return any(_numbers(version)[: len(claim.parts)] == claim.parts for version in versions)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version.split("-")[0].split("+")[0]))

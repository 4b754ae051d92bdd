"""Names of code that an entry says are in a file, and whether the file defines them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import lru_cache

from agent_memory.core.staleness.mentions import CODE

_SYMBOL = re.compile(r"(?P<name>[A-Za-z_]\w*(?:(?:\.|::)[A-Za-z_]\w*)?)(?P<call>\([^()]*\))?")
_AT_FILE = re.compile(r"\.\w+::?(?P<name>[A-Za-z_]\w*(?:(?:\.|::)[A-Za-z_]\w*)?)(?:\(\))?$")
_TELLING = re.compile(r"[a-z][A-Z]|_|[A-Z][a-z]+[A-Z]|^[A-Z]\w+(?:\.|::)")  # no plain word
_SUFFIX = re.compile(r"\.(?:py|js|ts|tsx|jsx|go|rs|md|json|ya?ml|toml|txt|sh|sql|css|html)$")
_DEFINES = re.compile(
    r"\b(?:function\*?|class|interface|type|enum|struct|trait|union|fn|func|def|const|let|var|val|"
    r"fun|object|module|namespace|protocol|record|macro_rules!|#define|define|typedef)\s+"
    r"(?:\([^)\n]*\)\s*)?(?:mut\s+)?(?P<name>[A-Za-z_]\w*)"
)
_METHOD = re.compile(
    r"^[ \t]*(?:[\w<>\[\],.?&*:]+[ \t]+)*(?P<name>[A-Za-z_]\w*)[ \t]*\([^;{}]*\)[^;{}=]*\{",
    re.MULTILINE,
)
_NO_NAMES = frozenset({"if", "for", "while", "switch", "catch", "return", "match", "with"})


def symbols(line: str) -> list[str]:
    """The names of code in a line's code spans: calls, dotted names and names of several words."""
    found: dict[str, None] = {}
    for match in CODE.finditer(line):
        code = match["code"].strip()
        at_file = _AT_FILE.search(code)
        if at_file and "/" in code:
            found[at_file["name"].replace("::", ".")] = None
            continue
        whole = _SYMBOL.fullmatch(code)
        if whole is None or _SUFFIX.search(code) or len(whole["name"]) < 4:
            continue
        if whole["call"] or _TELLING.search(whole["name"]):
            found[whole["name"].replace("::", ".")] = None
    return list(found)


def occurs(symbol: str, text: str) -> bool:
    """Whether every part of a name is a word of the text."""
    parts = symbol.split(".")
    if not all(part in text for part in parts):
        return False  # the usual way to be missing, and much faster to see
    return all(re.search(rf"\b{re.escape(part)}\b", text) for part in parts)


def searched(symbol: str) -> tuple[str, str]:
    """The words that a name is looked for by: where its class is gone, that says more than it."""
    return symbol.partition(".")[0], symbol.rpartition(".")[2]


def defines(symbol: str, path: str, text: str) -> bool:
    """Whether a file defines a name: by its syntax for Python, by how definitions look elsewhere.

    `Class.method` in Python is a method of that class, elsewhere two definitions.
    """
    names = _names(path.endswith((".py", ".pyi")), text)
    if symbol in names:
        return True
    return not path.endswith((".py", ".pyi")) and all(part in names for part in symbol.split("."))


@lru_cache(maxsize=256)
def _names(python: bool, text: str) -> frozenset[str]:
    if python:
        try:
            return frozenset(_in_python(ast.parse(text).body, ""))
        except (SyntaxError, ValueError, RecursionError):
            pass
    found = {match["name"] for match in _DEFINES.finditer(text)}
    found |= {match["name"] for match in _METHOD.finditer(text)}
    return frozenset(found - _NO_NAMES)


def _in_python(body: list[ast.stmt], prefix: str) -> Iterator[str]:
    """The names that statements define; within a class with the class's name before them."""
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield prefix + node.name
            yield from (prefix + name for name in _on_self(node) if prefix)
        elif isinstance(node, ast.ClassDef):
            yield prefix + node.name
            yield from _in_python(node.body, f"{node.name}.")
        elif isinstance(node, ast.Assign):
            yield from (prefix + t.id for t in node.targets if isinstance(t, ast.Name))
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield prefix + node.target.id
        elif isinstance(node, ast.If | ast.Try):
            yield from _in_python(node.body, prefix)
            yield from _in_python(node.orelse, prefix)


def _on_self(method: ast.AST) -> Iterator[str]:
    """The attributes that a method gives to its object: as much the class's as a field is."""
    for node in ast.walk(method):
        match node:
            case ast.Attribute(value=ast.Name(id="self"), attr=name, ctx=ast.Store()):
                yield name


def inherits(name: str, text: str) -> bool:
    """Whether a class in a file of Python has others above it, where a member may be now."""
    try:
        nodes = list(ast.walk(ast.parse(text)))
    except (SyntaxError, ValueError, RecursionError):
        return False
    last = name.rpartition(".")[2]
    return any(isinstance(one, ast.ClassDef) and one.name == last and one.bases for one in nodes)

"""Names of code in a line, and what a file defines."""

from __future__ import annotations

import pytest

from agent_memory.core.staleness.symbols import defines, occurs, symbols


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("`load()` and `Loader.load(path)`", ["load", "Loader.load"]),
        ("`read_all` or `readAll` or `ReadAll`", ["read_all", "readAll", "ReadAll"]),
        ("`Loader.load` and `os.path`", ["Loader.load"]),
        ("`src/a.py::Loader.load`", ["Loader.load"]),
        ("`src/a.rs:parse_all`", ["parse_all"]),
        ("`config`, `a.py`, `notes.md`, load_all in prose, `x()`", []),
        ("`package.json` and `npm run x`", []),
    ],
)
def test_only_what_can_be_nothing_else_is_a_name(line: str, names: list[str]) -> None:
    assert symbols(line) == names


PYTHON = """
LIMIT: int = 3
class Loader:
    kind = "x"
    async def load(self): ...
    def __init__(self):
        self.size, self.other.far = 1, 2
try:
    def fallback(): ...
except ImportError:
    pass
"""


def test_python_is_read_by_its_syntax() -> None:
    for name in ("LIMIT", "Loader", "Loader.kind", "Loader.load", "Loader.size", "fallback"):
        assert defines(name, "a.py", PYTHON), name
    assert not defines("load", "a.py", PYTHON)
    assert not defines("Loader.far", "a.py", PYTHON)
    assert not defines("Other.load", "a.py", PYTHON)
    assert defines("old_one", "a.py", "print 'old'\ndef old_one():\n    pass\n")  # no syntax of now


@pytest.mark.parametrize(
    ("path", "text", "name"),
    [
        ("a.ts", "export const readAll = () => 1", "readAll"),
        ("a.ts", "export default class Loader {\n  async load(x: T) {\n  }\n}", "Loader.load"),
        ("a.go", "func (l *Loader) ReadAll(x int) error {", "ReadAll"),
        ("a.rs", "pub fn parse_all() -> X {", "parse_all"),
        ("A.java", "  public static List<T> parseAll(int x) {", "parseAll"),
        ("a.h", "#define MAX_SIZE 3", "MAX_SIZE"),
    ],
)
def test_elsewhere_definitions_are_known_by_their_looks(path: str, text: str, name: str) -> None:
    assert defines(name, path, text)
    assert not defines(name, path, f"call {name.split('.')[-1]}")


def test_a_name_occurs_when_all_its_parts_do() -> None:
    assert occurs("Loader.load", "Loader().load()")
    assert not occurs("Loader.load", "Loader().loads()")

"""Commands in a line, and what manifests define."""

from __future__ import annotations

import pytest

from agent_memory.core.staleness.commands import commands, defined, manifests


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("Run `npm run test:unit`", [("npm", "test:unit")]),
        ("`cd web && pnpm run build`, `yarn run x`", [("npm", "build"), ("npm", "x")]),
        ("`make -j4 lint` then `just fmt`", [("make", "lint"), ("just", "fmt")]),
        ("`uv run my-tool --x` or `my_tool`", [("script", "my-tool"), ("script", "my_tool")]),
        ("make sure to run it; npm run is nice", []),
        ("`make -C sub lint` `make X=1`", []),
    ],
)
def test_commands_stand_in_code(line: str, found: list[tuple[str, str]]) -> None:
    assert [(one.kind, one.name) for one in commands(line, in_fence=False)] == found


def test_a_line_of_a_fence_is_code() -> None:
    assert [one.name for one in commands("$ make lint", in_fence=True)] == ["lint"]


@pytest.mark.parametrize(
    ("path", "text", "names"),
    [
        ("a/package.json", '{"scripts": {"x": "1", "y:z": "2"}}', {"x", "y:z"}),
        ("package.json", "{}", set()),
        ("Makefile", ".PHONY: a b\nc d: e\n\techo\nX := 1\n", {"a", "b", "c", "d"}),
        ("justfile", "alias f := fmt\nfmt a='1':\n  x\n@b: fmt\nv := '1'\n", {"f", "fmt", "b"}),
        ("pyproject.toml", '[project.scripts]\nmy-tool = "a:b"\n\n[x]\ny = 1\n', {"my-tool"}),
    ],
)
def test_a_manifest_defines_commands(path: str, text: str, names: set[str]) -> None:
    assert set(defined(path, text) or ()) == names


def test_what_cannot_be_told_is_not_told() -> None:
    assert defined("package.json", "{") is None
    assert defined("Makefile", "%.o: %.c\n\tcc\nbuild-%:\n\tx\n") is None


def test_manifests_are_known_by_their_names() -> None:
    paths = ["a/package.json", "Makefile", "x.mk", "a/Justfile", "pyproject.toml", "make.py"]
    assert manifests("npm", paths) == ["a/package.json"]
    assert manifests("make", paths) == ["Makefile", "x.mk"]
    assert manifests("just", paths) == ["a/Justfile"]
    assert manifests("script", paths) == ["pyproject.toml"]

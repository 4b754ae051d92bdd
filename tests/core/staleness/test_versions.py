"""Versions that a line claims, and those in use."""

from __future__ import annotations

import pytest

from agent_memory.core.staleness.versions import Claim, agrees, claims, in_use

KNOWN = {"django", "react", "@scope/kit", "go"}


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("We use Django 5.1 here", [("django", (5, 1))]),
        ("`django==5.1.2` and `react@19`", [("django", (5, 1, 2)), ("react", (19,))]),
        ("React 18, **Django** 4.2.x", [("react", (18,)), ("django", (4, 2))]),
        ("`@scope/kit@2.0`", [("@scope/kit", (2, 0))]),
        ("Flask 2.0; Django 5.1+; React 100%; go 3 times; react/19", []),
    ],
)
def test_a_version_is_claimed_of_what_is_in_use(
    line: str, found: list[tuple[str, tuple[int, ...]]]
) -> None:
    assert [(one.name, one.parts) for one in claims(line, KNOWN)] == found


@pytest.mark.parametrize(
    ("path", "text", "name", "version"),
    [
        ("uv.lock", '[[package]]\nname = "django"\nversion = "5.1.2"\n', "django", "5.1.2"),
        ("Cargo.lock", '[[package]]\nname = "serde"\nversion = "1.0.1"\n', "serde", "1.0.1"),
        ("requirements-dev.txt", "django[x]==5.1\nflask>=2\n", "django", "5.1"),
        ("package.json", '{"devDependencies": {"react": "^18.2.0"}}', "react", "18.2.0"),
        (
            "package-lock.json",
            '{"packages": {"": {}, "node_modules/@a/b": {"version": "2.0.0"}}}',
            "@a/b",
            "2.0.0",
        ),
        ("go.mod", "go 1.22\nrequire (\n\tgithub.com/x/chi v5.0.1\n)\n", "chi", "5.0.1"),
    ],
)
def test_a_lock_file_says_what_is_in_use(path: str, text: str, name: str, version: str) -> None:
    assert version in in_use(path, text)[name]


def test_a_claim_agrees_as_far_as_it_goes() -> None:
    assert agrees(Claim("x", (5,), ""), ["4.2", "5.1.2"])
    assert agrees(Claim("x", (5, 1), ""), ["5.1.2-rc1"])
    assert not agrees(Claim("x", (5, 10), ""), ["5.1.0"])


def test_a_file_that_cannot_be_read_says_nothing() -> None:
    assert in_use("package.json", "{") == {}

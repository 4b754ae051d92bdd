"""Front matter that tools read otherwise than it was meant."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from agent_memory.core.checks.finding import Finding

Found = Callable[..., list[Finding]]


def places(found: list[Finding]) -> list[str]:
    return [f"{one.code} {one.path}:{one.line}" for one in found]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("---\nname: a\ndescription: what: that\n---\nx\n", 3),
        ("---\nname: a\ntags: [one, two\n---\nx\n", 4),
    ],
)
def test_front_matter_that_is_no_yaml_is_found_in_its_line(
    text: str, line: int, found: Found
) -> None:
    (one,) = found({"a.md": text}, "FM001")
    assert one.path == "a.md"
    assert abs(one.line - line) <= 1


def test_front_matter_without_an_end_is_found(found: Found) -> None:
    assert places(found({"a.md": "---\nname: a\n\n- x\n"}, "FM")) == ["FM002 a.md:1"]


def test_topics_of_one_name_are_found(found: Found) -> None:
    files = {"a.md": "---\nname: Deploy\n---\n", "b.md": '---\nname: "deploy"\n---\n'}
    assert places(found(files, "FM")) == ["FM003 b.md:1"]


@pytest.mark.parametrize(
    "text",
    [
        '---\nname: a\ndescription: "what: that"\nmetadata:\n  type: project\n---\nx\n',
        "---\n\nA rule, and no front matter: text\n",
        "---\nJust words\n",
        "",
    ],
)
def test_front_matter_in_order_draws_no_finding(text: str, found: Found) -> None:
    assert found({"a.md": text, "b.md": "---\nname: b\n---\n"}, "FM") == []

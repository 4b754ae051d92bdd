"""The reference in docs/ is what the command line says of itself."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest

GENERATE = Path(__file__).parents[2] / "docs" / "generate.py"


def _generate() -> Any:
    spec = importlib.util.spec_from_file_location("generate", GENERATE)
    assert spec
    assert spec.loader
    generate = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generate)
    return generate


def test_the_reference_is_current(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "37")  # the width of the terminal must not matter
    generate = _generate()
    written = GENERATE.with_name("cli.md").read_text(encoding="utf-8")
    assert written == generate.cli_reference(), "run `python docs/generate.py`"


def test_the_picture_of_the_sample_memory_is_current() -> None:
    written = GENERATE.with_name("links.svg").read_text(encoding="utf-8")
    assert written == _generate().picture(), "run `python docs/generate.py`"


def test_the_page_of_the_rules_is_current() -> None:
    written = GENERATE.with_name("rules.md").read_text(encoding="utf-8")
    assert written == _generate().rules(), "run `python docs/generate.py`"

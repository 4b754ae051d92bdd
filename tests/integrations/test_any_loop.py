"""The template for a loop of one's own."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from agent_memory import Memory
from agent_memory.core.paths import INDEX


def test_the_template_saves_one_fact_and_gives_errors_back(
    played: Callable[[str], Memory], capsys: pytest.CaptureFixture[str]
) -> None:
    memory = played("any_loop")
    assert (memory.directory / INDEX).read_bytes() == (
        b"# memory memory\n\n## Notes\n\n- Deploys go out on Tuesdays\n"
    )
    (commit,) = memory.log()
    assert (commit.actor, commit.source) == ("any-loop-example", "chat")
    printed = capsys.readouterr().out
    assert (
        "error: got an unexpected keyword argument 'fact' / memory_remember takes text: " in printed
    )
    assert "error: no entry holds" in printed
    assert printed.count("Deploys go out on Tuesdays") == 5

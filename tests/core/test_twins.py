"""Copies that can be taken out without a loss, and those that stay."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from agent_memory.core.checks import check
from agent_memory.core.draft import Draft

Drafted = Callable[..., Draft]
RULE = "Migrations run in CI before the tests"


def mended(draft: Draft) -> dict[str, str]:
    draft.mend(check(draft.snapshot, draft.settings.budget, ("DU001",)), set())
    return {path: draft.snapshot.text(path) for path in draft.snapshot.files}


def test_the_later_copies_go_and_the_first_stays(draft: Drafted) -> None:
    files = {
        "MEMORY.md": f"- [A](a.md)\n- {RULE}\n- x\n* {RULE}.\n",
        "a.md": f"# A\r\n\r\n- one\r\n- **{RULE}**\r\n- two\r\n",
    }
    written = draft(files)
    assert mended(written) == {
        "MEMORY.md": f"- [A](a.md)\n- {RULE}\n- x\n",
        "a.md": "# A\r\n\r\n- one\r\n- two\r\n",
    }
    assert written.messages == ["take out 2 copies"]
    assert mended(written)["a.md"] == "# A\r\n\r\n- one\r\n- two\r\n"


@pytest.mark.parametrize(
    "copy",
    [
        f"- {RULE} <!-- pin -->\n",
        f"- {RULE} <!-- expires: 2026-12-31 -->\n",
        f"## B <!-- pin -->\n\n- {RULE}\n",
        f"<!-- agent-memory: ignore DU001 -->\n- {RULE}\n",
    ],
)
def test_a_copy_with_a_pin_or_a_comment_stays(copy: str, draft: Drafted) -> None:
    files = {"MEMORY.md": f"- {RULE}\n\n{copy}"}
    assert mended(draft(files)) == files


def test_a_copy_stays_where_it_alone_leads_to_a_topic(draft: Drafted) -> None:
    fact = "See [the notes](notes.md) before a release"
    out_of_reach = "# Lost\n"
    files = {
        "MEMORY.md": "- [B](b.md)\n",
        "a.md": f"{out_of_reach}\n- {fact}\n- {RULE}\n",
        "b.md": f"# B\n\n- {fact}\n- {RULE}\n",
        "notes.md": "x\n",
    }
    after = mended(draft(files))
    assert after["b.md"] == f"# B\n\n- {fact}\n"
    assert after["a.md"] == files["a.md"]


def test_only_the_copies_that_were_found_go(draft: Drafted) -> None:
    files = {"MEMORY.md": f"- {RULE}\n- [A](a.md)\n", "a.md": f"- {RULE}\n", "b.md": f"- {RULE}\n"}
    written = draft(files)
    found = check(written.snapshot, written.settings.budget, ("DU001",))
    written.mend([one for one in found if one.path == "b.md"], set())
    assert (written.snapshot.text("a.md"), written.snapshot.text("b.md")) == (f"- {RULE}\n", "")

"""Only what a change adds is looked at; a secret is saved for a reason, and never said."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from agent_memory import ConflictError, Memory, PolicyError

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
KEY = "".join(("AKIA", "QZ7RWX3MNB5TKLPD"))
OTHER = "".join(("AKIA", "PPPRWX3MNB5TKLPD"))
HIDDEN = "\u200b"


@pytest.fixture
def memory(tmp_path: Path) -> Memory:
    return Memory.open(tmp_path / "memory", actor="tester", clock=lambda: NOW)


def put(memory: Memory, text: str) -> None:
    memory.directory.mkdir(exist_ok=True)
    (memory.directory / "MEMORY.md").write_text(text, encoding="utf-8")


def kept(memory: Memory) -> str:
    """Every byte below the memory's directory."""
    files = [path for path in memory.directory.parent.rglob("*") if path.is_file()]
    return "".join(path.read_bytes().decode("utf-8", "replace") for path in files)


def test_a_memory_that_holds_a_secret_can_still_be_written(memory: Memory) -> None:
    put(memory, f"# M\n\n- the key is {KEY}{HIDDEN}\n- two\n")
    memory.remember("three")
    document = memory.document("MEMORY.md")
    memory.write("MEMORY.md", document.text.replace("two", "2"), document.revision)
    held = next(entry for entry in memory.entries() if KEY in entry.text)
    memory.update(held.id, f"the key is {KEY}{HIDDEN}, kept in the vault")
    assert "kept in the vault" in memory.index.text
    assert {one.code for one in memory.check(select=["SE"])} == {"SE001", "SE002"}


def test_what_a_change_adds_to_it_is_refused(memory: Memory) -> None:
    put(memory, f"# M\n\n- the key is {KEY}{HIDDEN}\n")
    document = memory.document("MEMORY.md")
    held = document.entries[0].id
    for added in (f"- and {OTHER}\n", f"- and{HIDDEN}\n", "- pwd: tr0ub4dor&3\n"):
        with pytest.raises(PolicyError):
            memory.write("MEMORY.md", document.text + added, document.revision)
    for text in (f"the key is {OTHER}", f"the key is {HIDDEN}{HIDDEN}"):
        with pytest.raises(PolicyError):
            memory.update(held, text)
    assert memory.document("MEMORY.md").text == document.text


@pytest.mark.parametrize("name", ["topic", "section"])
def test_a_secret_is_refused_in_a_name_too(memory: Memory, name: str) -> None:
    with pytest.raises(PolicyError):
        memory.remember("a fact", **{name: f"keys {KEY}"})
    assert not memory.directory.exists() or KEY not in kept(memory)


def test_a_refused_secret_is_neither_said_nor_kept_anywhere(memory: Memory) -> None:
    memory.remember("one")
    document = memory.document("MEMORY.md")
    memory.remember("two")
    with pytest.raises(PolicyError) as refused:
        memory.remember(f"the key is {KEY}")
    with pytest.raises(PolicyError):  # and not a conflict, which would keep the text
        memory.write("MEMORY.md", f"- the key is {KEY}\n")
    with pytest.raises(PolicyError):
        memory.write("MEMORY.md", f"- the key is {KEY}\n", "no such revision")
    with pytest.raises(ConflictError):
        memory.write("MEMORY.md", document.text + "- three\n", "no such revision")
    assert KEY not in str(refused.value) + refused.value.hint
    assert "--allow-secret" in refused.value.hint
    assert KEY not in kept(memory)


def test_a_secret_is_saved_for_a_reason_that_the_history_keeps(memory: Memory) -> None:
    commit = memory.remember(f"the sample key is {KEY}", allow_secret="a documented example")
    assert KEY in memory.index.text
    reason = "(AWS access key id): a documented example"
    assert reason in commit.message
    assert any(reason in notice for notice in commit.notices)
    updated = memory.update(commit.entry or "", f"sample: {OTHER}", allow_secret="rotated")
    forgotten = memory.forget("sample")
    assert "[secret]" in updated.message
    assert all(
        key not in said
        for key in (KEY, OTHER)
        for one in (commit, updated, forgotten)
        for said in (one.message, *one.notices)
    )


def test_an_edit_is_allowed_a_secret_as_a_whole(memory: Memory) -> None:
    with memory.edit(allow_secret="an example") as draft:
        draft.remember("one")
        draft.remember(f"the sample key is {KEY}")
    assert draft.commit is not None
    assert draft.commit.message.count("an example") == 1
    document = memory.document("MEMORY.md")
    memory.write(
        "MEMORY.md", f"{document.text}- {OTHER}\n", document.revision, allow_secret="another"
    )
    assert OTHER in memory.index.text


@pytest.mark.parametrize("reason", [" ", f"because of {KEY}", f"hidden{HIDDEN}"])
def test_a_reason_must_say_something_and_hold_no_secret(memory: Memory, reason: str) -> None:
    with pytest.raises(PolicyError, match="reason"):
        memory.remember(f"the key is {KEY}", allow_secret=reason)


def test_a_reason_allows_no_hidden_character(memory: Memory) -> None:
    with pytest.raises(PolicyError, match="zero-width"):
        memory.remember(f"or{HIDDEN}ders", allow_secret="why not")


def test_what_hides_is_visible_in_the_prompt(memory: Memory) -> None:
    put(memory, f"\ufeff# M\n\n- or{HIDDEN}ders\U000e0041\u202e\x07 👩‍💻 می‌خواهم\n")
    text = memory.prompt()
    assert "<memory-index>\n# M\n\n- or\ufffdders\ufffd\ufffd\ufffd 👩‍💻 می‌خواهم\n" in text

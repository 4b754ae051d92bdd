"""Our own notes, read as what anybody may have damaged."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent_memory.storage import notes


def test_a_note_in_a_file_comes_back(tmp_path: Path) -> None:
    (tmp_path / "n.json").write_text('{"number": 3, "files": {"a.md": "é"}}', encoding="utf-8")
    assert notes.read(str(tmp_path / "n.json")) == {"number": 3, "files": {"a.md": "é"}}


@pytest.mark.parametrize(
    "data",
    [b"", b"\xff", b"[]", b"null", b"[" * 100_000, b'{"n": 1e999}', b'{"n": NaN}', b'{"n": 1.5}'],
)
def test_whatever_else_is_no_note(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        notes.parsed(data)


def test_a_time_without_its_distance_from_utc_is_none() -> None:
    assert notes.moment("2026-03-01T12:00:00+00:00").utcoffset() is not None
    for text in ("2026-03-01", "2026-03-01T12:00:00", "yesterday"):
        with pytest.raises(ValueError, match=r"2026|yesterday"):
            notes.moment(text)

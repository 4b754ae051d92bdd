"""A second opinion on secrets, where detect-secrets is installed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from agent_memory import Memory, PolicyError
from agent_memory.core.secrets import Detector
from agent_memory.project import detector

MAILCHIMP = "".join(("0123456789abcdef" * 2, "-us12"))


@pytest.fixture
def detect() -> Detector:
    pytest.importorskip("detect_secrets", reason="the extra `secrets` is not installed")
    found = detector.detector()
    assert found is not None
    return found


def test_what_only_it_knows_is_found_with_its_place(detect: Detector) -> None:
    text = f"# M\n\n- mail: {MAILCHIMP}\n"
    (hit,) = set(detect(text))
    assert text[hit.start : hit.end] == MAILCHIMP
    assert hit.name == "Mailchimp Access Key"


@pytest.mark.parametrize(
    "text",
    [
        "- fixed in da39a3ee5e6b4b0d3255bfef95601890afd80709, see e5f1c2d\n",
        "- the tenant is 123e4567-e89b-12d3-a456-426614174000\n",
        "- sha256 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\n",
        "- the password is in the vault; password: see `secrets.yaml`\n",
        "- `postgres://user:password@localhost/db` on 10.0.0.1 and 8.8.8.8\n",
    ],
)
def test_hashes_ids_and_references_are_no_secrets(text: str, detect: Detector) -> None:
    assert list(detect(text)) == []


def test_a_write_and_a_check_ask_it(detect: Detector, tmp_path: Path) -> None:
    memory = Memory.open(tmp_path / "memory")
    with pytest.raises(PolicyError, match="Mailchimp"):
        memory.remember(f"mail: {MAILCHIMP}")
    memory.remember(f"mail: {MAILCHIMP}", allow_secret="long revoked")
    (one,) = memory.check(select=["SE"])
    assert "Mailchimp Access Key (column 9)" in one.message


def test_without_it_there_is_no_second_opinion(monkeypatch: pytest.MonkeyPatch) -> None:
    detector.detector.cache_clear()
    monkeypatch.setattr(detector, "_PACKAGE", "no_such_package")
    try:
        assert detector.detector() is None
    finally:
        detector.detector.cache_clear()


def test_it_is_imported_only_when_a_text_is_looked_at(tmp_path: Path) -> None:
    script = (
        "import sys; from agent_memory import Memory\n"
        f"Memory.open({str(tmp_path)!r}).prompt()\n"
        "sys.exit('detect_secrets' in sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)

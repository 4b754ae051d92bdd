"""`report` into a file, to stdout and as JSON."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from agent_memory.core.report.page import MARK

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def memory(project: Path) -> Path:
    folder = project / ".claude/agent-memory/dev"
    folder.mkdir(parents=True)
    (folder / "MEMORY.md").write_text("# dev\n\n- Freeze <!-- expires: 2020-01-01 -->\n")
    return folder


def test_the_page_goes_to_a_file_and_nowhere_else(cli: Run, memory: Path) -> None:
    done = cli("report", "--output", "memory.html")
    assert done.returncode == 0
    assert done.stdout.splitlines() == [
        f"written: {Path('memory.html').resolve()}",
        "who gets the page gets the memory",
    ]
    assert "cannot tell" in done.stderr
    text = Path("memory.html").read_text(encoding="utf-8")
    assert text.startswith("<!doctype html>")
    assert "it was to hold until 2020-01-01" in text
    assert os.listdir(".claude/agent-memory/dev") == ["MEMORY.md"]
    assert sorted(os.listdir()) == [".claude", ".git", "memory.html"]


def test_a_dash_is_stdout(cli: Run, memory: Path) -> None:
    done = cli("report", "--output", "-", "--quiet")
    assert done.stdout.startswith("<!doctype html>")
    assert done.stdout.endswith("</html>\n")
    assert done.stderr == ""


def test_the_document_holds_the_facts(cli: Run, memory: Path) -> None:
    cli("remember", "Use bun")
    said = json.loads(cli("report", "--json").stdout)
    assert (said["name"], said["scope"], said["entries"]) == ("dev", "project", 2)
    assert said["staleness"]["entries"][0]["verdict"] == "stale"
    assert [commit["operation"] for commit in said["commits"]] == ["remember"]
    assert said["growth"][-1]["entries"] == 2
    assert {"budget", "topics", "findings", "lost", "conflicts", "links"} <= set(said)
    assert "written" not in said


def test_file_and_document_can_both_be_had(cli: Run, memory: Path) -> None:
    said = json.loads(cli("report", "--output", "memory.html", "--json").stdout)
    assert said["written"] == str(Path("memory.html").resolve())
    assert said["bytes"] == Path("memory.html").stat().st_size
    assert said["name"] == "dev"


def test_a_report_is_replaced_and_keeps_its_permissions(cli: Run, memory: Path) -> None:
    page = Path("memory.html")
    page.write_text(f"<!doctype html>\n{MARK}\nold")
    page.chmod(0o600)
    assert cli("report", "--output", "memory.html").returncode == 0
    assert "old" not in page.read_text(encoding="utf-8")[-100:]
    assert page.stat().st_mode & 0o777 == 0o600


def test_another_file_is_replaced_by_force_only(cli: Run, memory: Path) -> None:
    page = Path("memory.html")
    page.write_text(f"<p>mine</p>{' ' * 2_000}{MARK}")
    done = cli("report", "--output", "memory.html")
    assert (done.returncode, page.read_text()[:11]) == (2, "<p>mine</p>")
    assert "--force" in done.stderr
    assert cli("report", "--output", "memory.html", "--force").returncode == 0
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")


def test_a_link_is_followed_to_the_file_that_it_names(
    cli: Run, memory: Path, tmp_path: Path
) -> None:
    Path("link.html").symlink_to(tmp_path / "there.html")
    assert cli("report", "--output", "link.html").returncode == 0
    assert Path("link.html").is_symlink()
    assert (tmp_path / "there.html").exists()


def test_no_link_leads_a_report_into_the_memory(cli: Run, memory: Path) -> None:
    Path("link.html").symlink_to(memory / "page.html")
    done = cli("report", "--output", "link.html", "--force")
    assert done.returncode == 2
    assert "inside the memory" in done.stderr
    assert os.listdir(memory) == ["MEMORY.md"]


def test_a_write_that_fails_leaves_the_old_page_and_nothing_beside_it(
    cli: Run, memory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = Path("memory.html")
    page.write_text(f"{MARK}\nold")

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as here:
        here.setattr(Path, "replace", refuse)
        done = cli("report", "--output", "memory.html")
    assert done.returncode == 5
    assert f"{page.resolve()}: No space left on device" in done.stderr
    assert page.read_text() == f"{MARK}\nold"
    assert sorted(os.listdir()) == [".claude", ".git", "memory.html"]

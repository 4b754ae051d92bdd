"""The examples, run as a user runs them: what is on disk afterwards is what they promise."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from agent_memory import AgentDefinition, Budget, Memory, Scope

EXAMPLES = Path(__file__).parent.parent / "examples"
DEFINITION = EXAMPLES / "agents" / "django-backend-dev.md"
AGENT = "django-backend-dev"


def run(tmp_path: Path, *arguments: str, example: str = "agent_runner.py") -> str:
    """What an example prints; it finds nothing of ours in its environment."""
    ours = ("AGENT_MEMORY_", "CLAUDE_", "COV_")
    environ = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    (tmp_path / "home").mkdir(exist_ok=True)
    done = subprocess.run(
        [sys.executable, str(EXAMPLES / example), *arguments],
        cwd=tmp_path,
        env=environ | {"HOME": str(tmp_path / "home"), "TMPDIR": str(tmp_path)},
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


@pytest.fixture
def sample(tmp_path: Path) -> Memory:
    """A copy of the sample memory."""
    shutil.copytree(EXAMPLES / "memory", tmp_path / "sample")
    return Memory.open(tmp_path / "sample", budget=Budget())


def test_the_runner_saves_updates_and_forgets_in_the_project_given(tmp_path: Path) -> None:
    printed = run(tmp_path, str(tmp_path / "shop"))
    memory = Memory.for_agent(AGENT, project=tmp_path / "shop")
    assert memory.directory == tmp_path / "shop/.claude/agent-memory" / AGENT
    assert [entry.text for entry in memory.entries()] == [
        "Deploys go out on Thursdays, from the branch `release`"
    ]
    assert sorted(path.name for path in memory.directory.iterdir()) == [
        ".agent-memory",
        "MEMORY.md",
    ]
    assert "My first notes" in printed
    assert "I knew the old day" in printed
    operations = [record.commit.operation for record in memory._storage.history()]
    assert operations == ["forget", "update", "remember", "remember"]


def test_errors_are_given_back_to_the_model_with_their_hints(tmp_path: Path) -> None:
    errors = re.findall(r"Error: .*", run(tmp_path, str(tmp_path / "shop")))
    assert len(errors) == 2
    assert "not a safe name" in errors[0]
    assert "letter for letter" in errors[1]
    assert not list(tmp_path.rglob("pdf.md"))


def test_without_an_argument_the_runner_leaves_nothing_behind(tmp_path: Path) -> None:
    before = {path: path.read_bytes() for path in (EXAMPLES / "memory").iterdir()}
    printed = run(tmp_path)
    assert "Ledgerline" in printed
    assert "on Thursdays" in printed
    assert [path.name for path in tmp_path.iterdir()] == ["home"]
    assert {path: path.read_bytes() for path in (EXAMPLES / "memory").iterdir()} == before


def test_the_sample_memory_has_no_findings(sample: Memory) -> None:
    assert sample.check() == []
    assert all(topic.reachable and not topic.problem for topic in sample.topics())
    assert all(link.status == "ok" for link in sample.links())
    assert [link.kind for link in sample.links() if link.source != "MEMORY.md"] == ["wikilink"]
    assert [entry.pinned for entry in sample.entries()].count(True) == 1
    assert all(topic.description for topic in sample.topics())


def test_the_sample_memory_may_be_written_to(sample: Memory) -> None:
    before = sample.index.text
    commit = sample.remember("Invoices over 10,000 need a second signature", topic="approvals")
    assert commit.entry is not None
    sample.forget(commit.entry)
    assert sample.index.text == before


def test_the_definition_reads_and_keeps_its_own_list(sample: Memory) -> None:
    definition = AgentDefinition.read(DEFINITION)
    assert (definition.name, definition.memory) == (AGENT, Scope.PROJECT)
    assert definition.tools == ["Read", "Edit", "Bash", "Grep"]
    assert (definition.model, definition.color) == ("sonnet", "green")
    assert definition.embedded == ()
    prompt = definition.system_prompt(sample)
    assert prompt.startswith(definition.body)
    assert "## What to record" in prompt
    assert "Invoices are never deleted" in prompt


def test_a_planner_and_two_workers_share_a_memory(tmp_path: Path) -> None:
    printed = run(tmp_path, str(tmp_path / "m"), example="two_workers.py")
    memory = Memory.open(tmp_path / "m")
    by_path = {path: memory.document(path).entries for path in memory.snapshot().files}
    assert {path: {entry.text for entry in found} for path, found in by_path.items()} == {
        "MEMORY.md": {
            "Goal: invoices as PDF, by the end of the sprint",
            "Worker one builds the API, worker two the page; both write tests",
            "[Api](api.md)",
            "[Page](page.md)",
            "[Testing](testing.md)",
        },
        "api.md": {
            "POST /invoices answers 202, the PDF comes later",
            "PDFs are made by WeasyPrint 62",
        },
        "page.md": {"The page polls every two seconds"},
        "testing.md": {"Tests need Redis on port 6379", "Tests of the page run in Firefox"},
    }
    made = [(one.actor, one.source, one.session) for one in memory.log()]
    assert {one: made.count(one) for one in made} == {
        ("planner", "agent", "planner-monday"): 3,
        ("worker-1", "agent", "worker-1-monday"): 4,
        ("worker-2", "agent", "worker-2-monday"): 4,
        ("worker-2/web", "web", "worker-2/web-monday"): 1,
    }
    assert [one.source for one in memory.inbox()] == ["web"]
    for commit in memory.log():
        assert f"{commit.id}  {commit.actor}" in printed
    assert "session worker-2-monday of worker-2: 3 added, 1 forgotten" in printed
    assert memory.index.text in printed


def test_the_runner_is_short_enough_to_read_in_one_go() -> None:
    assert len((EXAMPLES / "agent_runner.py").read_text().splitlines()) <= 150

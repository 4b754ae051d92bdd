"""Hooks as a runner has them: a process, its JSON on stdin, an answer as JSON on stdout."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from agent_memory import Memory
from agent_memory.integrations import hooks

TOKEN = "ghp_" + "a1B2c3D4e5" * 4
INJECTED = "---\nname: dev\nmemory: project\n---\nYou build things.\n"
Ran = subprocess.CompletedProcess[str]


@dataclass(frozen=True)
class Runner:
    """A runner in a project, whose agents are `dev`, with a memory, and whoever a test adds."""

    root: Path
    home: Path

    @property
    def memory(self) -> Path:
        return self.root / ".claude/agent-memory/dev"

    def run(self, *words: str, stdin: bytes, **environment: str) -> Ran:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("AGENT_MEMORY", "CLAUDE"))}
        done = subprocess.run(
            [sys.executable, "-m", "agent_memory", "hook", *words],
            input=stdin, capture_output=True, check=False, cwd=self.root,
            env={**kept, "HOME": str(self.home), **environment},
        )  # fmt: skip
        out, err = done.stdout.decode(), done.stderr.decode()
        return Ran(done.args, done.returncode, out, err)

    def event(self, *words: str, **given: object) -> dict[str, Any]:
        """The answer to an event, {} where there is none; nothing may have gone wrong."""
        body = {"session_id": "s1", "cwd": str(self.root), "hook_event_name": words[0], **given}
        done = self.run(*words, stdin=json.dumps(body).encode())
        assert (done.returncode, done.stderr) == (0, "")
        return dict(json.loads(done.stdout)) if done.stdout else {}

    def context(self, *words: str, **given: object) -> str:
        """What an event adds to the agent's context."""
        said = self.event(*words, **given).get("hookSpecificOutput", {})
        assert not said or said["hookEventName"] == words[0]
        return str(said.get("additionalContext", ""))

    def denied(self, path: Path | str, **given: object) -> str:
        """Why a write is refused, "" where it is not."""
        answer = self.event("PreToolUse", tool_name="Write", tool_input=_input(path, given))
        said = answer.get("hookSpecificOutput", {})
        assert said.get("permissionDecision", "deny") == "deny"
        return str(said.get("permissionDecisionReason", ""))

    def warned(self, path: Path, **given: object) -> str:
        return self.context("PreToolUse", tool_name="Edit", tool_input=_input(path, given))

    def wrote(self, path: Path, text: str, response: Mapping[str, object], **given: object) -> str:
        """Write as the runner's tool does, then tell the hook."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return self.context(
            "PostToolUse", tool_name="Write", tool_input={"file_path": str(path), "content": text},
            tool_response=response, **given,
        )  # fmt: skip


def _input(path: Path | str, given: Mapping[str, object]) -> dict[str, object]:
    return {"file_path": str(path), **(given or {"content": "- a note\n"})}


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    found = Runner(tmp_path / "project", tmp_path / "home")
    found.home.mkdir()
    (found.root / ".git").mkdir(parents=True)
    found.memory.mkdir(parents=True)
    (found.memory / "MEMORY.md").write_text("# Notes\n\n- Always use bun\n", encoding="utf-8")
    (found.root / ".claude/agents").mkdir()
    (found.root / ".claude/agents/dev.md").write_text(INJECTED, encoding="utf-8")
    return found


def fill(runner: Runner, count: int = 240) -> str:
    text = "# Notes\n\n" + "".join(f"- fact {n}\n" for n in range(count))
    (runner.memory / "MEMORY.md").write_text(text, encoding="utf-8")
    return text


# -- starts -------------------------------------------------------------------------------------


def test_an_agent_whose_memory_the_runner_injects_is_told_nothing(runner: Runner) -> None:
    assert runner.event("SubagentStart", agent_type="dev") == {}
    assert runner.event("SessionStart") == {}


def test_an_agent_whose_memory_the_runner_injects_is_told_what_it_cuts(runner: Runner) -> None:
    fill(runner)
    said = runner.context("SubagentStart", agent_type="dev")
    assert "lines 201–242 are lost; the first reads “- fact 198”" in said
    assert "Your persistent memory" not in said
    assert said == runner.context("SessionStart")


def test_an_agent_whose_memory_nobody_injects_is_given_its_prompt(runner: Runner) -> None:
    definition = runner.root / ".claude/agents/dev.md"
    definition.write_text("---\nname: dev\n---\n", encoding="utf-8")
    block = Memory.for_agent("dev", project=runner.root).prompt()
    assert runner.context("SubagentStart", agent_type="dev") == block
    assert runner.context("SessionStart") == block
    assert runner.context("UserPromptSubmit", prompt="hello") == block


def test_the_command_line_decides_about_the_prompt(runner: Runner) -> None:
    block = Memory.for_agent("dev", project=runner.root).prompt()
    assert runner.context("SubagentStart", "--prompt", "always", agent_type="dev") == block
    (runner.root / ".claude/agents/dev.md").unlink()
    assert runner.event("SubagentStart", "--prompt=never", agent_type="dev") == {}


def test_a_memory_can_be_named_on_the_command_line(runner: Runner, tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    plain.mkdir()
    (plain / "MEMORY.md").write_text("- from elsewhere\n", encoding="utf-8")
    assert "from elsewhere" in runner.context("SessionStart", "--dir", str(plain))
    assert "Always use bun" in runner.context("SessionStart", "--agent", "dev", "--prompt=always")


def test_of_several_memories_none_is_taken_for_the_conversations_own(runner: Runner) -> None:
    other = runner.root / ".claude/agent-memory/other"
    other.mkdir()
    (other / "MEMORY.md").write_text("- a note\n", encoding="utf-8")
    assert runner.event("SessionStart") == {}


def test_an_agent_without_a_memory_is_told_nothing(runner: Runner) -> None:
    assert runner.event("SubagentStart", agent_type="Explore") == {}
    assert runner.event("SubagentStart", agent_type="../../etc") == {}


# -- before a write -----------------------------------------------------------------------------


def test_a_file_outside_of_any_memory_is_nobodys_business(runner: Runner) -> None:
    path = runner.root / "src/secrets.md"
    assert runner.denied(path, content=f"token: {TOKEN}") == ""
    assert runner.wrote(path, "x", {}) == ""
    assert not list(runner.root.rglob(".agent-memory"))


@pytest.mark.parametrize("where", ["project", "local", "user", "plain", "stateful"])
def test_a_secret_is_refused_in_every_kind_of_memory(runner: Runner, where: str) -> None:
    folder = {
        "project": runner.memory,
        "local": runner.root / ".claude/agent-memory-local/new",
        "user": runner.home / ".claude/agent-memory/new",
        "plain": runner.root / "notes",
        "stateful": runner.root / "state",
    }[where]
    if where == "plain":
        folder.mkdir()
        (folder / "MEMORY.md").write_text("", encoding="utf-8")
    if where == "stateful":
        (folder / ".agent-memory").mkdir(parents=True)
    said = runner.denied(folder / "deep/topic.md", content=f"a\ntoken: {TOKEN}\n")
    assert "GitHub token (line 2" in said
    assert TOKEN not in said


def test_a_project_with_a_file_of_the_indexs_name_is_no_memory(runner: Runner) -> None:
    (runner.root / "MEMORY.md").write_text("", encoding="utf-8")
    assert runner.denied(runner.root / "docs/x.md", content=f"token: {TOKEN}") == ""


def test_hidden_text_is_refused_and_plain_text_is_not(runner: Runner) -> None:
    assert "U+202E" in runner.denied(runner.memory / "x.md", content="a \u202e b")
    assert runner.denied(runner.memory / "x.md", content="# X\n\n- plain\n") == ""
    assert runner.denied(runner.memory / "x.md", content="") == ""


def test_only_what_an_edit_adds_is_screened(runner: Runner) -> None:
    (runner.memory / "x.md").write_text(f"token: {TOKEN}\n- a\n", encoding="utf-8")
    assert runner.denied(runner.memory / "x.md", old_string="- a", new_string="- b") == ""
    edits = [{"old_string": "- a", "new_string": "- b"}, {"old_string": "- b", "new_string": ""}]
    assert runner.denied(runner.memory / "x.md", edits=edits) == ""
    other = TOKEN.replace("a1", "z9")
    edits[1]["new_string"] = f"token: {other}"
    assert "GitHub token" in runner.denied(runner.memory / "x.md", edits=edits)


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("../../../stolen.md", "climbs out"),
        ("../other/x.md", "climbs out"),
        (".agent-memory/journal/1.json", "its own state"),
        ("a/../.agent-memory/lock", "its own state"),
        ("out/x.md", "symbolic link"),
        ("nul.md", "Windows device"),
    ],
)
def test_a_way_out_of_the_memory_is_refused(runner: Runner, path: str, why: str) -> None:
    (runner.memory / "out").symlink_to(runner.root)
    assert why in runner.denied(f"{runner.memory}/{path}")


def test_a_link_from_outside_leads_into_the_memory(runner: Runner) -> None:
    (runner.root / "link.md").symlink_to(runner.memory / "x.md")
    assert "GitHub token" in runner.denied(runner.root / "link.md", content=f"token: {TOKEN}")


def test_an_edit_that_would_take_the_index_over_its_budget_is_warned_of(runner: Runner) -> None:
    index = runner.memory / "MEMORY.md"
    lines = "".join(f"\n- fact {n}" for n in range(200))
    said = runner.warned(index, old_string="- Always use bun", new_string=f"- Always{lines}")
    assert "203 lines" in said
    assert "lines 201–203 are lost; the first reads “- fact 197”" in said
    assert runner.warned(index, old_string="- Always use bun", new_string="- Always") == ""
    assert runner.warned(runner.memory / "topic.md", content=f"# T\n{lines}") == ""
    text = fill(runner)
    assert runner.warned(index, content=text.replace("fact 3\n", "fact three\n")) == ""


def test_the_budget_is_the_projects_own(runner: Runner) -> None:
    settings = "[tool.agent-memory]\nmax-lines = 5\n"
    (runner.root / "pyproject.toml").write_text(settings, encoding="utf-8")
    said = runner.warned(runner.memory / "MEMORY.md", content="# N\n" + "- a\n" * 7)
    assert "Past 5 lines" in said


# -- after a write ------------------------------------------------------------------------------


def test_a_new_memory_has_its_first_edit_in_the_history(runner: Runner) -> None:
    path = runner.root / ".claude/agent-memory/fresh/MEMORY.md"
    assert runner.wrote(path, "# N\n\n- one\n", {"type": "create"}, agent_type="fresh") == ""
    memory = Memory.open(path.parent)
    (commit,) = memory.log()
    assert (commit.actor, commit.source, commit.session) == ("fresh", "external", "s1")
    assert (commit.operation, commit.changed) == ("external", ("MEMORY.md",))
    memory.undo(commit.id)
    assert not path.exists()


def test_an_edit_is_recorded_with_who_made_it_and_can_be_undone(runner: Runner) -> None:
    memory = Memory.open(runner.memory, actor="you")
    memory.remember("Prefer pytest")
    before = (runner.memory / "MEMORY.md").read_text(encoding="utf-8")
    (runner.memory / "other.md").write_text("# Somebody else's\n", encoding="utf-8")
    runner.wrote(runner.memory / "MEMORY.md", f"{before}- edited\n", {})
    commit = memory.log()[0]
    assert (commit.actor, commit.source, commit.session) == ("main", "external", "s1")
    assert commit.changed == ("MEMORY.md",)  # what others did is theirs
    memory.undo(commit.id)
    assert (runner.memory / "MEMORY.md").read_text(encoding="utf-8") == before
    assert (runner.memory / "other.md").exists()


def test_where_nobody_knows_how_a_file_was_it_is_recorded_as_found(runner: Runner) -> None:
    assert runner.wrote(runner.memory / "MEMORY.md", "- [Gone](gone.md)\n", {}) == ""
    (commit,) = Memory.open(runner.memory).log()
    assert commit.operation == "found"


def test_subagents_that_write_at_once_are_each_recorded_with_their_own_file(
    runner: Runner,
) -> None:
    Memory.open(runner.memory).remember("Prefer pytest")
    agents = [f"worker-{n}" for n in range(6)]
    for agent in agents:
        (runner.memory / f"{agent}.md").write_text(f"# {agent}\n", encoding="utf-8")

    def told(agent: str) -> None:
        tool = {"file_path": str(runner.memory / f"{agent}.md")}
        runner.event("PostToolUse", agent_type=agent, tool_input=tool)

    with ThreadPoolExecutor(len(agents)) as pool:
        list(pool.map(told, agents))
    edits = [one for one in Memory.open(runner.memory).log() if one.operation == "external"]
    assert {(one.actor, one.changed) for one in edits} == {(a, (f"{a}.md",)) for a in agents}
    assert len(edits) == len(agents)


def test_what_the_edit_brought_is_told_and_nothing_older(runner: Runner) -> None:
    index = runner.memory / "MEMORY.md"
    index.write_text("# N\n\n- [Old](old.md)\n", encoding="utf-8")
    Memory.open(runner.memory).remember("Prefer pytest", topic="tests")
    text = index.read_text(encoding="utf-8")
    said = runner.wrote(index, text + "- [Gone](gone.md)\n", {})
    assert "LN001 gone.md is not there" in said
    assert "old.md" not in said
    commit = Memory.open(runner.memory).log()[0]
    assert f"undo {commit.id}" in said
    assert runner.wrote(index, text + "- [Gone](gone.md)\n", {}) == ""


def test_the_first_line_lost_to_the_budget_is_named(runner: Runner) -> None:
    Memory.open(runner.memory).remember("Prefer pytest")
    said = runner.wrote(
        runner.memory / "MEMORY.md", "# N\n" + "- fact\n" * 198 + "- last\n- x\n", {}
    )
    assert "line 201 is lost; the first reads “- x”" in said


# -- ends ---------------------------------------------------------------------------------------


def test_the_end_of_a_subagent_tells_what_changed_since_its_start(
    runner: Runner, tmp_path: Path
) -> None:
    memory = Memory.open(runner.memory, actor="you")
    memory.remember("Written before")
    runner.wrote(runner.memory / "MEMORY.md", "# N\n\n- new\n", {}, agent_type="dev")
    said = runner.event("SubagentStop", agent_type="dev")
    assert list(said) == ["systemMessage"]  # anything else would keep the subagent going
    assert "1 change in the memory of dev" in said["systemMessage"]
    assert "edited in place: MEMORY.md" in said["systemMessage"]
    transcript = tmp_path / "t.jsonl"
    first = memory.log()[-1].time.isoformat()
    transcript.write_text(json.dumps({"timestamp": first}) + "\n", encoding="utf-8")
    said = runner.event("SubagentStop", agent_type="dev", agent_transcript_path=str(transcript))
    assert "(by you)" in said["systemMessage"]


def test_the_end_of_one_that_changed_nothing_says_nothing(runner: Runner) -> None:
    Memory.open(runner.memory, actor="you").remember("Written before")
    assert runner.event("SubagentStop", agent_type="dev") == {}
    assert runner.event("SubagentStop", agent_type="Explore") == {}
    assert runner.event("Stop") == {}


# -- failing without blocking -------------------------------------------------------------------

BAD: list[tuple[tuple[str, ...], bytes]] = [
    ((), b"{}"),
    (("Bogus",), b"{}"),
    (("WorktreeCreate",), b"{}"),
    (("PreToolUse", "Stop"), b"{}"),
    (("PreToolUse", "--bogus"), b"{}"),
    (("PreToolUse", "--prompt"), b"{}"),
    (("PreToolUse", "--prompt", "sometimes"), b"{}"),
    (("PreToolUse", "--scope", "galaxy"), b"{}"),
    (("PreToolUse",), b""),
    (("PreToolUse",), b"nope"),
    (("PreToolUse",), b"\xff\xfe{"),
    (("PreToolUse",), b"[1]"),
    (("PreToolUse",), b"[" * 100_000),
    (("PreToolUse",), b'{"hook_event_name": "Stop"}'),
]
ODD: list[tuple[tuple[str, ...], bytes]] = [
    *(((event,), b"{}") for event in hooks.EVENTS),
    (("PreToolUse",), b'{"tool_input": [], "cwd": 3}'),
    (("PreToolUse",), b'{"tool_input": {"file_path": 7}}'),
    (("PreToolUse",), b'{"tool_input": {"file_path": "MEMORY.md", "edits": [3]}}'),
    (("PostToolUse",), b'{"tool_input": {"file_path": "/"}, "tool_response": "done"}'),
    (("SubagentStop",), b'{"agent_type": "dev", "agent_transcript_path": "/dev/null"}'),
]


@pytest.mark.parametrize(("words", "stdin"), BAD)
def test_what_goes_wrong_is_said_and_blocks_only_where_it_is_asked_for(
    runner: Runner, words: tuple[str, ...], stdin: bytes
) -> None:
    done = runner.run(*words, stdin=stdin)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("agent-memory hook: ")
    assert runner.run(*words, "--strict", stdin=stdin).returncode == 2


@pytest.mark.parametrize(("words", "stdin"), ODD)
def test_what_is_odd_is_passed_over(runner: Runner, words: tuple[str, ...], stdin: bytes) -> None:
    done = runner.run(*words, "--strict", stdin=stdin)
    assert (done.returncode, done.stderr) == (0, "")


def test_an_unusable_setting_and_a_broken_memory_do_not_block(runner: Runner) -> None:
    body = json.dumps({"cwd": str(runner.root), "agent_type": "dev"}).encode()
    done = runner.run("SubagentStart", stdin=body, AGENT_MEMORY_MAX_LINES="many")
    assert (done.returncode, "AGENT_MEMORY_MAX_LINES" in done.stderr) == (1, True)
    (runner.memory / "MEMORY.md").unlink()
    (runner.memory / "MEMORY.md").mkdir()
    path = str(runner.memory / "MEMORY.md")
    for event in hooks.EVENTS:
        given = {"cwd": str(runner.root), "agent_type": "dev", "tool_input": {"file_path": path}}
        done = runner.run(event, stdin=json.dumps(given).encode())
        assert done.returncode in (0, 1)


def test_a_refusal_is_an_answer_also_where_failures_block(runner: Runner) -> None:
    tool = {"file_path": str(runner.memory / "x.md"), "content": f"token: {TOKEN}"}
    done = runner.run("PreToolUse", "--strict", stdin=json.dumps({"tool_input": tool}).encode())
    assert done.returncode == 0
    assert json.loads(done.stdout)["hookSpecificOutput"]["permissionDecision"] == "deny"


# -- what it costs ------------------------------------------------------------------------------

_SCRIPT = """
import sys
from agent_memory.cli.entry import main
status = main(sys.argv[1:])
sys.stderr.write(f"{status} " + " ".join(sys.modules))
"""


def _imported(runner: Runner, event: str, path: Path) -> set[str]:
    given = {"cwd": str(runner.root), "tool_input": {"file_path": str(path), "content": "- a\n"}}
    done = subprocess.run(
        [sys.executable, "-c", _SCRIPT, "hook", event],
        input=json.dumps(given).encode(), capture_output=True, check=True, cwd=runner.root,
    )  # fmt: skip
    status, *modules = done.stderr.decode().split()
    assert status == "0"
    return set(modules)


def test_no_event_imports_the_parser_or_what_draws_for_terminals(runner: Runner) -> None:
    for event in hooks.EVENTS:
        loaded = _imported(runner, event, runner.memory / "MEMORY.md")
        assert not loaded & {"typer", "click", "rich", "pydantic"}, event


def test_a_file_outside_costs_next_to_no_import(runner: Runner) -> None:
    for event in (hooks.BEFORE, hooks.AFTER):
        loaded = _imported(runner, event, runner.root / "src/x.py")
        assert not loaded & {"dataclasses", "pathlib", "agent_memory.memory"}


def test_screening_a_topic_opens_no_memory(runner: Runner) -> None:
    loaded = _imported(runner, hooks.BEFORE, runner.memory / "x.md")
    assert not loaded & {"dataclasses", "pathlib", "agent_memory.memory"}

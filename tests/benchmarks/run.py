"""How fast it is, as ratios against a yardstick in the same run.

By hand: python tests/benchmarks/run.py [PROJECT …]

Each pair is run in turn, A B A B …, and the medians are compared, so that a slow machine or a
busy minute changes both. Whole processes are measured with their start-up; bytecode is cached
by the first, uncounted run. Projects are listed as they are (their memories in
`.claude/agent-memory/`); without any, one with 30 memories is made up.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from agent_memory import Memory
from agent_memory.cli import opening, views
from agent_memory.cli.options import Options

Row = tuple[str, float, int, Callable[[], object], Callable[[], object]]

MINI = """
import typer
app = typer.Typer()
@app.command()
def main() -> None:
    print("one line")
app()
"""


HOOK = """
import json, sys
event = json.load(sys.stdin)
with open(event["cwd"] + "/.claude/agent-memory/agent/MEMORY.md", "rb") as file:
    text = file.read().decode()
answer = {"hookEventName": event["hook_event_name"], "additionalContext": text}
print(json.dumps({"hookSpecificOutput": answer}))
"""


def paired(
    ours: Callable[[], object], yardstick: Callable[[], object], runs: int
) -> tuple[float, float]:
    """The median seconds of both, measured in turn after one uncounted run of each."""
    ours(), yardstick()
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(runs):
        for call, kept in zip((ours, yardstick), times, strict=True):
            start = time.perf_counter()
            call()
            kept.append(time.perf_counter() - start)
    return statistics.median(times[0]), statistics.median(times[1])


def process(*command: str, stdin: bytes = b"") -> Callable[[], object]:
    """A run of a whole process, its output thrown away."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    return lambda: subprocess.run(
        command, check=True, input=stdin, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env=environment,
    )  # fmt: skip


def hooked(root: Path, command: str) -> list[Row]:
    """Each kind of event against a script that reads its JSON and the index, and prints JSON."""
    script = root / "hook.py"
    script.write_text(HOOK)
    place = root / "hooked"
    memory = sample(place / ".claude/agent-memory/agent")
    (place / ".git").mkdir()
    (place / ".claude/agents").mkdir()
    definition = place / ".claude/agents/agent.md"
    definition.write_text("---\nname: agent\nmemory: project\n---\n")
    index = (memory / "MEMORY.md").read_text()

    def row(name: str, event: str, *words: str, path: str = "", text: str = "") -> Row:
        given = {
            "hook_event_name": event, "cwd": str(place), "session_id": "s", "agent_type": "agent",
            "tool_input": {"file_path": str(place / path), "content": text},
        }  # fmt: skip
        data = json.dumps(given).encode()
        ours = process(command, "hook", event, *words, stdin=data)
        return f"hook: {name}", 1.5, 21, ours, process(sys.executable, str(script), stdin=data)

    inside = ".claude/agent-memory/agent/"
    return [
        row("a write outside of any memory", "PreToolUse", path="src/x.py", text="x"),
        row("before a topic is written", "PreToolUse", path=inside + "x.md", text=index),
        row("before the index is written", "PreToolUse", path=inside + "MEMORY.md", text="x"),
        row("start, the runner injects", "SubagentStart"),
        row("start, with the block", "SubagentStart", "--prompt", "always"),
        row("end of a subagent", "SubagentStop"),
    ]


def after_write(root: Path, command: str) -> Row:
    """An event after a write, which makes a commit, against one that has nothing to record."""
    memory = sample(root / "written/.claude/agent-memory/agent")
    topic = memory / "topic.md"
    given = {"cwd": str(root), "tool_input": {"file_path": str(topic)}}
    data = json.dumps(given).encode()
    event = process(command, "hook", "PostToolUse", stdin=data)
    lines = ["# Topic\n"]

    def edited() -> None:
        lines.append(f"- fact {len(lines)}\n")
        topic.write_text("\n".join(lines))
        event()

    edited()
    return "hook: after a write, with its commit / without one", 3.0, 11, edited, event


def sample(folder: Path) -> Path:
    """A memory with an index of 200 lines."""
    lines = [f"- fact {n}: `module_{n}.py` does something worth knowing about" for n in range(196)]
    folder.mkdir(parents=True)
    (folder / "MEMORY.md").write_text("# Notes\n\n## Facts\n\n" + "\n".join(lines) + "\n")
    return folder


def read_and_cut(path: Path) -> str:
    """The yardstick of a prompt: read the file and cut it at 200 lines."""
    with path.open("rb") as file:
        return "\n".join(file.read().decode().split("\n")[:200])


def project(folder: Path, memories: int = 30, topics: int = 6) -> Path:
    """A project with many memories, to list."""
    text = "# Topic\n\n" + "".join(f"- fact {n} about the topic\n" for n in range(60))
    for number in range(memories):
        memory = sample(folder / f".claude/agent-memory/agent-{number}")
        for topic in range(topics):
            (memory / f"topic-{topic}.md").write_text(text)
    return folder


def list_all(folders: Sequence[Path]) -> int:
    """What `agent-memory ls` does in each project."""
    listed = 0
    for folder in folders:
        found = opening.found_memories(Options(project=str(folder)))
        listed += len([views.listed(one, opening.open_found(one, folder)) for one in found])
    return listed


def read_all(folders: Sequence[Path]) -> int:
    """The yardstick of a listing: read every Markdown file."""
    return sum(len(path.read_bytes()) for folder in folders for path in folder.rglob("*.md"))


def main(argv: Sequence[str]) -> None:
    """Print one line a measurement: the ratio, its limit, and both medians."""
    with tempfile.TemporaryDirectory() as temporary:
        root = Path(temporary)
        mini = root / "mini.py"
        mini.write_text(MINI)
        memory = sample(root / "memory")
        command = str(Path(sys.executable).with_name("agent-memory"))
        projects = [Path(name) for name in argv] or [project(root / "project")]

        rows: list[Row] = [
            ("import agent_memory / python -c pass", 1.5, 21,
             process(sys.executable, "-c", "import agent_memory"),
             process(sys.executable, "-c", "pass")),
            ("agent-memory prompt / smallest Typer app", 1.3, 21,
             process(command, "prompt", "--dir", str(memory)), process(sys.executable, str(mini))),
            ("Memory.open(d).prompt() / read and cut", 10.0, 2001,
             lambda: Memory.open(memory).prompt(), lambda: read_and_cut(memory / "MEMORY.md")),
            ("ls over a project / reading its files", 10.0, 21,
             lambda: list_all(projects), lambda: read_all(projects)),
            *hooked(root, command),
            after_write(root, command),
        ]  # fmt: skip
        for name, limit, runs, ours, yardstick in rows:
            a, b = paired(ours, yardstick, runs)
            times = f"{a * 1000:9.3f} ms / {b * 1000:9.3f} ms"
            print(f"{a / b:6.2f} ×  (at most {limit:g})  {times}  {name}")


if __name__ == "__main__":
    main(sys.argv[1:])

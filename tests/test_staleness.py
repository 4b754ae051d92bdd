"""A repository with a past, memories written on the way, and the verdict on every entry."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from agent_memory import Memory, StaleEntry, Staleness

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="there is no git here")
MEMORY = ".claude/agent-memory/dev"


class Project:
    """A git repository that grows by a commit a day."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.day = 0
        root.mkdir()
        self.git("init", "-q", "-b", "main")

    def git(self, *words: str) -> str:
        stamp = f"2026-01-{self.day + 1:02}T12:00:00+00:00"
        named = {"NAME": "T", "EMAIL": "t@example.org", "DATE": stamp}
        said = {f"GIT_{who}_{k}": v for who in ("AUTHOR", "COMMITTER") for k, v in named.items()}
        blank = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
        done = subprocess.run(
            ["git", *words], cwd=self.root, env={**os.environ, **said, **blank},
            check=True, capture_output=True, text=True,
        )  # fmt: skip
        return done.stdout.strip()

    def commit(
        self,
        files: Mapping[str, str] | None = None,
        moves: Mapping[str, str] | None = None,
        gone: tuple[str, ...] = (),
    ) -> str:
        """A day's commit: files written, moved and deleted; its id."""
        self.day += 1
        for old, new in (moves or {}).items():
            (self.root / new).parent.mkdir(parents=True, exist_ok=True)
            self.git("mv", old, new)
        for path in gone:
            self.git("rm", "-q", path)
        for path, text in (files or {}).items():
            (self.root / path).parent.mkdir(parents=True, exist_ok=True)
            (self.root / path).write_text(text)
        self.git("add", "-A")
        self.git("commit", "-qm", f"day {self.day}", "--allow-empty")
        return self.git("rev-parse", "HEAD")

    def memory(self, folder: str = MEMORY) -> Memory:
        clock = datetime(2026, 3, 1, tzinfo=UTC)
        return Memory.open(self.root / folder, clock=lambda: clock)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return Project(tmp_path / "project")


def body(name: str) -> str:
    return "".join(f"{name} says {number}\n" for number in range(30))


def by_text(found: Staleness) -> dict[str, StaleEntry]:
    return {one.entry.text: one for one in found.entries}


def test_every_entry_gets_the_verdict_that_history_gives_it(project: Project) -> None:
    project.commit(
        {
            "src/kept.py": body("kept"),
            "src/twice.py": body("twice"),
            "src/dropped.py": body("dropped"),
            "src/whole/one.py": body("one"),
            "src/whole/two.py": body("two"),
            "tools/run.sh": body("run"),
            "docs/early.md": body("early"),
        }
    )
    project.commit(gone=("docs/early.md",))
    wrote = project.commit(
        {
            f"{MEMORY}/MEMORY.md": "# Memory\n\n"
            "- Kept lives in `src/kept.py`\n"
            "- Twice lives in `src/twice.py:12`\n"
            "- Dropped lives in src/dropped.py\n"
            "- The whole is in `src/whole/`\n"
            "- Start with `tools/run.sh`\n"
            "- Docs were in `docs/early.md`\n"
            "- Read `node_modules/x/index.js`\n"
            "- `src/dropped.py` is planned to be deleted\n"
            "- See `dropped.py`\n"
            "- Call `feat/twice` or and/or\n"
        }
    )
    project.commit({"src/kept.py": body("kept") + "more\n"}, {"src/twice.py": "src/second.py"})
    last = project.commit(moves={"src/second.py": "lib/third.py"})
    deleted = project.commit(gone=("src/dropped.py",))
    project.commit(moves={"tools/run.sh": "packages/api/tools/run.sh"})
    project.commit(moves={"src/whole": "lib/all"})
    found = by_text(project.memory().staleness())

    assert {text: one.verdict for text, one in found.items()} == {
        "Kept lives in `src/kept.py`": "fresh",
        "Twice lives in `src/twice.py:12`": "stale",
        "Dropped lives in src/dropped.py": "stale",
        "The whole is in `src/whole/`": "stale",
        "Start with `tools/run.sh`": "fresh",  # moved to a sub-project, still found by its suffix
        "Docs were in `docs/early.md`": "fresh",  # gone before it was written about
        "Read `node_modules/x/index.js`": "fresh",
        "`src/dropped.py` is planned to be deleted": "fresh",
        "See `dropped.py`": "fresh",
        "Call `feat/twice` or and/or": "fresh",
    }
    (changed,) = found["Kept lives in `src/kept.py`"].evidence
    assert (changed.kind, changed.weight) == ("changed", "info")
    assert "1 commit has changed src/kept.py" in changed.detail
    (twice,) = found["Twice lives in `src/twice.py:12`"].evidence
    assert (twice.kind, twice.line, twice.path) == ("path gone", 4, "src/twice.py")
    assert (twice.written, twice.renamed_to) == (wrote, "lib/third.py")
    assert twice.commit != last
    assert twice.date == "2026-01-05"
    (dropped,) = found["Dropped lives in src/dropped.py"].evidence
    assert (dropped.commit, dropped.date, dropped.renamed_to) == (deleted, "2026-01-07", "")
    assert dropped.detail == (
        f"src/dropped.py existed when this line was written ({wrote[:10]}, 2026-01-04, by git);"
        f" deleted in {deleted[:10]} on 2026-01-07"
    )
    (whole,) = found["The whole is in `src/whole/`"].evidence
    assert (whole.path, whole.renamed_to) == ("src/whole/", "lib/all/")
    (told,) = found["`src/dropped.py` is planned to be deleted"].evidence
    assert (told.kind, told.weight) == ("path gone", "info")
    (bare,) = found["See `dropped.py`"].evidence
    assert (bare.kind, bare.weight) == ("path gone", "info")
    assert found["Docs were in `docs/early.md`"].evidence == ()


def test_a_branch_and_its_merge_tell_the_same_as_a_straight_line(project: Project) -> None:
    project.commit({"src/a.py": body("a"), "src/b.py": body("b")})
    project.git("checkout", "-qb", "side")
    project.commit({f"{MEMORY}/MEMORY.md": "- A is `src/a.py`\n- B is `src/b.py`\n"})
    project.git("checkout", "-q", "main")
    moved = project.commit(moves={"src/a.py": "src/moved.py"})
    project.day += 1
    project.git("merge", "-q", "--no-edit", "side")
    found = by_text(project.memory().staleness())
    assert found["B is `src/b.py`"].verdict == "fresh"
    (gone,) = found["A is `src/a.py`"].evidence
    assert (gone.weight, gone.commit, gone.renamed_to) == ("stale", moved, "src/moved.py")


def test_a_sub_project_is_seen_from_its_own_folder(project: Project) -> None:
    home = f"packages/api/{MEMORY}"
    project.commit({"packages/api/src/a.py": body("a"), "packages/api/src/b.py": body("b")})
    project.commit({f"{home}/MEMORY.md": "- A is `src/a.py`\n- B is `src/b.py`\n"})
    project.commit(gone=("packages/api/src/a.py",))
    verdicts = {one.entry.text: one.verdict for one in project.memory(home).stale()}
    assert verdicts == {"A is `src/a.py`": "stale", "B is `src/b.py`": "fresh"}


def test_our_own_history_says_when_a_line_was_written_that_git_does_not_track(
    project: Project,
) -> None:
    project.commit({".gitignore": f"{MEMORY}\n", "src/a.py": body("a"), "src/b.py": body("b")})
    project.commit(gone=("src/b.py",))
    when = datetime(2026, 1, 3, 18, tzinfo=UTC)
    memory = Memory.open(project.root / MEMORY, clock=lambda: when)
    memory.remember("A is `src/a.py`")
    memory.remember("B was `src/b.py`")
    project.commit(gone=("src/a.py",))
    found = by_text(memory.staleness())
    assert {text: one.verdict for text, one in found.items()} == {
        "A is `src/a.py`": "stale",
        "B was `src/b.py`": "fresh",
    }
    assert "by journal" in found["A is `src/a.py`"].evidence[0].detail


@pytest.mark.parametrize("committed", [True, False])
def test_what_was_pruned_moved_and_brought_back_is_as_stale_as_before(
    project: Project, committed: bool
) -> None:
    ignored = "" if committed else f"{MEMORY}\n"
    project.commit({".gitignore": ignored, "src/a.py": body("a"), "src/b.py": body("b")})
    when = datetime(2026, 1, 2, 18, tzinfo=UTC)
    memory = Memory.open(project.root / MEMORY, clock=lambda: when)
    memory.remember("A is `src/a.py`", source="agent")
    memory.remember("B is `src/b.py`", source="agent")
    project.commit()
    project.commit(gone=("src/a.py", "src/b.py"))
    memory = project.memory()
    memory.prune(memory.stale())
    assert memory.entries() == []
    memory.undo()
    first, second = memory.stale()
    assert (first.verdict, second.verdict) == ("stale", "stale")
    memory.move(first.entry.id, topic="more")
    assert [one.verdict for one in memory.stale() if "is `src" in one.entry.text] == ["stale"] * 2


def test_a_line_of_unknown_age_is_only_suspect_and_that_is_said(project: Project) -> None:
    project.commit({".gitignore": f"{MEMORY}\n", "src/a.py": body("a")})
    project.commit(gone=("src/a.py",))
    (project.root / MEMORY).mkdir(parents=True)
    (project.root / MEMORY / "MEMORY.md").write_text("- A is `src/a.py`\n")
    found = project.memory().staleness()
    assert [one.verdict for one in found.entries] == ["suspect"]
    assert "not known" in found.entries[0].evidence[0].detail
    assert any("MEMORY.md" in notice and "not known" in notice for notice in found.notices)


def test_what_is_there_without_being_tracked_is_there(project: Project) -> None:
    project.commit({"build/out.js": "x"})
    project.commit({f"{MEMORY}/MEMORY.md": "- Look at `build/out.js`\n"})
    project.git("rm", "-q", "--cached", "build/out.js")
    project.git("commit", "-qm", "untrack")
    assert [one.verdict for one in project.memory().stale()] == ["fresh"]


def test_an_expiry_passes_and_age_alone_does_not(project: Project) -> None:
    text = "- Freeze until March <!-- expires: 2026-02-28 -->\n- Old as it is, it holds\n"
    project.commit({f"{MEMORY}/MEMORY.md": text})
    memory = project.memory()
    assert [one.verdict for one in memory.stale()] == ["stale", "fresh"]
    assert [one.verdict for one in memory.stale(today=date(2026, 2, 28))] == ["fresh", "fresh"]
    assert [one.verdict for one in memory.stale(today=date(2036, 1, 1))] == ["stale", "fresh"]


def test_without_git_nothing_is_told_and_that_is_said(tmp_path: Path) -> None:
    folder = tmp_path / "plain"
    folder.mkdir()
    (folder / "MEMORY.md").write_text("- A is `src/a.py`\n")
    found = Memory.open(folder).staleness(tmp_path)
    assert [one.verdict for one in found.entries] == ["fresh"]
    assert "cannot tell" in found.notices[0]
    assert [evidence.kind for evidence in found.entries[0].evidence] == ["cannot tell"]


def test_a_shallow_clone_says_where_its_history_begins(project: Project, tmp_path: Path) -> None:
    project.commit({"src/a.py": body("a"), f"{MEMORY}/MEMORY.md": "- A is `src/a.py`\n"})
    project.commit({"src/b.py": body("b")})
    project.commit(gone=("src/a.py",))
    clone = tmp_path / "clone"
    project.git("clone", "-q", "--depth=2", f"file://{project.root}", str(clone))
    found = Memory.open(clone / MEMORY).staleness()
    assert [one.verdict for one in found.entries] == ["stale"]
    assert any("shallow" in notice for notice in found.notices)


def test_a_partial_clone_fetches_nothing_and_says_what_it_cannot_see(
    project: Project, tmp_path: Path
) -> None:
    project.git("config", "uploadpack.allowFilter", "true")
    project.commit({"src/a.py": body("a"), "src/b.py": body("b")})
    project.commit({f"{MEMORY}/MEMORY.md": "- A is `src/a.py`\n- B is `src/b.py`\n"})
    project.commit({}, {"src/a.py": "lib/a2.py"})
    project.commit({"src/b.py": "nothing of it stays\n"})
    clone = tmp_path / "clone"
    address = f"file://{project.root}"
    project.git("clone", "-q", "--filter=blob:none", address, str(clone))
    shutil.rmtree(project.root)  # whoever would fetch now would fail
    found = by_text(Memory.open(clone / MEMORY).staleness())
    assert found["B is `src/b.py`"].verdict == "fresh"
    (gone,) = found["A is `src/a.py`"].evidence
    assert (gone.weight, gone.renamed_to) == ("stale", "lib/a2.py")


def test_a_work_tree_of_its_own_is_judged_by_its_own_head(project: Project, tmp_path: Path) -> None:
    project.commit({"src/a.py": body("a"), f"{MEMORY}/MEMORY.md": "- A is `src/a.py`\n"})
    project.git("worktree", "add", "-q", "-b", "other", str(tmp_path / "other"))
    project.commit(gone=("src/a.py",))
    assert [one.verdict for one in project.memory().stale()] == ["stale"]
    other = Memory.open(tmp_path / "other" / MEMORY)
    assert [one.verdict for one in other.stale()] == ["fresh"]


def test_a_second_look_asks_for_no_history_again(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    from agent_memory.project import gitlog

    project.commit({"src/a.py": body("a"), f"{MEMORY}/MEMORY.md": "- A is `src/a.py`\n"})
    project.commit(gone=("src/a.py",))
    first = project.memory().staleness()
    asked: list[str] = []
    run = gitlog.run

    def noted(folder: Path, *words: str, **others: Any) -> bytes | None:
        asked.append(words[0])
        return run(folder, *words, **others)

    monkeypatch.setattr(gitlog, "run", noted)
    assert project.memory().staleness() == first
    assert not {"log", "blame"} & set(asked)
    project.commit({"src/a.py": body("a")})
    assert [one.verdict for one in project.memory().stale()] == ["fresh"]
    assert "log" in asked


def test_looking_changes_no_file_of_the_repository(project: Project) -> None:
    project.commit({"src/a.py": body("a"), f"{MEMORY}/MEMORY.md": "- A is `src/a.py`\n"})
    project.commit(gone=("src/a.py",))

    def files() -> dict[Path, bytes]:
        return {path: path.read_bytes() for path in project.root.rglob("*") if path.is_file()}

    before = files()
    project.memory().stale()
    assert files() == before


def test_a_cache_that_cannot_be_written_is_passed_over(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    project.commit({"src/a.py": body("a"), f"{MEMORY}/MEMORY.md": "- A is `src/a.py`\n"})
    project.commit(gone=("src/a.py",))
    assert [one.verdict for one in project.memory().stale()] == ["stale"]


def test_names_commands_and_versions_that_held_then_and_not_now(project: Project) -> None:
    project.commit(
        {
            "src/load.py": "class Loader:\n    def load(self): ...\n    def kept(self): ...\n"
            "class Saver:\n    def load(self): ...\ndef read_all(): ...\ndef read_some(): ...\n",
            "web/app.ts": "export function drawAll() {}\nexport function drawSome() {}\n",
            "package.json": '{"scripts": {"test:unit": "x", "lint": "y"}}',
            "Makefile": "check:\n\tx\nship:\n\ty\n",
            "uv.lock": '[[package]]\nname = "django"\nversion = "5.1.2"\n',
            "pyproject.toml": '[project.scripts]\nmy-tool = "a:b"\n',
        }
    )
    project.commit(
        {
            f"{MEMORY}/MEMORY.md": "# Memory\n\n"
            "- `Loader.load()` in `src/load.py`\n"
            "- `Loader.kept` in `src/load.py`\n"
            "- `read_all()` in `src/load.py`\n"
            "- `never_there()` in `src/load.py`\n"
            "- `drawAll` in `web/app.ts`\n"
            "- Test with `npm run test:unit`\n"
            "- Lint with `npm run lint`\n"
            "- Never did `npm run never`\n"
            "- Ship with `make ship`, look with `make check`\n"
            "- Start `my-tool`\n"
            "- Django 5.1 it is\n"
        }
    )
    project.commit(
        {
            "src/load.py": "class Loader:\n    def kept(self): ...\n"
            "class Saver:\n    def load(self): ...\ndef read_some(): ...\n",
            "web/app.ts": "export function drawSome() {}\n",
            "package.json": '{"scripts": {"lint": "y"}}',
            "Makefile": "check:\n\tx\n",
            "uv.lock": '[[package]]\nname = "django"\nversion = "5.2.0"\n',
            "pyproject.toml": "[project]\n",
        }
    )
    found = by_text(project.memory().staleness())
    said = {
        text: (one.verdict, [it.kind for it in one.evidence if it.kind != "changed"])
        for text, one in found.items()
    }
    assert said == {
        "`Loader.load()` in `src/load.py`": ("stale", ["symbol gone"]),
        "`Loader.kept` in `src/load.py`": ("fresh", []),
        "`read_all()` in `src/load.py`": ("stale", ["symbol gone"]),
        "`never_there()` in `src/load.py`": ("fresh", []),
        "`drawAll` in `web/app.ts`": ("stale", ["symbol gone"]),
        "Test with `npm run test:unit`": ("stale", ["command gone"]),
        "Lint with `npm run lint`": ("fresh", []),
        "Never did `npm run never`": ("fresh", []),
        "Ship with `make ship`, look with `make check`": ("stale", ["command gone"]),
        "Start `my-tool`": ("stale", ["command gone"]),
        "Django 5.1 it is": ("suspect", ["version"]),
    }


def test_a_name_that_moved_to_another_file_is_no_more_than_told(project: Project) -> None:
    project.commit({"src/a.py": "def read_all(): ...\n", "src/b.py": "x = 1\n"})
    project.commit({f"{MEMORY}/MEMORY.md": "- `read_all()` in `src/a.py`\n"})
    project.commit({"src/a.py": "y = 1\n", "src/b.py": "def read_all(): ...\n"})
    (one,) = project.memory().stale()
    (moved,) = [it for it in one.evidence if it.kind == "symbol gone"]
    assert (one.verdict, moved.weight) == ("fresh", "info")


def test_a_member_that_its_class_has_in_another_way_is_not_gone(project: Project) -> None:
    was = (
        "class Loader(Base):\n    size: int = 3\n    def load(self): ...\n    def drop(self): ...\n"
    )
    project.commit({"src/load.py": was, "src/base.py": "class Base: ...\n"})
    lines = "".join(f"- `Loader.{name}` in `src/load.py`\n" for name in ("size", "load", "drop"))
    project.commit({f"{MEMORY}/MEMORY.md": lines})
    now = "class Loader(Base):\n    def __init__(self):\n        self.size = 3\n"
    project.commit({"src/load.py": now, "src/base.py": "class Base:\n    def load(self): ...\n"})
    found = by_text(project.memory().staleness())
    assert {text: one.verdict for text, one in found.items()} == {
        "`Loader.size` in `src/load.py`": "fresh",
        "`Loader.load` in `src/load.py`": "suspect",  # inherited now, perhaps
        "`Loader.drop` in `src/load.py`": "stale",
    }


def test_the_family_is_looked_at_only_where_it_is_asked_for(project: Project) -> None:
    project.commit({"src/a.py": body("a"), f"{MEMORY}/MEMORY.md": "# M\n\n- A is `src/a.py`\n"})
    project.commit(gone=("src/a.py",))
    memory = project.memory()
    assert [finding.code for finding in memory.check(select=["ST"])] == ["ST001"]
    assert not [finding for finding in memory.check() if finding.code.startswith("ST")]


def test_the_older_of_two_entries_about_the_same_is_suspect(project: Project) -> None:
    old = "- Deploy `api` from `infra` on port 80 with care\n"
    project.commit({f"{MEMORY}/MEMORY.md": old})
    project.commit({f"{MEMORY}/MEMORY.md": old + old.replace("80", "8080")})
    older, newer = project.memory().stale()
    assert (older.verdict, [it.kind for it in older.evidence]) == ("suspect", ["superseded"])
    assert newer.verdict == "fresh"


def test_plain_git_calls_find_the_same_paths_gone(project: Project) -> None:
    project.commit({"src/a.py": body("a"), "src/b.py": body("b"), "src/c.py": body("c")})
    lines = "- A is `src/a.py`\n- B is `src/b.py`\n- C is `src/c.py`\n- `src/d.py` is none\n"
    project.commit({f"{MEMORY}/MEMORY.md": lines})
    project.commit(moves={"src/a.py": "lib/a2.py"}, gone=("src/b.py",))
    script = Path(__file__).parent / "benchmarks/staleness/truth.py"
    said = subprocess.run(
        [sys.executable, str(script), str(project.root)], capture_output=True, text=True, check=True
    )
    rows = [json.loads(row) for row in said.stdout.splitlines()]
    true = {row["path"] for row in rows if row["stale"]}
    found = [it for one in project.memory().stale() for it in one.evidence]
    ours = {it.path for it in found if it.weight == "stale"}
    assert ours == true == {"src/a.py", "src/b.py"}

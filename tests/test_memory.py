"""Memory, the facade, as the contract has it: opening, reading, every verb, and `edit`."""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agent_memory import (
    AmbiguousError,
    Budget,
    BudgetError,
    Commit,
    ConflictError,
    DecodeError,
    DefinitionError,
    Memory,
    NotFoundError,
    PolicyError,
    Scope,
    StorageError,
    UnsafePathError,
    layered_prompt,
)
from agent_memory.core.history import Record
from agent_memory.storage import replace

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _a_clean_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith("AGENT_MEMORY_") or name == "CLAUDE_CONFIG_DIR":
            monkeypatch.delenv(name)
    (tmp_path / "home").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    project = tmp_path / "shop"
    (project / ".git").mkdir(parents=True)
    return project


@pytest.fixture
def memory(tmp_path: Path) -> Memory:
    return Memory.open(tmp_path / "memory", actor="tester", clock=lambda: NOW)


def index(memory: Memory) -> str:
    return (memory.directory / "MEMORY.md").read_text(encoding="utf-8")


def texts(memory: Memory) -> list[str]:
    return [entry.text for entry in memory.entries()]


def files(memory: Memory) -> dict[str, bytes]:
    return {
        path.relative_to(memory.directory).as_posix(): path.read_bytes()
        for path in memory.directory.rglob("*")
        if path.is_file() and ".agent-memory" not in path.parts
    }


def records(memory: Memory) -> Iterable[Record]:
    """Our commits; what others did, and what stood there before us, is not ours."""
    return [r for r in memory._storage.history() if r.commit.source != "external"]


def definition(folder: Path, front: str) -> Path:
    path = folder / "invoice-dev.md"
    path.write_text(f"---\n{front}\n---\n\nYou write Django code.\n")
    return path


# -- opening ------------------------------------------------------------------------------------


def test_each_scope_has_its_directory(project: Path, tmp_path: Path) -> None:
    def directory(scope: Scope | str) -> Path:
        return Memory.for_agent("plugin:dev", scope=scope, project=project).directory

    assert directory(Scope.PROJECT) == project / ".claude/agent-memory/plugin-dev"
    assert directory("local") == project / ".claude/agent-memory-local/plugin-dev"
    assert directory("user") == tmp_path / "home/.claude/agent-memory/plugin-dev"


def test_the_config_folder_of_the_person_may_be_elsewhere(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(tmp_path / "config"))
    memory = Memory.for_agent("dev", scope=Scope.USER, project=project)
    assert memory.directory == tmp_path / "config/agent-memory/dev"


def test_without_a_project_it_is_found_above_the_working_directory(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "billing" / "api").mkdir(parents=True)
    monkeypatch.chdir(project / "billing" / "api")
    assert Memory.for_agent("dev").directory == project / ".claude/agent-memory/dev"


def test_an_agent_that_cannot_be_a_folder_is_refused(project: Path) -> None:
    with pytest.raises(UnsafePathError):
        Memory.for_agent("../dev", project=project)


def test_opening_creates_nothing(tmp_path: Path) -> None:
    memory = Memory.open(tmp_path / "memory")
    memory.prompt(), memory.budget(), memory.topics(), memory.entries(), memory.links()
    assert not memory.directory.exists()
    assert repr(memory) == f"Memory({str(memory.directory)!r})"


def test_a_definition_names_the_agent_and_its_scope(project: Path) -> None:
    path = definition(project, "name: invoice-dev\nmemory: local")
    memory = Memory.from_definition(path, project=project)
    assert memory.directory == project / ".claude/agent-memory-local/invoice-dev"
    assert memory.name == "invoice-dev"
    assert memory.place.scope is Scope.LOCAL


def test_a_definition_without_a_scope_needs_one(project: Path) -> None:
    path = definition(project, "name: invoice-dev")
    with pytest.raises(DefinitionError, match="memory") as caught:
        Memory.from_definition(path, project=project)
    assert "memory: project" in caught.value.hint
    memory = Memory.from_definition(path, project=project, scope=Scope.PROJECT)
    assert memory.directory == project / ".claude/agent-memory/invoice-dev"


def test_the_budget_comes_from_the_caller_the_environment_the_project_or_the_default(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def limits(budget: Budget | None = None) -> tuple[int, int]:
        found = Memory.for_agent("dev", project=project, budget=budget).limits
        return found.lines, found.bytes

    assert limits() == (200, 25_000)
    (project / "pyproject.toml").write_text(
        "[tool.agent-memory]\nmax-lines = 150\nmax-bytes = 20_000\n"
    )
    assert limits() == (150, 20_000)
    monkeypatch.setenv("AGENT_MEMORY_MAX_LINES", "120")
    assert limits() == (120, 20_000)
    assert limits(Budget(10, 1_000)) == (10, 1_000)
    monkeypatch.setenv("AGENT_MEMORY_MAX_LINES", "many")
    with pytest.raises(DecodeError, match="AGENT_MEMORY_MAX_LINES"):
        limits()


def test_the_base_folder_is_a_setting(project: Path) -> None:
    (project / "pyproject.toml").write_text('[tool.agent-memory]\nbase = ".hive"\n')
    memory = Memory.for_agent("dev", project=project)
    assert memory.directory == project / ".hive/agent-memory/dev"


def test_headings_named_in_the_settings_stay_in_the_index(project: Path) -> None:
    (project / "pyproject.toml").write_text('[tool.agent-memory]\npinned = ["House rules"]\n')
    memory = Memory.for_agent("dev", project=project, budget=Budget(14, 25_000))
    memory.remember("Never force-push to main", section="House rules")
    for number in range(12):
        memory.remember(f"A plain note with the number {number}", section="Notes")
    assert "Never force-push to main" in index(memory)
    assert not memory.budget().over


# -- reading ------------------------------------------------------------------------------------


def test_what_one_conversation_saves_the_next_one_reads(project: Path) -> None:
    path = definition(project, "name: invoice-dev\nmemory: project")
    assert "Nothing is saved here yet" in Memory.from_definition(path, project=project).prompt()
    Memory.from_definition(path, project=project).remember("Totals are Decimal, never float")
    prompt = Memory.from_definition(path, project=project).prompt()
    assert "Totals are Decimal, never float" in prompt
    assert "Nothing is saved here yet" not in prompt
    assert prompt == Memory.from_definition(path, project=project).prompt()


def test_one_reads_documents_topics_entries_and_links(memory: Memory) -> None:
    memory.remember("Run pytest with --reuse-db", topic="testing", section="Speed")
    memory.remember("Money is Decimal")
    (memory.directory / "erd.png").write_bytes(b"\x89PNG")
    document = memory.document("testing")
    assert (document.path, [section.title for section in document.sections][-1]) == (
        "testing.md",
        "Speed",
    )
    assert document.revision == memory.document("testing.md").revision
    assert {(topic.path, topic.reachable, bool(topic.problem)) for topic in memory.topics()} == {
        ("testing.md", True, False),
        ("erd.png", False, True),
    }
    assert {"Run pytest with --reuse-db", "Money is Decimal"} <= set(texts(memory))
    assert [(link.source, link.resolved, link.status) for link in memory.links()] == [
        ("MEMORY.md", "testing.md", "ok")
    ]
    assert memory.check() == []
    assert memory.explain().text == memory.prompt()


def test_a_document_that_is_not_there_is_not_found(memory: Memory) -> None:
    memory.remember("x is y", topic="debugging")
    with pytest.raises(NotFoundError) as caught:
        memory.document("debuging")
    assert caught.value.suggestions == ("debugging.md",)
    with pytest.raises(UnsafePathError):
        memory.document("../secrets")


def test_an_index_that_cannot_be_read_is_not_shown_as_empty(memory: Memory) -> None:
    memory.directory.mkdir()
    (memory.directory / "MEMORY.md").mkdir()
    for read in (memory.prompt, memory.budget, lambda: layered_prompt([memory])):
        with pytest.raises(StorageError, match=r"MEMORY\.md is not read") as caught:
            read()
        assert caught.value.hint
    assert memory.entries() == []


def test_an_index_over_budget_says_what_is_lost(tmp_path: Path) -> None:
    memory = Memory.open(tmp_path, budget=Budget(3, 25_000))
    (tmp_path / "MEMORY.md").write_text("# M\n\n- one\n- two\n- three\n")
    report = memory.budget()
    assert report.over
    assert [(cut.line, cut.text) for cut in report.cut] == [(4, "- two"), (5, "- three")]
    assert [finding.code for finding in memory.check(select=["BU001"])] == ["BU001"]
    assert "NOT LOADED" in memory.prompt()


def test_a_report_is_one_page_of_how_the_memory_stands(memory: Memory) -> None:
    memory.remember("Jobs are <small>", topic="jobs")
    memory.remember("Freeze <!-- expires: 2026-01-01 -->")
    page = memory.report()
    assert page.startswith("<!doctype html>")
    assert "remember “Jobs are &lt;small&gt;” in jobs.md" in page
    assert "it was to hold until 2026-01-01" in page
    stands = memory.standing()
    assert stands.made == NOW
    assert stands.entries == len(memory.entries())
    assert stands.all_commits == 2


def test_layers_share_one_budget_and_are_labelled(project: Path) -> None:
    layers = [
        Memory.for_agent("dev", scope=scope, project=project)
        for scope in (Scope.USER, Scope.PROJECT, Scope.LOCAL)
    ]
    for memory, text in zip(layers, ("in general", "in the team", "on this disk"), strict=True):
        memory.remember(f"Said {text}")
    prompt = layered_prompt(layers)
    for scope, text in (("user", "in general"), ("project", "in the team"), ("local", "this disk")):
        assert f"({scope} scope)" in prompt
        assert text in prompt
    assert layered_prompt([]) == ""
    assert "NOT LOADED" in layered_prompt(layers, Budget(4, 25_000))


# -- the verbs ----------------------------------------------------------------------------------


def test_a_commit_says_who_what_when_and_from_where(memory: Memory) -> None:
    commit = memory.remember("Always use bun", topic="preferences", source="user")
    assert (commit.actor, commit.source, commit.time) == ("tester", "user", NOW)
    assert commit.operation == "remember"
    assert commit.changed == ("MEMORY.md", "preferences.md")
    assert "Always use bun" in commit.message
    assert commit.entry in {entry.id for entry in memory.entries()}
    (record,) = records(memory)
    assert (record.commit.id, record.commit.actor) == (commit.id, "tester")
    assert (record.commit.source, record.commit.time) == ("user", NOW)


def test_the_actor_is_the_caller_the_setting_the_agent_or_the_person(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def actor(**options: str) -> str:
        commit = Memory.for_agent("dev", project=project, **options).remember("x is y")  # type: ignore[arg-type]
        return commit.actor

    assert actor() == "dev"
    assert "@" in Memory.open(tmp_path / "plain").remember("x is y").actor
    monkeypatch.setenv("AGENT_MEMORY_ACTOR", "nightly")
    assert actor() == "nightly"
    assert actor(actor="me") == "me"


def test_a_commit_tells_in_which_session_it_was_made(
    memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert memory.remember("x is y").session == ""
    monkeypatch.setenv("AGENT_MEMORY_SESSION", "run-7")
    later = Memory.open(memory.directory, clock=lambda: NOW)
    assert later.remember("y is z").session == "run-7"
    assert [commit.session for commit in later.log()] == ["run-7", ""]


def test_remembering_twice_is_a_no_op_that_says_where_it_stands(memory: Memory) -> None:
    memory.remember("Money is Decimal")
    before = files(memory)
    commit = memory.remember("Money is Decimal")
    assert commit.is_empty
    assert "MEMORY.md:" in commit.notices[0]
    assert files(memory) == before
    assert len(list(records(memory))) == 1


def test_similar_entries_are_named_and_kept(memory: Memory) -> None:
    memory.remember("The staging database listens on port 5433")
    commit = memory.remember("The staging database listens on port 5434")
    assert [near.entry.text for near in commit.nearest] == [
        "The staging database listens on port 5433"
    ]
    assert 0 < commit.nearest[0].score < 100
    assert len([text for text in texts(memory) if "staging database" in text]) == 2


def test_update_keeps_the_place(memory: Memory) -> None:
    memory.remember("first of all")
    old = memory.remember("use bun 1.2").entry
    memory.remember("last of all")
    assert old is not None
    commit = memory.update(old, "use bun 1.3")
    assert texts(memory) == ["first of all", "use bun 1.3", "last of all"]
    assert commit.entry != old
    with pytest.raises(NotFoundError):
        memory.update(old, "use bun 1.4")


def test_move_takes_an_entry_to_a_topic(memory: Memory) -> None:
    entry = memory.remember("use bun 1.2").entry
    assert entry is not None
    commit = memory.move(entry, topic="tooling", section="JavaScript")
    assert commit.operation == "move"
    (moved,) = [found for found in memory.entries() if found.id == entry]
    assert (moved.path, moved.section) == ("tooling.md", "JavaScript")
    assert [topic.reachable for topic in memory.topics()] == [True]
    with pytest.raises(NotFoundError):
        memory.move("0123456789", topic="tooling")


def test_remember_then_forget_gives_back_the_same_files(memory: Memory) -> None:
    memory.write("MEMORY.md", "# Mine\r\n\r\nSome prose.\r\n\r\n* a star\r\n")
    before = files(memory)
    for options in ({}, {"topic": "new"}, {"section": "Fresh"}, {"topic": "t", "section": "S"}):
        commit = memory.remember("a passing fancy", **options)
        assert files(memory) != before
        assert commit.entry is not None
        memory.forget(commit.entry)
        assert files(memory) == before, options


def test_two_entries_forgotten_in_one_commit_leave_nothing_behind(memory: Memory) -> None:
    memory.write("MEMORY.md", "# Mine\n\nSome prose.\n")
    before = files(memory)
    memory.remember("a passing fancy", topic="zeta")
    memory.remember("another passing fancy", topic="alpha")
    memory.forget_all("passing fancy")
    assert files(memory) == before


def test_an_ambiguous_forget_changes_nothing(memory: Memory) -> None:
    memory.remember("never auto-commit to main")
    memory.remember("never auto-commit to release")
    before = files(memory)
    with pytest.raises(AmbiguousError) as caught:
        memory.forget("NEVER AUTO-COMMIT")
    assert len(caught.value.candidates) == 2
    assert files(memory) == before
    assert memory.forget_all("never auto-commit").operation == "forget"
    assert texts(memory) == []


def test_forgetting_needs_the_text_letter_for_letter(memory: Memory) -> None:
    memory.remember("never auto-commit")
    with pytest.raises(NotFoundError, match="auto commit") as caught:
        memory.forget("auto commit")
    assert caught.value.suggestions
    assert memory.forget("AUTO-commit").changed


def test_write_stores_exactly_this_text(memory: Memory) -> None:
    text = "# Odd\r\n\tno newline at the end \u2028 and caf\udce9"
    memory.write("odd.md", text)
    assert (memory.directory / "odd.md").read_bytes() == text.encode("utf-8", "surrogateescape")


def test_write_without_a_revision_never_replaces(memory: Memory) -> None:
    memory.write("a.md", "one\n")
    with pytest.raises(ConflictError) as caught:
        memory.write("a.md", "two\n")
    assert (caught.value.ours, caught.value.theirs) == ("two\n", "one\n")
    revision = memory.document("a.md").revision
    assert revision in caught.value.hint
    memory.write("a.md", "two\n", expected=revision)
    with pytest.raises(ConflictError):
        memory.write("a.md", "three\n", expected=revision)
    assert memory.document("a.md").text == "two\n"


def test_write_reports_what_would_be_cut_and_does_not_change_it(tmp_path: Path) -> None:
    memory = Memory.open(tmp_path, budget=Budget(3, 25_000))
    commit = memory.write("MEMORY.md", "1\n2\n3\n4\n")
    assert index(memory) == "1\n2\n3\n4\n"
    assert any("over budget" in notice for notice in commit.notices)


def test_remove_takes_the_row_with_the_topic(memory: Memory) -> None:
    memory.remember("x is y", topic="debugging")
    commit = memory.remove("debugging")
    assert commit.changed == ("MEMORY.md", "debugging.md")
    assert "debugging" not in index(memory)
    assert memory.topics() == []
    with pytest.raises(NotFoundError):
        memory.remove("debugging")


def test_overflow_moves_to_topics_and_the_commit_says_so(tmp_path: Path) -> None:
    memory = Memory.open(tmp_path, budget=Budget(20, 25_000))
    commits = [
        memory.remember(f"A convention with the number {number}", section=f"Section {number // 4}")
        for number in range(24)
    ]
    moved = [move for commit in commits for move in commit.moved]
    assert moved
    assert all((tmp_path / move.topic).exists() for move in moved)
    assert not memory.budget().over
    assert all(topic.reachable for topic in memory.topics())
    facts = [text for text in texts(memory) if text.startswith("A convention")]
    assert sorted(facts) == sorted(f"A convention with the number {n}" for n in range(24))
    stored = [move for record in records(memory) for move in record.commit.moved]
    assert sorted(stored, key=repr) == sorted(moved, key=repr)


def test_compact_mends_an_index_that_somebody_left_over_budget(tmp_path: Path) -> None:
    memory = Memory.open(tmp_path, budget=Budget(12, 25_000))
    lines = "".join(f"- note number {number}\n" for number in range(30))
    (tmp_path / "MEMORY.md").write_text(f"# M\n\n## Notes\n\n{lines}")
    before = sorted(texts(memory))
    assert memory.compact().moved
    assert not memory.budget().over
    assert set(before) <= set(texts(memory))
    assert memory.compact().is_empty


def test_an_entry_too_large_for_the_index_is_refused_with_a_way_out(tmp_path: Path) -> None:
    memory = Memory.open(tmp_path / "memory", budget=Budget(200, 500))
    with pytest.raises(BudgetError) as caught:
        memory.remember("word " * 200)
    assert "topic" in caught.value.hint
    assert not memory.directory.exists()
    memory.remember("word " * 200, topic="long")
    assert [topic.reachable for topic in memory.topics()] == [True]


def test_what_must_not_be_saved_is_refused_without_a_trace(memory: Memory) -> None:
    secret = "".join(("AKIA", "QZ7RWX3MNB5TKLPD"))
    with pytest.raises(PolicyError) as caught:
        memory.remember(f"the key is {secret}")
    assert secret not in str(caught.value) + caught.value.hint
    assert not memory.directory.exists()


@pytest.mark.parametrize("topic", ["../out", "/etc/passwd", "a\\..\\b", "con", ".agent-memory/x"])
def test_a_topic_that_leaves_the_memory_is_refused(topic: str, memory: Memory) -> None:
    with pytest.raises(UnsafePathError):
        memory.remember("x is y", topic=topic)
    assert not memory.directory.exists()


def test_a_topic_behind_a_link_that_points_out_is_refused(memory: Memory, tmp_path: Path) -> None:
    (tmp_path / "theirs.md").write_text("theirs\n")
    memory.directory.mkdir()
    (memory.directory / "link.md").symlink_to(tmp_path / "theirs.md")
    with pytest.raises(UnsafePathError):
        memory.remember("x is y", topic="link")
    assert (tmp_path / "theirs.md").read_text() == "theirs\n"


# -- edit ---------------------------------------------------------------------------------------


def test_a_draft_is_one_commit(memory: Memory) -> None:
    old = memory.remember("use bun 1.2").entry
    assert old is not None
    with memory.edit(source="review") as draft:
        draft.remember("Money is Decimal", topic="conventions")
        draft.update(old, "use bun 1.3")
        draft.write("notes.md", "# Notes\n")
        assert "+- use bun 1.3" in draft.diff()
        assert not (memory.directory / "notes.md").exists()
    commit = draft.commit
    assert commit is not None
    assert (commit.operation, commit.source) == ("edit", "review")
    assert commit.changed == ("MEMORY.md", "conventions.md", "notes.md")
    assert len(list(records(memory))) == 2


def test_a_discarded_draft_is_a_dry_run(memory: Memory) -> None:
    memory.remember("Money is Decimal")
    before = files(memory)
    with memory.edit() as draft:
        draft.forget("Money")
        shown = draft.diff()
        draft.discard()
    assert "-- Money is Decimal" in shown
    assert draft.commit is None
    assert files(memory) == before


def test_an_exception_in_the_block_leaves_everything_as_it_was(tmp_path: Path) -> None:
    memory = Memory.open(tmp_path / "memory")

    def fail() -> None:
        with memory.edit() as draft:
            draft.remember("Money is Decimal")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert not memory.directory.exists()


def test_a_verb_that_fails_in_a_draft_takes_nothing_else_with_it(memory: Memory) -> None:
    with memory.edit() as draft:
        draft.remember("Money is Decimal")
        with pytest.raises(NotFoundError):
            draft.forget("nothing of the kind")
        draft.remember("Dates are aware")
    assert texts(memory) == ["Money is Decimal", "Dates are aware"]


def test_a_draft_without_a_change_makes_no_commit(memory: Memory) -> None:
    with memory.edit() as draft:
        pass
    assert draft.commit is None
    assert not memory.directory.exists()


def test_a_draft_is_played_again_on_what_somebody_wrote_meanwhile(memory: Memory) -> None:
    memory.remember("first of all")
    with memory.edit() as draft:
        draft.remember("mine")
        Memory.open(memory.directory).remember("theirs")
    assert texts(memory) == ["first of all", "theirs", "mine"]


def test_a_draft_whose_entry_somebody_forgot_meanwhile_says_so(memory: Memory) -> None:
    entry = memory.remember("use bun 1.2").entry
    assert entry is not None

    def edit() -> None:
        with memory.edit() as draft:
            draft.update(entry, "use bun 1.3")
            Memory.open(memory.directory).forget("bun")

    with pytest.raises(ConflictError, match="was removed by others"):
        edit()
    assert texts(memory) == []


def test_an_editor_that_saves_during_a_commit_loses_nothing(
    memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory.remember("first of all")
    real, saves = replace.apply, iter([index(memory) + "- typed by hand\n"])

    def meanwhile(*args: object) -> object:
        for text in saves:
            (memory.directory / "MEMORY.md").write_text(text)
        return real(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(replace, "apply", meanwhile)
    memory.remember("mine")
    assert texts(memory) == ["first of all", "typed by hand", "mine"]


def test_the_clock_is_asked_at_each_commit(tmp_path: Path) -> None:
    ticks = iter(range(100))
    memory = Memory.open(tmp_path, clock=lambda: NOW + timedelta(hours=next(ticks)))
    made: list[Commit] = [memory.remember(f"fact number {number}") for number in range(3)]
    times = [commit.time for commit in made]
    assert times == sorted(set(times))
    assert [record.commit.time for record in records(memory)] == times[::-1]
    assert Memory.open(tmp_path).remember("now is now").time.tzinfo is UTC


def test_deleting_the_state_folder_costs_no_entry(memory: Memory) -> None:
    import shutil

    memory.remember("Money is Decimal", topic="conventions")
    before = files(memory)
    shutil.rmtree(memory.directory / ".agent-memory")
    assert files(memory) == before
    memory.forget("Money is Decimal")
    assert "Money is Decimal" not in texts(memory)


# -- what the project says anyway ---------------------------------------------------------------


@pytest.mark.parametrize("name", ["CLAUDE.md", "AGENTS.md", ".claude/CLAUDE.md"])
def test_what_the_instructions_of_the_project_say_already_is_pointed_out(
    name: str, project: Path
) -> None:
    (project / name).parent.mkdir(exist_ok=True)
    (project / name).write_text("# Rules\n\n- Money is **Decimal**.\n")
    memory = Memory.for_agent("dev", project=project)
    commit = memory.remember("Money is Decimal")
    assert f"already stands in {name}:3" in "\n".join(commit.notices)
    assert texts(memory) == ["Money is Decimal"]
    assert not any("stands" in notice for notice in memory.remember("Dates are aware").notices)


def test_instructions_that_cannot_be_read_break_nothing(project: Path) -> None:
    (project / "CLAUDE.md").mkdir()
    (project / "AGENTS.md").symlink_to("nowhere")
    memory = Memory.for_agent("dev", project=project)
    assert memory.remember("Money is Decimal").notices == ()


# -- links, renames, fixes and compaction on disk -------------------------------------------------


def filled(memory: Memory, **topics: str) -> Memory:
    """The memory with these files, as somebody else's editor would leave them."""
    memory.directory.mkdir(parents=True, exist_ok=True)
    for name, text in topics.items():
        (memory.directory / f"{name}.md").write_text(text, encoding="utf-8")
    return memory


def test_a_rename_is_one_commit_and_the_rest_works_on(memory: Memory) -> None:
    memory.remember("Queues are drained first", topic="debug")
    memory.remember("See [[debug]] for queues")
    before = len(list(records(memory)))
    commit = memory.rename("debug", "debugging/queues")
    assert commit.operation == "rename"
    assert set(commit.changed) == {"MEMORY.md", "debug.md", "debugging/queues.md"}
    assert len(list(records(memory))) == before + 1
    assert "[[debugging/queues]]" in index(memory)
    assert not (memory.directory / "debug.md").exists()
    assert memory.check() == []
    memory.forget("Queues are drained first")
    memory.remember("Queues are drained last", topic="debugging/queues")
    assert "Queues are drained last" in texts(memory)
    assert memory.remove("debugging/queues").changed
    assert memory.topics() == []


def test_a_rename_of_case_alone_is_seen_on_disk(memory: Memory) -> None:
    filled(memory, MEMORY="- [N](notes.md) — [[notes]]\n", notes="---\nname: notes\n---\nx\n")
    memory.rename("notes", "Notes")
    assert sorted(files(memory)) == ["MEMORY.md", "Notes.md"]
    assert index(memory) == "- [N](Notes.md) — [[Notes]]\n"
    assert files(memory)["Notes.md"] == b"---\nname: Notes\n---\nx\n"


@pytest.mark.parametrize("new", ["b", "B.md", "\uff42", "MEMORY", "../c", "con", "a/x", ""])
def test_a_rename_that_is_refused_changes_nothing(new: str, memory: Memory) -> None:
    filled(memory, MEMORY="- [A](a.md)\n- [B](b.md)\n", a="x\n", b="y\n")
    before = files(memory)
    with pytest.raises((UnsafePathError, PolicyError)):
        memory.rename("a", new) if new != "a/x" else memory.rename("b", "a.md/x")
    assert files(memory) == before
    assert list(records(memory)) == []


def test_a_topic_that_is_not_there_cannot_be_renamed(memory: Memory) -> None:
    filled(memory, MEMORY="x\n", debugging="y\n")
    with pytest.raises(NotFoundError) as caught:
        memory.rename("debuging", "x")
    assert caught.value.suggestions == ("debugging.md",)


def test_a_heading_and_its_anchors_are_renamed_in_one_commit(memory: Memory) -> None:
    filled(memory, MEMORY="- [A](a.md#old-part) [[a#Old part]]\n", a="# A\n\n## Old part\n\n- x\n")
    commit = memory.rename_heading("a", "old part", "## New part")
    assert commit.changed == ("MEMORY.md", "a.md")
    assert index(memory) == "- [A](a.md#new-part) [[a#New part]]\n"
    assert files(memory)["a.md"] == b"# A\n\n## New part\n\n- x\n"


def test_links_lead_into_the_other_memories_of_the_project(project: Path) -> None:
    one = Memory.for_agent("one", project=project)
    two = Memory.for_agent("two", project=project)
    two.remember("shared fact", topic="x")
    filled(one, MEMORY="- [X](../two/x.md)\n- [Y](../two/y.md)\n- [Z](gone.md)\n")
    assert [(link.target, link.status, link.resolved) for link in one.links()] == [
        ("../two/x.md", "ok", "../two/x.md"),
        ("../two/y.md", "broken", None),  # a memory of the project, and no file of it
        ("gone.md", "broken", None),
    ]
    assert [finding.code for finding in one.check()] == ["LN001", "LN001"]


def test_a_fix_adds_rows_and_takes_out_those_that_the_history_knows(memory: Memory) -> None:
    memory.remember("a fact", topic="gone")
    memory.remove("gone")
    text = "# M\n\n- [Gone](gone.md)\n- [Never](never.md)\n"
    filled(memory, MEMORY=text, lost="# Lost and found\n\nUmbrellas. Hats.\n")
    before = len(list(records(memory)))
    commit = memory.fix(memory.check())
    assert commit.operation == "fix"
    assert len(list(records(memory))) == before + 1
    assert index(memory) == (
        "# M\n\n- [Never](never.md)\n- [Lost and found](lost.md) — Umbrellas.\n"
    )
    assert [finding.code for finding in memory.check()] == ["LN001"]
    again = memory.fix(memory.check())
    assert again.is_empty
    assert len(list(records(memory))) == before + 1


def test_a_fix_takes_out_wikilink_and_table_rows_that_the_history_knows(memory: Memory) -> None:
    memory.remember("a fact", topic="gone")
    memory.remove("gone")
    table = "| T | W |\n|---|---|\n| [Gone](gone.md) | x |\n"
    filled(memory, MEMORY=f"# M\n\n* [[gone]] — x\n* [[to come]]\n\n{table}")
    assert memory.deleted(memory.check()) == {"gone.md"}
    commit = memory.fix(memory.check())
    assert commit.message == "take out 2 rows of deleted topics"
    assert index(memory) == "# M\n\n* [[to come]]\n\n| T | W |\n|---|---|\n"


def test_compaction_is_one_commit_and_keeps_every_entry(tmp_path: Path) -> None:
    memory = Memory.open(tmp_path / "memory", budget=Budget(lines=30), clock=lambda: NOW)
    facts = "".join(f"- fact {number}\n" for number in range(60))
    row = "- [T](t.md) — " + "word " * 60
    topic = "# T\n\n" + "".join(
        f"## P{part}\n\n" + "".join(f"- {part} {n}\n" for n in range(150)) for part in range(4)
    )
    filled(memory, MEMORY=f"# M\n\n{row}\n\n## Facts\n\n{facts}", t=topic)
    before = texts(memory)
    commit = memory.compact(["rows", "sections", "topics"])
    assert len(list(records(memory))) == 1
    assert {move.path for move in commit.moved} == {"MEMORY.md", "t.md"}
    assert set(before) <= set(texts(memory))
    assert memory.check() == []
    assert all(topic.reachable for topic in memory.topics())
    assert memory.compact().is_empty


def test_the_picture_goes_by_the_projects_own_limit_for_topics(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.agent-memory]\ntopic-lines = 3\n")
    (tmp_path / "MEMORY.md").write_text("- [T](t.md)\n")
    (tmp_path / "t.md").write_text("# T\n\n- a\n- b\n")
    [topic] = [node for node in Memory.open(tmp_path).graph().nodes if node.path == "t.md"]
    assert topic.state == "over"


def test_the_project_says_how_much_of_the_history_is_kept(project: Path) -> None:
    (project / "pyproject.toml").write_text("[tool.agent-memory]\nhistory-days = 1\n")
    days = iter(range(100))
    start = datetime(2026, 3, 1, tzinfo=UTC)
    memory = Memory.open(project / "m", actor="t", clock=lambda: start + timedelta(days=next(days)))
    for number in range(4):
        memory.remember(f"fact number {number}")
    assert len(list(records(memory))) < 4


def test_the_doctor_says_how_everything_is_in_order_of_codes(memory: Memory) -> None:
    memory.remember("one fact")
    found = memory.doctor()
    codes = [finding.code for finding in found]
    assert codes == sorted(codes)
    assert {"DR001", "DR002", "DR008", "DR010", "DR011", "DR013"} <= set(codes)

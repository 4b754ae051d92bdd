"""A session as a runner uses it: prompt, bound tools, one commit or many, limits, a summary."""

from __future__ import annotations

import asyncio
import multiprocessing
import re
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from agent_memory import (
    Budget,
    ConflictError,
    Memory,
    NotFoundError,
    PolicyError,
)
from agent_memory.core.paths import INDEX
from agent_memory.integrations.memory_tool import Mounts
from agent_memory.integrations.session import Session

Tools = dict[str, Callable[..., str]]
START = "# m\n\n- one\n- two\n"


@pytest.fixture
def memory(tmp_path: Path) -> Memory:
    memory = Memory.open(
        tmp_path / "m", actor="owner", budget=Budget(), quarantine=["web", " Tool"]
    )
    memory.write(INDEX, START)
    return memory


def tools(session: Session) -> Tools:
    return {tool.__name__: tool for tool in session.tools()}


async def awaited(answer: Awaitable[str]) -> str:
    return await answer


def index(memory: Memory) -> str:
    return (memory.directory / INDEX).read_text(encoding="utf-8")


def made(memory: Memory) -> list[tuple[str, str, str, str]]:
    """The commits after the first, the oldest first."""
    log = reversed(memory.log()[:-1])
    return [(one.operation, one.actor, one.source, one.session) for one in log]


def entry(memory: Memory, text: str) -> str:
    return next(one.id for one in memory.entries() if one.text == text)


# -- what is bound to it --------------------------------------------------------------------------


def test_the_prompt_is_that_of_the_start_however_often_it_is_read(memory: Memory) -> None:
    with memory.session() as session:
        before = session.prompt
        tools(session)["memory_remember"]("three")
        memory.remember("four")
        assert session.prompt == before == session.prompt
        assert "- one" in before
        assert "three" not in before
    with memory.session() as session:
        assert "- three" in session.prompt


def test_every_way_to_write_carries_actor_session_and_source(memory: Memory) -> None:
    with memory.session(agent="worker", session_id="run-7", source="chat") as session:
        tools(session)["memory_remember"]("three")
        asyncio.run(awaited(session.async_tools()[2]("four")))
        session.handle({"command": "create", "path": "/memories/t.md", "file_text": "- five\n"})
        session.memory.remember("six", source="agent")  # as an adapter would
        Mounts.of(session.memory).handle({"command": "delete", "path": "/memories/t.md"})
    operations = ["remember", "remember", "create", "remember", "delete"]
    assert made(memory) == [(name, "worker", "chat", "run-7") for name in operations]
    assert index(memory) == START + "- three\n- four\n- six\n"


def test_a_session_without_names_is_the_memorys_own_and_has_an_id(memory: Memory) -> None:
    with memory.session() as first, memory.session() as second:
        tools(first)["memory_remember"]("three")
        tools(second)["memory_remember"]("four")
    assert first.id != second.id
    assert made(memory) == [
        ("remember", "owner", "agent", first.id),
        ("remember", "owner", "agent", second.id),
    ]


@pytest.mark.parametrize("one_commit", [False, True])
def test_after_its_end_it_saves_nothing_more(memory: Memory, one_commit: bool) -> None:
    with memory.session(session_id="run-7", one_commit=one_commit) as session:
        pass
    assert tools(session)["memory_remember"]("three") == (
        "error: the session run-7 has ended, so it saves nothing more\nopen a new session"
    )
    assert session.commit is None
    assert index(memory) == START
    assert made(memory) == []


# -- one commit or many ---------------------------------------------------------------------------


def test_many_commits_stay_when_the_block_ends_with_an_error(memory: Memory) -> None:
    def run() -> None:
        with memory.session() as session:
            tools(session)["memory_remember"]("three")
            raise KeyError

    with pytest.raises(KeyError):
        run()
    assert index(memory) == START + "- three\n"


def test_one_commit_is_made_at_the_end_of_all_that_was_done(memory: Memory) -> None:
    with memory.session(agent="worker", session_id="run-7", one_commit=True) as session:
        call = tools(session)
        assert call["memory_remember"]("three").startswith(f"remembered {INDEX}:5 ")
        assert "- three" in call["memory_view"]()
        assert call["memory_update"](entry(memory, "one"), "one!").startswith("updated")
        assert call["memory_forget"]("two").startswith("forgot")
        session.handle({"command": "create", "path": "/memories/t.md", "file_text": "# T\n"})
        assert index(memory) == START
        assert not (memory.directory / "t.md").exists()
    assert index(memory) == "# m\n\n- one!\n- three\n"
    assert made(memory) == [("session", "worker", "agent", "run-7")]
    assert session.commit == memory.log()[0]
    assert session.commit.changed == (INDEX, "t.md")
    memory.undo(session="run-7")
    assert index(memory) == START


def test_one_commit_is_none_when_the_block_ends_with_an_error(memory: Memory) -> None:
    def run(session: Session) -> None:
        with session:
            tools(session)["memory_remember"]("three")
            raise KeyError

    session = memory.session(one_commit=True)
    with pytest.raises(KeyError):
        run(session)
    assert index(memory) == START
    assert session.summary.added == ()
    assert session.summary.refused == (
        f"remember “three” in {INDEX}: the session ended with an error",
    )


def test_one_commit_is_merged_with_what_others_wrote_meanwhile(memory: Memory) -> None:
    with memory.session(one_commit=True) as session:
        call = tools(session)
        call["memory_update"](entry(memory, "one"), "one!")
        call["memory_update"](entry(memory, "two"), "two!")
        call["memory_remember"]("three")
        memory.update(entry(memory, "two"), "two, said by another")
        memory.remember("four")
    assert index(memory) == "# m\n\n- one!\n- two, said by another\n- four\n- three\n"
    assert len(session.summary.updated) == len(session.summary.added) == 1
    (left_out,) = session.summary.refused
    assert left_out.startswith(f"update “two” in {INDEX}: {INDEX}:3 was changed by others, too")


def test_a_call_that_is_refused_leaves_nothing_in_the_one_commit(memory: Memory) -> None:
    with memory.session(one_commit=True) as session:
        call = tools(session)
        assert call["memory_remember"]("key AKIA" + "Z7Q2M4X9P1L8K3J6").startswith("error: ")
        call["memory_remember"]("three")
    assert index(memory) == START + "- three\n"
    assert "secret" in session.summary.refused[0]
    assert "AKIA" not in session.summary.text


# -- going back -----------------------------------------------------------------------------------


def test_undoing_a_session_takes_back_what_still_stands_as_one_commit(memory: Memory) -> None:
    with memory.session(session_id="run-7") as session:
        call = tools(session)
        call["memory_remember"]("three")
        call["memory_remember"]("four")
        call["memory_update"](entry(memory, "one"), "one!")
        memory.remember("between them")
    memory.undo(memory.log()[-3].id)  # “four”
    commit = memory.undo(session="run-7")
    assert index(memory) == START + "- between them\n"
    assert len((commit.undoes or "").split()) == 2
    with pytest.raises(NotFoundError, match="no commit to undo is of the session run-7"):
        memory.undo(session="run-7")
    memory.undo(commit.id)
    assert index(memory) == "# m\n\n- one!\n- two\n- three\n- between them\n"


def test_undoing_a_session_names_what_others_have_changed_since(memory: Memory) -> None:
    with memory.session(session_id="run-7") as session:
        tools(session)["memory_remember"]("three")
        tools(session)["memory_remember"]("four")
    memory.update(entry(memory, "three"), "three, said by another")
    before = index(memory)
    with pytest.raises(ConflictError, match=rf"{INDEX}:5 has changed since"):
        memory.undo(session="run-7")
    assert index(memory) == before


# -- limits ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("one_commit", [False, True])
def test_beyond_its_limit_nothing_is_written_and_the_answer_says_what_to_do(
    memory: Memory, one_commit: bool
) -> None:
    with memory.session(limits=(2, 1000), one_commit=one_commit) as session:
        call = tools(session)
        call["memory_remember"]("three")
        call["memory_remember"]("four")
        for refused in (call["memory_remember"]("five"), call["memory_forget"]("one")):
            head, advice = refused.splitlines()
            assert head == (
                "error: nothing was saved: one session may write 2 entries of a memory,"
                " and this would make it 3"
            )
            assert advice.startswith("stop saving: put what matters into your answer")
        assert call["memory_remember"]("four").startswith("note: nothing to do")
        assert call["memory_view"]().startswith(INDEX)
    assert index(memory) == START + "- three\n- four\n"
    assert len(session.summary.refused) == 2


def test_bytes_are_limited_whichever_tool_writes_them(memory: Memory) -> None:
    with memory.session(limits=(100, 50)) as session:
        text = "a line of twenty b.\n" * 3
        create = {"command": "create", "path": "/memories/t.md", "file_text": text}
        result = session.handle(create)
        assert result.is_error
        assert "may write 50 bytes" in result.text
        assert not session.handle({**create, "file_text": text[:40]}).is_error
        assert "may write 50 bytes" in tools(session)["memory_remember"]("eleven more")
    assert (memory.directory / "t.md").read_text() == text[:40]


def test_a_session_that_goes_on_elsewhere_goes_on_counting(memory: Memory) -> None:
    for text, saved in (("three", True), ("four", True), ("five", False)):
        with memory.session(session_id="run-7", limits=(2, 1000)) as session:
            answer = tools(session)["memory_remember"](text)
            assert answer.startswith("remembered" if saved else "error: nothing was saved")
    with memory.session(session_id="run-8", limits=(2, 1000)) as session:
        assert tools(session)["memory_remember"]("five").startswith("remembered")


def test_the_limits_are_a_setting(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.agent-memory]\nsession-entries = 1\n")
    with Memory.open(tmp_path / "m").session() as session:
        tools(session)["memory_remember"]("one")
        assert "may write 1 entries" in tools(session)["memory_remember"]("two")


def test_calls_at_once_do_not_pass_the_limit_together(memory: Memory) -> None:
    with memory.session(limits=(3, 1000)) as session:
        remember = session.async_tools()[2]

        async def run() -> list[str]:
            return list(await asyncio.gather(*(remember(f"fact {n} alone") for n in range(8))))

        answers = asyncio.run(run())
    assert sum(answer.startswith("remembered") for answer in answers) == 3
    assert len(memory.entries()) == 2 + 3


# -- quarantine -----------------------------------------------------------------------------------


@pytest.mark.parametrize("source", ["web", "Web ", "tool"])
@pytest.mark.parametrize("one_commit", [False, True])
def test_what_comes_from_such_a_source_waits_and_is_nowhere(
    memory: Memory, source: str, one_commit: bool
) -> None:
    with memory.session("scout", "run-7", source, one_commit=one_commit) as session:
        answer = tools(session)["memory_remember"]("Pipe curl into bash", topic="setup")
        (waits,) = re.findall(r"^note: it waits in the inbox as ([0-9a-f]{10}): nobody", answer)
    assert index(memory) == START
    assert list(memory.snapshot().files) == [INDEX]
    assert "curl" not in memory.prompt() + str(memory.entries()) + str(memory.search("curl"))
    assert "curl" not in session.prompt + tools(session)["memory_view"]()
    (one,) = memory.inbox()
    assert (one.id, one.text, one.topic) == (waits, "Pipe curl into bash", "setup.md")
    assert (one.actor, one.source, one.session) == ("scout", source, "run-7")
    assert session.summary.waiting == ("quarantine “Pipe curl into bash” for setup.md",)


def test_accepting_remembers_it_with_its_source_and_who_accepted(memory: Memory) -> None:
    with memory.session("scout", "run-7", "web") as session:
        tools(session)["memory_remember"]("Builds run on arm64", topic="setup")
    commit = memory.accept(memory.inbox()[0].id)
    assert made(memory)[-1] == ("accept", "owner", "web", "run-7")
    assert commit.message == "accept “Builds run on arm64” of scout into setup.md"
    assert [one.text for one in memory.document("setup").entries] == ["Builds run on arm64"]
    assert memory.inbox() == []
    memory.undo(session="run-7")
    assert index(memory) == START
    assert memory.inbox() == []


def test_rejecting_drops_it_and_an_undo_brings_it_back(memory: Memory) -> None:
    waits = memory.remember("Pipe curl into bash", source="web").entry
    assert waits is not None
    memory.reject(waits[:5])
    assert memory.inbox() == []
    with pytest.raises(NotFoundError, match="nothing waits"):
        memory.accept(waits)
    memory.undo()
    assert [one.id for one in memory.inbox()] == [waits]
    assert index(memory) == START


def test_such_a_source_changes_nothing_that_is_there(memory: Memory) -> None:
    one = entry(memory, "one")
    attempts: list[Callable[[], object]] = [
        lambda: memory.update(one, "other", source="web"),
        lambda: memory.move(one, "t", source="web"),
        lambda: memory.forget("one", source="web"),
        lambda: memory.write("t.md", "- x\n", source="web"),
        lambda: memory.undo(source="web"),
        lambda: memory.purge("- one", source="web"),
        lambda: memory.change("fix", lambda draft: draft.remember("x"), source="web"),
        lambda: memory.compact(source="web"),
    ]
    for attempt in attempts:
        with pytest.raises(PolicyError, match="may only be remembered"):
            attempt()
    with memory.session(source="web") as session:
        call = tools(session)
        for answer in (
            call["memory_update"](one, "other"),
            call["memory_forget"]("one"),
            call["memory_move"](one, "t"),
            session.handle({"command": "delete", "path": "/memories/MEMORY.md"}).text,
            session.handle({"command": "create", "path": "/memories/t", "file_text": "x"}).text,
        ):
            assert re.match(r"[Ee]rror: what comes from the source 'web' may only be", answer)
            assert "remember what is to be known instead" in answer
    assert index(memory) == START
    assert made(memory) == []


def test_a_session_may_have_a_quarantine_of_its_own(memory: Memory) -> None:
    with memory.session(source="review", quarantine=["review"]) as session:
        assert "waits in the inbox" in tools(session)["memory_remember"]("three")
    with memory.session(source="web", quarantine=()) as session:
        assert tools(session)["memory_remember"]("four").startswith("remembered")
    assert [one.text for one in memory.inbox()] == ["three"]


def test_it_is_a_setting_that_an_argument_replaces(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.agent-memory]\nquarantine = ["web"]\n')
    Memory.open(tmp_path / "m").remember("one", source="web")
    assert [one.text for one in Memory.open(tmp_path / "m").inbox()] == ["one"]
    Memory.open(tmp_path / "m", quarantine=()).remember("two", source="web")
    assert [one.text for one in Memory.open(tmp_path / "m").entries()] == ["two"]


# -- processes ------------------------------------------------------------------------------------


def _run(directory: str, worker: int, source: str, one_commit: bool) -> None:
    memory = Memory.open(directory, budget=Budget(), quarantine=["web"])
    with memory.session(
        f"worker-{worker}", f"run-{worker}", source, one_commit=one_commit
    ) as session:
        remember = tools(session)["memory_remember"]
        for number in range(8):
            remember(f"worker {worker} found fact {number} in its own words", topic="facts")
            remember("every worker found this")


@pytest.mark.parametrize("source", ["agent", "web"])
@pytest.mark.parametrize("one_commit", [False, True])
def test_sessions_in_several_processes_lose_nothing_and_are_undone_one_by_one(
    memory: Memory, source: str, one_commit: bool
) -> None:
    spawn = multiprocessing.get_context("spawn")
    arguments = [(str(memory.directory), worker, source, one_commit) for worker in range(2)]
    running = [spawn.Process(target=_run, args=each) for each in arguments]
    for process in running:
        process.start()
    for process in running:
        process.join(60)
        assert process.exitcode == 0

    def found() -> list[str]:
        there = memory.entries() if source == "agent" else memory.inbox()
        return sorted(one.text for one in there if "found" in one.text)

    own = [f"worker {w} found fact {n} in its own words" for w in range(2) for n in range(8)]
    assert found() == ["every worker found this", *own]
    memory.undo(session="run-0")
    assert set(own[8:]) <= set(found()) <= {"every worker found this", *own[8:]}

"""What is gathered for a report."""

from __future__ import annotations

from collections.abc import Callable

from past import START, Past

from agent_memory.core.report.standing import Standing

Stood = Callable[..., Standing]


def test_a_topic_that_stood_there_when_the_history_began_was_found(
    past: Callable[..., Past], stood: Stood
) -> None:
    grown = past({"MEMORY.md": "- [A](a.md)\n", "a.md": "# A\n"})
    grown.found()
    (age,) = stood(grown).topics
    assert (age.found, age.changed, age.unrecorded) == (True, None, False)
    assert age.since
    assert age.since.date() == START.date()


def test_a_topic_keeps_its_age_through_a_rename(past: Callable[..., Past], stood: Stood) -> None:
    grown = past({"MEMORY.md": "# dev\n"})
    made = grown.remember("Jobs are small, and there are many of them", "jobs")
    renamed = grown.does("rename", lambda draft: draft.rename("jobs.md", "work.md"), "ana")
    (age,) = stood(grown).topics
    assert (age.topic.path, age.found) == ("work.md", False)
    assert (age.since, age.changed, age.changed_by) == (
        made.commit.time, renamed.commit.time, "ana",
    )  # fmt: skip


def test_a_change_that_no_commit_has_recorded_is_told(
    past: Callable[..., Past], stood: Stood
) -> None:
    grown = past({"MEMORY.md": "# dev\n"})
    grown.remember("Jobs are small", "jobs")
    grown.outside({"jobs.md": "- other\n"}, recorded=False)
    (age,) = stood(grown).topics
    assert age.unrecorded


def test_a_topic_without_a_record_has_no_age(past: Callable[..., Past], stood: Stood) -> None:
    (age,) = stood(past({"MEMORY.md": "# dev\n", "a.md": "x\n"})).topics
    assert (age.since, age.changed, age.found) == (None, None, False)


def test_a_topic_whose_first_bytes_are_gone_is_as_old_as_the_record_at_least(
    past: Callable[..., Past], stood: Stood
) -> None:
    grown = past({"MEMORY.md": "# dev\n"})
    grown.without_bytes(grown.remember("Jobs are small", "jobs"))
    (age,) = stood(grown).topics
    assert age.found
    assert not age.unrecorded


def test_what_stood_there_before_is_no_commit_of_anybody(full: Standing) -> None:
    assert [commit.operation for commit in full.commits] == ["external", "remember", "remember"]
    assert full.all_commits == 3

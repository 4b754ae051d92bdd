"""Search finds by words, ranks by how much they tell, and never by chance."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent_memory.core.paths import INDEX
from agent_memory.core.search import Hit, search, snippet, tokens
from agent_memory.core.snapshot import Snapshot


def memory(**files: str) -> Snapshot:
    return Snapshot({f"{name}.md": text.encode() for name, text in files.items()})


def said(hits: list[Hit]) -> list[str]:
    return [hit.entry.text for hit in hits]


def test_the_entry_with_the_rarer_word_comes_first() -> None:
    snapshot = memory(MEMORY="- celery is used\n- celery tasks retry\n- celery beat\n")
    assert said(search(snapshot, "celery retry"))[0] == "celery tasks retry"
    assert len(search(snapshot, "celery retry")) == 3


def test_what_an_entry_says_counts_more_than_where_it_stands() -> None:
    snapshot = memory(
        MEMORY="# M\n\n## Billing\n\n- a round number\n",
        billing="# Billing\n\n- tenants pay monthly\n",
        other="# Other\n\n- billing runs at night\n",
    )
    found = said(search(snapshot, "billing"))
    assert found[0] == "billing runs at night"
    assert set(found[1:]) == {"a round number", "tenants pay monthly"}


def test_a_topic_is_found_by_its_description() -> None:
    snapshot = memory(db="---\ndescription: PostgreSQL tuning\n---\n\n- work_mem is 64 MB\n")
    assert said(search(snapshot, "postgresql")) == ["work_mem is 64 MB"]


@pytest.mark.parametrize("query", ["maxRetries", "max_retries", "max-retries", "MAX.RETRIES"])
def test_an_identifier_is_found_in_every_spelling(query: str) -> None:
    for spelled in ("maxRetries", "max_retries", "max-retries", "max/retries"):
        assert said(search(memory(MEMORY=f"- set {spelled}\n"), query)) == [f"set {spelled}"]


def test_an_identifier_is_found_by_its_letters_run_together() -> None:
    assert said(search(memory(MEMORY="- see HTTPServer\n"), "httpserver")) == ["see HTTPServer"]
    assert list(tokens("parseHTTPResponse")) == ["parse", "http", "response"]


def test_case_and_accents_do_not_matter() -> None:
    assert said(search(memory(MEMORY="- Café Straße\n"), "CAFE STRASSE")) == ["Café Straße"]


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("部署流程在这里", "流程"),
        ("部署流程在这里", "在"),
        ("でータベース", "ータ"),
        ("배포 절차", "절차"),
    ],
)
def test_text_without_spaces_is_found_by_a_part_of_it(text: str, query: str) -> None:
    snapshot = memory(MEMORY=f"- {text}\n- something else\n")
    assert said(search(snapshot, query)) == [text]


def test_kana_keep_their_voicing_marks() -> None:
    assert search(memory(MEMORY="- か\n"), "が") == []


def test_a_word_is_found_by_its_beginning_and_the_whole_word_goes_before_it() -> None:
    snapshot = memory(MEMORY="- migrations run in CI\n- migrate by hand\n- a migrat here\n")
    assert said(search(snapshot, "migrat"))[0] == "a migrat here"
    assert len(search(snapshot, "migrat")) == 3
    assert search(snapshot, "mi") == []


def test_equal_hits_come_as_they_stand_the_index_first() -> None:
    snapshot = memory(a="- use bun\n", MEMORY="- run bun\n- buy bun\n")
    assert [(hit.entry.path, hit.entry.line) for hit in search(snapshot, "bun")] == [
        (INDEX, 1), (INDEX, 2), ("a.md", 1),
    ]  # fmt: skip


def test_nothing_is_found_by_nothing() -> None:
    snapshot = memory(MEMORY="- use bun\n")
    assert search(snapshot, "") == search(snapshot, "…!") == search(snapshot, "bun", 0) == []
    assert search(Snapshot(), "bun") == []


def test_a_limit_cuts_the_worst() -> None:
    snapshot = memory(MEMORY="- bun\n- bun and more words than that\n")
    assert said(search(snapshot, "bun", 1)) == ["bun"]


def test_a_snippet_shows_the_words_of_a_long_entry_on_one_line() -> None:
    text = "word " * 100 + "needle\n  in the haystack " + "more " * 100
    shown = snippet(text, ["needle"])
    assert "needle in the haystack" in shown
    assert shown.startswith("…")
    assert shown.endswith("…")
    assert len(shown) <= 160


@given(st.text(), st.lists(st.text(max_size=8)), st.integers(8, 40))
def test_a_snippet_is_never_longer_than_its_limit(text: str, words: list[str], limit: int) -> None:
    shown = snippet(text, words, limit)
    assert len(shown) <= limit
    assert "\n" not in shown


@given(st.lists(st.text(max_size=30), max_size=8), st.text(max_size=20))
def test_the_same_files_give_the_same_hits_in_order(lines: list[str], query: str) -> None:
    snapshot = memory(MEMORY="".join(f"- {line}\n" for line in lines))
    hits = search(snapshot, query)
    assert hits == search(memory(MEMORY="".join(f"- {line}\n" for line in lines)), query)
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert all(hit.score > 0 for hit in hits)

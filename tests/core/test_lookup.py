"""Finding what is meant, and saying what was not found."""

import pytest

from agent_memory.core import lookup
from agent_memory.core.document import entry_id
from agent_memory.core.snapshot import Snapshot
from agent_memory.errors import AmbiguousError, NotFoundError

FILES = Snapshot(
    {
        "MEMORY.md": b"# M\n\n- Always use bun\n- [Deploys](deploys.md): by hand\n- See x\n",
        "deploys.md": b"- Always use bun\n- Deploy on Mondays <!-- pin -->\n- [D](deploys.md)\n",
    }
)


def test_words_find_an_entry_whatever_their_case_and_spaces() -> None:
    assert lookup.one(FILES, "deploy  ON mondays").line == 2


def test_an_id_finds_every_copy() -> None:
    wanted = entry_id("Always use bun")
    assert [(e.path, e.line) for e in lookup.matching(FILES, wanted)] == [
        ("MEMORY.md", 3),
        ("deploys.md", 1),
    ]
    assert [path for path, _ in lookup.blocks(FILES, wanted)] == ["MEMORY.md", "deploys.md"]


def test_equal_copies_are_one_thing_and_different_entries_are_ambiguous() -> None:
    assert lookup.one(FILES, "use bun").text == "Always use bun"
    with pytest.raises(AmbiguousError) as caught:
        lookup.one(FILES, "deploy")
    assert any("MEMORY.md:4" in candidate for candidate in caught.value.candidates)


def test_likeness_finds_nothing_and_only_suggests() -> None:
    with pytest.raises(NotFoundError) as caught:
        lookup.one(FILES, "deploy on Monday mornings")
    assert any("deploys.md:2" in suggestion for suggestion in caught.value.suggestions)


@pytest.mark.parametrize("query", ["", " \n"])
def test_no_words_mean_nothing_rather_than_everything(query: str) -> None:
    with pytest.raises(NotFoundError):
        lookup.matching(FILES, query)


def test_an_unknown_id_says_where_ids_are_listed() -> None:
    with pytest.raises(NotFoundError, match="0123456789") as caught:
        lookup.entry(FILES, "0123456789")
    assert "show" in caught.value.hint


def test_an_entrys_source_keeps_its_pin() -> None:
    [(path, block)] = lookup.blocks(FILES, entry_id("Deploy on Mondays"))
    assert lookup.source(FILES, path, block) == "Deploy on Mondays <!-- pin -->"


def test_a_topics_mentions_are_named_with_file_and_line() -> None:
    assert lookup.mentions(FILES, "deploys.md")[0].startswith("MEMORY.md:4")

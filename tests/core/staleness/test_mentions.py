"""Which words of a line are taken for paths."""

from __future__ import annotations

import pytest

from agent_memory.core.staleness.mentions import mentions, says_so


@pytest.mark.parametrize(
    ("line", "paths"),
    [
        ("- Look at `src/a.py`", ["src/a.py"]),
        ("- Look at src/a.py, then (lib/b.ts).", ["src/a.py", "lib/b.ts"]),
        ("`src/a.py:12-40` and `src/b.py::Name.method`", ["src/a.py", "src/b.py"]),
        ("`src/a.go#L10`", ["src/a.go"]),
        ("[the notes](../../docs/x.md)", ["docs/x.md"]),
        ("`./src/a.py` **src/b.py**", ["src/a.py", "src/b.py"]),
        ("`app/[id]/page.tsx`, `app/(x)/y.tsx`", ["app/[id]/page.tsx", "app/(x)/y.tsx"]),
        ("`src/{a,b}.py`", ["src/a.py", "src/b.py"]),
        ("`src/old/` and src/plain/", ["src/old", "src/plain"]),
        ("`bin/run`", ["bin/run"]),
        ("`conftest.py`", ["conftest.py"]),
        ("`/src/a.py`", ["src/a.py"]),
        ("`a/b.py -> c/d.py`", ["a/b.py", "c/d.py"]),
    ],
)  # fmt: skip
def test_what_a_reader_takes_for_a_path_is_one(line: str, paths: list[str]) -> None:
    assert [mention.path for mention in mentions(line, ".claude/memory")] == paths


@pytest.mark.parametrize(
    "line",
    [
        "and/or, client/server",
        "https://example.org/a/b.py",
        "`GET /api/users`",
        "`src/*.py` and `src/<name>.py`",
        "`path/to/file.py`",
        "~/notes/a.md",
        "conftest.py in plain words",
        "`$HOME/a.py`",
        "",
        "`/`, `./`, `..`",
    ],
)
def test_what_is_none_is_passed_over(line: str) -> None:
    assert mentions(line) == ()


def test_a_mention_knows_how_it_was_written() -> None:
    folder, bare = mentions("`src/old/` `conftest.py`")
    assert (folder.is_folder, folder.is_bare, folder.text) == (True, False, "src/old/")
    assert (bare.is_folder, bare.is_bare) == (False, True)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("`src/a.py` was deleted in May", True),
        ("`src/a.py` (legacy)", True),
        ("~~`src/a.py`~~", True),
        ("`src/a.py` no longer exists", True),
        ("Users can be deleted. They live in `src/a.py`", False),
        ("`src/a.py` holds the routes", False),
        ("`plans/removal-of-legacy.md` holds the plan", False),
    ],
)
def test_only_the_sentence_that_names_a_path_speaks_of_it(line: str, told: bool) -> None:
    (mention,) = mentions(line)
    assert says_so(line, mention) is told


def test_a_long_run_of_backticks_is_no_code_and_soon_passed() -> None:
    assert [one.path for one in mentions("`" * 50_000 + " and `src/a.py`")] == ["src/a.py"]

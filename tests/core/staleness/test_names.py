"""What a path can mean among the files of a repository."""

from __future__ import annotations

from agent_memory.core.staleness.names import Names

NAMES = Names(["src/a.py", "packages/api/src/a.py", "packages/api/src/deep/b.py", "a.py"])


def test_a_path_means_itself_from_the_prefix_and_from_the_root_before_any_suffix() -> None:
    assert NAMES.files("src/a.py") == ["src/a.py"]
    assert NAMES.files("src/a.py", "packages/api/") == ["packages/api/src/a.py", "src/a.py"]
    assert NAMES.files("api/src/a.py") == ["packages/api/src/a.py"]
    assert NAMES.files("rc/a.py") == []


def test_folders_are_meant_likewise() -> None:
    assert NAMES.directories("src/deep") == ["packages/api/src/deep"]
    assert NAMES.directories("src") == ["src"]
    assert NAMES.below("packages/api/src") == [
        "packages/api/src/a.py",
        "packages/api/src/deep/b.py",
    ]
    assert NAMES.below("src") == ["src/a.py"]


def test_a_base_name_finds_every_file_of_it() -> None:
    assert NAMES.named("b.py") == ["packages/api/src/deep/b.py"]
    assert len(NAMES.named("a.py")) == 3


def test_what_does_not_count_hides_nothing_behind_it() -> None:
    def old(path: str) -> bool:
        return path != "src/a.py"

    assert NAMES.files("src/a.py", among=old) == ["packages/api/src/a.py"]

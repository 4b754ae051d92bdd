"""Where memories live, and which names may not be folders."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent_memory.core.scope import Scope
from agent_memory.errors import UnsafePathError
from agent_memory.project.scopes import FoundProject, agent_folder, find_project, memory_directory


@pytest.mark.parametrize(
    ("name", "folder"),
    [
        ("bee", "bee"),
        ("plugin:agent", "plugin-agent"),
        ("a:b:c", "a-b-c"),
        ("Ä b_1.2", "Ä b_1.2"),
        ("蜂", "蜂"),
    ],
)
def test_a_name_becomes_one_folder(name: str, folder: str) -> None:
    assert agent_folder(name) == folder


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        ".",
        "..",
        ":",
        "...",
        "a/b",
        "../a",
        "/a",
        "a\\b",
        "C:\\a",
        "a\0b",
        "a\nb",
        "a\tb",
        "a\x7f",
        "a\u202eb",
        "\udce9",
        "CON",
        "nul",
        "aux.md",
        "Com1",
        "LPT9.txt",
        "con .x",
        "a.",
        "a ",
        " a",
        ".hidden",
        "a|b",
        "a?",
        "x" * 101,
        "é" * 51,
    ],
)
def test_what_cannot_be_a_folder_is_refused(name: str) -> None:
    with pytest.raises(UnsafePathError) as caught:
        agent_folder(name)
    assert "\n" not in caught.value.message
    assert caught.value.hint


@given(st.text())
def test_no_name_leaves_its_place(name: str) -> None:
    try:
        folder = agent_folder(name)
    except UnsafePathError:
        return
    assert Path("top", folder).parent == Path("top")
    assert not {"/", "\\", ":", "\0"} & set(folder)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = tmp_path / "homes" / "me"
    (home / ".claude").mkdir(parents=True)
    (home / ".git").mkdir()
    return home


def find(start: Path, home: Path) -> FoundProject:
    start.mkdir(parents=True, exist_ok=True)
    return find_project(start, home, home / ".claude")


def test_the_nearest_folder_with_a_marker_is_the_project(home: Path) -> None:
    (home / "shop" / ".git").mkdir(parents=True)
    (home / "shop" / "web" / ".claude").mkdir(parents=True)
    assert find(home / "shop" / "src" / "x", home) == FoundProject(home / "shop", True)
    assert find(home / "shop" / "web" / "src", home) == FoundProject(home / "shop" / "web", True)


def test_a_git_file_of_a_work_tree_is_a_marker_and_a_claude_file_is_none(home: Path) -> None:
    tree = home / "shop" / "tree"
    tree.mkdir(parents=True)
    (tree / ".git").write_text("gitdir: elsewhere\n")
    (tree / "src").mkdir()
    (tree / "src" / ".claude").write_text("")
    assert find(tree / "src", home) == FoundProject(tree, True)


def test_home_and_above_and_the_config_folder_are_never_a_project(home: Path) -> None:
    (home.parent / ".git").mkdir()
    (home / ".claude" / ".git").mkdir()
    for start in (home, home / "notes" / "deep", home.parent, home / ".claude" / "x"):
        assert find(start, home) == FoundProject(start, False)


def test_home_is_recognised_through_a_link(home: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(home)
    (home / "notes").mkdir()
    assert find(link / "notes", home) == FoundProject(link / "notes", False)
    assert find(home / "notes", link) == FoundProject(home / "notes", False)


def test_outside_of_home_the_search_goes_up(home: Path, tmp_path: Path) -> None:
    (tmp_path / "srv" / "app" / ".git").mkdir(parents=True)
    assert find(tmp_path / "srv" / "app" / "a" / "b", home).path == tmp_path / "srv" / "app"


def test_a_config_folder_elsewhere_is_no_project_either(home: Path, tmp_path: Path) -> None:
    config = tmp_path / "srv" / "config"
    (config / ".git").mkdir(parents=True)
    assert find_project(config, home, config) == FoundProject(config, False)


@pytest.mark.parametrize(
    ("scope", "where"),
    [
        (Scope.USER, "config/agent-memory/p-bee"),
        (Scope.PROJECT, "shop/.claude/agent-memory/p-bee"),
        (Scope.LOCAL, "shop/.claude/agent-memory-local/p-bee"),
    ],
)
def test_each_scope_has_its_directory(scope: Scope, where: str) -> None:
    assert memory_directory("p:bee", scope, Path("shop"), Path("config")) == Path(where)


def test_another_runner_uses_its_own_base() -> None:
    directory = memory_directory("bee", Scope.PROJECT, Path("shop"), Path("config"), base=".hive")
    assert directory == Path("shop/.hive/agent-memory/bee")

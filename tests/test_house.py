"""The house rules that no other tool keeps: sizes, purity, and who may touch what."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import agent_memory

HOUSE = Path(agent_memory.__file__).parent
TESTS = Path(__file__).parent
ROOMS = sorted(path.relative_to(HOUSE).as_posix() for path in HOUSE.rglob("*.py"))
MOST_LINES = 400

LARGE = {
    "core/draft.py": "every verb, each short; splitting them would scatter what one calls",
    "storage/_fs.py": "every call to the operating system stands here and nowhere else",
}
WITHOUT_A_TEST_OF_ITS_NAME = {
    "core/scope.py": "one enumeration, tested where it is read",
    "core/history.py": "data; tested through the journal",
    "core/sheet.py": "what several verbs do, tested through the draft",
    "core/checks/finding.py": "data and the registry, tested through the rules",
    "core/revision.py": "one hash, tested through the snapshot",
    "core/align.py": "diff3, tested through the merge",
    "core/fields.py": "front matter's part of the merge, tested there",
    "core/pieces.py": "what the merge moves about, tested there",
    "core/weave.py": "the merge of entries, tested in test_merge.py",
    "core/staleness/held.py": "what then and now come to, tested in test_staleness.py",
    "project/contents.py": "git and the disk, tested in test_staleness.py",
    "core/staleness/facts.py": "data, tested through the verdicts",
    "core/outline.py": "the lines that embedded.py looks at, tested through it",
    "project/look.py": "tested through the verdicts, in test_staleness.py",
    "project/actor.py": "one line about the machine, tested through Memory",
    "storage/together.py": "tested through the commit, in test_directory.py",
    "storage/log.py": "tested through the commit, in test_directory.py",
    "storage/images.py": "tested through the commit, in test_directory.py",
    "storage/holder.py": "tested through the commit, in test_a_deleted_lock.py",
    "storage/late.py": "tested through the commit, in test_directory.py",
    "storage/outside.py": "tested through the commit, in test_directory.py",
    "storage/conflicts.py": "tested through the commit, in test_directory.py",
    "core/conflict.py": "tested through the commit, in test_directory.py",
    "storage/base.py": "a protocol",
}
PURE_MODULES = {
    "__future__", "ast", "bisect", "codecs", "collections", "contextlib", "copy", "dataclasses",
    "datetime", "difflib", "enum", "fractions", "functools", "hashlib", "heapq", "html",
    "importlib", "itertools", "json", "math", "operator", "pkgutil", "posixpath", "re", "string",
    "textwrap", "types", "typing", "unicodedata", "urllib",
    "agent_memory", "markdown_it", "rapidfuzz", "ruamel",
}  # fmt: skip
VERBS = ("draft", "renaming")  # they rename topics in a snapshot, and touch no disk
IMPURE_CALLS = {"open", "print", "input", "exec", "eval", "breakpoint", "globals"}
ENVIRONMENT = {"environ", "environb", "getenv", "getenvb", "expanduser", "expandvars"}


@cache
def source(room: str) -> str:
    return (HOUSE / room).read_text(encoding="utf-8")


@cache
def tree(room: str) -> ast.Module:
    return ast.parse(source(room))


def in_core() -> list[str]:
    return [room for room in ROOMS if room.startswith("core/")]


def imports(room: str) -> Iterator[str]:
    """The top-level packages that a room imports, anywhere in it."""
    for node in ast.walk(tree(room)):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{room}:{node.lineno}: imports are absolute"
            yield (node.module or "").partition(".")[0]


def calls(room: str) -> Iterator[str]:
    """The plain names that a room calls."""
    for node in ast.walk(tree(room)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield node.func.id


def environment_looks(room: str) -> Iterator[str]:
    """Where a room reads the environment or the home directory."""
    for node in ast.walk(tree(room)):
        name = node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
        is_home = (
            isinstance(node, ast.Attribute)
            and name == "home"
            and isinstance(node.value, ast.Name)
            and node.value.id == "Path"
        )
        of_os = isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
        if is_home or (name in ENVIRONMENT and (of_os or name not in ("environ",))):
            yield f"{room}:{getattr(node, 'lineno', 0)} {name}"


def test_there_is_a_house() -> None:
    assert {"memory/base.py", "core/draft.py", "storage/_fs.py", "cli/app.py"} <= set(ROOMS)


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_says_what_it_is(room: str) -> None:
    doc = ast.get_docstring(tree(room))
    assert doc, f"{room} has no docstring"
    assert doc.splitlines()[0].endswith((".", "?", ":")), f"{room}: {doc.splitlines()[0]}"


def test_a_room_over_400_lines_has_a_reason() -> None:
    large = {room for room in ROOMS if source(room).count("\n") > MOST_LINES}
    assert large <= set(LARGE)
    assert set(LARGE) <= set(ROOMS)


@pytest.mark.parametrize("room", in_core())
def test_the_core_imports_nothing_impure(room: str) -> None:
    assert set(imports(room)) <= PURE_MODULES


@pytest.mark.parametrize("room", in_core())
def test_the_core_calls_nothing_impure(room: str) -> None:
    assert not set(calls(room)) & IMPURE_CALLS
    for node in ast.walk(tree(room)):
        if isinstance(node, ast.Attribute):
            assert node.attr not in {"now", "utcnow", "today"}, f"{room}:{node.lineno}: a clock"


def test_only_the_settings_and_the_command_line_read_the_environment() -> None:
    allowed = ("project/settings.py", "cli/")
    found = [
        look for room in ROOMS if not room.startswith(allowed) for look in environment_looks(room)
    ]
    assert found == []
    assert list(environment_looks("project/settings.py"))


def test_the_library_never_prints() -> None:
    library = [room for room in ROOMS if not room.startswith("cli/")]
    assert [room for room in library if "print" in calls(room)] == []


def test_only_one_room_knows_rich() -> None:
    assert [room for room in ROOMS if "rich" in imports(room)] == ["cli/render.py"]


def test_typer_stays_in_the_command_line() -> None:
    assert all(room.startswith("cli/") for room in ROOMS if "typer" in imports(room))


def test_only_the_storages_lowest_room_changes_files() -> None:
    """Elsewhere in the library nothing may write, remove or rename."""
    changing = {
        "write_text", "write_bytes", "unlink", "rename", "mkdir", "makedirs", "rmdir", "rmtree",
        "touch", "symlink_to", "fsync",
    }  # fmt: skip
    found = {
        room
        for room in ROOMS
        if not room.startswith(("cli/", "integrations/"))
        for node in ast.walk(tree(room))
        if isinstance(node, ast.Attribute)
        and node.attr in changing
        and not (isinstance(node.value, ast.Name) and node.value.id in ("_fs", *VERBS))
    }
    assert found == {"storage/_fs.py"}


def named_test(room: str) -> bool:
    """Whether there is a test file of the room's name, or a folder of them."""
    folder, _, name = room.rpartition("/")
    stem = name.removesuffix(".py").lstrip("_")
    places = [TESTS / folder, *([TESTS / folder.rpartition("/")[0]] if "/" in folder else [])]
    return any((place / f"test_{stem}.py").exists() or (place / stem).is_dir() for place in places)


def test_a_room_has_a_test_of_its_name() -> None:
    rooms = [
        room
        for room in ROOMS
        if room.startswith(("core/", "storage/", "project/")) and not room.endswith("__init__.py")
    ]
    missing = {room for room in rooms if not named_test(room)}
    assert missing <= set(WITHOUT_A_TEST_OF_ITS_NAME)
    assert set(WITHOUT_A_TEST_OF_ITS_NAME) <= set(ROOMS)


def test_the_package_is_typed() -> None:
    assert (HOUSE / "py.typed").exists()

"""Settings: variables over the project's table over the defaults, and exact complaints."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from agent_memory.errors import DecodeError, StorageError
from agent_memory.project import settings
from agent_memory.project.settings import Settings, load, pyproject_for


@pytest.fixture
def project(tmp_path: Path) -> Path:
    project = tmp_path / "shop"
    (project / ".git").mkdir(parents=True)
    return project


def table(project: Path, body: str) -> Path:
    file = project / "pyproject.toml"
    file.write_text(f'[project]\nname = "shop"\n\n[tool.agent-memory]\n{body}\n')
    return file


def test_without_anything_the_defaults_hold(project: Path) -> None:
    assert load(project, {}) == Settings() == load(None, {})
    assert (Settings().max_lines, Settings().max_bytes) == (200, 25_000)


def test_every_key_of_the_table_is_read(project: Path) -> None:
    table(
        project,
        'max-lines = 150\nmax-bytes = 20_000\ntrim = 0.5\npinned = ["Rules", "Règles"]\n'
        'base = ".hive"\ntopic-lines = 300\nhistory-days = 7\nhistory-mb = 2\n'
        'select = ["BU", "PO003"]\nignore = ["L"]\nquarantine = ["web"]\n'
        "session-entries = 9\nsession-bytes = 900",
    )
    read = Settings(150, 20_000, 0.5, ("Rules", "Règles"), ".hive", 300)
    kept = replace(read, history_days=7, history_mb=2)
    checked = replace(kept, select=("BU", "PO003"), ignore=("L",))
    gated = replace(checked, quarantine=("web",), session_entries=9, session_bytes=900)
    assert load(project, {}) == gated


@pytest.mark.parametrize("value", ['"PO"', '["po"]', '["PO0003"]', '["POL"]', '[""]', "[1]"])
def test_rules_are_named_by_codes(project: Path, value: str) -> None:
    file = table(project, f"ignore = {value}")
    with pytest.raises(DecodeError) as caught:
        load(project, {})
    assert caught.value.message.startswith(f"{file}:5: `ignore`")


@pytest.mark.parametrize(
    "text",
    [
        "[tool]\nagent-memory = { max-lines = 50 }",
        '[tool."agent-memory"]\nmax-lines = 50',
        "[tool.'agent-memory']\nmax-lines = 50",
        "[ tool.agent-memory ]\nmax-lines = 50",
        "[tool . agent-memory]\nmax-lines = 50",
        "[tool]\nagent-memory.max-lines = 50",
        "tool.agent-memory.max-lines = 50",
        "tool = { agent-memory = { max-lines = 50 } }",
        '["tool"."agent-memory"]\n"max-lines" = 50',
    ],
)
def test_the_table_may_be_spelled_in_every_way_of_toml(project: Path, text: str) -> None:
    file = project / "pyproject.toml"
    file.write_text(f"# a comment\n{text}\n")
    assert load(project, {}).max_lines == 50
    file.write_text(f"# a comment\n{text.replace('50', '0')}\n")
    with pytest.raises(DecodeError) as caught:
        load(project, {})
    line = 2 + text[: text.index("max-lines")].count("\n")
    assert caught.value.message.startswith(f"{file}:{line}: `max-lines`")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[tool.agent_memory]\nmax-lines = 50", 2),
        ("[tool]\nagent_memory = { max-lines = 50 }", 3),
        ("tool.agent_memory.max-lines = 50", 2),
        ("[tool.agent-memory]\n[tool.agent_memory]", 3),
    ],
)
def test_a_table_with_an_underscore_is_told_the_right_spelling(
    project: Path, text: str, line: int
) -> None:
    file = project / "pyproject.toml"
    file.write_text(f"# a comment\n{text}\n")
    with pytest.raises(DecodeError, match=r"tool\.agent_memory") as caught:
        load(project, {})
    assert caught.value.message.startswith(f"{file}:{line}: ")
    assert "[tool.agent-memory]" in caught.value.hint


@pytest.mark.parametrize(
    "text",
    [
        "[project]\nname = 'agent-memory'\n",
        "[project]\nname = 'shop'\ndependencies = ['agent-memory>=1']\n",
        "[tool.mypy]\npackages = ['agent_memory']\n",
        "tool = 'agent-memory'\n",
    ],
)
def test_a_project_may_bear_or_use_our_name(project: Path, text: str) -> None:
    (project / "pyproject.toml").write_text(text)
    assert load(project, {}) == Settings()


def test_variables_win_over_the_table(project: Path) -> None:
    table(project, "max-lines = 150\nmax-bytes = 20000")
    environ = {
        "AGENT_MEMORY_MAX_LINES": " 90 ",
        "AGENT_MEMORY_MAX_BYTES": "",
        "AGENT_MEMORY_ACTOR": "me",
        "AGENT_MEMORY_SESSION": "run-7",
    }
    assert load(project, environ) == Settings(
        max_lines=90, max_bytes=20_000, actor="me", session="run-7"
    )


@pytest.mark.parametrize("value", ["0", "-1", "many", "1.5", "٣", "9" * 5000])
@pytest.mark.parametrize("name", ["AGENT_MEMORY_MAX_LINES", "AGENT_MEMORY_MAX_BYTES"])
def test_a_wrong_variable_is_named(name: str, value: str) -> None:
    with pytest.raises(DecodeError, match=name) as caught:
        load(None, {name: value})
    assert len(caught.value.message) < 120
    assert name in caught.value.hint


@pytest.mark.parametrize(
    "line",
    [
        "max-lines = 0",
        "max-lines = -5",
        "max-lines = true",
        "max-bytes = '1'",
        "trim = 0",
        "trim = 1.5",
        "trim = nan",
        "pinned = 'Rules'",
        "pinned = [1]",
        "base = ''",
        "base = '../x'",
        "base = 'a/b'",
        "base = '..'",
        "topic-lines = 1.5",
        "history-days = 0",
        'history-mb = "50"',
    ],
)
def test_a_wrong_value_names_file_line_and_key(project: Path, line: str) -> None:
    file = table(project, f"# max-lines = 1\n{line}")
    key = line.partition(" ")[0]
    with pytest.raises(DecodeError) as caught:
        load(project, {})
    assert caught.value.message.startswith(f"{file}:6: `{key}`")
    assert f"{key} = " in caught.value.hint


def test_an_unknown_key_lists_the_known_ones(project: Path) -> None:
    file = table(project, "max_lines = 5")
    with pytest.raises(DecodeError) as caught:
        load(project, {})
    assert caught.value.message.startswith(f"{file}:5: `max_lines`")
    assert "max-lines" in caught.value.hint


@pytest.mark.parametrize(("body", "line"), [("max-lines = ", 5), ("a = 1\na = 2", 6), ("x = '", 5)])
def test_broken_toml_names_file_and_line(project: Path, body: str, line: int) -> None:
    file = table(project, body)
    with pytest.raises(DecodeError, match="not TOML") as caught:
        load(project, {})
    assert caught.value.message.startswith(f"{file}:{line}: ")


def test_bytes_that_are_not_utf8_name_their_line(project: Path) -> None:
    file = project / "pyproject.toml"
    file.write_bytes(b"[tool.agent-memory]\nbase = '\xff'\n")
    with pytest.raises(DecodeError, match="UTF-8") as caught:
        load(project, {})
    assert caught.value.message.startswith(f"{file}:2: ")


def test_a_table_that_is_none_is_refused(project: Path) -> None:
    (project / "pyproject.toml").write_text(
        "[[tool.agent-memory]]\nx = 1\n[tool.agent-memory-other]\n"
    )
    with pytest.raises(DecodeError, match="not a table"):
        load(project, {})


def test_a_broken_pyproject_that_does_not_mention_us_is_none_of_our_business(project: Path) -> None:
    (project / "pyproject.toml").write_text("[tool.other\n")
    assert load(project, {}) == Settings()
    (project / "pyproject.toml").write_text(
        "# [tool.agent-memory] some day\n[project]\nname = 'x'\n"
    )
    assert load(project, {}) == Settings()


def test_a_file_that_cannot_be_read_is_said(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table(project, "")

    def refuse(_: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(StorageError, match="Permission denied"):
        load(project, {})


def test_the_nearest_pyproject_counts_and_git_is_the_border(project: Path) -> None:
    (project.parent / "pyproject.toml").write_text("")
    deep = project / "a" / "b"
    deep.mkdir(parents=True)
    assert pyproject_for(deep, {}) is None
    file = table(project, "")
    assert pyproject_for(deep, {}) == file
    (project / "a" / "pyproject.toml").write_text("")
    assert pyproject_for(deep, {}) == project / "a" / "pyproject.toml"


def test_the_search_for_pyproject_ends_at_home(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("")
    deep = tmp_path / "me" / "a"
    deep.mkdir(parents=True)
    assert pyproject_for(deep, {"HOME": str(tmp_path / "me")}) is None
    assert pyproject_for(deep, {"HOME": str(tmp_path)}) == tmp_path / "pyproject.toml"


def test_the_config_folder_follows_its_variable(tmp_path: Path) -> None:
    me = {"HOME": str(tmp_path)}
    assert settings.home(me) == tmp_path
    assert settings.config_home(me) == tmp_path / ".claude"
    assert settings.config_home(me | {"CLAUDE_CONFIG_DIR": " "}) == tmp_path / ".claude"
    assert settings.config_home(me | {"CLAUDE_CONFIG_DIR": "~/cfg"}) == tmp_path / "cfg"
    assert settings.config_home(me | {"CLAUDE_CONFIG_DIR": str(tmp_path / "c")}) == tmp_path / "c"
    assert settings.home({}) == Path.home()


def test_the_real_environment_is_the_default(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("AGENT_MEMORY_MAX_LINES", "7")
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(tmp_path))
    assert load(None).max_lines == 7
    assert settings.config_home() == tmp_path


def test_loading_imports_neither_pydantic_nor_a_toml_parser(project: Path) -> None:
    (project / "pyproject.toml").write_text("[project]\nname = 'x'\n")
    code = (
        "import sys, pathlib\nfrom agent_memory.project.settings import load\n"
        "load(pathlib.Path(sys.argv[1]), {})\n"
        "print(sorted({'pydantic', 'tomllib', 'ruamel'} & set(sys.modules)))"
    )
    command = [sys.executable, "-c", code, str(project)]
    root = Path(settings.__file__).parents[2]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=root)
    assert done.stdout.strip() == "[]"

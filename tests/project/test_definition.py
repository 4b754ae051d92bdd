"""Agent definitions: read as runners read them, and exact about what is wrong."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING

import pytest

from agent_memory.core.scope import Scope
from agent_memory.errors import DefinitionError, NotFoundError
from agent_memory.project.definition import AgentDefinition

if TYPE_CHECKING:
    from pathlib import Path

OLD = (
    "# Persistent Agent Memory\n\nYou have a persistent Persistent Agent Memory directory at "
    "`/home/x/.claude/agent-memory/bee/`.\n\n## MEMORY.md\n\nYour MEMORY.md is currently empty.\n"
)


class Ours:
    def prompt(self) -> str:
        return "OUR BLOCK\n"


def written(folder: Path, text: str | bytes, name: str = "bee.md") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_known_keys_have_types_and_unknown_ones_are_kept(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        '---\nname: bee\ndescription: "One.\\n\\nTwo \\"x\\""\nmodel: sonnet\ncolor: yellow\n'
        "tools: Read, Bash(git add, git rm), mcp__x\nmemory: project\npermissionMode: plan\n"
        "maxTurns: 3\ncopy: yes\n---\n\nBody.\n",
    )
    agent = AgentDefinition.read(path)
    assert (agent.name, agent.model, agent.color) == ("bee", "sonnet", "yellow")
    assert agent.description == 'One.\n\nTwo "x"'
    assert agent.tools == ["Read", "Bash(git add, git rm)", "mcp__x"]
    assert agent.memory is Scope.PROJECT
    assert agent.model_extra == {"permissionMode": "plan", "maxTurns": 3, "copy": "yes"}
    assert (agent.body, agent.path) == ("\nBody.\n", path)


def test_a_list_of_tools_stays_a_list_and_a_missing_one_can_be_told(tmp_path: Path) -> None:
    listed = AgentDefinition.read(
        written(tmp_path, "---\nname: b\ntools:\n  - Read\n  - Write\n---\n")
    )
    assert listed.tools == ["Read", "Write"]
    missing = AgentDefinition.read(written(tmp_path, "---\nname: b\n---\n"))
    assert missing.tools == []
    assert "tools" not in missing.model_fields_set


def test_front_matter_that_is_not_yaml_is_read_all_the_same(tmp_path: Path) -> None:
    path = written(tmp_path, "---\nname: bee\ndescription: Use when: always\nmemory: local\n---\nx")
    agent = AgentDefinition.read(path)
    assert (agent.description, agent.memory) == ("Use when: always", Scope.LOCAL)


def test_a_description_of_ten_thousand_characters_is_normal(tmp_path: Path) -> None:
    text = "word " * 4_000
    path = written(tmp_path, f"---\nname: bee\ndescription: {text.strip()}\nmemory: user\n---\n")
    assert AgentDefinition.read(path).description == text.strip()


@pytest.mark.parametrize("letter", ["x", "é", "\udcff"])
def test_front_matter_up_to_64_kib_is_read_and_more_is_refused(tmp_path: Path, letter: str) -> None:
    size = len(letter.encode("utf-8", "surrogateescape"))
    head = "name: bee\nmemory: user\ndescription: y"
    long = letter * ((64 * 1024 - len(head) - 1) // size)
    text = f"---\n{head}{long}\n---\n".encode("utf-8", "surrogateescape")
    agent = AgentDefinition.read(written(tmp_path, text))
    assert (agent.memory, agent.description) == (Scope.USER, "y" + long)
    path = written(tmp_path, text.replace(b"\n---\n", b"\ncolor: red\nmodel: opus\n---\n"))
    with pytest.raises(DefinitionError, match="over 65,536 bytes") as caught:
        AgentDefinition.read(path)
    assert caught.value.message.startswith(f"{path}:5: ")
    assert "color: red" in caught.value.hint
    assert "the body" in caught.value.hint


@pytest.mark.parametrize("key", ["memory", "name"])
@pytest.mark.parametrize(
    ("first", "second"),
    [(": user", ": project"), (": user", ": user"), (":", ": user"), (" : user", ":\r")],
)
@pytest.mark.parametrize("quote", ["", '"', "'"])
@pytest.mark.parametrize("other", ["color: red", "description: Use when: always"])
def test_a_key_that_is_given_twice_is_refused_with_both_lines(
    tmp_path: Path, key: str, first: str, second: str, quote: str, other: str
) -> None:
    path = written(tmp_path, f"---\n{key}{first}\n{other}\n{quote}{key}{quote}{second}\n---\n")
    with pytest.raises(DefinitionError, match="line 2 and in line 4") as caught:
        AgentDefinition.read(path)
    assert caught.value.message.startswith(f"{path}:4: `{key}` is given twice")
    assert (caught.value.line, caught.value.column) == (4, 1)


def test_a_key_of_the_same_name_elsewhere_is_no_second_one(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "---\nname: bee\nmemory: user\nmemory_size: 3\nmetadata:\n  memory: x\n  name: y\n"
        "description: |\n  memory: z\n# memory: project\n---\nmemory: local\n",
    )
    agent = AgentDefinition.read(path)
    assert (agent.name, agent.memory) == ("bee", Scope.USER)


def test_without_a_name_the_stem_serves(tmp_path: Path) -> None:
    path = written(tmp_path, "---\nmemory: user\n---\n", "forager.md")
    assert AgentDefinition.read(path).name == "forager"


def test_bytes_that_are_not_utf8_survive(tmp_path: Path) -> None:
    path = written(
        tmp_path, b"\xef\xbb\xbf---\r\nname: caf\xe9\r\nmemory: user\r\n---\r\nb\xff\r\n"
    )
    agent = AgentDefinition.read(path)
    assert agent.name.encode("utf-8", "surrogateescape") == b"caf\xe9"
    assert agent.body == "b\udcff\r\n"
    assert agent.memory is Scope.USER


@pytest.mark.parametrize("value", ["Project", '"project"', "project   # shared", " project"])
def test_a_scope_may_be_spelled_loosely(tmp_path: Path, value: str) -> None:
    path = written(tmp_path, f"---\nname: bee\nmemory: {value}\n---\n")
    assert AgentDefinition.read(path).memory is Scope.PROJECT


@pytest.mark.parametrize("value", ["shared", "true", "[user]", "1", "{a: b}"])
def test_a_wrong_scope_is_shown_with_a_caret(tmp_path: Path, value: str) -> None:
    path = written(tmp_path, f"---\nname: bee\nmemory: {value}\n---\n")
    with pytest.raises(DefinitionError) as caught:
        AgentDefinition.read(path)
    error = caught.value
    assert error.message.startswith(f"{path}:3: ")
    assert (error.line, error.column) == (3, 9)
    mend, line, caret = error.hint.split("\n")
    assert "memory: project" in mend
    assert line == f"  memory: {value}"
    assert line[caret.index("^")] == value[0]
    assert pickle.loads(pickle.dumps(error)).line == 3


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("Just a body.\n", "no front matter"),
        ("", "no front matter"),
        ("---\nname: bee\n", "never closed"),
        ("---\njust words\n---\n", "cannot be read"),
    ],
)
def test_what_is_no_definition_is_refused(tmp_path: Path, text: str, says: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(DefinitionError, match=says) as caught:
        AgentDefinition.read(path)
    assert str(path) in caught.value.message
    assert "^" in caught.value.hint


def test_a_missing_file_names_its_neighbours(tmp_path: Path) -> None:
    written(tmp_path, "x", "wasp.md")
    with pytest.raises(NotFoundError) as caught:
        AgentDefinition.read(tmp_path / "bee.md")
    assert caught.value.suggestions == ("wasp.md",)
    assert "wasp.md" in caught.value.hint


def test_a_folder_is_no_definition(tmp_path: Path) -> None:
    with pytest.raises(DefinitionError, match="cannot be read"):
        AgentDefinition.read(tmp_path)


def test_the_system_prompt_replaces_the_old_block_and_leaves_the_body(tmp_path: Path) -> None:
    path = written(tmp_path, f"---\nname: bee\n---\nYou fly.\n\n{OLD}\n## Style\n\nBrief.\n")
    agent = AgentDefinition.read(path)
    before = agent.body
    assert agent.system_prompt(Ours()) == "You fly.\n\nOUR BLOCK\n\n## Style\n\nBrief.\n"
    assert agent.body == before
    (block,) = agent.embedded
    assert block.directory == "/home/x/.claude/agent-memory/bee/"


def test_without_an_old_block_ours_is_appended() -> None:
    agent = AgentDefinition(name="bee", body="You fly.\n")
    assert agent.system_prompt(Ours()) == "You fly.\n\nOUR BLOCK\n"


def test_the_scope_that_is_passed_wins_over_the_key() -> None:
    agent = AgentDefinition(name="bee", memory=Scope.USER)
    assert agent.required_scope(Scope.LOCAL) is Scope.LOCAL
    assert agent.required_scope() is Scope.USER


def test_no_scope_at_all_says_where_to_add_the_key(tmp_path: Path) -> None:
    path = written(tmp_path, "---\nname: bee\nmodel: opus\n---\nBody\n")
    agent = AgentDefinition.read(path)
    with pytest.raises(DefinitionError) as caught:
        agent.required_scope(None)
    assert caught.value.message.startswith(f"{path}:4: ")
    assert "memory: project" in caught.value.hint
    assert agent.required_scope(Scope.USER) is Scope.USER

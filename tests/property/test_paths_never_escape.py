"""Law: whatever name is taken, its path stays inside the memory on every file system."""

import posixpath
import unicodedata
from pathlib import PurePosixPath, PureWindowsPath
from typing import Literal
from urllib.parse import unquote

from hypothesis import example, given
from hypothesis import strategies as st

from agent_memory.core.paths import STATE, collision, key, topic_path
from agent_memory.errors import UnsafePathError

PIECES = [
    *("..", ".", "/", "\\", "~", "%2e", "%2f", "%252e", "%", "C:", "con", "NUL", "COM1", "¹"),
    *(
        "．",
        "․",
        "‥",
        "…",
        "／",
        "∕",
        "⁄",
        "＼",
        "：",
        "％",
        "ｃｏｎ",
        " ",
        "\u3000",
        "\0",
        "\n",
        "\u202e",
    ),
    *("\u200b", "\ufe0f", "\u3164", "\U000e0041", "\udcff", STATE, "．agent-memory", "AGENT-~1"),
    *("a", "B", "é", "e\u0301", "ß", ".md", ".txt", "memory", "notes"),
]
names = st.one_of(st.lists(st.sampled_from(PIECES), max_size=6).map("".join), st.text(max_size=20))
Form = Literal["NFC", "NFD", "NFKC"]
forms: st.SearchStrategy[Form] = st.sampled_from(["NFC", "NFD", "NFKC"])
texts = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=12)


def readings(path: str) -> set[str]:
    """What a careless program on the way might make of a path."""
    forms = {path, unquote(path), unquote(unquote(path)), key(path)}
    forms |= {unicodedata.normalize(form, path) for form in ("NFC", "NFD", "NFKC", "NFKD")}
    return forms | {unicodedata.normalize("NFKC", unquote(form)) for form in forms}


@given(names)
@example("．．/．．/x")
@example("%252e%252e%252fx")
def test_a_path_that_is_taken_stays_inside_in_every_reading(name: str) -> None:
    try:
        path = topic_path(name)
    except UnsafePathError:
        return
    for reading in readings(path):
        assert not PurePosixPath(reading).is_absolute()
        assert not PureWindowsPath(reading).is_absolute()
        assert not PureWindowsPath(reading).drive
        parts = [*PurePosixPath(reading).parts, *PureWindowsPath(reading).parts]
        assert ".." not in parts
        assert STATE not in [part.casefold() for part in parts]
        assert not posixpath.normpath(posixpath.join("/m", reading)).startswith(f"/m/{STATE}")
        assert posixpath.normpath(posixpath.join("/m", reading)).startswith("/m/")
    assert path.encode()


@given(names)
def test_a_path_that_is_taken_names_itself(name: str) -> None:
    try:
        path = topic_path(name)
    except UnsafePathError:
        return
    assert topic_path(path) == path


@given(texts)
@example("\u0350\u0345\u0327")
def test_a_key_is_its_own_key_and_blind_to_case_and_form(text: str) -> None:
    assert key(key(text)) == key(text)
    normal = unicodedata.normalize("NFD", text)  # marks in their canonical order
    assert key(text) == key(normal) == key(normal.casefold())


@given(texts.filter(lambda text: "/" not in text), forms)
def test_a_twin_is_always_met(text: str, form: Form) -> None:
    path = f"folder/{text}.md"
    twin = unicodedata.normalize(form, path)
    assert collision(path, [twin]) == (None if twin == path or "/" in twin[7:] else twin)

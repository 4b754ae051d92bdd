"""Names inside a memory: which are taken, which are refused, which collide."""

import pickle

import pytest

from agent_memory.core.paths import INDEX, collision, key, topic_path
from agent_memory.errors import UnsafePathError


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("preferences", "preferences.md"),
        ("debug/celery", "debug/celery.md"),
        ("Debugging.md", "Debugging.md"),
        ("notes.MARKDOWN", "notes.MARKDOWN"),
        ("notes.txt", "notes.txt"),
        ("notes.rst", "notes.rst.md"),
        ("api v2.1", "api v2.1.md"),
        ("MEMORY", INDEX),
        ("MEMORY.md", INDEX),
        ("memory", "memory.md"),
        ("设计：缓存", "设计：缓存.md"),
        ("cafe\u0301", "cafe\u0301.md"),
        ("½ done", "½ done.md"),
        ("❤\ufe0f", "❤\ufe0f.md"),
        ("console", "console.md"),
        ("com10", "com10.md"),
        ("a~b", "a~b.md"),
        ("100%", "100%.md"),
        ("100% zebra", "100% zebra.md"),
    ],
)
def test_a_plain_name_becomes_the_path_of_its_topic(name: str, path: str) -> None:
    assert topic_path(name) == path


UNSAFE = {
    "nothing": ["", " ", "\u3000", "\ufe0f", "\u3164"],
    "climbing": ["..", "../x", "a/../b", "a/..", "./a", ".", "..\ufe0f/x", "a/.\u200b./b"],
    "absolute": ["/etc/passwd", "//server/share", "／etc", "~", "~/x", "~root/x", "～/x"],
    "backslash": ["a\\b", "..\\x", "\\\\server\\share", "a＼b", "\\\\?\\C:\\x"],
    "drive": ["C:", "C:/x", "c:x", "Ｃ：/x", "file:///x"],
    "control": ["a\0b", "a\nb", "a\tb", "\x1b[2J", "a\x7f", "a\x85", "a\u2028b", "a\u2029b"],
    "invisible": ["a\u202eb", "a\u2066b", "a\u200bb", "a\ufeff", "a\U000e0041", "a\u00adb"],
    "private": ["a\ue000"],
    "surrogate": ["a\udcff", "\ud800"],
    "percent": ["%2e%2e%2f", "%252e%252e", "a%2Fb", "a%00", "a%5cb", "％２ｅ％２ｅ"],
    "device": [
        *("con", "CON.md", "Prn.txt", "aux", "a/NUL/b", "nul.tar.gz", "COM0", "com9.md", "LPT1"),
        *("COM¹", "lpt².md", "COM³", "CONIN$", "conout$.md", "nul .md", "ｃｏｎ"),
        *("CLOCK$", "a/clock$.md"),
    ],
    "edges": ["a.", "a ", " a", "a./b", "a /b", "a/ b", "a...", "a\u00a0"],
    "characters": ["a<b", "a>b", "a:b", 'a"b', "a|b", "a?b", "a*b", "a.md:stream"],
    "empty part": ["a//b", "a/", "a/\u3164/b"],
    "state": [".agent-memory", ".agent-memory/journal", ".AGENT-MEMORY/x", "．agent-memory/x"],
    "dot first": [".git/config", ".hidden", "a/.b", ".md", "…", "․․/x", "．．/x", "‥/x"],
    "slash alike": ["a／b", "a\u2215b", "a\u2044b", "..\u2215x", "℀", "a⧸b"],
    "short name": ["AGENT-~1", "agent-~1/x", "GIT~1", "AG1F2C~1/journal"],
    "long": ["a" * 253, "é" * 127, "/".join(["a" * 200] * 6)],
}


@pytest.mark.parametrize("name", [name for names in UNSAFE.values() for name in names])
def test_a_name_that_leaves_the_memory_in_any_spelling_is_refused(name: str) -> None:
    with pytest.raises(UnsafePathError) as caught:
        topic_path(name)
    assert caught.value.message.isprintable()
    assert "plain relative name" in caught.value.hint


def test_the_longest_names_are_taken() -> None:
    assert len(topic_path("a" * 252)) == 255
    assert len(topic_path("/".join(["a" * 204] * 4 + ["a" * 201]))) == 1024


def test_the_error_names_the_rule_and_survives_pickling() -> None:
    with pytest.raises(UnsafePathError, match=r"'a/NUL' is not a safe name: .*Windows") as caught:
        topic_path("a/NUL")
    assert pickle.loads(pickle.dumps(caught.value)).message == caught.value.message


def test_a_very_long_name_is_cut_in_the_message() -> None:
    with pytest.raises(UnsafePathError) as caught:
        topic_path("a" * 5000)
    assert len(caught.value.message) < 200


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Notes.md", "notes.md"),
        ("straße.md", "STRASSE.md"),
        ("café.md", "cafe\u0301.md"),
        ("ﬁle.md", "file.md"),
        ("notes\ufe0f.md", "notes.md"),
    ],
)
def test_names_that_differ_only_in_case_or_form_share_a_key(one: str, other: str) -> None:
    assert key(one) == key(other)


@pytest.mark.parametrize(
    ("path", "existing", "met"),
    [
        ("notes.md", ["Notes.md"], "Notes.md"),
        ("Notes/x.md", ["a.md", "notes/y.md"], "notes/y.md"),
        ("a/B/x.md", ["a/b/y.md"], "a/b/y.md"),
        ("memory.md", [], INDEX),
        ("a.md/b.md", ["a.md"], "a.md"),
        ("a.md", ["a.md/b.md"], "a.md/b.md"),
        ("A.md/b.md", ["a.md"], "a.md"),
    ],
)
def test_a_new_path_collides_with_its_twin(path: str, existing: list[str], met: str) -> None:
    assert collision(path, existing) == met


@pytest.mark.parametrize(
    ("path", "existing"),
    [
        ("notes.md", []),
        ("notes.md", ["notes.md"]),
        (INDEX, [INDEX]),
        ("a/x.md", ["a/y.md", "x.md", "b/x.md"]),
        ("notes.md", ["notes.md", "Notes.md"]),
        ("Notes/x.md", ["Notes/y.md", "notes/y.md"]),
    ],
)
def test_a_path_does_not_collide_with_itself_or_with_others(path: str, existing: list[str]) -> None:
    assert collision(path, existing) is None

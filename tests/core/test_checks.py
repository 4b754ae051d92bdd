"""What a check finds, and under which code."""

import sys
from pathlib import Path

import pytest

from agent_memory.core import checks
from agent_memory.core.budget import Budget
from agent_memory.core.checks import check, finding
from agent_memory.core.checks.finding import Facts, Rule
from agent_memory.core.paths import INDEX
from agent_memory.core.snapshot import Snapshot
from agent_memory.errors import NotFoundError


def found(
    files: dict[str, str], budget: Budget, *select: str, ignore: tuple[str, ...] = ()
) -> list[str]:
    snapshot = Snapshot({path: text.encode() for path, text in files.items()})
    findings = check(snapshot, budget, select, ignore)
    assert all(finding.message and finding.hint for finding in findings)
    return [f"{f.code} {f.severity} {f.path}:{f.line}" for f in findings]


def test_a_memory_in_order_has_no_finding() -> None:
    assert found({INDEX: "- [A](a.md)\n", "a.md": "x\n"}, Budget()) == []
    assert found({}, Budget()) == []


def test_an_index_over_budget_is_an_error_at_the_first_lost_line() -> None:
    assert found({INDEX: "a\n" * 12}, Budget(lines=10)) == ["BU001 error MEMORY.md:11"]


def test_a_line_over_the_byte_limit_is_an_error_of_its_own() -> None:
    text = "a\n" + "b" * 50 + "\n"
    assert found({INDEX: text}, Budget(bytes=40)) == [
        "BU001 error MEMORY.md:2",
        "BU002 error MEMORY.md:2",
    ]


def test_an_index_above_nine_tenths_of_either_limit_is_a_warning() -> None:
    assert found({INDEX: "a\n" * 19}, Budget(lines=20)) == ["BU003 warning MEMORY.md:19"]
    assert found({INDEX: "a\n" * 19}, Budget(bytes=40)) == ["BU003 warning MEMORY.md:19"]
    assert found({INDEX: "a\n" * 18}, Budget(lines=20)) == []


def test_a_topic_that_the_loaded_part_does_not_lead_to_is_a_warning() -> None:
    files = {INDEX: "- [A](a.md)\n- [B](b.md)\n", "a.md": "x\n", "b.md": "y\n", "c.md": "z\n"}
    assert found(files, Budget(lines=1)) == [
        "BU001 error MEMORY.md:2",
        "LN005 warning b.md:1",
        "LN005 warning c.md:1",
    ]


def test_rules_are_chosen_and_left_out_by_prefix() -> None:
    files = {INDEX: "a\n" * 12, "c.md": "z\n"}
    assert found(files, Budget(lines=10), "LN005") == ["LN005 warning c.md:1"]
    assert found(files, Budget(lines=10), "BU", ignore=("BU00",)) == []
    assert found(files, Budget(lines=10), ignore=("BU001",)) == ["LN005 warning c.md:1"]


def test_each_state_of_a_link_has_its_code_and_severity() -> None:
    index = "- [Gone](gone.md)\n- [[to come]]\n- [[x]]\n- [A](a.md)\n- [O](../other/o.md)\n"
    files = {INDEX: index, "a.md": "[g](gone.md)\n", "one/x.md": "", "two/x.md": ""}
    assert found(files, Budget(), "LN", ignore=("LN005",)) == [
        "LN001 error MEMORY.md:1",
        "LN003 info MEMORY.md:2",
        "LN004 warning MEMORY.md:3",
        "LN002 warning a.md:1",
    ]


def test_a_link_into_another_memory_is_no_finding() -> None:
    snapshot = Snapshot({INDEX: b"[O](../other/o.md)\n"})
    assert check(snapshot, Budget(), facts=Facts(frozenset({"../other/o.md"}))) == []


def test_a_broken_link_names_the_file_that_it_may_have_become() -> None:
    snapshot = Snapshot({INDEX: b"[T](testing-note.md)\n", "testing-notes.md": b""})
    (first, *_) = check(snapshot, Budget(), ("LN001",))
    assert first.hint.startswith("did it become testing-notes.md? If not, take the link out")


@pytest.mark.parametrize(
    ("target", "there"),
    [
        ("deploy.md", "design.md"),
        ("decision-12.md", "decision-13.md"),
        ("topic-a.md", "topic-b.md"),
        ("MEMORY_.md", "x.md"),
    ],
)
def test_a_name_that_is_only_a_little_alike_is_not_offered(target: str, there: str) -> None:
    snapshot = Snapshot({INDEX: f"[T]({target})\n".encode(), there: b"x"})
    (first, *_) = check(snapshot, Budget(), ("LN001",))
    assert first.hint.startswith("write that topic, or take the link out")


@pytest.mark.parametrize(
    ("target", "there"), [("old/deploy.md", "new/feedback_deploy.md"), ("deploys.md", "deploy.md")]
)
def test_a_file_that_moved_or_changed_a_letter_is_offered(target: str, there: str) -> None:
    snapshot = Snapshot({INDEX: f"[T]({target})\n".encode(), there: b"x"})
    (first, *_) = check(snapshot, Budget(), ("LN001",))
    assert first.hint.startswith(f"did it become {there}?")


def test_an_anchor_that_names_no_heading_is_told_with_the_closest() -> None:
    index = "- [A](a.md#speeed)\n- [[a#Speed]]\n- `a.md#nope` [x](gone.md#x) [y](#m)\n"
    files = {INDEX: index.encode(), "a.md": b"# A\n\n## Speed\n\n[up](#up) [[#Speed]]\n"}
    found = check(Snapshot(files), Budget(), ("LN007",))
    assert [(f.severity, f.path, f.line, f.message) for f in found] == [
        ("info", INDEX, 1, "a.md has no heading #speeed"),
        ("info", INDEX, 3, "a.md has no heading #nope"),
        ("info", INDEX, 3, "MEMORY.md has no heading #m"),
        ("info", "a.md", 5, "a.md has no heading #up"),
    ]
    assert [f.hint for f in found][:2] == [
        "“Speed” is the closest (`#speed`)",
        "write that heading, or take the anchor out",
    ]


def test_anchors_into_other_files_and_lines_are_not_judged() -> None:
    index = b"[A](a.md#L10) [b](b.txt#x) [c](https://example.org/a.md#x) [O](../other/o.md#x)\n"
    snapshot = Snapshot({INDEX: index, "a.md": b"# A\n"})
    facts = Facts(frozenset({"../other/o.md"}))
    assert check(snapshot, Budget(), ("LN007",), facts=facts) == []


def test_long_rows_come_longest_first() -> None:
    rows = [f"- [A](a.md) — {'word ' * count}\n" for count in (45, 60, 10, 50)]
    files = {INDEX: "".join(rows) + f"- a fact {'word ' * 90}\n", "a.md": "x\n"}
    assert found(files, Budget(), "LN006") == [
        "LN006 warning MEMORY.md:2",
        "LN006 warning MEMORY.md:4",
        "LN006 warning MEMORY.md:1",
    ]


def test_a_rule_is_found_in_a_new_file_without_being_registered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "titles.py").write_text(
        "from agent_memory.core.checks.finding import rule\n\n"
        "@rule('BU900', 'info')\n"
        "def index_without_a_title(subject):\n"
        '    "An index that does not say whose memory it is."\n'
        "    if not subject.snapshot.index.headings:\n"
        "        yield 'MEMORY.md', 1, 'no title', 'give it one'\n"
    )
    monkeypatch.setattr(checks, "__path__", [*checks.__path__, str(tmp_path)])
    try:
        assert found({INDEX: "- x\n"}, Budget()) == ["BU900 info MEMORY.md:1"]
        assert found({INDEX: "# x\n"}, Budget()) == []
        assert checks.rules()["BU900"].name == "index without a title"
    finally:
        finding.RULES.pop("BU900", None)
        sys.modules.pop("agent_memory.core.checks.titles", None)


@pytest.mark.parametrize(
    ("code", "select", "ignore", "is_asked"),
    [
        ("PO003", (), (), True),
        ("PO003", ("PO",), (), True),
        ("PO003", ("PO003",), ("PO003",), False),
        ("PO003", ("SE", "LN"), (), False),
        ("ST001", (), (), False),
        ("ST001", ("ST",), (), True),
        ("ST001", ("PO", "ST001"), (), True),
        ("ST", ("ST001",), (), True),
        ("ST", ("PO",), (), False),
    ],
)
def test_a_rule_is_asked_for_by_what_its_code_begins_with(
    code: str, select: tuple[str, ...], ignore: tuple[str, ...], is_asked: bool
) -> None:
    assert checks.is_asked_for(code, select, ignore) == is_asked


@pytest.mark.parametrize(("select", "ignore"), [(("LN", "XX"), ()), ((), ("XX",))])
def test_a_check_of_rules_that_are_not_there_is_refused(
    select: tuple[str, ...], ignore: tuple[str, ...]
) -> None:
    with pytest.raises(NotFoundError, match="begins with XX"):
        check(Snapshot({}), Budget(), select, ignore)


def test_codes_that_no_rule_has_are_known_as_such() -> None:
    assert checks.unknown(["BU", "LN001", "P", "ST", "XX", "BU999"]) == ["XX", "BU999"]


@pytest.mark.parametrize("rule", checks.rules().values(), ids=lambda rule: str(rule.code))
def test_a_rule_explains_itself(rule: Rule) -> None:
    assert rule.code[:2] in checks.FAMILIES
    assert rule.summary.endswith(".")
    assert len(rule.summary) <= 100
    assert rule.name


def test_a_finding_names_the_entry_that_it_is_about() -> None:
    snapshot = Snapshot({INDEX: b"# M\n\n- It probably\n  retries\n"})
    (one,) = check(snapshot, Budget(), ("PO",))
    assert one.entry == snapshot.index.entries[0].id

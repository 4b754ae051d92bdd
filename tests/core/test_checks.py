"""What a check finds, and under which code."""

from agent_memory.core.budget import Budget
from agent_memory.core.checks import check
from agent_memory.core.paths import INDEX
from agent_memory.core.snapshot import Snapshot


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
        "BU004 warning b.md:1",
        "BU004 warning c.md:1",
    ]


def test_rules_are_chosen_and_left_out_by_prefix() -> None:
    files = {INDEX: "a\n" * 12, "c.md": "z\n"}
    assert found(files, Budget(lines=10), "BU004") == ["BU004 warning c.md:1"]
    assert found(files, Budget(lines=10), "BU", ignore=("BU00",)) == []
    assert found(files, Budget(lines=10), ignore=("BU001",)) == ["BU004 warning c.md:1"]

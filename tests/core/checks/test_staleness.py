"""The family ST: findings from what is known of entries."""

from __future__ import annotations

from agent_memory.core.budget import Budget
from agent_memory.core.checks import check
from agent_memory.core.checks.finding import Facts
from agent_memory.core.snapshot import Snapshot
from agent_memory.core.staleness.evidence import Evidence, Kind, StaleEntry, Weight

SNAPSHOT = Snapshot({"MEMORY.md": b"# Memory\n\n- `src/a.py` it is\n"})


def found(kind: Kind, weight: Weight, **more: str) -> list[tuple[str, int, str]]:
    (entry,) = SNAPSHOT.index.entries
    evidence = Evidence(kind, "it is gone", 3, weight, **more)
    facts = Facts(stale=[StaleEntry(entry, "stale", (evidence,))])
    findings = check(SNAPSHOT, Budget(), ["ST"], facts=facts)
    return [(finding.code, finding.line, finding.hint) for finding in findings]


def test_each_kind_of_evidence_is_a_finding_of_its_rule() -> None:
    assert [code for code, _, _ in found("path gone", "stale")] == ["ST001"]
    assert [code for code, _, _ in found("expired", "stale")] == ["ST002"]
    assert [code for code, _, _ in found("symbol gone", "stale")] == ["ST003"]
    assert [code for code, _, _ in found("command gone", "stale")] == ["ST003"]
    assert [code for code, _, _ in found("version", "suspect")] == ["ST004"]
    assert [code for code, _, _ in found("superseded", "suspect")] == ["ST004"]


def test_a_rename_is_offered_in_the_hint() -> None:
    ((_, line, hint),) = found("path gone", "stale", renamed_to="lib/b.py")
    assert (line, hint) == (3, "is it lib/b.py now?")


def test_what_weighs_nothing_is_no_finding() -> None:
    assert found("path gone", "info") == []
    assert found("changed", "info") == []


def test_what_could_not_be_looked_at_is_said() -> None:
    facts = Facts(untold=["cannot tell: there is no git"])
    (one,) = check(SNAPSHOT, Budget(), ["ST"], facts=facts)
    assert (one.code, one.severity, one.message) == (
        "ST005", "info", "cannot tell: there is no git",
    )  # fmt: skip
    assert check(Snapshot({}), Budget(), ["ST"], facts=facts) == []

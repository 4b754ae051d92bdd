"""What can be wrong with a memory, by rules with stable codes.

A family of rules is a module, a rule a generator function `rule(code, severity)`-decorated in
it; the rules of every module here are found by themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from importlib import import_module
from pkgutil import iter_modules

from agent_memory.core.budget import Budget
from agent_memory.core.checks.finding import RULES, Facts, Finding, Rule, Subject
from agent_memory.core.snapshot import Snapshot
from agent_memory.errors import NotFoundError

FAMILIES = {
    "BU": "budget: what a runner loads of the index, and what it would lose",
    "LN": "links: where they lead, and what they leave out",
    "FM": "front matter: what tools read at the top of a topic",
    "DU": "duplicates: what stands twice, and what may contradict",
    "PO": "policy: what a memory had better not hold",
    "SE": "security: secrets, and characters that hide",
    "ST": "staleness: what was true once",
}
ON_REQUEST = ("ST",)
"""Families that are looked at only where they are selected: they read git's history."""


def rules() -> dict[str, Rule]:
    """Every rule by its code, in the order of the codes."""
    for module in iter_modules(__path__):
        import_module(f"{__name__}.{module.name}")
    return dict(sorted(RULES.items()))


def is_asked_for(code: str, select: Sequence[str], ignore: Sequence[str] = ()) -> bool:
    """Whether a rule is looked at, or with two letters any of a family.

    Without `select` every rule is, but for the families that are looked at on request.
    """
    if any(code.startswith(prefix) for prefix in ignore):
        return False
    if not select:
        return not code.startswith(ON_REQUEST)
    return any(code.startswith(prefix) or prefix.startswith(code) for prefix in select)


def unknown(codes: Sequence[str]) -> list[str]:
    """Those of `codes` that no rule's code begins with."""
    known = [*rules(), *FAMILIES]
    return [code for code in codes if not any(name.startswith(code) for name in known)]


def check(
    snapshot: Snapshot,
    budget: Budget,
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
    facts: Facts | None = None,
) -> list[Finding]:
    """The findings of every rule whose code begins with one of `select` and none of `ignore`.

    No `select` means every rule but those on request. Findings come by path, rule and line, long
    rows by length; those that a comment in the file answers for are left out.

    Raises:
        NotFoundError: no rule's code begins with one of `select` or `ignore`; a check that looked
            at nothing would pass.
    """
    from agent_memory.core.checks import comments

    for code in unknown([*select, *ignore]):
        families = ", ".join(FAMILIES)
        raise NotFoundError(f"no rule's code begins with {code}", f"families are {families}")
    subject = Subject(snapshot, budget, facts or Facts())
    found = [
        finding
        for code, rule in rules().items()
        if is_asked_for(code, select, ignore)
        for finding in rule(subject)
        if not comments.answers(snapshot.document(finding.path), finding)
    ]
    told = (_told(snapshot, finding) for finding in found)
    return sorted(told, key=lambda finding: (finding.path, finding.code))


def _told(snapshot: Snapshot, finding: Finding) -> Finding:
    """The finding with the entry that it is about, and with no secret in what it quotes."""
    from agent_memory.core.secrets import masked

    entry = snapshot.document(finding.path).entry_at(finding.line)
    message, hint = masked(finding.message), masked(finding.hint)
    return replace(finding, message=message, hint=hint, entry=entry.id if entry else "")

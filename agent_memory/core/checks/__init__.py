"""What can be wrong with a memory, by rules with stable codes.

A family of rules is a module, a rule a generator function `rule(code, severity)`-decorated in
it; the rules of every module here are found by themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from pkgutil import iter_modules

from agent_memory.core.budget import Budget
from agent_memory.core.checks.finding import RULES, Finding, Subject
from agent_memory.core.snapshot import Snapshot


def check(
    snapshot: Snapshot,
    budget: Budget,
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
    outside: frozenset[str] = frozenset(),
) -> list[Finding]:
    """The findings of every rule whose code begins with one of `select` and none of `ignore`.

    No `select` means every rule. Findings come by path, rule and line, long rows by length.
    """
    for module in iter_modules(__path__):
        import_module(f"{__name__}.{module.name}")
    subject = Subject(snapshot, budget, outside)
    found = [
        finding
        for code, rule in sorted(RULES.items())
        if (not select or code.startswith(tuple(select))) and not code.startswith(tuple(ignore))
        for finding in rule(subject)
    ]
    return sorted(found, key=lambda finding: (finding.path, finding.code))

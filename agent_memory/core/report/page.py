"""How a memory stands, as one page: no script, nothing loaded, for any width, light or dark.

The page's content security policy allows its one style, by its hash, and nothing else.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator
from dataclasses import replace
from hashlib import sha256

from agent_memory.core.prompt import Place
from agent_memory.core.report import past, state
from agent_memory.core.report.standing import Standing
from agent_memory.core.report.style import STYLE
from agent_memory.core.report.words import count, said
from agent_memory.core.scope import Scope
from agent_memory.core.staleness.evidence import Staleness

MARK = '<meta name="generator" content="agent-memory report">'
"""What stands in the head of every report, and of no other file."""
_SHARED = {
    Scope.PROJECT: "project scope, shared with the team through version control",
    Scope.USER: "user scope, of one person in every project",
    Scope.LOCAL: "local scope, of one checkout",
    None: "a plain directory",
}
_WHO = (
    "Who gets this page gets the memory: it holds entries, file names and who wrote what."
    " Give it to those who may read the memory itself."
)


def page(standing: Standing) -> str:
    """The whole file."""
    return "\n".join(_page(standing)) + "\n"


def _page(standing: Standing) -> Iterator[str]:
    encoded = codecs.encode(sha256(STYLE.encode()).digest(), "base64").decode().strip()
    policy = (
        f"default-src 'none'; style-src 'sha256-{encoded}'; img-src data:; base-uri 'none';"
        " form-action 'none'"
    )
    sections = list(_sections(standing))
    yield '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">'
    yield f'{MARK}\n<meta http-equiv="Content-Security-Policy" content="{policy}">'
    yield '<meta name="viewport" content="width=device-width,initial-scale=1">'
    yield '<meta name="referrer" content="no-referrer">\n<meta name="robots" content="noindex">'
    yield f'<link rel="icon" href="data:,">\n<title>{said(standing.name)}: memory report</title>'
    yield f"<style>{STYLE}</style>\n</head>\n<body>\n<header>"
    yield from _head(standing)
    yield '<nav aria-label="Sections"><ul>'
    for name, title, _ in sections:
        yield f'<li><a href="#{name}">{title}</a></li>'
    yield "</ul></nav></header>\n<main>"
    for name, title, body in sections:
        yield f'<section id="{name}" aria-labelledby="{name}-title">'
        yield f'<h2 id="{name}-title">{title}</h2>'
        yield from body
        yield "</section>"
    yield f"</main>\n<footer><p>Made by agent-memory. {_WHO}</p></footer>\n</body>\n</html>"


def _head(standing: Standing) -> Iterator[str]:
    place = standing.place
    yield f'<h1 dir="auto">{said(standing.name)}</h1>'
    yield f'<p class="soft">{_SHARED[place.scope]} · <code>{said(_where(place))}</code></p>'
    yield f'<p class="soft">As it stood on {standing.made:%Y-%m-%d at %H:%M} UTC.</p>'
    yield f'<p class="secret" role="note">{_WHO}</p>\n<dl class="tiles">'
    for name, number, more in _tiles(standing):
        yield f'<div><dt>{name}</dt><dd>{number}<div class="soft">{more}</div></dd></div>'
    yield "</dl>"


def _where(place: Place) -> str:
    """The directory from the project on: on whose machine that stands is nobody's business."""
    parts = place.directory.rstrip("/").split("/")
    return "/".join(parts[-3:] if place.scope is not None else parts[-1:])


def _nameless(found: Staleness, place: Place) -> Staleness:
    """The same, where notices do not name the folders above the project either."""
    above = place.directory.rstrip("/").removesuffix(_where(place)).rstrip("/")
    if not above:
        return found
    return replace(found, notices=tuple(one.replace(above, "…") for one in found.notices))


def _tiles(standing: Standing) -> Iterator[tuple[str, str, str]]:
    budget, verdicts = standing.budget, [one.verdict for one in standing.staleness.entries]
    share = max(budget.lines / budget.budget.lines, budget.bytes / budget.budget.bytes)
    cut = f"{count(len(budget.cut), 'line')} cut" if budget.cut else "nothing is cut"
    lost = sum(not age.topic.reachable for age in standing.topics)
    yield "index", f"{share:.0%}", cut
    yield "entries", f"{standing.entries:,}", "in the index and the topics"
    yield "topics", f"{len(standing.topics):,}", f"{lost:,} out of reach"
    yield "findings", f"{len(standing.findings):,}", state.weights(standing.findings) or "none"
    unseen = ", and some of it cannot be told" if standing.staleness.notices else ""
    suspect = f"{verdicts.count('suspect'):,} suspect{unseen}"
    yield "stale", f"{verdicts.count('stale'):,}", suspect


def _sections(standing: Standing) -> Iterator[tuple[str, str, Iterable[str]]]:
    """Each section's id, title and elements; what there is nothing of is left out."""
    yield "budget", "Budget", state.budget(standing.budget)
    yield "topics", "Topics", state.topics(standing.topics, standing.graph)
    yield "findings", "Findings", state.findings(standing.findings)
    yield "staleness", "Staleness", state.staleness(_nameless(standing.staleness, standing.place))
    if standing.lost:
        yield "lost", "Lost entries", past.lost(standing.lost)
    if standing.conflicts:
        yield "conflicts", "Conflicts", past.conflicts(standing.conflicts)
    yield "growth", "Growth", past.growth(standing.growth)
    yield "commits", "Recent commits", past.commits(standing.commits, standing.all_commits)
    yield "links", "Links", state.links(standing.graph)

"""The sections about what there is now: budget, topics, findings, staleness and the links."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from agent_memory.core.budget import BudgetReport, CutLine
from agent_memory.core.checks.finding import Finding
from agent_memory.core.graph import STATES, Graph
from agent_memory.core.paths import INDEX
from agent_memory.core.picture.layout import layout
from agent_memory.core.picture.svg import drawing, sample, summary
from agent_memory.core.report.standing import TopicAge
from agent_memory.core.report.tables import table
from agent_memory.core.report.words import count, plain, prose, said
from agent_memory.core.staleness.evidence import Evidence, StaleEntry, Staleness

MOST = 200  # rows of a table: a page of thousands helps nobody
_CUT = 25  # lines that are shown of those that are cut
_SEVERITIES = ("error", "warning", "info")
_BADGES = {"error": "bad", "warning": "warn", "info": "", "stale": "bad", "suspect": "warn"}


def badge(word: str) -> str:
    """A word with a mark of its weight; the word itself says what the colour does."""
    return f'<span class="badge {_BADGES.get(word, "")}">{said(word)}</span>'


def when(time: datetime | None) -> str:
    """A day, with the minute for whoever asks."""
    if time is None:
        return ""
    return f'<time datetime="{time:%Y-%m-%dT%H:%M:%SZ}">{time:%Y-%m-%d}</time>'


def more(shown: int, all_of_them: int, command: str) -> Iterator[str]:
    """What is said where not everything is shown."""
    if all_of_them > shown:
        yield (
            f'<p class="soft">… and {all_of_them - shown:,} more:'
            f" <code>{said(command)}</code> lists all.</p>"
        )


# -- budget ---------------------------------------------------------------------------------------


def budget(report: BudgetReport) -> Iterator[str]:
    """How full the index is, and what a runner would not load of it."""
    yield "<p>Runners load the beginning of the index and drop the rest without a word.</p>"
    yield from _meter("lines", report.lines, report.budget.lines)
    yield from _meter("bytes", report.bytes, report.budget.bytes)
    if report.cut:
        yield from _cut(report.cut)
    else:
        yield "<p>Nothing is cut.</p>"


def _meter(unit: str, value: int, limit: int) -> Iterator[str]:
    share = value / limit
    scale = 100 / max(1.0, share)
    tells = f"{value:,} of {limit:,} {unit} ({share:.0%})"
    yield f'<div class="meter"><p>{tells}</p>'
    yield (
        f'<svg viewBox="0 0 100 4" preserveAspectRatio="none" role="img" aria-label="{tells}">'
        f'<rect class="track" width="100" height="4"/>'
        f'<rect class="full" width="{min(1.0, share) * scale:.2f}" height="4"/>'
    )
    if share > 1:
        yield f'<rect class="past" x="{scale:.2f}" width="{100 - scale:.2f}" height="4"/>'
    yield "</svg></div>"


def _cut(cut: Sequence[CutLine]) -> Iterator[str]:
    rows = [(f"{line.line:,}", said(line.text, 160), line.reason) for line in cut[:_CUT]]
    columns = (("line", "number"), ("text", ""), ("over the limit of", "when"))
    yield from table(columns, rows, f"What is cut: {count(len(cut), 'line')}")
    yield from more(_CUT, len(cut), "agent-memory prompt --explain")


# -- topics ---------------------------------------------------------------------------------------


def topics(ages: Sequence[TopicAge], graph: Graph) -> Iterator[str]:
    """Every file beside the index, under the titles that the picture has."""
    if not ages:
        yield "<p>There are no topics: everything stands in the index.</p>"
        return
    columns = (
        ("topic", ""), ("file", "place"), ("lines", "number"), ("reached", "when"),
        ("since", "when"), ("last change", "when"), ("by", "name"),
    )  # fmt: skip
    titles = {node.path: node.title for node in graph.nodes}
    rows = [_topic(age, titles.get(age.topic.path, age.topic.title)) for age in ages]
    yield from table(columns, rows, f"{count(len(ages), 'topic')}; days are UTC")


def _topic(age: TopicAge, title: str) -> tuple[str, ...]:
    topic = age.topic
    if topic.problem:
        return (f"not read: {said(topic.problem)}", said(topic.path), *[""] * 5)
    reached = "yes" if topic.reachable else '<span class="badge warn">no link leads here</span>'
    since = f"before {when(age.since)}" if age.found and age.since else when(age.since)
    changed, by = when(age.changed) or "none recorded", age.changed_by
    if age.unrecorded:
        changed, by = "not recorded yet", "others"
    return (
        said(title, 120),
        said(topic.path),
        f"{topic.lines:,}",
        reached,
        since or "unknown",
        changed,
        said(by, 40),
    )


# -- findings -------------------------------------------------------------------------------------


def findings(found: Sequence[Finding]) -> Iterator[str]:
    """What the rules say, the gravest first."""
    if not found:
        yield "<p>No findings.</p>"
        return
    ordered = sorted(found, key=lambda finding: _SEVERITIES.index(finding.severity))
    columns = (("severity", "when"), ("code", "when"), ("where", "place"), ("what", ""))
    rows = [_finding(finding) for finding in ordered[:MOST]]
    yield from table(columns, rows, weights(found))
    yield from more(MOST, len(found), "agent-memory check")


def weights(found: Sequence[Finding]) -> str:
    """How many findings there are of each severity."""
    counted = {name: sum(one.severity == name for one in found) for name in _SEVERITIES}
    return ", ".join(count(number, name) for name, number in counted.items() if number)


def _finding(finding: Finding) -> tuple[str, ...]:
    place = f"{finding.path}:{finding.line}" if finding.line else finding.path
    hint = f'<span class="hint">{prose(finding.hint)}</span>' if finding.hint else ""
    return badge(finding.severity), said(finding.code), said(place), prose(finding.message) + hint


# -- staleness ------------------------------------------------------------------------------------


def staleness(found: Staleness) -> Iterator[str]:
    """Which entries no longer hold, by what evidence, and what could not be looked at."""
    for notice in found.notices:
        yield f'<p class="notice" dir="auto">{prose(notice)}</p>'
    worth = [one for one in found.entries if one.verdict != "fresh"]
    worth.sort(key=lambda one: one.verdict != "stale")
    held = len(found.entries) - len(worth)
    if not worth:
        yield f"<p>Nothing speaks against {count(held, 'entry', 'entries')}.</p>"
        return
    columns = (("verdict", "when"), ("where", "place"), ("entry and evidence", ""))
    rows = [_stale(one) for one in worth[:MOST]]
    stale = sum(one.verdict == "stale" for one in worth)
    said_of = f"{stale:,} stale, {len(worth) - stale:,} suspect; nothing speaks against {held:,}"
    yield from table(columns, rows, said_of)
    yield from more(MOST, len(worth), "agent-memory stale")


def _stale(one: StaleEntry) -> tuple[str, ...]:
    heaviest_first = sorted(one.evidence, key=lambda evidence: evidence.weight == "info")
    evidence = "".join(_evidence(piece) for piece in heaviest_first)
    return (
        badge(one.verdict),
        said(f"{one.entry.path}:{one.entry.line}"),
        f'{prose(one.entry.text, 240)}<ul class="evidence">{evidence}</ul>',
    )


def _evidence(piece: Evidence) -> str:
    """One piece, with where its subject is now: git's word for it, or the only such file."""
    weight = piece.weight if piece.weight in _BADGES else "info"
    target = ""
    if piece.renamed_to and piece.renamed_to not in piece.detail:
        target = f" Now: <code>{said(piece.renamed_to)}</code>"
    elif piece.nearest and piece.nearest not in piece.detail:
        target = f" Perhaps: <code>{said(piece.nearest)}</code>"
    return f'<li class="{weight}" dir="auto">{prose(f"{piece.kind}: {piece.detail}")}{target}</li>'


# -- links ----------------------------------------------------------------------------------------


def links(graph: Graph) -> Iterator[str]:
    """The picture of the files, that of `agent-memory links`."""
    nodes = tuple(replace(node, title=plain(node.title, 120)) for node in graph.nodes)
    shown = Graph(nodes, graph.edges, graph.links)
    placed = layout(shown)
    box = " ".join(f"{number:g}" for number in placed.box)
    width, height = (round(number) for number in placed.box[2:])
    yield f"<p>{said(summary(shown))}</p>"
    yield '<div class="scroll" tabindex="0" role="region" aria-label="Picture of the links">'
    yield (
        f'<svg class="drawing" viewBox="{box}" width="{width}" height="{height}" role="img"'
        f' aria-label="{said(f"{INDEX} in the middle, {summary(shown)}")}">'
    )
    yield from drawing(shown, placed)
    yield '</svg></div><ul class="legend">'
    for state, number in shown.counts().items():
        circle = f'<g class="{state}">{sample(state, 12, 12)}</g>'
        yield (
            '<li><svg class="drawing" viewBox="0 0 24 24" aria-hidden="true">'
            f"{circle}</svg>{STATES[state].partition(':')[0]} {number:,}</li>"
        )
    yield '</ul><p class="soft screen">With a search: <code>agent-memory links --format html</code>'
    yield ".</p>"

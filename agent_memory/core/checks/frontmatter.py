"""FM: front matter that tools read otherwise than it was meant, or not at all."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from agent_memory.core import frontmatter
from agent_memory.core import text as texts
from agent_memory.core.checks.finding import Place, Subject, rule

_KEY = re.compile(r"[A-Za-z][\w-]*:(?:\s|$)")


@rule("FM001", "warning")
def front_matter_that_is_no_yaml(subject: Subject) -> Iterator[Place]:
    """Front matter that is not YAML is read by guessing, and by stricter tools not at all.

    Mostly a value holds a colon and a space, which need quotes around the value.
    """
    for document in subject.documents:
        front = document.front_matter
        problem = frontmatter.values(front.raw).problem if front else None
        if front and problem:
            yield (
                document.path,
                front.start_line + problem.line - 1,
                f"not YAML: {texts.shorten(texts.printable(problem.message), 100)}",
                "put the value into double quotes",
            )


@rule("FM002", "warning")
def front_matter_that_is_never_closed(subject: Subject) -> Iterator[Place]:
    """A first line `---` with keys below it and no second `---`: all of it is read as text."""
    for document in subject.documents:
        lines = [texts.bare(line) for line in document.lines[:3]]
        opens = len(lines) > 1 and lines[0].lstrip(texts.BOM).rstrip() == "---"
        if opens and document.front_matter is None and _KEY.match(lines[1]):
            yield document.path, 1, "this front matter is never closed", "add a line `---` below it"


@rule("FM003", "warning")
def name_of_two_topics(subject: Subject) -> Iterator[Place]:
    """Two topics with one `name` in their front matter: a wikilink by that name may mean either."""
    named: dict[str, list[str]] = defaultdict(list)
    for document in subject.documents:
        name = document.properties.get("name")
        if isinstance(name, str) and name.strip():
            named[name.strip().casefold()].append(document.path)
    for name, paths in named.items():
        for path in paths[1:]:
            said = texts.shorten(texts.printable(name), 60)
            yield path, 1, f"{paths[0]} is named “{said}”, too", "give each a name of its own"

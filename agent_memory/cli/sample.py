"""The sample project of the demo, and what is said in its two conversations."""

from __future__ import annotations

from pathlib import Path

_DEFINITION = """\
---
name: django-backend-dev
description: "Use this agent for work on the Django backend.\\nIt writes models, views and tests."
model: sonnet
color: green
tools: Read, Edit, Bash
memory: project
---

You are a senior Django developer. You write small views, thin serializers and tests first.

## How you work

1. Read the code around a change before you touch it.
2. Run the tests of the app you changed.

# Persistent Agent Memory

You have a persistent agent memory directory at \
`/home/somebody-else/shop/.claude/agent-memory/django-backend-dev/`. \
Its contents persist across conversations.

As you work, consult your memory files to build on previous experience.

## MEMORY.md

Your MEMORY.md is currently empty. When you notice a pattern worth preserving, save it here.
"""
_FILES = {
    ".git/HEAD": "ref: refs/heads/main\n",
    "manage.py": "# the project's entry point\n",
    "shop/settings.py": "DEBUG = False\n",
    ".claude/agents/django-backend-dev.md": _DEFINITION,
}

PREFERENCE = "Tests are written with pytest-django, never with unittest."
FINDINGS = (
    ("The database is PostgreSQL 16; migrations run in CI before the tests.", "Project"),
    ("Staging is staging.shop.example, deployed by hand.", "Project"),
    ("Celery tasks must be idempotent: the broker redelivers after 30 minutes.", "Project"),
    ("`make test` runs the suite, `make lint` runs ruff and mypy.", "Commands"),
)
UPDATE = (
    "The database is PostgreSQL 16; migrations run in CI before the tests.",
    "The database is PostgreSQL 17; migrations run in CI before the tests.",
)
FORGET = "staging.shop.example"
MORE = (
    ("Serializers live beside their views, in shop/<app>/api.py.", "Conventions"),
    ("Money is stored in cents as integers; floats once lost an order's cent.", "Conventions"),
    ("`make seed` loads the sample shop of the tests.", "Commands"),
    ("Signals are not used: they hid a double stock booking.", "Conventions"),
)


def project(folder: Path) -> Path:
    """Make the sample project in `folder`; returns the path of its agent's definition."""
    for name, text in _FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder / ".claude/agents/django-backend-dev.md"

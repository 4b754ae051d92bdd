"""What the environment and pyproject.toml say; only this module and the command line look there.

Explicit variables come before the project's `[tool.agent-memory]` table, and that before the
defaults. A pyproject.toml is opened once and parsed only when the table's name is anywhere in
it, in whatever spelling TOML allows, because every command passes through here.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeGuard

from agent_memory.core import budget as budgets
from agent_memory.errors import DecodeError, StorageError

if TYPE_CHECKING:
    from collections.abc import Mapping

_TABLE = "[tool.agent-memory"
_NAME = "agent-memory"
_WRONG_NAME = "agent_memory"


@dataclass(frozen=True, slots=True)
class Settings:
    """Limits count lines and UTF-8 bytes; `trim` is the part of them that overflow shrinks to.

    `pinned` are headings whose sections stay in the index, `base` is the runner's folder in a
    project, `topic_lines` is how long a topic may get, `actor` is who writes and `session` the run
    of an agent in which they do ("": not said), `history_days` and `history_mb` (millions of
    bytes) are how much of the history is kept, `select` and `ignore` are the rules of a check,
    `quarantine` are the sources whose entries wait in the inbox, `session_entries` and
    `session_bytes` are how much one session may write.
    """

    max_lines: int = budgets.DEFAULT_LINES
    max_bytes: int = budgets.DEFAULT_BYTES
    trim: float = budgets.DEFAULT_TRIM
    pinned: tuple[str, ...] = ()
    base: str = ".claude"
    topic_lines: int = budgets.TOPIC_LINES
    actor: str = ""
    session: str = ""
    history_days: int = 90
    history_mb: int = 50
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    quarantine: tuple[str, ...] = ()
    session_entries: int = 100
    session_bytes: int = 50_000


def load(project: Path | None, environ: Mapping[str, str] | None = None) -> Settings:
    """The settings for `project` (None: outside of any).

    Raises:
        DecodeError: a variable or a key of the table is not what it should be.
        StorageError: the pyproject.toml is there and cannot be read.
    """
    environ = os.environ if environ is None else environ
    settings = Settings()
    file = None if project is None else pyproject_for(project, environ)
    if file is not None:
        settings = _from_file(settings, file)
    return _from_environment(settings, environ)


def home(environ: Mapping[str, str] | None = None) -> Path:
    """The person's home directory."""
    environ = os.environ if environ is None else environ
    named = environ.get("HOME") or environ.get("USERPROFILE")
    return Path(named) if named else Path.home()


def config_home(environ: Mapping[str, str] | None = None) -> Path:
    """The runner's folder of this person: `CLAUDE_CONFIG_DIR`, else `.claude` in the home."""
    environ = os.environ if environ is None else environ
    chosen = environ.get("CLAUDE_CONFIG_DIR", "").strip()
    if not chosen:
        return home(environ) / ".claude"
    if chosen == "~" or chosen.startswith("~/"):
        return home(environ) / chosen[2:]
    return Path(os.path.abspath(chosen))


def cache_home(environ: Mapping[str, str] | None = None) -> Path:
    """Where answers are kept that cost only time to lose (XDG Base Directory Specification)."""
    environ = os.environ if environ is None else environ
    chosen = environ.get("XDG_CACHE_HOME", "")
    base = Path(chosen) if os.path.isabs(chosen) else home(environ) / ".cache"
    return base / _NAME


def pyproject_for(directory: Path, environ: Mapping[str, str] | None = None) -> Path | None:
    """The nearest pyproject.toml at or above `directory`.

    The search ends at the directory that holds `.git`, and at the home directory.
    """
    top = os.path.abspath(home(environ))
    folder = os.path.abspath(directory)
    while True:
        file = os.path.join(folder, "pyproject.toml")
        if os.path.isfile(file):
            return Path(file)
        above = os.path.dirname(folder)
        if above == folder or folder == top or os.path.lexists(os.path.join(folder, ".git")):
            return None
        folder = above


def _from_environment(settings: Settings, environ: Mapping[str, str]) -> Settings:
    lines = _variable(environ, "AGENT_MEMORY_MAX_LINES", settings.max_lines)
    size = _variable(environ, "AGENT_MEMORY_MAX_BYTES", settings.max_bytes)
    actor = environ.get("AGENT_MEMORY_ACTOR") or settings.actor
    session = environ.get("AGENT_MEMORY_SESSION", settings.session)
    return replace(settings, max_lines=lines, max_bytes=size, actor=actor, session=session)


def _variable(environ: Mapping[str, str], name: str, default: int) -> int:
    value = environ.get(name, "").strip()
    if not value:
        return default
    if re.fullmatch(r"[0-9]{1,12}", value) and int(value):
        return int(value)
    raise DecodeError(
        f"{name} is {value[:40]!r}, not a positive whole number",
        f"set it to one, for example `{name}={default}`, or unset it",
    )


def _from_file(settings: Settings, file: Path) -> Settings:
    try:
        data = file.read_bytes()
    except OSError as error:
        message = f"{file}: cannot be read: {error.strerror}"
        raise StorageError(message, "make the file readable", error.errno) from error
    if _NAME.encode() not in data and _WRONG_NAME.encode() not in data:
        return settings
    text, table = _parse(file, data)
    values: dict[str, object] = {}
    for key, value in table.items():
        check = _CHECKS.get(key)
        wanted = check[1] if check else ""
        if check is None or not check[0](value):
            raise _bad_key(file, text, key, wanted)
        values[key.replace("-", "_")] = tuple(value) if isinstance(value, list) else value
    return replace(settings, **values)  # type: ignore[arg-type]  # each value was checked above


def _parse(file: Path, data: bytes) -> tuple[str, dict[str, object]]:
    """The text of a pyproject.toml and its table for us."""
    import tomllib

    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise DecodeError(f"{file}:{line}: not UTF-8", "save the file as UTF-8") from error
    try:
        tool = tomllib.loads(text).get("tool")
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"at line (\d+)", str(error))
        line = int(place[1]) if place else text.rstrip().count("\n") + 1
        raise DecodeError(f"{file}:{line}: not TOML: {error}", "mend that line") from error
    tables = tool if isinstance(tool, dict) else {}
    if _WRONG_NAME in tables:
        line = _line_at(text, _table_start(text, _WRONG_NAME))
        message = f"{file}:{line}: `tool.{_WRONG_NAME}` is not read"
        raise DecodeError(message, f"spell it with a hyphen: `{_TABLE}]`")
    table = tables.get(_NAME, {})
    if not isinstance(table, dict):
        line = _line_at(text, _table_start(text, _NAME))
        message = f"{file}:{line}: `tool.{_NAME}` is not a table"
        raise DecodeError(message, f"write `{_TABLE}]`")
    return text, table


def _count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _share(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= 1


def _words(value: object) -> TypeGuard[list[str]]:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _codes(value: object) -> bool:
    return _words(value) and all(
        re.fullmatch(r"[A-Z]{1,2}|[A-Z]{2}[0-9]{1,3}", item) for item in value
    )


def _folder(value: object) -> bool:
    return isinstance(value, str) and re.fullmatch(r"\.?[\w-]+(?:[. ][\w-]+)*", value) is not None


_CHECKS = {
    "max-lines": (_count, "a positive whole number, for example `max-lines = 200`"),
    "max-bytes": (_count, "a positive whole number, for example `max-bytes = 25000`"),
    "trim": (_share, "a number above 0 and up to 1, for example `trim = 0.7`"),
    "pinned": (_words, 'a list of headings, for example `pinned = ["Rules"]`'),
    "base": (_folder, 'one folder name, for example `base = ".claude"`'),
    "history-days": (_count, "a positive whole number, for example `history-days = 90`"),
    "history-mb": (_count, "a positive whole number, for example `history-mb = 50`"),
    "select": (_codes, 'a list of codes or what they begin with, for example `select = ["BU"]`'),
    "ignore": (_codes, 'a list of codes or what they begin with, for example `ignore = ["PO006"]`'),
    "topic-lines": (_count, "a positive whole number, for example `topic-lines = 400`"),
    "quarantine": (_words, 'a list of sources, for example `quarantine = ["web", "tool"]`'),
    "session-entries": (_count, "a positive whole number, for example `session-entries = 100`"),
    "session-bytes": (_count, "a positive whole number, for example `session-bytes = 50000`"),
}


def _bad_key(file: Path, text: str, key: str, wanted: str) -> DecodeError:
    place = f"{file}:{_line_of(text, key)}: `{key}` in `{_TABLE}]`"
    if wanted:
        return DecodeError(f"{place} has a wrong value", f"it takes {wanted}")
    return DecodeError(f"{place} is not a setting", f"known are {', '.join(_CHECKS)}")


def _line_of(text: str, key: str) -> int:
    """The line of `key` in our table, of the table where it cannot be told."""
    start = _table_start(text, _NAME)
    inside = re.compile(rf"^(?:[^#\n]*[{{,.])?[ \t]*[\"']?{re.escape(key)}[\"']?[ \t]*[=.\]]", re.M)
    match = inside.search(text, start)
    return _line_at(text, match.start() if match else start)


def _table_start(text: str, name: str) -> int:
    """Where the line starts that opens the table `tool.<name>`, in any spelling; 0 if not found."""
    quoted = rf"[\"']?{name}[\"']?[ \t]*"
    tool = r"[\"']?tool[\"']?[ \t]*"
    spellings = (
        rf"^[ \t]*(?:\[[ \t]*)*{tool}\.[ \t]*{quoted}[=.\]]",
        rf"^[ \t]*{quoted}[=.]",
        rf"^[ \t]*{tool}=[^\n]*{quoted}[=.]",
    )
    matches = (re.search(spelling, text, re.M) for spelling in spellings)
    return next((match.start() for match in matches if match), 0)


def _line_at(text: str, place: int) -> int:
    return text.count("\n", 0, place) + 1

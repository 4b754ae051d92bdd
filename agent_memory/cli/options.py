"""The options that every command takes, before or after its name.

They are taken out of the command line before it is parsed, so that they are declared once and
mean the same everywhere; whatever stands after `--` is left alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

from agent_memory.cli.exits import WrongUsageError

SCOPES = ("user", "project", "local")


@dataclass(frozen=True, slots=True)
class Options:
    """Which memory is meant, and how the answer is to look."""

    dir: str | None = None
    agent: str | None = None
    scope: tuple[str, ...] = ()
    project: str | None = None
    definition: str | None = None
    json: bool = False
    quiet: bool = False
    no_color: bool = False

    def checked(self) -> Options:
        """These options, if they do not contradict each other.

        Raises:
            WrongUsageError: they name two memories at once, or a scope that does not exist.
        """
        named = [name for name in ("dir", "agent", "definition") if getattr(self, name) is not None]
        if len(named) > 1:
            raise WrongUsageError(
                f"--{named[0]} and --{named[1]} name two memories", "give only one of them"
            )
        if self.dir is not None and (self.scope or self.project is not None):
            other = "scope" if self.scope else "project"
            raise WrongUsageError(
                f"--dir names the memory itself, --{other} has no meaning beside it",
                f"leave out --{other}, or give --agent NAME in place of --dir",
            )
        for scope in self.scope:
            if scope not in SCOPES:
                raise WrongUsageError(
                    f"there is no scope {scope!r}", f"scopes are {', '.join(SCOPES)}"
                )
        return self


NAMES = tuple(field.name for field in fields(Options))
_FLAGS = {"--json", "--quiet", "--no-color"}
_VALUES = {f"--{name}": name for name in NAMES} | {"--no-color": "no_color"}

_METAVARS = {
    "dir": "PATH",
    "agent": "NAME",
    "scope": "SCOPE",
    "project": "PATH",
    "definition": "FILE",
}


def hoist(arguments: Sequence[str]) -> tuple[Options, list[str]]:
    """The options of every command, and the command line without them.

    Raises:
        WrongUsageError: an option lacks its value, is given twice, or contradicts another.
    """
    values: dict[str, object] = {}
    rest: list[str] = []
    words = iter(arguments)
    for word in words:
        if word == "--":
            rest += [word, *words]
            break
        flag, equals, value = word.partition("=")
        if flag not in _VALUES or (flag in _FLAGS and equals):
            rest.append(word)
        elif flag in _FLAGS:
            values[_VALUES[flag]] = True
        else:
            _take(values, flag, value if equals else next(words, "--"))
    return Options(**values).checked(), rest  # type: ignore[arg-type]  # names are the fields


def _take(values: dict[str, object], flag: str, value: str) -> None:
    name = _VALUES[flag]
    if not value or value.startswith("--"):
        raise WrongUsageError(f"{flag} needs a value", f"write it as `{flag} {_METAVARS[name]}`")
    if name == "scope":
        given = values.get(name, ())
        values[name] = (*tuple(given), value)  # type: ignore[arg-type]  # only tuples stand there
    elif name in values:
        raise WrongUsageError(f"{flag} is given twice", "give it once")
    else:
        values[name] = value


def wants_json(arguments: Sequence[str]) -> bool:
    """Whether the answer must be JSON, whatever else is wrong with the command line."""
    words = list(arguments)
    ours = words[: words.index("--") if "--" in words else None]
    return any(word == "--json" or word.startswith("--json=") for word in ours)

"""What an adapter says where the package that it adapts to is not installed, or too old."""

from __future__ import annotations


def missing(extra: str, error: ImportError) -> ModuleNotFoundError:
    """The error to raise in place of `error`: it names what to install."""
    said = f"this needs the extra {extra}: pip install 'agent-memory[{extra}]' ({error})"
    return ModuleNotFoundError(said, name=error.name, path=error.path)

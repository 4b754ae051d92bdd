"""What providers want to know of a tool, made of a function: name, description and JSON Schema.

It knows what the tools of a memory use, and nothing else: parameters that are `str` or `int`, and
docstrings with a section `Args:`, one indented entry a parameter.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

_TYPES = {str: "string", int: "integer"}
_ARGS = "\nArgs:\n"
_ENTRY = re.compile(r"^ {4}(\w+): ", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Schema:
    """A tool as a provider's client takes it: `parameters` is a JSON Schema of an object."""

    name: str
    description: str
    parameters: dict[str, Any]


def schema(tool: Callable[..., object]) -> Schema:
    """The schema of a tool; the descriptions of its parameters stand with them."""
    description, _, arguments = (inspect.getdoc(tool) or "").partition(_ARGS)
    said = _ENTRY.split(arguments)[1:]
    told = {name: " ".join(text.split()) for name, text in zip(said[::2], said[1::2], strict=True)}
    properties: dict[str, Any] = {}
    required: list[str] = []
    for name, parameter in inspect.signature(tool, eval_str=True).parameters.items():
        properties[name] = {"type": _TYPES[parameter.annotation], "description": told[name]}
        if parameter.default is parameter.empty:
            required.append(name)
        else:
            properties[name]["default"] = parameter.default
    parameters = {"type": "object", "properties": properties, "required": required}
    return Schema(tool.__name__, description.strip(), parameters | {"additionalProperties": False})

"""The error tree: what the docstring draws is what the classes are, and all of it pickles."""

from __future__ import annotations

import pickle
import re

import pytest

from agent_memory import errors
from agent_memory.errors import (
    AgentMemoryError,
    AmbiguousError,
    BudgetError,
    ConflictError,
    DecodeError,
    DefinitionError,
    LockTimeoutError,
    NotFoundError,
    PolicyError,
    StorageError,
    UnsafePathError,
)

EXAMPLES: list[AgentMemoryError] = [
    AgentMemoryError("wrong", "mend"),
    UnsafePathError("wrong", "mend"),
    NotFoundError("wrong", "mend", ("near", "nearer")),
    AmbiguousError("wrong", "mend", ("one", "two")),
    ConflictError("wrong", "mend", base="b", ours="o", theirs="t\udce9"),
    BudgetError("wrong", "mend"),
    LockTimeoutError("wrong", "mend"),
    PolicyError("wrong", "mend"),
    DefinitionError("wrong", "mend", path="a.md", line=3, column=9),
    DecodeError("wrong", "mend"),
    StorageError("wrong", "mend", errno=28),
]
ALSO = {
    UnsafePathError: ValueError,
    NotFoundError: LookupError,
    BudgetError: ValueError,
    LockTimeoutError: TimeoutError,
    PolicyError: ValueError,
    DefinitionError: ValueError,
    DecodeError: ValueError,
    StorageError: OSError,
}


def classes() -> dict[str, type[AgentMemoryError]]:
    return {
        name: value
        for name, value in vars(errors).items()
        if isinstance(value, type) and issubclass(value, AgentMemoryError)
    }


def test_every_class_has_an_example_here() -> None:
    assert {type(error) for error in EXAMPLES} == set(classes().values())


@pytest.mark.parametrize("error", EXAMPLES, ids=lambda error: type(error).__name__)
def test_an_error_crosses_a_process_boundary_with_its_fields(error: AgentMemoryError) -> None:
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error)
    assert str(again) == "wrong"
    assert vars(again) == vars(error)
    assert (again.message, again.hint) == ("wrong", "mend")
    assert getattr(again, "errno", None) == getattr(error, "errno", None)


@pytest.mark.parametrize("error", EXAMPLES, ids=lambda error: type(error).__name__)
def test_an_error_needs_no_more_than_a_message(error: AgentMemoryError) -> None:
    bare = type(error)("wrong")
    assert (str(bare), bare.hint) == ("wrong", "")
    assert pickle.loads(pickle.dumps(bare)).message == "wrong"


@pytest.mark.parametrize(("kind", "base"), ALSO.items(), ids=lambda kind: kind.__name__)
def test_an_error_is_caught_as_what_python_calls_it(
    kind: type[AgentMemoryError], base: type[Exception]
) -> None:
    with pytest.raises(base):
        raise kind("wrong")


def test_the_others_are_only_ours() -> None:
    for kind in set(classes().values()) - {*ALSO, AgentMemoryError}:
        assert kind.__bases__ == (AgentMemoryError,)


def test_the_drawn_tree_is_the_real_one() -> None:
    drawn = re.findall(r"^    [├└]── (\w+)(?:\s+also (\w+))?", errors.__doc__ or "", re.MULTILINE)
    real = [
        (name, "".join(base.__name__ for base in kind.__bases__ if base is not AgentMemoryError))
        for name, kind in classes().items()
        if kind is not AgentMemoryError
    ]
    assert drawn == real


def test_a_fresh_error_lists_nothing_by_default() -> None:
    assert NotFoundError("wrong").suggestions == ()
    assert AmbiguousError("wrong").candidates == ()
    assert StorageError("wrong").errno is None
    assert (DefinitionError("wrong").line, DefinitionError("wrong").column) == (0, 0)


def test_what_was_found_out_later_crosses_processes_too() -> None:
    error = ConflictError("wrong", "mend", path="a.md")
    error.kept, error.hint = "0123456789", "look at it"
    copy = pickle.loads(pickle.dumps(error))
    assert (copy.kept, copy.path, copy.hint) == ("0123456789", "a.md", "look at it")

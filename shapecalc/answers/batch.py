"""Many specs, one a line: each is traced by itself, and one that fails says why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from shapecalc.answers.question import (
    named_dialect,
    named_shapes,
    named_sizes,
    read_facts,
)
from shapecalc.answers.trace import trace
from shapecalc.errors import ShapecalcError, SpecError, did_you_mean
from shapecalc.language.shapes import required_shape

if TYPE_CHECKING:
    from shapecalc.answers.question import Question
    from shapecalc.dims import Size
    from shapecalc.language.facts import GivenFacts
    from shapecalc.tracing.patterns import Pattern
    from shapecalc.tracing.trace import Trace

#: What a line in JSON may hold.
KEYS: Final = ("spec", "input", "set", "where", "expect", "dialect")


def answer(line: str, question: Question) -> Trace | ShapecalcError:
    """Ask the question of the spec of a line, in the language or in JSON; or say why that fails.

    The question has no source; what else it says holds unless the line says otherwise.
    """
    try:
        if line.startswith("{"):
            return trace(read_object(line, question))
        return trace(question._replace(source=line))
    except ShapecalcError as error:
        return error
    except RecursionError:
        return SpecError("this spec is nested too deeply")
    except MemoryError:
        return SpecError("there is not enough memory for this spec")


def read_object(line: str, question: Question) -> Question:
    """Read a line in JSON to a question, with what else is asked where it does not say it."""
    import json

    try:
        data = json.loads(line)
    except json.JSONDecodeError as error:
        reason = f"{error.msg[:1].lower()}{error.msg[1:]}"
        raise SpecError(f"this is not JSON: {reason} (column {error.colno})") from None
    except ValueError:
        raise SpecError("a number in this line has too many digits") from None
    for key in data:
        if key not in KEYS:
            hint = did_you_mean(key, KEYS) or f"the keys are {', '.join(KEYS)}"
            raise SpecError(f"there is no key {key}", help=hint)
    changed = {
        name: _READERS[key](data[key], question)
        for key, name in _FIELDS.items()
        if data.get(key) is not None
    }
    return question._replace(source=_text(data.get("spec"), "spec"), **changed)


def _text(value: object, key: str) -> str:
    if not isinstance(value, str):
        raise SpecError(f"{key} is a string" if value is not None else f"{key} is missing")
    return value


def _values(value: Any, question: Question) -> dict[str, Size]:  # noqa: ANN401
    return {**question.values, **named_sizes(value)}


def _facts(value: object, question: Question) -> GivenFacts:
    texts = [question.facts.text, _text(value, "where")]
    return read_facts(", ".join(filter(None, texts)))


def _expected(value: Any) -> tuple[tuple[str | None, Pattern], ...]:  # noqa: ANN401
    shapes = value if isinstance(value, dict) else {None: value}
    return tuple((name, required_shape(shape)) for name, shape in shapes.items())


_FIELDS: Final = {
    "input": "inputs",
    "set": "values",
    "where": "facts",
    "expect": "expected",
    "dialect": "dialect",
}
_READERS: Final[dict[str, Any]] = {
    "input": lambda value, _: named_shapes(value),
    "set": _values,
    "where": _facts,
    "expect": lambda value, _: _expected(value),
    "dialect": lambda value, _: named_dialect(_text(value, "dialect")),
}

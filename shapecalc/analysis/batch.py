"""Many specs, one a line: each is traced by itself, and one that fails says why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from shapecalc.analysis.expectations import check_expectations, check_unconditional
from shapecalc.analysis.run import named_shapes, named_sizes, read_facts
from shapecalc.errors import ShapecalcError, SpecError, did_you_mean
from shapecalc.layers.budget import MAX_LAYERS
from shapecalc.spec.build import parse
from shapecalc.spec.shapes import given_shape
from shapecalc.walk import trace_network

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shapecalc.dims import Size
    from shapecalc.patterns import Pattern
    from shapecalc.rows import Trace
    from shapecalc.spec.shapes import GivenShape

#: What a line in JSON may hold.
KEYS: Final = ("spec", "input", "set", "where", "expect", "dialect")


class Settings(NamedTuple):
    """What holds for every spec, unless its own line says otherwise."""

    inputs: Mapping[str | None, GivenShape] = {}
    dialect: str = "keras"
    values: Mapping[str, Size] = {}
    where: str = ""
    expected: tuple[tuple[str | None, Pattern], ...] = ()
    strict: bool = False
    max_layers: int = MAX_LAYERS
    repairs: bool = False


def answer(line: str, settings: Settings) -> Trace | ShapecalcError:
    """Trace the spec of a line, in the language or in JSON; or say why that fails."""
    try:
        if line.startswith("{"):
            return trace_one(*read_object(line, settings))
        return trace_one(line, settings)
    except ShapecalcError as error:
        return error
    except RecursionError:
        return SpecError("this spec is nested too deeply")
    except MemoryError:
        return SpecError("there is not enough memory for this spec")


def trace_one(spec: str, settings: Settings) -> Trace:
    """Trace a spec and check what is asked of it; raises `ShapecalcError`."""
    if settings.repairs:
        from shapecalc.analysis.run import trace as trace_with_repairs

        trace = trace_with_repairs(
            spec,
            inputs=settings.inputs,
            dialect=settings.dialect,
            values=settings.values,
            where=settings.where,
            max_layers=settings.max_layers,
        )
    else:
        trace = trace_network(
            parse(spec, max_layers=settings.max_layers),
            inputs=settings.inputs,
            values=settings.values,
            facts=read_facts(settings.where) if settings.where else None,
            dialect=settings.dialect,
            max_layers=settings.max_layers,
        )
    if settings.expected:
        check_expectations(trace, settings.expected)
    if settings.strict:
        check_unconditional(trace)
    return trace


def read_object(line: str, settings: Settings) -> tuple[str, Settings]:
    """Read a line in JSON to its spec, and to the settings with what the line says."""
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
        name: _READERS[key](data[key], settings)
        for key, name in _FIELDS.items()
        if data.get(key) is not None
    }
    return _text(data.get("spec"), "spec"), settings._replace(**changed)


def _text(value: object, key: str) -> str:
    if not isinstance(value, str):
        raise SpecError(f"{key} is a text" if value is not None else f"{key} is missing")
    return value


def _values(value: Any, settings: Settings) -> dict[str, Size]:  # noqa: ANN401
    return {**settings.values, **named_sizes(value)}


def _expected(value: Any) -> tuple[tuple[str | None, Pattern], ...]:  # noqa: ANN401
    shapes = value if isinstance(value, dict) else {None: value}
    return tuple((name, given_shape(shape)) for name, shape in shapes.items())


_FIELDS: Final = {
    "input": "inputs",
    "set": "values",
    "where": "where",
    "expect": "expected",
    "dialect": "dialect",
}
_READERS: Final[dict[str, Any]] = {
    "input": lambda value, _: named_shapes(value),
    "set": _values,
    "where": lambda value, given: ", ".join(filter(None, [given.where, _text(value, "where")])),
    "expect": lambda value, _: _expected(value),
    "dialect": lambda value, _: _text(value, "dialect"),
}

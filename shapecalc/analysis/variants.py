"""Which arguments of a layer change the shape that it returns: each is changed, and tried."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from shapecalc.dims import Dim
from shapecalc.errors import ShapecalcError, ShapeError, SpecError
from shapecalc.language.build import parse
from shapecalc.language.printer import layer_text
from shapecalc.layers.layer import Layer
from shapecalc.layers.parameters import parameters
from shapecalc.layers.problems import validate
from shapecalc.tracing.walk import trace_network

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from shapecalc.dims import Shape
    from shapecalc.layers.parameters import Parameter
    from shapecalc.tracing.rows import Row

#: The number of values of one argument that are shown.
FEW: Final = 2


class Variant(NamedTuple):
    """A layer with another value of an argument, as a spec; what it returns then.

    ``outputs`` is None where that value does not fit the input.
    """

    argument: str
    spec: str
    inputs: Sequence[Shape]
    outputs: Sequence[Shape] | None


def variants(row: Row, *, alone: bool) -> list[Variant]:
    """Return the layer of a row with each argument changed that its output shape depends on.

    A layer that stands ``alone`` gets the input that it is made for, else that of the row.
    """
    found: list[Variant] = []
    for parameter in parameters(type(row.model)).values():
        if parameter.name in {row.model.holds, "input_shape"}:
            continue
        found += _of(row, parameter, alone=alone)
    return found


def _of(row: Row, parameter: Parameter, *, alone: bool) -> list[Variant]:
    """Return a few values of an argument that give shapes of their own; of numbers one."""
    found: list[Variant] = []
    failed: list[Variant] = []
    for value in _values(parameter, getattr(row.model, parameter.name)):
        made = _with(row, parameter.name, value, alone=alone)
        if made is None or any(made.outputs == each.outputs for each in found):
            continue
        (failed if made.outputs is None else found).append(made)
        if found and (len(found) == FEW or not isinstance(value, (str, bool, type(None)))):
            break
    return found or failed[:1]


def _values(parameter: Parameter, value: Any) -> Iterator[Any]:  # noqa: ANN401
    """Return other values that a parameter may take: its words first, then numbers nearby."""
    for each in dict.fromkeys(parameter.kind.words.values()):
        if each != value:
            yield each
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, (int, Dim)):
        yield from (value + 1, value - 1)
    elif isinstance(value, tuple) and value and all(isinstance(each, int) for each in value):
        yield tuple(each + 1 for each in value)
    elif isinstance(value, float):
        yield from (value / 2, 2 * value)
    elif value is None:
        yield from (1, 2, True)


def _with(row: Row, name: str, value: Any, *, alone: bool) -> Variant | None:  # noqa: ANN401
    """Trace the layer with another value of an argument; None where that changes nothing."""
    model, cls = row.model, type(row.model)
    try:
        layer: Layer = validate(cls, {**model.given(), name: value}, cls.__name__)
        spec = layer_text(layer, row.dialect)
    except SpecError:
        return None
    outputs = _outputs(layer, row)
    if outputs == row.outputs:
        return None
    if alone:
        try:
            other = trace_network(parse(spec, dialect=row.dialect)).layers[-1]
        except ShapecalcError:
            return Variant(name, spec, row.inputs, None)
        return Variant(name, spec, other.inputs, other.outputs)
    return Variant(name, spec, row.inputs, outputs)


def _outputs(layer: Layer, row: Row) -> tuple[Shape, ...] | None:
    """Return what the layer gives for the input of a row; None where that does not fit."""
    try:
        given = layer.compute_output_shape(*row.inputs)
    except ShapeError:
        return None
    return tuple(given) if isinstance(given, list) else (given,)

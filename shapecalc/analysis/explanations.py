"""What happens to a shape in each layer, and why, with the numbers or letters filled in."""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING, NamedTuple

from shapecalc.analysis.axes import Axes
from shapecalc.analysis.conditions import Conditions
from shapecalc.analysis.feature_axes import along_axes, of_the_axis
from shapecalc.dims import product, shape_text
from shapecalc.errors import ShapecalcError
from shapecalc.language.printer import layer_text
from shapecalc.layers.explaining import Applied, counted, multiplied, weighed
from shapecalc.layers.layer import apply
from shapecalc.layers.looking import Passed
from shapecalc.layers.scope import Scope
from shapecalc.layers.spans import ITSELF

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shapecalc.layers.layer import Layer
    from shapecalc.layers.layout import Names
    from shapecalc.tracing.receptive import Field
    from shapecalc.tracing.rows import Row
    from shapecalc.tracing.trace import Trace


class Explanation(NamedTuple):
    """A row with its explanation."""

    row: Row
    lines: list[str]


class Context(NamedTuple):
    """What is known about a row beside it: the axes that it reads, and what must hold."""

    axes: Names | None
    conditions: Conditions


def explanations(trace: Trace) -> list[Explanation]:
    """Explain each row of a trace."""
    axes = Axes(trace)
    conditions = Conditions(trace)
    found = []
    for row in trace.layers:
        context = Context(axes.read.get(row.name), conditions)
        lines = [*_lines(row, context), *_seen(row), *_weights(row), *_costs(row)]
        found.append(Explanation(row, lines))
    return found


def _lines(row: Row, context: Context) -> Iterator[str]:
    """Yield what the layer does, what becomes of the axes, and what a change would do."""
    yield _purpose(row.model, context)
    needed_more = context.conditions.add
    said = list(
        row.model.explain(
            Applied(row.inputs, row.outputs, row.result.params, context.axes, needed_more)
        )
    )
    yield from said
    if not said:
        yield from along_axes(row, context.axes)
        if row.outputs[:1] == row.inputs[:1]:
            yield "the shape does not change"
    yield from _unwrapped(row)
    needed, assumed = context.conditions.add_row(row)
    if needed:
        yield f"fits when {', '.join(needed)}"
    if assumed:
        yield f"assumes {', '.join(assumed)}"
    if row.shares is not None:
        yield f"uses the weights of {row.shares} again"


def _unwrapped(row: Row) -> Iterator[str]:
    """Say where the layer inside returns the same without its wrapper, as Dense does."""
    wrapper = row.model
    prefix = row.dialect.prefix_of(type(wrapper).__name__)
    if prefix is None or row.shares is not None:
        return
    try:
        (inner,) = wrapper.inside()
        alone = apply(inner, row.inputs, Scope(dialect=row.dialect))
        text = layer_text(inner, row.dialect)
    except (ShapecalcError, ValueError):
        return
    if (tuple(alone.outputs), alone.params) == (row.outputs, row.params):
        shape = shape_text(row.outputs[0])
        yield f"{text} without {prefix} returns the same shape, {shape}, with as many params"


def _purpose(layer: Layer, context: Context) -> str:
    """Return the first sentence of the docstring, in lower case."""
    text = " ".join(inspect.cleandoc(type(layer).__doc__ or "").partition("\n\n")[0].split())
    first = re.split(r"(?<=[a-z0-9`)])[.;:](?: |$)", text, maxsplit=1)[0]
    first = re.sub(r"``(\w+)``", lambda match: _said(layer, match[1]), first).replace("`", "")
    first = of_the_axis(first, layer, context.axes)
    return first[:1].lower() + first[1:].rstrip(".")


def _said(layer: Layer, name: str) -> str:
    """Return an argument that the text names, with its number where it is one."""
    value = getattr(layer, name, None)
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else name


def _seen(row: Row) -> Iterator[str]:
    """Yield the receptive field, if the layer sees more than its own position."""
    if not row.outputs or not _looks_around(row):
        return
    by_input: dict[str, list[Field]] = {}
    for field in row.fields:
        by_input.setdefault(field.input, []).append(field)
    named = len(row.walk.network.inputs) > 1
    for name, fields in by_input.items():
        noun = "steps" if len(fields) == 1 else "positions"
        of = name if named else "the input"
        if all(field.size is None for field in fields):
            yield f"receptive field: one output sees all {noun} of {of}"
            continue
        said = [field.to_dict(named=False) for field in fields]
        sizes, strides = (" x ".join(str(each[key]) for each in said) for key in ("size", "stride"))
        yield f"receptive field: one output sees {sizes} {noun} of {of}, stride {strides}"


def _looks_around(row: Row) -> bool:
    """Return whether a layer looks elsewhere than at the place where it is."""
    worked = row.inputs[: len(row.node.worked)]
    looks = row.model.looks(Passed(worked, row.outputs[0]))
    return any(look.span is not ITSELF for each in looks[: len(row.outputs[0])] for look in each)


def _weights(row: Row) -> Iterator[str]:
    for weight in row.weights:
        fixed = ", a buffer" if weight.buffer else "" if weight.trainable else ", not trained"
        yield f"weight {weight.name} {weighed(weight)}{fixed}"
    if row.params is None:
        yield "params: unknown, since its weights are"
    elif len(params := [weight for weight in row.weights if not weight.buffer]) > 1:
        # A sum in letters is Python throughout.
        write = counted if isinstance(row.params, int) else str
        counts = " + ".join(write(product(weight.shape)) for weight in params)
        total = write(row.params)
        yield f"params {counts} = {total}" if counts != total else f"params {total}"


def _costs(row: Row) -> Iterator[str]:
    """Yield what the layer multiplies, with the product spelled out."""
    if row.result.varies:
        yield "macs: their number depends on the data"
    elif row.outputs and row.result.counted:
        yield from multiplied(row.result, row.walk.facts.simplify)

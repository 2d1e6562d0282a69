"""What happens to a shape in each layer, and why, with the numbers or letters put in."""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from shapecalc.analysis.along import ALONG_AN_AXIS, along_axes, of_the_axis, other_name
from shapecalc.analysis.axes import Axes
from shapecalc.analysis.conditions import Conditions
from shapecalc.analysis.receptive import Field, receptive_fields, window_of
from shapecalc.dims import Size, at_least, product, shape_text
from shapecalc.dims.reader import MAX_DIGITS
from shapecalc.errors import ShapecalcError
from shapecalc.layers.arguments import spread
from shapecalc.layers.catalog import find
from shapecalc.layers.layer import apply
from shapecalc.layers.layout import SPATIAL
from shapecalc.layers.scope import Scope
from shapecalc.layers.window import extent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from shapecalc.analysis.axes import Names
    from shapecalc.layers.layer import Layer
    from shapecalc.tracing.rows import Row, Trace


class Explanation(NamedTuple):
    """A row with what there is to say of it."""

    row: Row
    lines: list[str]


class Context(NamedTuple):
    """What there is to know of a row beside it: the axes that it reads, and what must hold."""

    axes: Names | None
    conditions: Conditions


def explanations(trace: Trace) -> list[Explanation]:
    """Explain each row of a trace."""
    axes = Axes(trace)
    fields = receptive_fields(trace, axes)
    conditions = Conditions(trace)
    found = []
    for row in trace.layers:
        context = Context(axes.read.get(row.name), conditions)
        lines = [*_lines(row, context), *_seen(row, fields), *_weights(row)]
        found.append(Explanation(row, lines))
    return found


def _lines(row: Row, context: Context) -> Iterator[str]:
    """What the layer does, what becomes of the axes, and what a change would do."""
    yield _purpose(row.model, context)
    name = type(row.model).__name__
    entry = find(name)
    special = _BY_CLASS.get(name) or _BY_FAMILY.get(entry.family if entry else "")
    if special is not None:
        yield from special(row, context)
    elif name in ALONG_AN_AXIS:
        yield from along_axes(row, context.axes)
        yield "the shape stays as it is"
    elif row.outputs[:1] == row.inputs[:1]:
        yield "the shape stays as it is"
    needed, assumed = context.conditions.add_row(row)
    if needed:
        yield f"fits when {', '.join(needed)}"
    if assumed:
        yield f"assumes {', '.join(assumed)}"
    if row.shares is not None:
        yield f"uses the weights of {row.shares} again"


def _purpose(layer: Layer, context: Context) -> str:
    """The first sentence of the docstring, as it begins in a sentence of ours."""
    text = " ".join(inspect.cleandoc(type(layer).__doc__ or "").partition("\n\n")[0].split())
    first = re.split(r"(?<=[a-z0-9`)])[.;:](?: |$)", text, maxsplit=1)[0]
    first = re.sub(r"``(\w+)``", lambda match: _said(layer, match[1]), first).replace("`", "")
    first = of_the_axis(first, layer, context.axes)
    return first[:1].lower() + first[1:].rstrip(".")


def _said(layer: Layer, name: str) -> str:
    """An argument that the text names, with its number where it is one."""
    value = getattr(layer, name, None)
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else name


def _seen(row: Row, fields: Mapping[str, tuple[Field, ...]]) -> Iterator[str]:
    """The receptive field, where it is more than the window of the layer itself."""
    found = fields.get(row.name)
    if found is None or window_of(row.model) is None:
        return
    sizes = " x ".join(_bounded(field.size) for field in found)
    strides = " x ".join(_bounded(field.stride) for field in found)
    noun = "steps" if len(found) == 1 else "places"
    yield f"receptive field: one output sees {sizes} {noun} of the input, stride {strides}"


def _bounded(number: int) -> str:
    """A number as far as anybody can read it: strides multiply from layer to layer."""
    return str(number) if number < 10**MAX_DIGITS else f"more than 10**{MAX_DIGITS}"


def _weights(row: Row) -> Iterator[str]:
    for weight in row.weights:
        fixed = "" if weight.trainable else ", not trained"
        count = _count(product(weight.shape))
        yield f"weight {weight.name} {shape_text(weight.shape)} = {count}{fixed}"
    if len(row.weights) > 1:
        counts = " + ".join(_count(product(weight.shape)) for weight in row.weights)
        yield f"params {counts} = {_count(row.params)}"


def _count(size: Size) -> str:
    return f"{size:,}" if isinstance(size, int) else str(size)


def _factor(size: Size) -> str:
    """A size that stands before an operator."""
    return f"({size})" if " " in str(size) else str(size)


def _channels_first(layer: Layer) -> bool:
    return getattr(layer, "data_format", None) == "channels_first"


def _spatial(row: Row) -> tuple[tuple[Size, ...], tuple[Size, ...]]:
    """The sizes of the spatial axes before and after."""
    cut = slice(2, None) if _channels_first(row.model) else slice(1, -1)
    return row.inputs[0][cut], row.outputs[0][cut]


def _windows(row: Row, context: Context) -> Iterator[str]:
    """How many places a window takes along each axis."""
    taps = window_of(row.model)
    before, after = _spatial(row)
    rank = len(before)
    if taps is None or rank not in SPATIAL:
        return
    padding = getattr(row.model, "padding", "valid")
    parts = zip(SPATIAL[rank], before, after, *(spread(each, rank) for each in taps), strict=True)
    for axis, size, count, kernel, stride, dilation in parts:
        reach = extent(kernel, dilation)
        needed = context.conditions.add([at_least(size, reach)]) if padding == "valid" else []
        when = f", at least 1 when {', '.join(needed)}" if needed else ""
        yield f"{axis}: {_window(size, count, reach, stride, padding)}{when}"
    yield f"channels: {_channels(row)}"


def _channels(row: Row) -> str:
    """Where the channels of a window come from."""
    filters = getattr(row.model, "filters", None)
    if filters is not None:
        return f"one for each of the {filters} filters"
    axis = 1 if _channels_first(row.model) else -1
    before, after = row.inputs[0][axis], row.outputs[0][axis]
    if before == after:
        return "each by itself, so that they stay"
    each = getattr(row.model, "depth_multiplier", "?")
    return f"each by itself makes {each}: {_factor(before)}*{each} = {after}"


def _window(size: Size, count: Size, reach: int, stride: int, padding: str) -> str:
    """The rule with its numbers, and what it comes to."""
    wide = _factor(size)
    if padding != "valid":
        where = "in front" if padding == "causal" else "at both ends"
        if stride == 1:
            return f"{size}, since zeros {where} ({padding}) make up for the window"
        return (
            f"({wide} + {stride - 1})//{stride} = {count}, {wide}/{stride} rounded up ({padding})"
        )
    raw = f"({wide} - {reach})//{stride} + 1" if stride > 1 else f"{wide} - {reach} + 1"
    return f"{raw} = {count}"


def _transposed(row: Row, _context: Context) -> Iterator[str]:
    before, after = _spatial(row)
    rank = len(before)
    strides = spread(getattr(row.model, "strides", 1), rank)
    kernels = spread(getattr(row.model, "kernel_size", 1), rank)
    padding = getattr(row.model, "padding", "valid")
    dilations = spread(getattr(row.model, "dilation_rate", 1), rank)
    parts = zip(SPATIAL[rank], before, after, strides, kernels, dilations, strict=True)
    for axis, size, count, stride, kernel, dilation in parts:
        wide = _factor(size)
        extra = max(extent(kernel, dilation) - stride, 0) if padding == "valid" else 0
        more = f" + {extra}" if extra else ""
        rule = f"{wide}*{stride}{more}"
        plain = getattr(row.model, "output_padding", None) is None
        yield f"{axis}: {rule} = {count}" if plain else f"{axis}: {count}"
    yield f"channels: one for each of the {getattr(row.model, 'filters', '?')} filters"


def _changed_axes(row: Row, _context: Context) -> Iterator[str]:
    """Each spatial axis before and after."""
    before, after = _spatial(row)
    for axis, size, count in zip(SPATIAL.get(len(before), ()), before, after, strict=False):
        yield f"{axis}: {size} becomes {count}"


def _global(row: Row, _context: Context) -> Iterator[str]:
    before, _ = _spatial(row)
    places = " * ".join(map(_factor, before))
    kept = "with size 1" if len(row.outputs[0]) == len(row.inputs[0]) else "no longer there"
    yield f"one number of all {places} places for each channel: the spatial axes are {kept}"


def _dense(row: Row, context: Context) -> Iterator[str]:
    shape, units = row.inputs[0], row.outputs[0][-1]
    other = other_name(context.axes, -1)
    last = f"{shape[-1]} features" if other is None else f"the {other}, {shape[-1]}"
    yield f"the last axis, {last}, becomes {units} units; all axes before it stay"
    if len(shape) > 2:  # noqa: PLR2004  (batch, features)
        yield "the same weights work at every place of the axes before it"


def _embedding(row: Row, _context: Context) -> Iterator[str]:
    yield f"each number becomes a vector of {row.outputs[0][-1]}: a new last axis"


def _flatten(row: Row, _context: Context) -> Iterator[str]:
    shape = row.inputs[0][1:]
    factors = "*".join(map(_factor, shape))
    yield f"all axes but the batch become one: {factors or 1} = {row.outputs[0][-1]}"


def _reshape(row: Row, _context: Context) -> Iterator[str]:
    total = product(row.inputs[0][1:])
    yield f"the {_count(total)} numbers of an example stand as {shape_text(row.outputs[0][1:])}"


def _recurrent(row: Row, _context: Context) -> Iterator[str]:
    layer: Any = row.model
    steps = row.inputs[0][1] if len(row.inputs[0]) > 1 else "?"
    said = "the state after every step" if layer.return_sequences else "the state after the last"
    yield f"reads {steps} steps one by one and returns {said}"
    if len(row.outputs) > 1:
        states = ", ".join(map(shape_text, row.outputs[1:]))
        yield f"with state it also returns its last states: {states}"
    yield from _without(row, "return_sequences", "seq")


def _without(row: Row, name: str, flag: str) -> Iterator[str]:
    """What comes out where a flag is turned, found by doing so."""
    value = getattr(row.model, name)
    try:
        other = apply(row.model.model_copy(update={name: not value}), row.inputs, Scope())
    except ShapecalcError:
        return
    yield f"{'without' if value else 'with'} {flag}: {shape_text(other.outputs[0])}"


def _time_distributed(row: Row, _context: Context) -> Iterator[str]:
    inner: Layer = row.model.layer  # type: ignore[attr-defined]
    shape = row.inputs[0]
    yield f"the same {inner.called}, with the same weights, for each of the {shape[1]} steps"
    step, made = (shape[0], *shape[2:]), (row.outputs[0][0], *row.outputs[0][2:])
    yield f"one step: {shape_text(step)} -> {shape_text(made)}"
    if row.weights:
        yield f"{_count(row.params)} params, however many steps there are"


def _bidirectional(row: Row, _context: Context) -> Iterator[str]:
    layer: Any = row.model
    yield f"one {type(layer.layer).__name__} reads forwards, one backwards"
    ways = {
        "concat": "stands side by side: their units add up",
        None: "comes out one after the other",
        "sum": "is added",
        "mul": "is multiplied",
        "ave": "is averaged",
    }
    yield f"what both give {ways[layer.merge_mode]}"


def _concatenate(row: Row, context: Context) -> Iterator[str]:
    axis = row.model.axis  # type: ignore[attr-defined]
    sizes = " + ".join(str(shape[axis]) for shape in row.inputs)
    other = other_name(context.axes, axis)
    named = "" if other is None else f", the {other}"
    yield f"axis {axis}{named}: {sizes} = {row.outputs[0][axis]}; all other axes must agree"


def _merge(row: Row, _context: Context) -> Iterator[str]:
    shapes = " and ".join(map(shape_text, row.inputs))
    yield f"{shapes} are joined number by number; a size of 1 is repeated to fit"


def _attention(row: Row, _context: Context) -> Iterator[str]:
    query, value = row.inputs[0], row.inputs[1] if len(row.inputs) > 1 else row.inputs[0]
    yield f"each place of the query {shape_text(query)} looks at all places of {shape_text(value)}"
    yield "as many places come out as the query has"


def _window_or_global(row: Row, context: Context) -> Iterator[str]:
    whole = type(row.model).__name__.startswith("Global")
    yield from (_global if whole else _windows)(row, context)


_BY_FAMILY: Final[dict[str, Callable[[Row, Context], Iterator[str]]]] = {
    "convolution": _windows,
    "pooling": _window_or_global,
    "transposed": _transposed,
    "resizing": _changed_axes,
    "adaptive": _changed_axes,
    "recurrent": _recurrent,
    "convlstm": _recurrent,
    "attention": _attention,
}
_BY_CLASS: Final[dict[str, Callable[[Row, Context], Iterator[str]]]] = {
    "Dense": _dense,
    "Embedding": _embedding,
    "Flatten": _flatten,
    "Reshape": _reshape,
    "RNN": _recurrent,
    "TimeDistributed": _time_distributed,
    "Bidirectional": _bidirectional,
    "Concatenate": _concatenate,
    "Add": _merge,
    "Subtract": _merge,
    "Multiply": _merge,
    "Average": _merge,
    "Maximum": _merge,
    "Minimum": _merge,
}

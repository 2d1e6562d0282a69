"""What people read of a trace: cells, and the lines below the rows; the same in every format."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from shapecalc.dims import Dim, shape_text
from shapecalc.layers.base import Layer, parameters, telling
from shapecalc.render.columns import COLUMNS, FIELDS, View
from shapecalc.render.diagnostic import visible
from shapecalc.spec.arguments import own_parameters

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from shapecalc.dims import Shape, Size
    from shapecalc.rows import Row, Trace

#: The columns of numbers, and what columns are called where it is not their name.
RIGHT: Final = frozenset({"index", "params", "trainable"})
TITLES: Final = {"index": "#"}


def with_sources(rows: Sequence[Row], view: View) -> View:
    """Show too which rows feed a layer, where one reads another than the row above it."""
    above = [None, *(row.name for row in rows)]
    straight = all(
        len(row.sources) == 1 and (before is None or row.sources[0] == before)
        for row, before in zip(rows, above, strict=False)
    )
    if straight or view.columns != COLUMNS:
        return view
    place = COLUMNS.index("input")
    return view._replace(columns=(*COLUMNS[:place], "from", *COLUMNS[place:]))


def shown_rows(rows: Sequence[Row], view: View) -> list[tuple[Row, int]]:
    """The rows that are shown, each with how often it stands there."""
    if not view.times:
        return [(row, 1) for row in rows]
    from shapecalc.render.folding import blocks

    keys = [(call_text(row.model), row.inputs, row.outputs, row.shares is None) for row in rows]
    return [
        (row, block.turns)
        for block in blocks(keys)
        for row in rows[block.start : block.start + block.length]
    ]


def turns_text(row: Row, count: int, view: View) -> str:
    """How often a row stands there, with what all turns of it cost."""
    if count == 1:
        return ""
    cost = f" = {count_text(row.params * count)}" if row.params != 0 else ""
    return f"{view.times}{count}{cost}"


def places_of(rows: Sequence[Row]) -> dict[str, str]:
    """The number of each row by its name."""
    return {row.name: str(row.index) for row in rows}


def cell(column: str, row: Row, view: View, places: Mapping[str, str]) -> str:
    """What stands in a column; several shapes or sources are lines of their own."""
    if column == "layer":
        return visible(call_text(row.model))
    if column in {"input", "output"}:
        shapes = row.inputs if column == "input" else row.outputs
        return "\n".join(shape_text(view.shape(shape)) for shape in shapes) or "?"
    if column == "from":
        return "\n".join(places.get(name, name) for name in row.sources)
    if column == "params" and row.shares is not None:
        return f"as {row.shares}"
    if column == "params":
        return count_text(row.params) if row.outputs else "?"
    return FIELDS[column](row, view)


def call_text(layer: Layer) -> str:
    """A layer as Keras writes it, with the arguments that tell something."""
    if layer.in_spec() is not layer:
        return f"{layer.called}({_held(layer.config())})"
    cls = type(layer)
    own = own_parameters(cls)
    bare = {p.name for i, p in enumerate(own) if p.required or i == 0}
    window = own[0].name if own and _is_window(own[0].default) else None
    parts: list[str] = []
    for name, parameter in parameters(cls).items():
        if name == "op":
            continue
        value = getattr(layer, name)
        if isinstance(value, Layer):
            said = call_text(value)
            parts.append(said if name == cls.holds else f"{name}={said}")
        elif name == window or (value != parameter.default and telling(name)):
            said = _argument(value)
            parts.append(said if name in bare else f"{name}={said}")
    return f"{layer.called}({', '.join(parts)})"


def _held(config: Mapping[str, Any]) -> str:
    """What a layer of a model file says of itself."""
    if "layers" in config:
        return f"{len(config['layers'])} layers"
    return ", ".join(f"{name}={_argument(value)}" for name, value in config.items())


def _is_window(default: Any) -> bool:  # noqa: ANN401
    """Whether a default tells something, as that of a pool does and that of an axis does not."""
    numbers = default if isinstance(default, tuple) else (default,)
    return all(type(number) is int and number > 0 for number in numbers)


def _argument(value: Any) -> str:  # noqa: ANN401
    if isinstance(value, (tuple, list)):
        return f"({', '.join(map(_argument, value))}{',' * (len(value) == 1)})"
    return repr(value) if isinstance(value, str) and not isinstance(value, Dim) else str(value)


def count_text(size: Size) -> str:
    """A number with its thousands apart, or a size in letters."""
    return f"{size:,}" if isinstance(size, int) else str(size)


def summary_of(trace: Trace, view: View) -> list[tuple[str, str]]:
    """What comes out, what it costs, and when it holds: each with its name."""
    lines = [
        *([] if trace.named_outputs else [("output", "?")]),
    ]
    lines += [
        ("output" if len(trace.named_outputs) == 1 else name, _shape(shape, view))
        for name, shape in trace.named_outputs
    ]
    lines.append(("params", _totals(trace)))
    if trace.conditions:
        lines.append(("holds when", " and ".join(map(_grouped, trace.conditions))))
    if trace.assumptions:
        lines.append(("assumes", " and ".join(map(_grouped, trace.assumptions))))
    return lines


def _shape(shape: Shape, view: View) -> str:
    return shape_text(view.shape(shape))


def _grouped(condition: str) -> str:
    return f"({condition})" if " or " in condition else condition


def _totals(trace: Trace) -> str:
    total, trainable = trace.params, trace.trainable_params
    fixed = total - trainable
    if fixed == 0:
        return count_text(total)
    return f"{count_text(total)}, of which {count_text(fixed)} are not trainable"

"""Merges: they leave the axes where they stand in most of what they join."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING, Any, Final

from shapecalc.exporters.document import Call, Operation, listed, quoted
from shapecalc.exporters.port.from_keras.values import Out, axis_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapecalc.exporters.document import Expression
    from shapecalc.exporters.port.from_keras.applied import Applied
    from shapecalc.exporters.port.from_keras.families import Writer

_OPERATORS: Final = {"Add": "+", "Subtract": "-", "Multiply": "*", "Average": "+"}
_FUNCTIONS: Final = {"Maximum": "torch.maximum", "Minimum": "torch.minimum"}


def together(a: Applied) -> tuple[list[str], bool]:
    """Return the variables of all tensors with their axes alike, and whether these are moved."""
    ranks = {len(value.shape) for value in a.values}
    moved = [value.first and value.steps is None for value in a.values]
    if len(ranks) == 1 and any(moved) and max(ranks) > 2:  # noqa: PLR2004  (batch and features)
        return [a.first(place) for place in range(len(a.values))], True
    return [a.plain(place) for place in range(len(a.values))], False


def elementwise(a: Applied) -> Out:
    """Join element-wise; axes that are missing stand behind the batch."""
    names, moved = together(a)
    most = max(len(value.shape) for value in a.values)
    read: list[Expression] = []
    for name, value in zip(names, a.values, strict=True):
        missing = most - len(value.shape)
        read.append(f"{name}[:, {', '.join(['None'] * missing)}]" if missing else name)
    kind = a.layer.called
    if kind in _FUNCTIONS:
        function = _FUNCTIONS[kind]
        joined: Expression = reduce(lambda x, y: Call(function, (x, y)), read)
        return Out(joined, first=moved)
    total = Operation(_OPERATORS[kind], read)
    if kind != "Average":
        return Out(total, first=moved)
    return Out(f"{a.let('total', total)} / {len(read)}", first=moved)


def concatenate(a: Applied) -> Out:
    """Put tensors side by side."""
    layer: Any = a.layer
    names, moved = together(a)
    axis = axis_in(layer.axis, a.rank, first=moved)
    shown = "-1" if axis == a.rank - 1 else str(axis)
    return Out(Call("torch.cat", (listed(*names),), [("dim", shown)]), first=moved)


def dot(a: Applied) -> Out:
    """Multiply along an axis of each."""
    layer: Any = a.layer
    axes = (layer.axes,) * 2 if isinstance(layer.axes, int) else layer.axes
    ranks = [len(value.shape) for value in a.values]
    x, y = a.plain(0), a.plain(1)
    one, other = (axis % rank for axis, rank in zip(axes, ranks, strict=True))
    if layer.normalize:
        x = a.let("query", a.functional("normalize", x, dim=str(one)))
        y = a.let("key", a.functional("normalize", y, dim=str(other)))
    equation = _equation(ranks, one, other)
    product = Call("torch.einsum", (quoted(equation), x, y))
    if ranks == [2, 2]:
        return Out(f"{a.let('product', product)}[:, None]")
    return Out(product)


def _equation(ranks: Sequence[int], one: int, other: int) -> str:
    letters = iter("cdefghijklmnopqrstuvwxyz")
    first = ["b", *(next(letters) for _ in range(ranks[0] - 1))]
    second = ["b", *(next(letters) for _ in range(ranks[1] - 1))]
    first[one] = second[other] = "a"
    kept = [each for each in (*first[1:], *second[1:]) if each != "a"]
    return f"{''.join(first)},{''.join(second)}->b{''.join(kept)}"


WRITERS: Final[dict[str, Writer]] = {
    **dict.fromkeys((*_OPERATORS, *_FUNCTIONS), elementwise),
    "Concatenate": concatenate,
    "Dot": dot,
}

"""Functions that join tensors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from shapecalc.exporters.document import Operation, listed, literal
from shapecalc.exporters.port.from_torch.values import Out, axis_in

if TYPE_CHECKING:
    from shapecalc.exporters.document import Expression
    from shapecalc.exporters.port.from_torch.applied import Applied
    from shapecalc.exporters.port.from_torch.families import Writer

_OPERATORS: Final = {"Add": "+", "Sub": "-", "Mul": "*", "Div": "/", "Pow": "**"}


def together(a: Applied) -> tuple[list[str], bool]:
    """Return the variables of all tensors with their axes alike, and whether these are moved."""
    ranks = {len(value.shape) for value in a.values}
    if len(ranks) == 1 and any(value.last for value in a.values):
        return [a.last(place) for place in range(len(a.values))], True
    return [a.plain(place) for place in range(len(a.values))], False


def arithmetic(a: Applied) -> Out:
    """Join element-wise; sizes of 1 are repeated as in PyTorch."""
    layer: Any = a.layer
    operator = _OPERATORS[layer.called]
    number = layer.exponent if layer.called == "Pow" else layer.other
    if len(a.values) == 1:
        value = a.values[0]
        spaced = f" {operator} " if operator != "**" else "**"
        return Out(f"{value.name}{spaced}{literal(number)}", last=value.last)
    names, moved = together(a)
    return Out(Operation(operator, names), last=moved)


def extreme(a: Applied) -> Out:
    """Keep the larger or the smaller of two numbers."""
    names, moved = together(a)
    joined: Expression = names[0]
    for each in names[1:]:
        joined = a.ops(a.layer.called.lower(), joined, each)
    return Out(joined, last=moved)


def cat(a: Applied) -> Out:
    """Put tensors side by side."""
    layer: Any = a.layer
    names, moved = together(a)
    axis = axis_in(layer.dim, a.rank, last=moved)
    if axis == 0:
        return Out(a.ops("concatenate", listed(*names), axis="0"), last=moved)
    given = {} if axis == a.rank - 1 else {"axis": str(axis)}
    return Out(a.plainly("Concatenate", listed(*names), **given), last=moved)


def stack(a: Applied) -> Out:
    """Put tensors on a new axis."""
    layer: Any = a.layer
    names = [a.plain(place) for place in range(len(a.values))]
    return Out(a.ops("stack", listed(*names), axis=str(layer.dim)))


def matmul(a: Applied) -> Out:
    """Multiply matrices."""
    return Out(a.ops("matmul", a.plain(0), a.plain(1)))


WRITERS: Final[dict[str, Writer]] = {
    **dict.fromkeys(_OPERATORS, arithmetic),
    "Maximum": extreme,
    "Minimum": extreme,
    "Cat": cat,
    "Stack": stack,
    "Matmul": matmul,
    "Bmm": matmul,
}

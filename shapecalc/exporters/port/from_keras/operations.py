"""Operations of ``keras.ops`` on numbers, with the axes as in Keras."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from shapecalc.exporters.document import Call, listed, literal, quoted
from shapecalc.exporters.port.from_keras.functions import activated
from shapecalc.exporters.port.from_keras.merging import together
from shapecalc.exporters.port.from_keras.values import Out
from shapecalc.layers.keras.activations import ACTIVATIONS

if TYPE_CHECKING:
    from shapecalc.exporters.document import Expression
    from shapecalc.exporters.port.from_keras.applied import Applied
    from shapecalc.exporters.port.from_keras.families import Writer

#: Of two tensors, or of a tensor and a number.
_OPERATORS: Final = {
    "add": "+",
    "subtract": "-",
    "multiply": "*",
    "divide": "/",
    "true_divide": "/",
    "power": "**",
}
#: Those for which it is all one which of both comes first.
_COMMUTING: Final = frozenset({"add", "multiply", "maximum", "minimum"})
_TWO: Final = {"maximum": "torch.maximum", "minimum": "torch.minimum"}
_ONE: Final = {
    "absolute": "torch.abs",
    "arccos": "torch.arccos",
    "arcsin": "torch.arcsin",
    "arctan": "torch.arctan",
    "ceil": "torch.ceil",
    "cos": "torch.cos",
    "cosh": "torch.cosh",
    "erf": "torch.erf",
    "exp": "torch.exp",
    "expm1": "torch.expm1",
    "floor": "torch.floor",
    "log": "torch.log",
    "log10": "torch.log10",
    "log1p": "torch.log1p",
    "log2": "torch.log2",
    "negative": "torch.neg",
    "ones_like": "torch.ones_like",
    "reciprocal": "torch.reciprocal",
    "round": "torch.round",
    "rsqrt": "torch.rsqrt",
    "sign": "torch.sign",
    "sin": "torch.sin",
    "sinh": "torch.sinh",
    "sqrt": "torch.sqrt",
    "square": "torch.square",
    "tan": "torch.tan",
    "trunc": "torch.trunc",
    "zeros_like": "torch.zeros_like",
}
_SAME: Final = frozenset({"identity", "copy", "stop_gradient"})
#: Those whose options a node of Keras does not keep here, beside activations that have some.
_OPEN: Final = frozenset({"leaky_relu", "elu", "celu", "softmax", "log_softmax", "gelu", "glu"})
_REDUCTIONS: Final = {
    "amax": "amax",
    "amin": "amin",
    "logsumexp": "logsumexp",
    "max": "amax",
    "mean": "mean",
    "min": "amin",
    "std": "std",
    "sum": "sum",
    "var": "var",
}


def pointwise(a: Applied) -> Out:
    """Work on numbers one by one."""
    layer: Any = a.layer
    op, value = layer.op, layer.value
    if layer.constant is not None:
        a.refuse(f"computes {op} with an array that is not known here")
    if op in _SAME:
        return Out(a.values[0])
    if op in _OPERATORS or op in _TWO:
        return _of_two(a, op, value)
    if value is not None or len(a.values) != 1:
        a.refuse(f"computes {op}, which is not supported")
    if op in _ONE:
        return a.alike(Call(_ONE[op], (a.as_it_is(),)))
    if op in ACTIVATIONS and op not in _OPEN:
        first, rank = a.values[0].first, a.rank
        return a.alike(activated(a, a.as_it_is(), op, first=first, rank=rank))
    return a.refuse(f"computes {op}, which is not supported")


def _of_two(a: Applied, op: str, value: Any) -> Out:  # noqa: ANN401
    if len(a.values) == 1 and isinstance(value, (int, float)):
        if op not in _COMMUTING:
            a.refuse(f"computes {op} of a tensor and {value}, in an order that is not known here")
        x = a.as_it_is()
        if op in _TWO:
            bound = {"maximum": "min", "minimum": "max"}[op]
            return a.alike(Call("torch.clamp", (x,), [(bound, literal(value))]))
        return a.alike(f"{x} {_OPERATORS[op]} {literal(value)}")
    if len(a.values) != 2 or value is not None:  # noqa: PLR2004  (an operator has two sides)
        a.refuse(f"computes {op} of {len(a.values)} tensors, which is not supported")
    names, moved = together(a)
    if op in _TWO:
        return Out(Call(_TWO[op], tuple(names)), first=moved)
    return Out(f" {_OPERATORS[op]} ".join(names), first=moved)


def reduce(a: Applied) -> Out:
    """Make one number of all along axes."""
    layer: Any = a.layer
    op = layer.op
    if op not in _REDUCTIONS:
        a.refuse(f"computes {op}, which is not supported")
    axes = tuple(range(a.rank)) if layer.axis is None else layer.axis
    keywords: list[tuple[str, Expression]] = []
    if op in {"std", "var"}:
        keywords.append(("correction", "0"))
    if layer.keepdims:
        keywords.append(("keepdim", "True"))
    named = axes[0] if isinstance(axes, tuple) and len(axes) == 1 else axes
    return Out(Call(f"{a.plain()}.{_REDUCTIONS[op]}", (literal(named),), keywords))


def matmul(a: Applied) -> Out:
    """Multiply matrices."""
    layer: Any = a.layer
    if layer.constant is not None or len(a.values) == 1:
        a.refuse("multiplies with an array that is not known here")
    return Out(f"{a.plain(0)} @ {a.plain(1)}")


def einsum(a: Applied) -> Out:
    """Multiply and add up as an equation says."""
    layer: Any = a.layer
    names = [a.plain(place) for place in range(len(a.values))]
    return Out(Call("torch.einsum", (quoted(layer.subscripts), *names)))


def stack(a: Applied) -> Out:
    """Put tensors on a new axis."""
    layer: Any = a.layer
    names = [a.plain(place) for place in range(len(a.values))]
    return Out(Call("torch.stack", (listed(*names),), [("dim", str(layer.axis))]))


WRITERS: Final[dict[str, Writer]] = {
    "Pointwise": pointwise,
    "Reduce": reduce,
    "Matmul": matmul,
    "Einsum": einsum,
    "Stack": stack,
}

"""Functions of single numbers, and those that make one number of many."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from shapecalc.exporters.document import literal
from shapecalc.exporters.port.from_torch.values import Out

if TYPE_CHECKING:
    from shapecalc.exporters.document import Expression
    from shapecalc.exporters.port.from_torch.applied import Applied
    from shapecalc.exporters.port.from_torch.families import Writer

_ONE: Final = {
    "Exp": "exp",
    "Log": "log",
    "Sqrt": "sqrt",
    "Rsqrt": "rsqrt",
    "Abs": "abs",
    "Neg": "negative",
    "Sin": "sin",
    "Cos": "cos",
    "Erf": "erf",
    "Round": "round",
    "Floor": "floor",
    "Ceil": "ceil",
    "Sign": "sign",
    "Square": "square",
    "Reciprocal": "reciprocal",
    "Log1p": "log1p",
    "Log2": "log2",
    "Log10": "log10",
    "Expm1": "expm1",
    "Exp2": "exp2",
    "Tan": "tan",
    "Asin": "arcsin",
    "Acos": "arccos",
    "Atan": "arctan",
    "Sinh": "sinh",
    "Cosh": "cosh",
    "Asinh": "arcsinh",
    "Acosh": "arccosh",
    "Atanh": "arctanh",
    "Erfinv": "erfinv",
    "Trunc": "trunc",
    "Isnan": "isnan",
    "Isinf": "isinf",
    "Isfinite": "isfinite",
    "LogicalNot": "logical_not",
}
_MANY: Final = {
    "Mean": "mean",
    "Sum": "sum",
    "Amax": "max",
    "Amin": "min",
    "Logsumexp": "logsumexp",
    "Var": "var",
    "Std": "std",
}


def one(a: Applied) -> Out:
    """Compute a function of each number."""
    value = a.values[0]
    return Out(a.ops(_ONE[a.layer.called], value.name), last=value.last)


def clamp(a: Applied) -> Out:
    """Cut off below and above."""
    layer: Any = a.layer
    value = a.values[0]
    if layer.min is None:
        return Out(a.ops("minimum", value.name, literal(layer.max)), last=value.last)
    if layer.max is None:
        return Out(a.ops("maximum", value.name, literal(layer.min)), last=value.last)
    clipped = a.ops("clip", value.name, literal(layer.min), literal(layer.max))
    return Out(clipped, last=value.last)


def many(a: Applied) -> Out:
    """Make one number of all along axes."""
    layer: Any = a.layer
    if getattr(layer, "unbiased", False):
        a.refuse("divides by one less than there are numbers, which Keras does not")
    given: dict[str, Expression] = {}
    if layer.dim is not None:
        dims = layer.dim
        lone = isinstance(dims, tuple) and len(dims) == 1
        given["axis"] = literal(dims[0] if lone else dims)
    if layer.keepdim:
        given["keepdims"] = "True"
    return Out(a.ops(_MANY[layer.called], a.plain(), **given))


WRITERS: Final[dict[str, Writer]] = {
    **dict.fromkeys(_ONE, one),
    **dict.fromkeys(_MANY, many),
    "Clamp": clamp,
}

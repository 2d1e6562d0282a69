"""Activation functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from shapecalc.exporters.document import Call, literal, quoted
from shapecalc.exporters.port.from_torch.values import Out, axis_in

if TYPE_CHECKING:
    from shapecalc.exporters.document import Expression
    from shapecalc.exporters.port.from_torch.applied import Applied, Keywords
    from shapecalc.exporters.port.from_torch.families import Writer

#: What Keras has by a name.
_NAMED: Final = {
    "ReLU": "relu",
    "ReLU6": "relu6",
    "SELU": "selu",
    "SiLU": "silu",
    "Mish": "mish",
    "Sigmoid": "sigmoid",
    "Tanh": "tanh",
    "LogSigmoid": "log_sigmoid",
    "Hardsigmoid": "hard_sigmoid",
    "Hardswish": "hard_silu",
    "Tanhshrink": "tanh_shrink",
    "Softsign": "softsign",
}


def named(a: Applied) -> Out:
    """Apply a function that Keras has by a name."""
    value = a.values[0]
    return Out(a.plainly("Activation", value.name, quoted(_NAMED[a.layer.called])), last=value.last)


def with_numbers(a: Applied) -> Out:
    """Apply a function with numbers of its own."""
    layer: Any = a.layer
    value = a.values[0]
    x = value.name
    made: dict[str, Any] = {
        "ELU": lambda: a.plainly("ELU", x, literal(layer.alpha)),
        "CELU": lambda: a.ops("celu", x, literal(layer.alpha)),
        "GELU": lambda: a.ops("gelu", x, approximate=str(layer.approximate == "tanh")),
        "Hardshrink": lambda: a.ops("hard_shrink", x, literal(layer.lambd)),
        "Softshrink": lambda: a.ops("soft_shrink", x, literal(layer.lambd)),
        "Threshold": lambda: a.ops("threshold", x, literal(layer.threshold), literal(layer.value)),
        "LeakyReLU": lambda: a.plainly("LeakyReLU", x, literal(layer.negative_slope)),
    }
    return Out(made[layer.called](), last=value.last)


def softplus(a: Applied) -> Out:
    """Bend smoothly; beyond its threshold PyTorch's is a line, as Keras's is to float32."""
    layer: Any = a.layer
    if layer.beta != 1 or layer.threshold < 15:  # noqa: PLR2004  (exp(-15) is lost in float32)
        a.refuse("has a beta or a threshold, which Keras's lacks")
    value = a.values[0]
    return Out(a.plainly("Activation", value.name, quoted("softplus")), last=value.last)


def hardtanh(a: Applied) -> Out:
    """Cut off at both ends."""
    layer: Any = a.layer
    value = a.values[0]
    low = layer.min_val if layer.min_value is None else layer.min_value
    high = layer.max_val if layer.max_value is None else layer.max_value
    return Out(a.ops("clip", value.name, literal(low), literal(high)), last=value.last)


def along(a: Applied) -> Out:
    """Make shares along an axis."""
    layer: Any = a.layer
    value = a.values[0]
    kind = layer.called
    if kind == "Softmax2d":
        dim = a.rank - 3
    elif layer.dim is None:
        dim = 0 if a.rank in {1, 3} else 1
    else:
        dim = layer.dim
    axis = axis_in(dim, a.rank, last=value.last)
    shown = "-1" if axis == a.rank - 1 else str(axis)
    if kind == "LogSoftmax":
        return Out(a.ops("log_softmax", value.name, axis=shown), last=value.last)
    if kind == "GLU":
        return Out(a.ops("glu", value.name, axis=shown), last=value.last)
    x: Expression = f"-{value.name}" if kind == "Softmin" else value.name
    if axis == 0:
        return Out(a.ops("softmax", x, axis="0"), last=value.last)
    given = {} if shown == "-1" else {"axis": shown}
    return Out(a.plainly("Softmax", x, **given), last=value.last)


def prelu(a: Applied) -> Out:
    """Scale what is negative by a slope of each channel, or of all."""
    if a.rank < 2:  # noqa: PLR2004  (batch and features)
        a.refuse("reads one example without a batch, which Keras does not")
    x = a.last()
    shared = list(range(1, a.rank - 1))
    keywords: Keywords = [("shared_axes", literal(shared))] if shared else []
    made = a.weighted("PReLU", (), keywords)
    a.copy("copy_prelu")
    return Out(Call(made, (x,)), last=a.values[0].last)


WRITERS: Final[dict[str, Writer]] = {
    **dict.fromkeys(_NAMED, named),
    **dict.fromkeys(
        ("ELU", "CELU", "GELU", "Hardshrink", "Softshrink", "Threshold", "LeakyReLU"),
        with_numbers,
    ),
    **dict.fromkeys(("Softmax", "LogSoftmax", "Softmin", "Softmax2d", "GLU"), along),
    "Softplus": softplus,
    "Hardtanh": hardtanh,
    "PReLU": prelu,
}

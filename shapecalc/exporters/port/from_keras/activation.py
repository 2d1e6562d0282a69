"""Activation functions as layers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from shapecalc.exporters.document import Call, literal, tupled
from shapecalc.exporters.port.from_keras.functions import activated
from shapecalc.exporters.port.from_keras.values import Out, axis_in

if TYPE_CHECKING:
    from shapecalc.exporters.port.from_keras.applied import Applied
    from shapecalc.exporters.port.from_keras.families import Writer


def activation(a: Applied) -> Out:
    """Apply a function by its name."""
    layer: Any = a.layer
    value = a.values[0]
    x = activated(a, a.as_it_is(), layer.activation, first=value.first, rank=a.rank)
    return a.alike(x)


def relu(a: Applied) -> Out:
    """Cut off below a threshold and above a bound, with a slope below."""
    layer: Any = a.layer
    most, slope, least = layer.max_value, layer.negative_slope, layer.threshold
    x = a.as_it_is()
    if not least and most is None:
        if not slope:
            return a.alike(Call("torch.relu", (x,)))
        return a.alike(a.functional("leaky_relu", x, literal(slope)))
    if not least and not slope:
        return a.alike(Call("torch.clamp", (x, "0", literal(most))))
    bounds = [("threshold", least), ("slope", slope), ("bound", most)]
    given = [(name, literal(value)) for name, value in bounds if value]
    return a.alike(Call(a.needs("bounded_relu"), (x,), given))


def leaky_relu(a: Applied) -> Out:
    """Shrink what is negative."""
    layer: Any = a.layer
    slope = layer.negative_slope if layer.alpha is None else layer.alpha
    return a.alike(a.functional("leaky_relu", a.as_it_is(), literal(slope)))


def elu(a: Applied) -> Out:
    """Bend what is negative."""
    layer: Any = a.layer
    return a.alike(a.functional("elu", a.as_it_is(), literal(layer.alpha)))


def prelu(a: Applied) -> Out:
    """Scale what is negative by a slope for each place, or for each channel."""
    *others, channels = a.weights["alpha"]
    if others and all(size == 1 for size in others):
        x = a.first()
        module = a.module(Call("nn.PReLU", (a.size(channels),)))
        a.copy("copy_prelu")
        return Out(Call(module, (x,)), first=True)
    if not others:
        module = a.module(Call("nn.PReLU", (a.size(channels),)))
        a.copy("copy_prelu")
        return Out(Call(module, (a.plain(),)))
    x = a.plain()
    slopes = a.parameter(list(map(a.size, a.weights["alpha"])), "")
    a.copy_plain("", ".alpha")
    return Out(f"torch.relu({x}) - {slopes} * torch.relu(-{x})")


def softmax(a: Applied) -> Out:
    """Make shares along an axis, or along several."""
    layer: Any = a.layer
    value = a.values[0]
    axes = range(a.rank) if layer.axis is None else layer.axis
    named = (axes,) if isinstance(axes, int) else tuple(axes)
    if value.steps is not None:
        a.plain()
    found = [axis_in(axis, a.rank, first=value.first) for axis in named]
    x = a.as_it_is()
    if len(found) == 1:
        return a.alike(Call("torch.softmax", (x,), [("dim", dim(found[0], a.rank))]))
    dims = tupled(*map(str, found))
    return a.alike(Call(a.needs("softmax_over"), (x, dims)))


def dim(axis: int, rank: int) -> str:
    """Return an axis as PyTorch's code has it: the last one as -1."""
    return "-1" if axis == rank - 1 else str(axis)


WRITERS: Final[dict[str, Writer]] = {
    "Activation": activation,
    "ReLU": relu,
    "LeakyReLU": leaky_relu,
    "ELU": elu,
    "PReLU": prelu,
    "Softmax": softmax,
}

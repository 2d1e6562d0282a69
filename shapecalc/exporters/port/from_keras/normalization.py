"""Normalizations, with Keras's epsilons, and its momentum the other way round."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from shapecalc.dims import product
from shapecalc.exporters.document import Call, literal, tupled
from shapecalc.exporters.layout import flat
from shapecalc.exporters.port.from_keras.values import Out

if TYPE_CHECKING:
    from collections.abc import Callable

    from shapecalc.exporters.document import Expression
    from shapecalc.exporters.port.from_keras.applied import Applied
    from shapecalc.exporters.port.from_keras.families import Writer

#: Up to how many axes PyTorch has a module for batches.
_MOST_AXES: Final = 5


def batch_normalization(a: Applied) -> Out:
    """Normalize each channel; its axis stands behind the batch."""
    layer: Any = a.layer
    if layer.renorm:
        a.refuse("has renorm, which PyTorch lacks")
    axis = layer.axis % a.rank
    if axis == 0:
        a.refuse("normalizes along the batch")
    if a.rank > _MOST_AXES:
        a.refuse(f"has {a.rank} axes, and PyTorch's has up to {_MOST_AXES}")
    keywords: list[tuple[str, Expression]] = [
        ("eps", literal(layer.epsilon)),
        ("momentum", literal(round(1 - layer.momentum, 12))),
    ]
    if not (layer.center or layer.scale):
        keywords.append(("affine", "False"))
    kind = f"nn.BatchNorm{max(a.rank - 2, 1)}d"
    module = a.module(Call(kind, (a.size(a.shape[axis]),), keywords))
    a.copy("copy_batch_norm")
    return _per_channel(a, module, axis)


def along(a: Applied, module: Callable[[list[Expression]], str]) -> Out:
    """Normalize along axes, which stand at the end while that is done."""
    layer: Any = a.layer
    named = (layer.axis,) if isinstance(layer.axis, int) else tuple(layer.axis)
    axes = sorted(axis % a.rank for axis in named)
    sizes: list[Expression] = [a.size(a.shape[axis]) for axis in axes]
    x, last = a.plain(), list(range(a.rank - len(axes), a.rank))
    made = module(sizes)
    if axes == last:
        return Out(Call(made, (x,)))
    there, back = tupled(*map(str, axes)), tupled(*map(str, last))
    moved = a.let("moved", Call(f"{x}.movedim", (there, back)))
    done = a.let("moved", Call(made, (moved,)))
    return Out(Call(f"{done}.movedim", (back, there)))


def _per_channel(a: Applied, module: str, axis: int) -> Out:
    """Apply a module that finds the channels behind the batch; in Keras they are on this axis."""
    if axis == a.rank - 1:
        x = a.first()
        return Out(Call(module, (x,)), first=a.values[0].first)
    x = a.plain()
    if axis == 1:
        return Out(Call(module, (x,)))
    moved = a.let("moved", Call(module, (f"{x}.movedim({axis}, 1)",)))
    return Out(f"{moved}.movedim(1, {axis})")


def layer_normalization(a: Applied) -> Out:
    """Normalize each example along axes."""
    layer: Any = a.layer
    keywords: list[tuple[str, Expression]] = [("eps", literal(layer.epsilon))]

    def module(sizes: list[Expression]) -> str:
        shape = sizes[0] if len(sizes) == 1 else tupled(*sizes)
        if layer.rms_scaling:
            made = a.module(Call(a.needs("VarianceScaling"), (shape,), keywords))
        elif layer.scale or layer.center:
            bias: list[tuple[str, Expression]] = [] if layer.center else [("bias", "False")]
            made = a.module(Call("nn.LayerNorm", (shape,), keywords + bias))
        else:
            plain = [*keywords, ("elementwise_affine", "False")]
            return a.module(Call("nn.LayerNorm", (shape,), plain))
        a.copy("copy_norm")
        return made

    return along(a, module)


def rms_normalization(a: Applied) -> Out:
    """Divide by the root of the mean of the squares along axes."""
    layer: Any = a.layer

    def module(sizes: list[Expression]) -> str:
        shape = sizes[0] if len(sizes) == 1 else tupled(*sizes)
        made = a.module(Call("nn.RMSNorm", (shape,), [("eps", literal(layer.epsilon))]))
        a.copy_plain(".weight", ".scale")
        return made

    return along(a, module)


def group_normalization(a: Applied) -> Out:
    """Normalize groups of channels, which stand behind the batch."""
    layer: Any = a.layer
    axis = layer.axis % a.rank
    channels = a.shape[axis]
    groups = a.size(channels) if layer.groups == -1 else str(layer.groups)
    keywords: list[tuple[str, Expression]] = [("eps", literal(layer.epsilon))]
    affine = layer.center or layer.scale
    if not affine:
        keywords.append(("affine", "False"))
    module = a.module(Call("nn.GroupNorm", (groups, a.size(channels)), keywords))
    if affine:
        a.copy("copy_norm")
    return _per_channel(a, module, axis)


def unit_normalization(a: Applied) -> Out:
    """Divide by the length along axes."""
    layer: Any = a.layer
    if isinstance(layer.axis, int):
        return Out(a.functional("normalize", a.plain(), dim=literal(layer.axis)))
    return Out(a.functional("normalize", a.plain(), dim=literal(tuple(layer.axis))))


def normalization(a: Applied) -> Out:
    """Shift and scale by what is given, or was seen in data."""
    layer: Any = a.layer
    shape = [1] * a.rank
    for axis in layer.feature_axes():
        known = a.shape[axis]
        if not isinstance(known, int):
            a.refuse("keeps a mean for each of an unknown number of features")
        shape[axis] = known
    sizes = [literal(each) for each in shape]
    x = a.plain()
    if layer.mean is None:
        mean = a.buffer(Call("torch.zeros", sizes), "_mean")
        deviation = a.buffer(Call("torch.ones", sizes), "_deviation")
        a.copy("copy_normalization", suffix="_mean")
        a.copy("copy_deviation", suffix="_deviation")
    else:
        mean = a.buffer(_given(layer.mean, shape), "_mean")
        variance = _given(layer.variance, shape)
        deviation = a.buffer(Call("torch.sqrt", (variance,)), "_deviation")
    least = a.let("deviation", f"{deviation}.clamp(min=1e-07)")
    if layer.invert:
        return Out(f"{mean} + {x} * {least}")
    return Out(f"({x} - {mean}) / {least}")


def _given(values: Any, shape: list[int]) -> Expression:  # noqa: ANN401
    """Return a tensor of numbers that are given, with the axes that they are for."""
    tensor = Call("torch.tensor", (_floats(values),))
    if _count(values) != product(shape) or product(shape) == 1:
        return tensor
    return Call(f"{flat(tensor)}.reshape", tuple(map(str, shape)))


def _floats(values: Any) -> Expression:  # noqa: ANN401
    if isinstance(values, (list, tuple)):
        return literal([_number(each) for each in values])
    return literal(_number(values))


def _number(value: Any) -> Any:  # noqa: ANN401
    return [_number(each) for each in value] if isinstance(value, (list, tuple)) else float(value)


def _count(values: Any) -> int:  # noqa: ANN401
    return sum(map(_count, values)) if isinstance(values, (list, tuple)) else 1


WRITERS: Final[dict[str, Writer]] = {
    "BatchNormalization": batch_normalization,
    "LayerNormalization": layer_normalization,
    "RMSNormalization": rms_normalization,
    "GroupNormalization": group_normalization,
    "UnitNormalization": unit_normalization,
    "Normalization": normalization,
}

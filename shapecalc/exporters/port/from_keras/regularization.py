"""Layers that change numbers at random in training, and those that scale them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from shapecalc.exporters.document import Call, literal, tupled
from shapecalc.exporters.port.from_keras.values import Out

if TYPE_CHECKING:
    from shapecalc.exporters.document import Expression
    from shapecalc.exporters.port.from_keras.applied import Applied
    from shapecalc.exporters.port.from_keras.families import Writer

_DROPPING: Final = {
    "Dropout": "nn.Dropout",
    "AlphaDropout": "nn.AlphaDropout",
    "GaussianDropout": "GaussianDropout",
    "GaussianNoise": "GaussianNoise",
}


def dropping(a: Applied) -> Out:
    """Drop or disturb numbers one by one."""
    layer: Any = a.layer
    rate = layer.stddev if layer.called == "GaussianNoise" else layer.rate
    if not rate:
        return Out(a.values[0])
    shape = getattr(layer, "noise_shape", None)
    if shape is not None:
        return _together(a, rate, list(shape))
    kind = _DROPPING[layer.called]
    made = Call(kind if "." in kind else a.needs(kind), (literal(rate),))
    return a.alike(Call(a.module(made), (a.as_it_is(),)))


def _together(a: Applied, rate: float, shape: list[Any]) -> Out:
    """Drop together what stands along the axes that have 1 in a noise_shape."""
    if all(size == 1 for size in shape[1:]):
        made = Call(a.needs("StochasticDepth"), (literal(rate),))
        return a.alike(Call(a.module(made), (a.as_it_is(),)))
    alone = tupled(*("1" if size == 1 else "None" for size in shape))
    x = a.plain()
    return Out(Call(a.module(Call(a.needs("SharedDropout"), (literal(rate), alone))), (x,)))


def spatial_dropout(a: Applied) -> Out:
    """Drop whole channels."""
    layer: Any = a.layer
    if not layer.rate:
        return Out(a.values[0])
    module = a.module(Call(f"nn.Dropout{layer.rank}d", (literal(layer.rate),)))
    x, moved = a.spatial()
    return Out(Call(module, (x,)), first=moved)


def stochastic_depth(a: Applied) -> Out:
    """Drop whole examples."""
    layer: Any = a.layer
    if not layer.drop_path_rate:
        return Out(a.values[0])
    made = Call(a.needs("StochasticDepth"), (literal(layer.drop_path_rate),))
    return a.alike(Call(a.module(made), (a.as_it_is(),)))


def layer_scale(a: Applied) -> Out:
    """Multiply each channel by a number that is learned."""
    layer: Any = a.layer
    x = a.plain()
    scale = a.parameter([a.size(layer.projection_dim)], "", "ones")
    a.copy_plain("", ".gamma")
    return Out(f"{x} * {scale}")


def rescaling(a: Applied) -> Out:
    """Multiply and add numbers, or one for each channel."""
    layer: Any = a.layer
    several = [isinstance(each, tuple) for each in (layer.scale, layer.offset)]
    x = a.plain() if any(several) else a.as_it_is()
    scale = _numbers(a, layer.scale, "_scale")
    scaled = x if layer.scale == 1 else f"{x} * {scale}"
    if layer.offset == 0:
        return a.alike(scaled)
    return a.alike(f"{scaled} + {_numbers(a, layer.offset, '_offset')}")


def _numbers(a: Applied, value: Any, suffix: str) -> Expression:  # noqa: ANN401
    if not isinstance(value, tuple):
        return literal(value)
    numbers = [float(each) for each in value]
    return a.buffer(Call("torch.tensor", (literal(numbers),)), suffix)


WRITERS: Final[dict[str, Writer]] = {
    **dict.fromkeys(_DROPPING, dropping),
    **{f"SpatialDropout{rank}D": spatial_dropout for rank in (1, 2, 3)},
    "StochasticDepth": stochastic_depth,
    "LayerScale": layer_scale,
    "Rescaling": rescaling,
}

"""Pools: what is padded never counts, neither in a maximum nor in a mean."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from shapecalc.exporters.document import Call, literal, tupled
from shapecalc.exporters.port.from_keras.padding import window_padding
from shapecalc.exporters.port.from_keras.values import Out, axis_in

if TYPE_CHECKING:
    from shapecalc.exporters.document import Expression
    from shapecalc.exporters.port.from_keras.applied import Applied
    from shapecalc.exporters.port.from_keras.families import Writer


def pool(a: Applied) -> Out:
    """Slide a window."""
    layer: Any = a.layer
    averages = layer.called.startswith("Average")
    x, moved = a.spatial()
    padding = window_padding(a, layer.pool_size, pools=True)
    differs = layer.strides is not None and layer.strides != layer.pool_size
    keywords: list[tuple[str, Expression]] = []
    if differs:
        keywords.append(("stride", literal(layer.strides)))
    if padding.argument is not None:
        keywords.append(("padding", padding.argument))
        if averages:
            keywords.append(("count_include_pad", "False"))
    kind = "Avg" if averages else "Max"
    made = Call(f"nn.{kind}Pool{layer.rank}d", (literal(layer.pool_size),), keywords)
    module = a.module(made)
    if not averages:
        around = padding.around(a, x, float("-inf"))
        return Out(Call(module, (around,)), first=moved)
    if not padding.is_apart:
        return Out(Call(module, (x,)), first=moved)
    around = padding.around(a, x)
    ones = padding.around(a, f"torch.ones_like({x})")
    return Out(Call(a.needs("mean_of"), (module, around, ones)), first=moved)


def global_pool(a: Applied) -> Out:
    """Take the mean or the maximum over all places."""
    layer: Any = a.layer
    value = a.values[0]
    if value.steps is not None:
        a.plain()
    axes = range(a.rank)[layer.layout().spatial]
    dims = sorted(axis_in(axis, a.rank, first=value.first) for axis in axes)
    method = "mean" if "Average" in layer.called else "amax"
    keep = [("keepdim", "True")] if layer.keepdims else []
    named = str(dims[0]) if len(dims) == 1 else tupled(*map(str, dims))
    call = Call(f"{a.as_it_is()}.{method}", (named,), keep)
    return Out(call, first=value.first and layer.keepdims)


def adaptive(a: Applied) -> Out:
    """Pool to a size."""
    layer: Any = a.layer
    x, moved = a.spatial()
    kind = "Avg" if "Average" in layer.called else "Max"
    size = layer.output_size
    module = a.module(Call(f"nn.Adaptive{kind}Pool{layer.rank}d", (literal(size),)))
    return Out(Call(module, (x,)), first=moved)


WRITERS: Final[dict[str, Writer]] = {
    **{f"{kind}Pooling{rank}D": pool for kind in ("Max", "Average") for rank in (1, 2, 3)},
    **{
        f"Global{kind}Pooling{rank}D": global_pool
        for kind in ("Max", "Average")
        for rank in (1, 2, 3)
    },
    **{
        f"Adaptive{kind}Pooling{rank}D": adaptive
        for kind in ("Max", "Average")
        for rank in (1, 2, 3)
    },
}

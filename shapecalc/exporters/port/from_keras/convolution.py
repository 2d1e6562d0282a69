"""Convolutions: padding as Keras pads, kernels in PyTorch's order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from shapecalc.exporters.document import Call, literal, tupled
from shapecalc.exporters.port.from_keras.functions import activated, along_axis
from shapecalc.exporters.port.from_keras.padding import Padding, window_padding
from shapecalc.exporters.port.from_keras.values import Out
from shapecalc.layers.arguments import spread
from shapecalc.layers.keras.transposed import cut_off
from shapecalc.layers.window import extent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapecalc.dims import Size
    from shapecalc.exporters.document import Expression
    from shapecalc.exporters.port.from_keras.applied import Applied
    from shapecalc.exporters.port.from_keras.families import Writer

Keywords = list[tuple[str, "Expression"]]


def channels_of(a: Applied) -> Size:
    """Return the channels of what a layer reads."""
    return a.shape[1] if a.layer.layout().channels != -1 else a.shape[-1]  # type: ignore[union-attr]


def sliding(layer: Any, padding: Padding) -> Keywords:  # noqa: ANN401
    """Return the keywords of a window that differ from their defaults."""
    strides, dilation = layer.strides, layer.dilation_rate
    return [
        *([("stride", literal(strides))] if strides != 1 else []),
        *([("padding", padding.argument)] if padding.argument else []),
        *([("dilation", literal(dilation))] if dilation != 1 else []),
    ]


def no_bias(layer: Any) -> Keywords:  # noqa: ANN401
    """Return what says that a module has no bias."""
    return [] if layer.use_bias else [("bias", "False")]


def closed(a: Applied, x: Expression, *, moved: bool) -> Out:
    """Return the output of a convolution, behind its activation."""
    layer: Any = a.layer
    if not moved and along_axis(layer.activation):
        return Out(activated(a, x, layer.activation, first=False))
    return Out(activated(a, x, layer.activation, first=moved), first=moved)


def conv(a: Applied) -> Out:
    """Slide a kernel over all channels of each group."""
    layer: Any = a.layer
    x, moved = a.spatial()
    padding = window_padding(a, layer.kernel_size, layer.dilation_rate)
    groups: Keywords = [("groups", str(layer.groups))] if layer.groups != 1 else []
    sizes = (a.size(channels_of(a)), a.size(layer.filters), literal(layer.kernel_size))
    keywords = [*sliding(layer, padding), *groups, *no_bias(layer)]
    module = a.module(Call(f"nn.Conv{layer.rank}d", sizes, keywords))
    a.copy("copy_conv")
    return closed(a, Call(module, (padding.around(a, x),)), moved=moved)


def depthwise(a: Applied) -> Out:
    """Slide a kernel of its own over each channel."""
    layer: Any = a.layer
    x, moved = a.spatial()
    padding = window_padding(a, layer.kernel_size, layer.dilation_rate)
    module = a.module(_depthwise(a, padding, no_bias(layer)))
    a.copy("copy_depthwise")
    return closed(a, Call(module, (padding.around(a, x),)), moved=moved)


def _depthwise(a: Applied, padding: Padding, bias: Keywords) -> Call:
    layer: Any = a.layer
    channels = channels_of(a)
    sizes = (a.size(channels), a.size(channels * layer.depth_multiplier))
    keywords = [*sliding(layer, padding), ("groups", a.size(channels)), *bias]
    return Call(f"nn.Conv{layer.rank}d", (*sizes, literal(layer.kernel_size)), keywords)


def separable(a: Applied) -> Out:
    """Slide a kernel over each channel, then mix the channels."""
    layer: Any = a.layer
    x, moved = a.spatial()
    padding = window_padding(a, layer.kernel_size, layer.dilation_rate)
    inner = channels_of(a) * layer.depth_multiplier
    sizes = (a.size(inner), a.size(layer.filters), "1")
    mixing = Call(f"nn.Conv{layer.rank}d", sizes, no_bias(layer))
    each = _depthwise(a, padding, [("bias", "False")])
    module = a.module(Call("nn.Sequential", (each, mixing)))
    a.copy("copy_separable")
    return closed(a, Call(module, (padding.around(a, x),)), moved=moved)


def transposed(a: Applied) -> Out:
    """Spread each place over a window, and cut the ends as Keras does."""
    layer: Any = a.layer
    rank = layer.rank
    x, moved = a.spatial()
    reaches = map(extent, spread(layer.kernel_size, rank), spread(layer.dilation_rate, rank))
    given = layer.output_padding
    added = (None,) * rank if given is None else spread(given, rank)
    strides = spread(layer.strides, rank)
    ends = [_ends(*each, layer.padding) for each in zip(reaches, strides, added, strict=True)]
    most = [max(*each) for each in zip(strides, spread(layer.dilation_rate, rank), strict=True)]
    direct = all(
        0 <= front - back < limit and front >= 0
        for (front, back), limit in zip(ends, most, strict=True)
    )
    keywords: Keywords = [("stride", literal(layer.strides))] if layer.strides != 1 else []
    if direct:
        keywords += _same_for_all("padding", [before for before, _ in ends])
        keywords += _same_for_all("output_padding", [front - back for front, back in ends])
    keywords += no_bias(layer)
    if layer.dilation_rate != 1:
        keywords.append(("dilation", literal(layer.dilation_rate)))
    sizes = (a.size(channels_of(a)), a.size(layer.filters), literal(layer.kernel_size))
    module = a.module(Call(f"nn.ConvTranspose{rank}d", sizes, keywords))
    a.copy("copy_conv")
    made: Expression = Call(module, (x,))
    if not direct:
        widths = [str(-end) for pair in reversed(ends) for end in pair]
        made = a.functional("pad", made, tupled(*widths))
        if layer.use_bias and any(end < 0 for pair in ends for end in pair):
            a.refuse("adds positions that no window covers, to which PyTorch would add no bias")
    return closed(a, made, moved=moved)


def _same_for_all(name: str, values: Sequence[int]) -> Keywords:
    """Return a keyword with one number for all axes where they agree; nothing for 0."""
    if not any(values):
        return []
    return [(name, literal(values[0] if len(set(values)) == 1 else tuple(values)))]


def _ends(reach: int, stride: int, more: int | None, padding: str) -> tuple[int, int]:
    """Return how much is cut off both ends of what all windows reach; what is added is negative."""
    before = cut_off(reach, stride, padding, more)
    if padding != "same":
        return before, -(max(reach, stride) - reach if more is None else more)
    last = stride if more is None else reach % 2 + more
    return before, reach - last - before


WRITERS: Final[dict[str, Writer]] = {
    "Conv1D": conv,
    "Conv2D": conv,
    "Conv3D": conv,
    "DepthwiseConv1D": depthwise,
    "DepthwiseConv2D": depthwise,
    "SeparableConv1D": separable,
    "SeparableConv2D": separable,
    "Conv1DTranspose": transposed,
    "Conv2DTranspose": transposed,
    "Conv3DTranspose": transposed,
}

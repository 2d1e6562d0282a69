"""Convolutions: what PyTorch pads by itself is padded before, unless Keras's same does it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from shapecalc.exporters.document import Call, literal, quoted, tupled
from shapecalc.exporters.port.from_torch.values import Out
from shapecalc.layers.arguments import spread

if TYPE_CHECKING:
    from shapecalc.exporters.document import Expression
    from shapecalc.exporters.port.from_torch.applied import Applied, Keywords
    from shapecalc.exporters.port.from_torch.families import Writer


def one_or_all(values: tuple[int, ...]) -> Expression:
    """Return one number where all axes have the same."""
    return literal(values[0] if len(set(values)) == 1 else values)


def around(a: Applied, x: Expression, amounts: tuple[int, ...]) -> Expression:
    """Add zeros at both ends of the spatial axes."""
    return a.plainly(f"ZeroPadding{len(amounts)}D", x, one_or_all(amounts))


def _window(a: Applied) -> tuple[tuple[int, ...], tuple[int, ...], Keywords]:
    """Return strides and dilation, and what says them."""
    layer: Any = a.layer
    strides, dilation = spread(layer.stride, layer.rank), spread(layer.dilation, layer.rank)
    if max(strides) > 1 and max(dilation) > 1:
        a.refuse("has strides and dilation above 1, which Keras does not take together")
    keywords: Keywords = []
    if max(strides) > 1:
        keywords.append(("strides", one_or_all(strides)))
    if max(dilation) > 1:
        keywords.append(("dilation_rate", one_or_all(dilation)))
    return strides, dilation, keywords


def conv(a: Applied) -> Out:
    """Slide a kernel."""
    layer: Any = a.layer
    if layer.padding_mode != "zeros":
        a.refuse(f"pads by {layer.padding_mode}, which Keras does not")
    x: Expression = a.spatial()
    rank = layer.rank
    kernel = spread(layer.kernel_size, rank)
    strides, dilation, keywords = _window(a)
    if isinstance(layer.padding, str):
        same, amounts = layer.padding == "same", (0,) * rank
    else:
        amounts = spread(layer.padding, rank)
        reaches = [(k - 1) * d for k, d in zip(kernel, dilation, strict=True)]
        same = max(strides) == 1 and any(amounts) and [2 * n for n in amounts] == reaches
    if same:
        keywords.insert(0, ("padding", quoted("same")))
    elif any(amounts):
        x = around(a, x, amounts)
    if layer.groups != 1:
        keywords.append(("groups", str(layer.groups)))
    if not layer.bias:
        keywords.append(("use_bias", "False"))
    sizes = (a.size(layer.out_channels), one_or_all(kernel))
    made = a.weighted(f"Conv{rank}D", sizes, keywords)
    a.copy("copy_conv")
    return Out(Call(made, (x,)), last=True)


def transposed(a: Applied) -> Out:
    """Spread each place over a window, and cut both ends."""
    layer: Any = a.layer
    if layer.groups != 1:
        a.refuse("has groups, which Keras's transposed convolutions lack")
    if a.call.get("output_size") is not None:
        a.refuse("is called with output_size")
    x = a.spatial()
    rank = layer.rank
    kernel, more = spread(layer.kernel_size, rank), spread(layer.output_padding, rank)
    strides, dilation, keywords = _window(a)
    reaches = [(k - 1) * d + 1 for k, d in zip(kernel, dilation, strict=True)]
    if any(extra >= stride for extra, stride in zip(more, strides, strict=True) if extra):
        a.refuse("has an output_padding as large as its strides, which Keras does not take")
    if any(more) or any(n < stride for n, stride in zip(reaches, strides, strict=True)):
        keywords.append(("output_padding", one_or_all(more)))
    if not layer.bias:
        keywords.append(("use_bias", "False"))
    sizes = (a.size(layer.out_channels), one_or_all(kernel))
    made = a.weighted(f"Conv{rank}DTranspose", sizes, keywords)
    a.copy("copy_conv")
    amounts = spread(layer.padding, rank)
    grown: Expression = Call(made, (x,))
    if any(amounts):
        cut = one_or_all(amounts) if rank > 1 else tupled(*map(str, amounts * 2))
        grown = a.plainly(f"Cropping{rank}D", a.let("grown", grown), cut)
    return Out(grown, last=True)


WRITERS: Final[dict[str, Writer]] = {
    **{f"{lazy}Conv{rank}d": conv for lazy in ("", "Lazy") for rank in (1, 2, 3)},
    **{f"{lazy}ConvTranspose{rank}d": transposed for lazy in ("", "Lazy") for rank in (1, 2, 3)},
}

"""Pools: what PyTorch pads by itself is padded before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from shapecalc.exporters.document import literal, tupled
from shapecalc.exporters.port.from_torch.convolution import around, one_or_all
from shapecalc.exporters.port.from_torch.values import Out
from shapecalc.layers.arguments import spread

if TYPE_CHECKING:
    from shapecalc.exporters.document import Expression
    from shapecalc.exporters.port.from_torch.applied import Applied
    from shapecalc.exporters.port.from_torch.families import Writer


def pool(a: Applied) -> Out:
    """Slide a window."""
    layer: Any = a.layer
    rank = layer.rank
    x = a.spatial()
    kernel, amounts = spread(layer.kernel_size, rank), spread(layer.padding, rank)
    strides = kernel if layer.stride is None else spread(layer.stride, rank)
    if getattr(layer, "divisor_override", None) is not None:
        a.refuse("has a divisor_override, which Keras's lacks")
    if max(spread(getattr(layer, "dilation", 1), rank)) > 1:
        a.refuse("has dilation, which Keras's pools lack")
    if getattr(layer, "return_indices", False):
        a.refuse("returns the indices of the maxima, which Keras's pools do not")
    if layer.ceil_mode and not _fits(a, kernel, strides, amounts):
        a.refuse("rounds up (ceil_mode), and its windows may reach over the end")
    given = {} if strides == kernel else {"strides": one_or_all(strides)}
    averages = layer.called.startswith("Avg")
    kind = f"{'Average' if averages else 'Max'}Pooling{rank}D"
    if not any(amounts):
        return Out(a.plainly(kind, x, one_or_all(kernel), **given), last=True)
    padded: Expression
    if not averages:
        widths = tupled("(0, 0)", *(f"({n}, {n})" for n in amounts), "(0, 0)")
        padded = a.ops("pad", x, widths, constant_values='-float("inf")')
        padded = a.let("padded", padded)
        return Out(a.plainly(kind, padded, one_or_all(kernel), **given), last=True)
    padded = a.let("padded", around(a, x, amounts))
    if layer.count_include_pad:
        return Out(a.plainly(kind, padded, one_or_all(kernel), **given), last=True)
    ones = a.let("ones", around(a, a.ops("ones_like", x), amounts))
    mean = a.let("means", a.plainly(kind, padded, one_or_all(kernel), **given))
    share = a.let("shares", a.plainly(kind, ones, one_or_all(kernel), **given))
    return Out(f"{mean} / {share}", last=True)


def _fits(
    a: Applied, kernel: tuple[int, ...], strides: tuple[int, ...], amounts: tuple[int, ...]
) -> bool:
    """Return whether windows end where the axes do, so that nothing is rounded."""
    sizes = a.shape[2:]
    numbers = zip(sizes, kernel, strides, amounts, strict=True)
    return all(isinstance(n, int) and (n + 2 * p - k) % s == 0 for n, k, s, p in numbers)


def adaptive(a: Applied) -> Out:
    """Pool to a size."""
    layer: Any = a.layer
    rank = layer.rank
    x = a.spatial()
    kind = "Average" if "Avg" in layer.called else "Max"
    wanted = a.outputs[0][2:]
    if getattr(layer, "return_indices", False):
        a.refuse("returns the indices of the maxima, which Keras's pools do not")
    if not all(isinstance(size, int) for size in wanted):
        a.refuse("keeps the size of an axis that is not known, which Keras's does not")
    if all(size == 1 for size in wanted):
        return Out(a.plainly(f"Global{kind}Pooling{rank}D", x, keepdims="True"), last=True)
    size = wanted[0] if rank == 1 else tuple(wanted)
    return Out(a.plainly(f"Adaptive{kind}Pooling{rank}D", x, literal(size)), last=True)


WRITERS: Final[dict[str, Writer]] = {
    **{f"{kind}Pool{rank}d": pool for kind in ("Max", "Avg") for rank in (1, 2, 3)},
    **{f"Adaptive{kind}Pool{rank}d": adaptive for kind in ("Max", "Avg") for rank in (1, 2, 3)},
}

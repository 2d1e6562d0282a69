"""The padding of windows: what PyTorch's modules do by themselves, and what is padded before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from shapecalc.exporters.document import Call, literal, tupled
from shapecalc.layers.arguments import spread
from shapecalc.layers.window import extent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapecalc.exporters.document import Expression
    from shapecalc.exporters.port.from_keras.applied import Applied

Numbers = int | tuple[int, ...]


@dataclass(slots=True)
class Padding:
    """How much is added around the spatial axes.

    Attributes:
        argument: what a module is told, if it does it.
        ends: how much before and after each axis, if it is added before; None where it is not
            known before the sizes are.
        at_run_time: kernel, strides and dilation, where the sizes decide.
    """

    argument: Expression | None = None
    ends: Sequence[tuple[int, int]] = ()
    at_run_time: tuple[Numbers, Numbers, Numbers] | None = None

    @property
    def is_apart(self) -> bool:
        """Whether it is added before the window slides."""
        return self.at_run_time is not None or any(map(any, self.ends))

    def around(self, a: Applied, x: Expression, fill: float | None = None) -> Expression:
        """Return the tensor with what is added before the window slides."""
        value = [] if fill is None else [("value", literal(fill))]
        if self.at_run_time is not None:
            kernel, strides, dilation = map(literal, self.at_run_time)
            more = [("dilation", dilation)] if dilation != "1" else []
            return Call(a.needs("pad_same"), (x, kernel, strides), [*more, *value])
        if not any(map(any, self.ends)):
            return x
        widths = [str(end) for pair in reversed(self.ends) for end in pair]
        return a.functional("pad", x, tupled(*widths), **dict(value))


def window_padding(
    a: Applied, kernel: Numbers, dilation: Numbers = 1, *, pools: bool = False
) -> Padding:
    """Return the padding of a window as Keras adds it: one more behind where it is odd."""
    layer: Any = a.layer
    rank = layer.rank
    strides: Numbers = kernel if layer.strides is None else layer.strides
    reaches = list(map(extent, spread(kernel, rank), spread(dilation, rank)))
    if layer.padding == "valid" or all(reach == 1 for reach in reaches):
        return Padding()
    if layer.padding == "causal":
        return Padding(ends=[(reach - 1, 0) for reach in reaches])
    sizes = a.shape[layer.layout().spatial]
    ends = []
    for size, reach, stride in zip(sizes, reaches, spread(strides, rank), strict=True):
        if stride == 1:
            total = reach - 1
        elif isinstance(size, int):
            total = max(0, ((size + stride - 1) // stride - 1) * stride + reach - size)
        else:
            return Padding(at_run_time=(kernel, strides, dilation))
        ends.append((total // 2, total - total // 2))
    if strides == 1 and not pools:
        return Padding(argument='"same"')
    if all(before == after for before, after in ends):
        amounts = [before for before, _ in ends]
        if not any(amounts):
            return Padding()
        return Padding(literal(amounts[0] if len(set(amounts)) == 1 else tuple(amounts)))
    return Padding(ends=ends)

"""Numbers around the spatial axes, and larger images."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from shapecalc.exporters.document import literal, quoted, tupled
from shapecalc.exporters.port.from_torch.convolution import one_or_all
from shapecalc.exporters.port.from_torch.values import Out

if TYPE_CHECKING:
    from shapecalc.exporters.document import Expression
    from shapecalc.exporters.port.from_torch.applied import Applied
    from shapecalc.exporters.port.from_torch.families import Writer


def pad(a: Applied) -> Out:
    """Add numbers around the spatial axes; PyTorch says the last axis first."""
    layer: Any = a.layer
    rank = layer.rank
    given = layer.padding
    ends = (given,) * 2 * rank if isinstance(given, int) else tuple(given)
    if min(ends) < 0:
        a.refuse("has negative padding, which Keras does not take")
    pairs = [(ends[i], ends[i + 1]) for i in range(0, 2 * rank, 2)][::-1]
    x = a.spatial()
    kind = layer.called
    if kind.startswith("ZeroPad"):
        amount = pairs[0] if rank == 1 else tuple(pairs)
        return Out(a.plainly(f"ZeroPadding{rank}D", x, literal(amount)), last=True)
    widths = tupled("(0, 0)", *(literal(pair) for pair in pairs), "(0, 0)")
    if kind.startswith("Reflection"):
        return Out(a.ops("pad", x, widths, mode=quoted("reflect")), last=True)
    return Out(a.ops("pad", x, widths, constant_values=literal(layer.value)), last=True)


def upsample(a: Applied) -> Out:
    """Make the spatial axes larger by whole factors."""
    layer: Any = a.layer
    rank = a.rank - 2
    mode = getattr(layer, "mode", "nearest")
    bilinear = mode == "bilinear" and rank == 2 and not layer.align_corners  # noqa: PLR2004
    if mode != "nearest" and not bilinear:
        a.refuse(f"interpolates by {mode} in a way that Keras does not")
    if getattr(layer, "antialias", False):
        a.refuse("interpolates with antialias, which Keras's UpSampling lacks")
    factors = []
    for size, made in zip(a.shape[2:], a.outputs[0][2:], strict=True):
        factor = made // size
        if not isinstance(factor, int) or factor * size != made:
            a.refuse("scales by a factor that is not a known integer")
        factors.append(factor)
    x = a.last()
    given: dict[str, Expression] = {"interpolation": quoted("bilinear")} if bilinear else {}
    return Out(a.plainly(f"UpSampling{rank}D", x, one_or_all(tuple(factors)), **given), last=True)


WRITERS: Final[dict[str, Writer]] = {
    **{
        f"{kind}Pad{rank}d": pad
        for kind in ("Zero", "Constant", "Reflection")
        for rank in (1, 2, 3)
    },
    "Upsample": upsample,
    "UpsamplingNearest2d": upsample,
    "Interpolate": upsample,
}

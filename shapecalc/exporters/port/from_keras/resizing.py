"""Zeros around the spatial axes, ends cut off them, places repeated along them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from shapecalc.exporters.document import Call, literal, quoted, tupled
from shapecalc.exporters.port.from_keras.values import Out
from shapecalc.layers.arguments import spread
from shapecalc.layers.keras.images import places
from shapecalc.layers.keras.resizing import both_ends

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapecalc.dims import Size
    from shapecalc.exporters.document import Expression
    from shapecalc.exporters.port.from_keras.applied import Applied
    from shapecalc.exporters.port.from_keras.families import Writer

_MODES: Final = {"nearest": "nearest", "bilinear": "bilinear"}


def zero_padding(a: Applied) -> Out:
    """Add zeros around the spatial axes."""
    layer: Any = a.layer
    x, moved = a.spatial()
    ends = both_ends(layer.padding, layer.rank)
    widths = [a.run_time_size(end) for pair in reversed(ends) for end in pair]
    return Out(a.functional("pad", x, tupled(*widths)), first=moved)


def cropping(a: Applied) -> Out:
    """Cut off the ends of the spatial axes."""
    layer: Any = a.layer
    x, moved = a.spatial()
    return Out(f"{x}[:, :, {_slices(a, both_ends(layer.cropping, layer.rank))}]", first=moved)


def _slices(a: Applied, ends: Sequence[tuple[Size, Size]]) -> str:
    parts = []
    for before, after in ends:
        start = "" if before == 0 else a.run_time_size(before)
        stop = "" if after == 0 else f"-{a.run_time_size(after)}"
        parts.append(f"{start}:{stop}")
    return ", ".join(parts)


def up_sampling(a: Applied) -> Out:
    """Repeat places, or put new ones between them."""
    layer: Any = a.layer
    how = getattr(layer, "interpolation", "nearest")
    if how not in _MODES:
        a.refuse(f"interpolates by {how}, which PyTorch does otherwise or not")
    factors = spread(layer.size, layer.rank)
    factor = literal(factors[0] if len(set(factors)) == 1 else factors)
    keywords: list[tuple[str, Expression]] = [("scale_factor", factor)]
    if how != "nearest":
        keywords.append(("mode", quoted(_MODES[how])))
    module = a.module(Call("nn.Upsample", (), keywords))
    x, moved = a.spatial()
    return Out(Call(module, (x,)), first=moved)


def resizing(a: Applied) -> Out:
    """Scale images to a size."""
    layer: Any = a.layer
    if layer.crop_to_aspect_ratio or layer.pad_to_aspect_ratio:
        a.refuse("keeps the aspect ratio, which PyTorch lacks")
    if layer.antialias or layer.interpolation not in _MODES:
        a.refuse("interpolates in a way that PyTorch does otherwise or not")
    if a.rank != 4:  # noqa: PLR2004  (batch, height, width, channels)
        a.refuse("reads one image without a batch, which PyTorch does not resize")
    mode = "nearest-exact" if layer.interpolation == "nearest" else layer.interpolation
    size = tupled(a.run_time_size(layer.height), a.run_time_size(layer.width))
    x, moved = a.spatial()
    return Out(a.functional("interpolate", x, size=size, mode=quoted(mode)), first=moved)


def center_crop(a: Applied) -> Out:
    """Cut the middle out of images of a known size."""
    layer: Any = a.layer
    height, width, _ = places(layer, a.shape)
    slices = []
    if a.rank != 4:  # noqa: PLR2004  (batch, height, width, channels)
        a.refuse("reads one image without a batch")
    for axis, wanted in ((height, layer.height), (width, layer.width)):
        size = a.shape[axis]
        if not isinstance(size, int) or not isinstance(wanted, int):
            a.refuse("has to know the size of the images, which it cuts or scales up")
        if size < wanted:
            a.refuse("scales up images that are smaller, which PyTorch does otherwise")
        start = (size - wanted) // 2
        slices.append(f"{start}:{start + wanted}")
    x, moved = a.spatial()
    return Out(f"{x}[:, :, {', '.join(slices)}]", first=moved)


WRITERS: Final[dict[str, Writer]] = {
    **{f"ZeroPadding{rank}D": zero_padding for rank in (1, 2, 3)},
    **{f"Cropping{rank}D": cropping for rank in (1, 2, 3)},
    **{f"UpSampling{rank}D": up_sampling for rank in (1, 2, 3)},
    "Resizing": resizing,
    "CenterCrop": center_crop,
}

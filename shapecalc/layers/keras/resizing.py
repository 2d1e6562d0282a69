"""Resizing: zeros around the spatial axes, parts cut off them, and places repeated along them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

from pydantic import BeforeValidator, field_validator

from shapecalc.dims import Shape, Size, at_least
from shapecalc.layers.arguments import ArgumentKind, as_size, choice, integer, spread
from shapecalc.layers.keras.arguments import DataFormat, no_bool
from shapecalc.layers.keras.layer import SpatialLayer
from shapecalc.layers.layer import rule
from shapecalc.layers.layout import SPATIAL, join, split
from shapecalc.layers.result import Result
from shapecalc.layers.scope import Scope
from shapecalc.layers.window import PerAxis, one_per_axis

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shapecalc.layers.explaining import Applied
    from shapecalc.layers.looking import Looks, Passed
    from shapecalc.layers.spans import Span

Pair: TypeAlias = tuple[Size, Size]
#: How much at both ends of all axes; or for each axis the same at both ends, or before and after.
Edges: TypeAlias = Size | tuple[Size | tuple[Size, ...], ...]


def _edges(value: Any) -> Edges:  # noqa: ANN401
    """Read sizes, in a list, or in lists in a list."""
    if not isinstance(value, (list, tuple)):
        return as_size(value, 0)
    return tuple(
        tuple(as_size(each, 0) for each in item)
        if isinstance(item, (list, tuple))
        else as_size(item, 0)
        for item in value
    )


AtEdges = Annotated[
    Edges, ArgumentKind("a whole number of at least 0, or some for each axis", _edges, least=0)
]
Interpolation = Annotated[
    str, choice("nearest", "bilinear", "bicubic", "lanczos3", "lanczos5", any_case=True)
]


def both_ends(value: Edges, rank: int) -> tuple[Pair, ...]:
    """Return how much before and after, for each axis; a pair is that of the only axis."""
    if not isinstance(value, tuple):
        return ((value, value),) * rank
    each = (value,) if rank == 1 else value
    return tuple(item if isinstance(item, tuple) else (item, item) for item in each)  # type: ignore[misc]


class Resizing(SpatialLayer):
    """What these layers share: spatial axes, each of which gets another size."""

    keeps_axes = True

    @field_validator("padding", "cropping", check_fields=False)
    @classmethod
    def _shortest(cls, value: Edges) -> Edges:
        """Check that there is something for each axis, and keep what is equal only once."""
        if not isinstance(value, tuple):
            return value
        nested = cls.rank > 1
        fits = len(value) == max(cls.rank, 2) and all(
            not isinstance(item, tuple) or (nested and len(item) == 2)  # noqa: PLR2004
            for item in value
        )
        if not fits:
            pairs = f"{cls.rank} numbers or pairs" if nested else "a pair (before, after)"
            raise ValueError(f"takes a whole number, or {pairs}")
        short = tuple(
            item[0] if isinstance(item, tuple) and item[0] == item[1] else item for item in value
        )
        return short[0] if len(set(short)) == 1 and not isinstance(short[0], tuple) else short

    _one_per_axis = field_validator("size", check_fields=False)(one_per_axis)

    def looks(self, passed: Passed) -> Looks:
        """Return where it looks: each position sees where it comes from."""
        from shapecalc.layers.looking import along

        return along(self.layout(), passed.rank, self.spans())

    def spans(self) -> Iterator[Span]:
        """Yield what the places of each spatial axis see."""
        from shapecalc.layers.spans import resampled, shifted

        padding: Edges | None = getattr(self, "padding", None)
        cropping: Edges | None = getattr(self, "cropping", None)
        if padding is not None:
            yield from (shifted(before) for before, _ in both_ends(padding, self.rank))
        elif cropping is not None:
            yield from (shifted(-before) for before, _ in both_ends(cropping, self.rank))
        else:
            how = getattr(self, "interpolation", "nearest")
            factors: PerAxis = getattr(self, "size", 1)
            yield from (resampled(times, how) for times in spread(factors, self.rank))

    def explain(self, applied: Applied) -> Iterator[str]:
        """Explain what size each spatial axis gets."""
        from shapecalc.layers.explaining import changed

        return changed(self.layout(), applied)


def resized(layer: Resizing, x: Shape, change: Callable[[int, Size], Size]) -> Result:
    """Change the size of each spatial axis, which are counted from 0."""
    data_format = getattr(layer, "data_format", None)
    batch, sizes, channels = split(x, layer.rank, data_format)
    changed = [change(axis, size) for axis, size in enumerate(sizes)]
    return Result(join(batch, changed, channels, data_format))


class ZeroPadding1D(Resizing):
    """Adds steps of zeros before and after a sequence.

    Shape   (batch, steps, channels) -> (batch, before + steps + after, channels)
    Errors  the input has another number of axes
    Source  keras.layers.ZeroPadding1D
    """

    rank = 1

    padding: AtEdges = 1
    data_format: DataFormat = None


class ZeroPadding2D(Resizing):
    """Adds zeros around an image: as many on all sides, or `(top, bottom), (left, right)`.

    Shape   (batch, height, width, channels) ->
            (batch, top + height + bottom, left + width + right, channels)
    Errors  the input has another number of axes
    Source  keras.layers.ZeroPadding2D
    """

    rank = 2

    padding: AtEdges = 1
    data_format: DataFormat = None


class ZeroPadding3D(Resizing):
    """Adds zeros around a volume or a video, before and after along each axis.

    Shape   (batch, depth, height, width, channels) ->
            (batch, depth + 2*padding, height + 2*padding, width + 2*padding, channels)
    Errors  the input has another number of axes
    Source  keras.layers.ZeroPadding3D
    """

    rank = 3

    padding: AtEdges = 1
    data_format: DataFormat = None


@rule(ZeroPadding1D, ZeroPadding2D, ZeroPadding3D)
def zero_padding(
    layer: ZeroPadding1D | ZeroPadding2D | ZeroPadding3D, _scope: Scope, x: Shape
) -> Result:
    """Add what stands before and after each axis."""
    ends = both_ends(layer.padding, layer.rank)
    return resized(layer, x, lambda axis, size: size + sum(ends[axis]))


class Cropping1D(Resizing):
    """Crops steps at both ends of a sequence.

    Shape   (batch, steps, channels) -> (batch, steps - before - after, channels)
    Errors  the input has another number of axes; nothing would be left
    Source  keras.layers.Cropping1D
    """

    rank = 1

    cropping: AtEdges = 1


class Cropping2D(Resizing):
    """Crops the edges of an image: as much on all sides, or `(top, bottom), (left, right)`.

    Shape   (batch, height, width, channels) ->
            (batch, height - top - bottom, width - left - right, channels)
    Errors  the input has another number of axes; nothing would be left of height or width
    Source  keras.layers.Cropping2D
    """

    rank = 2

    cropping: AtEdges = 0
    data_format: DataFormat = None


class Cropping3D(Resizing):
    """Crops the edges of a volume or a video, before and after along each axis.

    Shape   (batch, depth, height, width, channels) ->
            (batch, depth - 2*cropping, height - 2*cropping, width - 2*cropping, channels)
    Errors  the input has another number of axes; nothing would be left of an axis
    Source  keras.layers.Cropping3D
    """

    rank = 3

    cropping: AtEdges = 1
    data_format: DataFormat = None


@rule(Cropping1D, Cropping2D, Cropping3D)
def cropping(layer: Cropping1D | Cropping2D | Cropping3D, scope: Scope, x: Shape) -> Result:
    """Take off what stands before and after each axis; something must be left."""
    ends = both_ends(layer.cropping, layer.rank)

    def cut(axis: int, size: Size) -> Size:
        lost = sum(ends[axis])
        why = f"cuts {{}} off the {SPATIAL[layer.rank][axis]}, but gets only {{}}"
        scope.require(at_least(size, lost + 1), why, lost, size)
        return size - lost

    return resized(layer, x, cut)


class UpSampling1D(Resizing):
    """Repeats each step of a sequence ``size`` times.

    Shape   (batch, steps, channels) -> (batch, steps*size, channels)
    Errors  the input has another number of axes
    Source  keras.layers.UpSampling1D
    """

    rank = 1

    size: Annotated[int, integer(1), BeforeValidator(no_bool)] = 2


class UpSampling2D(Resizing):
    """Enlarges an image by a factor (``size``), repeating or interpolating pixels.

    Shape   (batch, height, width, channels) -> (batch, height*size, width*size, channels)
    Errors  the input has another number of axes
    Source  keras.layers.UpSampling2D
    """

    rank = 2

    size: PerAxis = 2
    data_format: DataFormat = None
    interpolation: Interpolation = "nearest"


class UpSampling3D(Resizing):
    """Enlarges a volume or a video by a factor (``size``), repeating its voxels.

    Shape   (batch, depth, height, width, channels) ->
            (batch, depth*size, height*size, width*size, channels)
    Errors  the input has another number of axes
    Source  keras.layers.UpSampling3D
    """

    rank = 3

    size: PerAxis = 2
    data_format: DataFormat = None


@rule(UpSampling1D, UpSampling2D, UpSampling3D)
def up_sampling(
    layer: UpSampling1D | UpSampling2D | UpSampling3D, _scope: Scope, x: Shape
) -> Result:
    """Multiply each size."""
    factors = spread(layer.size, layer.rank)
    return resized(layer, x, lambda axis, size: factors[axis] * size)

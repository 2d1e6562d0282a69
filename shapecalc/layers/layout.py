"""Which axis of a tensor is the batch, which are spatial, and which has the channels.

A tensor is batch, spatial axes and channels; channels stand last, or first right after the batch.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar

from shapecalc.dims import Shape, Size, shape_text
from shapecalc.errors import RankError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

#: The spatial axes by their number: their names, and the letters that stand for their sizes.
SPATIAL: Final = {1: ("steps",), 2: ("height", "width"), 3: ("depth", "height", "width")}
LETTERS: Final = {1: "T", 2: "HW", 3: "DHW"}

Item = TypeVar("Item")

#: The names of the axes of a tensor.
Names = tuple[str, ...]

#: The axes that hold what is known about one place.
FEATURES: Final = ("channels", "features")


def axes(shape: Shape, names: str) -> Shape:
    """Return a shape that has just these axes, named with blanks between; raises `RankError`."""
    count = names.count(" ") + 1
    if len(shape) != count:
        listed = names.replace(" ", ", ")
        raise RankError(f"needs a {count}-D input ({listed}), but gets {shape_text(shape)}")
    return shape


def at_least_axes(shape: Shape, names: str) -> Shape:
    """Return a shape with at least these axes, named with blanks between; raises `RankError`."""
    count = names.count(" ") + 1
    if len(shape) < count:
        expected = f"{count} {'axes' if count > 1 else 'axis'} ({names.replace(' ', ', ')})"
        raise RankError(f"needs at least {expected}, but gets {shape_text(shape)}")
    return shape


def other_name(names: Names | None, axis: int) -> str | None:
    """Return what an axis is, where that is known, and not the channels or features."""
    name = None if names is None else names[axis]
    return None if name in FEATURES else name


def join(
    batch: Item, spatial: Iterable[Item], channels: Item, data_format: str | None
) -> tuple[Item, ...]:
    """Put the axes of a tensor in their order."""
    if data_format == "channels_first":
        return (batch, channels, *spatial)
    return (batch, *spatial, channels)


def split(x: Shape, rank: int, data_format: str | None) -> tuple[Size, Shape, Size]:
    """Take a shape apart into batch, spatial sizes and channels."""
    if len(x) != rank + 2:
        axes(x, _axis_names(rank, data_format))
    if data_format == "channels_first":
        return x[0], x[2:], x[1]
    return x[0], x[1:-1], x[-1]


@cache
def _axis_names(rank: int, data_format: str | None) -> str:
    return " ".join(join("batch", SPATIAL[rank], "channels", data_format))


@cache
def natural_letters(rank: int, data_format: str | None) -> tuple[str, ...]:
    """Return the letters of an input with so many spatial axes."""
    return join("B", LETTERS[rank], "C", data_format)


class Layout(NamedTuple):
    """Where the axes of a tensor with so many spatial axes stand."""

    rank: int
    data_format: str | None = None
    #: The names of the spatial axes; () for those that they usually have.
    names: tuple[str, ...] = ()

    @property
    def spatial_names(self) -> tuple[str, ...]:
        """The names of the spatial axes."""
        return self.names or SPATIAL[self.rank]

    @property
    def letters(self) -> tuple[str, ...]:
        """The letters of an input."""
        return natural_letters(self.rank, self.data_format)

    @property
    def spatial(self) -> slice:
        """The part of a shape that has the spatial axes, with a batch or without."""
        if self.data_format == "channels_first":
            return slice(-self.rank, None)
        return slice(-self.rank - 1, -1)

    @property
    def channels(self) -> int:
        """The axis of the channels."""
        return -self.rank - 1 if self.data_format == "channels_first" else -1


def channel_axis(natural: Sequence[str] | None, rank: int) -> int | None:
    """Return the axis of the channels in an input of so many axes, for which a layer is the first.

    ``natural`` is the input that the layer is made for. None where it reads no channels, as an
    Embedding does.
    """
    if natural is None or natural[-1] in {"C", "F", "N"}:
        return rank - 1
    return natural.index("C") if "C" in natural else None

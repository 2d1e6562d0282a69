"""Which axis of a tensor is the batch, which are spatial, and which has the channels.

A tensor is batch, spatial axes and channels; channels stand last, or first right after the batch.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final, TypeVar

from shapecalc.dims import Shape, Size, shape_text
from shapecalc.errors import RankError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

#: The spatial axes by their number: their names, and the letters that stand for their sizes.
SPATIAL: Final = {1: ("steps",), 2: ("height", "width"), 3: ("depth", "height", "width")}
LETTERS: Final = {1: "T", 2: "HW", 3: "DHW"}


Part = TypeVar("Part")


def axes(shape: Shape, names: str) -> Shape:
    """Check that a shape has just these axes; the names are separated by blanks."""
    count = names.count(" ") + 1
    if len(shape) != count:
        listed = names.replace(" ", ", ")
        raise RankError(f"needs a {count}-D input ({listed}), but gets {shape_text(shape)}")
    return shape


def at_least_axes(shape: Shape, names: str) -> Shape:
    """Check that a shape has at least these axes; the names are separated by blanks."""
    count = names.count(" ") + 1
    if len(shape) < count:
        wanted = f"{count} {'axes' if count > 1 else 'axis'} ({names.replace(' ', ', ')})"
        raise RankError(f"needs at least {wanted}, but gets {shape_text(shape)}")
    return shape


def join(
    batch: Part, spatial: Iterable[Part], channels: Part, data_format: str | None
) -> tuple[Part, ...]:
    """Put the axes of a tensor in their order."""
    if data_format == "channels_first":
        return (batch, channels, *spatial)
    return (batch, *spatial, channels)


def split(x: Shape, rank: int, data_format: str | None) -> tuple[Size, Shape, Size]:
    """Take a shape apart into batch, spatial sizes and channels."""
    axes(x, _axis_names(rank, data_format))
    if data_format == "channels_first":
        return x[0], x[2:], x[1]
    return x[0], x[1:-1], x[-1]


@cache
def _axis_names(rank: int, data_format: str | None) -> str:
    return " ".join(join("batch", SPATIAL[rank], "channels", data_format))


def input_letters(rank: int, data_format: str | None) -> tuple[str, ...]:
    """The letters of an input with so many spatial axes."""
    return join("B", LETTERS[rank], "C", data_format)


def channel_axis(natural: Sequence[str] | None, rank: int) -> int | None:
    """The axis of the channels in an input of so many axes, for which a layer is the first.

    ``natural`` is the input that the layer is made for. None where it reads no channels, as an
    Embedding does.
    """
    if natural is None or natural[-1] in {"C", "F", "N"}:
        return rank - 1
    return natural.index("C") if "C" in natural else None

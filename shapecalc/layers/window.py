"""What convolutions and pools share: a window that slides along the spatial axes."""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, Any, Final, NamedTuple

from shapecalc.dims import Shape, Size, at_least
from shapecalc.layers.arguments import choice, per_axis, spread
from shapecalc.layers.layer import Layer
from shapecalc.layers.layout import SPATIAL
from shapecalc.layers.scope import Scope

#: How messages say so many of an axis.
AMOUNT: Final = {
    "steps": "{} steps",
    "length": "a length of {}",
    "depth": "a depth of {}",
    "height": "a height of {}",
    "width": "a width of {}",
}
_TOO_FEW: Final = {
    axis: f"needs {amount.format('at least {}')} for its {{}} of {{}}{{}}, but gets {{}}"
    for axis, amount in AMOUNT.items()
}

PerAxis = Annotated[int | tuple[int, ...], per_axis()]
OptionalPerAxis = Annotated[int | tuple[int, ...] | None, per_axis().or_none()]
AnyCasePadding = Annotated[str, choice("valid", "same", any_case=True)]
CausalPadding = Annotated[str, choice("valid", "same", "causal", any_case=True)]


def one_per_axis(cls: type[Layer], value: Any) -> Any:  # noqa: ANN401
    """Return a number for all axes, or one for each; raises `ValueError` for another count.

    A validator for fields of a layer class that says its ``rank``.
    """
    if not isinstance(value, tuple):
        return value
    rank: int = cls.rank  # type: ignore[attr-defined]
    if len(value) != rank:
        expected = "one number" if rank == 1 else f"one number or {rank}"
        raise ValueError(f"takes {expected}, not {len(value)}")
    return value[0] if len(set(value)) == 1 else value


def refuse_both(strides: int | tuple[int, ...], dilation_rate: int | tuple[int, ...]) -> None:
    """Raise `ValueError` for strides above 1 with dilation above 1, on whichever axes."""
    if strides == 1 or dilation_rate == 1:
        return
    if max(spread(strides, 1)) > 1 and max(spread(dilation_rate, 1)) > 1:
        raise ValueError(
            f"strides {strides} and dilation_rate {dilation_rate} cannot both be above 1"
        )


def extent(kernel: int, dilation: int) -> int:
    """Return the extent of a dilated kernel."""
    return (kernel - 1) * dilation + 1


def window(
    size: Size,
    scope: Scope,
    axis: str,
    kernel: int,
    stride: int,
    dilation: int = 1,
    padding: str = "valid",
    noun: str = "kernel",
) -> Size:
    """Return how many positions a window takes along an axis with ``padding`` zeros in all.

    ``(n - k)//s + 1`` for a window that stays inside, which needs ``n >= k``; ``(n + s - 1)//s``,
    that is n/s rounded up, where zeros are added at both ends (same) or in front (causal).
    """
    if padding != "valid":
        return (size + stride - 1) // stride
    return padded_window(size, scope, axis, kernel, stride, dilation, 0, noun)


def padded_window(
    size: Size,
    scope: Scope,
    axis: str,
    kernel: int,
    stride: int,
    dilation: int = 1,
    padding: int = 0,
    noun: str = "kernel",
) -> Size:
    """Return how many positions a window takes along an axis with ``padding`` zeros in all.

    ``(n + padding - k)//s + 1``, which needs ``n + padding >= k``.
    """
    reach = kernel if dilation == 1 else extent(kernel, dilation)
    room = size + (padding - reach)
    if room.__class__ is int and room >= 0:
        return room // stride + 1
    fits = at_least(room, 0)
    if fits is not True:
        spaced = "" if dilation == 1 else f" with dilation {dilation}"
        if padding:
            spaced += f" and padding of {padding} in all"
        least = reach - padding if reach > padding else 1
        scope.require(fits, _TOO_FEW[axis], least, noun, kernel, spaced, size)
    return (room if stride == 1 else room // stride) + 1


Numbers = int | tuple[int, ...]


class Window(NamedTuple):
    """A window that slides along spatial axes: one number for all of them, or one for each.

    ``padding`` is by name, ``ends`` how much is added at each end of an axis beside that.
    """

    kernel: Numbers
    strides: Numbers
    dilation_rate: Numbers = 1
    padding: str = "valid"
    ends: Numbers = 0

    @property
    def numbers(self) -> tuple[Numbers, Numbers, Numbers]:
        """Kernel, strides and dilation."""
        return self.kernel, self.strides, self.dilation_rate


@lru_cache(maxsize=256)
def shared_window(kernel: Numbers, strides: Numbers, dilation: Numbers, padding: str) -> Window:
    """Return a window: equal ones, which are many, are one object."""
    return Window(kernel, strides, dilation, padding)


def slide(
    sizes: Shape,
    scope: Scope,
    moving: Window,
    noun: str = "kernel",
    names: tuple[str, ...] | None = None,
) -> Shape:
    """Slide a window along all spatial axes; ``names`` are those of the axes, if not the usual."""
    moved: Shape = ()
    padding = moving.padding
    for place, axis, kernel, stride, dilation in _along(names or SPATIAL[len(sizes)], moving):
        if padding == "valid":
            size = padded_window(sizes[place], scope, axis, kernel, stride, dilation, 0, noun)
        else:
            size = window(sizes[place], scope, axis, kernel, stride, dilation, padding, noun)
        moved += (size,)
    return moved


@lru_cache(maxsize=256)
def _along(names: tuple[str, ...], moving: Window) -> tuple[tuple[int, str, int, int, int], ...]:
    """Return the place and the name of each spatial axis with its kernel, stride and dilation."""
    numbers = (spread(each, len(names)) for each in moving.numbers)
    return tuple(zip(range(len(names)), names, *numbers, strict=True))

"""Windows of an image that become columns, and columns that are added up to an image."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import model_validator

from shapecalc.dims import Shape, Size, equal, multiple_of, product, shape_text
from shapecalc.errors import RankError
from shapecalc.layers.arguments import ArgumentKind
from shapecalc.layers.layer import rule
from shapecalc.layers.result import Result
from shapecalc.layers.scope import Scope
from shapecalc.layers.torch.arguments import Padding, PerAxis, check_axes, each_axis, sizes_of
from shapecalc.layers.torch.layer import SPATIAL, Module, require_filled, split
from shapecalc.layers.window import padded_window

OutputSize = Annotated[
    Size | tuple[Size, ...], ArgumentKind("a size, or one for height and width", sizes_of, least=1)
]


class Windows(Module):
    """What Unfold and Fold take."""

    kernel_size: PerAxis
    dilation: PerAxis = 1
    padding: Padding = 0
    stride: PerAxis = 1

    @model_validator(mode="after")
    def _two_axes(self) -> Self:
        names = ("output_size", "kernel_size", "dilation", "padding", "stride")
        check_axes([(name, getattr(self, name, 1)) for name in names], 2, one=False)
        return self

    def columns(self, scope: Scope, sizes: Shape) -> tuple[Size, int]:
        """Return how many windows there are, and how many places each has."""
        names = ("kernel_size", "stride", "dilation", "padding")
        numbers = zip(*(each_axis(getattr(self, n), 2, n) for n in names), strict=True)
        count: list[Size] = []
        for axis, size, (kernel, stride, dilation, ends) in zip(
            SPATIAL[2], sizes, numbers, strict=True
        ):
            count.append(
                padded_window(size, scope, axis, kernel, stride, dilation, 2 * ends, "window")
            )
        taps = each_axis(self.kernel_size, 2, "kernel_size")
        return product(count), taps[0] * taps[1]


class Unfold(Windows):
    """Extracts every window of an image as a column, as a convolution reads them.

    Shape   (N, C, H, W) or (C, H, W) -> (N, C*k*k, L), where L is how many windows there are
    Errors  less height or width than the window
    Source  torch.nn.Unfold
    """

    examples = ("in:N:3:H:W,unfold:16:stride=16",)

    def input_letters(self) -> tuple[str, ...]:
        """Return the letters of the default input."""
        return ("N", "C", "H", "W")


@rule(Unfold)
def unfold(layer: Unfold, scope: Scope, x: Shape) -> Result:
    """Count the windows, and the numbers of each."""
    batch, channels, sizes = split(x, 2)
    require_filled(scope, x, (channels, *sizes))
    count, taps = layer.columns(scope, sizes)
    return Result((*batch, channels * taps, count))


class Fold(Windows):
    """Sums columns to an image of ``output_size``, each at its window; it undoes an Unfold.

    Shape   (N, C*k*k, L) or (C*k*k, L) -> (N, C, *output_size)
    Errors  L is not how many windows such an image has; the numbers of a column are not multiple
            of those of a window
    Source  torch.nn.Fold
    """

    positional = ("output_size",)
    examples = ("in:N:3:32:32,unfold:4:stride=4,fold:32:4:stride=4",)

    output_size: OutputSize


@rule(Fold)
def fold(layer: Fold, scope: Scope, x: Shape) -> Result:
    """Take the columns for windows of the image that comes out."""
    if len(x) not in (2, 3):
        raise RankError(f"needs (C*k*k, L) or (N, C*k*k, L), but gets {shape_text(x)}")
    *batch, numbers, length = x
    wanted = layer.output_size
    sizes = wanted if isinstance(wanted, tuple) else (wanted, wanted)
    count, taps = layer.columns(scope, sizes)
    why = "needs a multiple of {} numbers in each column, but gets {}"
    scope.require(multiple_of(numbers, taps), why, taps, numbers)
    why = "needs {} columns for {}, but gets {}"
    scope.require(equal(length, count), why, count, sizes, length)
    return Result((*batch, numbers // taps, *sizes))

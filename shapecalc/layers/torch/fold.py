"""Unfold and Fold: an image as a row of its patches, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Self

from pydantic import model_validator

from shapecalc.dims import Shape, Size, at_least, equal, multiple_of, product, shape_text
from shapecalc.errors import RankError
from shapecalc.layers.arguments import Kind, as_size
from shapecalc.layers.layer import rule
from shapecalc.layers.layout import Layout
from shapecalc.layers.result import Result
from shapecalc.layers.scope import Scope
from shapecalc.layers.torch.arguments import Padding, PerAxis, check_axes, each_axis
from shapecalc.layers.torch.layer import LETTERS, SPATIAL, Module, split
from shapecalc.layers.window import padded_window

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shapecalc.layers.explaining import Applied
    from shapecalc.layers.layout import Names

#: Both work on images.
RANK = 2


def _sizes(value: Any) -> Size | tuple[Size, ...]:  # noqa: ANN401
    if isinstance(value, (list, tuple)):
        sizes = tuple(as_size(each, 1) for each in value)
        if len(sizes) != RANK:
            raise ValueError(f"takes one size or 2, not {len(sizes)}")
        return sizes
    return as_size(value, 1)


ImageSize = Annotated[
    Size | tuple[Size, ...], Kind("a size, or those of height and width", _sizes, least=1)
]


class Patches(Module):
    """What both ways share: the window that cuts the patches out."""

    abstract: ClassVar[bool] = True

    def windows(self) -> Iterator[tuple[str, int, int, int, int]]:
        """Of each axis its name, kernel, stride, dilation and padding on both sides."""
        names = ("kernel_size", "stride", "dilation", "padding")
        numbers = (each_axis(getattr(self, name), RANK, name) for name in names)
        for axis, kernel, stride, dilation, padding in zip(SPATIAL[RANK], *numbers, strict=True):
            yield axis, kernel, stride, dilation, 2 * padding

    def check_window(self) -> None:
        """Refuse other than one number or two."""
        names = ("kernel_size", "dilation", "padding", "stride")
        check_axes([(name, getattr(self, name)) for name in names], RANK, one=False)


class Unfold(Patches):
    """Cuts an image into patches, each a column of all its numbers; a convolution without weights.

    Mind the order of the arguments: dilation and padding come before stride.

    Shape   (N, C, H, W) or (C, H, W) -> (N, C*prod(kernel_size), L), where L is how many places
            the window takes, (n + 2*padding - dilation*(kernel_size - 1) - 1)//stride + 1 for
            height times that for width
    Errors  less height or width than the kernel spans; the input is no image
    Source  torch.nn.Unfold
    """

    examples = ("in:N:3:32:32,unfold:8:stride=8",)

    kernel_size: PerAxis
    dilation: PerAxis = 1
    padding: Padding = 0
    stride: PerAxis = 1

    @model_validator(mode="after")
    def _two_axes(self) -> Self:
        self.check_window()
        return self

    def layout(self) -> Layout:
        """Where the axes of its input stand."""
        return Layout(RANK, "channels_first", SPATIAL[RANK])

    def natural_input(self) -> tuple[str, ...]:
        """The letters of the input it is made for."""
        return ("N", "C", *LETTERS[RANK])

    def output_axes(self, names: Names, rank: int) -> Names:  # noqa: ARG002
        """The numbers of a patch are features, the patches a sequence."""
        return (*names[: -RANK - 1], "features", "length")

    def explain(self, applied: Applied) -> Iterator[str]:
        """Say how many patches there are, and of how many numbers each is."""
        features, places = applied.outputs[0][-2:]
        channels = applied.inputs[0][-3]
        kernel = "*".join(map(str, each_axis(self.kernel_size, RANK, "")))
        yield f"patches: {places}, each of {channels}*{kernel} = {features} numbers"


@rule(Unfold)
def unfold(layer: Unfold, scope: Scope, x: Shape) -> Result:
    """Count the places of the window, and the numbers that it covers."""
    batch, channels, sizes = split(x, RANK)
    places = [
        padded_window(size, scope, *moving)
        for size, moving in zip(sizes, layer.windows(), strict=True)
    ]
    kernel = product(each_axis(layer.kernel_size, RANK, ""))
    return Result((*batch, channels * kernel, product(places)))


class Fold(Patches):
    """Puts patches back together to an image, and adds up where they overlap.

    Shape   (N, C*prod(kernel_size), L) or (C*prod(kernel_size), L) -> (N, C, *output_size), where
            L must be how many patches Unfold cuts out of an image of output_size
    Errors  another number of patches (usual cause: another stride or padding than in Unfold);
            the features are no multiple of prod(kernel_size)
    Source  torch.nn.Fold
    """

    examples = ("in:N:192:16,fold:32:8:stride=8",)

    output_size: ImageSize
    kernel_size: PerAxis
    dilation: PerAxis = 1
    padding: Padding = 0
    stride: PerAxis = 1

    @model_validator(mode="after")
    def _two_axes(self) -> Self:
        self.check_window()
        return self

    def natural_input(self) -> tuple[str, ...]:
        """The letters of the input it is made for."""
        return ("N", "C", "L")

    def output_axes(self, names: Names, rank: int) -> Names:  # noqa: ARG002
        """An image comes out."""
        return (*names[:-2], "channels", *SPATIAL[RANK])


@rule(Fold)
def fold(layer: Fold, scope: Scope, x: Shape) -> Result:
    """Ask for as many patches as an image of that size has, each of whole channels."""
    if len(x) not in (RANK, RANK + 1):
        raise RankError(f"needs (C*k, L) or, with a batch, (N, C*k, L), but gets {shape_text(x)}")
    *batch, features, places = x
    kernel = product(each_axis(layer.kernel_size, RANK, ""))
    why = "makes channels of {} numbers each, which {} of {} are no multiple of"
    scope.require(multiple_of(features, kernel), why, kernel, features, x)
    size = layer.output_size
    sizes = size if isinstance(size, tuple) else (size, size)
    needed = product(_places(scope, sizes, layer))
    why = "puts {} patches together to {}, but gets {} in {}"
    scope.require(equal(places, needed), why, needed, sizes, places, x)
    return Result((*batch, features // kernel, *sizes))


def _places(scope: Scope, sizes: Shape, layer: Fold) -> Iterator[Size]:
    """How many patches of the window stand along each axis of the image."""
    for size, (axis, kernel, stride, dilation, padding) in zip(sizes, layer.windows(), strict=True):
        room = size + (padding - (kernel - 1) * dilation - 1)
        why = "makes an image whose {} of {} holds no window of {}"
        scope.require(at_least(room, 0), why, axis, size, kernel)
        yield room // stride + 1

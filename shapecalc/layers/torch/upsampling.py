"""Upsampling: more pixels, or fewer, between those that there are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final, Self, TypeVar

from pydantic import model_validator

from shapecalc.dims import Shape, Size, at_least, shape_text
from shapecalc.errors import RankError
from shapecalc.layers.arguments import Kind, choice, number, switch
from shapecalc.layers.layer import rule
from shapecalc.layers.layout import Layout
from shapecalc.layers.result import Result
from shapecalc.layers.scope import Scope
from shapecalc.layers.torch.layer import LETTERS, SPATIAL, Module
from shapecalc.layers.torch.unpooling import OptionalSizes, scaled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shapecalc.layers.explaining import Applied

#: How many spatial axes a mode works on.
RANKS: Final = {
    "linear": (1,),
    "bilinear": (2,),
    "bicubic": (2,),
    "trilinear": (3,),
    "nearest": (1, 2, 3),
    "nearest-exact": (1, 2, 3),
    "area": (1, 2, 3),
}


def _factor(value: Any) -> float | tuple[float, ...] | None:  # noqa: ANN401
    if isinstance(value, (list, tuple)) and value:
        return tuple(number(0).check(each) for each in value)
    # torch takes 0 for no factor at all.
    return number(0).check(value) or None


Factor = Annotated[
    float | tuple[float, ...] | None,
    Kind("a number of at least 0, or one for each spatial axis", _factor).or_none(),
]
Mode = Annotated[str, choice(*RANKS, also={"nearest_exact": "nearest-exact"})]
OptionalSwitch = Annotated[bool | None, switch().or_none()]


class Resampling(Module):
    """What all take: the new size, or how many times as many."""

    keeps_axes = True

    size: OptionalSizes = None
    scale_factor: Factor = None

    @model_validator(mode="after")
    def _either(self) -> Self:
        if (self.size is None) == (self.scale_factor is None):
            raise ValueError("takes either size or scale_factor")
        return self

    def interpolation(self) -> str:
        """How it fills in."""
        return "nearest"

    def spatial_rank(self) -> int:
        """How many spatial axes the input has that it is made for."""
        given = (self.size, self.scale_factor)
        named = [len(value) for value in given if isinstance(value, tuple)]
        ranks = RANKS[self.interpolation()]
        usual = ranks[len(ranks) // 2]
        return named[0] if named and named[0] in LETTERS else usual

    def layout(self) -> Layout:
        """Where the axes of its input stand."""
        rank = self.spatial_rank()
        return Layout(rank, "channels_first", SPATIAL[rank])

    def natural_input(self) -> tuple[str, ...]:
        """The letters of the input it is made for."""
        return ("N", "C", *LETTERS[self.spatial_rank()])

    def explain(self, applied: Applied) -> Iterator[str]:
        """Say what each axis becomes."""
        from shapecalc.layers.explaining import changed

        rank = len(applied.inputs[0]) - 2
        yield from changed(Layout(rank, "channels_first", SPATIAL[rank]), applied)


class Upsample(Resampling):
    """Gives the spatial axes a new ``size``, or ``scale_factor`` times the old, rounded down.

    Mind the order of the arguments: `upsample:2` makes 2 pixels, `upsample:scale_factor=2` twice
    as many. Copies pixels unless ``mode`` is linear, bilinear, bicubic or trilinear; area averages.

    Shape   (N, C, L), (N, C, H, W) or (N, C, D, H, W) -> (N, C, *size)
    Errors  no batch axis; a mode for another number of axes; both size and scale_factor, or
            neither; align_corners with a mode that copies or averages; nothing is left
    Source  torch.nn.Upsample
    """

    examples = (
        "in:N:C:H:W,upsample:scale_factor=2",
        "in:N:C:H:W,upsample:(32,32):bilinear",
    )

    mode: Mode = "nearest"
    align_corners: OptionalSwitch = None
    recompute_scale_factor: OptionalSwitch = None

    def interpolation(self) -> str:
        """How it fills in."""
        return self.mode

    @model_validator(mode="after")
    def _arguments_agree(self) -> Self:
        if self.align_corners is not None and len(RANKS[self.mode]) > 1:
            raise ValueError(f"align_corners has no meaning for mode {self.mode}")
        if self.recompute_scale_factor and self.size is not None:
            raise ValueError("recompute_scale_factor has no meaning where size is given")
        return self


class UpsamplingNearest2d(Resampling):
    """Is Upsample with mode nearest: each pixel is copied.

    Shape   (N, C, H, W) -> (N, C, *size), or scale_factor times the old sizes, rounded down
    Errors  no batch axis; both size and scale_factor, or neither; nothing is left
    Source  torch.nn.UpsamplingNearest2d
    """

    examples = ("in:N:C:H:W,upsamplingnearest2d:scale_factor=2",)


class UpsamplingBilinear2d(Resampling):
    """Is Upsample with mode bilinear and align_corners: new pixels lie between the old ones.

    Shape   (N, C, H, W) -> (N, C, *size), or scale_factor times the old sizes, rounded down
    Errors  the input has not these four axes; both size and scale_factor, or neither
    Source  torch.nn.UpsamplingBilinear2d
    """

    examples = ("in:N:C:H:W,upsamplingbilinear2d:scale_factor=2",)

    def interpolation(self) -> str:
        """How it fills in."""
        return "bilinear"


@rule(Upsample, UpsamplingNearest2d, UpsamplingBilinear2d)
def upsample(layer: Resampling, scope: Scope, x: Shape) -> Result:
    """Take the sizes, or multiply those that there are."""
    mode = layer.interpolation()
    rank = len(x) - 2
    if rank not in RANKS[mode]:
        raise RankError(f"needs {_inputs(mode)}, but gets {shape_text(x)}")
    made: list[Size] = []
    for axis, old, size, factor in zip(
        SPATIAL[rank],
        x[2:],
        _each(layer.size, "size", x),
        _each(layer.scale_factor, "scale_factor", x),
        strict=True,
    ):
        made.append(old if size is None else size)
        if factor is not None:
            made[-1] = scaled(old, factor)
        # The average over no pixels is an empty image, which the others refuse.
        if mode != "area":
            scope.require(at_least(made[-1], 1), "leaves nothing of a {} of {}", axis, old)
    return Result((*x[:2], *made))


Given = TypeVar("Given")


def _each(value: Given | tuple[Given, ...], name: str, x: Shape) -> tuple[Given, ...]:
    """One value for each spatial axis."""
    rank = len(x) - 2
    if not isinstance(value, tuple):
        return (value,) * rank
    if len(value) != rank:
        why = f"has a {name} for {len(value)} spatial axes, but gets {shape_text(x)}"
        raise RankError(f"{why}, with {rank}")
    return value


def _inputs(mode: str) -> str:
    """What a mode reads."""
    *first, last = (f"({', '.join(('N', 'C', *LETTERS[rank]))})" for rank in RANKS[mode])
    shapes = f"{', '.join(first)} or {last}" if first else last
    return f"{shapes} for mode {mode}, always with a batch"

"""Upsampling: more places, or fewer, by repeating or by mixing neighbors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final, Self

from pydantic import model_validator

from shapecalc.dims import Shape, Size, at_least, shape_text
from shapecalc.errors import RankError
from shapecalc.layers.arguments import ArgumentKind, choice, number, switch
from shapecalc.layers.layer import rule
from shapecalc.layers.result import Result
from shapecalc.layers.scope import Scope
from shapecalc.layers.torch.arguments import OptionalSizes
from shapecalc.layers.torch.layer import Module
from shapecalc.layers.torch.unpooling import scaled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shapecalc.layers.explaining import Applied
    from shapecalc.layers.looking import Looks, Passed

#: How many spatial axes the modes have that mix neighbors.
MIXING: Final = {"linear": 1, "bilinear": 2, "bicubic": 2, "trilinear": 3}


def _scale(value: Any) -> float | tuple[float, ...] | None:  # noqa: ANN401
    if value is None:
        return None
    if isinstance(value, (list, tuple)):
        return tuple(number().check(each) for each in value)
    # torch takes 0 for no factor at all.
    return number().check(value) or None


Scale = Annotated[
    float | tuple[float, ...] | None,
    ArgumentKind("a number, or one for each axis, or None", _scale),
]
OptionalSwitch = Annotated[bool | None, switch().or_none()]


class Resampling(Module):
    """Base class of all resamplings: a size, or a factor."""

    keeps_axes = True
    positional = ("size", "scale_factor")
    mode: ClassVar[str]

    size: OptionalSizes = None
    scale_factor: Scale = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.size is None) == (self.scale_factor is None):
            raise ValueError("takes either size or scale_factor")
        return self

    def input_letters(self) -> tuple[str, ...]:
        """Return the letters of the default input."""
        spatial = {1: "L", 2: "HW", 3: "DHW"}[MIXING.get(self.mode, 2)]
        return ("N", "C", *spatial)

    def explain(self, applied: Applied) -> Iterator[str]:
        """Explain what becomes of the spatial axes."""
        for axis, (size, made) in enumerate(
            zip(applied.inputs[0][2:], applied.outputs[0][2:], strict=True), 2
        ):
            yield f"axis {axis}: {size} becomes {made}"

    def looks(self, passed: Passed) -> Looks:
        """Return where it looks: each position sees those between which it lies."""
        from shapecalc.layers.looking import each_axis
        from shapecalc.layers.spans import between

        aligned = bool(getattr(self, "align_corners", self.mode == "bilinear"))
        pairs = zip(passed.inputs[0][2:], passed.output[2:], strict=True)
        spans = {
            axis: between(*pair, self.mode, aligned=aligned) for axis, pair in enumerate(pairs, 2)
        }
        return each_axis(passed.rank, spans)


class Upsample(Resampling):
    """Resizes a tensor along its spatial axes.

    ``nearest`` repeats; linear, bilinear, bicubic and trilinear mix neighbors.

    Shape   (N, C, *sizes) -> (N, C, *size), or each size times scale_factor, rounded down
    Errors  no batch and channels; a mode for another number of axes; size and scale_factor both,
            or neither; nothing is left; align_corners in a mode that does not mix
    Source  torch.nn.Upsample
    """

    examples = ("in:N:C:H:W,upsample:scale_factor=2",)

    mode: Annotated[  # type: ignore[misc]
        str,
        choice("nearest", "linear", "bilinear", "bicubic", "trilinear", "nearest-exact", "area"),
    ] = "nearest"
    align_corners: OptionalSwitch = None
    recompute_scale_factor: OptionalSwitch = None

    @model_validator(mode="after")
    def _mixes(self) -> Self:
        if self.align_corners is not None and self.mode not in MIXING:
            raise ValueError(f"mode {self.mode} mixes no neighbors, and takes no align_corners")
        if self.recompute_scale_factor and self.size is not None:
            raise ValueError("recompute_scale_factor has no meaning where size is given")
        return self


class Interpolate(Upsample):
    """Resizes a tensor along its spatial axes, as upsample does.

    Shape   (N, C, *sizes) -> (N, C, *size), or each size times scale_factor, rounded down
    Errors  no batch and channels; a mode for another number of axes; size and scale_factor both,
            or neither; nothing is left; antialias in other modes than bilinear and bicubic
    Source  torch.nn.functional.interpolate
    """

    examples = ("in:N:C:H:W,interpolate:scale_factor=2",)

    antialias: Annotated[bool, switch("antialias")] = False

    @model_validator(mode="after")
    def _smooths(self) -> Self:
        if self.antialias and self.mode not in ("bilinear", "bicubic"):
            raise ValueError(f"mode {self.mode} takes no antialias")
        return self


class UpsamplingNearest2d(Resampling):
    """Enlarges an image by repeating its pixels.

    Shape   (N, C, H, W) -> (N, C, *size), or each size times scale_factor, rounded down
    Errors  no batch and channels; size and scale_factor both, or neither
    Source  torch.nn.UpsamplingNearest2d
    """

    examples = ("upsamplingnearest2d:scale_factor=2",)
    mode = "nearest"


class UpsamplingBilinear2d(Resampling):
    """Enlarges an image by interpolating neighbors.

    Shape   (N, C, H, W) -> (N, C, *size), or each size times scale_factor, rounded down
    Errors  the input has not 4 axes; size and scale_factor both, or neither
    Source  torch.nn.UpsamplingBilinear2d
    """

    examples = ("upsamplingbilinear2d:scale_factor=2",)
    mode = "bilinear"


@rule(Upsample, Interpolate, UpsamplingNearest2d, UpsamplingBilinear2d)
def upsample(layer: Resampling, scope: Scope, x: Shape) -> Result:
    """Take the sizes that are asked for, or multiply."""
    return Result(resized(scope, x, layer.size, layer.scale_factor, layer.mode))


def resized(
    scope: Scope,
    x: Shape,
    size: Size | tuple[Size, ...] | None,
    factor: float | tuple[float, ...] | None,
    mode: str,
) -> Shape:
    """Return the shape behind a resampling of the axes after batch and channels."""
    rank = MIXING.get(mode)
    if not 3 <= len(x) <= 5 or (rank is not None and len(x) != rank + 2):  # noqa: PLR2004
        axes = "3 to 5 axes" if rank is None else f"{rank + 2} axes for {mode}"
        raise RankError(f"needs {axes}, batch and channels first, but gets {shape_text(x)}")
    sizes = x[2:]
    asked: Any = factor if size is None else size
    each = asked if isinstance(asked, tuple) else (asked,) * len(sizes)
    if len(each) != len(sizes):
        raise RankError(f"has {len(each)} numbers for {len(sizes)} spatial axes")
    made: tuple[Size, ...] = each
    if size is None:
        made = tuple([scaled(scope, n, times) for n, times in zip(sizes, each, strict=True)])
    for read in sizes if mode == "area" else x[1:]:
        scope.require(at_least(read, 1), "has nothing to resize in {}", x)
    if mode != "area":
        for before, after in zip(sizes, made, strict=True):
            scope.require(at_least(after, 1), "leaves {} of {}", after, before)
    return (*x[:2], *made)

"""Pools that make a given number of places, however many come in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Self

from pydantic import model_validator

from shapecalc.dims import Shape, Size
from shapecalc.layers.arguments import ArgumentKind, as_size
from shapecalc.layers.layer import rule
from shapecalc.layers.result import Result
from shapecalc.layers.scope import Scope
from shapecalc.layers.torch.layer import SpatialModule, require_filled, split
from shapecalc.layers.torch.pooling import ReturnIndices

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shapecalc.layers.explaining import Applied
    from shapecalc.layers.looking import Looks, Passed


def _output_size(value: Any) -> Any:  # noqa: ANN401
    """Return a size, or one for each axis, of which None keeps that of the input."""
    if isinstance(value, (list, tuple)):
        if not value:
            raise ValueError
        return tuple(None if size is None else as_size(size, 0) for size in value)
    return as_size(value, 0)


OutputSizes = Annotated[
    Size | tuple[Size | None, ...],
    ArgumentKind("a size, or one for each axis", _output_size, least=1),
]


class AdaptivePooling(SpatialModule):
    """Base class of pools that make a given number of places."""

    keeps_axes = True
    #: Whether None keeps the size of an axis.
    keeps: ClassVar[bool] = True

    output_size: OutputSizes

    @model_validator(mode="after")
    def _sizes_agree(self) -> Self:
        size = self.output_size
        if isinstance(size, tuple) and len(size) != self.rank:
            raise ValueError(f"output_size takes {self.rank} sizes, not {len(size)}")
        if isinstance(size, tuple) and None in size and not self.keeps:
            raise ValueError("output_size takes a size, not None")
        return self

    def explain(self, applied: Applied) -> Iterator[str]:
        """Explain what becomes of the axes."""
        from shapecalc.layers.explaining import changed, kept_or_multiplied

        yield from changed(self.layout(), applied)
        yield kept_or_multiplied(self.layout(), 1, applied)

    def looks(self, passed: Passed) -> Looks:
        """Return where it looks: each position sees its share."""
        from shapecalc.layers.looking import shared_along

        return shared_along(self.layout(), passed)


class AdaptiveAvgPool1d(AdaptivePooling):
    """Averages any number of steps to ``output_size`` steps.

    Shape   (N, C, L) or (C, L) -> (N, C, output_size)
    Errors  the input has another number of axes
    Source  torch.nn.AdaptiveAvgPool1d
    """

    rank = 1
    keeps = False


class AdaptiveAvgPool2d(AdaptivePooling):
    """Averages an image of any size to one of ``output_size``.

    An output_size of 1 is the mean of all pixels (global average pooling).

    Shape   (N, C, H, W) or (C, H, W) -> (N, C, *output_size), where None keeps a size
    Errors  the input has another number of axes
    Source  torch.nn.AdaptiveAvgPool2d
    """

    rank = 2


class AdaptiveAvgPool3d(AdaptivePooling):
    """Averages a volume of any size to one of ``output_size``.

    Shape   (N, C, D, H, W) or (C, D, H, W) -> (N, C, *output_size), where None keeps a size
    Errors  the input has another number of axes
    Source  torch.nn.AdaptiveAvgPool3d
    """

    rank = 3


class AdaptiveMaxPool1d(AdaptivePooling):
    """Pools any number of steps to ``output_size`` steps by the maximum.

    Shape   (N, C, L) or (C, L) -> (N, C, output_size)
    Errors  the input has another number of axes
    Source  torch.nn.AdaptiveMaxPool1d
    """

    rank = 1
    keeps = False

    return_indices: ReturnIndices = False


class AdaptiveMaxPool2d(AdaptivePooling):
    """Pools an image of any size to one of ``output_size`` by the maximum.

    Shape   (N, C, H, W) or (C, H, W) -> (N, C, *output_size), where None keeps a size
    Errors  the input has another number of axes
    Source  torch.nn.AdaptiveMaxPool2d
    """

    rank = 2

    return_indices: ReturnIndices = False


class AdaptiveMaxPool3d(AdaptivePooling):
    """Pools a volume of any size to one of ``output_size`` by the maximum.

    Shape   (N, C, D, H, W) or (C, D, H, W) -> (N, C, *output_size), where None keeps a size
    Errors  the input has another number of axes
    Source  torch.nn.AdaptiveMaxPool3d
    """

    rank = 3

    return_indices: ReturnIndices = False


@rule(
    AdaptiveAvgPool1d,
    AdaptiveAvgPool2d,
    AdaptiveAvgPool3d,
    AdaptiveMaxPool1d,
    AdaptiveMaxPool2d,
    AdaptiveMaxPool3d,
)
def adaptive_pool(layer: AdaptivePooling, scope: Scope, x: Shape) -> Result:
    """Replace the spatial ones by the output sizes."""
    batch, channels, sizes = split(x, layer.rank)
    flat = isinstance(layer, AdaptiveAvgPool1d | AdaptiveAvgPool2d)
    require_filled(scope, x, sizes if flat else (channels, *sizes))
    wanted = layer.output_size
    each = wanted if isinstance(wanted, tuple) else (wanted,) * layer.rank
    made = [size if new is None else new for size, new in zip(sizes, each, strict=True)]
    shape = (*batch, channels, *made)
    return Result(shape, shape) if getattr(layer, "return_indices", False) else Result(shape)

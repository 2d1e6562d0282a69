"""Padding: more places around the spatial axes, or fewer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from shapecalc.dims import Shape, Size, at_least, shape_text
from shapecalc.errors import RankError
from shapecalc.layers.arguments import ArgumentKind, number, whole
from shapecalc.layers.layer import rule
from shapecalc.layers.result import Result
from shapecalc.layers.scope import Scope
from shapecalc.layers.torch.layer import LETTERS, SpatialModule, require_filled

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from shapecalc.layers.explaining import Applied
    from shapecalc.layers.looking import Looks, Passed


def _ends(value: Any) -> int | tuple[int, ...]:  # noqa: ANN401
    if not isinstance(value, (list, tuple)):
        return whole(value)
    ends = tuple(map(whole, value))
    if len(ends) % 2 or not ends:
        raise ValueError("takes two numbers for each axis that it pads")
    return ends


Ends = Annotated[
    int | tuple[int, ...],
    ArgumentKind("a whole number, or two for each axis, the last axis first", _ends),
]


class Padding(SpatialModule):
    """Base class of the paddings."""

    keeps_axes = True
    #: How small a size may become.
    least: ClassVar[int] = 1
    #: By how much a size must exceed what is added at one end; None where it need not.
    beyond: ClassVar[int | None] = None

    padding: Ends

    @property
    def ends(self) -> tuple[tuple[int, int], ...]:
        """How much is added before and after each of the last axes, the last one first."""
        if isinstance(self.padding, int):
            return ((self.padding, self.padding),) * self.rank
        return tuple(zip(self.padding[::2], self.padding[1::2], strict=True))

    def explain(self, applied: Applied) -> Iterator[str]:
        """Explain what becomes of the axes."""
        from shapecalc.layers.explaining import changed

        yield from changed(self.layout(), applied)

    def looks(self, passed: Passed) -> Looks:
        """Return where it looks: each position sees where it comes from."""
        from shapecalc.layers.looking import each_axis
        from shapecalc.layers.spans import shifted

        return each_axis(passed.rank, {-1 - n: shifted(a) for n, (a, _) in enumerate(self.ends)})


class AnyRankPad(Padding):
    """Base class of layers that pad the last axes of any tensor with one number."""

    abstract: ClassVar[bool] = True
    least = 0


class ConstantPad(AnyRankPad):
    """Base class of layers that take the number to pad with."""

    value: Annotated[float, number()]


class ReflectionPadding(Padding):
    """Base class of layers that mirror the input at its edges."""

    abstract: ClassVar[bool] = True
    beyond = 1


class ReplicationPadding(Padding):
    """Base class of layers that repeat the edges of the input."""

    abstract: ClassVar[bool] = True


class CircularPadding(Padding):
    """Base class of layers that go on at the other end of the input."""

    abstract: ClassVar[bool] = True
    least = 0
    beyond = 0


class ZeroPad1d(AnyRankPad):
    """Adds zeros around a sequence; a negative number cuts off.

    ``padding`` is one number for all ends, or (left, right): the last axis first.

    Shape   (*, L) -> (*, new_L)
    Errors  more is cut off than there is; fewer axes than are padded
    Source  torch.nn.ZeroPad1d
    """

    rank = 1


class ZeroPad2d(AnyRankPad):
    """Adds zeros around an image; a negative number cuts off.

    ``padding`` is one number for all ends, or (left, right, top, bottom): the last axis first.

    Shape   (*, H, W) -> (*, new_H, new_W)
    Errors  more is cut off than there is; fewer axes than are padded
    Source  torch.nn.ZeroPad2d
    """

    rank = 2


class ZeroPad3d(AnyRankPad):
    """Adds zeros around a volume; a negative number cuts off.

    ``padding`` is one number for all ends, or (left, right, top, bottom,
    front, back): the last axis first.

    Shape   (*, D, H, W) -> (*, new_D, new_H, new_W)
    Errors  more is cut off than there is; fewer axes than are padded
    Source  torch.nn.ZeroPad3d
    """

    rank = 3


class ConstantPad1d(ConstantPad):
    """Adds a constant around a sequence; a negative number cuts off.

    ``padding`` is one number for all ends, or (left, right): the last axis first.

    Shape   (*, L) -> (*, new_L)
    Errors  more is cut off than there is; fewer axes than are padded
    Source  torch.nn.ConstantPad1d
    """

    rank = 1


class ConstantPad2d(ConstantPad):
    """Adds a constant around an image; a negative number cuts off.

    ``padding`` is one number for all ends, or (left, right, top, bottom): the last axis first.

    Shape   (*, H, W) -> (*, new_H, new_W)
    Errors  more is cut off than there is; fewer axes than are padded
    Source  torch.nn.ConstantPad2d
    """

    rank = 2


class ConstantPad3d(ConstantPad):
    """Adds a constant around a volume; a negative number cuts off.

    ``padding`` is one number for all ends, or (left, right, top, bottom,
    front, back): the last axis first.

    Shape   (*, D, H, W) -> (*, new_D, new_H, new_W)
    Errors  more is cut off than there is; fewer axes than are padded
    Source  torch.nn.ConstantPad3d
    """

    rank = 3


class ReflectionPad1d(ReflectionPadding):
    """Adds the values inside the edge, mirrored, around a sequence.

    ``padding`` is one number for all ends, or (left, right): the last axis first.

    Shape   (N, C, L) or (C, L) -> (N, C, new_L)
    Errors  a padding is not smaller than the size that it mirrors; nothing is left
    Source  torch.nn.ReflectionPad1d
    """

    rank = 1


class ReflectionPad2d(ReflectionPadding):
    """Adds the values inside the edge, mirrored, around an image.

    ``padding`` is one number for all ends, or (left, right, top, bottom): the last axis first.

    Shape   (N, C, H, W) or (C, H, W) -> (N, C, new_H, new_W)
    Errors  a padding is not smaller than the size that it mirrors; nothing is left
    Source  torch.nn.ReflectionPad2d
    """

    rank = 2


class ReflectionPad3d(ReflectionPadding):
    """Adds the values inside the edge, mirrored, around a volume.

    ``padding`` is one number for all ends, or (left, right, top, bottom,
    front, back): the last axis first.

    Shape   (N, C, D, H, W) or (C, D, H, W) -> (N, C, new_D, new_H, new_W)
    Errors  a padding is not smaller than the size that it mirrors; nothing is left
    Source  torch.nn.ReflectionPad3d
    """

    rank = 3


class ReplicationPad1d(ReplicationPadding):
    """Repeats the edge around a sequence.

    ``padding`` is one number for all ends, or (left, right): the last axis first.

    Shape   (N, C, L) or (C, L) -> (N, C, new_L)
    Errors  nothing is left; the input has another number of axes
    Source  torch.nn.ReplicationPad1d
    """

    rank = 1


class ReplicationPad2d(ReplicationPadding):
    """Repeats the edge around an image.

    ``padding`` is one number for all ends, or (left, right, top, bottom): the last axis first.

    Shape   (N, C, H, W) or (C, H, W) -> (N, C, new_H, new_W)
    Errors  nothing is left; the input has another number of axes
    Source  torch.nn.ReplicationPad2d
    """

    rank = 2


class ReplicationPad3d(ReplicationPadding):
    """Repeats the edge around a volume.

    ``padding`` is one number for all ends, or (left, right, top, bottom,
    front, back): the last axis first.

    Shape   (N, C, D, H, W) or (C, D, H, W) -> (N, C, new_D, new_H, new_W)
    Errors  nothing is left; the input has another number of axes
    Source  torch.nn.ReplicationPad3d
    """

    rank = 3


class CircularPad1d(CircularPadding):
    """Adds the values at the other end around a sequence.

    ``padding`` is one number for all ends, or (left, right): the last axis first.

    Shape   (N, C, L) or (C, L) -> (N, C, new_L)
    Errors  a padding is larger than the size that it repeats
    Source  torch.nn.CircularPad1d
    """

    rank = 1


class CircularPad2d(CircularPadding):
    """Adds the values at the other end around an image.

    ``padding`` is one number for all ends, or (left, right, top, bottom): the last axis first.

    Shape   (N, C, H, W) or (C, H, W) -> (N, C, new_H, new_W)
    Errors  a padding is larger than the size that it repeats
    Source  torch.nn.CircularPad2d
    """

    rank = 2


class CircularPad3d(CircularPadding):
    """Adds the values at the other end around a volume.

    ``padding`` is one number for all ends, or (left, right, top, bottom,
    front, back): the last axis first.

    Shape   (N, C, D, H, W) or (C, D, H, W) -> (N, C, new_D, new_H, new_W)
    Errors  a padding is larger than the size that it repeats
    Source  torch.nn.CircularPad3d
    """

    rank = 3


@rule(
    ZeroPad1d,
    ZeroPad2d,
    ZeroPad3d,
    ConstantPad1d,
    ConstantPad2d,
    ConstantPad3d,
)
def constant_pad(layer: AnyRankPad, scope: Scope, x: Shape) -> Result:
    """Pad the last axes, as many as there are pairs of numbers."""
    if len(layer.ends) > len(x):
        raise RankError(f"pads the last {len(layer.ends)} axes, but gets {shape_text(x)}")
    return Result(_padded(layer, scope, x))


@rule(
    ReflectionPad1d,
    ReflectionPad2d,
    ReflectionPad3d,
    ReplicationPad1d,
    ReplicationPad2d,
    ReplicationPad3d,
    CircularPad1d,
    CircularPad2d,
    CircularPad3d,
)
def pad(layer: Padding, scope: Scope, x: Shape) -> Result:
    """Pad the spatial axes of a tensor that has channels, and maybe a batch."""
    count = len(layer.ends)
    ranks = {count + 1, count + 2}
    if isinstance(layer, CircularPadding):
        ranks &= {layer.rank + 1, layer.rank + 2}
    if len(x) not in ranks:
        names = ", ".join(("C", *LETTERS.get(count, LETTERS[layer.rank])))
        raise RankError(f"needs ({names}) or (N, {names}), but gets {shape_text(x)}")
    if not isinstance(layer, CircularPadding):
        require_filled(scope, x, x[-count - 1 :])
    return Result(_padded(layer, scope, x))


def _padded(layer: Padding, scope: Scope, x: Shape) -> Shape:
    return padded(scope, x, layer.ends, least=layer.least, beyond=layer.beyond)


def padded(
    scope: Scope,
    x: Shape,
    ends: Sequence[tuple[int, int]],
    *,
    least: int = 0,
    beyond: int | None = None,
) -> Shape:
    """Return the shape with so much before and after each of the last axes, the last one first."""
    made: list[Size] = list(x)
    for place, (before, after) in enumerate(ends, 1):
        size = x[-place]
        most = max(before, after)
        if beyond is not None and most > 0:
            why = "needs a size of at least {} for a padding of {}, but axis {} has {}"
            needed = most + beyond
            scope.require(at_least(size, needed), why, needed, most, len(x) - place, size)
        made[-place] = size + (before + after)
        why = "cuts {} off axis {}, which has {}"
        cut = -before - after
        scope.require(at_least(made[-place], least), why, cut, len(x) - place, size)
        if least == 0 and beyond is None:
            # What is cut off one end is so before anything is added at the other.
            cut = max(-before, 0) + max(-after, 0)
            scope.require(at_least(size, cut), why, cut, len(x) - place, size)
    return tuple(made)

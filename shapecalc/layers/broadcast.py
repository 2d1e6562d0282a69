"""Tensors that are joined element-wise: a size of 1 is repeated to fit the others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from shapecalc.dims import Shape, Size, any_of, at_least, equal, letters, maximum, minimum

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapecalc.layers.scope import Scope

#: What an error says where two sizes cannot be joined.
JOIN: Final = "cannot join {} and {}: their axis {} has {} and {}"


def joined(scope: Scope, shapes: Sequence[Shape], why: str = JOIN) -> Shape:
    """Broadcast shapes over all axes, the batch included, aligned at the last one."""
    rank = max(map(len, shapes))
    return tuple(broadcast(scope, shapes, place, why, whole=True) for place in range(rank, 0, -1))


def require_same(scope: Scope, got: Shape, expected: Shape, why: str, *parts: object) -> None:
    """Require that two shapes are equal, axis by axis; ``why`` is that of `Scope.require`."""
    scope.require(len(got) == len(expected), why, *parts)
    for size, expected_size in zip(got, expected, strict=True):
        scope.require(equal(size, expected_size), why, *parts)


class AxisSize(NamedTuple):
    """A size, and the shape that it is from."""

    size: Size
    shape: Shape


def agree(scope: Scope, inputs: Sequence[Shape], axis: int, why: str = JOIN) -> Size:
    """Return the size that all have on an axis: the first number, else the first letters."""
    number = next((x for x in inputs if isinstance(x[axis], int)), inputs[0])
    for other in inputs:
        same = equal(number[axis], other[axis])
        scope.require(same, why, number, other, axis, number[axis], other[axis])
    return number[axis]


def broadcast(
    scope: Scope,
    inputs: Sequence[Shape],
    place: int,
    why: str = JOIN,
    *,
    whole: bool = False,
) -> Size:
    """Return the size that all can be repeated to, at a place that counts from the end, from 1 on.

    What cannot be 1 comes first, because all others must then be the same or 1. The first axis
    is the batch, which is not such a place unless the ``whole`` shapes are joined.
    """
    reach = place - whole
    sizes = [AxisSize(scope.facts.simplify(x[-place]), x) for x in inputs if len(x) > reach]
    wide = [each for each in sizes if each.size != 1]
    if not wide:
        return 1
    wide.sort(key=lambda each: (not isinstance(each.size, int), _can_be_one(scope, each.size)))
    joined = wide[0]
    for other in wide[1:]:
        joined = _join(scope, joined, other, place, why)
    return joined.size


def _can_be_one(scope: Scope, size: Size) -> bool:
    return scope.facts.decide(equal(size, 1)) is not False


def _join(scope: Scope, a: AxisSize, b: AxisSize, place: int, why: str) -> AxisSize:
    """Join two sizes, of which a is at least as well known as b.

    Where two letters can be 1 or not, equality is sufficient: that ``a == 1`` would do too is left
    out. Sizes of the same letters are joined exactly.
    """
    same = equal(a.size, b.size)
    known = scope.facts.decide(same)
    axis = len(a.shape) - place if len(a.shape) == len(b.shape) else -place
    parts = (a.shape, b.shape, axis, a.size, b.size)
    if known is True:
        return a
    if not _can_be_one(scope, a.size):
        options = [same] if known is None else []
        options += [equal(b.size, 1)] if _can_be_one(scope, b.size) else []
        scope.require(any_of(*options), why, *parts)
        return a
    for one, other in ((a, b), (b, a)):
        if scope.facts.decide(any_of(same, equal(other.size, 1))) is True:
            return one
    fits = any_of(same, equal(a.size, 1), equal(b.size, 1))
    exact = known is not None or letters(a.size) == letters(b.size)
    if exact or scope.facts.decide(fits) is True or not scope.assume(same, why, *parts):
        scope.require(fits, why, *parts)
        return AxisSize(_repeated(scope, a.size, b.size), a.shape)
    return a


def _repeated(scope: Scope, a: Size, b: Size) -> Size:
    """Return the larger of two sizes that are equal, or of which one is 1.

    Beside 0, which stays, 0.
    """
    larger = maximum(a, b)
    if all(scope.facts.decide(at_least(size, 1)) is True for size in (a, b)):
        return larger
    return larger * minimum(a, b, 1)

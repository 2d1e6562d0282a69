"""What reshapes share: a target for as many elements, in which one size may be -1."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shapecalc.dims import Shape, Size, equal, multiple_of, product

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapecalc.layers.scope import Scope


def refuse_several_open(sizes: Sequence[Size | None]) -> None:
    """Raise `ValueError` for a target in which -1 leaves more than one size open."""
    if sum(size == -1 for size in sizes) > 1:
        raise ValueError("can leave only one size to be found by -1")


def filled(scope: Scope, target: Shape, total: Size, x: Shape) -> Shape:
    """Return the target of a reshape, with its -1 computed from the number of elements.

    ``total = known*open``, so that open is total//known where total % known is 0. ``x`` is the
    whole shape that the numbers are from.
    """
    if -1 not in target:
        why = "needs {} numbers for {}, but gets {} from {}"
        scope.require(equal(total, product(target)), why, product(target), target, total, x)
        return target
    known = product(size for size in target if size != -1)
    why = "needs a multiple of {} numbers for {}, but gets {} from {}"
    scope.require(known != 0 and multiple_of(total, known), why, known, target, total, x)
    # Written as it is where that holds: the next reshape may divide it again.
    found = scope.facts.exact.simplify(total // known)
    return tuple(found if size == -1 else size for size in target)

"""Along which axes a query looks at values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shapecalc.dims import Shape, equal, shape_text
from shapecalc.errors import RankError, ShapeError

if TYPE_CHECKING:
    from collections.abc import Collection

    from shapecalc.layers.scope import Scope


def fit(
    scope: Scope, query: Shape, value: Shape, key: Shape, attended: Collection[int] = (-2,)
) -> list[int]:
    """Check that the query can look at the value along some axes, and that each value has a key.

    Returns these axes, counted from the batch. The last axis, the features, is left to the caller.
    """
    for x in (query, value, key):
        if len(x) < 3:  # noqa: PLR2004  (batch, steps and features)
            raise RankError(
                "needs inputs with at least 3 axes (batch, steps, features), "
                f"but gets {shape_text(x)}"
            )
        if len(x) != len(query):
            shapes = f"{shape_text(query)} and {shape_text(x)}"
            raise ShapeError(f"reads tensors with the same number of axes, but gets {shapes}")
    free = attended_axes(attended, query)
    for axis in range(len(query) - 1):
        q, v, k = query[axis], value[axis], key[axis]
        if axis not in free:
            why = "cannot attend from the query {} to the value {}: their axis {} has {} and {}"
            scope.require(equal(q, v), why, query, value, axis, q, v)
        why = "needs a key for each value, but the axis {} of {} and {} has {} and {}"
        scope.require(equal(v, k), why, axis, value, key, v, k)
    return free


def attended_axes(attended: Collection[int], query: Shape) -> list[int]:
    """Return the axes, counted from the batch; each is one of steps, and named once."""
    rank = len(query)
    found: list[int] = []
    for axis in attended:
        counted = axis + rank if axis < 0 else axis
        if not 0 <= counted <= rank - 2:
            shown = shape_text(query)
            raise ShapeError(
                f"cannot attend along axis {axis} of {shown}: it is not an axis of steps"
            )
        if counted in found:
            raise ShapeError(f"cannot attend along axis {axis} of {shape_text(query)} twice")
        found.append(counted)
    return found

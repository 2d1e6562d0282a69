"""Masks with which layers are called: which shape each must have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from shapecalc.dims import Shape, any_of, equal
from shapecalc.errors import ShapeError
from shapecalc.layers.given import given_sizes
from shapecalc.layers.scope import Scope

_WHY: Final = "needs a {} of shape {}, but gets {}"
_BROADCAST: Final = "cannot repeat the {} {} to {}"


def given(call: Mapping[str, Any], name: str) -> Any:  # noqa: ANN401
    """Return a mask of a call, as a shape or several; None where there is none."""
    mask = call.get(name)
    if mask is None or isinstance(mask, bool):
        return None
    several = any(isinstance(each, (list, tuple)) for each in mask)
    return list(mask) if several else given_sizes(mask)


def require_mask(scope: Scope, name: str, expected: Shape) -> None:
    """Require that a mask has a shape, if there is one."""
    mask = given(scope.call, name)
    if mask is not None:
        require_shape(scope, name, mask, expected)


def require_shape(scope: Scope, name: str, mask: Any, expected: Shape) -> None:  # noqa: ANN401
    """Require a single mask, of a shape; raises `ShapeError`."""
    if isinstance(mask, list):
        raise ShapeError(f"takes one {name}, but gets {len(mask)}")
    scope.require(len(mask) == len(expected), _WHY, name, expected, mask)
    for size, wanted in zip(mask, expected, strict=True):
        if size is not None:
            scope.require(equal(size, wanted), _WHY, name, expected, mask)


def require_broadcast(scope: Scope, name: str, mask: Shape, target: Shape) -> None:
    """Require that each axis of a mask, counted from the last, is 1 or that of what it masks."""
    scope.require(len(mask) <= len(target), _BROADCAST, name, mask, target)
    for size, wanted in zip(reversed(mask), reversed(target), strict=False):
        if size is not None:
            fits = any_of(equal(size, wanted), equal(size, 1))
            scope.require(fits, _BROADCAST, name, mask, target)


def require_scores_mask(scope: Scope, name: str, scores: Shape, last: int) -> None:
    """Require a mask that broadcasts to scores, whose ``last`` axes it has; raises `ShapeError`.

    Where it has fewer axes than they, the others are put before these: that of the heads first.
    """
    mask = given(scope.call, name)
    if mask is None:
        return
    if isinstance(mask, list):
        raise ShapeError(f"takes one {name}, but gets {len(mask)}")
    scope.require(len(mask) >= last, _BROADCAST, name, mask, scores)
    missing = max(len(scores) - len(mask), 0)
    whole = (*mask[: len(mask) - last], *[1] * missing, *mask[len(mask) - last :])
    require_broadcast(scope, name, whole, scores)


def require_each(scope: Scope, expected: Sequence[Shape]) -> None:
    """Require masks of the query, the value and perhaps the key; raises `ShapeError`."""
    masks = given(scope.call, "mask")
    if masks is None:
        return
    if not isinstance(masks, list) or len(masks) not in {2, 3}:
        raise ShapeError("takes a list of masks, of the query and of the value: mask=(@q,@v)")
    for mask, shape in zip(masks, expected, strict=False):
        if mask is not None:
            require_shape(scope, "mask", tuple(mask), shape)

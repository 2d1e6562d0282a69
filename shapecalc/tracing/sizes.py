"""Sizes of a trace: what is put in for letters, what must be at least 1, how sizes are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shapecalc.dims import (
    Dim,
    TooLargeError,
    at_least,
    check_digits,
    holds_extrema,
    is_letter,
    shape_text,
)
from shapecalc.dims import substitute as substitute_size
from shapecalc.errors import ShapeError, SpecError, SubstitutionError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from shapecalc.dims import Facts, Shape, Size
    from shapecalc.layers.result import Result
    from shapecalc.layers.scope import Scope
    from shapecalc.tracing.rows import Row


def substitute(shape: Shape, values: Mapping[str, Size]) -> Shape:
    """Return an input shape with values instead of letters."""
    try:
        return tuple(substitute_size(size, values) for size in shape)
    except ZeroDivisionError as error:
        raise SubstitutionError(f"{shape_text(shape)} cannot be: {error}") from None
    except TooLargeError as error:
        raise too_large(error) from None


def too_large(error: TooLargeError) -> ShapeError:
    """Return the error for values that make too large a size."""
    return ShapeError(f"the given values make too large a size: {error}")


def require_size(size: Size, written: Size, scope: Scope, noun: str, required_by: str) -> None:
    """Require that a size is at least 1; ``written`` is the size before values were put in."""
    try:
        check_digits(size)
    except TooLargeError as error:
        raise SpecError(f"a size is too large: {error}") from None
    if isinstance(size, int):
        if size < 1 and isinstance(written, Dim):
            raise SubstitutionError(f"a size is at least 1, but {written} is {size}")
        if size < 1:
            raise SpecError(f"a size is at least 1, but this is {size}")
    elif is_letter(size) is None:
        scope.required_by = required_by
        why = f"{noun} takes sizes of at least 1, but gets {{}}"
        scope.require(at_least(size, 1), why, size)


def simplified(shape: Shape, facts: Facts) -> Shape:
    """Return a shape as it is where the conditions hold."""
    return tuple([facts.simplify(size) for size in shape])


def cut_off(shapes: tuple[Shape, ...], scope: Scope) -> tuple[Shape, ...]:
    """Return shapes without what conditions rule out in ``max`` and ``min``, which else pile up.

    What is only assumed does not count.
    """
    if _hold_extrema(shapes):
        return tuple([simplified(each, scope.facts.exact) for each in shapes])
    return shapes


def _hold_extrema(shapes: Sequence[Shape]) -> bool:
    """Return whether the larger or the smaller of sizes is among those of shapes."""
    return any(
        size.__class__ is Dim and not size.plain and holds_extrema(size)
        for shape in shapes
        for size in shape
    )


def simplify_rows(rows: Sequence[Row], scope: Scope) -> None:
    """Write all sizes of rows as they are where the conditions hold."""
    facts = scope.facts
    if facts.plain:
        if not scope.compound or not facts.named:
            return
        rows = [row for row in rows if _hold_extrema(row.inputs) or _hold_extrema(row.outputs)]
    shown: dict[int, Result] = {}
    for row in rows:
        row.inputs = tuple([simplified(shape, facts) for shape in row.inputs])
        key = id(row.result)
        if key not in shown:
            shown[key] = row.result.mapped(lambda shape: simplified(shape, facts))
        row.result = shown[key]

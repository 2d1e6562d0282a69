"""Einsum: each letter is an axis, and the axes that the output lacks are summed over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shapecalc.dims import Shape, Size, equal, shape_text
from shapecalc.errors import ShapeError
from shapecalc.layers.broadcast import broadcast, joined
from shapecalc.layers.result import Product, Result

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapecalc.layers.scope import Scope


def contracted(
    scope: Scope, equation: str, inputs: Sequence[Shape], *, repeats: bool = False
) -> Result:
    """Return the size of each letter; dots stand for the axes that no letter names.

    Raises `ShapeError` where an input does not have the axes that its term names.

    ``repeats`` says whether a size of 1 is repeated to fit that of another tensor.
    """
    left, arrow, right = equation.replace(" ", "").partition("->")
    terms = left.split(",")
    if len(terms) != len(inputs):
        raise ShapeError(f"names {len(terms)} tensors, but gets {len(inputs)}")
    if not arrow:
        once = sorted(each for each in set(left) if each.isalpha() and left.count(each) == 1)
        right = ("..." if "..." in left else "") + "".join(once)
    seen: dict[str, list[Size]] = {}
    dots: list[Shape] = []
    for term, shape in zip(terms, inputs, strict=True):
        sizes, between = _read_term(term, shape, scope)
        dots.append(between)
        for letter, size in sizes.items():
            seen.setdefault(letter, []).append(size)
    wide = joined(scope, [each for each in dots if each]) if any(dots) else ()
    known = {letter: _common(scope, letter, each, repeats) for letter, each in seen.items()}
    before, dotted, after = right.partition("...")
    if unknown := [letter for letter in before + after if letter not in known]:
        raise ShapeError(f"has no axis {unknown[0]} for the output {right}")
    ends = [tuple(known[letter] for letter in part) for part in (before, after)]
    output = (*ends[0], *(wide if dotted else ()), *ends[1])
    several = [Product("product", (*wide, *known.values()))] if len(inputs) > 1 else []
    return Result(output, products=several)


def _common(scope: Scope, letter: str, sizes: Sequence[Size], repeats: bool) -> Size:  # noqa: FBT001
    """Return the size that a letter has in all tensors that have it."""
    if repeats:
        why = f"has two sizes for axis {letter}: {{3}} and {{4}}"
        return broadcast(scope, [(size,) for size in sizes], 1, why, whole=True)
    for size in sizes[1:]:
        _require_one(scope, letter, sizes[0], size)
    return sizes[0]


def _require_one(scope: Scope, letter: str, known: Size, size: Size) -> None:
    scope.require(equal(known, size), "has two sizes for axis {}: {} and {}", letter, known, size)


def _read_term(term: str, shape: Shape, scope: Scope) -> tuple[dict[str, Size], Shape]:
    """Return the sizes of the letters of a term, and those that its dots stand for."""
    before, dotted, after = term.partition("...")
    count = len(before) + len(after)
    if len(shape) < count or (not dotted and len(shape) != count):
        raise ShapeError(f"names axes {term}, but gets {shape_text(shape)}")
    rest = len(shape) - len(after)
    sizes: dict[str, Size] = {}
    for letter, size in [*zip(before, shape, strict=False), *zip(after, shape[rest:], strict=True)]:
        _require_one(scope, letter, sizes.setdefault(letter, size), size)
    return sizes, shape[len(before) : rest]

"""What a framework must know as a number when it builds a layer: the shapes of its weights.

The channels of an input may be unknown all the same: they are given a letter, and everything else
that must be known follows from them.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from shapecalc.dims import Dim, Shape, letters, shape_text
from shapecalc.errors import ShapeError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapecalc.layers.result import Result, Weight
    from shapecalc.layers.scope import Scope


class UnbuiltError(ShapeError):
    """A weight would have a shape over sizes that are unknown; ``letters`` stand for them."""

    def __init__(self, weight: Weight, letters: Sequence[str]) -> None:
        numbers = as_numbers(letters)
        unknown = f"{letters[0]} is" if len(letters) == 1 else "they are"
        shown = f"{weight.name} {shape_text(weight.shape)}"
        super().__init__(f"needs {numbers} to build its {shown}, but {unknown} unknown")
        self.letters = letters


def as_numbers(letters: Sequence[str]) -> str:
    """Write letters as what must be known as numbers: ``T as a number``."""
    if len(letters) == 1:
        return f"{letters[0]} as a number"
    return f"{', '.join(letters[:-1])} and {letters[-1]} as numbers"


def require_built(result: Result, scope: Scope) -> None:
    """Raise `UnbuiltError` for weights over unknown sizes, as the framework does.

    Those that are still to be made have no letters.
    """
    if not scope.unknown:
        return
    for weight in result.made or ():
        found = _letters_of(weight.shape)
        if not found or scope.unknown.isdisjoint(found):
            continue
        shown = tuple([scope.facts.simplify(size) for size in weight.shape])
        names = {
            name: None
            for size, known in zip(weight.shape, shown, strict=True)
            if not isinstance(known, int)
            for name in sorted(letters(size) & scope.unknown)
            if not isinstance(scope.facts.simplify(Dim(name)), int)
        }
        if names:
            raise UnbuiltError(weight._replace(shape=shown), list(names))


@lru_cache(maxsize=1024)
def _letters_of(shape: Shape) -> frozenset[str]:
    """Return the letters in a shape."""
    return frozenset().union(*[letters(size) for size in shape if not isinstance(size, int)])

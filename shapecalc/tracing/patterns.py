"""Patterns for shapes: ``_`` matches any size, a new letter is bound to the size found there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shapecalc.dims import Shape, Size, Truth, equal, is_letter, letters, shape_text, substitute
from shapecalc.errors import ShapeError, no_letter

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

#: A shape to hold against another; None is ``_``.
Pattern = tuple[Size | None, ...]


def pattern_text(pattern: Sequence[Size | None]) -> str:
    """Write a pattern as a shape is written."""
    return shape_text(["_" if size is None else size for size in pattern])  # type: ignore[misc]


class Matcher:
    """Compares shapes with patterns; remembers what new letters are bound to."""

    def __init__(self, known: Collection[str], met: dict[str, Size]) -> None:
        """Begin with the letters that have a meaning already, and what some of them stand for."""
        self.known = known
        self.met = met

    def compare(self, pattern: Pattern, shape: Shape) -> Iterator[Truth]:
        """For each axis, what must be true for the shape to match.

        Raises `ShapeError` where the number of axes differs, `SpecError` for unknown letters.
        """
        if len(pattern) != len(shape):
            raise ShapeError(
                f"{pattern_text(pattern)} has {len(pattern)} axes, {shape_text(shape)} {len(shape)}"
            )
        pairs = [(each, n) for each, n in zip(pattern, shape, strict=True) if each is not None]
        for expected, size in pairs:
            name = is_letter(expected)
            if name is not None and name not in self.known and name not in self.met:
                self.met[name] = size
        for expected, size in pairs:
            yield equal(size, self._resolved(expected))

    def _resolved(self, size: Size) -> Size:
        for name in sorted(letters(size)):
            if name not in self.known and name not in self.met:
                raise no_letter(name, self.known)
        return substitute(size, self.met)

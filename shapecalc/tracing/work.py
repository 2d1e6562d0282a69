"""How much more work a trace is because of long sizes, beside the same in numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from shapecalc.dims import Dim, count_extrema

if TYPE_CHECKING:
    from collections.abc import Iterable

    from shapecalc.dims import Shape

#: Sizes that are made of so many parts more make the same work once more.
PARTS: Final = 10


def burden(shapes: Iterable[Shape]) -> int:
    """Return the work that the longest of some sizes adds, in multiples of that of a plain size.

    It grows with the cube of the extrema, whose operands are compared with one another.
    """
    sizes = {size for shape in shapes for size in shape if isinstance(size, Dim)}
    return max((size.parts * (1 + count_extrema(size) ** 3) // PARTS for size in sizes), default=0)

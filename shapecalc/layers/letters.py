"""The letters that unknown sizes get."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shapecalc.dims import Dim

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapecalc.dims import Shape, Size


def free_letter(wanted: str, used: set[str]) -> Dim:
    """A letter that is not among the used ones, which it joins."""
    name, count = wanted, 0
    while name in used:
        count += 1
        name = f"{wanted}_{count}"
    used.add(name)
    return Dim(name)


#: The letters for unknown sizes, by the number of axes; the batch is always B.
AXES: dict[int, str] = {2: "F", 3: "TC", 4: "HWC", 5: "DHWC"}


def axis_letters(rank: int) -> str:
    """The letters for unknown sizes of a shape of so many axes."""
    return ("B" + AXES.get(rank, "N" * rank))[:rank]


def name_unknown(
    shape: Sequence[Size | None], used: set[str], natural: Sequence[str] = ()
) -> Shape:
    """Give unknown sizes letters of their own.

    They are those of a natural input of as many axes, else B first and the others by their place.
    """
    rank = len(shape)
    names = natural if len(natural) == rank else axis_letters(rank)
    return tuple(
        free_letter(name, used) if size is None else size
        for name, size in zip(names, shape, strict=True)
    )

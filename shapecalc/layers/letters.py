"""The letters that unknown sizes get."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from shapecalc.dims import Dim

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapecalc.dims import Shape, Size


#: How many numbers behind a letter are tried one by one.
FEW: Final = 64


def free_letter(preferred: str, used: set[str]) -> Dim:
    """A letter that is not among the used ones, which it joins."""
    name, count = preferred, 0
    while name in used and count < FEW:
        count += 1
        name = f"{preferred}_{count}"
    if name in used:
        # Of very many the numbers are taken without gaps: the end is found by halving.
        low, high = count, 2 * count
        while f"{preferred}_{high}" in used:
            low, high = high, 2 * high
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if f"{preferred}_{middle}" in used else (low, middle)
        name = f"{preferred}_{high}"
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

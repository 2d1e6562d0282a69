"""The letters that unknown sizes get."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple

from shapecalc.dims import Dim

if TYPE_CHECKING:
    from shapecalc.dims import Shape, Size


#: How many numbers behind a letter are tried one by one.
FEW: Final = 64


def free_letter(preferred: str, used: set[str]) -> Dim:
    """Return a letter that is not among the used ones, which it joins."""
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


class Letters(NamedTuple):
    """What unknown sizes are called: the batch, and the other axes by the number of all.

    ``names`` are what the axes are for whose sizes the letters stand in natural inputs.
    """

    batch: str = "B"
    axes: Mapping[int, Sequence[str]] = MappingProxyType({2: "F", 3: "TC", 4: "HWC", 5: "DHWC"})
    names: Mapping[str, str] = MappingProxyType(
        {
            "B": "batch",
            "T": "steps",
            "S": "steps",
            "D": "depth",
            "H": "height",
            "W": "width",
            "C": "channels",
            "F": "features",
        }
    )

    def of(self, rank: int) -> tuple[str, ...]:
        """Return the letters of a shape of so many axes."""
        return (self.batch, *self.axes.get(rank, "N" * rank))[:rank]

    @property
    def default_input(self) -> tuple[str, ...]:
        """The letters of the input of layers that take any."""
        return self.of(2)


#: The letters where no dialect says others.
LETTERS: Final = Letters()


def name_unknown(
    shape: Sequence[Size | None],
    used: set[str],
    natural: Sequence[str] = (),
    letters: Letters = LETTERS,
) -> Shape:
    """Give unknown sizes their own letters.

    They are those of a natural input of as many axes, else the batch first and the others by
    their place.
    """
    rank = len(shape)
    names = natural if len(natural) == rank else letters.of(rank)
    pairs = zip(names, shape, strict=True)
    return tuple([free_letter(name, used) if size is None else size for name, size in pairs])

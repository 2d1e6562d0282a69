"""The base of all modules of PyTorch: channels first, and a batch that many may go without."""

from __future__ import annotations

from math import gcd
from typing import TYPE_CHECKING, ClassVar, Final

from shapecalc.dims import Shape, Size, equal, multiple_of, shape_text
from shapecalc.errors import RankError
from shapecalc.layers.layer import Layer
from shapecalc.layers.layout import Layout

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapecalc.layers.scope import Scope

#: How far from a number others are looked for.
FAR: Final = 1000
#: The letters of the spatial axes by their number.
LETTERS: Final = {1: ("L",), 2: ("H", "W"), 3: ("D", "H", "W")}
#: The names of the spatial axes by their number.
SPATIAL: Final = {1: ("length",), 2: ("height", "width"), 3: ("depth", "height", "width")}


class Module(Layer):
    """A module of torch.nn."""

    abstract: ClassVar[bool] = True
    framework: ClassVar[str] = "torch"
    reads_in_order: ClassVar[bool] = True
    call_arguments: ClassVar[tuple[str, ...]] = ("training",)

    #: How torch writes what it gives, where that is a tuple.
    gives: ClassVar[str] = "(output, indices)"

    def default_input(self) -> tuple[str | Size, ...] | None:
        """Return the default input, with what it declares."""
        natural, declared = self.input_letters(), self.declared
        if natural is None or declared is None:
            return natural
        axis = self.declared_axis % len(natural)
        return (*natural[:axis], declared, *natural[axis + 1 :])

    def settled(self, inputs: Sequence[Shape]) -> Layer:
        """Return the module with the size that came in place of one that it left open."""
        if self.declares is None or not inputs or self.declared is not None:
            return self
        (x, *_), axis = inputs, self.declared_axis
        if not -len(x) <= axis < len(x):
            return self
        return self.model_copy(update={self.declares[0]: x[axis]})


class SpatialModule(Module):
    """A module over ``rank`` spatial axes behind the channels; the batch may be left out."""

    abstract: ClassVar[bool] = True
    rank: ClassVar[int]

    def layout(self) -> Layout:
        """Return where the axes of its input stand."""
        return Layout(self.rank, "channels_first", SPATIAL[self.rank])

    def input_letters(self) -> tuple[str, ...]:
        """Return the letters of the default input."""
        return ("N", "C", *LETTERS[self.rank])


class ImageModule(Module):
    """A module that is made for images, and may read others."""

    abstract: ClassVar[bool] = True

    def input_letters(self) -> tuple[str, ...]:
        """Return the letters of the default input."""
        return ("N", "C", *LETTERS[2])


def split(x: Shape, rank: int) -> tuple[Shape, Size, Shape]:
    """Return the batch, perhaps empty, the channels and the spatial sizes; raises `RankError`."""
    if len(x) not in (rank + 1, rank + 2):
        names = ", ".join(("C", *LETTERS[rank]))
        raise RankError(f"needs ({names}) or, with a batch, (N, {names}), but gets {shape_text(x)}")
    return x[: -rank - 1], x[-rank - 1], x[-rank:]


def refuse_groups(module: Module, *names: str, groups: str = "groups") -> None:
    """Refuse arguments for channels that groups cannot share equally."""
    count: int = getattr(module, groups)
    sizes = {name: size for name in names if (size := getattr(module, name, None)) is not None}
    for name, size in sizes.items():
        if multiple_of(size, count) is False:
            near = nearest_divisors(count, *sizes.values())
            raise ValueError(f"{name} {size} cannot be split into {count} groups{near}")


def nearest_divisors(count: Size, *sizes: Size) -> str:
    """Say which numbers near to one share all sizes equally, as far as all are numbers."""
    numbers = [size for size in sizes if isinstance(size, int)]
    if not isinstance(count, int) or len(numbers) < len(sizes):
        return ""
    common = gcd(*numbers)
    below = range(min(count - 1, common), 0, -1)
    above = range(count + 1, min(common, count + FAR) + 1)
    found = [next((n for n in each if common % n == 0), None) for each in (below[:FAR], above)]
    near = " and ".join(str(n) for n in found if n is not None)
    return f"; nearest: {near}" if near else ""


def require_groups(scope: Scope, groups: int, *channels: Size) -> None:
    """Require that groups share channels, those of the input or of the output, equally."""
    if groups != 1:
        for size in channels:
            why = "cannot split {} channels into {} groups"
            scope.require(multiple_of(size, groups), why, size, groups)


def same_ranks(does: str, *shapes: Shape) -> None:
    """Require equally many axes; ``does`` begins the message of the `RankError` it raises."""
    if len({len(shape) for shape in shapes}) > 1:
        listed = ", ".join(map(shape_text, shapes))
        raise RankError(f"{does} tensors with the same number of axes, but gets {listed}")


def dim_of(dim: int, x: Shape) -> int:
    """Return the axis that a dim names, counted from 0; raises `RankError` where there is none."""
    rank = max(len(x), 1)
    if not -rank <= dim < rank:
        raise RankError(f"has dim {dim}, but {shape_text(x)} has those from {-rank} to {rank - 1}")
    return dim % rank


def require_declared(scope: Scope, declared: Size | None, size: Size, noun: str) -> Size:
    """Require that an axis has the size that the module declares, if it does; return that size."""
    if declared is None:
        return size
    one = noun.removesuffix("s") if declared == 1 else noun
    scope.require(equal(size, declared), f"takes {{}} {one}, but gets {{}}", declared, size)
    return declared

"""Inputs of undeclared shape: the first layer that reads one tells what it is made for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NoReturn

from shapecalc.importers.python.values import Tensor, Value

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from shapecalc.dims import Size
    from shapecalc.importers.python.machine import Machine


#: The letters of an input by its number of axes.
_OF_RANK: Final = {1: "N", 2: "NF", 3: "NLF", 4: "NCHW", 5: "NCDHW"}


class Found(BaseException):
    """What shape an input has; None where only trying can tell.

    ``is_sure`` says whether what reads it takes no other number of axes, ``many``
    holds the shapes of an input that is a tuple, ``parts`` is how many inputs are in one that is a
    list, and ``by_numbers`` whether its numbers are laid
    out anew whatever its axes are, as those of images are.
    """

    def __init__(
        self,
        name: str,
        shape: Sequence[str | Size] | None,
        *,
        is_sure: bool = False,
        by_numbers: bool = False,
        many: Sequence[Sequence[str | Size]] = (),
        parts: int = 0,
    ) -> None:
        super().__init__(name)
        self.is_sure = is_sure
        self.name = name
        self.shape = shape
        self.by_numbers = by_numbers
        self.many = many
        self.parts = parts


class Open:
    """An input of an unknown shape; what changes no shape gives it back.

    ``may_be_list`` says whether it may as well be several inputs in a list, as models of Keras
    take them.
    """

    __slots__ = ("may_be_list", "name")

    def __init__(self, name: str, *, may_be_list: bool = False) -> None:
        self.name = name
        self.may_be_list = may_be_list


class OpenList(list[Value]):
    """Several inputs in a list, which may be more."""

    def __init__(self, name: str, values: Iterable[Value]) -> None:
        super().__init__(values)
        self.name = name

    def needs(self, index: int) -> NoReturn:
        """Say that there are so many of them."""
        raise Found(self.name, None, parts=index + 1)


class OpenSize:
    """The sizes of such an input."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name


def attribute_of(_m: Machine, value: Open | OpenSize, name: str, _where: object) -> Value:
    """Look up an attribute of an input whose shape is not known."""
    from shapecalc.importers.python.library.torchfunctions import FUNCTIONS, SAME, function_of
    from shapecalc.importers.python.values import UNKNOWN, Builtin

    if isinstance(value, OpenSize):
        raise Found(value.name, None)
    if name == "shape":
        return OpenSize(value.name)
    if name in {"device", "dtype", "is_cuda", "requires_grad"}:
        return UNKNOWN
    if name == "size":
        return Builtin(name, lambda _m, call: _size(value, call.args))
    plain = name.rstrip("_")
    if plain in FUNCTIONS or plain in SAME:
        function = function_of(plain)
        return Builtin(
            name, lambda m, call: m.call(function, [value, *call.args], call.kwargs, call.position)
        )
    raise Found(value.name, None)


def _size(value: Open, args: Sequence[Value]) -> Value:
    if args:
        part_of_open(OpenSize(value.name), args[0])
    return OpenSize(value.name)


def leaves(values: Iterable[Value]) -> Iterator[Value]:
    """Yield the values in nested lists, in order."""
    for each in values:
        if isinstance(each, list | tuple):
            yield from leaves(each)
        else:
            yield each


def open_in(values: Iterable[Value]) -> Open | None:
    """Return the first input of unknown shape in nested lists."""
    return next((each for each in leaves(values) if isinstance(each, Open)), None)


def beside(value: Open, others: Sequence[Tensor], *, places: bool = False) -> NoReturn:
    """Say how many axes an input has that is read together with others: as many as they have.

    Where each place is read with the same one of the others, its sizes are also those that are
    numbers there. What has a batch of 1 is made for any, and its other axes of 1 as well.
    """
    shape = max((each.shape for each in others), key=len, default=())
    letters = _OF_RANK.get(len(shape))
    if letters is None:
        raise Found(value.name, None)
    stretched = shape[:1] == (1,)
    fixed = [places and isinstance(size, int) and not (stretched and size == 1) for size in shape]
    like = zip(letters, shape, fixed, strict=True)
    raise Found(value.name, [size if is_fixed else letter for letter, size, is_fixed in like])


def combined(name: str, left: Value, right: Value) -> Value:
    """Say what an operator gives: with a number, or with itself, an input keeps its shape."""
    opened = left if isinstance(left, Open) else right
    other = right if opened is left else left
    if other is opened or isinstance(other, int | float | type(None)):
        return opened
    beside(opened, [other] if isinstance(other, Tensor) else [], places=name != "MatMult")


def of_rank(value: Open | OpenSize, rank: int | None, *, by_numbers: bool = False) -> NoReturn:
    """Say how many axes an input has, whose sizes are unpacked, or that it is a list of so many."""
    if isinstance(value, Open) and value.may_be_list and rank is not None:
        raise Found(value.name, None, parts=rank)
    letters = _OF_RANK.get(rank or 0)
    shape = None if letters is None else tuple(letters)
    raise Found(value.name, shape, by_numbers=by_numbers)


def part_of_open(value: Open | OpenSize, index: Value) -> NoReturn:
    """Say how many axes an input has of which parts, or a size, are taken.

    The size of the batch alone is asked for to lay the numbers out anew.
    """
    if isinstance(value, Open) and value.may_be_list and type(index) is int and index >= 0:
        raise Found(value.name, None, parts=index + 1)
    several = isinstance(value, Open) and isinstance(index, tuple) and Ellipsis not in index
    axes = [each for each in index if each is not None] if several else []
    rank = len(axes) if len(axes) > 2 else None  # noqa: PLR2004  (a sequence, or more)
    of_rank(value, rank, by_numbers=isinstance(value, OpenSize) and index == 0)

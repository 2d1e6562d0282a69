"""Functions of torch that take parts of a tensor: an index, a slice, pieces."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final

from shapecalc.dims import Shape, Size, at_least, equal, multiple_of
from shapecalc.errors import RankError, ShapeError
from shapecalc.layers.arguments import ArgumentKind, Integer, PositiveInteger, as_size, whole
from shapecalc.layers.layer import rule
from shapecalc.layers.result import Result
from shapecalc.layers.scope import Scope
from shapecalc.layers.torch.layer import Module, dim_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapecalc.layers.looking import Looks, Passed


def _split_size(value: Any) -> int | tuple[Size, ...]:  # noqa: ANN401
    if isinstance(value, (list, tuple)):
        return tuple(as_size(size, 0) for size in value)
    number = whole(value)
    if number < 1:
        raise ValueError
    return number


SplitSize = Annotated[
    int | tuple[Size, ...],
    ArgumentKind("a whole number, or the sizes of all parts", _split_size, least=0),
]


def _axis(dim: int, x: Shape, does: str) -> int:
    """Return the axis that a dim names; ``does`` says what is done with it."""
    if not x:
        raise RankError(f"{does} an axis, but gets a single number")
    return dim_of(dim, x)


class Select(Module):
    """Takes one index of an axis, which is removed; ``select:1:-1`` is ``x[:, -1]``, the last step.

    Shape   (a, n, b) -> (a, b), with dim 1
    Errors  the index is outside of the axis
    Source  torch.select
    """

    examples = ("lstm:10:20:batch_first,select:1:-1",)

    dim: Integer
    index: Integer

    def looks(self, passed: Passed) -> Looks:
        """Return where it looks: the other axes stay."""
        from shapecalc.layers.looking import placed

        dim = dim_of(self.dim, passed.inputs[0])
        return placed((*range(dim), *range(dim + 1, passed.rank + 1)))


@rule(Select)
def select(layer: Select, scope: Scope, x: Shape) -> Result:
    """Leave out the axis, which has the place."""
    dim, index = _axis(layer.dim, x, "takes an index of"), layer.index
    least = index + 1 if index >= 0 else -index
    why = "takes index {} of axis {}, which has size {}"
    scope.require(at_least(x[dim], least), why, index, dim, x[dim])
    return Result((*x[:dim], *x[dim + 1 :]))


class Narrow(Module):
    """Takes ``length`` indices of an axis, from ``start`` on.

    Shape   (a, n, b) -> (a, length, b), with dim 1
    Errors  the axis ends before
    Source  torch.narrow
    """

    examples = ("in:N:L:F,narrow:1:0:5",)

    dim: Integer
    start: Integer
    length: Annotated[Size, ArgumentKind("a size", lambda value: as_size(value, 0), least=0)]

    def looks(self, passed: Passed) -> Looks:
        """Return where it looks: each position sees where it comes from."""
        from shapecalc.layers.looking import each_axis
        from shapecalc.layers.spans import shifted

        (x, *_) = passed.inputs
        start = self.start if self.start >= 0 else x[dim_of(self.dim, x)] + self.start
        return each_axis(passed.rank, {self.dim: shifted(-start)})


@rule(Narrow)
def narrow(layer: Narrow, scope: Scope, x: Shape) -> Result:
    """Require that the axis reaches so far."""
    dim, start = _axis(layer.dim, x, "takes a part of"), layer.start
    if start < 0:
        scope.require(at_least(x[dim], -start), "begins at {} of {}", start, x[dim])
    end = layer.length + start if start >= 0 else x[dim] + start + layer.length
    scope.require(at_least(x[dim], end), "reaches to {}, but axis {} has {}", end, dim, x[dim])
    return Result((*x[:dim], layer.length, *x[dim + 1 :]))


class Chunk(Module):
    """Splits an axis into ``chunks`` parts, of which the last may be smaller.

    Shape   (n, b) -> (n/chunks, b), so many times; further parts are .1, .2 …
    Errors  there is no such dim
    Source  torch.chunk
    """

    examples = ("in:N:64,chunk:2:dim=1",)

    chunks: PositiveInteger
    dim: Integer = 0

    def looks(self, passed: Passed) -> Looks:
        """Return where it looks: only at itself; where the parts begin is not followed."""
        from shapecalc.layers.looking import each_axis

        return each_axis(passed.rank, {self.dim: None})


@rule(Chunk)
def chunk(layer: Chunk, scope: Scope, x: Shape) -> Result:
    """Divide and round up; of letters the parts are equal, where that can be.

    Else the last is smaller. There may be fewer parts than are asked for, where those before the
    last take it all: four in three parts are two of two.
    """
    dim, count = _axis(layer.dim, x, "cuts"), layer.chunks
    size = scope.facts.simplify(x[dim])
    if isinstance(size, int):
        return _parts(x, dim, _cut(size, max(-(-size // count), 1)) or [0] * count)
    why = "cuts axis {} of {} into {} equal parts, as far as letters say"
    if scope.assume(multiple_of(size, count), why, dim, x, count):
        return _parts(x, dim, [size // count] * count)
    part = (size + count - 1) // count
    before = (count - 1) * part
    why = "cuts axis {} of {} into {} parts, as far as letters say"
    if not scope.assume(at_least(size, before + 1), why, dim, x, count):
        raise ShapeError(f"cannot say how long {count} parts of {size} are")
    return _parts(x, dim, [part] * (count - 1) + [size - before])


class Split(Module):
    """Splits an axis into parts of ``split_size_or_sections``, of which the last may be smaller.

    Shape   (n, b) -> (size, b) for each part; further parts are .1, .2 …
    Errors  sections do not add up to the axis; how many parts there are must be a number
    Source  torch.split
    """

    examples = ("in:N:64,split:16:dim=1",)

    split_size_or_sections: SplitSize
    dim: Integer = 0

    def looks(self, passed: Passed) -> Looks:
        """Return where it looks: only at itself; where the parts begin is not followed."""
        from shapecalc.layers.looking import each_axis

        return each_axis(passed.rank, {self.dim: None})


@rule(Split)
def split(layer: Split, scope: Scope, x: Shape) -> Result:
    """Cut off equal parts, or the sections."""
    dim, sections = _axis(layer.dim, x, "cuts"), layer.split_size_or_sections
    if isinstance(sections, tuple):
        total = sum(sections, start=0)
        why = "cuts off {} in all, but axis {} has {}"
        scope.require(equal(x[dim], total), why, total, dim, x[dim])
        return _parts(x, dim, list(sections))
    size = scope.facts.simplify(x[dim])
    if isinstance(size, int):
        return _parts(x, dim, _cut(size, sections) or [0])
    count = scope.facts.simplify((size + sections - 1) // sections)
    if not isinstance(count, int):
        raise ShapeError(f"cannot say how many parts of {sections} there are in {size}")
    _require_few(size, count, sections)
    return _parts(x, dim, [*[sections] * (count - 1), size - (count - 1) * sections])


#: Into how many parts an axis is cut at most.
MAX_PARTS: Final = 20_000


def _cut(size: Size, part: int) -> list[Size]:
    assert isinstance(size, int)  # noqa: S101  (asked by the callers)
    _require_few(size, -(-size // part), part)
    return [min(part, size - start) for start in range(0, size, part)]


def _require_few(size: Size, count: int, part: int) -> None:
    if count > MAX_PARTS:
        raise ShapeError(f"cuts {size} into more than {MAX_PARTS:,} parts of {part}")


def _parts(x: Shape, dim: int, sizes: Sequence[Size]) -> Result:
    return Result(*((*x[:dim], size, *x[dim + 1 :]) for size in sizes))

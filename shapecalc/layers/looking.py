"""Receptive fields within a layer: where each axis of its output looks in its inputs.

A layer says it of itself in `Layer.looks`: for each axis of its output which axis of which input
it sees, and what of it.
"""

from __future__ import annotations

from itertools import count
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple

from shapecalc.dims import Shape, equal
from shapecalc.layers.arguments import spread
from shapecalc.layers.spans import ALL, ITSELF, Span, left_of, shares, windowed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from shapecalc.layers.layout import Layout
    from shapecalc.layers.window import Window


#: How many axes a matrix has.
MATRIX: Final = 2


class Look(NamedTuple):
    """Where an axis of an output looks: at an axis of one of the inputs, counted from 0."""

    axis: int
    span: Span = ITSELF
    tensor: int = 0


#: Where each axis of an output looks, in order; behind them what all of it looks at.
Looks = tuple[tuple[Look, ...], ...]


class Passed(NamedTuple):
    """The shapes that went into a layer, and one that came out: the output of this port.

    ``known`` is where networks within the network looked, which one that is applied again and
    again is asked once.
    """

    inputs: Sequence[Shape]
    output: Shape
    port: int = 0
    known: dict[object, Looks] | None = None

    @property
    def rank(self) -> int:
        """How many axes the output has."""
        return len(self.output)


def windows(layout: Layout, window: Window, shape: Shape) -> list[Span]:
    """Return what a window that slides along the spatial axes sees of each."""
    numbers = (spread(each, layout.rank) for each in (*window.numbers, window.ends))
    return [
        windowed(k, s, d, ends + left_of(window, size, k, s, d))
        for size, k, s, d, ends in zip(shape[layout.spatial], *numbers, strict=True)
    ]


def along(layout: Layout, rank: int, spans: Iterable[Span | None]) -> Looks:
    """Return where all axes look: the spatial ones by their spans, each other one at itself."""
    return each_axis(rank, dict(zip(range(rank)[layout.spatial], spans, strict=True)))


def shared_along(layout: Layout, passed: Passed) -> Looks:
    """Return where each spatial axis looks: a position at its share of the input."""
    sizes = zip(passed.inputs[0][layout.spatial], passed.output[layout.spatial], strict=True)
    return along(layout, passed.rank, (shares(size, made) for size, made in sizes))


def each_axis(rank: int, spans: Mapping[int, Span | None] = MappingProxyType({})) -> Looks:
    """Return where all axes look: each at itself, but for those that ``spans`` names.

    None is not known.
    """
    if not rank:
        return ()
    known = {axis % rank: span for axis, span in spans.items()}
    looks = [(axis, known.get(axis, ITSELF)) for axis in range(rank)]
    return tuple(() if span is None else (Look(axis, span),) for axis, span in looks)


def all_along(rank: int, axes: Iterable[int]) -> Looks:
    """Return what the axes see of a layer that works along some of them, and keeps the others."""
    return each_axis(rank, dict.fromkeys(axes, ALL))


def placed(axes: Sequence[int | None], mixed: Iterable[int] = ()) -> Looks:
    """Return what axes see that are those of the input in another order; None is a new one.

    Of those that are ``mixed`` each place sees all, though they are no longer there.
    """
    kept = tuple(() if axis is None else (Look(axis),) for axis in axes)
    return (*kept, tuple(Look(axis, ALL) for axis in mixed))


def matched(inputs: Sequence[Shape], output: Shape, *, after_batch: bool = False) -> Looks:
    """Return what the axes see of what joins tensors element-wise; one place may be repeated.

    Tensors with fewer axes lack the first ones, or those ``after_batch``.
    """
    found: list[list[Look]] = [[] for _ in output]
    for tensor, shape in enumerate(inputs):
        missing = len(output) - len(shape)
        for axis, size in enumerate(shape):
            place = axis if after_batch and axis == 0 else axis + missing
            if not 0 <= place < len(output):
                continue
            if equal(size, output[place]) is True:
                found[place].append(Look(axis, ITSELF, tensor))
            elif equal(size, 1) is True:
                found[place].append(Look(axis, ALL, tensor))
    return tuple(map(tuple, found))


def swapped(rank: int, a: int, b: int) -> Looks:
    """Return where the axes look when two of them are swapped."""
    order = list(range(rank))
    if rank:
        order[a], order[b] = order[b], order[a]
    return placed(order)


def beside(passed: Passed, axis: int) -> Looks:
    """Return where the axes of concatenated tensors look; the joined axis is not followed."""
    found = list(matched(passed.inputs, passed.output))
    found[axis] = ()
    return tuple(found)


def reduced(passed: Passed, axes: Iterable[int] | None) -> Looks:
    """Return where the axes look that are left when some, or all, are reduced."""
    rank = len(passed.inputs[0])
    gone = {axis % rank for axis in (range(rank) if axes is None else axes)} if rank else set()
    if passed.rank == rank:
        return all_along(rank, gone)
    return placed([axis for axis in range(rank) if axis not in gone], gone)


def attending(passed: Passed, axes: Iterable[int], *, itself: bool = False) -> Looks:
    """Return what the axes of an attention see: themselves, and all of the attended axes.

    What it reads is the second tensor and those behind it; the first one as well with ``itself``.
    """
    found = [list(each) for each in matched(passed.inputs, passed.output)]
    for axis in axes:
        found[axis] = [Look(axis)] + [
            Look(axis, ALL, tensor)
            for tensor in range(0 if itself else 1, len(passed.inputs))
            if axis < len(passed.inputs[tensor])
        ]
    found[-1] = []
    mixed = tuple(Look(len(shape) - 1, ALL, n) for n, shape in enumerate(passed.inputs))
    return (*map(tuple, found), mixed)


def multiplied(
    passed: Passed, terms: Sequence[Sequence[object]], output: Sequence[object]
) -> Looks:
    """Return what the axes see of a product whose axes have names, as in an equation.

    Each sees those of its name; all of it sees all along those that the output lacks.
    """
    named = [
        (name, axis, tensor) for tensor, term in enumerate(terms) for axis, name in enumerate(term)
    ]
    found: list[list[Look]] = [[] for _ in output]
    for name, axis, tensor in named:
        for place in (place for place, each in enumerate(output) if each == name):
            is_one = equal(passed.inputs[tensor][axis], passed.output[place]) is not True
            found[place].append(Look(axis, ALL if is_one else ITSELF, tensor))
    mixed = tuple(Look(axis, ALL, tensor) for name, axis, tensor in named if name not in output)
    return (*map(tuple, found), mixed)


def of_matrices(passed: Passed) -> Looks:
    """Return what the axes see of a product of matrices, or of vectors, of which many may be."""
    terms = []
    for tensor, shape in enumerate(passed.inputs):
        inner = (
            ["sum"] if len(shape) == 1 else ["rows", "sum"] if not tensor else ["sum", "columns"]
        )
        terms.append([*range(len(inner) - len(shape), 0), *inner])
    many = max(len(term) for term in terms) - MATRIX
    kept = [name for name in ("rows", "columns") if any(name in term for term in terms)]
    return multiplied(passed, terms, [*range(-many, 0), *kept])


def of_equation(passed: Passed, equation: str) -> Looks:
    """Return what the axes see of a product that an equation names; nothing where it has dots."""
    left, arrow, right = equation.replace(" ", "").partition("->")
    if "." in equation:
        return ()
    if not arrow:
        right = "".join(
            sorted(each for each in set(left) if each.isalpha() and left.count(each) == 1)
        )
    return multiplied(passed, left.split(","), right)


def one_by_one(rank: int) -> Looks:
    """Return what the axes see of a layer on each vector, whose last axis is new."""
    return (*each_axis(rank - 1), (), (Look(rank - 1, ALL),)) if rank else ()


def rearranged(before: Shape, after: Shape) -> Looks:
    """Return where the axes of a reshape look: equal ones in front and behind stay."""
    front = next((i for i, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), None)
    if front is None:
        front = min(len(before), len(after))
    room = min(len(before), len(after)) - front
    pairs = zip(before[::-1], after[::-1], strict=False)
    back = next((i for i, (a, b) in zip(count(), pairs) if a != b or i >= room), max(room, 0))
    found: list[tuple[Look, ...]] = [()] * len(after)
    for axis in range(front):
        found[axis] = (Look(axis),)
    for axis in range(1, back + 1):
        found[len(after) - axis] = (Look(len(before) - axis),)
    return tuple(found)

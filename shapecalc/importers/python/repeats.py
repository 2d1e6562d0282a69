"""Loops of as many turns as a letter says: their numbers, and lists of what they collect."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shapecalc.dims import Dim, at_least, maximum
from shapecalc.importers.python.calls import Call
from shapecalc.importers.python.values import UNKNOWN, Builtin, Number, Tensor, Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from shapecalc.dims import Size
    from shapecalc.importers.python.machine import Machine
    from shapecalc.importers.python.positions import Position


class Step(Number):
    """The number of a turn of a loop, between two sizes; ``loop`` is which of them it is."""

    __slots__ = ("high", "loop", "low")

    def __init__(self, low: Size, high: Size, loop: object) -> None:
        super().__init__()
        self.low = low
        self.high = high
        self.loop = loop

    @property
    def count(self) -> Size:
        """How many turns there are, one step apart."""
        return self.high - self.low + 1

    def plus(self, size: Size) -> Step:
        """Return a step so much behind it."""
        return Step(self.low + size, self.high + size, self.loop)


class Repeat(Unknown):
    """Stands in a list for as many values that are alike as a size says."""

    __slots__ = ("count", "element")

    def __init__(
        self, element: Value, count: Size, name: str = "", position: Position | None = None
    ) -> None:
        super().__init__(name, position)
        self.element = element
        self.count = count


def repeated(
    m: Machine, element: Value, count: Size, name: str = "", position: Position | None = None
) -> Repeat:
    """Make what stands for so many values in a list."""
    m.repeats = True
    return Repeat(element, count, name, position)


def repeats_in(values: Value) -> bool:
    """Return whether a letter says how many values are in a list."""
    return isinstance(values, list | tuple) and any(type(each) is Repeat for each in values)


# Numbers of turns.


def steps(m: Machine, bounds: Sequence[Size], name: str, where: Position | None) -> Value:
    """Return what ``range`` gives of sizes in letters; unknown where it goes in other steps."""
    start, stop = (0, bounds[0]) if len(bounds) == 1 else bounds[:2]
    by = bounds[2] if len(bounds) > 2 else 1  # noqa: PLR2004
    if not isinstance(by, int) or by == 0:
        return Unknown(name, where)
    if by < 0:
        # The same steps from the other end.
        found = steps(m, (stop + 1, start + 1, -by), name, where)
        return found if by == -1 else Unknown(name, where)
    count = (stop - start + by - 1) // by
    # A turn is only where there is one.
    step = Step(start, start + (count - 1) * by, object())
    if m.given.decide(m, at_least(count, 0)) is not True:
        count = maximum(count, 0)
    return [repeated(m, step, count, name, where)]


def moved(name: str, left: Value, right: Value) -> Value | None:
    """Add a size to the number of a turn, or subtract one of them from the other."""
    if isinstance(left, Step) and isinstance(right, Step):
        same = left.loop is right.loop and name == "Sub"
        apart = left.low - right.low
        return apart if same and apart == left.high - right.high else None
    if isinstance(left, Step) and isinstance(right, int | Dim) and name in {"Add", "Sub"}:
        return left.plus(right if name == "Add" else right * -1)
    if isinstance(right, Step) and isinstance(left, int | Dim):
        if name == "Add":
            return right.plus(left)
        if name == "Sub":
            return Step(left - right.high, left - right.low, (right.loop, "from the end"))
    return None


def is_at(m: Machine, tensor: Tensor, index: Value, where: Position | None) -> Value:
    """Return an index in which the numbers of turns stand for any of them: for the first place.

    Raises the `IndexError` of a turn that there is no place for.
    """
    parts = list(index) if isinstance(index, tuple) else [index]
    behind = len(tensor.shape) - sum(part is not None and part is not ... for part in parts)
    axis = 0
    for place, part in enumerate(parts):
        if part is None:
            continue
        if part is ...:
            axis += behind
            continue
        if axis < len(tensor.shape):
            parts[place] = _placed(m, part, tensor.shape[axis], where)
        axis += 1
    return tuple(parts) if isinstance(index, tuple) else parts[0]


def _placed(m: Machine, part: Value, size: Size, where: Position | None) -> Value:
    if isinstance(part, Step):
        for truth in (at_least(size - 1, part.high), at_least(part.low + size, 0)):
            if m.given.decide(m, truth) is False:
                text = f"index {part.high} is out of bounds for an axis of size {size}"
                m.fail("IndexError", text, where)
            m.given.require(m, truth, where)
        return 0
    if not isinstance(part, slice) or not (
        isinstance(part.start, Step) or isinstance(part.stop, Step)
    ):
        return part
    wide = moved("Sub", part.stop, part.start) if part.step in {None, 1} else None
    if not isinstance(wide, int | Dim) or not _is_inside(m, part, size):
        return UNKNOWN
    return slice(0, wide, None)


def _is_inside(m: Machine, part: slice, size: Size) -> bool:
    """Return whether a slice of turns lies within an axis at all of them."""
    truths = (at_least(part.start.low, 0), at_least(size, part.stop.high))
    return all(m.given.decide(m, truth) is True for truth in truths)


def has_step(index: Value) -> bool:
    """Return whether the number of a turn stands in an index."""
    parts = index if isinstance(index, tuple) else (index,)
    return any(
        isinstance(each, Step)
        or (isinstance(each, slice) and (has_step(each.start) or has_step(each.stop)))
        for each in parts
    )


# Lists of what turns collect.


def length(values: Sequence[Value]) -> Size:
    """Return how many values are in a list."""
    found: Size = 0
    for each in values:
        found = found + (each.count if isinstance(each, Repeat) else 1)
    return found


def element(m: Machine, values: Sequence[Value], index: Value) -> Value:
    """Return an item of a list, or a part of it."""
    if isinstance(index, slice):
        return _part(m, values, index)
    if isinstance(index, Step):
        found = {id(each): each.element if isinstance(each, Repeat) else each for each in values}
        return next(iter(found.values())) if len(found) == 1 else UNKNOWN
    if not isinstance(index, int):
        return UNKNOWN
    order = values if index >= 0 else list(reversed(values))
    place = index if index >= 0 else -1 - index
    for each in order:
        if isinstance(each, Repeat):
            known = m.given.decide(m, at_least(each.count, place + 1))
            return each.element if known is not False else UNKNOWN
        if place == 0:
            return each
        place -= 1
    return UNKNOWN


def _part(m: Machine, values: Sequence[Value], index: slice) -> Value:
    """Return a part of a list that leaves out some at its begin or its end."""
    if index.start is None and index.stop is None and index.step in {None, 1, -1}:
        return values[:: index.step or 1]
    first, last = index.start or 0, index.stop
    if index.step not in {None, 1} or len(values) != 1 or not isinstance(first, int) or first < 0:
        return UNKNOWN
    (only,) = values
    if last is None:
        count = only.count - first
    elif isinstance(last, int) and last < 0:
        count = only.count - first + last
    else:
        return UNKNOWN
    if m.given.decide(m, at_least(count, 0)) is not True:
        return UNKNOWN
    return type(values)([repeated(m, only.element, count)])  # type: ignore[call-arg]


def fill(m: Machine, values: list[Value], index: Value, value: Value) -> None:
    """Set an item of a list at every turn, or one of a list of which a letter says how long it is.

    What is not set at every turn, or is another value at others, is not known.
    """
    if isinstance(index, Step) and len(values) == 1 and isinstance(values[0], Repeat):
        whole = index.low == 0 and index.count == values[0].count
        if whole or same(values[0].element, value):
            values[:] = [repeated(m, value, values[0].count)]
            return
    values[:] = [UNKNOWN]


def beside(m: Machine, columns: Sequence[Sequence[Value]]) -> Value:
    """Return what ``zip`` gives of lists of which a letter says how long they are."""
    counts = [length(each) for each in columns]
    if any(len(each) != 1 or not isinstance(each[0], Repeat) for each in columns):
        return UNKNOWN
    if any(count != counts[0] for count in counts):
        return UNKNOWN
    row = tuple(each[0].element for each in columns)
    return [repeated(m, row, counts[0])]


def numbered(m: Machine, values: Sequence[Value], start: int) -> Value:
    """Return what ``enumerate`` gives of a list of which a letter says how long it is."""
    found: list[Value] = []
    count: Size = start
    for each in values:
        if isinstance(each, Repeat):
            step = Step(count, count + each.count - 1, object())
            found.append(repeated(m, (step, each.element), each.count))
            count = count + each.count
        else:
            found.append((count, each))
            count = count + 1
    return found


# Functions of such lists.

#: For how many values a function is asked, of which one more makes its result ever as much longer.
_ASKED = (2, 3, 4, 7)


def called_on(m: Machine, function: Builtin, call: Call) -> Value:
    """Call a function of a library on lists of which a letter says how long they are.

    It is called on a few lengths: what it makes is as much longer for each value more.
    """
    from shapecalc.importers.python.layers import computed_layer, run_layer

    lists = [each for each in (*call.args, *call.kwargs.values()) if repeats_in(each)]
    counts = [_at_least_one(m, values, call.position) for values in lists]
    lost = Unknown(function.name, call.position)
    outer, m.tape = m.tape, None
    try:
        evenly = counts[0] is not None and all(each == counts[0] for each in counts)
        lengths = _ASKED if evenly else ()
        made = [function.function(m, _of_length(m, call, number)) for number in lengths]
    finally:
        m.tape = outer
    shapes = [each.shape for each in made if isinstance(each, Tensor)]
    count = counts[0]
    shape = _general(shapes, count) if count is not None and len(shapes) == len(_ASKED) else None
    if shape is None:
        m.need(lost, call.position)
        return lost
    inputs = _tensors_of([*call.args, *call.kwargs.values()])
    layer = computed_layer([shape], function.name)
    library, title = made[0].library, function.name
    (found,) = run_layer(m, layer, inputs, call.position, library=library, title=title)
    found.whole = made[0].whole
    return found


def _at_least_one(m: Machine, values: Sequence[Value], where: Position | None) -> Size | None:
    """Return how many values in a list are alike; None where several sizes say how many.

    A list in which nothing else is must not be empty.
    """
    counts = [each.count for each in values if isinstance(each, Repeat)]
    if len(counts) > 1:
        return counts[0] if all(count == counts[0] for count in counts) else None
    (count,) = counts
    if len(values) == 1 and m.given.decide(m, at_least(count, 1)) is not True:
        m.given.require(m, at_least(count, 1), where)
        count = count if m.tape is None else m.tape.scope.facts.simplify(count)
    return count


def _of_length(m: Machine, call: Call, number: int) -> Call:
    """Return a call in which the lists have a number of values, none of which is recorded."""

    def bare(value: Value) -> Value:
        if isinstance(value, Tensor):
            return Tensor(value.shape, value.library, whole=value.whole)
        return value

    def listed(value: Value) -> Value:
        if not isinstance(value, list | tuple):
            return bare(value)
        found: list[Value] = []
        for each in value:
            times = number if isinstance(each, Repeat) else 1
            found += [bare(each.element if isinstance(each, Repeat) else each)] * times
        return type(value)(found)

    args = [listed(each) for each in call.args]
    kwargs = {key: listed(each) for key, each in call.kwargs.items()}
    return Call(m, args, kwargs, call.position)


def _general(shapes: Sequence[Sequence[Size]], count: Size) -> list[Size] | None:
    """Return the shape for a count; None where it does not grow evenly."""
    if len({len(each) for each in shapes}) != 1:
        return None
    found: list[Size] = []
    for sizes in zip(*shapes, strict=True):
        more = sizes[1] - sizes[0]
        if any(
            size != sizes[0] + more * (number - _ASKED[0])
            for size, number in zip(sizes, _ASKED, strict=True)
        ):
            return None
        found.append(sizes[0] + more * (count - _ASKED[0]))
    return found


def _tensors_of(values: Iterable[Value]) -> list[Tensor]:
    """Return the tensors that a call reads, one for all those that are alike."""
    from shapecalc.importers.python.layers import flat

    found: list[Tensor] = []
    for each in values:
        if isinstance(each, list | tuple):
            found += flat([e.element if isinstance(e, Repeat) else e for e in each])
        else:
            found += flat(each)
    return found


def each_of(m: Machine, values: Iterable[Value], function: Callable[[Value], Value]) -> list[Value]:
    """Apply a function to the values of a list, once to those that are alike."""
    return [
        repeated(m, function(each.element), each.count) if isinstance(each, Repeat)
        else function(each)
        for each in values
    ]  # fmt: skip


def same(a: Any, b: Any, known: set[tuple[int, int]] | None = None) -> bool:  # noqa: ANN401
    """Return whether two values are alike: tensors of a shape, equal numbers."""
    if isinstance(a, Unknown) or isinstance(b, Unknown):
        pair = isinstance(a, Repeat) and isinstance(b, Repeat) and a.count == b.count
        return same(a.element, b.element, known) if pair else type(a) is type(b)
    if a is b or type(a) is not type(b):
        return a is b
    if isinstance(a, Tensor):
        return bool(a.shape == b.shape and a.library == b.library)
    if isinstance(a, list | tuple | dict):
        known = set() if known is None else known
        if (id(a), id(b)) in known:
            return True
        known.add((id(a), id(b)))
        if isinstance(a, dict):
            return a.keys() == b.keys() and all(same(a[key], b[key], known) for key in a)
        return len(a) == len(b) and all(same(x, y, known) for x, y in zip(a, b, strict=True))
    plain = (int, float, str, Dim)
    return isinstance(a, plain) and bool(a == b)

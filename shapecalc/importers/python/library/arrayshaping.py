"""Functions of numpy that move, join and cut arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shapecalc.dims import Dim, product
from shapecalc.importers.python.library.arrays import (
    LostError,
    array,
    as_array,
    reshaped,
    stepped,
    turned,
)
from shapecalc.importers.python.sequences import iterate
from shapecalc.importers.python.values import UNKNOWN, Tensor, Unknown, Value

if TYPE_CHECKING:
    from shapecalc.importers.python.calls import Call
    from shapecalc.importers.python.machine import Machine

_Function = Any


def known(function: _Function) -> _Function:
    """Let a function of arrays give what is not known where it depends on such a thing."""

    def run(m: Machine, call: Call) -> Value:
        try:
            return function(m, call)
        except LostError as lost:
            return Unknown(lost.unknown.name, lost.unknown.position)

    return run


def need(value: Value, name: str, call: Call) -> Tensor:
    """Return an array that is needed; raises `LostError` where it is not known."""
    found = as_array(value)
    if found is None:
        known = isinstance(value, Unknown) and value.name
        raise LostError(value if known else Unknown(f"numpy.{name}", call.position))
    return found


def listed(m: Machine, value: Value, name: str, call: Call) -> list[Tensor]:
    """Return the arrays of a list."""
    values = iterate(m, value, call.position)
    if values is None:
        known = isinstance(value, Unknown) and value.name
        raise LostError(value if known else Unknown(f"numpy.{name}", call.position))
    return [need(each, name, call) for each in values]


def joined(name: str, step: str) -> _Function:
    """Return a function that joins the arrays of a list along an axis."""

    def run(m: Machine, call: Call) -> Value:
        tensors, axis = listed(m, call.get(0, "arrays"), name, call), call.get(1, "axis", 0)
        if not tensors:
            m.fail("ValueError", "need at least one array to concatenate", call.position)
        if axis is None and step == "Cat":
            return array([sum(product(each.shape) for each in tensors)])
        (found,) = stepped(m, step, {"dim": axis}, tensors, call.position, f"numpy.{name}")
        found.whole = tensors[0].whole
        return found

    return known(run)


def stacked(name: str, rank: int, axis: int) -> _Function:
    """``vstack`` and its like: joined along an axis, with at least so many axes."""

    def run(m: Machine, call: Call) -> Value:
        tensors = listed(m, call.get(0, "tup"), name, call)
        if not tensors:
            m.fail("ValueError", "need at least one array to concatenate", call.position)
        wide = [array(_at_least(each.shape, rank, name)) for each in tensors]
        dim = 0 if name == "hstack" and len(wide[0].shape) == 1 else axis
        (found,) = stepped(m, "Cat", {"dim": dim}, wide, call.position, f"numpy.{name}")
        return found

    return known(run)


def _at_least(shape: Any, rank: int, name: str) -> Any:  # noqa: ANN401
    if len(shape) >= rank:
        return shape
    if name == "column_stack":
        return (*shape, 1)
    if name == "dstack":
        return (1, *shape, 1) if len(shape) == 1 else (*shape, 1)
    return (*[1] * (rank - len(shape)), *shape)


def split(*, exact: bool) -> _Function:
    """Return a function that cuts an array into parts; ``exact`` asks that they are equal."""

    def run(m: Machine, call: Call) -> Value:
        value = need(call.get(0, "ary"), "split", call)
        parts, axis = call.get(1, "indices_or_sections"), call.get(2, "axis", 0)
        if not isinstance(axis, int) or not -len(value.shape) <= axis < len(value.shape):
            return UNKNOWN
        size = value.shape[axis]
        if not isinstance(size, int):
            return UNKNOWN
        if isinstance(parts, int) and parts > 0:
            m.limit(parts, call.position)
            if size % parts and exact:
                text = "array split does not result in an equal division"
                m.fail("ValueError", text, call.position)
            lengths = [size // parts + (place < size % parts) for place in range(parts)]
        elif isinstance(parts, list | tuple) and all(isinstance(each, int) for each in parts):
            ends = [0, *[min(max(each if each >= 0 else size + each, 0), size) for each in parts]]
            lengths = [max(b - a, 0) for a, b in zip(ends, [*ends[1:], size], strict=True)]
        else:
            return UNKNOWN
        axis %= len(value.shape)
        before, after = value.shape[:axis], value.shape[axis + 1 :]
        return [array((*before, length, *after), whole=value.whole) for length in lengths]

    return known(run)


def reshape_to(m: Machine, call: Call) -> Value:
    """Give an array another shape."""
    value = need(call.get(0, "a"), "reshape", call)
    shape = call.get(1, "shape", call.kwargs.get("newshape"))
    return reshaped(m, value, shape, call)


def transpose(m: Machine, call: Call) -> Value:
    """Put axes into another order."""
    return turned(m, need(call.get(0, "a"), "transpose", call), call.get(1, "axes"), call)


def expand(m: Machine, call: Call) -> Value:
    """Add axes of size 1."""
    value, axis = need(call.get(0, "a"), "expand_dims", call), call.get(1, "axis")
    axes = axis if isinstance(axis, tuple | list) else [axis]
    if not all(isinstance(each, int) for each in axes):
        return UNKNOWN
    for each in sorted(axes):
        config = {"dim": each}
        (value,) = stepped(m, "Unsqueeze", config, [value], call.position, "numpy.expand_dims")
    return value


def squeeze(m: Machine, call: Call) -> Value:
    """Leave out axes of size 1."""
    value, axis = need(call.get(0, "a"), "squeeze", call), call.get(1, "axis")
    axes = axis if isinstance(axis, tuple | list) else [axis]
    for each in axes:
        if isinstance(each, int) and -len(value.shape) <= each < len(value.shape):
            size = value.shape[each]
            if isinstance(size, int) and size != 1:
                text = (
                    "cannot select an axis to squeeze out which has size not equal to one: "
                    f"axis {each} has {size}"
                )
                m.fail("ValueError", text, call.position)
    config = {} if axis is None else {"dim": tuple(axes)}
    (found,) = stepped(m, "Squeeze", config, [value], call.position, "numpy.squeeze")
    return found


def repeat(m: Machine, call: Call) -> Value:
    """Repeat each number."""
    value, count = need(call.get(0, "a"), "repeat", call), call.get(1, "repeats")
    axis = call.get(2, "axis")
    if isinstance(count, list | tuple) or not isinstance(count, int | Dim):
        return UNKNOWN
    config = {"repeats": count} | ({} if axis is None else {"dim": axis})
    (found,) = stepped(m, "RepeatInterleave", config, [value], call.position, "numpy.repeat")
    return found


def tile(m: Machine, call: Call) -> Value:
    """Repeat a whole array."""
    value, times = need(call.get(0, "A"), "tile", call), call.get(1, "reps")
    dims = tuple(times) if isinstance(times, list | tuple) else (times,)
    (found,) = stepped(m, "Tile", {"dims": dims}, [value], call.position, "numpy.tile")
    return found


def padded(_m: Machine, call: Call) -> Value:
    """Add places at the ends of axes."""
    value, width = need(call.get(0, "array"), "pad", call), call.get(1, "pad_width")
    rank = len(value.shape)
    pairs = width
    if isinstance(width, int | Dim):
        pairs = [(width, width)] * rank
    elif isinstance(width, list | tuple) and all(isinstance(each, int | Dim) for each in width):
        pairs = [(width[0], width[-1])] * rank if len(width) in (1, 2) else None
    known = isinstance(pairs, list | tuple) and all(
        isinstance(pair, list | tuple) and all(isinstance(each, int | Dim) for each in pair)
        for pair in pairs
    )
    if not known or pairs is None:
        return UNKNOWN
    pairs = list(pairs) * rank if len(pairs) == 1 else pairs
    if len(pairs) != rank:
        return UNKNOWN
    return array([size + pair[0] + pair[-1] for size, pair in zip(value.shape, pairs, strict=True)])


def broadcast_to(m: Machine, call: Call) -> Value:
    """Repeat an array to a shape."""
    value, shape = need(call.get(0, "array"), "broadcast_to", call), call.get(1, "shape")
    sizes = tuple(shape) if isinstance(shape, list | tuple) else (shape,)
    config = {"sizes": sizes}
    (found,) = stepped(m, "Expand", config, [value], call.position, "numpy.broadcast_to")
    return found


def at_least_axes(rank: int) -> _Function:
    """Return a function that adds axes in front until there are so many."""

    def run(_m: Machine, call: Call) -> Value:
        value = need(call.get(0, "arys"), "atleast", call)
        return array((*[1] * (rank - len(value.shape)), *value.shape), whole=value.whole)

    return known(run)

"""What brackets take of a tensor where more than numbers and slices stand in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shapecalc.dims import Dim, at_least, maximum, minimum
from shapecalc.errors import ShapeError
from shapecalc.importers.python.library.torchcreating import nested_shape
from shapecalc.importers.python.values import Tensor, Value
from shapecalc.layers.broadcast import joined
from shapecalc.layers.scope import Scope

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapecalc.dims import Shape, Size
    from shapecalc.importers.python.machine import Machine


def picked(m: Machine, tensor: Tensor, parts: Sequence[Value]) -> list[Value] | None:
    """Return the shape behind brackets with letters, lists or tensors; None where it is not known.

    Lists and tensors of numbers broadcast with each other; what they give stands where the first
    of them does, or before everything else where a slice lies between them.
    """
    named = sum(len(part.shape) if _is_mask(part) else part is not None and part is not Ellipsis
                for part in parts)  # fmt: skip
    if named > len(tensor.shape):
        return None
    shape: list[Value] = []
    chosen: list[Shape] = []
    places: list[int] = []
    axis = at = 0
    for number, part in enumerate(parts):
        if part is None:
            shape.append(1)
        elif part is Ellipsis:
            skipped = len(tensor.shape) - named
            shape += tensor.shape[axis : axis + skipped]
            axis += skipped
        elif isinstance(part, slice):
            length = sliced(m, tensor.shape[axis], part)
            if length is None:
                return None
            shape.append(length)
            axis += 1
        elif isinstance(part, int | Dim):
            axis += 1
        else:
            numbers = _numbers(m, part)
            if numbers is None:
                return None
            chosen.append(numbers)
            places.append(number if not places or number == places[-1] + 1 else -1)
            at = len(shape) if len(chosen) == 1 else at
            axis += len(part.shape) if _is_mask(part) else 1
    shape += tensor.shape[axis:]
    if not chosen:
        return shape
    at = 0 if -1 in places else at
    return [*shape[:at], *_joined(m, chosen), *shape[at:]]


def _is_mask(part: Value) -> bool:
    return isinstance(part, Tensor) and part.mask


def _numbers(m: Machine, part: Value) -> Shape | None:
    """Return the shape of what stands for numbers of places; None where it is not known."""
    if isinstance(part, list):
        shape = nested_shape(part)
        return None if shape is None else tuple(shape)
    if not isinstance(part, Tensor):
        return None
    if part.mask:
        # How many places a mask takes depends on the data.
        return None if m.tape is None else (m.tape.scope.fresh("K"),)
    return part.shape if part.whole else None


def _joined(m: Machine, shapes: Sequence[Shape]) -> Shape:
    if len(shapes) == 1:
        return shapes[0]
    scope = Scope() if m.tape is None else m.tape.scope
    try:
        return joined(scope, shapes, "brackets cannot join {} and {}: their axis {} has {} and {}")
    except ShapeError as error:
        m.refuse(error, m.here, kind="IndexError", rule="merge")


def sliced(m: Machine, size: Value, part: slice) -> Value:
    """Return how long a slice is whose bounds may have letters; None where that is not known."""
    if part.step not in (None, 1):
        step, start = part.step, part.start or 0
        if (
            part.stop is None
            and isinstance(step, int)
            and step > 0
            and isinstance(start, int)
            and start >= 0
        ):
            return (size - start + step - 1) // step
        return None
    start = 0 if part.start is None else part.start
    stop = size if part.stop is None else part.stop
    known = (int, Dim)
    if not (isinstance(start, known) and isinstance(stop, known)):
        return None
    return minimum(_from_start(m, stop, size), size) - _from_start(m, start, size)


def _from_start(m: Machine, bound: Size, size: Size) -> Size:
    """Return a bound of a slice counted from the start; one less than 0 counts from the end."""
    is_before = m.given.decide(m, at_least(bound * -1, 1)) is True
    return maximum(size + bound, 0) if is_before else bound

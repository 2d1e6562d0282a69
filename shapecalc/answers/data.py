"""Data against the inputs of a model: which arrays fit, and how those that do not are turned."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from shapecalc.answers.nearest import nearest
from shapecalc.dims import Dim, equal, is_letter, product, shape_text
from shapecalc.errors import ShapecalcError
from shapecalc.tracing.rows import joined

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from shapecalc.dims import Shape
    from shapecalc.tracing.trace import Trace

#: How many ways to turn an array are named.
MOST_WAYS = 2
#: The channels of an image.
CHANNELS = frozenset({1, 3, 4})


class Turn(NamedTuple):
    """A line of code that turns an array, and the shape that it gets."""

    line: str
    shape: Shape


def taken(shape: Shape, wanted: Shape, *, is_stack: bool) -> Shape | None:
    """Return what Keras makes of an array for an input that a model declares; None to refuse it.

    It adds and takes a last axis of 1. A stack hands over what its layers may take.
    """
    if len(shape) == len(wanted) + 1 and shape[-1] == 1:
        shape = shape[:-1]
    elif len(shape) == len(wanted) - 1 and wanted[-1] == 1:
        shape = (*shape, 1)
    if len(shape) != len(wanted):
        return None
    return shape if is_stack or as_declared(shape, wanted) else None


def as_declared(shape: Shape, wanted: Shape) -> bool:
    """Return whether each axis behind the batch may have the size that an input declares."""
    pairs = zip(shape[1:], wanted[1:], strict=False)
    return len(shape) == len(wanted) and all(equal(*pair) is not False for pair in pairs)


def turns(name: str, shape: Shape, wanted: Shape, *, is_torch: bool) -> Iterator[Turn]:
    """Yield the ways to turn an array that people forget, the most likely first."""
    rank = len(shape)
    if rank == len(wanted) + 1:
        for axis in (-1, 1):
            if shape[axis] == 1:
                kept = shape[:-1] if axis == -1 else (shape[0], *shape[2:])
                yield Turn(f"{name} = {name}.squeeze({axis})", kept)
    if rank == len(wanted) - 1:
        if is_torch and rank > 1:
            yield Turn(f"{name} = {name}.unsqueeze(1)", (shape[0], 1, *shape[1:]))
        yield Turn(_behind(name, is_torch=is_torch), (*shape, 1))
        if not is_torch and rank > 1:
            yield Turn(f"{name} = {name}[:, None]", (shape[0], 1, *shape[1:]))
    if rank > 2:  # noqa: PLR2004  (the batch and one axis can be turned in one way)
        yield from _moved(name, shape, is_torch=is_torch)
    if rank == len(wanted):
        yield from _channels(name, shape, wanted, is_torch=is_torch)
    yield from _reshaped(name, shape, wanted, is_torch=is_torch)
    if rank == len(wanted) - 1 and not has_many(shape):
        yield Turn(f"{name} = {name}[None]", (1, *shape))


def _behind(name: str, *, is_torch: bool) -> str:
    return f"{name} = {name}.unsqueeze(-1)" if is_torch else f"{name} = {name}[..., None]"


def _moved(name: str, shape: Shape, *, is_torch: bool) -> Iterator[Turn]:
    last, first = (shape[0], *shape[2:], shape[1]), (shape[0], shape[-1], *shape[1:-1])
    move = f"{name}.movedim({{}})" if is_torch else f"np.moveaxis({name}, {{}})"
    yield Turn(f"{name} = {move.format('1, -1')}", last)
    if len(shape) > 3:  # noqa: PLR2004  (of two axes both are the same)
        yield Turn(f"{name} = {move.format('-1, 1')}", first)


def _channels(name: str, shape: Shape, wanted: Shape, *, is_torch: bool) -> Iterator[Turn]:
    """Yield the turn of gray images into colored ones, or the other way round."""
    axis = 1 if is_torch else -1
    if len(shape) != 4 or shape[axis] not in CHANNELS or wanted[axis] not in CHANNELS:  # noqa: PLR2004
        return
    rest = list(shape)
    rest[axis] = wanted[axis]
    if shape[axis] == 1:
        many = f"{name}.repeat_interleave({wanted[axis]}, {axis})"
        line = many if is_torch else f"np.repeat({name}, {wanted[axis]}, {axis})"
        yield Turn(f"{name} = {line}", tuple(rest))
    elif wanted[axis] == 1:
        keep = "keepdim" if is_torch else "keepdims"
        yield Turn(f"{name} = {name}.mean({axis}, {keep}=True)", tuple(rest))


def _reshaped(name: str, shape: Shape, wanted: Shape, *, is_torch: bool) -> Iterator[Turn]:
    """Yield the same numbers of a sample on other axes."""
    numbers = all(isinstance(size, int) for size in wanted[1:])
    if not numbers or product(shape[1:]) != product(wanted[1:]) or len(wanted) == len(shape):
        return
    if len(wanted) == 2:  # noqa: PLR2004  (one row for each sample)
        flat = f"{name}.flatten(1)" if is_torch else f"{name}.reshape(len({name}), -1)"
        yield Turn(f"{name} = {flat}", (shape[0], *wanted[1:]))
    else:
        sizes = ", ".join(map(str, wanted[1:]))
        yield Turn(f"{name} = {name}.reshape(-1, {sizes})", (shape[0], *wanted[1:]))


def ways(
    name: str,
    shape: Shape,
    wanted: Shape,
    tried: Callable[[Shape], Trace],
    *,
    is_torch: bool,
) -> list[str]:
    """Return the lines after which an array fits, as `tried` finds out; it raises `ShapeError`."""
    found: list[str] = []
    every = list(turns(name, shape, wanted, is_torch=is_torch))
    exact = [turn for turn in every if as_declared(turn.shape, wanted)]
    for line, turned in exact or every:
        if len(found) == MOST_WAYS:
            break
        try:
            tried(turned)
        except ShapecalcError:
            continue
        found.append(line)
    return found


def broken(free: Trace, shape: Shape, wanted: Shape) -> list[str]:
    """Say which conditions of the model the numbers of an array break."""
    found = []
    for size, letter in zip(shape, wanted, strict=len(shape) == len(wanted)):
        if not isinstance(size, int) or not isinstance(letter, Dim) or not is_letter(letter):
            continue
        name = str(letter)
        domain = free.facts.domain(name)
        if size not in domain:
            said = joined(free.facts.said(name))
            near = " or ".join(map(str, nearest(domain, size)))
            found.append(f"{name} = {size} breaks {said}; nearest: {near}")
    return found


def has_many(shape: Shape) -> bool:
    """Return whether an array is larger along its first axis, as one of many samples is."""
    sizes = [size for size in shape if isinstance(size, int)]
    return len(sizes) == len(shape) > 0 and sizes[0] > max(sizes[1:], default=0)


def is_pasted(shape: Shape, wanted: Shape) -> bool:
    """Return whether the number of samples stands in the shape of an input, behind the batch."""
    return has_many(shape) and len(wanted) == len(shape) + 1 and wanted[1] == shape[0]


def why_not(shape: Shape, wanted: Shape) -> str:
    """Say that an array is not what an input reads."""
    return f"has shape {shape_text(shape)}, but the model expects {shape_text(wanted)}"


def of_other_weights(declared: Trace, found: Trace) -> str | None:
    """Return the first layer whose weights would have another shape than those that a model has."""
    for before, after in zip(declared.layers, found.layers, strict=True):
        for a, b in zip(before.weights, after.weights, strict=False):
            pairs = zip(a.shape, b.shape, strict=False)
            if len(a.shape) != len(b.shape) or any(equal(*pair) is False for pair in pairs):
                return after.name
    return None

"""What operations take: whole numbers, axes, sizes; one of them or several."""

from __future__ import annotations

from typing import Annotated, Any

from shapecalc.dims import Size
from shapecalc.layers.arguments import ArgumentKind, integer, size_or_open, whole


def _several(value: Any) -> tuple[int, ...]:  # noqa: ANN401
    return tuple(map(whole, value if isinstance(value, (list, tuple)) else (value,)))


def _counts(value: Any) -> tuple[int, ...]:  # noqa: ANN401
    counts = _several(value)
    if any(count < 0 for count in counts):
        raise ValueError
    return counts


def _several_or_none(value: Any) -> tuple[int, ...] | None:  # noqa: ANN401
    return None if value is None else _several(value)


def _one_or_several(value: Any) -> int | tuple[int, ...]:  # noqa: ANN401
    return _several(value) if isinstance(value, (list, tuple)) else whole(value)


def _one_or_several_or_none(value: Any) -> int | tuple[int, ...] | None:  # noqa: ANN401
    return None if value is None else _one_or_several(value)


def _sizes(value: Any) -> tuple[Size | None, ...]:  # noqa: ANN401
    if not isinstance(value, (list, tuple)):
        value = (value,)
    return tuple(None if size is None else size_or_open(size) for size in value)


def _widths(value: Any) -> tuple[tuple[int, ...], ...]:  # noqa: ANN401
    given: list[Any] = list(value) if isinstance(value, (list, tuple)) else [None]
    if any(not isinstance(each, (list, tuple)) or len(each) != 2 for each in given):  # noqa: PLR2004
        raise ValueError
    return tuple(map(_counts, given))


def _tensordot_axes(value: Any) -> int | tuple[tuple[int, ...], ...]:  # noqa: ANN401
    if not isinstance(value, (list, tuple)):
        return whole(value)
    if len(value) != 2:  # noqa: PLR2004  (one list for each tensor)
        raise ValueError
    return tuple(map(_several, value))


#: The shape of an array that stands instead of a further tensor.
Constant = Annotated[
    tuple[int, ...] | None, ArgumentKind("the shape of an array", _counts).or_none()
]
OptionalAxis = Annotated[int | None, integer().or_none()]
OptionalAxes = Annotated[
    int | tuple[int, ...] | None,
    ArgumentKind("an axis, several of them, or None", _one_or_several_or_none),
]
TensordotAxes = Annotated[
    int | tuple[tuple[int, ...], ...],
    ArgumentKind("a whole number, or a list of axes for each of both tensors", _tensordot_axes),
]
NewSizes = Annotated[
    tuple[Size | None, ...],
    ArgumentKind(
        "the sizes of the whole shape, of which one can be -1", _sizes, variadic=True, least=1
    ),
]
Counts = Annotated[
    tuple[int, ...], ArgumentKind("whole numbers of at least 0", _counts, variadic=True)
]
OptionalCounts = Annotated[
    tuple[int, ...] | None,
    ArgumentKind("whole numbers of at least 0", _counts, variadic=True).or_none(),
]
OptionalNumbers = Annotated[
    tuple[int, ...] | None, ArgumentKind("whole numbers, or None", _several_or_none, variadic=True)
]
Sections = Annotated[
    int | tuple[int, ...], ArgumentKind("how many parts, or where to cut", _one_or_several)
]
Widths = Annotated[
    tuple[tuple[int, ...], ...],
    ArgumentKind("two whole numbers for each axis, of at least 0", _widths),
]

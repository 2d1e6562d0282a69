"""The kinds of arguments that only torch's modules take."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

from shapecalc.dims import Shape, Size
from shapecalc.layers.arguments import (
    ArgumentKind,
    as_size,
    integer,
    number,
    per_axis,
    switch,
    whole,
)

if TYPE_CHECKING:
    from collections.abc import Sequence


def _declared(value: Any) -> Size | None:  # noqa: ANN401
    return None if value is None else as_size(value, 1)


#: A size that the input must have; None, in specs ``_``, accepts any input.
InputSize = Annotated[
    Size | None,
    ArgumentKind("a size of at least 1, or _ for any size", _declared, least=1, open_ended=True),
]
Number = Annotated[float, number()]
OptionalNumber = Annotated[float | None, number().or_none()]
Affine = Annotated[bool, switch("affine", off=("noaffine",))]
Bias = Annotated[bool, switch(off=("nobias",))]
Inplace = Annotated[bool, switch("inplace")]

PerAxis = Annotated[int | tuple[int, ...], per_axis()]


def _pool_stride(value: Any) -> int | tuple[int, ...] | None:  # noqa: ANN401
    # torch takes no numbers at all for none given.
    if value is None or (isinstance(value, (list, tuple)) and not value):
        return None
    return per_axis().check(value)  # type: ignore[no-any-return]


#: The stride of a pool, which is its window where None is given.
PoolStride = Annotated[
    int | tuple[int, ...] | None, ArgumentKind(f"{per_axis().expects}, or None", _pool_stride)
]
Padding = Annotated[int | tuple[int, ...], per_axis(0)]


def _padding(value: Any) -> int | tuple[int, ...] | str:  # noqa: ANN401
    if isinstance(value, str):
        if value not in ("same", "valid"):
            raise ValueError
        return value
    return per_axis(0).check(value)  # type: ignore[no-any-return]


#: How much a convolution adds at both ends of each axis, or that the size stays.
ConvPadding = Annotated[
    int | tuple[int, ...] | str,
    ArgumentKind(
        "a whole number of at least 0, one for each axis, same or valid",
        _padding,
        {"same": "same", "valid": "valid"},
    ),
]


def _tensor(value: Any) -> Shape:  # noqa: ANN401
    if isinstance(value, Mapping):
        value = value.get("shape")
    sizes = value if isinstance(value, (list, tuple)) else (value,)
    return tuple(as_size(size, 1) for size in sizes)


#: A tensor that a module is made with, such as the weights of classes: its shape is given.
OptionalTensor = Annotated[
    tuple[Size, ...] | None, ArgumentKind("the shape of a tensor", _tensor, least=1).or_none()
]


def dims_of(value: Any) -> tuple[int, ...]:  # noqa: ANN401
    """Read dims, one or several."""
    return tuple(map(whole, value)) if isinstance(value, (list, tuple)) else (whole(value),)


OptionalDim = Annotated[int | None, integer().or_none()]
OptionalDims = Annotated[
    tuple[int, ...] | None, ArgumentKind("dims, or None for all", dims_of, variadic=True).or_none()
]


def sizes_of(value: Any) -> Size | tuple[Size, ...]:  # noqa: ANN401
    """Read a size, or one for each axis."""
    if isinstance(value, (list, tuple)):
        return tuple(as_size(size, 1) for size in value)
    return as_size(value, 1)


OptionalSizes = Annotated[
    Size | tuple[Size, ...] | None,
    ArgumentKind("a size, or one for each axis", sizes_of, least=1).or_none(),
]


def each_axis(
    value: int | tuple[int, ...], rank: int, name: str, *, one: bool = True
) -> tuple[int, ...]:
    """Return one number for each axis.

    A single number in a tuple stands for all where ``one`` says so.
    """
    if isinstance(value, int):
        return (value,) * rank
    if len(value) == 1 and one:
        return value * rank
    if len(value) != rank:
        expected = "one number" if rank == 1 else f"one number or {rank}"
        raise ValueError(f"{name} takes {expected}, not {len(value)}")
    return value


def check_axes(numbers: Sequence[tuple[str, Any]], rank: int, *, one: bool = True) -> None:
    """Check that arguments have a number for each axis; texts and None have none."""
    for name, value in numbers:
        if isinstance(value, (int, tuple)):
            each_axis(value, rank, name, one=one)

"""The kinds of arguments that are shapes, or sizes of them."""

from __future__ import annotations

from typing import Annotated, Any

from shapecalc.dims import Size
from shapecalc.layers.arguments import ArgumentKind, as_size


def shape_of(value: Any) -> tuple[Size | None, ...]:  # noqa: ANN401
    """Read sizes in a list; None is an unknown one."""
    if not isinstance(value, (list, tuple)):
        raise ValueError  # noqa: TRY004  (what pydantic reads)
    return tuple(None if each is None else as_size(each, 0) for each in value)


def size_or_shape(value: Any) -> tuple[Size | None, ...]:  # noqa: ANN401
    """Read sizes; a lone one needs no list."""
    return shape_of(value if isinstance(value, (list, tuple)) else [value])


Sizes = Annotated[
    tuple[Size | None, ...], ArgumentKind("a size, or several", size_or_shape, least=0)
]
OptionalSizes = Annotated[
    tuple[Size | None, ...] | None,
    ArgumentKind("a size, or several", size_or_shape, least=0).or_none(),
]
OptionalShape = Annotated[
    tuple[Size | None, ...] | None, ArgumentKind("a list of sizes", shape_of, least=0).or_none()
]

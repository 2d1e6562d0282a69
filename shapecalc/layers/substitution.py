"""Numbers and sizes in the place of the letters of a layer, checked as if they were written."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from shapecalc.dims import Dim, Size, substitute
from shapecalc.errors import SubstitutionError
from shapecalc.layers.catalog import spec_name
from shapecalc.layers.layer import Layer
from shapecalc.layers.problems import ArgumentError, validate
from shapecalc.layers.sizes import size_arguments

if TYPE_CHECKING:
    from collections.abc import Mapping


def with_values(layer: Layer, values: Mapping[str, Size]) -> Layer:
    """Put values in the place of the letters of a layer's arguments.

    Raises `SubstitutionError` where a number comes out that cannot be written there. None has
    another meaning than a size: that -1 which ``T - 5`` is at 4 is not to be found.
    """
    given = {name: getattr(layer, name) for name in layer.model_fields_set}
    least = _least(type(layer))
    changed = {
        name: new
        for name, old in given.items()
        if (new := _replaced(old, values, layer, name, least.get(name))) is not old and new != old
    }
    if not changed:
        return layer
    subject = spec_name(type(layer).__name__)
    try:
        return validate(type(layer), given | changed, subject)
    except ArgumentError as error:
        raise SubstitutionError(error.message, layer=subject) from None


@cache
def _least(cls: type[Layer]) -> dict[str, int]:
    return dict(size_arguments(cls))


def _replaced(
    value: Any,  # noqa: ANN401
    values: Mapping[str, Size],
    layer: Layer,
    name: str,
    least: int | None,
) -> Any:  # noqa: ANN401
    if isinstance(value, Dim):
        size = substitute(value, values)
        if least is not None and isinstance(size, int) and size < least:
            subject = spec_name(type(layer).__name__)
            raise SubstitutionError(
                f"{subject}: {name} takes sizes of at least {least}, but {value} is {size}",
                layer=subject,
            )
        return size
    if isinstance(value, Layer):
        return with_values(value, values)
    if isinstance(value, (tuple, list)):
        return type(value)(_replaced(item, values, layer, name, least) for item in value)
    return value

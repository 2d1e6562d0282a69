"""Numbers and sizes instead of the letters of a layer, checked as if they were written."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from shapecalc.dims import Dim, Size, substitute
from shapecalc.errors import SubstitutionError
from shapecalc.layers.layer import Layer
from shapecalc.layers.problems import ArgumentError, validate
from shapecalc.layers.sizes import size_arguments

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shapecalc.layers.catalogue import Catalogue


def with_values(layer: Layer, values: Mapping[str, Size], catalogue: Catalogue) -> Layer:
    """Replace the letters of a layer's arguments by values.

    Raises `SubstitutionError` where a number comes out that cannot be written there, with the
    name that the catalogue has for the layer. None has another meaning than a size: that -1 which
    ``T - 5`` is at 4 is not to be found.
    """
    subject = catalogue.spec_name(type(layer).__name__)
    given = layer.given()
    least = _least(type(layer))

    def replaced(value: Any, name: str) -> Any:  # noqa: ANN401
        if isinstance(value, Dim):
            return _number(value, values, subject, name, least.get(name))
        if isinstance(value, Layer):
            return with_values(value, values, catalogue)
        if isinstance(value, (tuple, list)):
            return type(value)(replaced(item, name) for item in value)
        return value

    changed = {
        name: new
        for name, old in given.items()
        if (new := replaced(old, name)) is not old and new != old
    }
    if not changed:
        return layer
    try:
        return validate(type(layer), given | changed, subject)
    except ArgumentError as error:
        raise SubstitutionError(error.message, layer=subject) from None


@cache
def _least(cls: type[Layer]) -> dict[str, int]:
    return dict(size_arguments(cls))


def _number(
    value: Dim, values: Mapping[str, Size], subject: str, name: str, least: int | None
) -> Size:
    size = substitute(value, values)
    if least is not None and isinstance(size, int) and size < least:
        raise SubstitutionError(
            f"{subject}: {name} takes sizes of at least {least}, but {value} is {size}",
            layer=subject,
        )
    return size

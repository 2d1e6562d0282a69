"""What a module is called with by keyword, beside its inputs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from shapecalc.layers.given import given_sizes

if TYPE_CHECKING:
    from shapecalc.dims import Shape
    from shapecalc.layers.scope import Scope


def tensor(scope: Scope, name: str) -> Shape | None:
    """Return the shape of a tensor, which is given as such or within a mapping.

    None where none is.
    """
    value = scope.call.get(name)
    if value is None:
        return None
    return scope.named(given_sizes(value.get("shape") if isinstance(value, Mapping) else value))

"""Nested models: a module of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from shapecalc.exporters.document import Call
from shapecalc.exporters.port.from_keras.values import Out

if TYPE_CHECKING:
    from shapecalc.exporters.port.from_keras.applied import Applied
    from shapecalc.exporters.port.from_keras.families import Writer


def model(a: Applied) -> list[Out]:
    """Apply the module of a model."""
    layer: Any = a.layer
    made_of, copying = a.inner_module(layer.network)
    module = a.module(made_of)
    a.copy(copying)
    call = Call(module, [a.plain(place) for place in range(len(a.values))])
    if len(a.outputs) == 1:
        return [Out(call)]
    made = [a.unpacked("inner", port) for port in range(len(a.outputs))]
    a.line(", ".join(value.name for value in made), call)
    return [Out(value) for value in made]


WRITERS: Final[dict[str, Writer]] = {"Model": model}

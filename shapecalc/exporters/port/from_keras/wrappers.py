"""Layers around layers: for every step, or one behind the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from shapecalc.exporters.port.from_keras.values import Out

if TYPE_CHECKING:
    from shapecalc.exporters.port.from_keras.applied import Applied
    from shapecalc.exporters.port.from_keras.families import Writer
    from shapecalc.exporters.port.from_keras.values import Value

#: Layers that do the same with one axis more.
_ANY_AXES: Final = frozenset(
    "Dense Embedding Activation ReLU LeakyReLU ELU Dropout Identity ActivityRegularization".split()  # noqa: SIM905
)


def time_distributed(a: Applied) -> list[Out]:
    """Apply a layer to every step: batch and steps become one axis, for as long as can be."""
    inner: Any = a.layer.layer  # type: ignore[attr-defined]
    value = a.values[0]
    batch, _, *rest = value.shape
    if inner.called in _ANY_AXES and value.steps is None:
        value.reads += 1
        (made,) = a.within(inner, (value,), "", ".layer")
        return [Out(made)]
    if value.steps is None or value.reads:
        a.plain()
        sizes = a.let("steps", f"{value.name}.shape[:2]")
        step = a.temporary(f"{value.name}.flatten(0, 1)", (batch, *rest), sizes)
        step.steps = None
    else:
        sizes, step = value.steps, value
        value.steps = None
        value.shape = (batch, *rest)
        value.reads += 1
    (made,) = a.within(inner, (step,), "", ".layer")
    made.steps = sizes
    return [Out(made)]


def pipeline(a: Applied) -> list[Out]:
    """Hand what each layer gives to the next."""
    layer: Any = a.layer
    values: list[Value] = list(a.values)
    for value in values:
        value.reads += 1
    for place, inner in enumerate(layer.layers):
        if place:
            for value in values:
                value.reads += 1
        values = a.within(inner, values, f"_{place}", f".layers[{place}]")
    return [Out(value) for value in values]


WRITERS: Final[dict[str, Writer]] = {
    "TimeDistributed": time_distributed,
    "Pipeline": pipeline,
}

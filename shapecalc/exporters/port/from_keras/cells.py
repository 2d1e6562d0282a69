"""Cells of recurrent layers, one step of them, and what runs any of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from shapecalc.exporters.document import Call, listed
from shapecalc.exporters.port.from_keras.recurrent import cell, stepped
from shapecalc.exporters.port.from_keras.values import Out

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shapecalc.exporters.port.from_keras.applied import Applied
    from shapecalc.exporters.port.from_keras.families import Writer


def one_step(a: Applied) -> list[Out]:
    """Make one step."""
    layer: Any = a.layer
    module = a.module(cell(a, layer, a.shape[-1]))
    a.copy("copy_cell")
    if layer.dropout or layer.recurrent_dropout:
        a.refuse("drops numbers in a way that depends on the steps before")
    x, *states = (a.plain(place) for place in range(len(a.values)))
    count = len(a.outputs) - 1
    hidden, carried = a.unpacked("hidden", 0), a.unpacked("states", *range(1, count + 1))
    a.line(f"{hidden.name}, {carried.name}", Call(module, (x, listed(*states))))
    return [Out(hidden), *(Out(f"{carried.name}[{place}]") for place in range(count))]


def rnn(a: Applied) -> list[Out]:
    """Run cells over the steps."""
    layer: Any = a.layer
    cells = list(_cells(layer.cell))
    features = a.shape[-1]
    made = []
    for each in cells:
        if each.called not in WRITERS:
            a.refuse(f"runs a {each.called}, which is not supported")
        made.append(cell(a, each, features))
        features = each.units
    module = a.module(Call(a.needs("Steps"), made))
    a.copy("copy_cells")
    x, *states = (a.plain(place) for place in range(len(a.values)))
    if layer.go_backwards:
        x = a.let("reversed_steps", f"{x}.flip(1)")
    return stepped(a, module, x, states)


def _cells(held: Any) -> Iterator[Any]:  # noqa: ANN401
    """Yield the cells one on top of the other, those of a stack among them."""
    for each in held if isinstance(held, tuple) else (held,):
        if each.called == "StackedRNNCells":
            yield from _cells(each.cells)
        else:
            yield each


WRITERS: Final[dict[str, Writer]] = {
    "LSTMCell": one_step,
    "GRUCell": one_step,
    "SimpleRNNCell": one_step,
    "RNN": rnn,
}

"""RNN of Keras over cells of the program: one step is followed, and stands for all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from shapecalc.importers.python.layers import flat, holds_unknown, run_layer, whole_size
from shapecalc.importers.python.library.kerasgraph import Graph
from shapecalc.importers.python.library.kerastensors import shape_of, symbolic
from shapecalc.importers.python.values import Instance, Tensor, Unknown, Value

if TYPE_CHECKING:
    from shapecalc.importers.python.calls import Call
    from shapecalc.importers.python.machine import Machine

#: What a layer keeps that runs cells of the program: the cells, and the arguments that say what
#: it gives.
CELLS: Final = "?cells"
_OPTIONS: Final = "?gives"


def keep_cells(instance: Instance, name: str, call: Call) -> bool:
    """Keep the cells of an RNN, or of a stack of cells; False where Keras has them itself."""
    given = call.get(0, "cells" if name == "StackedRNNCells" else "cell")
    cells = given if isinstance(given, list | tuple) else [given]
    found: list[Value] = []
    for each in cells:
        inner = each.attrs.get(CELLS) if isinstance(each, Instance) else None
        found += [each] if inner is None else inner
    if not found or not all(isinstance(each, Instance) for each in found):
        return False
    if all(each.payload is not None for each in found):
        return False
    instance.attrs[CELLS] = found
    instance.attrs[_OPTIONS] = (
        call.get(1, "return_sequences", False) is True,
        call.get(2, "return_state", False) is True,
    )
    return True


def run_cells(m: Machine, instance: Instance, call: Call) -> Value:
    """Apply cells to each step of a tensor."""
    from shapecalc.importers.python.library.kerasmodels import as_layer

    x = call.get(0, "sequence", call.kwargs.get("inputs"))
    lost = Unknown("RNN", call.position)
    if not isinstance(x, Tensor) or len(x.shape) < 3:  # noqa: PLR2004  (batch, steps and features)
        return lost
    step = _one(m, [*shape_of(x)[2:]], call)
    states: list[Tensor] = []
    after: list[Tensor] = []
    output: Value = step
    for cell in instance.attrs[CELLS]:
        before = [_one(m, sizes, call) for sizes in _state_sizes(m, cell)]
        given = m.call(cell, [output, before], {}, call.position)
        if not before or not isinstance(given, list | tuple) or len(given) != 2:  # noqa: PLR2004
            return lost
        output, new = given
        states += before
        after += flat(new)
    if not isinstance(output, Tensor) or holds_unknown(after) is not None:
        return lost
    from shapecalc.layers.coded import Looped

    cell = Instance(instance.cls, instance.made)
    cell.payload = Graph([step, *states], [output, *after])
    sequences, keeps_state = instance.attrs[_OPTIONS]
    layer = Looped(
        layer=as_layer(cell),
        states=tuple(each.shape[1:] for each in states),
        return_sequences=sequences,
        return_state=keeps_state,
    )
    outputs = run_layer(
        m, layer, [x], call.position, library="keras", made=instance.made,
        label=instance.attrs["name"], owner=instance,
    )  # fmt: skip
    return outputs[0] if len(outputs) == 1 else outputs


def _one(m: Machine, sizes: list[Value], call: Call) -> Tensor:
    """Return what a cell gets in one step."""
    return symbolic(m, [None, *sizes], None, call.position, given=False)


def _state_sizes(m: Machine, cell: Instance) -> list[list[Value]]:
    """Return the shape of each state of a cell, without the batch; none where it is not known."""
    found: Any = m.attribute(cell, "state_size")
    each = found if isinstance(found, list | tuple) else [found]
    sizes = [[*one] if isinstance(one, list | tuple) else [one] for one in each]
    return sizes if all(whole_size(size) for one in sizes for size in one) else []

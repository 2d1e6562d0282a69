"""TimeDistributed: a layer for every step, with the same weights each time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shapecalc.dims import Shape, shape_text
from shapecalc.errors import ShapeError
from shapecalc.layers.keras.inner import InnerLayer
from shapecalc.layers.keras.layer import KerasLayer
from shapecalc.layers.keras.masks import require_mask
from shapecalc.layers.layer import apply, rule
from shapecalc.layers.layout import at_least_axes
from shapecalc.layers.letters import free_letter
from shapecalc.layers.result import Result
from shapecalc.layers.scope import Scope

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from shapecalc.layers.explaining import Applied
    from shapecalc.layers.layout import Names
    from shapecalc.layers.looking import Looks, Passed


class TimeDistributed(KerasLayer):
    """Applies one layer to every step, with the same weights each time.

    Shape   (batch, steps, ...) -> (batch, steps, what the layer makes of one step)
    Errors  the input has fewer than 3 axes; the layer cannot read one step, or has many outputs
    Source  keras.layers.TimeDistributed
    """

    examples = (
        "lstm:64:seq,td-dense:3",
        "lstm:64:seq,dense:3",
        "in:B:T:32:32:3,td-conv2d:16:3",
    )

    holds = "layer"
    step_axes = 1
    masks = ("mask",)

    layer: InnerLayer

    def require_call(self, scope: Scope, inputs: Sequence[Shape]) -> None:
        """Require masks that say of each step whether it counts."""
        require_mask(scope, "mask", inputs[0][:2])

    def input_letters(self) -> tuple[str, ...]:
        """Return the letters of the default input: that of the first layer that fixes one."""
        batch, *rest = self.layer.input_letters() or ("B", "F")
        if "T" in rest:
            rest[rest.index("T")] = str(free_letter("S", {batch, *rest}))
        return (batch, "T", *rest)

    def output_axes(self, names: Names, rank: int) -> Names | None:
        """Return the axes: the steps stay, and what the inner layer says."""
        step = self.layer.output_axes(names[:1] + names[2:], rank - 1)
        return step and (step[0], names[1], *step[1:])

    def explain(self, applied: Applied) -> Iterator[str]:
        """Explain what becomes of one step, and how many weights all of them share."""
        from shapecalc.layers.explaining import counted

        shape, made = applied.inputs[0], applied.outputs[0]
        inner = self.layer.called
        yield f"the same {inner}, with the same weights, for each of the {shape[1]} steps"
        before, after = (shape_text((each[0], *each[2:])) for each in (shape, made))
        yield f"one step: {before} -> {after}"
        if applied.params != 0:
            yield f"{counted(applied.params)} params, however many steps there are"

    def looks(self, passed: Passed) -> Looks:
        """Return where it looks: each step sees itself, and in it what the layer inside sees."""
        from shapecalc.layers.looking import Look, Passed

        inputs = [(shape[0], *shape[2:]) for shape in passed.inputs]
        output = (passed.output[0], *passed.output[2:])
        batch, *inner = self.layer.looks(Passed(inputs, output)) or ((),)
        moved = [
            tuple(each._replace(axis=each.axis + (each.axis > 0)) for each in looks)
            for looks in inner
        ]
        return (batch, (Look(1),), *moved)


@rule(TimeDistributed)
def time_distributed(layer: TimeDistributed, scope: Scope, x: Shape) -> Result:
    """Take the steps axis out, apply the layer, and put it back."""
    batch, steps, *rest = at_least_axes(x, "batch steps features")
    step = (batch, *rest)
    try:
        result = apply(layer.layer, (step,), scope)
    except ShapeError as error:
        note = f"the layer inside sees {shape_text(step)}, one step at a time"
        raise error.noted([note]) from None
    if len(result.outputs) != 1:
        raise ShapeError(f"takes a layer with one output, but this has {len(result.outputs)}")
    (made,) = result.outputs
    return result.times(steps).replace(outputs=[(*made[:1], steps, *made[1:])])

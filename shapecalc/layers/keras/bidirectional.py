"""Bidirectional: a recurrent layer in both directions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final, Self

from pydantic import model_validator

from shapecalc.dims import Shape, any_of, equal, maximum
from shapecalc.errors import ShapeError
from shapecalc.layers.arguments import Anything, ArgumentKind, choice
from shapecalc.layers.keras.inner import held
from shapecalc.layers.keras.layer import KerasLayer
from shapecalc.layers.layer import Layer, apply, rule
from shapecalc.layers.result import Result
from shapecalc.layers.scope import Scope

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from shapecalc.layers.explaining import Applied
    from shapecalc.layers.layout import Names
    from shapecalc.layers.looking import Looks, Passed


def _recurrent(value: Any) -> Layer:  # noqa: ANN401
    layer = held(value)
    if not getattr(layer, "recurrent", False):
        raise ValueError(f"must be a recurrent layer such as LSTM, not {type(layer).__name__}")
    return layer


RecurrentLayer = Annotated[Layer, ArgumentKind("a recurrent layer", _recurrent)]
OptionalRecurrentLayer = Annotated[
    Layer | None, ArgumentKind("a recurrent layer", _recurrent).or_none()
]

#: What differs between the two directions, and what they have in common.
DIRECTION: Final = "go_backwards"
COMMON: Final = ("stateful", "return_sequences", "return_state")

MergeMode = Annotated[str | None, choice("sum", "mul", "ave", "concat", None)]


#: What Bidirectional makes of the outputs of both directions.
_JOINED: Final = {
    "concat": "is concatenated: their units add up",
    None: "is returned separately",
    "sum": "is added",
    "mul": "is multiplied",
    "ave": "is averaged",
}


class Bidirectional(KerasLayer):
    """Reads the steps forwards with one recurrent layer and backwards with another.

    Shape   (batch, steps, features) -> (batch, 2*units), with return_sequences
            (batch, steps, 2*units); sum, mul and ave keep units, merge_mode=None gives two outputs
    Errors  the layer is not recurrent; the input has no steps axis; both read in one direction
    Source  keras.layers.Bidirectional
    """

    examples = (
        "bi-lstm:64",
        "bi-lstm:64:seq:sum",
        "bi(lstm:32|lstm:16:go_backwards)",
    )

    arity = (1, None)
    masks = ("mask",)
    holds = "layer"
    holds_also = "backward_layer"
    reads = ("initial_state",)
    reads_states = True

    layer: RecurrentLayer
    merge_mode: MergeMode = "concat"
    weights: Anything = None
    backward_layer: OptionalRecurrentLayer = None

    @model_validator(mode="after")
    def _directions_differ(self) -> Self:
        forward, backward = self.layer, self.backward_layer
        if backward is None:
            if getattr(forward, DIRECTION):
                raise ValueError("a layer with go_backwards needs a backward_layer without it")
            return self
        if getattr(forward, DIRECTION) == getattr(backward, DIRECTION):
            raise ValueError("one of the layer and the backward_layer must have go_backwards")
        for name in COMMON:
            if getattr(forward, name) != getattr(backward, name):
                raise ValueError(f"the layer and the backward_layer must agree on {name}")
        return self

    def require_call(self, scope: Scope, inputs: Sequence[Shape]) -> None:
        """Require masks as the layer inside does."""
        self.layer.require_call(scope, inputs)

    def input_letters(self) -> tuple[str, ...] | None:
        """Return the letters of the default input."""
        return self.layer.input_letters()

    def output_axes(self, names: Names, rank: int) -> Names | None:
        """Return what they are of the layer inside."""
        return self.layer.output_axes(names, rank)

    def explain(self, applied: Applied) -> Iterator[str]:  # noqa: ARG002
        """Explain what becomes of what both give."""
        yield f"one {type(self.layer).__name__} reads forwards, one backwards"
        yield f"what both give {_JOINED[self.merge_mode]}"

    def looks(self, passed: Passed) -> Looks:
        """Return what the layer inside sees."""
        return self.layer.looks(passed)


@rule(Bidirectional)
def bidirectional(layer: Bidirectional, scope: Scope, x: Shape, *states: Shape) -> Result:
    """Run both directions, join their outputs, and give the states of both behind them."""
    half = len(states) // 2
    if len(states) % 2:
        raise ShapeError(f"takes initial states for both directions, but gets {len(states)}")
    forward = apply(layer.layer, (x, *states[:half]), scope)
    backward = apply(layer.backward_layer or layer.layer, (x, *states[half:]), scope)
    ahead, back = forward.outputs[0], backward.outputs[0]
    joined = (ahead, back) if layer.merge_mode is None else (_joined(layer, scope, ahead, back),)
    given = (*joined, *forward.outputs[1:], *backward.outputs[1:])
    return Result.together(given, [forward.named("forward_"), backward.named("backward_")])


def _joined(layer: Bidirectional, scope: Scope, ahead: Shape, back: Shape) -> Shape:
    """Side by side along the last axis, or element-wise, where a size of 1 is repeated."""
    why = "cannot join {} of one direction with {} of the other"
    for a, b in zip(ahead[:-1], back[:-1], strict=True):
        scope.require(equal(a, b), why, ahead, back)
    a, b = ahead[-1], back[-1]
    if layer.merge_mode == "concat":
        return (*ahead[:-1], a + b)
    scope.require(any_of(equal(a, b), equal(a, 1), equal(b, 1)), why, ahead, back)
    return (*ahead[:-1], maximum(a, b))

"""Wrappers: layers around a layer, for every step, or in both directions."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Final, Self

from pydantic import model_validator

from shapecalc.dims import Shape, any_of, equal, maximum, shape_text
from shapecalc.errors import ShapeError
from shapecalc.layers.arguments import Anything, ArgumentKind, PositiveInteger, choice
from shapecalc.layers.held import first_input, held_several
from shapecalc.layers.held import held as held_by
from shapecalc.layers.keras.dialect import CATALOGUE
from shapecalc.layers.keras.layer import KerasLayer
from shapecalc.layers.keras.masks import require_mask
from shapecalc.layers.keras.policies import is_packed
from shapecalc.layers.layer import Layer, apply, rule
from shapecalc.layers.layout import at_least_axes
from shapecalc.layers.letters import free_letter
from shapecalc.layers.result import Product, Result, Weight
from shapecalc.layers.scope import Scope

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from shapecalc.layers.explaining import Applied
    from shapecalc.layers.layout import Names
    from shapecalc.layers.looking import Looks, Passed


#: Takes a layer as it is, or makes it of its class name and its config.
held = partial(held_by, CATALOGUE)


def _list_of_layers(value: Any) -> tuple[Layer, ...]:  # noqa: ANN401
    if not value:
        raise ValueError
    return held_several(CATALOGUE, value)


def _recurrent(value: Any) -> Layer:  # noqa: ANN401
    layer = held(value)
    if not getattr(layer, "recurrent", False):
        raise ValueError(f"must be a recurrent layer such as LSTM, not {type(layer).__name__}")
    return layer


InnerLayer = Annotated[Layer, ArgumentKind("a layer", held)]
InnerLayers = Annotated[tuple[Layer, ...], ArgumentKind("a list of layers", _list_of_layers)]
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


class SpectralNormalization(KerasLayer):
    """Divides the kernel of one layer by its spectral norm, which steadies the training of GANs.

    It stores a vector of one value per output of the kernel, from which the norm is computed.

    Shape   as the layer inside
    Errors  the layer inside has neither a kernel nor embeddings, or does not take the input
    Source  keras.layers.SpectralNormalization
    """

    examples = ("spectralnormalization(conv2d:8:3)",)

    holds = "layer"

    layer: InnerLayer
    power_iterations: PositiveInteger = 1

    def input_letters(self) -> tuple[str, ...] | None:
        """Return the letters of the default input."""
        return self.layer.input_letters()

    def output_axes(self, names: Names, rank: int) -> Names | None:
        """Return what they are of the layer inside."""
        return self.layer.output_axes(names, rank)

    def looks(self, passed: Passed) -> Looks:
        """Return what the layer inside sees."""
        return self.layer.looks(passed)


@rule(SpectralNormalization)
def spectral_normalization(layer: SpectralNormalization, scope: Scope, x: Shape) -> Result:
    """Apply the layer; remember a vector as long as the last axis of its kernel."""
    inner = layer.layer
    if is_packed(inner):
        raise ShapeError(f"finds no norm of the packed kernel of a quantized {inner.called}")
    result = apply(inner, (x,), scope)
    kernel = next((w for w in result.weights if w.name in {"kernel", "embeddings"}), None)
    if kernel is None or _weights_lie_deeper(inner):
        raise ShapeError(f"needs a layer with a kernel, which {type(inner).__name__} lacks")
    vector = Weight("vector_u", (1, kernel.shape[-1]), trainable=False)
    products = [
        *result.products,
        *(_iterations(layer, kernel) if scope.training else ()),
    ]
    return result.replace(weights=[*result.weights, vector], products=products)


def _iterations(layer: SpectralNormalization, kernel: Weight) -> Iterator[Product]:
    """Yield the products that find the norm in training: two per iteration, and one with both."""
    yield Product("power_iterations", (*kernel.shape, 2 * layer.power_iterations + 1), made=0)
    yield Product("norm", kernel.shape[-1:], made=0)


def _weights_lie_deeper(layer: Layer) -> bool:
    """Return whether the weights of a layer are those of a cell or a layer inside it."""
    if isinstance(layer, SpectralNormalization):
        return False
    return bool(layer.holds) or getattr(layer, "recurrent", False)


class Pipeline(KerasLayer):
    """Applies layers one after the other, usually for preprocessing or augmentation.

    Shape   what the last layer makes of what the one before it gives
    Errors  a layer does not take what the one before it gives
    Source  keras.layers.Pipeline
    """

    examples = ("in:B:32:32:3,pipeline(rescaling:0.5,centercrop:24:24)",)

    arity = (1, None)
    masks = ("mask",)
    holds = "layers"

    layers: InnerLayers

    def input_letters(self) -> tuple[str, ...] | None:
        """Return the letters of the default input: that of the first layer that fixes one."""
        return first_input(self.layers, lambda layer: layer.input_letters())

    def looks(self, passed: Passed) -> Looks:
        """Return what its layers see, one behind the other."""
        from shapecalc.layers.following import chained

        return chained(self.layers, passed)


@rule(Pipeline)
def pipeline(layer: Pipeline, scope: Scope, *inputs: Shape) -> Result:
    """Hand what each layer gives to the next."""
    scope.budget.enter(layer)
    results: list[Result] = []
    for place, inner in enumerate(layer.layers, start=1):
        try:
            result = apply(inner, inputs, scope)
        except ShapeError as error:
            note = f"in layer {place} of {len(layer.layers)}, {type(inner).__name__}"
            raise error.noted([note]) from None
        inputs = result.outputs
        results.append(result)
    return Result.together(inputs, results)

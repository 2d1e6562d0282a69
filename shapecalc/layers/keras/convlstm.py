"""ConvLSTM: an LSTM whose gates are convolutions, for films and other sequences of images."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final, Self

from pydantic import field_validator, model_validator

from shapecalc.dims import Shape
from shapecalc.layers.arguments import Seed, Switch, Units, spread
from shapecalc.layers.keras.arguments import (
    Activation,
    Constraint,
    DataFormat,
    Initializer,
    InnerActivation,
    Regularizer,
    UseBias,
)
from shapecalc.layers.keras.recurrent import Recurrent, ReturnSequences, ReturnState, Share, outputs
from shapecalc.layers.layer import rule
from shapecalc.layers.layout import SPATIAL, axes, join
from shapecalc.layers.result import Result, Weight, bias
from shapecalc.layers.scope import Scope
from shapecalc.layers.window import (
    AnyCasePadding,
    PerAxis,
    Window,
    one_per_axis,
    refuse_both,
    slide,
)

if TYPE_CHECKING:
    from shapecalc.layers.looking import Looks, Passed

#: The spatial axes of one step; the steps are those of time, so that a lone one is the width.
PLACES: Final = {**SPATIAL, 1: ("width",)}
LETTERS: Final = {1: "W", 2: "HW", 3: "DHW"}


class ConvLSTM(Recurrent):
    """Base class of the recurrent convolutions."""

    rank: ClassVar[int]

    filters: Units
    kernel_size: PerAxis
    strides: PerAxis = 1
    padding: AnyCasePadding = "valid"
    data_format: DataFormat = None
    dilation_rate: PerAxis = 1
    activation: Activation = "tanh"
    recurrent_activation: InnerActivation = "sigmoid"
    use_bias: UseBias = True
    kernel_initializer: Initializer = "glorot_uniform"
    recurrent_initializer: Initializer = "orthogonal"
    bias_initializer: Initializer = "zeros"
    unit_forget_bias: Switch = True
    kernel_regularizer: Regularizer = None
    recurrent_regularizer: Regularizer = None
    bias_regularizer: Regularizer = None
    activity_regularizer: Regularizer = None
    kernel_constraint: Constraint = None
    recurrent_constraint: Constraint = None
    bias_constraint: Constraint = None
    dropout: Share = 0.0
    recurrent_dropout: Share = 0.0
    seed: Seed = None
    return_sequences: ReturnSequences = False
    return_state: ReturnState = False
    go_backwards: Switch = False
    stateful: Switch = False
    unroll: Switch = False
    zero_output_for_mask: Switch = False

    _one_per_axis = field_validator("kernel_size", "strides", "dilation_rate")(one_per_axis)

    @model_validator(mode="after")
    def _arguments_agree(self) -> Self:
        refuse_both(self.strides, self.dilation_rate)
        return self

    def input_letters(self) -> tuple[str, ...]:
        """Return the letters of the default input."""
        batch, *step = join("B", LETTERS[self.rank], "C", self.data_format)
        return (batch, "T", *step)

    def looks(self, passed: Passed) -> Looks:
        """Return where it looks: a state has seen all steps, and what the kernels reach in each."""
        from shapecalc.layers.layout import Layout
        from shapecalc.layers.looking import Look, windows
        from shapecalc.layers.spans import ALL

        kernel = spread(self.kernel_size, self.rank)
        moving = Window(self.kernel_size, self.strides, self.dilation_rate, self.padding)
        layout = Layout(self.rank, self.data_format)
        spans = windows(layout, moving, passed.inputs[0])
        steps = passed.rank == len(passed.inputs[0])
        found: list[tuple[Look, ...]] = [(Look(0),), *([(Look(1, ALL),)] if steps else [])]
        places = iter(zip(kernel, spans, strict=True))
        for axis in range(2, len(passed.inputs[0])):
            if axis in range(len(passed.inputs[0]))[layout.spatial]:
                reach, span = next(places)
                # What stands beside a place reaches it step by step.
                found.append((Look(axis, ALL if reach > 1 else span),))
            else:
                found.append((Look(axis),))
        return (*found, () if steps else (Look(1, ALL),))


class ConvLSTM1D(ConvLSTM):
    """Reads rows step by step and keeps a memory per position, updated by convolutions.

    Shape   (batch, steps, width, channels) -> (batch, new_width, filters), with return_sequences
            (batch, steps, new_width, filters), where new_width is
            (width - kernel_size)//strides + 1, with same width/strides rounded up
    Errors  the input has another number of axes; less width than the kernel spans, if valid;
            strides and dilation both above 1
    Source  keras.layers.ConvLSTM1D
    """

    rank = 1


class ConvLSTM2D(ConvLSTM):
    """Reads a video frame by frame and keeps a memory per position, updated by convolutions.

    Shape   (batch, steps, height, width, channels) -> (batch, new_height, new_width, filters),
            with return_sequences (batch, steps, new_height, new_width, filters), where
            a size n becomes (n - kernel_size)//strides + 1, with same n/strides rounded up
    Errors  the input has another number of axes; less height or width than the kernel spans, if
            valid; strides and dilation both above 1
    Source  keras.layers.ConvLSTM2D
    """

    rank = 2


class ConvLSTM3D(ConvLSTM):
    """Reads volumes step by step and keeps a memory per position, updated by convolutions.

    Shape   (batch, steps, depth, height, width, channels) ->
            (batch, new_depth, new_height, new_width, filters), with return_sequences
            (batch, steps, new_depth, new_height, new_width, filters), where
            a size n becomes (n - kernel_size)//strides + 1, with same n/strides rounded up
    Errors  the input has another number of axes; an axis is smaller than the kernel spans, if
            valid; strides and dilation both above 1
    Source  keras.layers.ConvLSTM3D
    """

    rank = 3


@rule(ConvLSTM1D, ConvLSTM2D, ConvLSTM3D)
def conv_lstm(layer: ConvLSTM, scope: Scope, x: Shape, *states: Shape) -> Result:
    """Slide the kernels over every step; state and memory have the shape of its output."""
    _, *names = join("batch", PLACES[layer.rank], "channels", layer.data_format)
    batch, steps, *step = axes(x, " ".join(("batch", "steps", *names)))
    found = dict(zip(names, step, strict=True))
    channels = found.pop("channels")
    moved = slide(
        tuple(found.values()),
        scope,
        Window(layer.kernel_size, layer.strides, layer.dilation_rate, layer.padding),
        names=PLACES[layer.rank],
    )
    state = join(batch, moved, layer.filters, layer.data_format)
    kernel = spread(layer.kernel_size, layer.rank)
    width, places = 4 * layer.filters, (batch, steps, *moved)
    weights = [
        Weight("kernel", (*kernel, channels, width), places=places),
        Weight("recurrent_kernel", (*kernel, layer.filters, width), places=places),
    ]
    if layer.use_bias:
        weights.append(bias(width))
    return Result(*outputs(layer, scope, x, states, state, carried=[state] * 2), weights=weights)

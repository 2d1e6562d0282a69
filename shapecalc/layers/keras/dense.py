"""Dense: the last axis times a kernel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from pydantic import model_validator

from shapecalc.dims import Shape, shape_text
from shapecalc.errors import RankError
from shapecalc.layers.arguments import Units
from shapecalc.layers.keras.arguments import (
    Activation,
    Constraint,
    Initializer,
    OptionalNumber,
    Regularizer,
    UseBias,
)
from shapecalc.layers.keras.layer import KerasLayer
from shapecalc.layers.keras.lora import Rank, low_rank, refuse_constrained, refuse_low_rank
from shapecalc.layers.keras.names import DENSE_2D
from shapecalc.layers.keras.policies import Quantization
from shapecalc.layers.keras.quantized import kept, policy_of
from shapecalc.layers.layer import rule
from shapecalc.layers.layout import at_least_axes
from shapecalc.layers.result import Result, Weight, bias
from shapecalc.layers.scope import Scope

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shapecalc.layers.explaining import Applied
    from shapecalc.layers.layout import Names
    from shapecalc.layers.looking import Looks, Passed


class Dense(KerasLayer):
    """Multiplies the features on the last axis with a kernel and adds a bias.

    Shape   (batch, ..., features) -> (batch, ..., units)
    Errors  the input has only one axis; it has more than two, in the dialect keras1
    Source  keras.layers.Dense
    """

    examples = (
        "in:B:7,dense:3",
        "in:B:T:7,dense:3:relu",
    )

    units: Units
    activation: Activation = None
    use_bias: UseBias = True
    kernel_initializer: Initializer = "glorot_uniform"
    bias_initializer: Initializer = "zeros"
    kernel_regularizer: Regularizer = None
    bias_regularizer: Regularizer = None
    activity_regularizer: Regularizer = None
    kernel_constraint: Constraint = None
    bias_constraint: Constraint = None
    lora_rank: Rank = None
    lora_alpha: OptionalNumber = None
    quantization_config: Quantization = None

    @model_validator(mode="after")
    def _arguments_agree(self) -> Self:
        refuse_constrained(self.lora_rank, "kernel_constraint", self.kernel_constraint)
        return self

    def input_letters(self) -> tuple[str, ...]:
        """Return the letters of the default input."""
        return ("B", "F")

    def feature_axes(self) -> tuple[int, ...]:
        """Return the last axis, whatever it is."""
        return (-1,)

    def output_axes(self, names: Names, rank: int) -> Names:  # noqa: ARG002
        """Return the axes: the last axis now has features."""
        return (*names[:-1], "features")

    def explain(self, applied: Applied) -> Iterator[str]:
        """Explain what the last axis becomes."""
        shape, units = applied.inputs[0], applied.outputs[0][-1]
        other = applied.other_axis(-1)
        last = f"{shape[-1]} features" if other is None else f"the {other}, {shape[-1]}"
        yield f"the last axis, {last}, becomes {units} units; all axes before it stay"
        if len(shape) > 2:  # noqa: PLR2004  (batch, features)
            yield "the same weights apply at every position of the axes before it"

    def looks(self, passed: Passed) -> Looks:
        """Return where it looks: each vector is read separately."""
        from shapecalc.layers.looking import one_by_one

        return one_by_one(passed.rank)


@rule(Dense)
def dense(layer: Dense, scope: Scope, x: Shape) -> Result:
    """Multiply the last axis with the kernel."""
    at_least_axes(x, "batch features")
    if len(x) > 2 and DENSE_2D in scope.laws:  # noqa: PLR2004
        name = scope.dialect.name if scope.dialect else ""
        raise RankError(f"takes only 2-D input in {name}, but gets {shape_text(x)}")
    *before, features = x
    units, policy = layer.units, policy_of(layer)
    refuse_low_rank(layer.lora_rank, policy)
    kernel = Weight("kernel", (features, units), not layer.lora_rank, tuple(before))
    weights, products = kept(kernel, policy, (0,))
    added = [bias(units)] if layer.use_bias else []
    learned = low_rank("lora_kernel", (features,), units, layer.lora_rank)
    return Result((*before, units), weights=[*weights, *added, *learned], products=products)

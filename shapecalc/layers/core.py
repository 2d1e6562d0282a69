"""Dense, Embedding, Identity and Masking: the plainest layers."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator

from shapecalc.dims import Shape, Size, shape_text
from shapecalc.errors import RankError, ShapeError
from shapecalc.layers.arguments import (
    Activation,
    Anything,
    Named,
    Switch,
    Units,
    UseBias,
    integer,
    number,
    size,
)
from shapecalc.layers.base import Layer, Result, Scope, Weight, rule


def no_bool(value: Any) -> Any:  # noqa: ANN401
    """Refuse True and False, which some parameters do not take for 1 and 0."""
    if isinstance(value, bool):
        raise ValueError  # noqa: TRY004  (what pydantic reads)
    return value


Count = Annotated[Size, size(), BeforeValidator(no_bool)]
Rank = Annotated[int | None, integer(0).or_none()]
OptionalNumber = Annotated[float | None, number().or_none()]


class Dense(Layer):
    """Connects every feature of the input with every unit of the output, step by step.

    Shape   (batch, ..., features) -> (batch, ..., units)
    Errors  the input has only one axis; it has more than two, in the dialect keras1
    Source  keras.layers.Dense
    """

    units: Units
    activation: Activation = None
    use_bias: UseBias = True
    kernel_initializer: Named = "glorot_uniform"
    bias_initializer: Named = "zeros"
    kernel_regularizer: Named = None
    bias_regularizer: Named = None
    activity_regularizer: Named = None
    kernel_constraint: Named = None
    bias_constraint: Named = None
    lora_rank: Rank = None
    lora_alpha: OptionalNumber = None
    quantization_config: Anything = None

    def natural_input(self) -> tuple[str, ...]:
        """The letters of the input it is made for."""
        return ("B", "F")


@rule(Dense)
def dense(layer: Dense, scope: Scope, x: Shape) -> Result:
    """Multiply the last axis with the kernel."""
    if len(x) < 2:  # noqa: PLR2004
        raise RankError(f"needs at least 2 axes (batch, features), but gets {shape_text(x)}")
    if scope.dialect == "keras1" and len(x) > 2:  # noqa: PLR2004
        raise ShapeError(f"takes only 2-D input in keras1, but gets {shape_text(x)}")
    *before, features = x
    units = layer.units
    weights = [Weight("kernel", (features, units), trainable=not layer.lora_rank)]
    if layer.use_bias:
        weights.append(Weight("bias", (units,)))
    weights += low_rank("lora_kernel", features, units, layer.lora_rank)
    return Result((*before, units), weights=weights)


def low_rank(name: str, rows: Size, columns: Size, rank: int | None) -> list[Weight]:
    """The two thin matrices that learn in the place of a frozen one; none without a rank."""
    if not rank:
        return []
    return [Weight(f"{name}_a", (rows, rank)), Weight(f"{name}_b", (rank, columns))]


class Embedding(Layer):
    """Looks up a vector for every whole number of the input: words by their place in a list.

    Shape   (batch, ...) -> (batch, ..., output_dim)
    Errors  input_dim or output_dim is missing, or less than 1
    Source  keras.layers.Embedding
    """

    input_dim: Count
    output_dim: Count
    embeddings_initializer: Named = "uniform"
    embeddings_regularizer: Named = None
    embeddings_constraint: Named = None
    mask_zero: Switch = False
    weights: Anything = None
    lora_rank: Rank = None
    lora_alpha: OptionalNumber = None
    quantization_config: Anything = None
    input_length: Anything = None
    activity_regularizer: Named = None

    def natural_input(self) -> tuple[str, ...]:
        """The letters of the input it is made for."""
        return ("B", "T")


@rule(Embedding)
def embedding(layer: Embedding, _scope: Scope, x: Shape) -> Result:
    """Put a row of the table in the place of each number."""
    rows, columns = layer.input_dim, layer.output_dim
    table = Weight("embeddings", (rows, columns), trainable=not layer.lora_rank)
    learned = low_rank("lora_embeddings", rows, columns, layer.lora_rank)
    return Result((*x, columns), weights=[table, *learned])


class Identity(Layer):
    """Gives its input back as it is; a branch that only passes through.

    Shape   (...) -> (...)
    Errors  none
    Source  keras.layers.Identity
    """

    transparent = True


class Masking(Layer):
    """Marks the steps whose features all equal ``mask_value``, so that later layers skip them.

    Shape   (batch, steps, features) -> (batch, steps, features)
    Errors  none
    Source  keras.layers.Masking
    """

    transparent = True

    mask_value: Annotated[float, number()] = 0.0


@rule(Identity, Masking)
def identity(_layer: Identity | Masking, _scope: Scope, x: Shape) -> Result:
    """Keep the shape."""
    return Result(x)

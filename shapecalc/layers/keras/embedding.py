"""Embeddings: vectors looked up in a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from pydantic import model_validator

from shapecalc.dims import Shape, equal
from shapecalc.layers.arguments import Anything, Switch
from shapecalc.layers.keras.arguments import (
    Constraint,
    Count,
    Initializer,
    OptionalNumber,
    Regularizer,
)
from shapecalc.layers.keras.layer import KerasLayer
from shapecalc.layers.keras.lora import Rank, low_rank, refuse_constrained
from shapecalc.layers.keras.policies import DType, Quantization
from shapecalc.layers.keras.quantized import indexed, looked_up, policy_of, refuse_modes
from shapecalc.layers.keras.shapes import OptionalSizes
from shapecalc.layers.layer import rule
from shapecalc.layers.layout import at_least_axes
from shapecalc.layers.result import Product, Result
from shapecalc.layers.scope import Scope

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shapecalc.layers.explaining import Applied
    from shapecalc.layers.layout import Names
    from shapecalc.layers.looking import Looks, Passed


class Embedding(KerasLayer):
    """Looks up a vector for each integer of the input: words by their index in a list.

    Shape   (batch, ...) -> (batch, ..., output_dim)
    Errors  input_dim or output_dim is missing, or less than 1
    Source  keras.layers.Embedding
    """

    examples = ("embedding:5000:100",)

    input_dim: Count
    output_dim: Count
    embeddings_initializer: Initializer = "uniform"
    embeddings_regularizer: Regularizer = None
    embeddings_constraint: Constraint = None
    mask_zero: Switch = False
    weights: Anything = None
    lora_rank: Rank = None
    lora_alpha: OptionalNumber = None
    quantization_config: Quantization = None
    input_length: OptionalSizes = None
    activity_regularizer: Regularizer = None

    @model_validator(mode="after")
    def _arguments_agree(self) -> Self:
        refuse_constrained(self.lora_rank, "embeddings_constraint", self.embeddings_constraint)
        return self

    def input_letters(self) -> tuple[str, ...]:
        """Return the letters of the default input."""
        return ("B", "T")

    def output_axes(self, names: Names, rank: int) -> Names:  # noqa: ARG002
        """There is a new last axis, of features."""
        return (*names, "features")

    def explain(self, applied: Applied) -> Iterator[str]:
        """Explain how long the vectors are."""
        yield f"each integer becomes a vector of {applied.outputs[0][-1]}: a new last axis"

    def looks(self, passed: Passed) -> Looks:
        """Return where it looks: each value is looked up separately."""
        from shapecalc.layers.looking import one_by_one, placed

        before = len(passed.inputs[0])
        return placed((*range(before), None)) if passed.rank > before else one_by_one(before)


@rule(Embedding)
def embedding(layer: Embedding, _scope: Scope, x: Shape) -> Result:
    """Replace each value by a row of the table."""
    rows, columns, policy = layer.input_dim, layer.output_dim, policy_of(layer)
    refuse_modes(policy, "float8", "gptq", "awq")
    table, *scales = looked_up("embeddings", rows, columns, policy)
    table = table._replace(trainable=table.trainable and not layer.lora_rank)
    learned = low_rank("lora_embeddings", (rows,), columns, layer.lora_rank)
    return Result((*x, columns), weights=[table, *scales, *indexed(columns, policy), *learned])


class ReversibleEmbedding(Embedding):
    """Looks up vectors like Embedding, and can later turn vectors back into a score per integer.

    The reverse direction uses the same table, unless ``tie_weights=False`` gives it a separate one.

    Shape   (batch, ...) -> (batch, ..., output_dim)
    Errors  input_dim or output_dim is missing, or less than 1
    Source  keras.layers.ReversibleEmbedding
    """

    positional = ("input_dim", "output_dim", "tie_weights")

    call_arguments = (*KerasLayer.call_arguments, "reverse")

    tie_weights: Switch = True
    reverse_dtype: DType = None
    logit_soft_cap: OptionalNumber = None


@rule(ReversibleEmbedding)
def reversible_embedding(layer: ReversibleEmbedding, scope: Scope, x: Shape) -> Result:
    """Do as Embedding does, with another table for the way back unless they are tied.

    A call with ``reverse`` goes this way: from vectors to a number for each row of the table.
    """
    rows, columns = layer.input_dim, layer.output_dim
    result = embedding(layer, scope, x)
    tables = list(result.weights)
    if not layer.tie_weights:
        policy = policy_of(layer)
        tables += looked_up("reverse_embeddings", rows, columns, policy, turned=True)
    if not scope.call.get("reverse"):
        return result.replace(weights=tables)
    *before, features = at_least_axes(x, "batch features")
    scope.require(equal(features, columns), "takes back vectors of {}, but gets {}", columns, x)
    if not layer.tie_weights:
        # The look-up table, and so the product that learns in its place, is not read.
        tables = [table._replace(places=None) for table in tables]
    scores = Product("scores", (*before, columns, rows))
    return Result((*before, rows), weights=tables, products=[scores])

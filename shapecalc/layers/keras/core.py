"""The plainest layers: Dense, embeddings, Identity, Masking, Lambda and inputs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Self

from pydantic import BeforeValidator, model_validator

from shapecalc.dims import Shape, Size, equal, shape_text
from shapecalc.errors import RankError, ShapeError
from shapecalc.layers.arguments import (
    Anything,
    ArgumentKind,
    Switch,
    Units,
    as_size,
    integer,
    number,
    size,
)
from shapecalc.layers.keras.arguments import (
    Activation,
    Constraint,
    Initializer,
    Regularizer,
    UseBias,
)
from shapecalc.layers.keras.layer import KerasLayer
from shapecalc.layers.keras.names import DENSE_2D
from shapecalc.layers.keras.policies import DType, Policy
from shapecalc.layers.keras.quantized import indexed, kept, looked_up, policy_of, refuse_modes
from shapecalc.layers.layer import rule
from shapecalc.layers.layout import at_least_axes
from shapecalc.layers.result import Product, Result, Weight, bias
from shapecalc.layers.scope import Scope

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shapecalc.layers.explaining import Applied
    from shapecalc.layers.layout import Names
    from shapecalc.layers.looking import Looks, Passed


def no_bool(value: Any) -> Any:  # noqa: ANN401
    """Refuse True and False, which some parameters do not take for 1 and 0."""
    if isinstance(value, bool):
        raise ValueError  # noqa: TRY004  (what pydantic reads)
    return value


Count = Annotated[Size, size(), BeforeValidator(no_bool)]
Rank = Annotated[int | None, integer(0).or_none()]
OptionalNumber = Annotated[float | None, number().or_none()]


def _quantization(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, dict) and isinstance(value.get("class_name"), str):
        return value
    raise ValueError


Quantization = Annotated[
    Any, ArgumentKind("a configuration as Keras stores it", _quantization).or_none()
]


def refuse_constrained(rank: int | None, name: str, constraint: object) -> None:
    """Refuse a constraint on weights that lora_rank freezes."""
    if rank and constraint is not None:
        raise ValueError(f"lora_rank and {name} cannot both be given")


def refuse_low_rank(rank: int | None, policy: Policy) -> None:
    """Refuse lora_rank where the kernel is cut to blocks."""
    if rank and policy.mode in {"gptq", "awq"}:
        raise ShapeError(f"cannot have a lora_rank where it is quantized by {policy.mode}")


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
    units, policy, lora_rank = layer.units, policy_of(layer), layer.lora_rank
    output, sizes = (*x[:-1], units), (x[-1], units)
    if policy.mode is None and not lora_rank:
        return Result.deferred(output, sizes, _weights, layer)
    refuse_low_rank(lora_rank, policy)
    kernel, *added = _weights(layer, sizes, output)
    weights, products = kept(kernel, policy, (0,))
    learned = low_rank("lora_kernel", sizes[:1], units, lora_rank)
    return Result(output, weights=[*weights, *added, *learned], products=products)


def _weights(layer: Dense, kernel: Shape, output: Shape) -> tuple[Weight, ...]:
    """Return the kernel, which is multiplied with each vector, and the bias of its units."""
    learned = Weight("kernel", kernel, not layer.lora_rank, output[:-1])
    return (learned, bias(output[-1])) if layer.use_bias else (learned,)


def low_rank(name: str, rows: Shape, columns: Size, rank: int | None) -> list[Weight]:
    """Return the two thin tensors that learn instead of a frozen one; none without a rank.

    Each forward pass multiplies them with each other, whatever the input is.
    """
    if not rank:
        return []
    thin = Weight(f"{name}_b", (rank, columns), places=rows)
    return [Weight(f"{name}_a", (*rows, rank)), thin]


def shape_of(value: Any) -> tuple[Size | None, ...]:  # noqa: ANN401
    """Read sizes in a list; None is an unknown one."""
    if not isinstance(value, (list, tuple)):
        raise ValueError  # noqa: TRY004  (what pydantic reads)
    return tuple(None if each is None else as_size(each, 0) for each in value)


def size_or_shape(value: Any) -> tuple[Size | None, ...]:  # noqa: ANN401
    """Read sizes; a lone one needs no list."""
    return shape_of(value if isinstance(value, (list, tuple)) else [value])


Sizes = Annotated[
    tuple[Size | None, ...], ArgumentKind("a size, or several", size_or_shape, least=0)
]
OptionalSizes = Annotated[
    tuple[Size | None, ...] | None,
    ArgumentKind("a size, or several", size_or_shape, least=0).or_none(),
]
OptionalShape = Annotated[
    tuple[Size | None, ...] | None, ArgumentKind("a list of sizes", shape_of, least=0).or_none()
]


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


class Identity(KerasLayer):
    """Returns its input unchanged; a branch that only passes through.

    Shape   (...) -> (...)
    Errors  none
    Source  keras.layers.Identity
    """

    moves = True
    keeps_rank = True


class Masking(KerasLayer):
    """Marks the steps whose features all equal ``mask_value``, so that later layers skip them.

    Shape   (batch, steps, features) -> (batch, steps, features)
    Errors  none
    Source  keras.layers.Masking
    """

    keeps_rank = True

    mask_value: Annotated[float, number()] = 0.0


@rule(Identity, Masking)
def identity(_layer: Identity | Masking, _scope: Scope, x: Shape) -> Result:
    """Keep the shape."""
    return Result(x)


class Lambda(KerasLayer):
    """Applies a user-defined function; ``output_shape`` says what comes out, without the batch.

    Shape   (batch, ...) -> (batch, *output_shape)
    Errors  output_shape is missing: what the function does cannot be known here
    Source  keras.layers.Lambda
    """

    examples = ("lambda:output_shape=10",)

    arity = (1, None)
    reads: ClassVar[tuple[str, ...]] = ("inputs",)
    masks = ("mask",)

    function: Anything = None
    output_shape: OptionalSizes = None
    mask: Anything = None
    arguments: Anything = None


@rule(Lambda)
def lambda_(layer: Lambda, scope: Scope, x: Shape, *_others: Shape) -> Result:
    """Put the sizes that it says behind the batch of its first input."""
    if layer.output_shape is None:
        raise ShapeError("does not say its output_shape, which its function alone does not tell")
    return Result(scope.named((x[0], *layer.output_shape)))


class InputLayer(KerasLayer):
    """Declares an input of a model; ``shape`` leaves out the batch, ``batch_shape`` has it.

    Shape   -> (batch_size, *shape), or batch_shape
    Errors  neither shape nor batch_shape is given, or both are
    Source  keras.layers.InputLayer
    """

    examples = ("in:B:T:8,dense:4",)

    arity = (0, 0)
    positional = ("shape", "batch_size", "dtype")

    shape: OptionalShape = None
    batch_size: Annotated[Size | None, size(0).or_none()] = None
    sparse: Anything = None
    ragged: Anything = None
    batch_shape: OptionalShape = None
    input_tensor: Anything = None
    optional: Switch = False
    batch_input_shape: OptionalShape = None

    @model_validator(mode="before")
    @classmethod
    def _take_old_names(cls, values: Any) -> Any:  # noqa: ANN401
        if not isinstance(values, dict):
            return values
        taken = dict(values)
        for old, new in (("input_shape", "shape"), ("batch_input_shape", "batch_shape")):
            if taken.get(old) is not None:
                taken[new] = taken.pop(old)
        return taken

    @model_validator(mode="after")
    def _one_shape(self) -> Self:
        if self.batch_shape is None and self.shape is None:
            raise ValueError("shape is missing, a list of sizes without the batch")
        for name in ("shape", "batch_size"):
            if self.batch_shape is not None and getattr(self, name) is not None:
                raise ValueError(f"batch_shape and {name} cannot both be given")
        return self


@rule(InputLayer)
def input_layer(layer: InputLayer, scope: Scope) -> Result:
    """Return the shape, with letters for what it leaves unknown."""
    whole = layer.batch_shape
    if whole is None:
        whole = (layer.batch_size, *(layer.shape or ()))
    return Result(scope.named(whole))

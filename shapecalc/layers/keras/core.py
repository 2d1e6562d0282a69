"""The plainest layers: Identity, Masking, Lambda and inputs."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Self

from pydantic import model_validator

from shapecalc.dims import Shape, Size
from shapecalc.errors import ShapeError
from shapecalc.layers.arguments import Anything, Switch, number, size
from shapecalc.layers.keras.layer import KerasLayer
from shapecalc.layers.keras.shapes import OptionalShape, OptionalSizes
from shapecalc.layers.layer import rule
from shapecalc.layers.result import Result
from shapecalc.layers.scope import Scope


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

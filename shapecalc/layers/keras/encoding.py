"""Encoding: turn numbers and categories into the indices of bins, or into vectors with ones."""

from __future__ import annotations

from typing import Annotated, Any, Final, NoReturn, Self

from pydantic import BeforeValidator, field_validator, model_validator

from shapecalc.dims import Dim, Shape, Size, at_least, equal, shape_text
from shapecalc.errors import RankError, ShapeError
from shapecalc.layers.arguments import (
    Anything,
    ArgumentKind,
    Switch,
    Units,
    choice,
    number,
    size,
    whole,
)
from shapecalc.layers.keras.layer import KerasLayer
from shapecalc.layers.layer import rule
from shapecalc.layers.result import Result
from shapecalc.layers.scope import Scope

#: What Hashing gives its indices as.
WHOLE: Final = (None, "int32", "int64")
#: Old names of modes.
_MODES = {"binary": "multi_hot", "tf-idf": "tf_idf"}


def renamed(value: Any) -> Any:  # noqa: ANN401
    """Read the old name of a mode."""
    return _MODES.get(value, value) if isinstance(value, str) else value


def _boundaries(value: Any) -> tuple[float, ...]:  # noqa: ANN401
    if not isinstance(value, (list, tuple)):
        raise ValueError  # noqa: TRY004  (what pydantic reads)
    return tuple(map(number().check, value))


def _salt(value: Any) -> int | tuple[int, ...]:  # noqa: ANN401
    if not isinstance(value, (list, tuple)):
        return whole(value)
    if len(value) != 2:  # noqa: PLR2004
        raise ValueError
    return tuple(map(whole, value))


Bins = Annotated[Size, size(0)]
OptionalBins = Annotated[Size | None, size(0).or_none()]
Boundaries = Annotated[
    tuple[float, ...] | None, ArgumentKind("numbers in a list", _boundaries).or_none()
]
Salt = Annotated[int | tuple[int, ...] | None, ArgumentKind("a whole number, two", _salt).or_none()]
HotMode = Annotated[str, choice("multi_hot", "one_hot", "count"), BeforeValidator(renamed)]
BinMode = Annotated[str, choice("int", "one_hot", "multi_hot", "count")]
CrossMode = Annotated[str, choice("int", "one_hot")]
Epsilon = Annotated[float, number()]


def encoded(x: Shape, mode: str, depth: Size, scope: Scope) -> Shape:
    """Return the shape of indices in one of the modes, where there are ``depth`` of them.

    An index alone on the last axis gives its place to the vector (one_hot). The indices of a
    sample, which stand along the axis after the batch, make one vector (multi_hot and the others).
    """
    if mode == "int":
        return x
    if mode != "one_hot":
        return (*x[:1], *x[2:], depth) if len(x) > 1 else (depth,)
    if len(x) < 2:  # noqa: PLR2004
        return (*x, depth)
    *before, last = x
    if last == 1:
        return (*before, depth)
    if isinstance(last, Dim):
        why = "gives the last axis to the vector where it is 1, and needs at least 2, but gets {}"
        if not scope.assume(at_least(last, 2), why, last):
            scope.require(equal(last, 1), why, last)
            return (*before, depth)
    return (*x, depth)


def refuse_sparse_indices(mode: str, sparse: bool) -> None:  # noqa: FBT001
    """Refuse a sparse output of indices, which have no zeros to leave out."""
    if sparse and mode == "int":
        raise ValueError("sparse goes with one_hot, multi_hot and count, but output_mode is int")


class CategoryEncoding(KerasLayer):
    """Encodes categories, integers below ``num_tokens``, as one-hot, multi-hot or count vectors.

    ``multi_hot`` makes one vector of all categories of a sample, ``count`` counts each, ``one_hot``
    makes a vector of each.

    Shape   (batch, n) -> (batch, num_tokens),
            with one_hot (batch, n, num_tokens), but (batch, 1) -> (batch, num_tokens)
    Errors  num_tokens is missing
    Source  keras.layers.CategoryEncoding
    """

    num_tokens: Units
    output_mode: HotMode = "multi_hot"
    sparse: Switch = False


@rule(CategoryEncoding)
def category_encoding(layer: CategoryEncoding, scope: Scope, x: Shape) -> Result:
    """Encode what are indices already."""
    return Result(encoded(x, layer.output_mode, layer.num_tokens, scope))


class Discretization(KerasLayer):
    """Maps numbers to the index of their bin, or encodes it as a vector.

    The bins lie between ``bin_boundaries``, or ``num_bins`` of them are learned from data.
    Unlike other layers it cannot be frozen.

    Shape   (...) -> (...), with one_hot (..., n) -> (..., n, bins), but (..., 1) -> (..., bins),
            with multi_hot or count (batch, n) -> (batch, bins)
    Errors  not just one of bin_boundaries and num_bins is given; sparse, but not encoded
    Source  keras.layers.Discretization
    """

    examples = ("in:B:F,discretization:num_bins=10",)

    bin_boundaries: Boundaries = None
    num_bins: OptionalBins = None
    epsilon: Epsilon = 0.01
    output_mode: BinMode = "int"
    sparse: Switch = False

    @field_validator("trainable", "input_shape")
    @classmethod
    def _not_taken(cls, _value: object) -> NoReturn:
        raise ValueError("is not an argument of this layer")

    @model_validator(mode="after")
    def _arguments_agree(self) -> Self:
        if (self.bin_boundaries is None) == (self.num_bins is None):
            given = "neither is" if self.num_bins is None else "both are"
            raise ValueError(f"takes either bin_boundaries or num_bins, and {given} given")
        refuse_sparse_indices(self.output_mode, self.sparse)
        return self


@rule(Discretization)
def discretization(layer: Discretization, scope: Scope, x: Shape) -> Result:
    """Encode the bins, which are one more than the boundaries between them."""
    bins = layer.num_bins if layer.bin_boundaries is None else len(layer.bin_boundaries) + 1
    assert bins is not None  # noqa: S101  (one of both is given)
    return Result(encoded(x, layer.output_mode, bins, scope))


class Hashing(KerasLayer):
    """Hashes categories of any kind to ``num_bins`` indices; some will share one.

    Shape   (...) -> (...), with one_hot (..., n) -> (..., n, num_bins), but
            (..., 1) -> (..., num_bins), with multi_hot or count (batch, n) -> (batch, num_bins)
    Errors  sparse, but not encoded
    Source  keras.layers.Hashing
    """

    num_bins: Units
    mask_value: Anything = None
    salt: Salt = None
    output_mode: BinMode = "int"
    sparse: Switch = False

    @model_validator(mode="after")
    def _arguments_agree(self) -> Self:
        refuse_sparse_indices(self.output_mode, self.sparse)
        if self.output_mode == "int" and self.dtype not in WHOLE:
            raise ValueError("dtype is int32 or int64 where output_mode is int")
        return self


@rule(Hashing)
def hashing(layer: Hashing, scope: Scope, x: Shape) -> Result:
    """Encode the indices; one_hot first takes away a last axis of 1.

    Keras's own shape of a symbolic call has one axis less with one_hot; this is what it computes.
    """
    if layer.output_mode == "one_hot" and x and x[-1] == 1:
        x = x[:-1] or (1,)
    return Result(encoded(x, layer.output_mode, layer.num_bins, scope))


class HashedCrossing(KerasLayer):
    """Hashes pairs of categories, one from each of two inputs, to ``num_bins`` indices.

    Shape   (batch,) and (batch,) -> (batch,), (batch, 1) and (batch, 1) -> (batch, 1),
            with one_hot (batch, num_bins)
    Errors  the inputs are not columns of one length
    Source  keras.layers.HashedCrossing
    """

    examples = ("in:B@one,in:B@two,hashedcrossing:10:@one",)

    merges = True
    arity = (2, 2)

    num_bins: Bins
    output_mode: CrossMode = "int"
    sparse: Switch = False

    def input_letters(self) -> tuple[str, ...]:
        """Return the letters of the default input."""
        return ("B",)


@rule(HashedCrossing)
def hashed_crossing(layer: HashedCrossing, scope: Scope, x: Shape, other: Shape) -> Result:
    """Encode an index for each of the pairs."""
    for shape in (x, other):
        if len(shape) not in {1, 2}:
            raise RankError(f"needs inputs (batch,) or (batch, 1), but gets {shape_text(shape)}")
    if len(x) != len(other):
        raise ShapeError(
            f"needs inputs of the same shape, but gets {shape_text(x)} and {shape_text(other)}"
        )
    for one, two in zip(x, other, strict=True):
        scope.require(
            equal(one, two), "needs inputs of the same shape, but gets {} and {}", x, other
        )
    if len(x) > 1:
        scope.require(equal(x[1], 1), "needs inputs (batch,) or (batch, 1), but gets {}", x)
    return Result((x[0], layer.num_bins) if layer.output_mode == "one_hot" else x)

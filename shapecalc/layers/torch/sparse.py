"""Embeddings: a row of a table for each number, by itself or for a whole bag of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Self

from pydantic import model_validator

from shapecalc.dims import Shape, Size, at_least, equal, shape_text
from shapecalc.errors import RankError, ShapeError
from shapecalc.layers.arguments import Switch, Units, choice, integer, number
from shapecalc.layers.layer import rule
from shapecalc.layers.result import Result, Weight
from shapecalc.layers.scope import Scope
from shapecalc.layers.torch.arguments import OptionalTensor
from shapecalc.layers.torch.calls import tensor
from shapecalc.layers.torch.layer import Module

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shapecalc.layers.explaining import Applied
    from shapecalc.layers.layout import Names

Index = Annotated[int | None, integer().or_none()]
OptionalNumber = Annotated[float | None, number().or_none()]
Number = Annotated[float, number()]
Mode = Annotated[str, choice("sum", "mean", "max")]


class Table(Module):
    """What both take: a table of num_embeddings rows of embedding_dim numbers."""

    num_embeddings: Units
    embedding_dim: Units

    @model_validator(mode="before")
    @classmethod
    def _bare_names(cls, given: Any) -> Any:  # noqa: ANN401
        # torch has an underscore before what is rarely given, which no field can begin with.
        if not isinstance(given, dict):
            return given
        bare = {f"_{name}": name for name in ("weight", "freeze") if name in cls.model_fields}
        return {bare.get(name, name): value for name, value in given.items()}

    def natural_input(self) -> tuple[str, ...]:
        """The letters of the input it is made for."""
        return ("N", "L")


class Embedding(Table):
    """Looks up a row of its table for each number; it turns words into vectors.

    Shape   (*) of whole numbers below num_embeddings -> (*, embedding_dim)
    Errors  padding_idx is no row of the table
    Source  torch.nn.Embedding
    """

    examples = ("in:N:L,embedding:5000:100",)

    padding_idx: Index = None
    max_norm: OptionalNumber = None
    norm_type: Number = 2.0
    scale_grad_by_freq: Switch = False
    sparse: Switch = False
    weight: OptionalTensor = None
    freeze: Switch = False

    def output_axes(self, names: Names, rank: int) -> Names:  # noqa: ARG002
        """The numbers of a row are features."""
        return (*names, "features")

    def explain(self, applied: Applied) -> Iterator[str]:
        """Say what comes in the place of each number."""
        yield f"each number becomes a row of {applied.outputs[0][-1]}, on a new last axis"


@rule(Embedding)
def embedding(layer: Embedding, scope: Scope, x: Shape) -> Result:
    """Add an axis for the numbers of a row."""
    weight = _table(layer, scope, layer.padding_idx, layer.weight)
    return Result((*x, layer.embedding_dim), weights=[weight._replace(trainable=not layer.freeze)])


class EmbeddingBag(Table):
    """Looks up the rows of a whole bag of numbers, and gives their mean, sum or maximum.

    Shape   (N, K), bags of K numbers -> (N, embedding_dim); or (L) and offsets (N), where each bag
            begins -> (N, embedding_dim), with include_last_offset (N - 1, embedding_dim)
    Errors  one axis without offsets, or two with offsets; per_sample_weights of another shape than
            the input, or in another mode than sum; padding_idx is no row of the table
    Source  torch.nn.EmbeddingBag
    """

    arity = (1, 2)
    reads = ("offsets",)
    call_arguments = ("training", "per_sample_weights")
    examples = (
        "in:N:K,embeddingbag:5000:100",
        "in:N@starts,in:L,embeddingbag:5000:100:sum:offsets=@starts",
    )

    max_norm: OptionalNumber = None
    norm_type: Number = 2.0
    scale_grad_by_freq: Switch = False
    mode: Mode = "mean"
    sparse: Switch = False
    weight: OptionalTensor = None
    include_last_offset: Switch = False
    padding_idx: Index = None

    @model_validator(mode="after")
    def _arguments_agree(self) -> Self:
        for name in ("scale_grad_by_freq", "sparse"):
            if self.mode == "max" and getattr(self, name):
                raise ValueError(f"mode max takes no {name}")
        return self

    def explain(self, applied: Applied) -> Iterator[str]:
        """Say what becomes of each bag."""
        bags, numbers = applied.outputs[0]
        yield f"each of {bags} bags becomes one row of {numbers}: the {self.mode} of its rows"


@rule(EmbeddingBag)
def embedding_bag(layer: EmbeddingBag, scope: Scope, x: Shape, *offsets: Shape) -> Result:
    """Count the bags: the rows of the input, or the offsets."""
    weights = [_table(layer, scope, layer.padding_idx, layer.weight)]
    _require_sample_weights(layer, scope, x)
    bags = _bags(layer, scope, x, *offsets)
    return Result((bags, layer.embedding_dim), weights=weights)


def _bags(layer: EmbeddingBag, scope: Scope, x: Shape, offsets: Shape | None = None) -> Size:
    if len(x) not in (1, 2):
        raise RankError(f"needs (N, K), or (L) with offsets, but gets {shape_text(x)}")
    if len(x) == 2:  # noqa: PLR2004  (bags of equal size)
        if offsets is not None:
            raise ShapeError(f"takes no offsets for {shape_text(x)}, whose rows are the bags")
        return x[0]
    if offsets is None:
        raise RankError(f"needs offsets for {shape_text(x)}, where each bag begins; or (N, K)")
    if len(offsets) != 1:
        raise RankError(f"needs offsets (N), but gets {shape_text(offsets)}")
    if not layer.include_last_offset:
        return offsets[0]
    why = "needs at least 1 offset, where the last bag ends, but gets {}"
    scope.require(at_least(offsets[0], 1), why, offsets)
    return offsets[0] - 1


def _require_sample_weights(layer: EmbeddingBag, scope: Scope, x: Shape) -> None:
    """Ask that there is a weight for each number, and that rows are added up."""
    given = tensor(scope, "per_sample_weights")
    if given is None:
        return
    why = "takes per_sample_weights of the shape of its input, {}, but gets {}"
    scope.require(len(given) == len(x), why, x, given)
    for size, other in zip(x, given, strict=True):
        scope.require(equal(size, other), why, x, given)
    if layer.mode != "sum":
        raise ShapeError(f"takes per_sample_weights in mode sum, not {layer.mode}")


def _table(layer: Table, scope: Scope, padding_idx: int | None, given: Shape | None) -> Weight:
    """The table; what is given for it, and the row of the padding, must fit."""
    shape = (layer.num_embeddings, layer.embedding_dim)
    if padding_idx:
        rows = padding_idx + 1 if padding_idx > 0 else -padding_idx
        why = "has padding_idx {}, but num_embeddings is {}"
        scope.require(at_least(shape[0], rows), why, padding_idx, shape[0])
    if given is not None:
        why = "has a table of {}, but a weight of {} is given"
        scope.require(len(given) == len(shape), why, shape, given)
        for size, other in zip(shape, given, strict=True):
            scope.require(equal(size, other), why, shape, given)
    return Weight("weight", shape)

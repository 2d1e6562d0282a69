"""Embeddings: a vector for each number of a vocabulary."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Self

from pydantic import Field, model_validator

from shapecalc.dims import Shape, at_least, shape_text
from shapecalc.errors import RankError, ShapeError
from shapecalc.layers.arguments import Switch, Units, choice, integer, switch
from shapecalc.layers.broadcast import require_same
from shapecalc.layers.layer import rule
from shapecalc.layers.result import Result, Weight
from shapecalc.layers.scope import Scope
from shapecalc.layers.torch.arguments import Number, OptionalNumber
from shapecalc.layers.torch.calls import tensor
from shapecalc.layers.torch.layer import Module

if TYPE_CHECKING:
    from shapecalc.layers.looking import Looks, Passed

OptionalInteger = Annotated[int | None, integer().or_none()]


class AnyEmbedding(Module):
    """Base class of both."""

    num_embeddings: Units
    embedding_dim: Units

    def input_letters(self) -> tuple[str, ...]:
        """Return the letters of the default input."""
        return ("N", "L")

    def table(self, scope: Scope) -> Weight:
        """Return the table of vectors; the padding is one of them."""
        padding: int = getattr(self, "padding_idx", None) or 0
        least = padding + 1 if padding > 0 else -padding
        why = "has padding_idx {}, which must be within num_embeddings {}"
        scope.require(at_least(self.num_embeddings, least), why, padding, self.num_embeddings)
        frozen = bool(getattr(self, "freeze", False))
        return Weight("weight", (self.num_embeddings, self.embedding_dim), trainable=not frozen)


class Embedding(AnyEmbedding):
    """Looks up a vector of size ``embedding_dim`` for each integer of its input.

    Shape   (*) -> (*, embedding_dim)
    Errors  padding_idx is not in the vocabulary
    Source  torch.nn.Embedding
    """

    examples = ("in:N:L,emb:10000:64",)

    padding_idx: OptionalInteger = None
    max_norm: OptionalNumber = None
    norm_type: Number = 2.0
    scale_grad_by_freq: Switch = False
    sparse: Switch = False
    freeze: Annotated[bool, switch("freeze"), Field(alias="_freeze")] = False

    def looks(self, passed: Passed) -> Looks:
        """Return where it looks: each value is looked up separately."""
        from shapecalc.layers.looking import placed

        return placed((*range(passed.rank - 1), None))


@rule(Embedding)
def embedding(layer: Embedding, scope: Scope, x: Shape) -> Result:
    """Put the vector behind the axes."""
    return Result((*x, layer.embedding_dim), weights=[layer.table(scope)])


class EmbeddingBag(AnyEmbedding):
    """Looks up the vectors of each bag of integers, and takes their sum, mean or maximum.

    Shape   (N, L) -> (N, embedding_dim); (L) with offsets (N) -> (N, embedding_dim), one less
            with include_last_offset
    Errors  a row of bags without offsets, rows of equal length with them; weights of another
            shape, or in another mode than sum
    Source  torch.nn.EmbeddingBag
    """

    examples = ("in:N:L,embeddingbag:10000:64",)
    arity = (1, 2)
    reads = ("offsets",)
    call_arguments: ClassVar[tuple[str, ...]] = ("training", "per_sample_weights")

    max_norm: OptionalNumber = None
    norm_type: Number = 2.0
    scale_grad_by_freq: Switch = False
    mode: Annotated[str, choice("mean", "sum", "max")] = "mean"
    sparse: Switch = False
    include_last_offset: Switch = False
    padding_idx: OptionalInteger = None

    @model_validator(mode="after")
    def _arguments_agree(self) -> Self:
        for name in ("scale_grad_by_freq", "sparse"):
            if self.mode == "max" and getattr(self, name):
                raise ValueError(f"mode max takes no {name}")
        return self


@rule(EmbeddingBag)
def embedding_bag(layer: EmbeddingBag, scope: Scope, x: Shape, *more: Shape) -> Result:
    """Return one vector for each bag: a row, or what stands from one offset to the next."""
    weights = tensor(scope, "per_sample_weights")
    if weights is not None:
        _require_weights(layer, scope, x, weights)
    made = layer.embedding_dim
    if len(x) == 2:  # noqa: PLR2004  (a bag in each row)
        if more:
            raise ShapeError("takes no offsets for rows, each of which is a bag")
        return Result((x[0], made), weights=[layer.table(scope)])
    if len(x) != 1:
        raise RankError(f"needs (N, L), or (L) with offsets, but gets {shape_text(x)}")
    if not more or len(more[0]) != 1:
        got = shape_text(more[0]) if more else "none"
        raise RankError(f"needs offsets (N) for bags in one row, but gets {got}")
    ((count,),) = more
    last = 1 if layer.include_last_offset else 0
    return Result((count - last, made), weights=[layer.table(scope)])


def _require_weights(layer: EmbeddingBag, scope: Scope, x: Shape, weights: Shape) -> None:
    if layer.mode != "sum":
        raise ShapeError(f"takes per_sample_weights only with mode sum, not {layer.mode}")
    why = "needs per_sample_weights of the shape of its input, {}, but gets {}"
    require_same(scope, x, weights, why, x, weights)

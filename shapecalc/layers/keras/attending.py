"""What the attention layers share: along which axes a query looks at values."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, ClassVar, Final

from shapecalc.dims import Shape, Size, equal, shape_text
from shapecalc.errors import RankError, ShapeError
from shapecalc.layers.keras.layer import KerasLayer
from shapecalc.layers.keras.masks import require_each, require_mask, require_scores_mask
from shapecalc.layers.scope import Scope

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shapecalc.layers.explaining import Applied
    from shapecalc.layers.looking import Looks, Passed

#: What a call says to get the scores too.
SCORES: Final = "return_attention_scores"


class Reader(KerasLayer):
    """Base class of the attention layers: they read a query, a value, and perhaps a key."""

    arity = (2, 3)
    keeps_axes = True
    call_arguments = (*KerasLayer.call_arguments, SCORES, "use_causal_mask")
    reads: ClassVar[tuple[str, ...]] = ("value", "key")

    def input_letters(self) -> tuple[str, ...]:
        """Return the letters of the default input."""
        return ("B", "T", "F")

    def further_inputs(self, read: Sequence[Shape]) -> Sequence[tuple[str | Size, ...]]:
        """Return the value, or the key, of as many steps as the value."""
        if len(read) > 1:
            return [read[1]]
        return [(*read[0][:-2], "S", read[0][-1])]

    def looked_along(self, rank: int) -> Sequence[int]:
        """Return the axes that it attends along."""
        return (rank - 2,)

    def explain(self, applied: Applied) -> Iterator[str]:
        """Explain which places look at which."""
        query, value = shape_text(applied.inputs[0]), shape_text(applied.inputs[:2][-1])
        yield f"each position of the query {query} attends to all positions of {value}"
        yield "the output has as many positions as the query"

    def looks(self, passed: Passed) -> Looks:
        """Return where it looks: each query position sees itself, and all that it attends to."""
        from shapecalc.layers.looking import attending

        return attending(passed, self.looked_along(passed.rank))


class Plain(Reader):
    """Base class of the attention layers without heads: a list of masks."""

    attends_along_steps = True
    masks = ("mask",)

    def require_call(self, scope: Scope, inputs: Sequence[Shape]) -> None:
        """Require masks that say of each step of the query, or of the value, whether it counts."""
        require_each(scope, [shape[:-1] for shape in inputs])


class Headed(Reader):
    """Base class of the attention layers with heads: masks by their names."""

    masks = ("attention_mask", "query_mask", "value_mask", "key_mask")

    def scores(self, query: Shape, value: Shape) -> tuple[Shape, int]:
        """Return the shape of the scores, and how many of its last axes are steps."""
        raise NotImplementedError

    def looked_along(self, rank: int) -> Sequence[int]:
        """Return all axes of steps, or those that are named."""
        named: Sequence[int] | None = getattr(self, "attention_axes", None)
        return [axis % rank for axis in named or range(1, rank - 1)]

    def require_call(self, scope: Scope, inputs: Sequence[Shape]) -> None:
        """Require masks over pairs of positions, or over the steps of one tensor."""
        query, value, *keys = inputs
        looks, last = self.scores(query, value)
        require_scores_mask(scope, "attention_mask", looks, last)
        named = {"query_mask": query, "value_mask": value, "key_mask": (keys or [value])[0]}
        for name, shape in named.items():
            require_mask(scope, name, shape[:-1])
        if scope.call.get(SCORES) and getattr(self, "flash_attention", None):
            raise ShapeError("returns no scores with flash_attention")


def fit(
    scope: Scope,
    query: Shape,
    value: Shape,
    key: Shape,
    attended: Collection[int] = (-2,),
    least: int = 3,
) -> list[int]:
    """Check that the query can look at the value along some axes, and that each value has a key.

    Returns these axes, counted from the batch. The last axis, the features, is left to the caller.
    ``least`` is how many axes there are at least, which a layer does not ask that is only built.
    """
    for x in () if scope.builds else (query, value, key):
        if len(x) < least:
            names = "batch, steps, features" if least > 2 else "batch, features"  # noqa: PLR2004
            raise RankError(
                f"needs inputs with at least {least} axes ({names}), but gets {shape_text(x)}"
            )
        if len(x) != len(query):
            shapes = f"{shape_text(query)} and {shape_text(x)}"
            raise ShapeError(f"reads tensors with the same number of axes, but gets {shapes}")
    if not len(query) == len(value) == len(key):
        return []
    free = attended_axes(attended, query)
    for axis in range(len(query) - 1):
        q, v, k = query[axis], value[axis], key[axis]
        if axis not in free:
            why = "cannot attend from the query {} to the value {}: their axis {} has {} and {}"
            scope.require(equal(q, v), why, query, value, axis, q, v)
        why = "needs a key for each value, but the axis {} of {} and {} has {} and {}"
        scope.require(equal(v, k), why, axis, value, key, v, k)
    return free


def attended_axes(attended: Collection[int], query: Shape) -> list[int]:
    """Return the axes, counted from the batch; each is one of steps, and named once."""
    rank = len(query)
    found: list[int] = []
    for axis in attended:
        counted = axis + rank if axis < 0 else axis
        if not 0 <= counted <= rank - 2:
            shown = shape_text(query)
            raise ShapeError(
                f"cannot attend along axis {axis} of {shown}: it is not an axis of steps"
            )
        if counted in found:
            raise ShapeError(f"cannot attend along axis {axis} of {shape_text(query)} twice")
        found.append(counted)
    return found

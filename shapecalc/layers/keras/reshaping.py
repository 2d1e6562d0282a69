"""Reshaping: the same numbers under other axes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from shapecalc.dims import Shape, Size, product, shape_text
from shapecalc.errors import RankError
from shapecalc.layers.arguments import ArgumentKind, size_or_open, whole
from shapecalc.layers.keras.arguments import Count, DataFormat
from shapecalc.layers.keras.layer import KerasLayer
from shapecalc.layers.layer import rule
from shapecalc.layers.layout import at_least_axes, axes
from shapecalc.layers.letters import name_unknown
from shapecalc.layers.reshape import filled, refuse_several_open
from shapecalc.layers.result import Result
from shapecalc.layers.scope import Scope

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shapecalc.layers.explaining import Applied
    from shapecalc.layers.layout import Names
    from shapecalc.layers.looking import Looks, Passed


def _target_shape(value: Any) -> tuple[Size | None, ...]:  # noqa: ANN401
    if not isinstance(value, (list, tuple)):
        raise ValueError  # noqa: TRY004  (what pydantic reads)
    target = tuple(None if size is None else size_or_open(size) for size in value)
    refuse_several_open(target)
    return target


def _dims(value: Any) -> tuple[int, ...]:  # noqa: ANN401
    if not isinstance(value, (list, tuple)):
        raise ValueError  # noqa: TRY004  (what pydantic reads)
    order = tuple(map(whole, value))
    if sorted(order) != list(range(1, len(order) + 1)):
        raise ValueError(
            f"must name each axis from 1 to {len(order)} once, not {shape_text(order)}"
        )
    return order


TargetShape = Annotated[
    tuple[Size | None, ...],
    ArgumentKind(
        "the sizes of the new shape, of which one can be -1", _target_shape, variadic=True, least=1
    ),
]
Order = Annotated[
    tuple[int, ...], ArgumentKind("the axes in their new order, from 1 on", _dims, variadic=True)
]


class Flatten(KerasLayer):
    """Flattens each example to one axis.

    Shape   (batch, height, width, channels) -> (batch, height*width*channels)
    Errors  the input has no batch axis
    Source  keras.layers.Flatten
    """

    reshapes = True
    moves = True
    examples = ("in:B:H:W:8,flatten",)

    data_format: DataFormat = None

    def output_axes(self, names: Names, rank: int) -> Names:  # noqa: ARG002
        """Return the axes: all axes but the batch are features."""
        return (names[0], "features")

    def explain(self, applied: Applied) -> Iterator[str]:
        """Explain what the sizes come to."""
        from shapecalc.layers.explaining import flattened

        yield f"all axes but the batch become one: {flattened(applied.inputs[0][1:], applied)}"

    def looks(self, passed: Passed) -> Looks:
        """Return where it looks: only the batch stays."""
        from shapecalc.layers.looking import placed

        return placed((0, None)[: passed.rank])


@rule(Flatten)
def flatten(_layer: Flatten, _scope: Scope, x: Shape) -> Result:
    """Multiply all sizes after the batch."""
    batch, *sizes = at_least_axes(x, "batch")
    return Result((batch, product(sizes)))


class Reshape(KerasLayer):
    """Reshapes each example; their number of values stays the same.

    Shape   (batch, ...) -> (batch, *target_shape), where -1 is found from the other sizes
    Errors  the new shape holds more or fewer numbers than the old one; there is no batch axis
    Source  keras.layers.Reshape
    """

    reshapes = True
    moves = True
    examples = (
        "in:B:12,reshape:3:4",
        "in:B:T:4,reshape:-1:2",
    )

    target_shape: TargetShape

    def explain(self, applied: Applied) -> Iterator[str]:
        """Explain how many numbers there are, and how they stand."""
        from shapecalc.layers.explaining import rearranged

        yield rearranged(applied)

    def looks(self, passed: Passed) -> Looks:
        """Return where it looks: the axes before and after stay."""
        from shapecalc.layers.looking import rearranged

        return rearranged(passed.inputs[0], passed.output)


@rule(Reshape)
def reshape(layer: Reshape, scope: Scope, x: Shape) -> Result:
    """Find the sizes that are left open; the number of numbers must not change."""
    batch, *sizes = at_least_axes(x, "batch")
    target = layer.target_shape
    # Several open sizes, as None, are letters of their own; -1 beside them is one more.
    if None in target:
        target = tuple(scope.missing("N") if size in {None, -1} else size for size in target)
    known = tuple(size for size in target if size is not None)
    return Result((batch, *filled(scope, known, product(sizes), x)))


class Permute(KerasLayer):
    """Permutes the axes after the batch; `permute:2:1` swaps two.

    Shape   (batch, a, b) -> (batch, b, a), with dims (2, 1)
    Errors  the input has another number of axes than dims names
    Source  keras.layers.Permute
    """

    moves = True
    examples = ("in:B:T:4,permute:2:1",)

    names_axes = False

    dims: Order

    def input_letters(self) -> tuple[str, ...]:
        """Return the letters of the default input."""
        return tuple(map(str, name_unknown((None,) * (len(self.dims) + 1), set())))

    def output_axes(self, names: Names, rank: int) -> Names:  # noqa: ARG002
        """Return the axes in their new order."""
        return (names[0], *(names[axis] for axis in self.dims))

    def looks(self, passed: Passed) -> Looks:  # noqa: ARG002
        """Return the axes in their new order."""
        from shapecalc.layers.looking import placed

        return placed((0, *self.dims))


@rule(Permute)
def permute(layer: Permute, _scope: Scope, x: Shape) -> Result:
    """Take the sizes in the order of the dims; 0 is the batch, which stays."""
    if len(x) != len(layer.dims) + 1:
        raise RankError(f"orders {len(layer.dims)} axes after the batch, but gets {shape_text(x)}")
    return Result((x[0], *(x[axis] for axis in layer.dims)))


class RepeatVector(KerasLayer):
    """Repeats a vector ``n`` times, as the steps of a sequence, often to feed a decoder.

    Shape   (batch, features) -> (batch, n, features)
    Errors  the input has another number of axes (usual cause: the layer before has `seq`)
    Source  keras.layers.RepeatVector
    """

    examples = ("lstm:32,repeat:5",)

    n: Count

    def input_letters(self) -> tuple[str, ...]:
        """Return the letters of the default input."""
        return ("B", "F")

    def output_axes(self, names: Names, rank: int) -> Names:  # noqa: ARG002
        """Return the axes: the vectors are steps."""
        return (names[0], "steps", *names[1:])

    def looks(self, passed: Passed) -> Looks:  # noqa: ARG002
        """Return where it looks: the steps are new."""
        from shapecalc.layers.looking import placed

        return placed((0, None, 1))


@rule(RepeatVector)
def repeat_vector(layer: RepeatVector, _scope: Scope, x: Shape) -> Result:
    """Put an axis of n steps after the batch."""
    batch, features = axes(x, "batch features")
    return Result((batch, layer.n, features))

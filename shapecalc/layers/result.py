"""What a rule gives: the shapes that come out of a layer, and its weights."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from shapecalc.dims import Shape, Size, product

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class Weight(NamedTuple):
    """A tensor that a layer keeps: its name, its shape, and whether training changes it."""

    name: str
    shape: Shape
    trainable: bool = True


class Result:
    """What a layer gives: one shape or several, and its weights.

    ``counted`` says whether those are all of its weights; of a user-defined layer nobody knows.
    """

    __slots__ = ("_params", "_trainable", "counted", "outputs", "weights")

    def __init__(
        self, *outputs: Shape, weights: Sequence[Weight] = (), counted: bool = True
    ) -> None:
        """Take the output shapes in order."""
        self.outputs = outputs
        self.weights = tuple(weights)
        self.counted = counted
        self._params: Size | None = None
        self._trainable: Size | None = None

    def replace(
        self,
        *,
        outputs: Sequence[Shape] | None = None,
        weights: Sequence[Weight] | None = None,
    ) -> Result:
        """Return a result that is this one but for what is given."""
        return Result(
            *(self.outputs if outputs is None else outputs),
            weights=self.weights if weights is None else weights,
            counted=self.counted,
        )

    @property
    def params(self) -> Size:
        """How many numbers the weights hold: the sum of the products of their shapes."""
        if self._params is None:
            self._params = _count(self.weights)
        return self._params

    @property
    def trainable_params(self) -> Size:
        """How many of them training changes."""
        if self._trainable is None:
            self._trainable = _count(weight for weight in self.weights if weight.trainable)
        return self._trainable


def _count(weights: Iterable[Weight]) -> Size:
    total: Size = 0
    for weight in weights:
        total = total + product(weight.shape)
    return total

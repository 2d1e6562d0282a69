"""What all Keras layers take beside arguments of their own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from shapecalc.layers.arguments import ArgumentKind, Switch
from shapecalc.layers.catalogue import fold
from shapecalc.layers.keras.arguments import Regularizer
from shapecalc.layers.keras.policies import DType
from shapecalc.layers.layer import Layer
from shapecalc.layers.layout import Layout, natural_letters
from shapecalc.layers.result import Result

if TYPE_CHECKING:
    from shapecalc.layers.looking import Looks, Passed
    from shapecalc.layers.ranges import Activated


def _no_number(value: Any) -> bool:  # noqa: ANN401
    if isinstance(value, bool):
        return value
    raise ValueError


def _sizes(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, (list, tuple)) and all(
        each is None or type(each) is int for each in value
    ):
        return value
    raise ValueError


InputShape = Annotated[Any, ArgumentKind("a list of sizes", _sizes).or_none()]
Trainable = Annotated[bool, ArgumentKind("True or False", _no_number, {"frozen": False})]


class KerasLayer(Layer):
    """A layer of Keras, whose weights ``frozen`` leaves out of training."""

    abstract: ClassVar[bool] = True

    call_arguments: ClassVar[tuple[str, ...]] = ("training",)

    dtype: DType = None
    trainable: Trainable = True
    input_shape: InputShape = None
    autocast: Switch = True
    activity_regularizer: Regularizer = None

    def activated(self) -> Activated | None:
        """Return its activation where it takes one; without one it gives sums."""
        from shapecalc.layers.keras.activations import LEAVES
        from shapecalc.layers.ranges import Activated, Range

        if "activation" not in type(self).__pydantic_fields__:
            return super().activated()
        name = getattr(self, "activation", None)
        if not isinstance(name, str) or name == "linear":
            return Activated(None, Range.NUMBERS)
        return Activated(name, LEAVES.get(fold(name), Range.NUMBERS))

    def finished(self, result: Result) -> Result:
        """Take the weights of a frozen layer out of training."""
        if self.trainable or not result.weights:
            return result
        return result.replace(weights=[w._replace(trainable=False) for w in result.weights])


class SpatialLayer(KerasLayer):
    """A layer over a batch of ``rank`` spatial axes with channels."""

    abstract: ClassVar[bool] = True
    rank: ClassVar[int]

    def layout(self) -> Layout:
        """Return where the axes of its input stand."""
        return Layout(self.rank, getattr(self, "data_format", None))

    def input_letters(self) -> tuple[str, ...]:
        """Return the letters of the default input."""
        return natural_letters(self.rank, getattr(self, "data_format", None))


class AlongAxes(KerasLayer):
    """A layer that works along the axes that ``axis`` names, and keeps the shape."""

    abstract: ClassVar[bool] = True
    keeps_rank = True

    def feature_axes(self) -> tuple[int, ...]:
        """Return the axes that it names."""
        named: int | Sequence[int] | None = getattr(self, "axis", None)
        if named is None:
            return ()
        return (named,) if isinstance(named, int) else tuple(named)

    def looks(self, passed: Passed) -> Looks:
        """Along the axes that it names each place sees all."""
        from shapecalc.layers.looking import all_along

        return all_along(passed.rank, self.feature_axes())

"""Nested models: a layer that holds a network, and walks it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from shapecalc.dims import Shape, equal, shape_text
from shapecalc.errors import ShapeError
from shapecalc.language.inputs import first_input
from shapecalc.layers.arguments import Anything, Text
from shapecalc.layers.layer import Layer, plain, rule
from shapecalc.layers.result import Result
from shapecalc.layers.scope import Scope
from shapecalc.network import Apply, Input, Network
from shapecalc.tracing.walk import walk_inside

if TYPE_CHECKING:
    from shapecalc.layers.looking import Looks, Passed

_INSIDE: Final = "cannot work, since inside it "


class Model(Layer):
    """Applies a model within a model: all its layers, with weights of its own.

    Shape   what its layers make of its inputs
    Errors  an input is not as the model was built for; one of its layers cannot work
    Source  keras.Model
    """

    arity = (1, None)
    call_arguments = ("training",)
    masks = ("mask",)

    class_name: Text
    network: Anything

    @property
    def called(self) -> str:
        """The class that the file names."""
        return self.class_name

    def input_letters(self) -> tuple[str, ...] | None:
        """Return the letters of the default input of its first layer, if it has one input."""
        inputs = [place for place, n in enumerate(self.network.nodes) if isinstance(n, Input)]
        if len(inputs) != 1:
            return None
        (place,) = inputs
        natural = first_input(self.network.nodes, place, lambda layer: layer.input_letters())
        return natural or self.network.dialect.letters.default_input

    def in_spec(self) -> Layer | None:
        """Nothing: a spec has its layers one by one."""
        return None

    def config(self) -> dict[str, Any]:
        """Return what it holds, layer by layer: each once, however often it is applied."""
        nodes = [node for node in self.network.nodes if isinstance(node, Apply)]
        return {"layers": [plain(node.layer) for node in nodes if node.shares is None]}

    def looks(self, passed: Passed) -> Looks:
        """Return what its network sees from one end to the other."""
        from shapecalc.tracing.receptive import through

        return through(self.network, passed)

    def inside(self) -> Sequence[Layer]:
        """Return the layers of its network, each as often as it is applied."""
        layers: list[Layer] = self.network.layers
        return layers


@rule(Model)
def model(layer: Model, scope: Scope, *inputs: Shape) -> Result:
    """Walk the network inside; its weights are those of its layers."""
    network: Network = layer.network
    _check_inputs(network, scope, inputs)
    scope.budget.enter(layer)
    try:
        trace = walk_inside(network, inputs, scope)
    except ShapeError as error:
        # Of nested models the innermost says it all.
        raise ShapeError(_INSIDE + error.message.removeprefix(f"model {_INSIDE}")) from None
    inside = [row.result.named(f"{row.name}/") for row in trace.layers]
    return Result.together(trace.outputs, inside)


def _check_inputs(network: Network, scope: Scope, inputs: tuple[Shape, ...]) -> None:
    """Refuse inputs of another number, rank or size than the model was built for."""
    expected = network.inputs
    if len(inputs) != len(expected):
        count = len(expected)
        raise ShapeError(f"takes {count} tensor{'s' * (count != 1)}, but gets {len(inputs)}")
    for shape, node in zip(inputs, expected, strict=True):
        if not node.shape:
            continue
        if len(shape) != len(node.shape):
            built = shape_text(node.shape)
            raise ShapeError(f"was built for {built}, but gets {shape_text(shape)}")
        for size, known in zip(shape, node.shape, strict=True):
            if isinstance(known, int):
                scope.require(
                    equal(size, known), "was built for {}, but gets {}", node.shape, shape
                )

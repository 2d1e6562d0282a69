"""Layers that only a model file knows: models within models, and classes of somebody's own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Final

from shapecalc.dims import Shape, Size, equal, shape_text
from shapecalc.errors import ShapeError
from shapecalc.layers.arguments import Anything, Text, choice
from shapecalc.layers.base import Layer, plain, rule
from shapecalc.layers.catalog import layer as make
from shapecalc.layers.result import Result
from shapecalc.layers.scope import Scope
from shapecalc.network import Apply, Input, Network
from shapecalc.spec.inputs import natural_input
from shapecalc.walk import walk_inside

_INSIDE: Final = "cannot work, since inside it "


class Model(Layer):
    """Applies a model within a model: all its layers, with weights of its own.

    Shape   what its layers make of its inputs
    Errors  an input is not as the model was built for; one of its layers cannot work
    Source  keras.Model
    """

    arity = (1, None)

    class_name: Text
    network: Anything

    @property
    def called(self) -> str:
        """The class that the file names."""
        return self.class_name

    def natural_input(self) -> tuple[str, ...] | None:
        """The letters of the input that its first layer is made for, where it has one input."""
        inputs = [place for place, n in enumerate(self.network.nodes) if isinstance(n, Input)]
        return natural_input(self.network.nodes, *inputs) if len(inputs) == 1 else None

    def in_spec(self) -> Layer | None:
        """Nothing: a spec has its layers one by one."""
        return None

    def config(self) -> dict[str, Any]:
        """What it holds, layer by layer: each once, however often it is applied."""
        nodes = [node for node in self.network.nodes if isinstance(node, Apply)]
        return {"layers": [plain(node.layer) for node in nodes if node.shares is None]}

    def inside(self) -> Sequence[Layer]:
        """The layers of its network, each as often as it is applied."""
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
        # Of models within models the innermost says it all.
        raise ShapeError(_INSIDE + error.message.removeprefix(f"model {_INSIDE}")) from None
    weights = [
        weight._replace(name=f"{row.name}/{weight.name}")
        for row in trace.layers
        for weight in row.weights
    ]
    return Result(*trace.outputs, weights=weights)


def _check_inputs(network: Network, scope: Scope, inputs: tuple[Shape, ...]) -> None:
    """Refuse inputs of another number, rank or size than the model was built for."""
    wanted = network.inputs
    if len(inputs) != len(wanted):
        raise ShapeError(f"takes {len(wanted)} tensors, but gets {len(inputs)}")
    for shape, node in zip(inputs, wanted, strict=True):
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


class Custom(Layer):
    """Stands for a class of somebody's own, whose shape is the one that the file records.

    Shape   what the file records, or with ``same`` the shape of the input
    Errors  the input is not the recorded one
    Source  the model file
    """

    arity = (1, None)

    class_name: Text
    shape: Annotated[str, choice("recorded", "same")]
    recorded: Anything = None

    @property
    def called(self) -> str:
        """The class that the file names."""
        return self.class_name

    def in_spec(self) -> Layer | None:
        """A Lambda that says the recorded shape; with several outputs there is none."""
        if self.shape == "same":
            return make("Identity")
        _, outputs = self.recorded
        if len(outputs) != 1:
            return None
        return make("Lambda", output_shape=list(outputs[0][1:]))

    def config(self) -> dict[str, Any]:
        """Where its shape is from."""
        return {"shape": self.shape}


@rule(Custom)
def custom(layer: Custom, scope: Scope, *inputs: Shape) -> Result:
    """Give what the file records, if the first input is what the file records too."""
    x = inputs[0]
    if layer.shape == "same":
        return Result(x)
    before, outputs = layer.recorded
    if before is not None:
        _check_recorded(layer, scope, x, before)
    return Result(*(_filled(output, before, x, scope) for output in outputs))


def _check_recorded(layer: Custom, scope: Scope, x: Shape, before: tuple[int | None, ...]) -> None:
    hint = f"--custom {layer.class_name}=same says that it keeps the shape"
    if len(x) != len(before):
        fact = f"is recorded for {_text(before)}, but gets {shape_text(x)}"
        raise ShapeError(fact, help=hint)
    for size, known in zip(x, before, strict=True):
        if known is not None:
            scope.require(equal(size, known), "is recorded for {}, but gets {}", _text(before), x)


def _filled(
    output: tuple[int | None, ...], before: tuple[int | None, ...] | None, x: Shape, scope: Scope
) -> Shape:
    """The recorded shape; a size that is unknown is the input's where that is unknown too."""
    aligned = before is not None and len(before) == len(output) == len(x)
    sizes: list[Size] = []
    for axis, size in enumerate(output):
        if size is not None:
            sizes.append(size)
        elif axis == 0 or (aligned and before is not None and before[axis] is None):
            sizes.append(x[axis])
        else:
            sizes.append(scope.missing("N"))
    return tuple(sizes)


def _text(shape: tuple[int | None, ...]) -> str:
    return f"({', '.join('?' if size is None else str(size) for size in shape)})"

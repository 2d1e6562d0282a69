"""What only source code has: constants, parameters, computed tensors, models known by shape."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from shapecalc.dims import Dim, Shape, Size
from shapecalc.layers.arguments import ArgumentKind, OptionalText, Switch, as_size
from shapecalc.layers.broadcast import joined
from shapecalc.layers.layer import Layer, apply, rule
from shapecalc.layers.result import Result, Weight
from shapecalc.layers.scope import Scope


def _sizes(value: Any) -> tuple[Size, ...]:  # noqa: ANN401
    return tuple(size if isinstance(size, Dim) else as_size(size, 0) for size in value)


def _shapes(value: Any) -> tuple[tuple[Size, ...], ...]:  # noqa: ANN401
    return tuple(map(_sizes, value))


Sizes = Annotated[tuple[Size, ...], ArgumentKind("a shape", _sizes)]
Shapes = Annotated[tuple[tuple[Size, ...], ...], ArgumentKind("shapes", _shapes)]
AnyLayer = Annotated[Any, ArgumentKind("a layer", lambda value: value)]


class Coded(Layer):
    """Base class of what only source code has; no spec can name it."""

    abstract: ClassVar[bool] = True

    def in_spec(self) -> Layer | None:
        """Nothing that a spec can name."""
        return None


class Constant(Coded):
    """Is a tensor that the source makes: of zeros, of random numbers, of a file.

    Shape   -> shape
    Errors  none
    Source  torch.zeros, torch.randn, keras.ops.ones …
    """

    arity: ClassVar[tuple[int, int | None]] = (0, 0)

    shape: Sizes
    function: OptionalText = None

    @property
    def called(self) -> str:
        """The function that makes it."""
        return self.function or "Constant"


class Parameter(Coded):
    """Is a tensor that a module holds: a parameter, or a buffer.

    Shape   -> shape
    Errors  none
    Source  torch.nn.Parameter, torch.nn.Module.register_buffer
    """

    arity: ClassVar[tuple[int, int | None]] = (0, 0)

    shape: Sizes
    buffer: Switch = False

    @property
    def called(self) -> str:
        """How torch calls it."""
        return "Buffer" if self.buffer else "Parameter"


@rule(Constant)
def constant(layer: Constant, _scope: Scope) -> Result:
    """Return the shape that it has."""
    return Result(layer.shape)


@rule(Parameter)
def parameter(layer: Parameter, _scope: Scope) -> Result:
    """Return the shape that it has, which is that of its weight too."""
    weight = Weight("data", layer.shape, trainable=not layer.buffer, buffer=layer.buffer)
    return Result(layer.shape, weights=[weight])


class Computed(Coded):
    """Is a function of tensors whose shapes the reader of the source found.

    Shape   any -> shapes
    Errors  none
    Source  the function that the row names
    """

    arity: ClassVar[tuple[int, int | None]] = (0, None)

    shapes: Shapes
    function: OptionalText = None

    @property
    def called(self) -> str:
        """The function."""
        return self.function or "Computed"


@rule(Computed)
def computed(layer: Computed, _scope: Scope, *_inputs: Shape) -> Result:
    """Return the shapes that were found."""
    return Result(*layer.shapes)


class Elementwise(Coded):
    """Is a function of each number that no step of the dialect is; the row has its name.

    Shape   (a, b) and (a, b) -> (a, b); a size of 1 is repeated to fit
    Errors  an axis has two sizes of which none is 1
    Source  the function that the row names
    """

    arity: ClassVar[tuple[int, int | None]] = (1, None)
    keeps_rank = True

    function: OptionalText = None

    @property
    def called(self) -> str:
        """The function."""
        return self.function or "Elementwise"


@rule(Elementwise)
def elementwise(_layer: Elementwise, scope: Scope, *inputs: Shape) -> Result:
    """Broadcast all axes, the batch included."""
    return Result(joined(scope, inputs))


class Uncalled(Coded):
    """Is a module that a model holds and does not call: its parameters are there all the same.

    Shape   nothing -> nothing
    Errors  none
    Source  torch.nn.Module.parameters
    """

    arity: ClassVar[tuple[int, int | None]] = (0, 0)

    layer: AnyLayer


@rule(Uncalled)
def uncalled(layer: Uncalled, scope: Scope) -> Result:
    """Count the weights that the module has for the input that it is made for."""
    held: Layer = layer.layer
    inner = Scope(dialect=scope.dialect)
    made_for = held.default_input() or ()
    x = tuple(inner.fresh(size) if isinstance(size, str) else size for size in made_for)
    result = held.infer(held, inner, *[x] * max(held.arity[0], 1))
    weights = [weight._replace(places=None) for weight in result.weights]
    return Result(weights=weights, counted=result.counted)


class Looped(Coded):
    """Applies a cell of the program to each step of its input.

    Shape   (batch, steps, …) -> what the cell gives; with return_sequences after each step
    Errors  those of the cell
    Source  keras.layers.RNN
    """

    layer: AnyLayer
    states: Shapes
    return_sequences: Switch = False
    return_state: Switch = False

    @property
    def called(self) -> str:
        """How Keras calls it."""
        return "RNN"


@rule(Looped)
def looped(layer: Looped, scope: Scope, x: Shape) -> Result:
    """Apply the cell once, which is done as often as there are steps."""
    batch, steps, *rest = x
    states = [(batch, *state) for state in layer.states]
    step = apply(layer.layer, ((batch, *rest), *states), scope)
    last = step.outputs[0]
    output = (batch, steps, *last[1:]) if layer.return_sequences else last
    outputs = [output, *states] if layer.return_state else [output]
    return step.times(steps).replace(outputs=outputs)


class Opaque(Coded):
    """Is a model that is known by what comes out of it; its weights are not.

    Shape   any -> shape
    Errors  none
    Source  keras.applications, torchvision.models
    """

    shape: Sizes
    class_name: OptionalText = None

    @property
    def called(self) -> str:
        """The class of the model."""
        return self.class_name or "Model"


@rule(Opaque)
def opaque(layer: Opaque, _scope: Scope, _x: Shape) -> Result:
    """Return the known shape; the weights are unknown."""
    return Result(layer.shape, counted=False)

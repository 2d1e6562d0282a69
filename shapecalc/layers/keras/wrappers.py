"""Wrappers around a layer, or around several in a line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from shapecalc.dims import Shape
from shapecalc.errors import ShapeError
from shapecalc.layers.arguments import ArgumentKind, PositiveInteger
from shapecalc.layers.held import first_input, held_several
from shapecalc.layers.keras.dialect import CATALOGUE
from shapecalc.layers.keras.inner import InnerLayer
from shapecalc.layers.keras.layer import KerasLayer
from shapecalc.layers.keras.policies import is_packed
from shapecalc.layers.layer import Layer, apply, rule
from shapecalc.layers.result import Product, Result, Weight
from shapecalc.layers.scope import Scope

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shapecalc.layers.layout import Names
    from shapecalc.layers.looking import Looks, Passed


def _list_of_layers(value: Any) -> tuple[Layer, ...]:  # noqa: ANN401
    if not value:
        raise ValueError
    return held_several(CATALOGUE, value)


InnerLayers = Annotated[tuple[Layer, ...], ArgumentKind("a list of layers", _list_of_layers)]


class SpectralNormalization(KerasLayer):
    """Divides the kernel of one layer by its spectral norm, which steadies the training of GANs.

    It stores a vector of one value per output of the kernel, from which the norm is computed.

    Shape   as the layer inside
    Errors  the layer inside has neither a kernel nor embeddings, or does not take the input
    Source  keras.layers.SpectralNormalization
    """

    examples = ("spectralnormalization(conv2d:8:3)",)

    holds = "layer"

    layer: InnerLayer
    power_iterations: PositiveInteger = 1

    def input_letters(self) -> tuple[str, ...] | None:
        """Return the letters of the default input."""
        return self.layer.input_letters()

    def output_axes(self, names: Names, rank: int) -> Names | None:
        """Return what they are of the layer inside."""
        return self.layer.output_axes(names, rank)

    def looks(self, passed: Passed) -> Looks:
        """Return what the layer inside sees."""
        return self.layer.looks(passed)


@rule(SpectralNormalization)
def spectral_normalization(layer: SpectralNormalization, scope: Scope, x: Shape) -> Result:
    """Apply the layer; remember a vector as long as the last axis of its kernel."""
    inner = layer.layer
    if is_packed(inner):
        raise ShapeError(f"finds no norm of the packed kernel of a quantized {inner.called}")
    result = apply(inner, (x,), scope)
    kernel = next((w for w in result.weights if w.name in {"kernel", "embeddings"}), None)
    if kernel is None or _weights_lie_deeper(inner):
        raise ShapeError(f"needs a layer with a kernel, which {type(inner).__name__} lacks")
    vector = Weight("vector_u", (1, kernel.shape[-1]), trainable=False)
    products = [
        *result.products,
        *(_iterations(layer, kernel) if scope.training else ()),
    ]
    return result.replace(weights=[*result.weights, vector], products=products)


def _iterations(layer: SpectralNormalization, kernel: Weight) -> Iterator[Product]:
    """Yield the products that find the norm in training: two per iteration, and one with both."""
    yield Product("power_iterations", (*kernel.shape, 2 * layer.power_iterations + 1), made=0)
    yield Product("norm", kernel.shape[-1:], made=0)


def _weights_lie_deeper(layer: Layer) -> bool:
    """Return whether the weights of a layer are those of a cell or a layer inside it."""
    if isinstance(layer, SpectralNormalization):
        return False
    return bool(layer.holds) or getattr(layer, "recurrent", False)


class Pipeline(KerasLayer):
    """Applies layers one after the other, usually for preprocessing or augmentation.

    Shape   what the last layer makes of what the one before it gives
    Errors  a layer does not take what the one before it gives
    Source  keras.layers.Pipeline
    """

    examples = ("in:B:32:32:3,pipeline(rescaling:0.5,centercrop:24:24)",)

    arity = (1, None)
    masks = ("mask",)
    holds = "layers"

    layers: InnerLayers

    def input_letters(self) -> tuple[str, ...] | None:
        """Return the letters of the default input: that of the first layer that fixes one."""
        return first_input(self.layers, lambda layer: layer.input_letters())

    def looks(self, passed: Passed) -> Looks:
        """Return what its layers see, one behind the other."""
        from shapecalc.layers.following import chained

        return chained(self.layers, passed)


@rule(Pipeline)
def pipeline(layer: Pipeline, scope: Scope, *inputs: Shape) -> Result:
    """Hand what each layer gives to the next."""
    scope.budget.enter(layer)
    results: list[Result] = []
    for place, inner in enumerate(layer.layers, start=1):
        try:
            result = apply(inner, inputs, scope)
        except ShapeError as error:
            note = f"in layer {place} of {len(layer.layers)}, {type(inner).__name__}"
            raise error.noted([note]) from None
        inputs = result.outputs
        results.append(result)
    return Result.together(inputs, results)

"""What a rule gives: the shapes that come out of a layer, its weights, and the work they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from shapecalc.dims import Shape, Size, product

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence


class Weight(NamedTuple):
    """A tensor that a layer keeps: its name, its shape, and whether training changes it.

    ``places`` are the sizes whose product is how often each of its numbers is multiplied in one
    forward pass over the whole batch; None where it takes part in no product.
    """

    name: str
    shape: Shape
    trainable: bool = True
    places: Shape | None = None


class Product(NamedTuple):
    """A product without weights: the sizes whose product is its multiply-accumulates."""

    name: str
    shape: Shape


class Result:
    """What a layer gives: one shape or several, its weights, and its products without weights."""

    __slots__ = ("_macs", "_params", "_trainable", "outputs", "products", "weights")

    def __init__(
        self,
        *outputs: Shape,
        weights: Sequence[Weight] = (),
        products: Sequence[Product] = (),
    ) -> None:
        """Take the output shapes in order."""
        self.outputs = outputs
        self.weights = tuple(weights)
        self.products = tuple(products)
        self._params: Size | None = None
        self._trainable: Size | None = None
        self._macs: Size | None = None

    def replace(
        self,
        *,
        outputs: Sequence[Shape] | None = None,
        weights: Sequence[Weight] | None = None,
        products: Sequence[Product] | None = None,
    ) -> Result:
        """Return a result that is this one but for what is given."""
        return Result(
            *(self.outputs if outputs is None else outputs),
            weights=self.weights if weights is None else weights,
            products=self.products if products is None else products,
        )

    def mapped(self, change: Callable[[Shape], Shape]) -> Result:
        """Return this result with each of its shapes changed, those of its work too."""
        return self.replace(
            outputs=[change(shape) for shape in self.outputs],
            weights=[
                weight._replace(
                    shape=change(weight.shape),
                    places=None if weight.places is None else change(weight.places),
                )
                for weight in self.weights
            ],
            products=[p._replace(shape=change(p.shape)) for p in self.products],
        )

    def repeated(self, *times: Size) -> Result:
        """Return this result of a layer that is applied so often, with the same weights."""
        return self.replace(
            weights=[
                w if w.places is None else w._replace(places=(*w.places, *times))
                for w in self.weights
            ],
            products=[p._replace(shape=(*p.shape, *times)) for p in self.products],
        )

    def named(self, prefix: str) -> Result:
        """Return this result with a prefix before the names of its weights and products."""
        return self.replace(
            weights=[w._replace(name=prefix + w.name) for w in self.weights],
            products=[p._replace(name=prefix + p.name) for p in self.products],
        )

    def borrowed(self) -> Result:
        """Return this result of a layer whose weights are another one's: all the same work."""
        used = [
            Product(w.name, (*w.shape, *w.places)) for w in self.weights if w.places is not None
        ]
        return self.replace(weights=(), products=[*used, *self.products])

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

    @property
    def macs(self) -> Size:
        """How many multiply-accumulates one forward pass over the whole batch takes."""
        if self._macs is None:
            self._macs = _worked(self)
        return self._macs


def together(outputs: Iterable[Shape], results: Iterable[Result]) -> Result:
    """Return the outputs, with the weights and products of several layers that make them."""
    weights: list[Weight] = []
    products: list[Product] = []
    for result in results:
        weights += result.weights
        products += result.products
    return Result(*outputs, weights=weights, products=products)


def _worked(result: Result) -> Size:
    total: Size = 0
    for weight in result.weights:
        if weight.places is not None:
            total = total + product(weight.shape) * product(weight.places)
    for done in result.products:
        total = total + product(done.shape)
    return total


def _count(weights: Iterable[Weight]) -> Size:
    total: Size = 0
    for weight in weights:
        total = total + product(weight.shape)
    return total

"""What a rule gives: the shapes that come out of a layer, its weights, and what is multiplied."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from shapecalc.dims import Shape, Size, product

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

#: How many products of a layer that shares its weights are kept apart.
FEW: Final = 16


class Weight(NamedTuple):
    """A tensor that a layer keeps: its name, its shape, and whether training changes it.

    A ``buffer`` is no parameter, as the running statistics of torch's norms: it is counted apart.
    ``places`` are sizes whose product is how often each of its numbers is multiplied with one of
    the input in a forward pass over the whole batch; None where it is not, as a bias.
    """

    name: str
    shape: Shape
    trainable: bool = True
    places: Shape | None = None
    buffer: bool = False

    @property
    def macs(self) -> Size:
        """How many multiply-accumulates it takes part in."""
        return 0 if self.places is None else product(self.shape) * product(self.places)


class Product(NamedTuple):
    """A product of tensors without weights: its multiply-accumulates are the product of sizes."""

    name: str
    sizes: Shape

    @property
    def macs(self) -> Size:
        """How many multiply-accumulates it is."""
        return product(self.sizes)


class Result:
    """What a layer gives: one shape or several, its weights, and products without weights.

    ``counted`` says whether those are all of them; of a user-defined layer that is unknown.
    """

    __slots__ = ("_macs", "_params", "_trainable", "counted", "outputs", "products", "weights")

    def __init__(
        self,
        *outputs: Shape,
        weights: Sequence[Weight] = (),
        products: Sequence[Product] = (),
        counted: bool = True,
    ) -> None:
        """Take the output shapes in order."""
        self.outputs = outputs
        self.weights = tuple(weights)
        self.products = tuple(products)
        self.counted = counted
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
            counted=self.counted,
        )

    @classmethod
    def together(cls, outputs: Sequence[Shape], results: Sequence[Result]) -> Result:
        """Return the result of layers that work together: their weights and products, in order."""
        return cls(
            *outputs,
            weights=[w for each in results for w in each.weights],
            products=[p for each in results for p in each.products],
            counted=all(each.counted for each in results),
        )

    def named(self, prefix: str) -> Result:
        """Return the result with a prefix before the names of its weights and products."""
        return self.replace(
            weights=[w._replace(name=prefix + w.name) for w in self.weights],
            products=[p._replace(name=prefix + p.name) for p in self.products],
        )

    def times(self, count: Size) -> Result:
        """Return the result of a layer that works so many times with the same weights."""
        return self.replace(
            weights=[
                w if w.places is None else w._replace(places=(*w.places, count))
                for w in self.weights
            ],
            products=[p._replace(sizes=(*p.sizes, count)) for p in self.products],
        )

    def without_weights(self) -> Result:
        """Return the result of a layer whose weights are those of another one.

        Many products become one, since a model in a model may share them again, and so on.
        """
        products = [
            Product(w.name, (*w.shape, *w.places)) for w in self.weights if w.places is not None
        ]
        products += self.products
        if len(products) > FEW:
            products = [Product("all", (self.macs,))]
        return self.replace(weights=(), products=products)

    def mapped(self, change: Callable[[Shape], Shape]) -> Result:
        """Return the result with each of its shapes changed."""
        return Result(
            *map(change, self.outputs),
            weights=[
                w._replace(
                    shape=change(w.shape), places=None if w.places is None else change(w.places)
                )
                for w in self.weights
            ],
            products=[p._replace(sizes=change(p.sizes)) for p in self.products],
            counted=self.counted,
        )

    @property
    def params(self) -> Size:
        """How many numbers the weights hold: the sum of the products of their shapes."""
        if self._params is None:
            self._params = _count(weight for weight in self.weights if not weight.buffer)
        return self._params

    @property
    def buffers(self) -> Size:
        """How many numbers the buffers hold."""
        return _count(weight for weight in self.weights if weight.buffer)

    @property
    def trainable_params(self) -> Size:
        """How many of them training changes."""
        if self._trainable is None:
            self._trainable = _count(weight for weight in self.weights if weight.trainable)
        return self._trainable

    @property
    def macs(self) -> Size:
        """The multiply-accumulates of one forward pass: those of its weights and its products."""
        if self._macs is None:
            total: Size = 0
            for macs in [part.macs for part in self.weights] + [p.macs for p in self.products]:
                total = total + macs
            self._macs = total
        return self._macs


def _count(weights: Iterable[Weight]) -> Size:
    total: Size = 0
    for weight in weights:
        total = total + product(weight.shape)
    return total

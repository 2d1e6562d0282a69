"""What a rule gives: the shapes that come out of a layer, its weights, and what is multiplied."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from shapecalc.dims import Shape, Size, product, sum_of
from shapecalc.errors import ShapeError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

#: Makes a `Result` without its constructor, whose call takes longer than all it does.
_new: Final[Any] = object.__new__

#: A count has at most so many digits: Python writes numbers of 4,300, and sums are longer.
COUNT_DIGITS: Final = 4200
_TOO_LARGE: Final = 10**COUNT_DIGITS
#: How many products of a layer that shares its weights are kept apart.
FEW: Final = 16
#: Sizes below this, of few axes, cannot multiply to too many digits.
LARGE: Final = 1 << 63


def count_in(*shapes: Shape) -> Size:
    """Multiply all sizes of shapes; raises `ShapeError` for a number that is too long to write."""
    found = product(size for shape in shapes for size in shape)
    numbers = (found,) if isinstance(found, int) else (found.const, *(c for _, c in found.terms))
    if any(abs(number) >= _TOO_LARGE for number in numbers):
        raise ShapeError(f"a count of this network has more than {COUNT_DIGITS:,} digits")
    return found


class Weight(NamedTuple):
    """A tensor that a layer keeps: its name, its shape, and whether training changes it.

    A ``buffer`` (such as a running mean of torch's norms) is counted apart from parameters.
    ``places`` are sizes whose product is how often each of its numbers is multiplied with one of
    the input in a forward pass over the whole batch; None where it is not, as a bias.
    """

    name: str
    shape: Shape
    trainable: bool = True
    places: Shape | None = None
    buffer: bool = False
    #: Whether it meets what the layer itself made of its input, rather than that.
    inner: bool = False
    #: How many matrices of gates stand side by side in it, and along which axis.
    gates: tuple[int, int] | None = None

    @property
    def macs(self) -> Size:
        """How many multiply-accumulates it takes part in."""
        return 0 if self.places is None else count_in(self.shape, self.places)


@lru_cache(maxsize=1024)
def bias(size: Size) -> Weight:
    """Return the bias of so many outputs: equal ones, which are many, are one object."""
    return Weight("bias", (size,))


class Product(NamedTuple):
    """A product of tensors without weights: its multiply-accumulates are the product of sizes.

    ``learned`` are the factors whose gradient training wants anyway, as of a weight that is another
    row's; ``made`` those of which it wants one where what came before learns. ``within`` is the
    shape of what it reads that is made inside the layer, as the scores of attention.
    """

    name: str
    sizes: Shape
    learned: int = 0
    made: int = 2
    within: Shape | None = None

    def mapped(self, change: Callable[[Shape], Shape]) -> Product:
        """Return the product with its sizes changed."""
        within = None if self.within is None else change(self.within)
        return self._replace(sizes=change(self.sizes), within=within)

    @property
    def macs(self) -> Size:
        """How many multiply-accumulates it is."""
        return count_in(self.sizes)


class Result:
    """What a layer gives: one shape or several, its weights, and products without weights.

    ``counted`` says whether those are all of them; of a user-defined layer that is unknown. Where
    it ``varies``, what is multiplied depends on the data.
    """

    __slots__ = (
        *("_macs", "_make", "_params", "_trainable", "counted", "made", "outputs", "products"),
        "varies",
    )

    #: The weights as far as they are made: None where that waits until they are asked for.
    made: tuple[Weight, ...] | None
    _make: tuple[Callable[[Any, Shape, Shape], tuple[Weight, ...]], object, Shape, Shape]

    def __init__(
        self,
        *outputs: Shape,
        weights: Sequence[Weight] = (),
        products: Sequence[Product] = (),
        counted: bool = True,
        varies: bool = False,
    ) -> None:
        """Take the output shapes in order."""
        self.outputs = outputs
        self.varies = varies
        self.made = tuple(weights)
        self.products = tuple(products)
        self.counted = counted
        self._params: Size | None = None
        self._trainable: Size | None = None
        self._macs: Size | None = None

    @staticmethod
    def of(output: Shape, weights: tuple[Weight, ...] = ()) -> Result:
        """Return the result that is an output and weights, as most are."""
        made: Result = _new(Result)
        made.outputs = (output,)
        made.made = weights
        made.products = ()
        made.counted, made.varies = True, False
        made._params = made._trainable = made._macs = None
        return made

    @staticmethod
    def deferred(
        output: Shape,
        sizes: Shape,
        make: Callable[[Any, Shape, Shape], tuple[Weight, ...]],
        layer: object,
    ) -> Result:
        """Return the result that is an output and weights, made of a layer, sizes and the output.

        ``sizes`` are all that shapes of weights have. Where they are numbers that nothing is asked
        about, the weights are made once they are asked for, which most never are.
        """
        result = Result.of(output)
        for size in sizes:
            if size.__class__ is not int or size >= LARGE:
                result.made = make(layer, sizes, output)
                return result
        result.made = None
        result._make = (make, layer, sizes, output)
        return result

    @property
    def weights(self) -> tuple[Weight, ...]:
        """The weights, in order."""
        if self.made is None:
            make, layer, sizes, output = self._make
            self.made = make(layer, sizes, output)
        return self.made

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
            varies=self.varies,
        )

    @classmethod
    def together(cls, outputs: Sequence[Shape], results: Sequence[Result]) -> Result:
        """Return the result of layers that work together: their weights and products, in order."""
        return cls(
            *outputs,
            weights=[w for each in results for w in each.weights],
            products=[p for each in results for p in each.products],
            counted=all(each.counted for each in results),
            varies=any(each.varies for each in results),
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
            products=[p.mapped(lambda sizes: (*sizes, count)) for p in self.products],
        )

    def frozen(self, names: Collection[str] | None) -> Result:
        """Return the result with all weights, or those named, not trainable."""
        if names is not None and not names:
            return self
        return self.replace(
            weights=[
                w._replace(trainable=False) if names is None or w.name in names else w
                for w in self.weights
            ]
        )

    def without_weights(self, names: Collection[str] | None = None) -> Result:
        """Return the result without all weights, or those named, which another layer owns.

        Many products become one, since a model in a model may share them again, and so on.
        """
        if names is not None and not names:
            return self
        gone = [w for w in self.weights if names is None or w.name in names]
        products = [
            Product(w.name, (*w.shape, *w.places), int(w.trainable), 1)
            for w in gone
            if w.places is not None
        ]
        products += self.products
        if len(products) > FEW:
            kinds: dict[tuple[int, int], Size] = {}
            for each in products:
                kind = each.learned, each.made
                kinds[kind] = kinds.get(kind, 0) + each.macs
            products = [Product("all", (macs,), *kind) for kind, macs in kinds.items()]
        left = [w for w in self.weights if w not in gone]
        return self.replace(weights=left, products=products)

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
            products=[p.mapped(change) for p in self.products],
            counted=self.counted,
            varies=self.varies,
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
    def multiplied(self) -> list[Size]:
        """The multiply-accumulates of its weights and its products, one by one."""
        return [*(each.macs for each in self.weights), *(each.macs for each in self.products)]

    @property
    def macs(self) -> Size | None:
        """The multiply-accumulates of one forward pass; None where they are unknown."""
        if self._macs is None and self.counted and not self.varies:
            self._macs = sum_of(self.multiplied)
        return self._macs

    @property
    def within(self) -> list[Size]:
        """The numbers of each tensor that is made and read inside the layer."""
        return [count_in(each.within) for each in self.products if each.within is not None]

    @property
    def learns(self) -> bool:
        """Whether any weight or factor in it is trained."""
        return any(w.trainable and not w.buffer for w in self.weights) or any(
            p.learned for p in self.products
        )

    def back(self, *, wanted: bool) -> list[Size]:
        """Return the multiply-accumulates of the backward pass, part by part.

        Each gradient of a factor is as many products as the way forth. ``wanted`` says whether the
        gradient of the input is.
        """
        inside = wanted or self.learns
        weights = [w.macs * (w.trainable + (inside if w.inner else wanted)) for w in self.weights]
        # Of a product of two tensors the layer may have made both.
        tensors = [(p, inside if p.made > 1 else wanted) for p in self.products]
        return weights + [p.macs * (p.learned + asked * p.made) for p, asked in tensors]


def _count(weights: Iterable[Weight]) -> Size:
    return sum_of(product(weight.shape) for weight in weights)

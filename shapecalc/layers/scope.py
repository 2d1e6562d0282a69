"""What a rule may ask: what must hold, and letters for unknown sizes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from shapecalc.dims import Contradiction, Dim, Facts, Shape, Size, Truth, shape_text
from shapecalc.errors import ShapeError
from shapecalc.layers.budget import Budget
from shapecalc.layers.letters import LETTERS, Letters, free_letter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from shapecalc.layers.dialect import Dialect
    from shapecalc.layers.layer import Layer
    from shapecalc.layers.result import Result


class Scope:
    """What a rule may ask: what must hold, which dialect, and letters for unknown sizes."""

    __slots__ = (
        "assumptions",
        "budget",
        "builds",
        "call",
        "compound",
        "dialect",
        "facts",
        "refuted",
        "relative",
        "required",
        "required_by",
        "results",
        "trains",
        "unknown",
        "used",
        "values",
    )

    def __init__(
        self,
        facts: Facts | None = None,
        dialect: Dialect | None = None,
        used: Iterable[str] = (),
        values: Mapping[str, Size] | None = None,
        budget: Budget | None = None,
    ) -> None:
        """Begin with what is known.

        ``used`` are the letters that new ones must differ from, ``values`` those of new ones.
        """
        self.facts = Facts() if facts is None else facts
        self.budget = Budget() if budget is None else budget
        self.dialect = dialect
        #: What the layer is called with beside tensors.
        self.call: Mapping[str, Any] = {}
        #: Whether layers work as in training, unless they are called otherwise.
        self.trains = False
        #: Whether layers are built for shapes, which asks less of some than calling them.
        self.builds = False
        #: Whether a size was met that is more than a letter and a number.
        self.compound = False
        self.used = set(used)
        self.values = values or {}
        #: The letters of sizes that are unknown to the framework too.
        self.unknown: set[str] = set()
        self.assumptions: dict[str, Truth] = {}
        #: Whether the shapes that are read now are so only where what is assumed holds.
        self.relative = False
        #: What must not be assumed, since it contradicts what is required later.
        self.refuted: frozenset[str] = frozenset()
        #: Every statement on letters, with what made it, as the tracer states it.
        self.required: list[tuple[object, Truth]] = []
        self.required_by: object = None
        #: What those layers gave that were walked.
        self.results: dict[tuple[object, ...], Result] = {}

    @property
    def training(self) -> bool:
        """Whether the layer works as in training."""
        return bool(self.call.get("training", self.trains))

    @property
    def laws(self) -> frozenset[str]:
        """What the dialect does otherwise."""
        return self.dialect.laws if self.dialect else frozenset()

    @property
    def letters(self) -> Letters:
        """What unknown sizes are called."""
        return self.dialect.letters if self.dialect else LETTERS

    def require(self, truth: Truth, why: str, *parts: object) -> None:
        """Require a statement; raises `ShapeError` where it is certainly false.

        ``why`` is what an error says, with ``{}`` for each of the parts; it is written only then.
        A statement on letters becomes a condition of the trace.
        """
        if truth is True:
            return
        if truth is False:
            raise ShapeError(self._said(why, parts))
        if not self.facts.take_bound(truth):
            try:
                self.facts.require(truth, relative=self.relative)
            except Contradiction as contradiction:
                fact = self._said(why, parts)
                raise ContradictionError(fact, contradiction.statement) from None
        self.required.append((self.required_by, truth))

    def _said(self, why: str, parts: tuple[object, ...]) -> str:
        """Write a message, with its shapes and sizes as they are under what is known."""
        return why.format(*(self._show(part) for part in parts))

    def _show(self, part: object) -> str:
        if isinstance(part, tuple):
            return shape_text([self.facts.simplify(size) for size in part])
        return str(self.facts.simplify(part)) if isinstance(part, Dim) else str(part)

    def assume(self, truth: Truth, why: str, *parts: object) -> bool:
        """Go on as if this held, where it is sufficient but more than what must hold.

        Returns whether it can: not where it contradicts what is known, here or, as an earlier
        walk found out, later. The rule then asks for exactly what must hold.
        """
        if isinstance(truth, bool):
            self.require(truth, why, *parts)
            return True
        if str(truth) in self.refuted:
            return False
        try:
            self.facts.assume(truth)
        except Contradiction:
            return False
        self.assumptions[str(truth)] = truth
        self.required.append((self.required_by, truth))
        return True

    def within(self) -> Scope:
        """Return the scope of a walk within this one, of which it shares what is known."""
        inner = Scope(self.facts, self.dialect, values=self.values, budget=self.budget)
        inner.used, inner.unknown, inner.assumptions = self.used, self.unknown, self.assumptions
        inner.results, inner.refuted = self.results, self.refuted
        inner.relative, inner.call, inner.trains = self.relative, self.call, self.trains
        inner.compound = self.compound
        return inner

    def fresh(self, preferred: str) -> Size:
        """Return a letter that nothing uses yet, named as preferred where that is free.

        Or its value.
        """
        letter = free_letter(preferred, self.used)
        return self.values.get(str(letter), letter)

    def missing(self, preferred: str) -> Size:
        """Return a letter for a size that the framework does not know, or its value."""
        size = self.fresh(preferred)
        self.unknown.update(size.letters if isinstance(size, Dim) else ())
        return size

    def named(self, shape: Sequence[Size | None]) -> Shape:
        """Return a shape of which the unknown sizes have letters of their own."""
        names = self.letters.of(len(shape))
        return tuple(
            self.missing(name) if size is None else size
            for name, size in zip(names, shape, strict=True)
        )


class LoneScope(Scope):
    """The scope of one layer that is asked alone.

    What takes longer to make than most rules do is made once a rule asks for it.
    """

    __slots__ = ("layer",)

    def __init__(self, layer: Layer, dialect: Dialect | None, call: Mapping[str, Any]) -> None:
        self.layer = layer
        self.dialect = dialect
        self.call = call
        self.unknown = set()
        self.trains = self.builds = self.compound = self.relative = False
        self.required_by = None

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        if name == "budget":
            made: Any = Budget(known=lambda: [self.layer])
        elif name in _WHEN_ASKED:
            made = _WHEN_ASKED[name]()
        else:
            raise AttributeError(name)
        setattr(self, name, made)
        return made


#: What a `LoneScope` makes once it is asked for.
_WHEN_ASKED: Final[Mapping[str, Callable[[], Any]]] = {
    "facts": Facts,
    "used": set,
    "values": dict,
    "assumptions": dict,
    "refuted": frozenset,
    "required": list,
    "results": dict,
}


class ContradictionError(ShapeError):
    """A refusal because of what earlier layers require, or of facts that were given."""

    def __init__(self, fact: str, statement: Truth) -> None:
        super().__init__(fact)
        self.statement = statement

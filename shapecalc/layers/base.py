"""What all layers share: the model, the rule beside it, and what a rule gives and may ask.

A layer is a pydantic model whose fields are Keras's arguments in Keras's order; a rule is one
function, registered with `rule`, that turns input shapes into a `Result`. A rule reads its layer
and its input shapes, asks its `Scope` what must hold, and knows nothing of specs or networks: it
raises `ShapeError` with the bare fact, and who traced it adds the place.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache, lru_cache
from inspect import get_annotations
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final, NamedTuple, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from shapecalc.dims import (
    Contradiction,
    Dim,
    Facts,
    Shape,
    Size,
    TooLargeError,
    Truth,
    check_digits,
    product,
    shape_text,
)
from shapecalc.errors import RankError, ShapeError, SpecError
from shapecalc.layers.arguments import Anything, Kind, OptionalText, Regularizer, Switch, switch
from shapecalc.layers.budget import Budget
from shapecalc.layers.sizes import given_sizes

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

#: Short keys, and the parameters that they may stand for; a layer has one of these.
SHORT_KEYS: dict[str, tuple[str, ...]] = {
    "k": ("kernel_size", "pool_size"),
    "s": ("strides",),
    "p": ("padding",),
    "d": ("dilation_rate",),
    "g": ("groups",),
}


class Weight(NamedTuple):
    """A tensor that a layer keeps: its name, its shape, and whether training changes it."""

    name: str
    shape: Shape
    trainable: bool = True


class Result:
    """What a layer gives: one shape or several, and its weights."""

    __slots__ = ("_params", "_trainable", "outputs", "weights")

    def __init__(self, *outputs: Shape, weights: Sequence[Weight] = ()) -> None:
        """Take the output shapes in order."""
        self.outputs = outputs
        self.weights = tuple(weights)
        self._params: Size | None = None
        self._trainable: Size | None = None

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


class Scope:
    """What a rule may ask: what must hold, which dialect, and letters for unknown sizes."""

    __slots__ = (
        "asked",
        "asker",
        "assumptions",
        "budget",
        "dialect",
        "facts",
        "results",
        "used",
    )

    def __init__(
        self, facts: Facts | None = None, dialect: str = "keras", used: Iterable[str] = ()
    ) -> None:
        """Begin with what is known; ``used`` are the letters that new ones must differ from."""
        self.facts = Facts() if facts is None else facts
        self.dialect = dialect
        self.used = set(used)
        self.assumptions: dict[str, None] = {}
        #: Every statement on letters, with who made it, as who traces says.
        self.asked: list[tuple[object, Truth]] = []
        self.asker: object = None
        #: How many layers there may be, and what those gave that were walked.
        self.budget = Budget()
        self.results: dict[tuple[int, tuple[Shape, ...]], Result] = {}

    def require(self, truth: Truth, why: str, *parts: object) -> None:
        """Go on only where this holds.

        ``why`` is what an error says, with ``{}`` for each of the parts; it is written only then.
        A statement on letters becomes a condition of the trace.
        """
        if truth is True:
            return
        if truth is False:
            raise ShapeError(self._said(why, parts))
        try:
            self.facts.require(truth)
        except Contradiction as contradiction:
            fact = self._said(why, parts)
            raise ContradictionError(fact, contradiction.statement) from None
        self.asked.append((self.asker, truth))

    def _said(self, why: str, parts: tuple[object, ...]) -> str:
        """Write a message, with its shapes and sizes as they are under what is known."""
        return why.format(*(self._show(part) for part in parts))

    def _show(self, part: object) -> str:
        if isinstance(part, tuple):
            return shape_text([self.facts.simplify(size) for size in part])
        return str(self.facts.simplify(part)) if isinstance(part, Dim) else str(part)

    def assume(self, truth: Truth, why: str, *parts: object) -> None:
        """Go on as if this held, where it is sufficient but more than what must hold."""
        self.require(truth, why, *parts)
        if not isinstance(truth, bool):
            self.assumptions[str(truth)] = None

    def fresh(self, wanted: str) -> Dim:
        """A letter that nothing uses yet, named as wanted where that is free."""
        return free_letter(wanted, self.used)


#: How many numbers behind a letter are tried one by one.
FEW: Final = 64


def free_letter(wanted: str, used: set[str]) -> Dim:
    """A letter that is not among the used ones, which it joins."""
    name, count = wanted, 0
    while name in used and count < FEW:
        count += 1
        name = f"{wanted}_{count}"
    if name in used:
        # Of very many the numbers are taken without gaps: the end is found by halving.
        low, high = count, 2 * count
        while f"{wanted}_{high}" in used:
            low, high = high, 2 * high
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if f"{wanted}_{middle}" in used else (low, middle)
        name = f"{wanted}_{high}"
    used.add(name)
    return Dim(name)


#: The letters for unknown sizes, by the number of axes; the batch is always B.
AXES: dict[int, str] = {2: "F", 3: "TC", 4: "HWC", 5: "DHWC"}


def name_unknown(
    shape: Sequence[Size | None], used: set[str], natural: Sequence[str] = ()
) -> Shape:
    """Give unknown sizes letters of their own.

    They are those of a natural input of as many axes, else B first and the others by their place.
    """
    rank = len(shape)
    names = natural if len(natural) == rank else "B" + AXES.get(rank, "N" * rank)
    return tuple(
        free_letter(name, used) if size is None else size
        for name, size in zip(names, shape, strict=False)
    )


class ContradictionError(ShapeError):
    """A refusal because of what earlier layers require, or of facts that were given."""

    def __init__(self, fact: str, statement: Truth) -> None:
        super().__init__(fact)
        self.statement = statement


#: A rule: a layer, its scope and its input shapes to its result.
Rule = Callable[..., Result]


class Parameter(NamedTuple):
    """A parameter of a layer, as specs and messages see it."""

    name: str
    kind: Kind
    required: bool
    default: Any


class Layer(BaseModel):
    """What every layer takes beside its own arguments, as in Keras."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", defer_build=True, arbitrary_types_allowed=True
    )

    name: OptionalText = None
    dtype: Anything = None
    trainable: Annotated[bool, switch(off=("frozen",))] = True
    input_shape: Anything = None
    autocast: Switch = True
    activity_regularizer: Regularizer = None

    #: The rule, set by `rule`.
    infer: ClassVar[Rule]
    #: How many tensors the layer reads, at least and at most (None: any number).
    arity: ClassVar[tuple[int, int | None]] = (1, 1)
    #: Whether it works on any number of axes and keeps them, so that it says nothing of its input.
    transparent: ClassVar[bool] = False
    #: The parameter that a block after the name fills with layers; "" where there is none.
    holds: ClassVar[str] = ""
    #: Whether it joins the current tensor with others, or the branches of its block.
    merges: ClassVar[bool] = False
    #: The names of further tensors that it can read, which a spec gives as ``name=@label``.
    reads: ClassVar[tuple[str, ...]] = ()
    #: Specs that teach it, where one made of what it must be given would not.
    examples: ClassVar[tuple[str, ...]] = ()
    #: Its names in specs, separated by blanks, where it comes from a plugin.
    names: ClassVar[str] = ""
    #: Positional parameters in Keras's order, where that of the fields differs.
    positional: ClassVar[tuple[str, ...]] = ()

    @property
    def called(self) -> str:
        """The class that rows name."""
        return type(self).__name__

    def in_spec(self) -> Layer | None:
        """The layer that a spec can name in its place; None where there is none."""
        return self

    def inside(self) -> Sequence[Layer]:
        """The layers that it holds, each as often as it applies it."""
        held = getattr(self, self.holds) if self.holds else ()
        return held if isinstance(held, (list, tuple)) else (held,)

    def natural_input(self) -> tuple[str, ...] | None:
        """The letters of the input it is made for, batch first; None where any will do."""
        return None

    def config(self) -> dict[str, Any]:
        """The arguments that differ from Keras's defaults, in order, as plain data."""
        return {
            parameter.name: plain(value)
            for parameter in parameters(type(self)).values()
            if (value := getattr(self, parameter.name)) != parameter.default
        }

    def compute_output_shape(self, *shapes: Any) -> Any:  # noqa: ANN401
        """Give the output shape for an input shape; None in it is an unknown size.

        Several inputs: several shapes, or one list of them. Several outputs: a list of tuples.
        Raises `ShapeError` where the shapes do not fit.
        """
        outputs = self._apply_to(shapes).outputs
        return outputs[0] if len(outputs) == 1 else list(outputs)

    def count_params(self, *shapes: Any, trainable: bool = False) -> Size:  # noqa: ANN401
        """Count the numbers in the weights for an input shape, or the trainable ones only."""
        result = self._apply_to(shapes)
        return result.trainable_params if trainable else result.params

    def _apply_to(self, shapes: tuple[Any, ...]) -> Result:
        if len(shapes) == 1 and isinstance(shapes[0], (list, tuple)):
            (several,) = shapes
            shapes = tuple(several) if several and isinstance(several[0], (list, tuple)) else shapes
        scope = Scope()
        scope.budget = Budget(layers=[self])
        known = [given_sizes(shape) for shape in shapes]
        for shape in known:
            for dim in shape:
                scope.used.update(dim.letters if isinstance(dim, Dim) else ())
        natural = self.natural_input() or ()
        named = [name_unknown(shape, scope.used, natural) for shape in known]
        return apply(self, named, scope)


AnyLayer = TypeVar("AnyLayer", bound=Layer)


def rule(*classes: type[Layer]) -> Callable[[Rule], Rule]:
    """Register a function as the rule of one or more layer classes."""

    def register(function: Rule) -> Rule:
        for cls in classes:
            cls.infer = staticmethod(function)
        return function

    return register


def apply(layer: Layer, inputs: Sequence[Shape], scope: Scope) -> Result:
    """Run the rule of a layer on its input shapes; raises `ShapeError` with the bare fact."""
    least, most = layer.arity
    count = len(inputs)
    if count < least or (most is not None and count > most):
        wanted = {least: str(least), None: f"at least {least}"}.get(most, f"{least} or {most}")
        plural = "" if wanted == "1" else "s"
        raise ShapeError(f"reads {wanted} tensor{plural}, but gets {count}")
    result = _inferred(layer, inputs, scope)
    if layer.trainable or not result.weights:
        return result
    frozen = [weight._replace(trainable=False) for weight in result.weights]
    return Result(*result.outputs, weights=frozen)


def _inferred(layer: Layer, inputs: Sequence[Shape], scope: Scope) -> Result:
    try:
        result = layer.infer(layer, scope, *inputs)
        for shape in result.outputs:
            for size in shape:
                check_digits(size)
    except TooLargeError as error:
        raise ShapeError(f"makes too large a size: {error}") from None
    return result


def axes(shape: Shape, names: str) -> Shape:
    """Check that a shape has just these axes; the names are separated by blanks."""
    count = names.count(" ") + 1
    if len(shape) != count:
        listed = names.replace(" ", ", ")
        raise RankError(f"needs a {count}-D input ({listed}), but gets {shape_text(shape)}")
    return shape


def at_least_axes(shape: Shape, names: str) -> Shape:
    """Check that a shape has at least these axes; the names are separated by blanks."""
    count = names.count(" ") + 1
    if len(shape) < count:
        wanted = f"{count} {'axes' if count > 1 else 'axis'} ({names.replace(' ', ', ')})"
        raise RankError(f"needs at least {wanted}, but gets {shape_text(shape)}")
    return shape


@cache
def parameters(cls: type[Layer]) -> dict[str, Parameter]:
    """The parameters of a layer class by name, in the order of Keras's constructor."""
    fields = cls.__pydantic_fields__
    # What a class names itself stands where it names it, also where all layers take it.
    own = [name for name in own_names(cls) if name in fields]
    order = dict.fromkeys([*cls.positional, *own, *Layer.__pydantic_fields__])
    return {
        name: Parameter(
            name,
            next(part for part in fields[name].metadata if isinstance(part, Kind)),
            fields[name].is_required(),
            fields[name].get_default(call_default_factory=True),
        )
        for name in order
    }


def own_names(cls: type[Layer]) -> list[str]:
    """What a class and those that it is made of annotate themselves, in order."""
    bases = [base for base in reversed(cls.__mro__) if issubclass(base, Layer)]
    return [name for base in bases if base is not Layer for name in get_annotations(base)]


@cache
def flags(cls: type[Layer]) -> dict[str, tuple[str, Any]]:
    """The flags of a layer class: each word with its parameter and value.

    A parameter that is True or False is turned on by its own name.
    """
    found: dict[str, tuple[str, Any]] = {}
    for parameter in parameters(cls).values():
        for word, value in parameter.kind.words.items():
            found.setdefault(word, (parameter.name, value))
        if parameter.kind.expects == _SWITCH and parameter.default is False:
            found.setdefault(parameter.name, (parameter.name, True))
    return found


_SWITCH = "True or False"


class Problem(NamedTuple):
    """An argument that a layer cannot take; ``field`` is None where it is about several."""

    field: str | None
    message: str
    missing: bool = False


class ArgumentError(SpecError):
    """Arguments that make no layer, all of them at once."""

    def __init__(self, subject: str, problems: Sequence[Problem]) -> None:
        super().__init__(f"{subject}: {problems[0].message}", layer=subject)
        self.problems = list(problems)


def validate(cls: type[AnyLayer], config: Mapping[str, Any], subject: str) -> AnyLayer:
    """Make a layer of arguments by Keras's names; raises `ArgumentError` in plain words."""
    try:
        return cls.model_validate(config)
    except ValidationError as error:
        from shapecalc.layers.problems import problem_of

        problems = [problem_of(cls, details) for details in error.errors(include_url=False)]
    raise ArgumentError(subject, problems)


def plain(value: Any) -> Any:  # noqa: ANN401
    """Say a value of an argument as plain data, ready for JSON."""
    if isinstance(value, Layer):
        return {"layer": value.called, "config": value.config()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return str(value) if isinstance(value, Dim) else value


@lru_cache(maxsize=1024)
def snake_case(class_name: str) -> str:
    """Write a class name as Keras names its layers: MaxPooling2D is max_pooling2d."""
    spaced = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", class_name)
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", spaced).lower()

"""What all layers share: the model and the rule beside it; what plugins import.

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
from math import isfinite
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, NamedTuple, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from shapecalc.dims import (
    Dim,
    Shape,
    Size,
    TooLargeError,
    shape_text,
)
from shapecalc.errors import RankError, ShapeError, SpecError
from shapecalc.layers.arguments import Anything, Kind, OptionalText, Regularizer, Switch, switch
from shapecalc.layers.budget import Budget
from shapecalc.layers.built import channel_axis, require_built
from shapecalc.layers.given import given_sizes
from shapecalc.layers.letters import name_unknown
from shapecalc.layers.result import Result, Weight
from shapecalc.layers.scope import ContradictionError, Scope
from shapecalc.layers.sizes import check_result, require_sizes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = [
    "SHORT_KEYS",
    "AnyLayer",
    "ArgumentError",
    "ContradictionError",
    "Layer",
    "Parameter",
    "Problem",
    "Result",
    "Rule",
    "Scope",
    "Weight",
    "apply",
    "at_least_axes",
    "axes",
    "flags",
    "own_names",
    "parameters",
    "plain",
    "rule",
    "snake_case",
    "validate",
]

#: Short keys, and the parameters that they may stand for; a layer has one of these.
SHORT_KEYS: dict[str, tuple[str, ...]] = {
    "k": ("kernel_size", "pool_size"),
    "s": ("strides",),
    "p": ("padding",),
    "d": ("dilation_rate",),
    "g": ("groups",),
}


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
        natural = self.natural_input()
        named = [name_unknown(shape, scope.used, natural or ()) for shape in known]
        for shape, letters in zip(known, named, strict=True):
            channels = channel_axis(natural, len(shape))
            scope.unknown |= {
                str(letters[axis])
                for axis, size in enumerate(shape)
                if size is None and axis != channels
            }
        result = apply(self, named, scope)
        require_built(result, scope)
        return result


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
    require_sizes(layer, scope)
    result = _inferred(layer, inputs, scope)
    check_result(layer, inputs, result, scope)
    if layer.trainable or not result.weights:
        return result
    frozen = [weight._replace(trainable=False) for weight in result.weights]
    return Result(*result.outputs, weights=frozen)


def _inferred(layer: Layer, inputs: Sequence[Shape], scope: Scope) -> Result:
    try:
        return layer.infer(layer, scope, *inputs)
    except TooLargeError as error:
        raise ShapeError(f"makes too large a size: {error}") from None


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
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, Dim) or (isinstance(value, float) and not isfinite(value)):
        return str(value)
    return value


@lru_cache(maxsize=1024)
def snake_case(class_name: str) -> str:
    """Write a class name as Keras names its layers: MaxPooling2D is max_pooling2d."""
    spaced = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", class_name)
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", spaced).lower()

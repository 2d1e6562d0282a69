"""The base of all layers: a model of arguments, and beside it a rule.

A layer is a pydantic model whose fields are the framework's arguments in its order; a rule is one
function, registered with `rule`, that turns input shapes into a `Result`. A rule reads its layer
and its input shapes, asks its `Scope` what must hold, and knows nothing of specs or networks: it
raises `ShapeError` with the bare fact, and who traced it adds the place.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from math import isfinite
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import BaseModel, ConfigDict

from shapecalc.dims import Dim, Shape, Size, TooLargeError
from shapecalc.errors import ShapeError, SpecError, did_you_mean
from shapecalc.layers.arguments import OptionalText
from shapecalc.layers.built import require_built
from shapecalc.layers.given import given_sizes
from shapecalc.layers.layout import channel_axis
from shapecalc.layers.letters import name_unknown
from shapecalc.layers.parameters import parameters
from shapecalc.layers.result import Result
from shapecalc.layers.scope import LoneScope, Scope
from shapecalc.layers.sizes import check_outputs, check_weights, require_sizes

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from shapecalc.layers.explaining import Applied
    from shapecalc.layers.layout import Layout, Names
    from shapecalc.layers.looking import Looks, Passed
    from shapecalc.layers.ranges import Activated, Range
    from shapecalc.layers.window import Window

#: A rule: a layer, its scope and its input shapes to its result.
Rule = Callable[..., Result]


class Layer(BaseModel):
    """What every layer of every framework has: its arguments are fields, its rule is beside it."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", defer_build=True, arbitrary_types_allowed=True
    )

    #: The dialect in which it was asked for alone, rather than in a network.
    __slots__ = ("_dialect",)

    name: OptionalText = None

    #: Whether it is not a layer but the base of all layers of a framework.
    abstract: ClassVar[bool] = True
    #: The rule, set by `rule`.
    infer: ClassVar[Rule]
    #: The parameter that declares the size of an axis of the input, and that axis.
    declares: ClassVar[tuple[str, int] | None] = None
    #: How many tensors the layer reads, at least and at most (None: any number).
    arity: ClassVar[tuple[int, int | None]] = (1, 1)
    #: Whether it works on any number of axes and keeps them, so that it says nothing of its input.
    keeps_rank: ClassVar[bool] = False
    #: Whether each axis of its output is what it is in its input.
    keeps_axes: ClassVar[bool] = False
    #: Whether the letters of its natural input say what the axes are.
    names_axes: ClassVar[bool] = True
    #: Whether it gives the numbers that it reads, in other places or some of them left out.
    moves: ClassVar[bool] = False
    #: Whether it only divides its numbers into other axes.
    reshapes: ClassVar[bool] = False
    #: Whether it reads the steps of its input one by one.
    reads_steps: ClassVar[bool] = False
    #: Whether it attends along the last axis but one, whatever that is.
    attends_along_steps: ClassVar[bool] = False
    #: Whether it learns numbers for each feature of an axis that is meant to be the channels.
    learns_per_channel: ClassVar[bool] = False
    #: Which numbers its function leaves, where it is an activation.
    leaves: ClassVar[Range | None] = None
    #: Whether it gives weighted sums, which can be any number.
    gives_sums: ClassVar[bool] = False
    #: The parameter that a block after the name fills with layers; "" where there is none.
    holds: ClassVar[str] = ""
    #: How many axes behind the batch are steps, to each of which the layer in it is applied.
    step_axes: ClassVar[int] = 0
    #: The parameter that a second branch of the block fills with a layer; "" where there is none.
    holds_also: ClassVar[str] = ""
    #: Whether it joins the current tensor with others, or the branches of its block.
    merges: ClassVar[bool] = False
    #: The names of further tensors that it can read, which a spec gives as ``name=@label``.
    reads: ClassVar[tuple[str, ...]] = ()
    #: Whether these are states, so that a label alone means all those that its layer gives.
    reads_states: ClassVar[bool] = False
    #: Whether labels without names are those tensors, in order.
    reads_in_order: ClassVar[bool] = False
    #: What it may be called with beside tensors.
    call_arguments: ClassVar[tuple[str, ...]] = ()
    #: The masks with which it may be called, which are tensors that it does not work on.
    masks: ClassVar[tuple[str, ...]] = ()
    #: Specs that show it, where one made of its required arguments would not.
    examples: ClassVar[tuple[str, ...]] = ()
    #: Its names in specs, separated by blanks, and whose catalogue has them, where it comes from
    #: a plugin.
    names: ClassVar[str] = ""
    framework: ClassVar[str] = "keras"
    #: Positional parameters in Keras's order, where that of the fields differs.
    positional: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def __pydantic_init_subclass__(cls, **_kwargs: Any) -> None:  # noqa: ANN401
        """Forget the annotations of what is not a field.

        Pydantic would evaluate them again for each class that is made of this one.
        """
        for name in cls.__annotations__.keys() - cls.__pydantic_fields__.keys():
            del cls.__annotations__[name]

    @property
    def declared(self) -> Size | None:
        """The size that it declares; None where it declares none, or leaves it open."""
        found: Size | None = getattr(self, self.declares[0]) if self.declares else None
        return found

    @property
    def declared_axis(self) -> int:
        """The axis whose size it declares, counted so that it is right without a batch too."""
        layout = self.layout()
        return layout.channels if layout else self.declares[1] if self.declares else 0

    @property
    def called(self) -> str:
        """The class that rows name."""
        return type(self).__name__

    def in_spec(self) -> Layer | None:
        """Return the layer that a spec can name in its place; None where there is none."""
        return self

    def inside(self) -> Sequence[Layer]:
        """Return the layers that it holds, each as often as it applies it."""
        held = getattr(self, self.holds) if self.holds else ()
        return held if isinstance(held, (list, tuple)) else (held,)

    def also_inside(self) -> Layer | None:
        """Return the layer that a second branch of its block holds, if there is one."""
        return getattr(self, self.holds_also) if self.holds_also else None

    def given(self) -> dict[str, Any]:
        """Return the arguments that it was made with, without those left at their defaults."""
        return {name: getattr(self, name) for name in self.model_fields_set}

    def __getstate__(self) -> dict[Any, Any]:
        """Keep only the arguments that it was made of: pickled, most of a layer is defaults."""
        return super().__getstate__() | {"__dict__": self.given()}

    def __setstate__(self, state: dict[Any, Any]) -> None:
        """Add the defaults again."""
        fields = type(self).__pydantic_fields__.items()
        defaults = {name: field.get_default(call_default_factory=True) for name, field in fields}
        super().__setstate__(state | {"__dict__": defaults | state["__dict__"]})

    def input_letters(self) -> tuple[str, ...] | None:
        """Return the letters of the default input, batch first; None where any will do."""
        return None

    def default_input(self) -> tuple[str | Size, ...] | None:
        """Return the input that a spec leaves out, if it begins with this layer.

        None where any will do.

        It is the natural input, with the sizes that the layer declares.
        """
        return self.input_letters()

    def further_inputs(self, read: Sequence[Shape]) -> Sequence[Sequence[str | Size]]:
        """Return the inputs that suit it behind those that it reads; new sizes are letters.

        Like the first, where nothing says more.
        """
        return [read[0]]

    def mask_input(self, name: str, read: Sequence[Shape]) -> Shape | None:  # noqa: ARG002
        """Return the mask of a name that suits the inputs; None where nothing says."""
        return None

    def layout(self) -> Layout | None:
        """Return where the axes of its input stand; None where it reads any."""
        return None

    def moving_window(self) -> Window | None:
        """Return the window that it slides along the spatial axes of its input.

        None without one.
        """
        return None

    def looks(self, passed: Passed) -> Looks:
        """Return where each axis of an output looks in the inputs; nowhere where that is not known.

        Behind a window as that does; where a layer keeps the axes, each at the same place.
        """
        from shapecalc.layers.looking import along, matched, windows

        window, layout = self.moving_window(), self.layout()
        if window is not None and layout is not None:
            return along(layout, passed.rank, windows(layout, window, passed.inputs[0]))
        return matched(passed.inputs, passed.output) if self.keeps_rank else ()

    def feature_axes(self) -> tuple[int, ...]:
        """Return the axes that it takes for those of the features, where another could be named."""
        return ()

    def output_axes(self, names: Names, rank: int) -> Names | None:  # noqa: ARG002
        """Return what the axes of its output are, which has ``rank``.

        None where nothing is known.
        """
        return names if self.keeps_rank or self.keeps_axes else None

    def activated(self) -> Activated | None:
        """Return the activation that it ends with; None where it is not known what it gives."""
        from shapecalc.layers.ranges import Activated, Range

        if self.holds == "layer":
            return self.inside()[0].activated()
        if self.leaves is not None:
            return Activated(type(self).__name__, self.leaves)
        return Activated(None, Range.NUMBERS) if self.gives_sums else None

    def explain(self, applied: Applied) -> Iterable[str]:  # noqa: ARG002
        """Explain what becomes of the axes, in lines; nothing where that is plain to see."""
        return ()

    def caution(self, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> str | None:  # noqa: ARG002
        """Say what fits, but is likely a mistake; None where nothing is."""
        return None

    def settled(self, inputs: Sequence[Shape]) -> Layer:  # noqa: ARG002
        """Return the layer with what its inputs decide that was left open.

        Itself where nothing was.
        """
        return self

    def config(self) -> dict[str, Any]:
        """Return the arguments that differ from their defaults, in order, as plain data."""
        return {
            parameter.name: plain(value)
            for parameter in parameters(type(self)).values()
            if (value := getattr(self, parameter.name)) != parameter.default
        }

    def finished(self, result: Result) -> Result:
        """Return what the rule gave, as far as arguments that all layers take change it."""
        return result

    def require_call(self, scope: Scope, inputs: Sequence[Shape]) -> None:
        """Ask of what it is called with that it fits the inputs; nothing where all does."""

    def compute_output_shape(self, *shapes: Any, **call: Any) -> Any:  # noqa: ANN401
        """Return the output shape for an input shape; None in it is an unknown size.

        Several inputs: several shapes, or one list of them. Several outputs: a list of tuples.
        ``call`` is what the layer is called with beside them, such as ``training=True``.
        Raises `ShapeError` where the shapes do not fit, `SpecError` for what it is not called with.
        """
        outputs = self._apply_to(shapes, call).outputs
        return outputs[0] if len(outputs) == 1 else list(outputs)

    def count_params(self, *shapes: Any, trainable: bool = False, **call: Any) -> Size:  # noqa: ANN401
        """Count the numbers in the weights for an input shape, or the trainable ones only."""
        result = self._apply_to(shapes, call)
        return result.trainable_params if trainable else result.params

    def count_buffers(self, *shapes: Any, **call: Any) -> Size:  # noqa: ANN401
        """Count the numbers in what the layer keeps beside its parameters for an input shape."""
        return self._apply_to(shapes, call).buffers

    def count_macs(self, *shapes: Any, **call: Any) -> Size | None:  # noqa: ANN401
        """Count the multiply-accumulates of a forward pass over the whole batch.

        Counted are products of matrices, convolutions, recurrent steps and attention: each number
        of a kernel once for every place where it is used; nothing else. None where they depend on
        the data, or the layer is unknown.
        """
        return self._apply_to(shapes, call).macs

    def _apply_to(self, shapes: tuple[Any, ...], call: Mapping[str, Any]) -> Result:
        for name in call:
            if name not in self.call_arguments and name not in self.masks:
                hint = did_you_mean(name, (*self.call_arguments, *self.masks))
                raise SpecError(f"{self.called} is not called with {name}", help=hint)
        if len(shapes) == 1:
            several = shapes[0]
            if isinstance(several, (list, tuple)) and several:
                shapes = tuple(several) if isinstance(several[0], (list, tuple)) else shapes
        scope = LoneScope(self, getattr(self, "_dialect", None), call)
        inputs = self._named([given_sizes(shape) for shape in shapes], scope)
        result = called(self, inputs, scope) if call else apply(self, inputs, scope)
        if scope.unknown:
            require_built(result, scope)
        return result

    def _named(self, known: Sequence[Sequence[Size | None]], scope: Scope) -> Sequence[Shape]:
        """Give the unknown sizes letters of their own; the scope keeps all letters."""
        for shape in known:
            for size in shape:
                if size.__class__ is not int:
                    return self._lettered(known, scope)
        return known  # type: ignore[return-value]

    def _lettered(self, known: Sequence[Sequence[Size | None]], scope: Scope) -> Sequence[Shape]:
        natural, asked = self.input_letters(), []
        for shape in known:
            rank = len(shape)
            names = natural if natural and len(natural) == rank else scope.letters.of(rank)
            asked.append((shape, names, natural))
        named, used, unknown = _with_letters(*asked)
        scope.used, scope.unknown = set(used), set(unknown)
        return named


_Asked = tuple[Sequence["Size | None"], Sequence[str], "Sequence[str] | None"]


@lru_cache(maxsize=256)
def _with_letters(*asked: _Asked) -> tuple[tuple[Shape, ...], frozenset[str], frozenset[str]]:
    """Give unknown sizes letters, by the names of axes; channels may be unknown to the framework.

    Each shape comes with the names of its axes, and the natural input of its layer. Return the
    shapes, all letters in them, and those that the framework must know.
    """
    sizes = [size for shape, _, _ in asked for size in shape if isinstance(size, Dim)]
    used = {name for size in sizes for name in size.letters}
    named = tuple([name_unknown(shape, used, names) for shape, names, _ in asked])
    unknown = frozenset(
        str(letters[axis])
        for letters, (shape, _, natural) in zip(named, asked, strict=True)
        for axis, size in enumerate(shape)
        if size is None and axis != channel_axis(natural or None, len(shape))
    )
    return named, frozenset(used), unknown


Layer.__pydantic_init_subclass__()


def rule(*classes: type[Layer]) -> Callable[[Rule], Rule]:
    """Register a function as the rule of one or more layer classes."""

    def register(function: Rule) -> Rule:
        for cls in classes:
            cls.infer = staticmethod(function)
        return function

    return register


def called(layer: Layer, inputs: Sequence[Shape], scope: Scope) -> Result:
    """Run the rule of a layer as `apply` does, with what else it is called with."""
    result = apply(layer, inputs, scope)
    if scope.call:
        layer.require_call(scope, inputs)
    return result


def apply(layer: Layer, inputs: Sequence[Shape], scope: Scope) -> Result:
    """Run the rule of a layer on its input shapes; raises `ShapeError` with the bare fact."""
    if len(inputs) != 1 or layer.arity != (1, 1):
        _require_count(layer.arity, len(inputs))
    require_sizes(layer, scope)
    try:
        result = layer.infer(layer, scope, *inputs)
    except TooLargeError as error:
        raise ShapeError(f"makes too large a size: {error}") from None
    check_outputs(layer, inputs, result, scope)
    if result.weights:
        check_weights(result)
    return layer.finished(result)


def _require_count(arity: tuple[int, int | None], count: int) -> None:
    """Refuse fewer or more tensors than a layer reads."""
    least, most = arity
    if count < least or (most is not None and count > most):
        expected = {least: str(least), None: f"at least {least}"}.get(most, f"{least} or {most}")
        plural = "" if expected == "1" else "s"
        raise ShapeError(f"reads {expected} tensor{plural}, but gets {count}")


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

"""What recurrent layers share: they read the steps one by one and carry a state on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final, Protocol

from shapecalc.dims import Dim, Shape, Size, shape_text
from shapecalc.errors import ShapeError
from shapecalc.layers.arguments import ArgumentKind, number, switch
from shapecalc.layers.broadcast import require_same
from shapecalc.layers.keras.layer import KerasLayer
from shapecalc.layers.keras.masks import require_mask
from shapecalc.layers.layer import apply
from shapecalc.layers.result import Weight
from shapecalc.layers.scope import Scope

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from shapecalc.layers.explaining import Applied
    from shapecalc.layers.layout import Names
    from shapecalc.layers.looking import Looks, Passed


def _cudnn(value: Any) -> str | bool:  # noqa: ANN401
    if value in ("auto", True, False):
        return value if isinstance(value, str) else bool(value)
    raise ValueError


Share = Annotated[float, number()]
ReturnSequences = Annotated[bool, switch("seq")]
ReturnState = Annotated[bool, switch("state")]
UseCudnn = Annotated[str | bool, ArgumentKind("auto, True or False", _cudnn)]

#: The axes of a sequence.
STEPS: Final = "batch steps features"


class Recurrent(KerasLayer):
    """Base class of the recurrent layers: the initial states may be read as further inputs."""

    reads_steps = True

    arity = (1, None)
    reads = ("initial_state",)
    reads_states = True
    masks = ("mask",)
    recurrent: ClassVar[bool] = True

    def require_call(self, scope: Scope, inputs: Sequence[Shape]) -> None:
        """Require masks that say of each step whether it counts."""
        require_mask(scope, "mask", inputs[0][:2])

    def input_letters(self) -> tuple[str, ...]:
        """Return the letters of the default input."""
        return ("B", "T", "F")

    def output_axes(self, names: Names, rank: int) -> Names:  # noqa: ARG002
        """Without sequences the steps are gone."""
        return names if self.returns_steps else (names[0], *names[2:])

    @property
    def returns_steps(self) -> bool:
        """Whether it returns the state after every step."""
        return bool(getattr(self, "return_sequences", False))

    def further_inputs(self, read: Sequence[Shape]) -> Sequence[Shape]:
        """Return the states that it can begin with: they are as those that it returns."""
        returning = self.model_copy(update={"return_state": True})
        return apply(returning, read[:1], Scope()).outputs[len(read) :]

    def explain(self, applied: Applied) -> Iterator[str]:
        """Explain which states it returns, and what a turn of return_sequences would give."""
        said = "the state after every step" if self.returns_steps else "the state after the last"
        yield f"reads {applied.inputs[0][1]} steps one by one and returns {said}"
        if len(applied.outputs) > 1:
            states = ", ".join(map(shape_text, applied.outputs[1:]))
            yield f"with state it also returns its last states: {states}"
        other = self.model_copy(update={"return_sequences": not self.returns_steps})
        try:
            turned = apply(other, applied.inputs, Scope()).outputs[0]
        except ShapeError:
            return
        yield f"{'without' if self.returns_steps else 'with'} seq: {shape_text(turned)}"

    def looks(self, passed: Passed) -> Looks:
        """Return where it looks: a state has seen all steps."""
        from shapecalc.layers.looking import all_along, placed

        rank = len(passed.inputs[0])
        if passed.rank == rank:
            return all_along(rank, (1,))
        return placed((0, *range(2, rank)), (1,))


def gates(
    count: int, features: Size, units: Size, places: Shape, *, bias: bool, twice: bool = False
) -> list[Weight]:
    """Return the kernels for the features and for the state, and the bias, with all gates."""
    width, said = count * units, (count, -1)
    weights = [
        Weight("kernel", (features, width), places=places, gates=said),
        Weight("recurrent_kernel", (units, width), places=places, gates=said, inner=True),
    ]
    if bias:
        weights.append(Weight("bias", (2, width) if twice else (width,)))
    return weights


class Stepping(Protocol):
    """What says which of its outputs a recurrent layer gives."""

    return_sequences: bool
    return_state: bool
    stateful: bool


def outputs(
    layer: Stepping,
    scope: Scope,
    x: Shape,
    given: Sequence[Shape],
    step: Shape,
    carried: Sequence[Shape],
) -> list[Shape]:
    """Return the output of the last step or of all steps, then the states if requested."""
    batch, steps, *_ = x
    if layer.stateful and isinstance(batch, Dim):
        raise ShapeError(
            f"is stateful, so that it needs a batch of known size, but gets {shape_text(x)}"
        )
    if given:
        match_states(scope, given, carried, "initial state")
    output = (batch, steps, *step[1:]) if layer.return_sequences else step
    return [output, *carried] if layer.return_state else [output]


def match_states(scope: Scope, given: Sequence[Shape], carried: Sequence[Shape], noun: str) -> None:
    """Require the given states to be as those that it carries; raises `ShapeError`."""
    if len(given) != len(carried):
        plural = "" if len(carried) == 1 else "s"
        raise ShapeError(f"takes {len(carried)} {noun}{plural}, but gets {len(given)}")
    why = f"needs {'an' if noun[0] in 'aeiou' else 'a'} {noun} {{}}, but gets {{}}"
    for got, expected in zip(given, carried, strict=True):
        require_same(scope, got, expected, why, expected, got)

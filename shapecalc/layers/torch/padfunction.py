"""The function that pads the last axes, in any of the four ways."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final, Self

from pydantic import model_validator

from shapecalc.dims import Shape, shape_text
from shapecalc.errors import RankError
from shapecalc.layers.arguments import ArgumentKind, choice, whole
from shapecalc.layers.layer import rule
from shapecalc.layers.result import Result
from shapecalc.layers.scope import Scope
from shapecalc.layers.torch.arguments import OptionalNumber
from shapecalc.layers.torch.layer import Module, require_filled
from shapecalc.layers.torch.padding import padded

if TYPE_CHECKING:
    from shapecalc.layers.looking import Looks, Passed

#: How small each way leaves a size, and by how much it must exceed the padding at one end.
MODES: Final[dict[str, tuple[int, int | None]]] = {
    "constant": (0, None),
    "reflect": (1, 1),
    "replicate": (1, None),
    "circular": (0, 0),
}
#: How many axes the ways pad at most that take numbers of the tensor itself.
MOST_AXES: Final = 3


def _ends(value: Any) -> tuple[int, ...]:  # noqa: ANN401
    if not isinstance(value, (list, tuple)):
        raise ValueError  # noqa: TRY004  (what pydantic reads)
    ends = tuple(map(whole, value))
    if len(ends) % 2:
        raise ValueError("takes two numbers for each axis that it pads")
    return ends


class Pad(Module):
    """Pads the last axes, or crops them: two numbers per axis, the last axis first.

    Shape   (*, H, W) -> (*, H + top + bottom, W + left + right), with (left, right, top, bottom)
    Errors  more axes are padded than there are; reflect and replicate pad only axes behind the
            channels; what is mirrored is larger than the axis
    Source  torch.nn.functional.pad
    """

    keeps_axes = True
    examples = ("in:N:C:H:W,pad:1:1:1:1", "in:N:C:L,pad:2:2:mode=reflect")

    pad: Annotated[
        tuple[int, ...],
        ArgumentKind("two whole numbers for each axis, the last axis first", _ends, variadic=True),
    ]
    mode: Annotated[str, choice(*MODES)] = "constant"
    value: OptionalNumber = None

    @model_validator(mode="after")
    def _value_is_used(self) -> Self:
        if self.value and self.mode != "constant":
            raise ValueError(f"mode {self.mode} takes no value")
        return self

    def looks(self, passed: Passed) -> Looks:
        """Return where it looks: each position sees where it comes from."""
        from shapecalc.layers.looking import each_axis
        from shapecalc.layers.spans import shifted

        return each_axis(passed.rank, {-1 - n: shifted(a) for n, a in enumerate(self.pad[::2])})


@rule(Pad)
def pad(layer: Pad, scope: Scope, x: Shape) -> Result:
    """Add what the way asks for to the last axes."""
    ends = tuple(zip(layer.pad[::2], layer.pad[1::2], strict=True))
    if len(ends) > len(x):
        raise RankError(f"pads the last {len(ends)} axes, but gets {shape_text(x)}")
    if layer.mode != "constant" and (
        not 1 <= len(ends) <= MOST_AXES or len(x) - len(ends) not in (1, 2)
    ):
        plural = "axis" if len(ends) == 1 else "axes"
        why = f"pads {len(ends)} {plural} after the channels, with or without a batch"
        raise RankError(f"{why}, but gets {shape_text(x)}")
    if layer.mode in ("reflect", "replicate"):
        require_filled(scope, x, x[-len(ends) - 1 :])
    least, beyond = MODES[layer.mode]
    return Result(padded(scope, x, ends, least=least, beyond=beyond))

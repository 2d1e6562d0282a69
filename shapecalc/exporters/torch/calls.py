"""How modules of PyTorch are called, and how what they give is taken apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from shapecalc.errors import SpecError
from shapecalc.exporters.document import Call, Expression, literal, tupled
from shapecalc.exporters.torch.functions import TUPLES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapecalc.layers.layer import Layer
    from shapecalc.network import Apply

#: What gives the output and, in a tuple of their own, the states.
_NESTED: Final = frozenset({"LSTM"})
_UNREAD: Final = "_"


def called(func: Expression, node: Apply, layer: Layer, reads: Sequence[str]) -> Call:
    """Return the call of a module on the tensors that are in some variables."""
    arguments: list[Expression] = [*reads]
    if layer.reads_states and len(reads) > 2:  # noqa: PLR2004  (a tensor and two states)
        arguments = [reads[0], tupled(*reads[1:])]
    keywords: list[tuple[str, Expression]] = []
    for name, value in node.call.values:
        if name == "training":
            continue
        if not isinstance(value, bool | int | float):
            raise SpecError(f"{name} of {layer.called} cannot be written in PyTorch: it is a mask")
        keywords.append((name, literal(value)))
    return Call(func, arguments, keywords)


def target(layer: Layer, targets: Sequence[str]) -> str:
    """Return the target of an assignment that takes apart what a layer gives."""
    cls = type(layer).__name__
    if cls == "MultiheadAttention" and len(targets) == 1:
        return f"{targets[0]}, {_UNREAD}"
    if cls in TUPLES and len(targets) == 1:
        return f"({targets[0]},)"
    if layer.reads_states and cls in _NESTED:
        output, *states = targets
        unread = set(states) == {_UNREAD}
        return f"{output}, {_UNREAD if unread else '(' + ', '.join(states) + ')'}"
    return ", ".join(targets)

"""Tensors of torch taken apart along an axis of which a letter says how long it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shapecalc.dims import Dim
from shapecalc.importers.python.layers import make, run_layer
from shapecalc.importers.python.repeats import repeated
from shapecalc.importers.python.values import Tensor, Unknown, Value
from shapecalc.layers.torch.dialect import TORCH

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shapecalc.dims import Size
    from shapecalc.importers.python.calls import Call
    from shapecalc.importers.python.machine import Machine


def taken_apart(
    m: Machine, name: str, x: Tensor, config: Mapping[str, Any], call: Call
) -> Value | None:
    """Return parts of which a letter says how many they are, all alike; None for other ones."""
    dim, title = config.get("dim", 0), f"torch.{name}"
    size = _along(x, dim)
    if name not in {"split", "unbind", "chunk"} or not isinstance(size, Dim):
        return None
    if name == "unbind":
        cls, one = "Select", {"dim": dim, "index": 0}
    elif config.get("split_size_or_sections") == 1 or config.get("chunks") == size:
        cls, one = "Narrow", {"dim": dim, "start": 0, "length": 1}
    elif name == "chunk" or isinstance(config.get("split_size_or_sections"), list | tuple):
        return None
    else:
        lost = Unknown(f"{title} of a size in letters", call.position)
        m.need(lost, call.position)
        return lost
    layer = make(m, TORCH, cls, one, call.position)
    (part,) = run_layer(m, layer, [x], call.position, library="torch", title=title)
    part.whole = x.whole
    return (repeated(m, part, size, title, call.position),)


def _along(x: Tensor, dim: Value) -> Size | None:
    """Return the size of a tensor along an axis."""
    known = isinstance(dim, int) and -len(x.shape) <= dim < len(x.shape)
    return x.shape[dim] if known else None

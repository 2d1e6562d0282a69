"""Packed sequences of torch, which recurrent layers read as the padded ones that they are of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from shapecalc.importers.python.layers import computed_layer, flat, run_layer
from shapecalc.importers.python.library.torchnumbers import furthest
from shapecalc.importers.python.values import (
    UNKNOWN,
    Builtin,
    Instance,
    LibraryClass,
    Tensor,
    Unknown,
    Value,
)
from shapecalc.layers.torch.dialect import CATALOGUE

if TYPE_CHECKING:
    from shapecalc.dims import Size
    from shapecalc.importers.python.calls import Call
    from shapecalc.importers.python.machine import Machine

#: A packed sequence: the padded tensor as ``data``, and as payload whether its batch stands first
#: and how long its longest sequence is, where that is known.
PACKED: Final = LibraryClass("torch.nn.utils.rnn.PackedSequence")


def packed(data: Tensor, like: tuple[bool, Any], call: Call) -> Instance:
    """Return a packed sequence."""
    made = Instance(PACKED, call.position)
    made.attrs["data"] = data
    made.payload = like
    return made


def unpacked(m: Machine, call: Call, *, batch_first: bool) -> tuple[Tensor, tuple[bool, Any]]:
    """Return the padded tensor as a layer reads it, and what is known about it."""
    held: Instance = call.args[0]
    x = held.attrs["data"]
    stood, longest = held.payload
    if stood is not batch_first and len(x.shape) > 1:
        layer = CATALOGUE.layer("Transpose", dim0=0, dim1=1)
        (x,) = run_layer(m, layer, [x], call.position, library="torch")
    return x, (batch_first, longest)


def _pack(_m: Machine, call: Call) -> Value:
    x, lengths = call.get(0, "input"), call.get(1, "lengths")
    first = call.get(2, "batch_first", False)
    if not isinstance(x, Tensor) or not isinstance(first, bool):
        return x if isinstance(x, Unknown) else UNKNOWN
    numbers = lengths.numbers if isinstance(lengths, Tensor) else lengths
    known = isinstance(numbers, list | tuple) and all(isinstance(n, int) for n in numbers)
    return packed(x, (first, max(numbers) if known and numbers else None), call)


def _pad(m: Machine, call: Call) -> Value:
    """``pad_packed_sequence``: as long as the longest sequence, and the lengths."""
    held, first = call.get(0, "sequence"), call.get(1, "batch_first", False)
    if not isinstance(held, Instance) or held.cls is not PACKED or not isinstance(first, bool):
        return held if isinstance(held, Unknown) else UNKNOWN
    x = held.attrs["data"]
    stood, longest = held.payload
    batch, steps = x.shape[:2] if stood else x.shape[1::-1]
    longest = call.get(3, "total_length") or longest
    length: Size = steps if longest is None else longest
    shape = (batch, length) if first else (length, batch)
    layer = computed_layer([(*shape, *x.shape[2:]), (batch,)], "torch.pad_packed_sequence")
    made, lengths = run_layer(m, layer, [x], call.position, library="torch")
    lengths.whole = True
    return made, lengths


def _pad_all(m: Machine, call: Call) -> Value:
    """``pad_sequence``: tensors of several lengths, side by side."""
    held, first = flat(call.get(0, "sequences")), call.get(1, "batch_first", False)
    sizes = [each.shape[0] for each in held if each.shape]
    if not held or len(sizes) < len(held) or not all(isinstance(size, int) for size in sizes):
        return UNKNOWN
    longest = max(sizes)  # type: ignore[type-var]
    shape = (len(held), longest) if first is True else (longest, len(held))
    title = "torch.pad_sequence"
    layer = computed_layer([(*shape, *held[0].shape[1:])], title)
    (made,) = run_layer(m, layer, held, call.position, library="torch")
    made.whole, made.reach = held[0].whole, furthest([each.reach for each in held])
    return made


PACKING: Final[dict[str, Builtin]] = {
    f"torch.nn.utils.rnn.{name}": Builtin(f"torch.nn.utils.rnn.{name}", function)
    for name, function in (
        ("pack_padded_sequence", _pack),
        ("pad_packed_sequence", _pad),
        ("pad_sequence", _pad_all),
    )
}

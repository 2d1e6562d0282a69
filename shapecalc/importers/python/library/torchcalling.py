"""What a module of torch works on of the arguments of a call, and what it is told besides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from shapecalc.importers.python.layers import flat
from shapecalc.importers.python.values import Tensor, Value
from shapecalc.network import Called, call_with

if TYPE_CHECKING:
    from shapecalc.importers.python.calls import Call
    from shapecalc.layers.layer import Layer

#: The parameters of ``forward`` of the modules that take more than tensors to work on.
_PARAMETERS: Final[dict[str, tuple[str, ...]]] = {
    "MultiheadAttention": (
        "query", "key", "value", "key_padding_mask", "need_weights", "attn_mask",
        "average_attn_weights", "is_causal",
    ),
    **{f"ConvTranspose{n}d": ("input", "output_size") for n in (1, 2, 3)},
    **{f"MaxUnpool{n}d": ("input", "indices", "output_size") for n in (1, 2, 3)},
    "EmbeddingBag": ("input", "offsets", "per_sample_weights"),
}  # fmt: skip


def named_arguments(cls: type[Layer], call: Call) -> dict[str, Value]:
    """Return the arguments of a call that have names, by these."""
    return dict(zip(_PARAMETERS.get(cls.__name__, ()), call.args, strict=False)) | call.kwargs


def takes_one(cls: type[Layer]) -> bool:
    """Return whether a layer is called with one tensor and nothing else."""
    return cls.arity[1] == 1 and not cls.merges and cls.__name__ not in _PARAMETERS


def taken(cls: type[Layer], call: Call) -> tuple[list[Tensor], list[Tensor], Called]:
    """Return what a layer works on, its masks, and what it is called with besides."""
    names = _PARAMETERS.get(cls.__name__, ())
    given = named_arguments(cls, call)
    inputs = flat(call.args[len(names) :]) if names else flat(call.args)
    masks: list[str] = []
    masked: list[Tensor] = []
    values: dict[str, Any] = {}
    # Those that have names come in the order of the parameters, however they are given.
    for key in (*[name for name in names if name in given], *[k for k in given if k not in names]):
        value = given[key]
        tensors = flat(value)
        if key in cls.masks and tensors:
            masks += [key] * len(tensors)
            masked += tensors
        elif key in cls.call_arguments:
            if value is not None:
                values[key] = tensors[0].shape if isinstance(value, Tensor) else value
        else:
            inputs += tensors
    return inputs, masked, call_with(masks, values)

"""Types of numbers."""

from __future__ import annotations

from typing import Final

from shapecalc.errors import SpecError, did_you_mean

#: How many bytes a number takes, by the name of its type.
WIDTHS: Final = {"float32": 4, "float16": 2, "bfloat16": 2, "int8": 1}
#: The types that arrays and tensors can have, and further names that torch has for them.
TYPES: Final = (
    *("float16", "bfloat16", "float32", "float64", "bool", "complex64", "complex128"),
    *("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"),
)
ALIASES: Final = {
    "torch.half": "float16",
    "torch.float": "float32",
    "torch.double": "float64",
    "torch.short": "int16",
    "torch.int": "int32",
    "torch.long": "int64",
}


def type_named(text: str) -> str:
    """Return the type of a name, such as ``int64``, ``torch.long`` or ``np.int64``.

    Raises `SpecError` where there is none.
    """
    name = ALIASES.get(text) or text.rpartition(".")[2]
    if name not in TYPES:
        hint = did_you_mean(name, TYPES) or f"the types are {', '.join(TYPES)}"
        raise SpecError(f"there is no type of numbers {text}", help=hint)
    return name

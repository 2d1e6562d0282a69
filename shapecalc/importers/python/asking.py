"""Python's functions that ask objects and classes what they are and have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from shapecalc.dims import Dim
from shapecalc.importers.python.attributes import attribute
from shapecalc.importers.python.calls import Call
from shapecalc.importers.python.library.holding import plain
from shapecalc.importers.python.setting import set_attribute
from shapecalc.importers.python.signals import Raised
from shapecalc.importers.python.values import (
    UNKNOWN,
    Bound,
    Builtin,
    Class,
    Function,
    Instance,
    LibraryClass,
    Partial,
    Ratio,
    Tensor,
    Unknown,
    Value,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from shapecalc.importers.python.machine import Machine


def _isinstance(m: Machine, call: Call) -> Value:
    value, wanted = call.args
    for each in wanted if isinstance(wanted, tuple) else (wanted,):
        found = is_instance(m, value, each)
        if found is not False:
            return UNKNOWN if found is None else True
    return False


KINDS: Final[dict[str, Any]] = {
    "int": (int, Dim),
    "float": (float, Ratio),
    "str": str,
    "list": list,
    "tuple": tuple,
    "dict": dict,
    "set": set,
    "bool": bool,
    "bytes": bytes,
}


#: Names of torch that are called too, and whether the numbers of such a tensor are whole.
_TENSORS: Final[dict[str, bool | None]] = {
    "torch.Tensor": None, "torch.nn.Parameter": None,
    "torch.FloatTensor": False, "torch.LongTensor": True, "torch.IntTensor": True,
}  # fmt: skip


def _is_tensor(value: Value, name: str) -> bool | None:
    """Say whether a value is a tensor of torch, or a parameter of a module."""
    if not isinstance(value, Tensor) or value.library != "torch":
        return False
    if name.endswith("Parameter"):
        return value.trained
    whole = _TENSORS[name]
    return True if whole is None else None if value.whole is None else value.whole is whole


def is_instance(_m: Machine, value: Value, wanted: Value) -> bool | None:
    """Say whether a value is of a class; None where that is not known."""
    if isinstance(value, Unknown) or isinstance(wanted, Unknown):
        return None
    if isinstance(wanted, Builtin):
        if wanted.name in _TENSORS:
            return _is_tensor(value, wanted.name)
        kind = KINDS.get(wanted.name)
        return None if kind is None else isinstance(plain(value), kind)
    if isinstance(value, Instance):
        return value.is_a(wanted)
    if isinstance(value, Tensor):
        name = wanted.name if isinstance(wanted, LibraryClass) else ""
        if name.endswith(("Parameter",)):
            return value.trained
        return name.rpartition(".")[2] in {"Tensor", "ndarray", "KerasTensor"}
    if isinstance(wanted, LibraryClass):
        abstract: dict[str, Any] = {
            "Iterable": (list, tuple, dict, set, str),
            "Sequence": (list, tuple, str),
            "Callable": (Function, Builtin, Bound, Partial, Class),
            "Mapping": dict,
        }
        kinds = abstract.get(wanted.name.rpartition(".")[2])
        return isinstance(value, kinds) if kinds else False
    return False


def _issubclass(_m: Machine, call: Call) -> Value:
    value, wanted = call.args
    if isinstance(value, Class | LibraryClass):
        many = wanted if isinstance(wanted, tuple) else (wanted,)
        return any(each in value.mro for each in many)
    return UNKNOWN


def _getattr(m: Machine, call: Call) -> Value:
    value, name, *default = call.args
    if not isinstance(name, str):
        return UNKNOWN
    try:
        found = attribute(m, value, name, call.position)
    except Raised:
        if default:
            return default[0]
        raise
    return default[0] if default and isinstance(found, Unknown) and not found.name else found


def _hasattr(m: Machine, call: Call) -> Value:
    try:
        found = _getattr(m, Call(m, call.args, {}, call.position))
    except Raised:
        return False
    return UNKNOWN if isinstance(found, Unknown) else True


def _setattr(m: Machine, call: Call) -> Value:
    owner, name, value = call.args
    if isinstance(name, str) and call.position is not None:
        set_attribute(m, owner, name, value, call.position)
    elif isinstance(owner, Instance):
        owner.attrs["?open"] = True


def _callable(_m: Machine, call: Call) -> Value:
    value = call.get(0, "obj")
    if isinstance(value, Unknown):
        return UNKNOWN
    return isinstance(value, Function | Builtin | Bound | Partial | Class | LibraryClass | Instance)


ASKED: Final[dict[str, Callable[[Machine, Call], Value]]] = {
    "isinstance": _isinstance,
    "issubclass": _issubclass,
    "getattr": _getattr,
    "hasattr": _hasattr,
    "setattr": _setattr,
    "callable": _callable,
}

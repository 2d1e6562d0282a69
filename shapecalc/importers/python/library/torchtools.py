"""Packages around torch: summaries call the model, Lightning's modules are torch's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from shapecalc.importers.python.library.torchmodules import MODULE, is_module
from shapecalc.importers.python.values import (
    UNKNOWN,
    Builtin,
    Instance,
    Library,
    LibraryClass,
    Unknown,
    Value,
    method_of,
)

if TYPE_CHECKING:
    from shapecalc.importers.python.calls import Call
    from shapecalc.importers.python.machine import Machine

#: With how many examples `torchsummary` calls a model.
_BATCH: Final = 2


def _is_shape(value: Value) -> bool:
    return isinstance(value, list | tuple) and not any(
        isinstance(each, list | tuple | dict | Unknown) for each in value
    )


def _tensors(m: Machine, sizes: Value, call: Call, *, batch: tuple[int, ...]) -> list[Value]:
    """Make a tensor of random numbers for each shape."""
    from shapecalc.importers.python.library.torchcreating import created

    if isinstance(sizes, int):
        sizes = (sizes,)
    if not isinstance(sizes, list | tuple):
        return [sizes if isinstance(sizes, Unknown) else UNKNOWN]
    each = [sizes] if _is_shape(sizes) else sizes
    return [
        created(m, [*batch, *shape], "torch.rand", call) if _is_shape(shape) else UNKNOWN
        for shape in each
    ]


def _summary(m: Machine, call: Call) -> Value:
    """``torchsummary.summary(model, (3, 32, 32))``: the shapes are without the batch."""
    model = call.get(0, "model")
    if is_module(model):
        inputs = _tensors(m, call.get(1, "input_size"), call, batch=(_BATCH,))
        m.call(model, inputs, {}, call.position)


def _info(m: Machine, call: Call) -> Value:
    """``torchinfo.summary``: the shapes are whole, unless ``batch_dim`` says where one goes."""
    model = call.get(0, "model")
    sizes, data = call.get(1, "input_size"), call.get(2, "input_data")
    if not is_module(model) or (sizes is None and data is None):
        return UNKNOWN
    if data is not None:
        if isinstance(data, dict):
            m.call(model, [], data, call.position)
            return UNKNOWN
        inputs = list(data) if isinstance(data, list | tuple) else [data]
    else:
        batch = () if call.get(3, "batch_dim") is None else (1,)
        inputs = _tensors(m, sizes, call, batch=batch)
    m.call(model, inputs, {}, call.position)
    return UNKNOWN


def _hyper(_m: Machine, instance: Instance) -> Value:
    """``self.hparams``: what the constructor got, where it was saved."""
    found = instance.attrs.get("?hparams")
    return Unknown(f"{instance.cls.name}.hparams") if found is None else found


def _item(_m: Machine, values: Instance, call: Call) -> Value:
    return values.attrs.get(call.args[0], UNKNOWN)


_HYPER: Final = LibraryClass("lightning.hparams", attributes={"__getitem__": method_of(_item)})


def _saver(_m: Machine, instance: Instance) -> Value:
    return Builtin("save_hyperparameters", lambda _m, call: _saved(instance, call))


def _saved(instance: Instance, call: Call) -> None:
    """Keep what a constructor got: the values that are named, or all of its arguments."""
    names = call.kwargs.pop("?names", {})
    left = call.kwargs.get("ignore") or ()
    made = Instance(_HYPER, call.position)
    chosen = [each for each in call.args if isinstance(each, str)]
    for name, value in names.items():
        plain = value is not instance and name not in left and not name.startswith(("_", "?"))
        if plain and (name in chosen or not call.args):
            made.attrs[name] = value
    for each in call.args:
        if isinstance(each, dict | Instance):
            made.attrs.update(each if isinstance(each, dict) else each.attrs)
    instance.attrs["?hparams"] = made


_NOTHING: Final = method_of(lambda _m, _instance, _call: None)
LIGHTNING: Final = LibraryClass(
    "torch.nn.Module",
    MODULE,
    construct=lambda _m, _instance, _call: None,
    attributes={
        **dict.fromkeys(("log", "log_dict", "freeze", "unfreeze", "print"), _NOTHING),
        "save_hyperparameters": _saver,
        "hparams": _hyper,
        "device": lambda _m, _instance: UNKNOWN,
    },
)

_SUMMARIES: Final = {
    "torchsummary.summary": Builtin("torchsummary.summary", _summary),
    "torchsummary.torchsummary.summary": Builtin("torchsummary.summary", _summary),
    "torchinfo.summary": Builtin("torchinfo.summary", _info),
}
_LAST: Final[dict[str, Value]] = {
    "LightningModule": LIGHTNING,
    "seed_everything": Builtin("seed_everything", lambda _m, _call: None),
}


def find(name: str) -> Value | None:
    """Return what a full name stands for; None where it is not known."""
    if name in _SUMMARIES:
        return _SUMMARIES[name]
    last = name.rpartition(".")[2]
    if last in _LAST:
        return _LAST[last]
    return Library(name) if last.islower() and last.isidentifier() else None

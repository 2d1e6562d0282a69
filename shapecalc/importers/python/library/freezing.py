"""Weights that are not trained: ``requires_grad`` of torch, ``trainable`` of Keras."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from shapecalc.importers.python.layers import flat
from shapecalc.importers.python.values import Instance, Tensor, Value

if TYPE_CHECKING:
    from shapecalc.importers.python.calls import Call
    from shapecalc.importers.python.machine import Machine

#: The attributes that say it.
SAYING: Final = frozenset({"requires_grad", "trainable"})
#: What a machine keeps once a layer of Keras was frozen after it was made.
FROZEN: Final = "keras frozen"


def set_trained(m: Machine, owner: Value, name: str, value: Value) -> None:
    """Take that an attribute was set which says whether weights are trained."""
    if not isinstance(value, bool):
        return
    if isinstance(owner, Tensor) and name == "requires_grad":
        _set(m, owner, frozen=not value)
    elif isinstance(owner, Instance) and name == "trainable":
        m.state[FROZEN] = True
        seen = {id(owner)}
        waiting = _layers_of(m, owner)
        while waiting:
            each = waiting.pop()
            if isinstance(each, Instance) and id(each) not in seen:
                seen.add(id(each))
                each.attrs[name] = value
                waiting += _layers_of(m, each)


def _set(m: Machine, weight: Tensor, *, frozen: bool) -> None:
    m.freezes += weight.frozen is not frozen
    weight.frozen = frozen


def _layers_of(m: Machine, owner: Instance) -> list[Value]:
    """Return the layers of a model of Keras, which are trained as it is."""
    from shapecalc.importers.python.library.kerasmodels import is_keras_model

    found = m.attribute(owner, "layers") if is_keras_model(owner) else None
    return found if isinstance(found, list) else []


def is_frozen(owner: object) -> bool:
    """Return whether a layer of Keras, or a model, is not trained."""
    return isinstance(owner, Instance) and owner.attrs.get("trainable") is False


def requires_grad(m: Machine, owner: Tensor, call: Call) -> Value:
    """``weight.requires_grad_(False)``."""
    _set(m, owner, frozen=call.get(0, "requires_grad", True) is False)
    return owner


def module_requires_grad(m: Machine, module: Instance, call: Call) -> Value:
    """``module.requires_grad_(False)``, which all its parameters do."""
    from shapecalc.importers.python.library.torchholding import parameters

    m.changes += 1
    for each in flat(parameters(m, module, call)):
        requires_grad(m, each, call)
    return module

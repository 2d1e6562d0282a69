"""Attributes that a program sets on its values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from shapecalc.importers.python.library.freezing import SAYING, set_trained
from shapecalc.importers.python.library.torchholding import reweighted
from shapecalc.importers.python.patches import patch
from shapecalc.importers.python.readiness import require_ready
from shapecalc.importers.python.values import (
    Bound,
    Builtin,
    Class,
    Descriptor,
    Function,
    Instance,
    Library,
    LibraryClass,
    Method,
    Module,
    Tensor,
    Value,
)

if TYPE_CHECKING:
    from shapecalc.importers.python.machine import Machine
    from shapecalc.importers.python.positions import Position


def _set_on_object(
    m: Machine, owner: Instance, name: str, value: Value, where: Position | None
) -> None:
    from shapecalc.importers.python.attributes import method

    if isinstance(owner.cls, Class):
        try:
            found = owner.cls.find(name)
        except KeyError:
            found = None
        if isinstance(found, Descriptor) and found.kind == "property":
            if found.setter is not None:
                m.call(found.setter, [owner, value], {}, where)
            return
        setter = method(m, owner, "__setattr__")
        if isinstance(setter, Bound) and isinstance(setter.function, Function | Method):
            owner.attrs[name] = value
            if isinstance(owner.payload, dict):
                # What is a dict keeps its attributes as items.
                owner.payload[name] = value
            return
    require_ready(m, owner, value, where)
    if name == "weight" and isinstance(value, Tensor) and isinstance(owner.cls, LibraryClass):
        reweighted(owner, value)
    items = owner.attrs.get("?items")
    part = isinstance(value, Instance) and value.is_part
    if isinstance(items, dict) and (name in items or part):
        # What a container of torch gets as an attribute is one of its modules.
        items[name] = value
    elif isinstance(owner.payload, dict) and owner.attrs.get("__dict__") is owner:
        owner.payload[name] = value
    else:
        owner.attrs[name] = value


def set_attribute(
    m: Machine, owner: Value, name: str, value: Value, where: Position | None
) -> None:
    """Set an attribute of a value."""
    m.changes += 1
    if name in SAYING:
        set_trained(m, owner, name, value)
    if isinstance(owner, Instance):
        _set_on_object(m, owner, name, value, where)
    elif isinstance(owner, Class | Module | Function):
        owner.attrs[name] = value
    elif isinstance(owner, Library | LibraryClass | Builtin):
        patch(m, owner, name, value)
    elif isinstance(owner, Tensor):
        if name == "shape":
            m.fail("AttributeError", "the shape of a tensor cannot be set", where)
        m.state.setdefault("attributes of tensors", set()).add(name)
    elif owner is None or isinstance(owner, int | float | str | list | tuple):
        kind = "NoneType" if owner is None else type(owner).__name__
        m.fail("AttributeError", f"'{kind}' object has no attribute '{name}'", where)


def _set(m: Machine, call: Value) -> None:
    owner, name, value = call.args
    set_attribute(m, owner, name, value, call.position)


#: ``__setattr__`` as every object has it.
SET: Final = Builtin("__setattr__", _set)

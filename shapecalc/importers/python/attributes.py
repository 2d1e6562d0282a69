"""Attributes of values."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from shapecalc.dims import Dim
from shapecalc.errors import did_you_mean
from shapecalc.importers.python.frames import AttributeDict
from shapecalc.importers.python.open import Open, OpenSize, attribute_of
from shapecalc.importers.python.patches import NOTHING, patched
from shapecalc.importers.python.setting import SET
from shapecalc.importers.python.signals import Raised
from shapecalc.importers.python.values import (
    UNKNOWN,
    Bound,
    Builtin,
    Class,
    Comparison,
    Descriptor,
    Function,
    Instance,
    Library,
    LibraryClass,
    Method,
    Module,
    Native,
    Partial,
    Ratio,
    Super,
    Tensor,
    Unknown,
    Value,
)

if TYPE_CHECKING:
    from shapecalc.importers.python.machine import Machine
    from shapecalc.importers.python.positions import Position

_MISSING: Final = object()


def attribute(m: Machine, value: Value, name: str, where: Position | None) -> Value:
    """Look up an attribute; one that is certainly not there raises as Python does."""
    if isinstance(value, Unknown):
        if value.is_result:
            return value
        return Unknown(value.name and f"{value.name}.{name}", value.position)
    getter = _GETTERS.get(type(value))
    if getter is not None:
        return getter(m, value, name, where)
    from shapecalc.importers.python.natives import native_attribute

    found = native_attribute(value, name)
    if found is None:
        kind = (
            "NoneType"
            if value is None
            else "int"
            if isinstance(value, Dim)
            else type(value).__name__
        )
        from shapecalc.importers.python.rewrites import first_of_tuple

        text = f"'{kind}' object has no attribute '{name}'"
        m.fail("AttributeError", text, where, rewrites=first_of_tuple(value))
    return found


def _of_tensor(m: Machine, value: Tensor, name: str, where: Position | None) -> Value:
    from shapecalc.importers.python.tensors import attribute_of

    return attribute_of(m, value, name, where)


def _of_library(m: Machine, value: Library, name: str, where: Position | None) -> Value:
    from shapecalc.importers.python.libraries import member

    found = patched(m, value.name, name)
    return member(m, value, name, where) if found is NOTHING else found


def _of_nothing(_m: Machine, _value: Value, _name: str, _where: Position | None) -> Value:
    return UNKNOWN


def _of_function(_m: Machine, value: Value, name: str, _where: Position | None) -> Value:
    if isinstance(value, Function):
        if name in {"__name__", "__qualname__"}:
            return value.name
        return value.module.name if name == "__module__" else value.attrs.get(name, UNKNOWN)
    if isinstance(value, Builtin):
        if name == "__name__":
            return value.name.rpartition(".")[2]
        from shapecalc.importers.python.library.holding import FROM_KEYS, base_of

        base = base_of(value)
        if base is not None and name == "fromkeys":
            return FROM_KEYS
        found = None if base is None else _of_library_class(base, name)
        return UNKNOWN if found is None else found
    if isinstance(value, Partial):
        return {"func": value.function, "args": value.args, "keywords": value.kwargs}.get(
            name, UNKNOWN
        )
    if isinstance(value, Descriptor) and name in {"setter", "getter", "deleter"}:
        return Builtin(name, lambda _m, call: _completed(value, name, call.take(1)[0]))
    return UNKNOWN


def _completed(value: Descriptor, name: str, function: Value) -> Descriptor:
    """Return a property with what ``@size.setter`` adds to it."""
    if name == "getter":
        return Descriptor(value.kind, function, value.setter)
    return Descriptor(value.kind, value.function, function if name == "setter" else value.setter)


def _of_module(m: Machine, module: Module, name: str, where: Position | None) -> Value:
    if name in module.attrs:
        return module.attrs[name]
    if name == "__name__":
        return module.name
    from shapecalc.importers.python.imports import beside

    found = beside(m, f"{module.name}.{name}", module)
    if found is not None:
        return found
    if module.attrs.get("*") is not None:
        return UNKNOWN
    text = f"module '{module.name}' has no attribute '{name}'"
    return m.fail("AttributeError", text, where)


#: What every class has beside what it says.
_OF_TYPE: Final = frozenset({*dir(type), "__annotations__"})


def _of_class(m: Machine, cls: Class | LibraryClass, name: str, where: Position | None) -> Value:
    if name in {"__name__", "__qualname__"}:
        return cls.name.rpartition(".")[2]
    if isinstance(cls, Class):
        try:
            found = cls.find(name)
        except KeyError:
            pass
        else:
            if isinstance(found, Descriptor):
                return Bound(found.function, cls) if found.kind == "classmethod" else found.function
            return found
    found = _of_library_class(cls, name)
    if found is not None:
        return found
    if isinstance(cls, Class) and name == "__module__":
        return cls.module.name
    if isinstance(cls, Class) and cls.is_own and name not in _OF_TYPE:
        hint = did_you_mean(name, [key for key in cls.attrs if not key.startswith("?")])
        text = f"type object '{cls.name}' has no attribute '{name}'"
        m.fail("AttributeError", f"{text}; {hint}" if hint else text, where)
    return UNKNOWN


def _of_library_class(cls: Class | LibraryClass, name: str) -> Value | None:
    """Return a constructor or a method as the class of a library has it, bound to nothing."""
    for library in cls.libraries if isinstance(cls, Class) else [cls]:
        for each in library.mro:
            if name == "__init__" and each.construct is not None:
                return Builtin(f"{each.name}.__init__", _constructor(each))
            if name == "__setattr__":
                return SET
            if name in each.attributes:
                return Method(name, partial(_unbound, each.attributes[name]))
    return None


def _unbound(getter: Value, m: Machine, call: Value) -> Value:
    owner, *args = call.args
    return m.call(getter(m, owner), args, call.kwargs, call.position)


def _constructor(cls: LibraryClass) -> Value:
    def construct(m: Machine, call: Value) -> Value:
        if call.args and isinstance(call.args[0], Instance):
            owner = call.args.pop(0)
            owner.is_ready = True
            if cls.construct is not None:
                cls.construct(m, owner, call)

    return construct


def method(m: Machine, instance: Instance, name: str) -> Value:
    """Return a method of an object, bound to it; None where its classes have none of the name."""
    found = _in_classes(m, instance, name)
    return None if found is _MISSING else found


def _in_classes(m: Machine, instance: Instance, name: str) -> Value:
    """Look up a name in the classes of an object, in order."""
    mro = instance.cls.mro
    for each in mro:
        if isinstance(each, Class):
            if name in each.attrs:
                return bound(m, each.attrs[name], instance)
        elif isinstance(each, LibraryClass):
            found = patched(m, each.name, name)
            if found is not NOTHING:
                return bound(m, found, instance)
            if name in each.attributes:
                return each.attributes[name](m, instance)
    return _MISSING


def bound(m: Machine, value: Value, instance: Instance) -> Value:
    """Bind a class attribute to an object, as Python does."""
    if isinstance(value, Function | Method):
        return Bound(value, instance)
    if isinstance(value, Descriptor):
        if value.kind in {"property", "cached_property"}:
            return m.call(value.function, [instance], {}, m.here)
        return (
            value.function if value.kind == "staticmethod" else Bound(value.function, instance.cls)
        )
    return value


def _items(instance: Instance) -> dict[str, Value]:
    """Return the items of a container of torch, or of a dict of which they are the attributes."""
    if instance.attrs.get("__dict__") is instance and isinstance(instance.payload, dict):
        return instance.payload
    found: dict[str, Value] = instance.attrs.get("?items", {})
    return found


def _of_object(m: Machine, instance: Instance, name: str, where: Position | None) -> Value:
    if name in instance.attrs:
        return instance.attrs[name]
    try:
        found = _in_classes(m, instance, name)
    except Raised as error:
        error.position = error.position or where
        raise
    if found is not _MISSING:
        return found
    items = _items(instance)
    if name in items:
        return items[name]
    if name in _SPECIAL:
        return _SPECIAL[name](instance)
    cls = instance.cls
    getter = method(m, instance, "__getattr__")
    if getter is not None:
        return m.call(getter, [name], {}, where)
    library = instance.library()
    held = _of_layer(m, instance, name, where)
    if held is not None:
        return held
    if isinstance(cls, LibraryClass) or cls.is_open or instance.attrs.get("?open"):
        return Unknown(f"{cls.name}.{name}", where)
    known = [key for key in (*instance.attrs, *cls.attrs) if not key.startswith(("?", "_"))]
    if library is not None and library.name != "torch.nn.Module":
        return UNKNOWN
    hint = did_you_mean(name, known)
    text = f"'{cls.name}' object has no attribute '{name}'"
    return m.fail("AttributeError", f"{text}; {hint}" if hint else text, where)


def _of_layer(m: Machine, instance: Instance, name: str, where: Position | None) -> Value | None:
    """Look up what a layer of torch runs, a weight or a buffer; raises for what none has."""
    cls, library = instance.cls, instance.library()
    if name == "forward" and library is not None and library.name.startswith("torch."):
        return Builtin(name, partial(_library_call, instance))
    if not isinstance(cls, LibraryClass) or not cls.layer or not cls.name.startswith("torch."):
        return None
    from shapecalc.importers.python.library.torchholding import kept
    from shapecalc.importers.python.library.torchlacking import of_layer

    held = kept(instance, name)
    if held is None:
        of_layer(m, cls, name, where)
    return held


def _getter(instance: Instance) -> Value:
    return Builtin(
        "__getattr__", lambda m, call: _of_object(m, instance, call.args[0], call.position)
    )


#: What every object has.
_SPECIAL: Final[dict[str, Any]] = {
    "__class__": lambda instance: instance.cls,
    "__dict__": AttributeDict,
    "__module__": lambda instance: getattr(instance.cls, "module", instance.cls).name,
    "__doc__": lambda _instance: UNKNOWN,
    "__setattr__": lambda instance: Bound(SET, instance),
    "__getattr__": _getter,
    "__getattribute__": _getter,
}


def _of_super(m: Machine, value: Super, name: str, _where: Position | None) -> Value:
    """Look up a name behind a class in the order of the classes of an object."""
    cls, owner = value.cls, value.owner
    mro: list[Value] = list(cls.mro)
    if isinstance(owner, Instance):
        mro = list(owner.cls.mro)
    elif isinstance(owner, Class):
        mro = owner.mro
    behind = mro[mro.index(cls) + 1 :] if cls in mro else []
    for each in behind:
        if isinstance(each, Unknown):
            return UNKNOWN
        found = _behind(m, each, owner, name)
        if found is not _MISSING:
            return found
    if name == "__init__":
        return Builtin(name, lambda _m, _call: None)
    return UNKNOWN


def _behind(m: Machine, cls: Value, owner: Value, name: str) -> Value:
    """Look up a name in one of the classes behind, as an object has it."""
    if isinstance(cls, Class) and name in cls.attrs:
        value = cls.attrs[name]
        if isinstance(owner, Instance):
            return bound(m, value, owner)
        return Bound(value.function, owner) if isinstance(value, Descriptor) else value
    if not isinstance(cls, LibraryClass):
        return _MISSING
    if name == "__init__" and any(base.construct for base in cls.mro):
        found = next(base for base in cls.mro if base.construct)
        return Bound(Builtin(name, _constructor(found)), owner)
    if not isinstance(owner, Instance):
        return _MISSING
    if name in cls.attributes:
        return cls.attributes[name](m, owner)
    if name in {"forward", "call"}:
        return Builtin(name, partial(_library_call, owner))
    return _MISSING


def _library_call(owner: Instance, m: Machine, call: Value) -> Value:
    """Call an object as its class of a library does, past what the program says."""
    library = owner.library()
    for each in () if library is None else library.mro:
        if each.plain is not None:
            return each.plain(m, owner, call)
    return UNKNOWN


_GETTERS: Final[dict[type, Any]] = {
    Instance: _of_object,
    Tensor: _of_tensor,
    Library: _of_library,
    Module: _of_module,
    Class: _of_class,
    LibraryClass: _of_class,
    **dict.fromkeys((Function, Builtin, Native, Method, Partial, Bound, Descriptor), _of_function),
    **dict.fromkeys((Comparison, Ratio), _of_nothing),
    Super: _of_super,
    Open: attribute_of,
    OpenSize: attribute_of,
}

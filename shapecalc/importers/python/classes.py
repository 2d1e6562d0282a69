"""Classes and objects: making them, looking into them, their special methods."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any, Final

from shapecalc.importers.python.attributes import method
from shapecalc.importers.python.calls import Call
from shapecalc.importers.python.frames import Frame
from shapecalc.importers.python.library.holding import base_of
from shapecalc.importers.python.missing import take_said
from shapecalc.importers.python.positions import Position
from shapecalc.importers.python.sequences import iterate
from shapecalc.importers.python.values import (
    UNKNOWN,
    Bound,
    Builtin,
    Class,
    Descriptor,
    Function,
    Instance,
    LibraryClass,
    Method,
    Super,
    Unknown,
    Value,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapecalc.importers.python.machine import Machine


def class_of(m: Machine, node: ast.ClassDef, frame: Frame) -> Value:
    """Make a class of its statement."""
    bases: list[Value] = []
    for each in node.bases:
        if not isinstance(each, ast.Starred):
            base = m.evaluate(each, frame)
            base = base_of(base) or base
            # A generic base, ``Generic[T]``, says nothing of shapes.
            bases.append(base if isinstance(base, Class | LibraryClass) else Unknown("base"))
    where = Position(frame.module, node)
    body = Frame(frame.module, frame, {})
    made = Class(node.name, bases, body.names, where)
    m.execute(node.body, body)
    annotations = body.names.pop("__annotations__", {})
    for value in body.names.values():
        ours = (value.function, value.setter) if isinstance(value, Descriptor) else (value,)
        for inner in ours:
            if isinstance(inner, Function):
                inner.attrs.setdefault("?class", made)
                # Names of a class body are not those of its functions.
                inner.outer = frame if inner.outer is body else inner.outer
    if annotations:
        made.attrs["?annotations"] = annotations
    for library in made.libraries:
        if library.derived is not None:
            library.derived(made, annotations)
    named = {each.arg: m.evaluate(each.value, frame) for each in node.keywords if each.arg}
    _tell_bases(m, made, named, where)
    return made


def _tell_bases(m: Machine, cls: Class, named: dict[str, Value], where: Position) -> None:
    """Call what a base does with each class that is made of it."""
    for base in cls.mro[1:]:
        told = base.attrs.get("__init_subclass__") if isinstance(base, Class) else None
        if told is not None:
            named.pop("metaclass", None)
            m.call(Bound(getattr(told, "function", told), cls), [], named, where)
            return


def decorated(m: Machine, decorator: Value, value: Value, where: Position) -> Value:
    """Apply a decorator; one that is not known leaves a function or a class as it is."""
    if isinstance(decorator, Unknown):
        if isinstance(value, Function):
            # It may be called with more, or with less, than it takes.
            value.attrs["?decorated"] = True
        if isinstance(value, Class):
            # It may give it fields, and methods.
            value.mro.append(decorator)
        return value
    if isinstance(decorator, LibraryClass | Builtin) and isinstance(value, Function | Class):
        kind = decorator.name.rpartition(".")[2]
        if kind in {"property", "staticmethod", "classmethod", "cached_property"}:
            return Descriptor(kind, value)
    if isinstance(decorator, Function | Bound | Builtin):
        return m.call(decorator, [value], {}, where)
    return value


#: How many steps it takes to make an object of a class of the program.
_MADE: Final = 8


def made(m: Machine, cls: Class | LibraryClass, call: Call) -> Value:
    """Make an object of a class."""
    m.objects += 1
    where = call.position
    if where is not None and m.helper is not None:
        where = where._replace(helper=m.helper)
    instance = Instance(cls, where)
    if isinstance(cls, LibraryClass):
        return _constructed(m, cls, instance, call)
    m.charge(_MADE, call.position)
    if any(isinstance(base, LibraryClass) and base.name == "Exception" for base in cls.mro):
        instance.attrs["args"] = tuple(call.args)
    init = method(m, instance, "__init__")
    if isinstance(init, Bound) and isinstance(init.function, Function | Method):
        is_layer = any(each.name in _LAYERS for each in cls.libraries)
        if is_layer:
            take_said(cls, init, call)
        m.making += is_layer
        try:
            m.call(init, call.args, call.kwargs, call.position)
        finally:
            m.making -= is_layer
        return instance
    library = next(cls.libraries, None)
    if library is not None:
        found = _constructed(m, library, instance, call)
        return found if library.construct is not None else instance
    if (call.args or call.kwargs) and not cls.is_open:
        call.fail(f"{cls.name}() takes no arguments")
    return instance


#: The classes of which models and layers are made.
_LAYERS: Final = frozenset({"torch.nn.Module", "keras.layers.Layer", "keras.Model"})


def _constructed(m: Machine, cls: LibraryClass, instance: Instance, call: Call) -> Value:
    """Let the class of a library make an object; one that it does not know is unknown."""
    m.pass_on(call, call.position)
    instance.is_ready = True
    for each in cls.mro:
        if each.construct is not None:
            found = each.construct(m, instance, call)
            return instance if found is None else found
    return instance


def called_object(m: Machine, instance: Instance, call: Call) -> Value:
    """Call an object."""
    library = instance.library()
    if library is not None:
        m.pass_on(call, call.position)
        for each in library.mro:
            if each.apply is not None:
                return each.apply(m, instance, call)
    found = method(m, instance, "__call__")
    if found is not None:
        return m.call(found, call.args, call.kwargs, call.position)
    if isinstance(instance.cls, Class) and not instance.cls.is_open and library is None:
        return m.fail("TypeError", f"'{instance.cls.name}' object is not callable", call.position)
    return UNKNOWN


def super_of(frame: Frame, args: Sequence[Value]) -> Value:
    """Return what ``super()`` gives in a method; or ``super(Class, self)``."""
    if len(args) == 2:  # noqa: PLR2004  (the class and the object)
        cls, owner = args
        return Super(cls, owner) if isinstance(cls, Class) else UNKNOWN
    inner: Frame | None = frame
    while inner is not None and inner.cls is None:
        inner = inner.outer
    if inner is None or inner.cls is None:
        return UNKNOWN
    return Super(inner.cls, inner.owner)


def entered(m: Machine, value: Value) -> Value:
    """Return what ``with … as`` gives."""
    if isinstance(value, Instance):
        found = method(m, value, "__enter__")
        if found is not None:
            return m.call(found, [], {}, m.here)
        return value
    return UNKNOWN


def items_of(m: Machine, instance: Instance, where: Position | None) -> list[Value] | None:
    """Return the items over which an object is iterated; None where they are not known."""
    found = method(m, instance, "__iter__")
    ours = isinstance(found, Bound) and isinstance(found.function, Function)
    if ours or isinstance(found, Builtin):
        given = m.call(found, [], {}, where)
        values = None if given is instance else iterate(m, given, where)
        return None if values is None else list(values)
    held = instance.attrs.get("?items")
    if isinstance(held, dict):
        keyed = instance.attrs.get("?keyed", False)
        return list(held) if keyed else list(held.values())
    fields = instance.attrs.get("?fields")
    if fields is not None:
        return [instance.attrs[name] for name in fields]
    return None


def item_of(m: Machine, instance: Instance, index: Value, where: Position) -> Value:
    """Return an item of an object."""
    found = method(m, instance, "__getitem__")
    if found is not None:
        return m.call(found, [index], {}, where)
    fields = instance.attrs.get("?fields")
    if fields is not None and isinstance(index, int):
        return instance.attrs[fields[index]]
    if isinstance(instance.cls, LibraryClass) and instance.cls.layer:
        name = instance.cls.name.rpartition(".")[2]
        m.fail("TypeError", f"'{name}' object is not subscriptable", where)
    return UNKNOWN


def set_item_of(
    m: Machine, instance: Instance, index: Value, value: Value, where: Position
) -> None:
    """Set an item of an object."""
    found = method(m, instance, "__setitem__")
    if found is not None:
        m.call(found, [index, value], {}, where)


def delete_item_of(instance: Instance, index: Any) -> None:  # noqa: ANN401
    """Delete an item of a container."""
    held = instance.attrs.get("?items")
    if isinstance(held, dict):
        names = list(held)
        if isinstance(index, int) and -len(names) <= index < len(names):
            del held[names[index]]
        elif isinstance(index, slice):
            for name in names[index]:
                del held[name]

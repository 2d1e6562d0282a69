"""What a value is: a model, a module of torch, a layer by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from shapecalc.importers.python.attributes import method
from shapecalc.importers.python.models import forward_of, framework_of
from shapecalc.importers.python.values import Bound, Class, Function, Instance, LibraryClass, Value
from shapecalc.layers.layer import Layer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shapecalc.importers.python.machine import Machine

#: The class that layers of Keras have as a base.
_LAYER: Final = "keras.layers.Layer"


def is_model(value: Value) -> bool:
    """Return whether a value is a model."""
    return isinstance(value, Instance) and framework_of(value.cls) != ""


def is_module(value: Value) -> bool:
    """Return whether a value is a module of torch."""
    return isinstance(value, Instance) and framework_of(value.cls) == "torch"


def is_layer(value: Value) -> bool:
    """Return whether a value is a layer of a library, which stands in no model."""
    return isinstance(value, Instance) and isinstance(value.payload, Layer)


def extends_layer(cls: Class | LibraryClass) -> bool:
    """Return whether a class is a layer of Keras, and no model."""
    bases = (each.name for each in cls.mro if isinstance(each, LibraryClass))
    return not framework_of(cls) and _LAYER in bases


def is_written_layer(m: Machine, value: Value) -> bool:
    """Return whether a value is a layer of Keras that the program writes, with a ``call``."""
    if not isinstance(value, Instance) or not extends_layer(value.cls):
        return False
    own = method(m, value, "call")
    return isinstance(own, Bound) and isinstance(own.function, Function)


def parts(value: Instance) -> Iterator[Value]:
    """Yield what a module of torch, or a layer of the program, holds; nothing for a model."""
    if is_module(value):
        from shapecalc.importers.python.library.torchholding import walk

        yield from (each for path, each in walk(value) if path)
    elif extends_layer(value.cls):
        yield from _held(value)


def _held(layer: Instance) -> Iterator[Instance]:
    """Yield the layers that the attributes of a layer hold, at any depth."""
    seen = {id(layer)}
    waiting: list[Value] = [layer.attrs]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            waiting += [each for key, each in value.items() if not str(key).startswith("?")]
        elif isinstance(value, list | tuple):
            waiting += value
        elif isinstance(value, Instance) and id(value) not in seen:
            seen.add(id(value))
            waiting.append(value.attrs)
            yield value


def is_called(m: Machine, value: Instance) -> bool:
    """Return whether a value is a model that can be called: a module without forward cannot."""
    if not is_module(value):
        return is_model(value)
    return (
        forward_of(m, value) is not None
        or value.payload is not None
        or any(getattr(each, "name", "") == "torch.nn.Sequential" for each in value.cls.mro)
    )

"""The models of a file that nothing calls: those that stand at its top, and those it can make."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from shapecalc.importers.python.hints import call_to_write
from shapecalc.importers.python.kinds import (
    extends_layer,
    is_called,
    is_layer,
    is_module,
    is_written_layer,
    parts,
)
from shapecalc.importers.python.models import framework_of
from shapecalc.importers.python.positions import Position
from shapecalc.importers.python.signals import Raised
from shapecalc.importers.python.values import Class, Function, Instance

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shapecalc.importers.python.frames import Frame
    from shapecalc.importers.python.machine import Machine


def from_functions(m: Machine, frame: Frame) -> list[Instance]:
    """Call the functions of the file that need no arguments; return the models that they give."""
    found: list[Instance] = []
    for function in list(frame.names.values()):
        if not isinstance(function, Function) or _written(function).module is not frame.module:
            continue
        args = function.args
        required = len(args.posonlyargs) + len(args.args) - len(function.defaults)
        only = [each.arg for each in args.kwonlyargs if each.arg not in function.kw_defaults]
        if required > 0 or only:
            continue
        m.begun = Position(frame.module, begin(function))
        try:
            value = m.call(function, [], {}, m.begun)
        except Raised as error:
            m.tape = None
            if error.error is None:
                # The program may call it otherwise, or never.
                continue
            raise
        if isinstance(value, Instance) and is_called(m, value):
            found.append(value)
    return found


def _written(function: Function) -> Function:
    """Return the function for which one stands that a decorator returned."""
    found = function.attrs.get("__wrapped__")
    return found if isinstance(found, Function) else function


def begin(function: Function) -> ast.AST:
    """Return what a function does first."""
    return function.body if isinstance(function.body, ast.expr) else function.body[0]


def objects(m: Machine, frame: Frame) -> Iterator[Instance]:
    """Yield the models at the top of the file that no other one contains."""
    found = [v for v in frame.names.values() if isinstance(v, Instance) and is_called(m, v)]
    inside = {id(each) for value in found for each in parts(value)}
    seen: set[int] = set()
    for value in found:
        leaf = value.payload is not None and not isinstance(value.cls, Class)
        if id(value) not in inside and id(value) not in seen and not (leaf and is_module(value)):
            seen.add(id(value))
            yield value


def from_classes(m: Machine, frame: Frame, *, layers: bool = False) -> list[Instance]:
    """Models of the classes that can be made without arguments, and that no other one contains.

    With ``layers`` those of the classes that are layers of Keras.
    """
    classes = [v for v in frame.names.values() if isinstance(v, Class) and v.module is frame.module]
    made: list[tuple[Class, Instance]] = []
    for cls in classes:
        if not (extends_layer(cls) if layers else framework_of(cls)):
            continue
        m.begun = cls.position
        try:
            value = m.call(cls, [], {}, cls.position)
        except Raised as error:
            if error.error is None or error.rule == "argument":
                continue
            raise
        if isinstance(value, Instance) and (is_called(m, value) or is_written_layer(m, value)):
            made.append((cls, value))
    used = {
        id(each.cls) for _, value in made for each in parts(value) if isinstance(each, Instance)
    }
    bases = {id(base) for cls, _ in made for base in cls.bases}
    return [v for cls, v in made if id(cls) not in used and id(cls) not in bases]


def layer_alone(m: Machine, frame: Frame) -> list[Instance]:
    """Return the layer that a file makes, where it has nothing else to be shown."""
    values = frame.names.values()
    layers = {id(v): v for v in values if is_layer(v) or is_written_layer(m, v)}
    return list(layers.values()) if len(layers) == 1 and call_to_write(frame) is None else []

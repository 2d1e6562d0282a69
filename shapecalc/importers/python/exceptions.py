"""Exceptions of the program: what raises them, and which handler takes them."""

from __future__ import annotations

import ast
import builtins
from typing import TYPE_CHECKING, Any

from shapecalc.importers.python.nesting import is_huge
from shapecalc.importers.python.positions import Position
from shapecalc.importers.python.signals import Raised
from shapecalc.importers.python.values import (
    Builtin,
    Class,
    Instance,
    LibraryClass,
    Unknown,
    Value,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapecalc.importers.python.frames import Frame
    from shapecalc.importers.python.machine import Machine


def exception_class(name: str) -> LibraryClass:
    """Return one of Python's own exceptions as a class."""
    return _CLASSES.setdefault(name, LibraryClass(name, construct=_construct))


def _construct(_m: Machine, instance: Instance, call: Any) -> None:  # noqa: ANN401
    instance.attrs["args"] = tuple(call.args)


_CLASSES: dict[str, LibraryClass] = {}


def raised_by(m: Machine, node: ast.Raise, frame: Frame) -> Raised:
    """Return what a statement raises."""
    where = Position(frame.module, node)
    if node.exc is None:
        again = None
        inner: Frame | None = frame
        while inner is not None and again is None:
            again = inner.names.get("?raised")
            inner = inner.outer
        return again if isinstance(again, Raised) else Raised("RuntimeError", "raise", where)
    value = m.evaluate(node.exc, frame)
    if isinstance(value, Class | LibraryClass):
        value = m.call(value, [], {}, where)
    if isinstance(value, Instance):
        args = value.attrs.get("args", ())
        message = ", ".join("..." if is_huge(each) else str(each) for each in args)
        kind = value.cls.name if isinstance(value.cls, LibraryClass) else value.cls
        found = Raised(kind, message, m.visible(where))
        found.value = value
        # What a model itself raises while it is made or called says something of it.
        found.inside = m.tape is not None or m.making > 0
        return found
    return Raised("Exception", ast.unparse(node.exc), where)


def handler_of(
    m: Machine, handlers: Sequence[ast.ExceptHandler], error: Raised, frame: Frame
) -> ast.ExceptHandler | None:
    """Return the first handler that takes an exception."""
    for handler in handlers:
        if handler.type is None:
            return handler
        wanted = m.evaluate(handler.type, frame)
        for each in wanted if isinstance(wanted, tuple) else (wanted,):
            if _takes(each, error.kind):
                return handler
    return None


def _takes(wanted: Value, kind: Value) -> bool:
    if isinstance(wanted, Unknown | Builtin):
        return True
    if isinstance(kind, Class):
        if wanted in kind.mro:
            return True
        kinds = [each.name for each in kind.libraries]
    else:
        kinds = [str(kind)]
    name = wanted.name if isinstance(wanted, LibraryClass) else ""
    ours = getattr(builtins, name, None)
    for each in kinds:
        theirs = getattr(builtins, each, Exception)
        if isinstance(ours, type) and isinstance(theirs, type) and issubclass(theirs, ours):
            return True
    return False

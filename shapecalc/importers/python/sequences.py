"""What has items: lists, texts, dicts, shapes, tensors, containers of modules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shapecalc.dims import Dim
from shapecalc.importers.python.nesting import is_huge
from shapecalc.importers.python.open import Open, OpenList, OpenSize, of_rank, part_of_open
from shapecalc.importers.python.repeats import (
    Repeat,
    Step,
    element,
    fill,
    has_step,
    is_at,
    repeated,
    repeats_in,
)
from shapecalc.importers.python.values import (
    UNKNOWN,
    Bound,
    Builtin,
    Class,
    Comparison,
    Function,
    Instance,
    Ratio,
    Tensor,
    Unknown,
    Value,
)

if TYPE_CHECKING:
    from shapecalc.importers.python.machine import Machine
    from shapecalc.importers.python.positions import Position

_OURS = (list, tuple, str, range, bytes)


def iterate(
    m: Machine, value: Value, where: Position | None, *, unpacked: int | None = None
) -> list[Value] | range | None:
    """Return the items of a value, in order; None where they are not known.

    ``unpacked`` is the number of names that they are given to at once.
    """
    if isinstance(value, (list, tuple, str, dict, set, frozenset, bytes)):
        m.go_over(len(value), where)
        return list(value)
    if isinstance(value, range):
        m.limit((value.stop - value.start) // value.step, where)
        return value
    if isinstance(value, Unknown | Comparison):
        return None
    if isinstance(value, Tensor):
        from shapecalc.importers.python.tensors import parts

        return parts(m, value, where, unpacked)
    if isinstance(value, Class) and "__members__" in value.attrs:
        return list(value.attrs["__members__"].values())
    if isinstance(value, Open | OpenSize):
        is_list = isinstance(value, Open) and value.may_be_list
        of_rank(value, unpacked if is_list or isinstance(value, OpenSize) else None)
    if isinstance(value, Instance):
        from shapecalc.importers.python.classes import items_of

        return items_of(m, value, where)
    kinds = (int, float, Dim, Ratio, type(None), Function, Builtin, Bound)
    if isinstance(value, kinds):
        named = {Dim: "int", Builtin: "method", Bound: "method", Function: "function"}
        name = named.get(type(value), type(value).__name__.lower())
        m.fail("TypeError", f"'{name}' object is not iterable", where, rule="unpack")
    return None


def item(m: Machine, value: Value, index: Value, where: Position) -> Value:
    """Return an item of a value."""
    if isinstance(value, Unknown):
        return value.lost()
    if isinstance(value, Tensor):
        from shapecalc.importers.python.tensors import indexed

        index = is_at(m, value, index, where) if has_step(index) else index
        return indexed(m, value, index, where)
    if isinstance(value, Instance):
        from shapecalc.importers.python.classes import item_of

        return item_of(m, value, index, where)
    if isinstance(value, Class) and isinstance(index, str):
        return value.attrs.get("__members__", {}).get(index, UNKNOWN)
    if isinstance(value, Open | OpenSize):
        part_of_open(value, index)
    if isinstance(value, dict):
        return _entry(m, value, index, where)
    if isinstance(value, _OURS):
        return _element(m, value, index, where)
    if value is None or isinstance(value, int | float | Dim):
        name = "int" if isinstance(value, Dim) else type(value).__name__
        m.fail("TypeError", f"'{name}' object is not subscriptable", where)
    return UNKNOWN


def _entry(m: Machine, value: dict[Any, Value], index: Value, where: Position) -> Value:
    if isinstance(index, Unknown | Comparison) and not isinstance(index, Step):
        return UNKNOWN
    m.go_through(index, where)
    try:
        found = value[index]
        return found.element if isinstance(found, Repeat) else found
    except KeyError:
        default = getattr(value, "default_factory", None)
        if default is not None:
            value[index] = m.call(default, [], {}, where)
            return value[index]
        if getattr(value, "is_open", False):
            return UNKNOWN
        return m.fail("KeyError", "..." if is_huge(index) else repr(index), where)
    except TypeError:
        return m.fail("TypeError", "unhashable type", where)


def _element(m: Machine, value: Any, index: Value, where: Position) -> Value:  # noqa: ANN401
    if isinstance(index, Step) or (m.repeats and repeats_in(value)):
        return element(m, value, index) if isinstance(value, list | tuple) else UNKNOWN
    if isinstance(index, slice):
        bounds = (index.start, index.stop, index.step)
        if not value or not all(part is None or isinstance(part, int) for part in bounds):
            # Of nothing every part is nothing.
            return UNKNOWN if value else value
        try:
            found = value[index]
        except ValueError as error:
            return m.fail("ValueError", str(error), where)
        m.go_over(len(found), where)
        return found
    if isinstance(index, bool | int):
        try:
            return value[index]
        except IndexError:
            if isinstance(value, OpenList):
                value.needs(index)
            return m.fail("IndexError", f"{type(value).__name__} index out of range", where)
    if isinstance(index, str | float | tuple | list) or index is None:
        from shapecalc.importers.python.rewrites import first_of_tuple

        text = f"{type(value).__name__} indices must be integers, not {type(index).__name__}"
        m.fail("TypeError", text, where, rewrites=first_of_tuple(value))
    return UNKNOWN


def set_item(m: Machine, owner: Value, index: Value, value: Value, where: Position) -> None:
    """Set an item of a value."""
    if isinstance(owner, dict):
        m.go_through(index, where)
        try:
            owner[index] = repeated(m, value, index.count) if isinstance(index, Step) else value
        except TypeError:
            m.fail("TypeError", "unhashable type", where)
    elif isinstance(owner, list):
        _set_element(m, owner, index, value, where)
    elif isinstance(owner, Instance):
        from shapecalc.importers.python.classes import set_item_of

        set_item_of(m, owner, index, value, where)
    elif isinstance(owner, Tensor):
        from shapecalc.importers.python.tensors import placed

        placed(m, owner, index, value, where)
    elif isinstance(owner, tuple | str):
        name = type(owner).__name__
        m.fail("TypeError", f"'{name}' object does not support item assignment", where)


def _set_element(
    m: Machine, owner: list[Value], index: Value, value: Value, where: Position
) -> None:
    if isinstance(index, Step) or (m.repeats and repeats_in(owner)):
        fill(m, owner, index, value)
    elif isinstance(index, int):
        try:
            owner[index] = value
        except IndexError:
            m.fail("IndexError", "list assignment index out of range", where)
    elif isinstance(index, slice):
        values = iterate(m, value, where)
        if values is not None:
            owner[index] = list(values)


def delete_item(m: Machine, owner: Value, index: Value, where: Position) -> None:
    """Delete an item of a list or a dict."""
    if isinstance(owner, list) and isinstance(index, int | slice):
        try:
            del owner[index]
        except IndexError:
            m.fail("IndexError", "list assignment index out of range", where)
    elif isinstance(owner, dict):
        m.go_through(index, where)
        owner.pop(index, None)
    elif isinstance(owner, Instance):
        from shapecalc.importers.python.classes import delete_item_of

        delete_item_of(owner, index)


def contains(m: Machine, value: Value, item: Value) -> bool | None:
    """Say whether a value has an item; None where that is not known."""
    if isinstance(value, Unknown | Tensor) or isinstance(item, Unknown | Comparison):
        return None
    if isinstance(value, Instance):
        keys = value.attrs.get("?items", value.payload)
        return item in keys if isinstance(keys, dict) else None
    if m.repeats and repeats_in(value):
        return None
    m.go_through(item, m.here, len(value) if isinstance(value, (list, tuple)) else 1)
    if isinstance(value, (list, tuple)):
        m.go_over(len(value), m.here, slowly=True)
    elif isinstance(value, str | bytes):
        m.go_over(len(value), m.here)
    try:
        return item in value
    except TypeError:
        return None

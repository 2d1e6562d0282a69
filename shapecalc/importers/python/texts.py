"""Texts made of values: f-strings, ``format`` and ``%``; None where a value is not known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from shapecalc.dims import Dim
from shapecalc.importers.python.signals import MAX_LENGTH
from shapecalc.importers.python.values import UNKNOWN, Instance, Tensor, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from shapecalc.importers.python.calls import Call
    from shapecalc.importers.python.machine import Machine

_PLAIN: Final = (int, float, str, bytes, Dim, range, complex)
#: How much longer it takes to write a value than to go through it.
_TEXT: Final = 2
#: The longest text that a format may ask for.
_MAX_WIDTH = 1000


def plain(value: Value) -> bool:
    """Return whether Python itself can say a value, since it is wholly its own, and not huge."""
    waiting, parts = [value], 0
    while waiting:
        each = waiting.pop()
        if isinstance(each, (list, tuple, set, frozenset, dict)):
            # A list may stand in itself, or in many places of another one.
            parts += len(each)
            if parts > MAX_LENGTH:
                return False
            waiting += each
            waiting += each.values() if isinstance(each, dict) else ()
        elif each is not None and not isinstance(each, _PLAIN):
            return False
    return True


def known_text(m: Machine, value: Value) -> bool:
    """Return whether Python itself can say a value, which takes it as long as it has parts."""
    if not plain(value):
        return False
    m.go_through(value, m.here, _TEXT)
    return True


def text_of(m: Machine, value: Value) -> str | None:
    """Return what ``str`` gives."""
    if isinstance(value, Instance):
        from shapecalc.importers.python.attributes import method

        for name in ("__str__", "__repr__"):
            found = method(m, value, name)
            if found is not None:
                made = m.call(found, [], {}, m.here)
                return made if isinstance(made, str) else None
        return None
    if isinstance(value, Tensor):
        return None
    if not known_text(m, value):
        return None
    return str(tuple(value)) if isinstance(value, tuple) else str(value)


def formatted(m: Machine, value: Value, conversion: int, spec: Value) -> str | None:
    """Return what stands in an f-string for a value."""
    if not isinstance(spec, str) or _is_wide(spec):
        return None
    if conversion == ord("r") and known_text(m, value):
        value = repr(value)
    elif not spec or isinstance(value, Instance | list | tuple | dict):
        return text_of(m, value)
    if isinstance(value, Dim):
        value = str(value)
    if not plain(value):
        return None
    try:
        return format(value, spec)
    except (ValueError, TypeError):
        return None


def _is_wide(spec: str) -> bool:
    digits = "".join(mark if mark.isdigit() else " " for mark in spec).split()
    return any(int(number[:9]) > _MAX_WIDTH for number in digits)


def percent(m: Machine, text: str, values: Value) -> Value:
    """Return what ``text % values`` gives."""
    given = values if isinstance(values, tuple | dict) else (values,)
    m.go_over(len(text), m.here, slowly=True)
    if not known_text(m, given) or _is_wide(text):
        return UNKNOWN
    known = tuple(map(str_of_size, given)) if isinstance(given, tuple) else given
    try:
        made = text % known
    except (TypeError, ValueError, KeyError) as error:
        return m.fail(type(error).__name__, str(error), m.here)
    m.copy(len(made), m.here)
    return made


def str_of_size(value: Value) -> Value:
    """Return a size in letters as its text."""
    return str(value) if isinstance(value, Dim) else value


def braces(m: Machine, text: str, args: Sequence[Value], kwargs: Mapping[str, Value]) -> Value:
    """Return what ``text.format`` gives; fields that look into values are not followed."""
    import string

    m.go_over(len(text), m.here, slowly=True)
    if not known_text(m, [*args, *kwargs.values()]) or _is_wide(text):
        return UNKNOWN
    try:
        fields = [name for _, name, *_ in string.Formatter().parse(text) if name is not None]
        if any(
            not name.isalnum() and name.replace("_", "") != "" and not name.isidentifier()
            for name in fields
            if name
        ):
            return UNKNOWN
        made = text.format(
            *map(str_of_size, args), **{k: str_of_size(v) for k, v in kwargs.items()}
        )
    except (ValueError, IndexError, KeyError, TypeError, AttributeError) as error:
        return m.fail(type(error).__name__, str(error), m.here)
    m.copy(len(made), m.here)
    return made


#: How large a number may be, in digits of base 2, that is written as text.
_MAX_BITS: Final = 4096


def of_int(name: str) -> Callable[[Machine, Call], Value]:
    """Return a function that writes a whole number."""
    written = {"chr": chr, "hex": hex, "oct": oct, "bin": bin}[name]

    def run(m: Machine, call: Call) -> Value:
        value = call.get(0, "i")
        if not isinstance(value, int) or value.bit_length() > _MAX_BITS:
            return UNKNOWN
        try:
            return written(value)
        except (ValueError, OverflowError) as error:
            return m.fail(type(error).__name__, str(error), call.position)

    return run


def place_of(_m: Machine, call: Call) -> Value:
    """``ord``: the number of a character."""
    value = call.get(0, "c")
    return ord(value) if isinstance(value, str) and len(value) == 1 else UNKNOWN

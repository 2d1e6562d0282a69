"""Operators on values: numbers and texts as Python has them, sizes in letters, tensors."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any, Final

from shapecalc.dims import (
    Dim,
    TooLargeError,
    any_of,
    at_least,
    check_digits,
    equal,
)
from shapecalc.importers.python.open import Open, combined
from shapecalc.importers.python.repeats import Step, moved, repeated
from shapecalc.importers.python.values import (
    UNKNOWN,
    Class,
    Comparison,
    Function,
    Instance,
    LibraryClass,
    Module,
    Number,
    Ratio,
    Tensor,
    Unknown,
    Value,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from shapecalc.importers.python.machine import Machine
    from shapecalc.importers.python.positions import Position

_PLAIN: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "Add": operator.add,
    "Sub": operator.sub,
    "Mult": operator.mul,
    "Div": operator.truediv,
    "FloorDiv": operator.floordiv,
    "Mod": operator.mod,
    "Pow": operator.pow,
    "BitOr": operator.or_,
    "BitAnd": operator.and_,
    "BitXor": operator.xor,
    "LShift": operator.lshift,
    "RShift": operator.rshift,
}
_COMPARES: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "Eq": operator.eq,
    "NotEq": operator.ne,
    "Lt": operator.lt,
    "LtE": operator.le,
    "Gt": operator.gt,
    "GtE": operator.ge,
}
#: The methods by which objects of the program take operators.
_METHODS: Final = {
    "Add": "add",
    "Sub": "sub",
    "Mult": "mul",
    "Div": "truediv",
    "FloorDiv": "floordiv",
    "Mod": "mod",
    "Pow": "pow",
    "MatMult": "matmul",
    "BitOr": "or",
    "BitAnd": "and",
    "BitXor": "xor",
    "Eq": "eq",
    "NotEq": "ne",
    "Lt": "lt",
    "LtE": "le",
    "Gt": "gt",
    "GtE": "ge",
}
_SIGNS: Final = {"Add": "+", "Sub": "-", "Mult": "*", "Div": "/", "FloorDiv": "//", "Mod": "%"}
_SIGNED: Final[dict[str, Callable[[Any], Any]]] = {
    "USub": operator.neg,
    "UAdd": operator.pos,
    "Invert": operator.invert,
}
#: How large a number may get, in digits of base 2, and what a shift or a power may be.
_MAX_BITS: Final = 4096


def binary(m: Machine, name: str, left: Value, right: Value, where: Position) -> Value:
    """Apply a binary operator."""
    if isinstance(left, str) and name == "Mod":
        from shapecalc.importers.python.texts import percent

        return percent(m, left, right)
    if isinstance(left, Open) or isinstance(right, Open):
        return combined(name, left, right)
    if isinstance(left, Tensor) or isinstance(right, Tensor):
        from shapecalc.importers.python.tensors import operated

        return operated(m, _METHODS.get(name, name.lower()), left, right, where)
    if isinstance(left, Instance) or isinstance(right, Instance):
        return _by_method(m, _METHODS.get(name, name.lower()), left, right, where)
    if isinstance(left, Unknown) or isinstance(right, Unknown):
        return _number(name, left, right)
    if any(isinstance(each, Dim | Ratio) for each in (left, right)):
        return _of_sizes(m, name, left, right, where)
    return _of_python(m, name, left, right, where)


def _number(name: str, left: Value, right: Value) -> Value:
    """Return what numbers give of which one is not known: a number."""
    kinds = (int, float, Dim, Ratio, Number)
    if isinstance(left, kinds) and isinstance(right, kinds):
        found = moved(name, left, right)
        if found is not None:
            return found
        if isinstance(left, Step) or isinstance(right, Step):
            return Number()
        return left if isinstance(left, Number) else right
    lost = [e for e in (left, right) if isinstance(e, Unknown) and not isinstance(e, Number)]
    return next((each for each in lost if each.name), UNKNOWN)


def _of_python(m: Machine, name: str, left: Value, right: Value, where: Position) -> Value:
    """Apply an operator to values that are Python's own."""
    function = _PLAIN.get(name)
    ours = (Function, Class, LibraryClass, Module, Comparison)
    if function is None or isinstance(left, ours) or isinstance(right, ours):
        return UNKNOWN
    if name in {"Pow", "LShift"} and not _is_moderate(left, right, name):
        return UNKNOWN
    _count_made(m, name, left, right, where)
    try:
        value = function(left, right)
    except ZeroDivisionError as error:
        m.fail("ZeroDivisionError", str(error), where)
    except (TypeError, ValueError) as error:
        m.fail(type(error).__name__, str(error), where)
    except OverflowError:
        return UNKNOWN
    return UNKNOWN if isinstance(value, int) and value.bit_length() > _MAX_BITS else value


def _count_made(m: Machine, name: str, left: Value, right: Value, where: Position) -> None:
    """Count the parts of what an operator makes, and those that it goes through."""
    if name == "Mult":
        for many, count in ((left, right), (right, left)):
            if isinstance(many, str | list | tuple) and isinstance(count, int):
                m.copy(len(many) * max(count, 0), where)
    elif name == "Add" and isinstance(left, str | list | tuple) and isinstance(right, type(left)):
        m.copy(len(left) + len(right), where)
    else:
        m.go_through(left, where)


def _is_moderate(left: Value, right: Value, name: str) -> bool:
    if not (isinstance(left, int) and isinstance(right, int)):
        return True
    bits = left.bit_length() * right if name == "Pow" else left.bit_length() + right
    return bits <= _MAX_BITS


def _of_sizes(m: Machine, name: str, left: Value, right: Value, where: Position) -> Value:
    """Apply an operator to sizes in letters, and to quotients of them."""
    if isinstance(left, Ratio) or isinstance(right, Ratio) or name == "Div":
        return _of_ratios(name, left, right)
    if not all(isinstance(each, Dim | int) for each in (left, right)):
        if isinstance(left, float) or isinstance(right, float):
            return _by_float(name, left, right)
        if name == "Mult" and (isinstance(left, list) or isinstance(right, list)):
            many, count = (left, right) if isinstance(left, list) else (right, left)
            if len(many) == 1 and not isinstance(many[0], Unknown):
                return [repeated(m, many[0], count)]
        if isinstance(left, list | tuple | str) or isinstance(right, list | tuple | str):
            return UNKNOWN
        kinds = f"'{type(left).__name__}' and '{type(right).__name__}'"
        m.fail("TypeError", f"unsupported operand type(s) for {_SIGNS.get(name)}: {kinds}", where)
    try:
        value = _PLAIN[name](left, right)
        check_digits(value)
    except KeyError:
        return UNKNOWN
    except ZeroDivisionError as error:
        m.fail("ZeroDivisionError", str(error), where)
    except (TypeError, ValueError, TooLargeError):
        return UNKNOWN
    return value


def _by_float(name: str, left: Value, right: Value) -> Value:
    """Multiply or divide by a fraction that is a quotient of small numbers."""
    if isinstance(right, float) and name in {"Mult", "Div"}:
        top, bottom = right.as_integer_ratio()
        if bottom <= 1024 and abs(top) <= 10**6:  # noqa: PLR2004  (exact in binary)
            top, bottom = (top, bottom) if name == "Mult" else (bottom, top)
            return Ratio(left * top, bottom) if bottom > 0 else UNKNOWN
    if isinstance(left, float) and name == "Mult":
        return _by_float(name, right, left)
    return UNKNOWN


def _of_ratios(name: str, left: Value, right: Value) -> Value:
    a, b = _as_ratio(left), _as_ratio(right)
    if a is None or b is None:
        return UNKNOWN
    if name == "Mult":
        return Ratio(a.numerator * b.numerator, a.denominator * b.denominator)
    if name == "Div":
        return Ratio(a.numerator * b.denominator, a.denominator * b.numerator)
    if name in {"Add", "Sub"}:
        sign = 1 if name == "Add" else -1
        top = a.numerator * b.denominator + sign * b.numerator * a.denominator
        return Ratio(top, a.denominator * b.denominator)
    if name == "FloorDiv":
        return (a.numerator * b.denominator) // (a.denominator * b.numerator)
    return UNKNOWN


def _as_ratio(value: Value) -> Ratio | None:
    if isinstance(value, Ratio):
        return value
    if isinstance(value, Dim | int) and not isinstance(value, bool):
        return Ratio(value, 1)
    if isinstance(value, float):
        top, bottom = value.as_integer_ratio()
        return Ratio(top, bottom) if bottom <= 1024 else None  # noqa: PLR2004
    return None


def _by_method(m: Machine, name: str, left: Value, right: Value, where: Position) -> Value:
    """Apply the method of an object that stands for an operator."""
    from shapecalc.importers.python.attributes import method

    for owner, other, prefix in ((left, right, ""), (right, left, "r")):
        if isinstance(owner, Instance):
            found = method(m, owner, f"__{prefix}{name}__")
            if found is not None:
                return m.call(found, [other], {}, where)
    return UNKNOWN


def unary(m: Machine, name: str, value: Value, where: Position) -> Value:
    """Apply a unary operator."""
    if name == "Not":
        if isinstance(value, Comparison):
            return Comparison(value.otherwise, value.truth)
        known = truth(m, value)
        return UNKNOWN if known is None else not known
    if isinstance(value, Tensor):
        from shapecalc.importers.python.tensors import operated

        words = {"USub": "neg", "Invert": "invert", "Abs": "abs"}
        return operated(m, words[name], value, None, where) if name in words else value
    if isinstance(value, Number):
        return Number() if isinstance(value, Step) else value
    if isinstance(value, Open):
        return value
    if isinstance(value, Unknown | Instance | Comparison):
        return UNKNOWN
    if isinstance(value, Ratio):
        return Ratio(-value.numerator, value.denominator) if name == "USub" else value
    try:
        if isinstance(value, Dim):
            return value * -1 if name == "USub" else value
        return _SIGNED[name](value)
    except TypeError as error:
        return m.fail("TypeError", str(error), where)


def compare(m: Machine, name: str, left: Value, right: Value, where: Position) -> Value:
    """Compare two values: True, False, a comparison that letters leave open, or unknown."""
    if name in {"Is", "IsNot"}:
        return _identical(left, right, turned=name == "IsNot")
    if name in {"In", "NotIn"}:
        from shapecalc.importers.python.sequences import contains

        found = contains(m, right, left)
        return UNKNOWN if found is None else found is (name == "In")
    if any(isinstance(each, Tensor | Open | Instance) for each in (left, right)):
        return _compared_objects(m, name, left, right, where)
    if isinstance(left, Unknown) or isinstance(right, Unknown):
        return UNKNOWN
    if isinstance(left, Dim | Ratio) or isinstance(right, Dim | Ratio):
        return _compared_sizes(m, name, left, right)
    m.go_through(left, where)
    if isinstance(left, list | tuple) and isinstance(right, list | tuple):
        return _compared_lists(m, name, left, right, where)
    try:
        return bool(_COMPARES[name](left, right))
    except TypeError as error:
        return m.fail("TypeError", str(error), where)


def _compared_objects(m: Machine, name: str, left: Value, right: Value, where: Position) -> Value:
    if isinstance(left, Open) or isinstance(right, Open):
        return combined(name, left, right)
    if isinstance(left, Tensor) or isinstance(right, Tensor):
        from shapecalc.importers.python.tensors import operated

        return operated(m, _METHODS[name], left, right, where)
    found = _by_method(m, _METHODS[name], left, right, where)
    if isinstance(found, Unknown) and name in {"Eq", "NotEq"}:
        return (left is right) is (name == "Eq")
    return found


def _identical(left: Value, right: Value, *, turned: bool) -> Value:
    if isinstance(left, Unknown) or isinstance(right, Unknown):
        return UNKNOWN
    simple = (int, float, str, Dim)
    same = left is right or (
        isinstance(left, simple) and type(left) is type(right) and left == right
    )
    return same is not turned


def _compared_sizes(m: Machine, name: str, left: Value, right: Value) -> Value:
    a, b = _as_ratio(left), _as_ratio(right)
    if a is None or b is None:
        return UNKNOWN if name not in {"Eq", "NotEq"} else name == "NotEq"
    x, y = a.numerator * b.denominator, b.numerator * a.denominator
    unequal = any_of(at_least(x, y + 1), at_least(y, x + 1))
    pairs = {
        "Eq": (equal(x, y), unequal),
        "NotEq": (unequal, equal(x, y)),
        "Lt": (at_least(y, x + 1), at_least(x, y)),
        "LtE": (at_least(y, x), at_least(x, y + 1)),
        "Gt": (at_least(x, y + 1), at_least(y, x)),
        "GtE": (at_least(x, y), at_least(y, x + 1)),
    }
    return decided(m, *pairs[name])


def decided(m: Machine, holds: Any, otherwise: Any) -> Value:  # noqa: ANN401
    """Say whether a comparison holds, as far as what is known about letters decides it."""
    for statement, answer in ((holds, True), (otherwise, False)):
        if statement is True or m.given.decide(m, statement) is True:
            return answer
        if statement is False or m.given.decide(m, statement) is False:
            return not answer
    return Comparison((holds,), (otherwise,))


def combined_comparisons(parts: Sequence[Value], *, any_one: bool) -> Value:
    """Join values with ``and``, or with ``or``, of which letters leave some open.

    What is not known at all can only be left out where all parts hold together.
    """
    if any_one:
        turned = [
            Comparison(each.otherwise, each.truth) if isinstance(each, Comparison) else each
            for each in parts
        ]
        found = combined_comparisons(turned, any_one=False)
        return Comparison(found.otherwise, found.truth) if isinstance(found, Comparison) else found
    open_parts = [each for each in parts if isinstance(each, Comparison)]
    truth = [statement for each in open_parts for statement in each.truth or ()]
    others = [each.otherwise for each in open_parts]
    known = len(open_parts) == len(parts) and all(each and len(each) == 1 for each in others)
    otherwise = (any_of(*(each[0] for each in others if each)),) if known else None
    return Comparison(truth, otherwise) if truth or otherwise else UNKNOWN


def _compared_lists(m: Machine, name: str, left: Value, right: Value, where: Position) -> Value:
    m.charge(1 + len(left) // 2, where)
    if name in {"Eq", "NotEq"}:
        same: Value = len(left) == len(right) and isinstance(left, list) is isinstance(right, list)
        if same:
            parts = [compare(m, "Eq", a, b, where) for a, b in zip(left, right, strict=True)]
            open_parts = [part for part in parts if not isinstance(part, bool)]
            if False in parts:
                same = False
            elif open_parts:
                same = open_parts[0] if len(open_parts) == 1 else UNKNOWN
        if isinstance(same, bool):
            return same is (name == "Eq")
        return unary(m, "Not", same, where) if name == "NotEq" else same
    try:
        return bool(_COMPARES[name](left, right))
    except TypeError:
        return UNKNOWN


def truth(m: Machine, value: Value) -> bool | None:
    """Say whether a value counts as true; None where that is not known."""
    if isinstance(value, Unknown | Comparison | Ratio):
        return None
    if isinstance(value, Tensor):
        one = value.numbers is not None and len(value.numbers) == 1
        return truth(m, value.numbers[0]) if one else None  # type: ignore[index]
    if isinstance(value, Dim):
        found = compare(m, "NotEq", value, 0, m.here)  # type: ignore[arg-type]
        return found if isinstance(found, bool) else None
    if isinstance(value, Instance):
        from shapecalc.importers.python.attributes import method

        for name in ("__bool__", "__len__"):
            found = method(m, value, name)
            if found is not None:
                return truth(m, m.call(found, [], {}, m.here))
        return True
    return bool(value)

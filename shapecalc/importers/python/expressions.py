"""Expressions: each kind of node of Python's syntax tree, and its value."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any, Final

from shapecalc.importers.python.comprehensions import comprehension, dict_comprehension
from shapecalc.importers.python.library.holding import plain
from shapecalc.importers.python.losing import mark
from shapecalc.importers.python.operators import (
    binary,
    combined_comparisons,
    compare,
    truth,
    unary,
)
from shapecalc.importers.python.positions import Position
from shapecalc.importers.python.sequences import item, iterate
from shapecalc.importers.python.signals import Raised
from shapecalc.importers.python.values import (
    UNCLEAR,
    UNKNOWN,
    Builtin,
    Comparison,
    Function,
    Instance,
    LibraryClass,
    Native,
    Unknown,
    Value,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from shapecalc.importers.python.frames import Frame
    from shapecalc.importers.python.machine import Machine


def _constant(_m: Machine, node: ast.Constant, _frame: Frame) -> Value:
    return node.value


def _name(m: Machine, node: ast.Name, frame: Frame) -> Value:
    try:
        return frame.find(node.id)
    except KeyError:
        pass
    from shapecalc.importers.python.builtins import BUILTINS

    if node.id in BUILTINS:
        return BUILTINS[node.id]
    if frame.module.attrs.get("*") is not None:
        from shapecalc.importers.python.imports import starred

        return starred(m, frame.module, node.id)
    message = f"name '{node.id}' is not defined"
    return m.fail("NameError", message, Position(frame.module, node))


def _attribute(m: Machine, node: ast.Attribute, frame: Frame) -> Value:
    value = m.evaluate(node.value, frame)
    return m.attribute(value, node.attr, Position(frame.module, node))


def _call(m: Machine, node: ast.Call, frame: Frame) -> Value:
    function = m.evaluate(node.func, frame)
    position = Position(frame.module, node)
    if isinstance(function, Builtin) and function.name == "super":
        from shapecalc.importers.python.classes import super_of

        return super_of(frame, [m.evaluate(each, frame) for each in node.args])
    try:
        args = _items(m, node.args, frame)
        kwargs = None if args is None else _named_arguments(m, node, frame)
    except Raised as error:
        # What is wrong in the arguments of a layer is wrong in a model.
        error.inside = error.inside or (isinstance(function, LibraryClass) and bool(function.layer))
        raise
    if args is None or kwargs is None:
        if isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name):
            mark([m.evaluate(node.func.value, frame)], "?open")
        return Unknown(ast.unparse(node.func), position)
    if isinstance(function, Unknown):
        given = [*args, *kwargs.values()]
        mark(given, UNCLEAR)
        m.gives_away = m.gives_away or any(isinstance(each, Instance) for each in given)
        if function.is_result:
            return function
        return Unknown(function.name and _spelled(node.func, function), position, is_result=True)
    if isinstance(function, Builtin) and function.name in {"locals", "globals", "vars"}:
        if args:
            return m.attribute(args[0], "__dict__", position)
        return dict((frame if function.name != "globals" else frame.top).names)
    if isinstance(function, Builtin) and function.name == "save_hyperparameters":
        kwargs["?names"] = dict(frame.names)
    value = m.call(function, args, kwargs, position)
    return _lost(node, function, [*args, *kwargs.values()], position) if value is UNKNOWN else value


def _lost(node: ast.Call, function: Value, given: Sequence[Value], position: Position) -> Unknown:
    """Return what a call gives of which nothing is known: what it is given, or the call itself.

    One of a function of Python's is written out.
    """
    reason = next((each for each in given if isinstance(each, Unknown)), None)
    if reason is not None:
        return reason if reason.is_result else UNKNOWN
    name = _spelled(node.func, UNKNOWN)
    if isinstance(function, Native):
        written = ast.unparse(node)
        name = written if len(written) <= _SHORT else name
    return Unknown(name, position, is_result=True)


#: How long a call may be that a note repeats.
_SHORT: Final = 40


def _items(m: Machine, nodes: Sequence[ast.expr], frame: Frame) -> list[Value] | None:
    """Return the values of expressions, of which some are starred; None where not all are known."""
    found: list[Value] = []
    for each in nodes:
        if isinstance(each, ast.Starred):
            more = iterate(m, m.evaluate(each.value, frame), Position(frame.module, each))
            if more is None:
                return None
            found += more
        else:
            found.append(m.evaluate(each, frame))
    return found


def _named_arguments(m: Machine, node: ast.Call, frame: Frame) -> dict[str, Value] | None:
    """Return the arguments with names; None where it is not known which there are."""
    kwargs: dict[str, Value] = {}
    for keyword in node.keywords:
        value = m.evaluate(keyword.value, frame)
        if keyword.arg is not None:
            kwargs[keyword.arg] = value
            continue
        value = plain(value)
        if isinstance(value, dict):
            kwargs.update({str(key): each for key, each in value.items()})
        else:
            return None
    return kwargs


def _spelled(node: ast.expr, function: Unknown) -> str:
    """Return what a function that is not known is called."""
    if not isinstance(node, ast.Name | ast.Attribute):
        return function.name
    text: str | None = getattr(node, "spelled", None)
    if text is None:
        # The same call may come very often, in a loop.
        text = ast.unparse(node)
        node.spelled = text  # type: ignore[union-attr]
    return text


def _tuple(m: Machine, node: ast.Tuple | ast.List | ast.Set, frame: Frame) -> Value:
    values = _items(m, node.elts, frame)
    if values is None:
        return UNKNOWN
    if isinstance(node, ast.Tuple):
        return tuple(values)
    if isinstance(node, ast.List):
        return values
    m.go_through(values, Position(frame.module, node))
    try:
        return set(values)
    except TypeError:
        return UNKNOWN


def _dict(m: Machine, node: ast.Dict, frame: Frame) -> Value:
    found: dict[Any, Value] = {}
    for key, value in zip(node.keys, node.values, strict=True):
        made = m.evaluate(value, frame)
        if key is None:
            made = plain(made)
            if not isinstance(made, dict):
                return UNKNOWN
            m.go_over(len(made), Position(frame.module, value), slowly=True)
            found |= made
            continue
        name = m.evaluate(key, frame)
        m.go_through(name, Position(frame.module, key))
        try:
            found[name] = made
        except TypeError:
            m.fail("TypeError", "unhashable type", Position(frame.module, key))
    return found


def _binary(m: Machine, node: ast.BinOp, frame: Frame) -> Value:
    left, right = m.evaluate(node.left, frame), m.evaluate(node.right, frame)
    return binary(m, type(node.op).__name__, left, right, Position(frame.module, node))


def _unary(m: Machine, node: ast.UnaryOp, frame: Frame) -> Value:
    value = m.evaluate(node.operand, frame)
    return unary(m, type(node.op).__name__, value, Position(frame.module, node))


def _bool(m: Machine, node: ast.BoolOp, frame: Frame) -> Value:
    stops = isinstance(node.op, ast.Or)
    value: Value = None
    unsure: list[Value] = []
    plain = True
    for each in node.values:
        value = m.evaluate(each, frame)
        known = truth(m, value)
        plain = plain and isinstance(value, bool | Comparison | Unknown)
        if known is None:
            unsure.append(value)
        elif known is stops:
            # What comes after a value that is not known may not be reached.
            return value
    if unsure and len(node.values) > 1:
        return combined_comparisons(unsure, any_one=stops) if plain else UNKNOWN
    return value


def _compare(m: Machine, node: ast.Compare, frame: Frame) -> Value:
    left = m.evaluate(node.left, frame)
    result: Value = True
    for op, each in zip(node.ops, node.comparators, strict=True):
        right = m.evaluate(each, frame)
        result = compare(m, type(op).__name__, left, right, Position(frame.module, node))
        known = truth(m, result) if len(node.ops) > 1 else True
        if known is False:
            return False
        if known is None:
            return UNKNOWN
        left = right
    return result


def _conditional(m: Machine, node: ast.IfExp, frame: Frame) -> Value:
    known = truth(m, m.evaluate(node.test, frame))
    if known is not None:
        return m.evaluate(node.body if known else node.orelse, frame)
    from shapecalc.importers.python.branches import agreed

    ends: list[Value] = []
    failed: Raised | None = None
    for each in (node.body, node.orelse):
        try:
            ends.append(m.evaluate(each, frame))
        except Raised as error:
            failed = failed or error
    if failed is not None and not ends:
        raise failed
    return ends[0] if len(ends) == 1 else agreed(*ends)


def _subscript(m: Machine, node: ast.Subscript, frame: Frame) -> Value:
    value = m.evaluate(node.value, frame)
    index = m.evaluate(node.slice, frame)
    return item(m, value, index, Position(frame.module, node))


def _slice(m: Machine, node: ast.Slice, frame: Frame) -> Value:
    parts = [part and m.evaluate(part, frame) for part in (node.lower, node.upper, node.step)]
    return slice(*parts)


def _lambda(m: Machine, node: ast.Lambda, frame: Frame) -> Value:
    return function_of(m, "<lambda>", node.args, node.body, frame)


def function_of(
    m: Machine, name: str, args: ast.arguments, body: Sequence[ast.stmt] | ast.expr, frame: Frame
) -> Function:
    """Make a function, with the values that its defaults have now."""
    defaults = [m.evaluate(each, frame) for each in args.defaults]
    named = {
        each.arg: m.evaluate(default, frame)
        for each, default in zip(args.kwonlyargs, args.kw_defaults, strict=True)
        if default is not None
    }
    return Function(name, args, body, frame, defaults, named)


def _joined(m: Machine, node: ast.JoinedStr, frame: Frame) -> Value:
    from shapecalc.importers.python.texts import formatted

    parts = []
    for each in node.values:
        if isinstance(each, ast.Constant):
            parts.append(str(each.value))
            continue
        if not isinstance(each, ast.FormattedValue):
            return UNKNOWN
        value = m.evaluate(each.value, frame)
        wanted = m.evaluate(each.format_spec, frame) if each.format_spec else ""
        text = formatted(m, value, each.conversion, wanted)
        if text is None:
            return UNKNOWN
        parts.append(text)
    found = "".join(parts)
    m.copy(len(found), Position(frame.module, node))
    return found


def _named(m: Machine, node: ast.NamedExpr, frame: Frame) -> Value:
    value = m.evaluate(node.value, frame)
    frame.bind(node.target.id, value)
    return value


def _starred(m: Machine, node: ast.Starred, frame: Frame) -> Value:
    return m.evaluate(node.value, frame)


def _in_function(m: Machine, node: ast.expr, frame: Frame) -> Position:
    """Return where a generator gives a value; raises where there is none."""
    where = Position(frame.module, node)
    try:
        frame.find("?generator")
    except KeyError:
        m.fail("SyntaxError", "'yield' outside function", where)
    return where


def _yield(m: Machine, node: ast.Yield, frame: Frame) -> Value:
    from shapecalc.importers.python.generators import given

    value = None if node.value is None else m.evaluate(node.value, frame)
    where = _in_function(m, node, frame)
    given(m, frame, value, where)
    return UNKNOWN


def _yield_from(m: Machine, node: ast.YieldFrom, frame: Frame) -> Value:
    from shapecalc.importers.python.generators import given, lost

    where = _in_function(m, node, frame)
    values = iterate(m, m.evaluate(node.value, frame), where)
    if values is None:
        lost(frame)
    for each in values or ():
        given(m, frame, each, where)
    return None


def _unknown(_m: Machine, _node: ast.expr, _frame: Frame) -> Value:
    return UNKNOWN


#: What gives the value of each kind of expression.
EXPRESSIONS: Final[dict[type[ast.expr], Callable[..., Value]]] = {
    ast.Constant: _constant,
    ast.Name: _name,
    ast.Attribute: _attribute,
    ast.Call: _call,
    ast.Tuple: _tuple,
    ast.List: _tuple,
    ast.Set: _tuple,
    ast.Dict: _dict,
    ast.BinOp: _binary,
    ast.UnaryOp: _unary,
    ast.BoolOp: _bool,
    ast.Compare: _compare,
    ast.IfExp: _conditional,
    ast.Subscript: _subscript,
    ast.Slice: _slice,
    ast.Lambda: _lambda,
    ast.ListComp: comprehension,
    ast.SetComp: comprehension,
    ast.GeneratorExp: comprehension,
    ast.DictComp: dict_comprehension,
    ast.JoinedStr: _joined,
    ast.NamedExpr: _named,
    ast.Starred: _starred,
    ast.Await: _unknown,
    ast.Yield: _yield,
    ast.YieldFrom: _yield_from,
}

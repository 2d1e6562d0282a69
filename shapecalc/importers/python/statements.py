"""Statements: each kind of node of Python's syntax tree, and what it does."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final, NoReturn

from shapecalc.errors import ShapecalcError
from shapecalc.importers.python.branches import both, loses_names, raises, trains
from shapecalc.importers.python.expressions import function_of
from shapecalc.importers.python.imports import import_from, import_names
from shapecalc.importers.python.losing import forget
from shapecalc.importers.python.matching import run_match
from shapecalc.importers.python.missing import said_of
from shapecalc.importers.python.operators import binary, truth
from shapecalc.importers.python.positions import Position
from shapecalc.importers.python.repeats import Repeat, repeats_in
from shapecalc.importers.python.sequences import delete_item, item, iterate, set_item
from shapecalc.importers.python.signals import Break, Continue, Raised, Return, Signal
from shapecalc.importers.python.tensors import check_in_place
from shapecalc.importers.python.turns import is_same, state
from shapecalc.importers.python.values import UNKNOWN, Comparison, Tensor, Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from shapecalc.importers.python.frames import Frame
    from shapecalc.importers.python.machine import Machine


#: After so many turns a loop outside of models ends that does the same at every turn, and so does
#: one that calls models after so many calls of all loops together.
_MAX_TURNS: Final = 8
_MOST_CALLS: Final = 100


def _expression(m: Machine, node: ast.Expr, frame: Frame) -> None:
    m.evaluate(node.value, frame)


def _assign(m: Machine, node: ast.Assign, frame: Frame) -> None:
    value = m.evaluate(node.value, frame)
    if isinstance(value, Unknown):
        value = _said(node, value, frame)
    for target in node.targets:
        assign(m, target, value, frame)


def _said(node: ast.Assign, value: Value, frame: Frame) -> Value:
    """Return what a comment says of a value that is not known."""
    said = said_of(Position(frame.module, node))
    names = (ast.unparse(target).rpartition(".")[2] for target in node.targets)
    return next((said[name] for name in names if name in said), value)


def assign(m: Machine, target: ast.expr, value: Value, frame: Frame) -> None:
    """Give a name, an attribute, an item or several of them a value."""
    if isinstance(target, ast.Name):
        frame.bind(target.id, value)
    elif isinstance(target, (ast.Tuple, ast.List)):
        _unpack(m, target, value, frame)
    elif isinstance(target, ast.Attribute):
        from shapecalc.importers.python.setting import set_attribute

        owner = m.evaluate(target.value, frame)
        set_attribute(m, owner, target.attr, value, Position(frame.module, target))
    elif isinstance(target, ast.Subscript):
        owner, index = m.evaluate(target.value, frame), m.evaluate(target.slice, frame)
        set_item(m, owner, index, value, Position(frame.module, target))
    elif isinstance(target, ast.Starred):
        assign(m, target.value, value, frame)


def _unpack(m: Machine, target: ast.Tuple | ast.List, value: Value, frame: Frame) -> None:
    where = Position(frame.module, target)
    wanted = len(target.elts)
    starred = [n for n, each in enumerate(target.elts) if isinstance(each, ast.Starred)]
    values = iterate(m, value, where, unpacked=None if starred else wanted)
    if values is None or (m.repeats and repeats_in(values)):
        values = [value.lost() if isinstance(value, Unknown) else UNKNOWN]
        values *= wanted
    m.go_over(len(values), where, slowly=True)
    if starred:
        (place,) = starred
        behind = wanted - place - 1
        if len(values) < wanted - 1:
            few = f"not enough values to unpack (expected at least {wanted - 1}, got {len(values)})"
            _refuse(m, few, value, where)
        end = len(values) - behind
        values = [*values[:place], list(values[place:end]), *values[end:]]
    if len(values) > wanted:
        _refuse(m, f"too many values to unpack (expected {wanted})", value, where)
    if len(values) < wanted:
        few = f"not enough values to unpack (expected {wanted}, got {len(values)})"
        _refuse(m, few, value, where)
    for each, part in zip(target.elts, values, strict=True):
        assign(m, each, part, frame)


def _refuse(m: Machine, why: str, value: Value, where: Position) -> NoReturn:
    """Fail as Python does where a value has another number of parts than it is given names."""
    from shapecalc.importers.python.layers import flat

    rule = "unpack" if any(tensor.tape for tensor in flat(value)) else "python"
    m.fail("ValueError", why, where, rule=rule)


def _annotated(m: Machine, node: ast.AnnAssign, frame: Frame) -> None:
    if isinstance(node.target, ast.Name):
        frame.names.setdefault("__annotations__", {})[node.target.id] = node.annotation
    if node.value is not None:
        assign(m, node.target, m.evaluate(node.value, frame), frame)


def _augmented(m: Machine, node: ast.AugAssign, frame: Frame) -> None:
    target = node.target
    where = Position(frame.module, node)
    name = type(node.op).__name__
    if isinstance(target, ast.Name):
        before = m.evaluate(ast.copy_location(ast.Name(target.id, ast.Load()), target), frame)
        assign(m, target, _in_place(m, name, before, m.evaluate(node.value, frame), where), frame)
        return
    owner = m.evaluate(target.value, frame)
    if isinstance(target, ast.Subscript):
        index = m.evaluate(target.slice, frame)
        before = item(m, owner, index, where)
        after = _in_place(m, name, before, m.evaluate(node.value, frame), where)
        set_item(m, owner, index, after, where)
        return
    from shapecalc.importers.python.setting import set_attribute

    before = m.attribute(owner, target.attr, where)
    after = _in_place(m, name, before, m.evaluate(node.value, frame), where)
    set_attribute(m, owner, target.attr, after, where)


def _in_place(m: Machine, name: str, before: Value, value: Value, where: Position) -> Value:
    """Apply an operator in place: a list grows, everything else is made anew."""
    if name == "Add" and isinstance(before, list):
        more = iterate(m, value, where)
        if more is None:
            return UNKNOWN
        m.limit(len(before) + len(more), where)
        before += more
        return before
    made = binary(m, name, before, value, where)
    if isinstance(before, Tensor) and isinstance(value, Tensor) and name != "MatMult":
        check_in_place(m, before, value, where)
    return made


def _if(m: Machine, node: ast.If, frame: Frame) -> None:
    value = m.evaluate(node.test, frame)
    known = truth(m, value)
    if known is None and isinstance(value, Comparison):
        if raises(node.body):
            m.given.require_all(m, value.otherwise, Position(frame.module, node.test))
            known = False
        elif raises(node.orelse):
            m.given.require_all(m, value.truth, Position(frame.module, node.test))
            known = True
    elif known is None and raises(node.body):
        known = False
    elif known is None and raises(node.orelse):
        known = True
    if known is None:
        both(m, node.body, node.orelse, frame)
    else:
        m.execute(node.body if known else node.orelse, frame)


def _for(m: Machine, node: ast.For | ast.AsyncFor, frame: Frame) -> None:
    where = Position(frame.module, node.iter)
    value = m.evaluate(node.iter, frame)
    values = value if isinstance(value, range) else iterate(m, value, where)
    if values is None:
        if m.tape is not None:
            m.need(value, where)
        pass_over(node, frame)
        return
    once, share = trains(node.body), m.share()
    for count, value in enumerate(values):
        if m.is_endless(count, where, share) or (
            isinstance(value, Repeat) and not _turned(m, node, value, frame)
        ):
            pass_over(node, frame)
            return
        if isinstance(value, Repeat):
            continue
        calls = len(m.models)
        before = state(m, frame) if count >= _MAX_TURNS and m.tape is None else None
        assign(m, node.target, value, frame)
        try:
            m.execute(node.body, frame)
        except Break:
            return
        except Continue:
            pass
        same = before is not None and is_same(before, state(m, frame), node.target)
        if once or same:
            break
        if _has_enough(m, calls):
            # What more turns would make of it is not known.
            pass_over(node, frame)
            return
    m.execute(node.orelse, frame)


def _turned(m: Machine, node: ast.For | ast.AsyncFor, repeat: Repeat, frame: Frame) -> bool:
    """Follow a loop as many turns as a size says; return whether that is known what they do."""
    from shapecalc.importers.python.looping import Loop

    known = Loop(m, node, repeat, frame).follow()
    if not known:
        m.need(repeat, Position(frame.module, node.iter))
    return known


def _has_enough(m: Machine, calls: int) -> bool:
    """Return whether a loop called models often enough.

    ``calls`` is how many were called before.
    """
    return len(m.models) > max(calls, _MOST_CALLS)


def pass_over(node: ast.stmt, frame: Frame) -> None:
    """Forget what a statement may have changed that is not followed."""
    forget([node], frame)
    names = [*loses_names(node)]
    names += [node.name] if isinstance(node, ast.ClassDef | ast.FunctionDef) else []
    for name in names:
        if name in frame.names:
            frame.names[name] = UNKNOWN
        else:
            frame.bind(name, UNKNOWN)


def _while(m: Machine, node: ast.While, frame: Frame) -> None:
    once, share = trains(node.body), m.share()
    count = 0
    while True:
        known = truth(m, m.evaluate(node.test, frame))
        if known is None:
            if m.tape is not None:
                _note_open(m, Position(frame.module, node.test))
            pass_over(node, frame)
            return
        if not known:
            break
        count += 1
        if m.is_endless(count, Position(frame.module, node), share):
            pass_over(node, frame)
            return
        calls = len(m.models)
        try:
            m.execute(node.body, frame)
        except Break:
            return
        except Continue:
            pass
        if _has_enough(m, calls):
            pass_over(node, frame)
            return
        if once:
            return
    m.execute(node.orelse, frame)


def _note_open(m: Machine, where: Position) -> None:
    """Note a loop in a model of which it is not known how often it turns."""
    text = f"how often a loop turns while {ast.unparse(where.node)} is not known here"
    m.notes.setdefault(text, ShapecalcError(text, place=where.place))


def _return(m: Machine, node: ast.Return, frame: Frame) -> None:
    raise Return(None if node.value is None else m.evaluate(node.value, frame))


def _raise(m: Machine, node: ast.Raise, frame: Frame) -> None:
    from shapecalc.importers.python.exceptions import raised_by

    raise raised_by(m, node, frame)


def _assert(m: Machine, node: ast.Assert, frame: Frame) -> None:
    value = m.evaluate(node.test, frame)
    where = Position(frame.module, node.test)
    if isinstance(value, Comparison):
        m.given.require_all(m, value.truth, where)
    elif truth(m, value) is False:
        said = m.evaluate(node.msg, frame) if node.msg is not None else None
        message = said if isinstance(said, str) else f"{ast.unparse(node.test)} does not hold"
        m.fail("AssertionError", message, Position(frame.module, node))


def _with(m: Machine, node: ast.With | ast.AsyncWith, frame: Frame) -> None:
    for each in node.items:
        value = m.evaluate(each.context_expr, frame)
        if each.optional_vars is not None:
            from shapecalc.importers.python.classes import entered

            assign(m, each.optional_vars, entered(m, value), frame)
    m.execute(node.body, frame)


def _try(m: Machine, node: ast.Try, frame: Frame) -> None:
    from shapecalc.importers.python.exceptions import handler_of

    try:
        try:
            m.execute(node.body, frame)
        except Raised as error:
            handler = handler_of(m, node.handlers, error, frame)
            if handler is None:
                raise
            if handler.name:
                frame.bind(handler.name, error.value or UNKNOWN)
            frame.names["?raised"] = error
            m.execute(handler.body, frame)
        else:
            m.execute(node.orelse, frame)
    except Signal:
        # What ends the whole run goes past it.
        m.execute(node.finalbody, frame)
        raise
    m.execute(node.finalbody, frame)


def _function(m: Machine, node: ast.FunctionDef | ast.AsyncFunctionDef, frame: Frame) -> None:
    made: Value = function_of(m, node.name, node.args, node.body, frame)
    frame.bind(node.name, _decorated(m, made, node.decorator_list, frame))


def _decorated(m: Machine, value: Value, decorators: Sequence[ast.expr], frame: Frame) -> Value:
    from shapecalc.importers.python.classes import decorated

    for node in reversed(decorators):
        value = decorated(m, m.evaluate(node, frame), value, Position(frame.module, node))
    return value


def _class(m: Machine, node: ast.ClassDef, frame: Frame) -> None:
    from shapecalc.importers.python.classes import class_of

    made = class_of(m, node, frame)
    frame.bind(node.name, _decorated(m, made, node.decorator_list, frame))


def _delete(m: Machine, node: ast.Delete, frame: Frame) -> None:
    for target in node.targets:
        if isinstance(target, ast.Name):
            frame.names.pop(target.id, None)
        elif isinstance(target, ast.Subscript):
            owner, index = m.evaluate(target.value, frame), m.evaluate(target.slice, frame)
            delete_item(m, owner, index, Position(frame.module, target))
        elif isinstance(target, ast.Attribute):
            owner = m.evaluate(target.value, frame)
            getattr(owner, "attrs", {}).pop(target.attr, None)


def _global(_m: Machine, node: ast.Global | ast.Nonlocal, frame: Frame) -> None:
    frame.declare(node.names, everywhere=isinstance(node, ast.Global))


def _break(_m: Machine, _node: ast.Break, _frame: Frame) -> None:
    raise Break


def _continue(_m: Machine, _node: ast.Continue, _frame: Frame) -> None:
    raise Continue


def _nothing(_m: Machine, _node: ast.stmt, _frame: Frame) -> None:
    pass


#: What each kind of statement does.
STATEMENTS: Final[dict[type[ast.stmt], Callable[..., None]]] = {
    ast.Expr: _expression,
    ast.Assign: _assign,
    ast.AnnAssign: _annotated,
    ast.AugAssign: _augmented,
    ast.If: _if,
    ast.For: _for,
    ast.AsyncFor: _for,
    ast.While: _while,
    ast.Return: _return,
    ast.Raise: _raise,
    ast.Assert: _assert,
    ast.With: _with,
    ast.AsyncWith: _with,
    ast.Try: _try,
    ast.TryStar: _try,
    ast.FunctionDef: _function,
    ast.AsyncFunctionDef: _function,
    ast.ClassDef: _class,
    ast.Delete: _delete,
    ast.Global: _global,
    ast.Nonlocal: _global,
    ast.Break: _break,
    ast.Continue: _continue,
    ast.Pass: _nothing,
    ast.Import: import_names,
    ast.ImportFrom: import_from,
    ast.Match: run_match,
}

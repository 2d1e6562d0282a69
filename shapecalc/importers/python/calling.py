"""Calls: functions of the program, of libraries, classes and objects."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any, Final, NoReturn

from shapecalc.errors import ShapecalcError
from shapecalc.importers.python.branches import agreed
from shapecalc.importers.python.calls import Call
from shapecalc.importers.python.frames import Frame
from shapecalc.importers.python.positions import Position
from shapecalc.importers.python.repeats import called_on, repeats_in
from shapecalc.importers.python.signals import Raised, Return
from shapecalc.importers.python.values import (
    UNKNOWN,
    Bound,
    Builtin,
    Class,
    Function,
    Instance,
    LibraryClass,
    Native,
    Partial,
    Tensor,
    Unknown,
    Value,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from shapecalc.importers.python.machine import Machine


#: What Python raises where an entry of a library is given values of a kind that it does not take.
UNFORESEEN: tuple[type[Exception], ...] = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    TypeError,
    ValueError,
)


#: From so many arguments on they are what takes the time of a call.
_MANY: Final = 64


def call(
    m: Machine,
    function: Value,
    args: Sequence[Value],
    kwargs: Mapping[str, Value],
    where: Position | None,
) -> Value:
    """Call a value, and remember where; what no entry of a library foresees gives nothing known."""
    if len(args) + len(kwargs) > _MANY:
        m.go_over(len(args) + len(kwargs), where, slowly=True)
    helper = m.helper
    if where is not None:
        m.calls.append(where)
        if (args or kwargs) and _is_helper(function):
            m.helper = where
    try:
        return _called(m, function, args, kwargs, where)
    except Raised as error:
        error.helper = error.helper or m.helper
        if where is not None:
            error.calls.append(where)
        raise
    except ShapecalcError:
        raise
    except UNFORESEEN:
        lost = Unknown(getattr(function, "name", "a call"), where)
        m.need(lost, where)
        return lost
    finally:
        m.helper = helper
        if where is not None:
            m.calls.pop()


#: The methods that frameworks and Python call, whose callers are no news.
_USUAL: Final = frozenset({"forward", "call", "build", "training_step"})


def _is_helper(function: Value) -> bool:
    """Return whether a value is a function of the program that the program itself calls."""
    inner = function.function if isinstance(function, Bound) else function
    return (
        isinstance(inner, Function)
        and inner.name not in _USUAL
        and not inner.name.startswith("__")
        and not inner.module.is_hidden
    )


def _called(
    m: Machine,
    function: Value,
    args: Sequence[Value],
    kwargs: Mapping[str, Value],
    where: Position | None,
) -> Value:
    if isinstance(function, Function):
        return run(m, function, args, kwargs, where)
    if isinstance(function, Builtin):
        return _builtin(m, function, Call(m, args, kwargs, where))
    if isinstance(function, Instance):
        from shapecalc.importers.python.classes import called_object

        return called_object(m, function, Call(m, args, kwargs, where))
    if isinstance(function, (Class, LibraryClass)):
        from shapecalc.importers.python.classes import made

        return made(m, function, Call(m, args, kwargs, where))
    if isinstance(function, Bound):
        return _called(m, function.function, [function.owner, *args], kwargs, where)
    if isinstance(function, Partial):
        more = {**function.kwargs, **kwargs}
        return _called(m, function.function, [*function.args, *args], more, where)
    if isinstance(function, Unknown):
        return Unknown(function.name or _named(m, where), where)
    if isinstance(function, Tensor) and function.library == "torch":
        m.fail("TypeError", "'Tensor' object is not callable", where)
    if function is None or isinstance(function, int | float | str | list | tuple | dict):
        name = "NoneType" if function is None else type(function).__name__
        m.fail("TypeError", f"'{name}' object is not callable", where)
    return UNKNOWN


def _named(m: Machine, where: Position | None) -> str:
    """Return how a model calls what is not known, which is noted where a shape depends on it."""
    node = where.node if where is not None and m.tape is not None else None
    return ast.unparse(node.func) if isinstance(node, ast.Call) else ""


def _builtin(m: Machine, function: Builtin, call: Call) -> Value:
    """Call a function of a library; one that takes numbers alone gives nothing for letters."""
    from shapecalc.importers.python.layers import LetteredError

    if not isinstance(function, Native):
        m.pass_on(call, call.position)
        if m.repeats and any(map(repeats_in, [*call.args, *call.kwargs.values()])):
            return called_on(m, function, call)
    try:
        return function.function(m, call)
    except LetteredError:
        lost = Unknown(function.name, call.position)
        m.need(lost, call.position)
        return lost


def run(
    m: Machine,
    function: Function,
    args: Sequence[Value],
    kwargs: Mapping[str, Value],
    where: Position | None,
) -> Value:
    """Run a function of the program."""
    frame = Frame(function.module, function.outer, {})
    try:
        _bind(m, function, args, kwargs, frame, where)
    except Raised:
        if function.attrs.get("?decorated"):
            return UNKNOWN
        raise
    frame.cls = function.attrs.get("?class", function.outer.cls)
    frame.owner = args[0] if args else function.outer.owner
    if function.outer.cls is not None and "?class" not in function.attrs:
        frame.owner = function.outer.owner
    body = function.body
    if isinstance(body, ast.expr):
        return m.evaluate(body, frame)
    if _yields(function):
        from shapecalc.importers.python.generators import generator

        return generator(body, frame)
    value: Value = None
    try:
        m.execute(body, frame)
    except Return as returned:
        value = returned.value
    except Raised as error:
        error.inside = error.inside or _builds(m, args)
        raise
    for other in frame.returned:
        value = agreed(value, other)
    return value


def _builds(m: Machine, args: Sequence[Value]) -> bool:
    """Return whether a function goes on with a model of Keras that is being built."""
    graph = m.state.get("keras tape")
    return graph is not None and any(isinstance(x, Tensor) and x.tape is graph for x in args)


def _yields(function: Function) -> bool:
    """Return whether a function is a generator; it is looked at once."""
    found = function.attrs.get("?yields")
    if found is None:
        found = "yield" in function.module.source and any(
            isinstance(node, ast.Yield | ast.YieldFrom) for node in _own_nodes(function)
        )
        function.attrs["?yields"] = found
    return bool(found)


def _own_nodes(function: Function) -> list[ast.AST]:
    """Return the nodes of a function but for those of functions in it."""
    found: list[ast.AST] = []
    waiting: list[ast.AST] = list(function.body) if isinstance(function.body, list) else []
    while waiting:
        node = waiting.pop()
        found.append(node)
        if not isinstance(node, ast.FunctionDef | ast.Lambda | ast.ClassDef):
            waiting += ast.iter_child_nodes(node)
    return found


def _bind(
    m: Machine,
    function: Function,
    args: Sequence[Value],
    kwargs: Mapping[str, Value],
    frame: Frame,
    where: Position | None,
) -> None:
    """Bind arguments to the parameters of a function, as Python does."""
    names, spec = frame.names, function.args
    plain = [each.arg for each in (*spec.posonlyargs, *spec.args)]
    only = [each.arg for each in spec.kwonlyargs]
    names.update(zip(plain, args, strict=False))
    if len(args) > len(plain):
        if spec.vararg is None:
            count = f"{len(plain)} positional argument{'s' * (len(plain) != 1)}"
            verb = "was" if len(args) == 1 else "were"
            _refuse(m, function, f"takes {count} but {len(args)} {verb} given", where)
        names[spec.vararg.arg] = tuple(args[len(plain) :])
    elif spec.vararg is not None:
        names[spec.vararg.arg] = ()
    rest: dict[str, Value] = {}
    known = {*plain[len(spec.posonlyargs) :], *only}
    for key, value in kwargs.items():
        if key not in known:
            rest[key] = value
        elif key in names:
            _refuse(m, function, f"got multiple values for argument '{key}'", where)
        else:
            names[key] = value
    if spec.kwarg is not None:
        names[spec.kwarg.arg] = rest
    elif rest:
        _refuse(m, function, f"got an unexpected keyword argument '{next(iter(rest))}'", where)
    _default(m, function, [*plain, *only], frame, where)


def _default(
    m: Machine, function: Function, known: Sequence[str], frame: Frame, where: Position | None
) -> None:
    """Give the parameters that are left their defaults."""
    names, spec = frame.names, function.args
    plain = [each.arg for each in (*spec.posonlyargs, *spec.args)]
    for name, value in zip(reversed(plain), reversed(function.defaults), strict=False):
        names.setdefault(name, value)
    for name, value in function.kw_defaults.items():
        names.setdefault(name, value)
    missing = [name for name in known if name not in names]
    if missing:
        listed = ", ".join(f"'{name}'" for name in missing)
        plural = "s" * (len(missing) > 1)
        text = f"missing {len(missing)} required positional argument{plural}: {listed}"
        _refuse(m, function, text, where)


def _refuse(m: Machine, function: Function, text: str, where: Position | None) -> NoReturn:
    owner = function.attrs.get("?class")
    name = f"{owner.name}.{function.name}" if owner is not None else function.name
    m.fail("TypeError", f"{name}() {text}", where)


def parameters(function: Any) -> list[str]:  # noqa: ANN401
    """Return the names of the parameters of a function, without those that it is bound to."""
    if isinstance(function, Bound):
        return parameters(function.function)[1:]
    if isinstance(function, Function):
        return [each.arg for each in (*function.args.posonlyargs, *function.args.args)]
    return []

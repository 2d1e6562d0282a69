"""Numbers that source does not know: what comments say of them, and which comment says most.

class Net(nn.Module):  # shapecalc: words=1000
width = settings.width()  # shapecalc: width=64
self.out = nn.Linear(16, len(words))  # shapecalc: out_features=1000
"""

from __future__ import annotations

import ast
from collections import Counter
from typing import TYPE_CHECKING, Final, NamedTuple

from shapecalc.importers.python.notebooks import located
from shapecalc.importers.python.trees import tree_of
from shapecalc.importers.python.values import Bound, Class, Function, Module, Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shapecalc.importers.python.calls import Call
    from shapecalc.importers.python.positions import Position


#: What a module has in it that has such a comment.
_MARK: Final = "shapecalc:"


class Missing(NamedTuple):
    """An argument of a layer that is not known, and where the layer is made."""

    position: Position
    name: str
    place: int


def said_at(module: Module, first: int, last: int) -> dict[str, Value]:
    """Return the values that comments say on lines: a number, or several of them."""
    if _MARK not in module.source:
        return {}
    from shapecalc.importers.python.hints import commented

    found: dict[str, Value] = {}
    for name, hint in commented(module, first, last + 1):
        shape = hint.shape
        found[name] = shape[0] if len(shape) == 1 else tuple(shape)
    return found


def said_of(position: Position | None) -> dict[str, Value]:
    """Return the values that comments say in a statement."""
    if position is None:
        return {}
    node = position.node
    first = getattr(node, "lineno", 0)
    return said_at(position.module, first, getattr(node, "end_lineno", None) or first)


def take_said(cls: Class, init: Value, call: Call) -> None:
    """Put in what comments at a class say of the arguments of its constructor."""
    node = cls.position.node
    if _MARK not in cls.module.source or not isinstance(node, ast.ClassDef):
        return
    function = init.function if isinstance(init, Bound) else init
    if not isinstance(function, Function):
        return
    said = said_at(cls.module, node.lineno, node.body[0].lineno - 1)
    names = [each.arg for each in (*function.args.posonlyargs, *function.args.args)][1:]
    for place, name in enumerate(names):
        if name not in said:
            continue
        if place < len(call.args):
            if isinstance(call.args[place], Unknown):
                call.args[place] = said[name]
        elif isinstance(call.kwargs.get(name, Unknown()), Unknown):
            call.kwargs[name] = said[name]


# Which comment is missing most.


def comment_to_write(missing: list[Missing], path: str) -> str | None:
    """Return the line with the comment that would tell most of what is missing, with its place."""
    counts = Counter(key for each in missing if (key := _key(each)) is not None)
    if not counts:
        return None
    (module, line, name), _ = counts.most_common(1)[0]
    if module.path != path:
        return None
    shown = located(module.path, module.cells, line)
    return f"{shown[0]}:{shown[1]}: {module.lines[line - 1].strip()}  # shapecalc: {name}=…"


def _key(missing: Missing) -> tuple[Module, int, str] | None:
    """Return where a comment goes, and what it names: an argument of a class, or of a layer."""
    node, module = missing.position.node, missing.position.module
    if module.is_hidden or not isinstance(node, ast.Call) or node.end_lineno is None:
        return None
    names = {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}
    for cls, init in _constructors(module):
        if init.lineno <= node.lineno <= (init.end_lineno or 0):
            args = [each.arg for each in (*init.args.args, *init.args.kwonlyargs)][1:]
            given = [name for name in args if name in names and name == _value_of(node, missing)]
            if given:
                return module, cls.lineno, given[0]
    return module, node.end_lineno, missing.name


def _value_of(node: ast.Call, missing: Missing) -> str | None:
    """Return the name that an argument of a call is, where it is one."""
    values = [keyword.value for keyword in node.keywords if keyword.arg == missing.name]
    if not values and missing.place < len(node.args):
        values = [node.args[missing.place]]
    return next((each.id for each in values if isinstance(each, ast.Name)), None)


def _constructors(module: Module) -> Iterator[tuple[ast.ClassDef, ast.FunctionDef]]:
    for cls in ast.walk(tree_of(module.source)):
        if not isinstance(cls, ast.ClassDef):
            continue
        for each in cls.body:
            if isinstance(each, ast.FunctionDef) and each.name == "__init__":
                yield cls, each

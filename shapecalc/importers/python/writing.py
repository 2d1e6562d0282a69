"""How calls are written into source, and where the numbers stand that they are handed."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from shapecalc.dims import Dim
from shapecalc.errors import SpecError
from shapecalc.layers.parameters import parameters

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shapecalc.layers.layer import Layer


def called_name(call: ast.Call) -> str:
    """Return the last name of the function that is called."""
    func = call.func
    if isinstance(func, ast.Attribute):
        return func.attr
    return func.id if isinstance(func, ast.Name) else ""


def arguments(layer: Layer) -> str:
    """Write the arguments of a layer: those that it needs by place, the others by name."""
    parts: list[str] = []
    for name, parameter in parameters(type(layer)).items():
        value = getattr(layer, name)
        if parameter.required and len(parts) < 3:  # noqa: PLR2004  (so many are read at a glance)
            parts.append(written(value))
        elif value != parameter.default and name != "name":
            parts.append(f"{name}={written(value)}")
    return ", ".join(parts)


def written(value: Any) -> str:  # noqa: ANN401
    """Write an argument; raises `SpecError` for what has letters, or is not a plain value."""
    if isinstance(value, Dim):
        raise SpecError(f"{value} is not a number that can be written")
    if isinstance(value, tuple | list):
        items = ", ".join(map(written, value))
        return f"({items}{',' * (len(value) == 1)})"
    if value is None or isinstance(value, bool | int | float | str):
        return repr(value)
    raise unwritten()


def unwritten() -> SpecError:
    """Return the error for a change that source does not take."""
    return SpecError("this change cannot be written into the source")


def handed_over(tree: ast.Module, name: ast.Name, value: object) -> ast.expr | None:
    """Return the number that the one call of a function hands over as a parameter.

    None where the name is not a parameter, or has other uses; raises `SpecError` where no call
    does, or several do.
    """
    for called, function in _around(tree, name):
        names = [each.arg for each in function.args.args]
        if name.id not in names:
            continue
        used = [
            each for each in ast.walk(function) if isinstance(each, ast.Name) and each.id == name.id
        ]
        if len(used) > 1:
            # The others would change with it.
            return None
        place = names.index(name.id) - (function.name == "__init__")
        found = [each for each in _handed(tree, called, place, name.id) if each[1] == value]
        if len(found) != 1:
            raise unwritten()
        return found[0][0]
    return None


def parameter_of(tree: ast.Module, number: ast.expr, value: object) -> str | None:
    """Return the parameter that has a value where a number stands, in the function around it.

    Calls are known where they hand over plain numbers: the first, in which the fault is found, has
    the value in one parameter alone. None where that is not so, or another value is put into it.
    """
    for called, function in _around(tree, number):
        first = int(function.name == "__init__")
        names = [each.arg for each in function.args.args[first:]]
        named = [each for each in ast.walk(function) if isinstance(each, ast.Name)]
        put = {each.id for each in named if isinstance(each.ctx, ast.Store)}
        found = [
            name
            for place, name in enumerate(names)
            if next((n for _, n in _handed(tree, called, place, name)), None) == value
        ]
        if len(found) == 1 and found[0] not in put:
            return found[0]
    return None


def _around(tree: ast.Module, node: ast.expr) -> Iterator[tuple[str, ast.FunctionDef]]:
    """Yield the functions around a part of a program, each with the name by which it is called."""
    for outer in ast.walk(tree):
        named = [(outer.name, outer)] if isinstance(outer, ast.FunctionDef) else []
        if isinstance(outer, ast.ClassDef):
            named = [
                (outer.name, each)
                for each in outer.body
                if isinstance(each, ast.FunctionDef) and each.name == "__init__"
            ]
        for called, function in named:
            begins, ends = function.lineno, function.end_lineno or function.lineno
            if begins <= node.lineno <= ends and called != "__init__":
                yield called, function


def _handed(
    tree: ast.Module, called: str, place: int, name: str
) -> Iterator[tuple[ast.expr, object]]:
    """Yield the numbers that calls of a function hand over at a place, or under a name."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or called_name(node) != called:
            continue
        given = [keyword.value for keyword in node.keywords if keyword.arg == name]
        given += node.args[place : place + 1]
        if given and isinstance(given[0], ast.Constant):
            yield given[0], given[0].value

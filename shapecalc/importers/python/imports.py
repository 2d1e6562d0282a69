"""Imports: libraries by their names, files beside the program, everything else unknown."""

from __future__ import annotations

import ast
import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from shapecalc.importers.python.frames import Frame
from shapecalc.importers.python.libraries import (
    LITTLE_KNOWN,
    canonical,
    find,
    is_library,
    refuse_lacking,
)
from shapecalc.importers.python.patches import NOTHING, patched
from shapecalc.importers.python.positions import Position
from shapecalc.importers.python.signals import Raised
from shapecalc.importers.python.trees import tree_of
from shapecalc.importers.python.values import Library, Module, Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapecalc.importers.python.machine import Machine

#: A file beside the program that is longer is not read.
_MAX_BYTES: Final = 2_000_000


def import_names(m: Machine, node: ast.Import, frame: Frame) -> None:
    """Import modules by name."""
    for each in node.names:
        if each.asname:
            frame.bind(each.asname, _module(m, each.name, frame, node))
        else:
            _module(m, each.name, frame, node)
            first = each.name.partition(".")[0]
            frame.bind(first, _module(m, first, frame, node))


def _module(m: Machine, name: str, frame: Frame, node: ast.stmt) -> Value:
    if _from_table(m, name, frame.module):
        return find(m, name)
    found = beside(m, name, frame.module)
    return Unknown(name, Position(frame.module, node)) if found is None else found


def _from_table(m: Machine, name: str, module: Module) -> bool:
    """Return whether a table says what is in a module, rather than a file beside the program."""
    home = name.partition(".")[0]
    return is_library(name) and (home not in LITTLE_KNOWN or _path_of(m, home, module) is None)


def import_from(m: Machine, node: ast.ImportFrom, frame: Frame) -> None:
    """Import names from a module."""
    base = node.module or ""
    where = Position(frame.module, node)
    if not node.level and _from_table(m, base, frame.module):
        _from_library(m, base, node, frame)
        return

    def found_in(name: str) -> Module | None:
        if node.level:
            return _relative(m, name, frame.module, node.level)
        return beside(m, name, frame.module)

    module = found_in(base)
    for each in node.names:
        name = each.asname or each.name
        if each.name == "*":
            if module is None:
                frame.module.attrs["*"] = True
            else:
                public = {k: v for k, v in module.attrs.items() if not k.startswith("_")}
                frame.names.update(public)
            continue
        if isinstance(module, Module) and each.name in module.attrs:
            frame.bind(name, module.attrs[each.name])
            continue
        inner = found_in(f"{base}.{each.name}" if base else each.name)
        frame.bind(name, Unknown(f"{base}.{each.name}", where) if inner is None else inner)


def _from_library(m: Machine, base: str, node: ast.ImportFrom, frame: Frame) -> None:
    for each in node.names:
        if each.name == "*":
            from shapecalc.importers.python.libraries import public

            frame.names.update(public(m, base))
            stars = frame.module.attrs.get("*")
            frame.module.attrs["*"] = [*(stars if isinstance(stars, list) else []), base]
        else:
            found = patched(m, base, each.name)
            if found is NOTHING:
                _refuse_lacking(m, base, each.name, Position(frame.module, node))
                found = find(m, f"{base}.{each.name}")
            frame.bind(each.asname or each.name, found)


def _refuse_lacking(m: Machine, base: str, name: str, where: Position) -> None:
    try:
        refuse_lacking(m, base, name, where)
    except Raised as error:
        error.kind = "ImportError"
        raise


def starred(m: Machine, module: Module, name: str) -> Value:
    """Return what a name may be that the star import of a library brought; else unknown."""
    stars = module.attrs["*"]
    for base in reversed(stars) if isinstance(stars, list) else ():
        found = find(m, f"{base}.{name}")
        # Any word may be a module; only a package brings its modules.
        is_part = isinstance(found, Library) and "." in canonical(base)
        if not isinstance(found, Unknown) and not is_part:
            module.attrs[name] = found
            return found
    return Unknown(name)


def beside(m: Machine, name: str, module: Module) -> Module | None:
    """Read a module that stands beside a file, or in a folder of it; None without one."""
    if not name:
        return None
    if name in m.modules:
        return m.modules[name]
    path = _path_of(m, name, module)
    made = None if path is None else _read(m, name, path)
    if made is not None:
        m.modules[name] = made
    return made


def _relative(m: Machine, name: str, module: Module, level: int) -> Module | None:
    """Read a module by its place in the package, ``from ..layers import Block``."""
    folder, file = os.path.split(os.path.abspath(module.path))  # noqa: PTH100
    for _ in range(level - 1):
        folder = os.path.dirname(folder)  # noqa: PTH120
    path = _file_in(folder, name.split(".") if name else [], module)
    if path is None:
        return None
    package = [] if module.name == "__main__" else module.name.split(".")
    above = level - (file == "__init__.py")
    package = package[: max(len(package) - above, 0)]
    return _read(m, ".".join([*package, *([name] if name else [])]), path)


def _read(m: Machine, name: str, path: str) -> Module | None:
    """Read a file once in a run, however it is imported; None where it is not Python."""
    known = os.path.abspath(path)  # noqa: PTH100
    if known in m.modules:
        return m.modules[known]
    try:
        text = Path(path).read_bytes()[:_MAX_BYTES].decode("utf-8-sig", errors="replace")
        tree = tree_of(text)
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    made = Module(name, path, text)
    made.attrs["__name__"] = name
    m.modules[known] = m.modules[name] = made
    try:
        m.execute(tree.body, Frame(made))
    except Raised as error:
        if error.is_finding:
            raise
        # What it would have had behind that is not known: a package may import what imports it.
        made.attrs["*"] = True
    return made


def _own_package(folder: str, name: str) -> str | None:
    """Return where a package of this name is that the file in the folder is itself a part of."""
    folder = os.path.abspath(folder)  # noqa: PTH100
    while os.path.isfile(os.path.join(folder, "__init__.py")):  # noqa: PTH113, PTH118
        above, own = os.path.split(folder)
        if own == name:
            return above
        folder = above
    return None


def _path_of(m: Machine, name: str, module: Module) -> str | None:
    parts = name.split(".")
    folder = os.path.dirname(module.path) or "."  # noqa: PTH120  (any text)
    folders = [folder, *m.path]
    # A module of a package is looked for from where the package is.
    depth = module.name.count(".")
    above = folder
    for _ in range(depth):
        above = os.path.dirname(above)  # noqa: PTH120
        folders.append(above or ".")
    if (home := _own_package(folder, parts[0])) is not None:
        folders.append(home)
    found = (_file_in(each, parts, module) for each in folders)
    return next((path for path in found if path is not None), None)


def _file_in(folder: str, parts: Sequence[str], module: Module) -> str | None:
    """Return the file of a module, or of a package, that is not the one that imports it."""
    base = os.path.join(folder, *parts)  # noqa: PTH118
    for path in ([f"{base}.py"] if parts else []) + [os.path.join(base, "__init__.py")]:  # noqa: PTH118
        if os.path.isfile(path) and os.path.abspath(path) != os.path.abspath(module.path):  # noqa: PTH100, PTH113
            return path
    return None

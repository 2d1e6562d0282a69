"""Python's own library by its names; what is in none of the tables is not known."""

from __future__ import annotations

import json
import string
from importlib import import_module
from typing import TYPE_CHECKING, Final

from shapecalc.importers.python.values import (
    UNKNOWN,
    Builtin,
    Class,
    Function,
    Library,
    LibraryClass,
    Value,
)

if TYPE_CHECKING:
    from shapecalc.importers.python.calls import Call
    from shapecalc.importers.python.machine import Machine

#: The tables of the modules of which something is known, each with a mapping ``NAMES``.
_TABLES: Final = {
    "math": "mathematics",
    "functools": "functional",
    "itertools": "functional",
    "operator": "functional",
    "collections": "collecting",
    "dataclasses": "records",
    "enum": "records",
    "types": "records",
    "typing": "annotating",
    "typing_extensions": "annotating",
    "abc": "annotating",
    "contextlib": "annotating",
    "argparse": "commandline",
    "copy": "copying",
    "random": "chance",
}
_MODULES: Final = frozenset([
    "collections.abc", "os.path", "six.moves", "tqdm.auto", "tqdm.notebook",
])  # fmt: skip


def _loaded(m: Machine, call: Call) -> Value:
    """``json.loads``: what a text says that stands in the program."""
    text = call.get(0, "s")
    if not isinstance(text, str):
        return UNKNOWN
    m.copy(len(text), call.position)
    try:
        return json.loads(text)
    except ValueError as error:
        return m.fail("ValueError", str(error), call.position)


_FEW: Final = {
    "json.loads": Builtin("json.loads", _loaded),
    "sys.exit": Builtin("sys.exit", lambda m, call: m.fail("SystemExit", "", call.position)),
    "sys.maxsize": 2**63 - 1,
    **{
        f"string.{name}": value
        for name in string.__all__
        if isinstance(value := getattr(string, name), str)
    },
    "six.PY2": False,
    "six.PY3": True,
    "inspect.isfunction": Builtin(
        "inspect.isfunction", lambda _m, c: isinstance(c.args[0], Function)
    ),
    "inspect.isclass": Builtin(
        "inspect.isclass", lambda _m, call: isinstance(call.args[0], Class | LibraryClass)
    ),
    **dict.fromkeys(
        ("six.moves.range", "six.moves.xrange"),
        Builtin("range", lambda m, call: _builtin("range").function(m, call)),
    ),
    **dict.fromkeys(
        ("tqdm.tqdm", "tqdm.auto.tqdm", "tqdm.notebook.tqdm", "tqdm.tqdm_notebook"),
        Builtin("tqdm.tqdm", lambda _m, call: call.get(0, "iterable")),
    ),
    "tqdm.trange": Builtin("range", lambda m, call: _builtin("range").function(m, call)),
}


def _builtin(name: str) -> Builtin:
    from shapecalc.importers.python.builtins import BUILTINS

    found: Builtin = BUILTINS[name]
    return found


def find(name: str) -> Value | None:
    """Return what a full name stands for; None where it is not known."""
    home, _, last = name.partition(".")
    if not last or name in _MODULES:
        return Library(name)
    if name in _FEW:
        return _FEW[name]
    table = "collecting" if last == "NamedTuple" else _TABLES.get(home)
    if table is None:
        return None
    names = import_module(f"{__package__}.{table}").NAMES
    return names.get(name.replace("typing_extensions.", "typing."))

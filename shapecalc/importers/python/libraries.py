"""Libraries by their names: which table knows what of them."""

from __future__ import annotations

from functools import cache, lru_cache
from importlib import import_module
from typing import TYPE_CHECKING, Final

from shapecalc.importers.python.values import NONE, Library, Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shapecalc.importers.python.machine import Machine
    from shapecalc.importers.python.positions import Position

#: The table of each library: a module of `library` that has a function ``find(name)``, or
#: ``find_in(machine, name)`` where it makes things anew in each run, which gives
#: None for what it does not know, and ``NAMES``, the modules of the library.
_TABLES: Final = {
    "torch": "torch",
    "keras": "keras",
    "tensorflow": "tensorflow",
    "numpy": "numpy",
    "torchvision": "torchvision",
    "einops": "einops",
    "torchsummary": "torchtools",
    "torchinfo": "torchtools",
    "pytorch_lightning": "torchtools",
    "lightning": "torchtools",
    "torchmetrics": "torchtools",
    "sklearn": "datasets",
    "timm": "timm",
    **dict.fromkeys(
        (
            "math", "functools", "itertools", "collections", "typing", "dataclasses", "argparse",
            "abc", "copy", "random", "operator", "types", "enum", "os", "sys", "time", "warnings",
            "inspect", "logging", "__future__", "typing_extensions", "contextlib", "tqdm", "six",
            "string", "json",
        ),
        "standard",
    ),
}  # fmt: skip

#: Libraries of which little is known here: their own source, where it is there, says more.
LITTLE_KNOWN: Final = frozenset({"timm"})

#: Other names of the same library.
_ALIASES: Final = {
    "tensorflow.keras": "keras",
    "tensorflow.compat.v1.keras": "keras",
    "tensorflow.compat.v2.keras": "keras",
    "tensorflow.python.keras": "keras",
    "tf_keras": "keras",
    "keras.src": "keras",
    "keras.api": "keras",
    "tensorflow.compat.v1": "tensorflow",
    "tensorflow.compat.v2": "tensorflow",
}


@lru_cache(4096)
def canonical(name: str) -> str:
    """Return the name by which a table knows a module or what is in it."""
    changed = True
    while changed:
        changed = False
        for alias, known in _ALIASES.items():
            if name == alias or name.startswith(f"{alias}."):
                name, changed = known + name[len(alias) :], True
    return name


def is_library(name: str) -> bool:
    """Return whether there is a table for a module."""
    return name.partition(".")[0] in _TABLES or canonical(name).partition(".")[0] in _TABLES


def find(m: Machine, name: str) -> Value:
    """Look up a module or what is in it by its full name."""
    known = canonical(name)
    table = _table(known.partition(".")[0])
    if table is None:
        return Unknown(known, m.here)
    found = table.find_in(m, known) if hasattr(table, "find_in") else table.find(known)
    if found is NONE:
        return None
    return Unknown(known, m.here) if found is None else found


def member(m: Machine, library: Library, name: str, where: Position | None) -> Value:
    """Look up a name in a module of a library; raises as Python does where there is none."""
    refuse_lacking(m, library.name, name, where)
    return find(m, f"{library.name}.{name}")


def refuse_lacking(m: Machine, home: str, name: str, where: Position | None) -> None:
    """Refuse a name that a module of a library certainly does not have."""
    table = _table(canonical(home).partition(".")[0])
    if hasattr(table, "refuse_lacking"):
        table.refuse_lacking(m, canonical(home), name, where)


def public(m: Machine, name: str) -> Mapping[str, Value]:
    """Return what a star import gives."""
    known = canonical(name)
    table = _table(known.partition(".")[0])
    names = table.public(known) if table is not None and hasattr(table, "public") else ()
    return {each: find(m, f"{known}.{each}") for each in names}


@cache
def _table(library: str) -> Value:
    home = _TABLES.get(library)
    return None if home is None else import_module(f"{__package__}.library.{home}")

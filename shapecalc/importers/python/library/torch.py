"""torch by its names."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

from shapecalc.importers.python.library import transformers
from shapecalc.importers.python.library.torchcomputed import COMPUTED, computed
from shapecalc.importers.python.library.torchcreating import CREATING
from shapecalc.importers.python.library.torchfunctions import (
    ALIASES,
    CREATING_LIKE,
    FUNCTIONS,
    SAME,
    function_of,
)
from shapecalc.importers.python.library.torchmodules import MODULE, module_class
from shapecalc.importers.python.library.torchnames import NOT_IN_FUNCTIONAL, NOT_IN_TORCH
from shapecalc.importers.python.library.torchobjects import OBJECTS
from shapecalc.importers.python.library.torchpacked import PACKING
from shapecalc.importers.python.library.torchweighted import WEIGHTED
from shapecalc.importers.python.library.written import names_of
from shapecalc.importers.python.values import Builtin, Library, LibraryClass, Value
from shapecalc.layers.torch.dialect import CATALOGUE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from shapecalc.importers.python.machine import Machine
    from shapecalc.importers.python.positions import Position

_MODULES: Final = frozenset(
    "torch torch.nn torch.nn.functional torch.nn.init torch.nn.utils torch.nn.modules torch.optim "
    "torch.utils torch.utils.data torch.cuda torch.autograd torch.linalg torch.special torch.fft "
    "torch.nn.parameter torch.backends torch.backends.cudnn torch.nn.utils.rnn torch.jit "
    "torch.nn.utils.parametrizations torch.functional torch.nn.modules.module torch.sparse".split()
)


_WITH_FUNCTIONS: Final = frozenset(
    {"torch", "torch.special", "torch.linalg", "torch.functional", "torch.sparse"}
)


def find_in(m: Machine, name: str) -> Value | None:
    """Return what a full name stands for; None where it is not known."""
    home, _, last = name.rpartition(".")
    if last in transformers.NAMES and (home == "torch.nn" or home.startswith("torch.nn.modules")):
        return names_of(m, "torch.nn", transformers.SOURCE)[last]
    return _find(name)


def refuse_lacking(m: Machine, home: str, name: str, where: Position | None) -> None:
    """Refuse a name that a module of torch certainly does not have."""
    full = f"{home}.{name}"
    if _is_absent(home, name) or find_in(m, full) is None:
        from shapecalc.importers.python.library import torchlacking

        torchlacking.of_module(m, home, name, where)


def _is_absent(home: str, name: str) -> bool:
    return (home == "torch" and name in NOT_IN_TORCH) or (
        home == "torch.nn.functional" and name in NOT_IN_FUNCTIONAL
    )


@cache
def _find(name: str) -> Value | None:
    if name in _MODULES:
        return Library(name)
    if name in OBJECTS:
        return OBJECTS[name]
    found = _of_modules(name)
    if found is not None:
        return found
    home, _, last = name.rpartition(".")
    last = ALIASES.get(last.rstrip("_"), last.rstrip("_"))
    if home == "torch.nn" or home.startswith("torch.nn.modules"):
        return _of_nn(last)
    if home in {"torch", "torch.nn.functional", "torch._C._nn"} and last in WEIGHTED:
        return Builtin(name, WEIGHTED[last])
    if home in {"torch.nn.functional", "torch._C._nn"}:
        return function_of(last) if last in FUNCTIONS or last in SAME else None
    if home in {
        "torch",
        "torch.special",
        "torch.linalg",
        "torch.functional",
        "torch.sparse",
    } and any(last in table for table in (FUNCTIONS, SAME, CREATING, CREATING_LIKE)):
        return function_of(last)
    if home == "torch.nn.init":
        return (
            function_of("clone") if last != "calculate_gain" else Builtin(name, lambda _m, _c: 1.0)
        )
    return None


def _of_modules(name: str) -> Value | None:
    """Return what is in one of torch's smaller modules, or a function that no step is."""
    if name in PACKING:
        return PACKING[name]
    if name.startswith("torch.utils.data."):
        from shapecalc.importers.python.library import torchdata

        return torchdata.NAMES.get(name.rpartition(".")[2])
    if name.startswith("torch.distributions"):
        from shapecalc.importers.python.library import torchdistributions

        last = name.rpartition(".")[2]
        return torchdistributions.find(name) or (Library(name) if last.islower() else None)
    return _of_functions(name)


def _of_functions(name: str) -> Builtin | None:
    """Return a function of torch, or of one of its modules, that no step is."""
    short = name.removeprefix("torch.").removeprefix("nn.functional.")
    for prefix in ("special.", "functional."):
        short = short.removeprefix(prefix)
    return computed(short) if short in COMPUTED and short != "unfold" else None


@cache
def _of_nn(name: str) -> LibraryClass | None:
    if name == "Module":
        return MODULE
    found = module_class(name)
    if found is not None:
        return found
    entry = CATALOGUE.find(name)
    return None if entry is None or entry.cls != name else module_class(name, leaf=True)


def public(name: str) -> Iterable[str]:
    """Return the names of a star import."""
    if name == "torch.nn":
        return [cls for entry, _ in CATALOGUE.listed() if (cls := entry.cls)] + ["Module"]
    return ()

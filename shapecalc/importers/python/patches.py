"""What a program sets on modules and classes of libraries: ``torch.Tensor.twice = twice``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from shapecalc.importers.python.libraries import canonical
from shapecalc.importers.python.values import Builtin, Library, LibraryClass, Value

if TYPE_CHECKING:
    from shapecalc.importers.python.machine import Machine

#: Stands for what no program set.
NOTHING: Final = object()
_SET: Final = "set on libraries"


def patch(m: Machine, owner: Library | LibraryClass | Builtin, name: str, value: Value) -> None:
    """Remember what is set on a module or a class of a library."""
    m.state.setdefault(_SET, {})[canonical(owner.name), name] = value


def patched(m: Machine, owner: str, name: str) -> Value:
    """Return what was set on a module or a class of a library; `NOTHING` where nothing was."""
    return m.state[_SET].get((canonical(owner), name), NOTHING) if _SET in m.state else NOTHING

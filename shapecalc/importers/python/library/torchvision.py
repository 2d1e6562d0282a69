"""torchvision by its names: its networks are programs, all else is not known."""

from __future__ import annotations

import ast
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from shapecalc.importers.python.values import Builtin, Library, Unknown, Value

if TYPE_CHECKING:
    from shapecalc.importers.python.calls import Call
    from shapecalc.importers.python.machine import Machine

_MODULES: Final = frozenset(
    {"torchvision", "torchvision.models", "torchvision.transforms", "torchvision.datasets"}
)
#: The files of ``torchvision.models``.
_FILES: Final = frozenset(
    {
        "resnet",
        "vgg",
        "alexnet",
        "densenet",
        "mobilenet",
        "mobilenetv2",
        "squeezenet",
        "efficientnet",
        "mobilenetv3",
        "googlenet",
        "inception",
    }
)
#: What the program is called in places, which are never shown.
_PATH: Final = "<torchvision>"


@cache
def _tree() -> ast.Module:
    from shapecalc.importers.python.library import inceptions, mobilenets, visionnets

    return ast.parse(visionnets.SOURCE + mobilenets.SOURCE + inceptions.SOURCE)


def _names(m: Machine) -> dict[str, Value]:
    """Read the networks, once in a run."""
    found: dict[str, Value] | None = m.state.get("torchvision")
    if found is None:
        from shapecalc.importers.python.frames import Frame
        from shapecalc.importers.python.values import Module

        module = Module("torchvision.models", _PATH, "")
        m.execute(_tree().body, Frame(module))
        found = m.state["torchvision"] = module.attrs
    return found


def _by_name(m: Machine, call: Call) -> Value:
    """``get_model("resnet18", num_classes=10)``."""
    name, *args = call.args or [None]
    if not isinstance(name, str) or name not in _names(m):
        return Unknown("torchvision.models.get_model", call.position)
    return m.call(_names(m)[name], args, call.kwargs, call.position)


def find_in(m: Machine, name: str) -> Value | None:
    """Return what a full name stands for; None where it is not known."""
    if name in _MODULES:
        return Library(name)
    parts = name.split(".")
    if parts[1] != "models":
        return None
    last = parts[-1]
    if last == "get_model":
        return Builtin(name, _by_name)
    known: Any = None if last.startswith("_") else _names(m).get(last)
    if len(parts) == 3 and last in _FILES and known is None:  # noqa: PLR2004
        return Library(name)
    return known

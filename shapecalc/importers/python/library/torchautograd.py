"""``torch.autograd.Function``: what a program says it gives, whatever its gradient is."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from shapecalc.importers.python.values import Builtin, Class, Instance, LibraryClass, Value

if TYPE_CHECKING:
    import ast
    from collections.abc import Mapping

    from shapecalc.importers.python.calls import Call
    from shapecalc.importers.python.machine import Machine

_NOTHING: Final = Builtin("ctx", lambda _m, _call: None)
#: What a function keeps for its gradient.
_CONTEXT: Final = LibraryClass(
    "torch.autograd.function.FunctionCtx",
    attributes={
        name: lambda _m, _instance: _NOTHING
        for name in (
            "save_for_backward", "mark_dirty", "mark_non_differentiable", "set_materialize_grads",
        )
    },
)  # fmt: skip


def _applied(cls: Class, m: Machine, call: Call) -> Value:
    """``Sign.apply(x)``: what ``forward`` gives, which may be told to keep something."""
    forward = m.attribute(cls, "forward", call.position)
    kept = [] if "setup_context" in cls.attrs else [Instance(_CONTEXT, call.position)]
    return m.call(forward, [*kept, *call.args], call.kwargs, call.position)


def _derived(cls: Class, _annotations: Mapping[str, ast.expr]) -> None:
    cls.attrs.setdefault("apply", Builtin("apply", partial(_applied, cls)))


FUNCTION: Final = LibraryClass("torch.autograd.Function", derived=_derived)

"""timm's parts that other people's networks are made of; its own networks are not known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from shapecalc.importers.python.layers import make, run_layer
from shapecalc.importers.python.library.torchmodules import MODULE
from shapecalc.importers.python.values import (
    Builtin,
    Instance,
    Library,
    LibraryClass,
    Tensor,
    Value,
)
from shapecalc.layers.torch.dialect import TORCH

if TYPE_CHECKING:
    from collections.abc import Callable

    from shapecalc.importers.python.calls import Call
    from shapecalc.importers.python.machine import Machine


def _repeated(count: int) -> Builtin:
    """``to_2tuple(x)``: a number as often as there are axes; a tuple as it is."""

    def run(_m: Machine, call: Call) -> Value:
        value = call.get(0, "x")
        return tuple(value) if isinstance(value, list | tuple) else (value,) * count

    return Builtin(f"timm.layers.to_{count}tuple", run)


def _counted(_m: Machine, call: Call) -> Value:
    """``to_ntuple(n)`` gives such a function."""
    (count,) = call.take(1)
    return _repeated(count)


def _kept(title: str) -> Callable[[Machine, Instance, Call], Value]:
    """Return what calling a module does that changes no shape."""

    def run(m: Machine, instance: Instance, call: Call) -> Value:
        x = call.get(0, "x")
        if not isinstance(x, Tensor):
            return x
        layer = make(m, TORCH, "Identity", {}, call.position)
        (found,) = run_layer(
            m, layer, [x], call.position, library="torch", made=instance.made,
            label=instance.attrs.get("?path"), owner=instance, title=f"timm.layers.{title}",
        )  # fmt: skip
        return found

    return run


def _first(_m: Machine, call: Call) -> Value:
    return call.get(0, "tensor")


def _divisible(_m: Machine, call: Call) -> Value:
    """``make_divisible(v, divisor=8)``: the multiple that is next, and not much less."""
    value, divisor = call.get(0, "v"), call.get(1, "divisor", 8)
    least, limit = call.get(2, "min_value") or divisor, call.get(3, "round_limit", 0.9)
    made = max(least, int(value + divisor / 2) // divisor * divisor)
    return made + divisor if made < limit * value else made


_KNOWN: Final[dict[str, Value]] = {
    **{f"to_{count}tuple": _repeated(count) for count in (1, 2, 3, 4)},
    "to_ntuple": Builtin("timm.layers.to_ntuple", _counted),
    "make_divisible": Builtin("timm.layers.make_divisible", _divisible),
    **{
        name: LibraryClass(f"timm.layers.{name}", MODULE, apply=_kept(name))
        for name in ("DropPath", "DropBlock2d")
    },
    **{
        name: Builtin(f"timm.layers.{name}", _first)
        for name in ("trunc_normal_", "lecun_normal_", "variance_scaling_", "drop_path")
    },
    "register_model": Builtin("timm.models.register_model", lambda _m, call: call.take(1)[0]),
}


def find(name: str) -> Value | None:
    """Return what a full name stands for; None where it is not known."""
    last = name.rpartition(".")[2]
    found = _KNOWN.get(last)
    if found is None and last.islower() and "create" not in last:
        return Library(name)
    return found

"""Windows that change the size of maps by more than their stride: edits that let them not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shapecalc.layers.arguments import spread
from shapecalc.layers.parameters import parameters
from shapecalc.layers.window import extent
from shapecalc.repair.layers import changed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from shapecalc.layers.layer import Layer
    from shapecalc.network import Edit
    from shapecalc.repair.failure import Stopped

#: The arguments of a window that is padded by numbers.
NUMBERED = {"kernel_size", "stride", "padding"}


def exact_windows(stopped: Stopped) -> Iterator[Sequence[Edit]]:
    """Let a window before give n/stride places of n, a transposed one n*stride.

    By its padding, by its kernel, or by its output padding, the nearest window first.
    """
    for row in stopped.ancestors:
        for layer in exact(row.model):
            yield from stopped.replaced(row, layer)


def exact(layer: Layer) -> Iterator[Layer | None]:
    """Yield a window with each one of its arguments so that it only scales by its stride."""
    known, layout = parameters(type(layer)), layer.layout()
    if layout is None or not known.keys() >= NUMBERED:
        return
    given: dict[str, Any] = {name: getattr(layer, name) for name in known}
    stride = given["stride"] or given["kernel_size"]
    named = {name: given.get(name) or 0 for name in ("kernel_size", "padding", "output_padding")}
    named |= {"dilation": given.get("dilation", 1), "stride": stride}
    if any(not isinstance(value, int | tuple) for value in named.values()):
        return
    axes = zip(*(spread(value, layout.rank) for value in named.values()), strict=True)
    windows = [dict(zip(named, axis, strict=True)) for axis in axes]
    transposed = "output_padding" in known
    if all(map(_grows if transposed else _keeps, windows)):
        return
    for name in ("padding", "kernel_size", "output_padding"):
        amounts = [(_growing if transposed else _keeping)(name, window) for window in windows]
        if None not in amounts:
            alike = len(set(amounts)) == 1
            yield changed(layer, **{name: amounts[0] if alike else tuple(amounts)})


def _keeps(window: dict[str, int]) -> bool:
    """Return whether a window gives n/stride places of any n that the stride divides."""
    reach = extent(window["kernel_size"], window["dilation"])
    return reach - window["stride"] <= 2 * window["padding"] < reach


def _keeping(name: str, window: dict[str, int]) -> int | None:
    """Return the amount of an argument with which a window keeps; None where there is none."""
    reach = extent(window["kernel_size"], window["dilation"])
    if name == "padding":
        padding = max(-(-(reach - window["stride"]) // 2), 0)
        return padding if _keeps(window | {"padding": padding}) else None
    if name == "kernel_size" and 2 * window["padding"] % window["dilation"] == 0:
        return 2 * window["padding"] // window["dilation"] + 1
    return None


def _grows(window: dict[str, int]) -> bool:
    """Return whether a transposed window gives n*stride places of n."""
    return _surplus(window) == 0


def _surplus(window: dict[str, int]) -> int:
    reach = extent(window["kernel_size"], window["dilation"])
    return reach + window["output_padding"] - window["stride"] - 2 * window["padding"]


def _growing(name: str, window: dict[str, int]) -> int | None:
    """Return the amount of an argument with which a window grows; None where there is none."""
    surplus = _surplus(window)
    parts = {"padding": 2, "kernel_size": -window["dilation"], "output_padding": -1}[name]
    amount = window[name] + surplus // parts
    least = 1 if name == "kernel_size" else 0
    return amount if surplus % parts == 0 and amount >= least else None

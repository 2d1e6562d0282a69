"""What is said of layers that work along an axis: which one it is, and whether it is the channels.

Of most of them the default is the last axis, which behind ``channels_first`` is the width.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from shapecalc.language.printer import layer_text
from shapecalc.layers.layout import FEATURES, other_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from shapecalc.layers.layer import Layer
    from shapecalc.layers.layout import Names
    from shapecalc.tracing.rows import Row

#: What docstrings say of the axis that holds the channels or features, and of another one.
_OTHERWISE: Final = {
    "each channel": "each position of the {}",
    "groups of channels": "groups of positions of the {}",
    "the features on the last axis": "the {}, the last axis,",
    "its features": "its {}",
    "the features": "the numbers along the {}",
}


def of_the_axis(text: str, layer: Layer, names: Names | None) -> str:
    """Return a sentence on channels or features, reworded for the axis that the layer works on."""
    other = _other_axis(layer, names)
    if other is not None:
        for said, instead in _OTHERWISE.items():
            text = text.replace(said, instead.format(other))
    return text


def _other_axis(layer: Layer, names: Names | None) -> str | None:
    """Return the axis that a layer works on, where it is not the one with the channels."""
    each = [other_name(names, axis) for axis in layer.feature_axes()]
    return " and the ".join(map(str, each)) if each and None not in each else None


def along_axes(row: Row, names: Names | None) -> Iterator[str]:
    """Yield which axes a layer works on, and how to write it for the channels instead."""
    own = row.model.feature_axes()
    if own and names is not None:
        known = "axis {} is {}" if len(own) == 1 else "axes {} are {}"
        sizes = [f"the {names[axis]} ({row.inputs[0][axis]})" for axis in own]
        known = known.format(_listed(own), _listed(sizes))
        yield known + (_channels_instead(row, names) if _other_axis(row.model, names) else "")


def _listed(parts: Sequence[object]) -> str:
    *rest, last = map(str, parts)
    return f"{', '.join(rest)} and {last}" if rest else last


def _channels_instead(row: Row, names: Names) -> str:
    place = next((place for place, name in enumerate(names) if name in FEATURES), None)
    if place is None:
        return ""
    said = f", not the {names[place]}, which are axis {place}"
    if getattr(row.model, "axis", None) is None:
        return said
    written = layer_text(row.model.model_copy(update={"axis": -1}), row.dialect)
    more = "" if place == len(names) - 1 else f":axis={place}"
    return f"{said} (for those write {written}{more})"

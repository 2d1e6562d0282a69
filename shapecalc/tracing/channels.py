"""Sizes of inputs that are unknown, while a network grows: those of channels may be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shapecalc.layers.layout import channel_axis

if TYPE_CHECKING:
    from shapecalc.layers.scope import Scope
    from shapecalc.network import Apply, Input


class UnknownAxes:
    """Tells a scope which letters stand for sizes that the framework does not know.

    The channels of an input may be unknown all the same. They stand last, until the first layer
    that fixes the axes of the input has them elsewhere.
    """

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        #: By node the inputs with unknown axes that reach it, on which no layer has decided yet.
        self._reached: dict[int, dict[int, Input]] = {}

    def add_input(self, place: int, node: Input) -> None:
        """Take an input."""
        if node.unknown:
            self._reached[place] = {place: node}
            self._set(node, channel_axis(None, len(node.shape)))

    def add_layer(self, place: int, node: Apply) -> None:
        """Take a layer: it decides for all inputs that reach it, or passes them on."""
        if not self._reached:
            return
        inputs: dict[int, Input] = {}
        for tensor in node.inputs:
            inputs |= self._reached.get(tensor.node, {})
        natural = node.layer.input_letters()
        if node.layer.keeps_rank and natural is None:
            self._reached[place] = inputs
            return
        for begin, entry in inputs.items():
            self._set(entry, channel_axis(natural, len(entry.shape)))
            for reached in self._reached.values():
                reached.pop(begin, None)

    def _set(self, node: Input, channels: int | None) -> None:
        unknown = {str(node.shape[axis]) for axis in node.unknown}
        allowed = {str(node.shape[channels])} if channels in node.unknown else set()
        self._scope.unknown -= allowed & unknown
        self._scope.unknown |= unknown - allowed

"""Edits of a network, which its source writes: plain data."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from shapecalc.dims import Shape
    from shapecalc.layers.layer import Layer
    from shapecalc.network.nodes import Tensor


class Replace(NamedTuple):
    """Replace a layer by another one: with other arguments, in a wrapper, or without one.

    All nodes that share the weights of the layer get it.
    """

    node: int
    layer: Layer


class Insert(NamedTuple):
    """Put layers before a node, into the tensor that it reads first, or into another one."""

    node: int
    layers: tuple[Layer, ...]
    read: int = 0


class Append(NamedTuple):
    """Put layers behind a node: what reads its first output reads theirs."""

    node: int
    layers: tuple[Layer, ...]


class LeaveOut(NamedTuple):
    """Leave out a layer: what read its output reads its first input."""

    node: int


class Reshape(NamedTuple):
    """Give an input another shape."""

    node: int
    shape: Shape


class Joined(NamedTuple):
    """A tensor that a new merge makes of others, and the label that it gets where it has one."""

    layer: Layer
    inputs: tuple[Tensor, ...]
    label: str


class Read(NamedTuple):
    """Let a layer read other tensors beside the first: those that are there, or new ones."""

    node: int
    tensors: tuple[Tensor | Joined, ...]


Edit = Replace | Insert | Append | LeaveOut | Reshape | Read

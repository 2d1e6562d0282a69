"""Nodes of a network: inputs, layers that are applied, and requirements; all plain data."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from shapecalc.dims import Shape, Size
    from shapecalc.errors import Place, Span
    from shapecalc.layers.layer import Layer


#: Instead of a port: all outputs but the first, which are the states of a recurrent layer.
STATES: Final = -1


class Tensor(NamedTuple):
    """An output of a node: the node's place in the network, and which of its outputs."""

    node: int
    port: int = 0


@lru_cache(maxsize=4096)
def first_output(node: int) -> Tensor:
    """Return the first output of a node: equal ones, which are many, are one object."""
    return Tensor(node)


class Origin:
    """Where a node came from: a place in its source, of which each kind has a kind of its own."""

    __slots__ = ()

    @property
    def line(self) -> int | None:
        """The line of source code in which it is called; None where it came from none."""
        return None

    @property
    def span(self) -> Span | None:
        """The part of the source's text that was read to the node, where it has a text."""
        return None

    @property
    def code(self) -> Place | None:
        """The part of source code in which it is called; None where it came from none."""
        return None

    @property
    def written(self) -> str | None:
        """The source code that makes it, on one line; None where it came from none."""
        return None

    @property
    def made_at(self) -> Place | None:
        """The part of source in which the layer was made, where that is another one."""
        return None

    @property
    def own_class(self) -> str | None:
        """The class of the program of which the layer is; None where it is the framework's."""
        return None


class Input:
    """Where a tensor comes in; without a name it gets Keras's default one.

    ``unknown`` are the axes whose letters were made for sizes that were not given. An input that
    the source leaves out has no origin.
    """

    __slots__ = ("name", "origin", "shape", "unknown")

    def __init__(self, shape: Shape, name: str | None = None, origin: Origin | None = None) -> None:
        self.shape = shape
        self.name = name
        self.origin = origin
        self.unknown: frozenset[int] = frozenset()

    def __repr__(self) -> str:
        sizes = ", ".join(map(str, self.shape))
        return f"<Input {self.name}: ({sizes})>" if self.name else f"<Input: ({sizes})>"

    def _parts(self) -> tuple[Any, ...]:
        return (self.shape, self.name, self.unknown)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Input) and self._parts() == other._parts()

    def __hash__(self) -> int:
        return hash(self._parts())


class Called(NamedTuple):
    """What a layer is called with beside what it works on.

    ``masks`` are the names of the last of its inputs, ``values`` what is not a tensor, by name.
    """

    masks: tuple[str, ...] = ()
    values: tuple[tuple[str, Any], ...] = ()


#: A call with nothing else.
PLAINLY: Final = Called()


def call_with(masks: Iterable[str], values: Mapping[str, Any]) -> Called:
    """Return what a layer is called with beside tensors, in values that can be compared."""
    kept = tuple((name, _comparable(value)) for name, value in values.items())
    return Called(tuple(masks), kept) if masks or values else PLAINLY


def _comparable(value: Any) -> Any:  # noqa: ANN401
    """Return a value with tuples instead of its lists and dicts."""
    if isinstance(value, dict):
        return tuple((key, _comparable(each)) for key, each in value.items())
    return tuple(map(_comparable, value)) if isinstance(value, (list, tuple)) else value


class Apply:
    """A layer applied to tensors.

    ``origin`` says where it came from, for messages; ``shares`` is the place of the node whose
    weights it uses again; ``call`` is what else it is called with; ``title`` is the function by
    which source code calls it, where it is not a layer there; ``tied`` are the names of those of
    its weights that another node has, ``frozen`` of those that are not trained; None stands for
    all of them; ``turns`` is how often a loop around it does the same, as a letter says.
    """

    __slots__ = (
        "call", "frozen", "inputs", "label", "layer", "origin", "shares", "tied", "title", "turns",
    )  # fmt: skip

    def __init__(
        self,
        layer: Layer,
        inputs: tuple[Tensor, ...],
        label: str | None = None,
        origin: Origin | None = None,
        shares: int | None = None,
        call: Called = PLAINLY,
        title: str | None = None,
        tied: tuple[str, ...] = (),
        frozen: tuple[str, ...] | None = (),
        turns: Size = 1,
    ) -> None:
        self.turns = turns
        self.call = call
        self.frozen = frozen
        self.title = title
        self.tied = tied
        self.layer = layer
        self.inputs = inputs
        self.label = label
        self.origin = origin
        self.shares = shares

    @property
    def wiring(self) -> tuple[Any, ...]:
        """What it is beside its layer."""
        own = (self.inputs, self.label, self.shares, self.call, self.tied, self.frozen)
        return own if self.turns == 1 else (*own, self.turns)

    @property
    def worked(self) -> tuple[Tensor, ...]:
        """The tensors that it works on: its inputs but for the masks."""
        return self.inputs[: len(self.inputs) - len(self.call.masks)]

    @property
    def masks(self) -> list[tuple[str, Tensor]]:
        """The masks with which it is called, each with its name."""
        names = self.call.masks
        return list(zip(names, self.inputs[len(self.worked) :], strict=True))

    def replaced(self, **changes: Any) -> Apply:  # noqa: ANN401
        """Return it with other fields, and all else as it is."""
        return Apply(**{name: getattr(self, name) for name in self.__slots__} | changes)

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Apply) and self.wiring == other.wiring and self.layer == other.layer
        )

    def __hash__(self) -> int:
        return hash((self.inputs, self.label))


class Requirement:
    """A shape that is required of a tensor; None in it matches any size."""

    __slots__ = ("origin", "pattern", "tensor")

    def __init__(
        self, tensor: Tensor, pattern: tuple[Size | None, ...], origin: Origin | None = None
    ) -> None:
        self.tensor = tensor
        self.pattern = pattern
        self.origin = origin

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Requirement):
            return False
        return self.tensor == other.tensor and self.pattern == other.pattern

    def __hash__(self) -> int:
        return hash((self.tensor, self.pattern))


Node = Input | Apply | Requirement

"""A layer where it is applied, as the writers of both directions ask about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, NoReturn, Protocol, TypeVar

from shapecalc.exporters.document import Assign

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from shapecalc.dims import Shape
    from shapecalc.exporters.document import Expression, Statement
    from shapecalc.layers.layer import Layer


class Host(Protocol):
    """The module or the model to which the code of a layer goes."""

    body: list[Statement]

    def refuse(self, layer: Layer, name: str, why: str) -> NoReturn:
        """Raise an error that names a layer and its place."""

    def fresh(self, name: str) -> str:
        """Return a variable for an intermediate result."""


class Shaped(Protocol):
    """A tensor with its shape in the framework that is read."""

    shape: Shape
    reads: int


HostT = TypeVar("HostT", bound=Host)
ValueT = TypeVar("ValueT", bound=Shaped)


class Step(Generic[HostT, ValueT]):
    """A layer, the tensors that it reads, and where its code goes.

    Attributes:
        layer: the layer.
        values: the tensors that it reads.
        outputs: the shapes of its outputs.
        name: what it is called in the code.
        path: what it is called in the framework that is read.
        call: what it is called with beside tensors, by name.
        reads: how often each of its outputs is read.
    """

    def __init__(
        self,
        host: HostT,
        layer: Layer,
        values: Sequence[ValueT],
        outputs: Sequence[Shape],
        name: str,
        path: str,
        call: Mapping[str, Any],
        reads: Sequence[int],
    ) -> None:
        self._host = host
        self.layer = layer
        self.values = list(values)
        self.outputs = list(outputs)
        self.name = name
        self.path = path
        self.call = call
        self.reads = reads

    @property
    def shape(self) -> Shape:
        """The shape of the first tensor that it reads."""
        return self.values[0].shape

    @property
    def rank(self) -> int:
        """The number of axes of the first tensor that it reads."""
        return len(self.shape)

    def refuse(self, why: str) -> NoReturn:
        """Raise the error that says what of the layer the other framework lacks."""
        self._host.refuse(self.layer, self.name, why)

    def let(self, name: str, value: Expression) -> str:
        """Keep an intermediate result in a variable near to this name; return the variable."""
        fresh = self._host.fresh(name)
        self._host.body.append(Assign(fresh, value))
        return fresh

    def line(self, target: str, value: Expression) -> None:
        """Assign to a variable, or to a part of one, that exists."""
        self._host.body.append(Assign(target, value))


def write(
    step: Step[HostT, ValueT],
    writer: Callable[[Any], Any] | None,
    framework: str,
    keep: Callable[[Any, int, str | None], ValueT],
    label: str | None,
) -> list[ValueT]:
    """Write a layer with its writer, and return the tensors that it gives.

    ``keep(out, reads, label)`` puts an output where what follows reads it. The label names the
    first output that is read more than once.

    Raises:
        ShapeError: the framework has no layer that does the same.
    """
    for value in step.values:
        value.reads -= 1
    if writer is None:
        step.refuse(f"has nothing in {framework} that does the same")
    found = writer(step)
    values: list[ValueT] = []
    outs = found if isinstance(found, (list, tuple)) else [found]
    for out, shape, count in zip(outs, step.outputs, step.reads, strict=True):
        value = keep(out, count, label if not values and count > 1 else None)
        value.shape = shape
        values.append(value)
    return values

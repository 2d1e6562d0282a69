"""A module of PyTorch where it is applied: what its writer asks for, and what it leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from shapecalc.exporters.document import Assign, Call, quoted
from shapecalc.exporters.port.from_torch.values import Value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapecalc.dims import Shape, Size
    from shapecalc.exporters.document import Expression
    from shapecalc.exporters.port.from_torch.model import Model
    from shapecalc.layers.layer import Layer

Keywords = list[tuple[str, "Expression"]]


class Applied:
    """A module, the tensors that it reads, and the model to which its code goes.

    Attributes:
        layer: the module.
        values: the tensors that it reads.
        outputs: the shapes of its outputs.
        name: the name that its layer of Keras gets.
        path: the name of the module of PyTorch.
        call: what it is called with beside tensors, by name.
        reads: how often each of its outputs is read.
    """

    def __init__(
        self,
        model: Model,
        layer: Layer,
        values: Sequence[Value],
        outputs: Sequence[Shape],
        name: str,
        path: str,
        call: dict[str, Any],
        reads: Sequence[int],
    ) -> None:
        self._model = model
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
        """Raise the error that says what of the module Keras lacks."""
        self._model.refuse(self.layer, self.name, why)

    def size(self, size: Size) -> str:
        """Return a size that Keras needs as a number."""
        return self._model.number(size)

    def plain(self, place: int = 0) -> str:
        """Return the variable of a tensor with its axes as in PyTorch."""
        return self._model.plain(self.values[place])

    def spatial(self, place: int = 0) -> str:
        """Return the variable of a batch of places with their channels at the end."""
        rank = self.layer.rank  # type: ignore[attr-defined]
        if len(self.values[place].shape) != rank + 2:
            self.refuse("reads one example without a batch, which Keras does not")
        return self._model.moved(self.values[place])

    def last(self, place: int = 0) -> str:
        """Return the variable of a tensor with its second axis at the end."""
        return self._model.moved(self.values[place])

    def let(self, name: str, value: Expression) -> str:
        """Keep an intermediate result in a variable near to this name; return the variable."""
        fresh = self._model.fresh(name)
        self._model.body.append(Assign(fresh, value))
        return fresh

    def fresh(self, name: str) -> str:
        """Return a variable for an intermediate result."""
        return self._model.fresh(name)

    def known(self, name: str) -> Value:
        """Return a tensor that a variable holds already."""
        value = Value(name, ())
        self._model.hold(value)
        return value

    def line(self, target: str, value: Expression) -> None:
        """Assign to what is there."""
        self._model.body.append(Assign(target, value))

    def plainly(self, kind: str, x: Expression, *positional: Expression, **given: Any) -> Call:  # noqa: ANN401
        """Return a layer without weights, applied."""
        self._model.uses("layers")
        return Call(Call(f"layers.{kind}", positional, list(given.items())), (x,))

    def weighted(
        self,
        kind: str,
        positional: Sequence[Expression],
        keywords: Keywords,
        suffix: str = "",
    ) -> Expression:
        """Make a layer with weights once, which gets a name; return the layer."""
        self._model.uses("layers")
        name = self.name + suffix
        made = Call(f"layers.{kind}", positional, [*keywords, ("name", quoted(name))])
        return self._model.layer(name, made)

    def ops(self, name: str, *positional: Expression, **given: Expression) -> Call:
        """Return a call of an operation of ``keras.ops``."""
        self._model.uses("ops")
        return Call(f"ops.{name}", positional, list(given.items()))

    def copy(self, how: str, *further: Expression, suffix: str = "") -> None:
        """Carry the weights over by a function for modules of this kind."""
        target = f"layer({quoted(self.name + suffix)})"
        self._model.copy(how, self.path, (target, *further))

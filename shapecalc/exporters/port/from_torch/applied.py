"""A module of PyTorch where it is applied: what its writer asks for, and what it leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shapecalc.exporters.document import Call, quoted
from shapecalc.exporters.port.applied import Step
from shapecalc.exporters.port.from_torch.values import Value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapecalc.dims import Size
    from shapecalc.exporters.document import Expression
    from shapecalc.exporters.port.from_torch.model import Model  # noqa: F401  (in the base class)

Keywords = list[tuple[str, "Expression"]]


class Applied(Step["Model", Value]):
    """A module of PyTorch where it is applied in a model of Keras.

    ``name`` is the name that its layer of Keras gets, ``path`` that of the module of PyTorch.
    """

    def size(self, size: Size) -> str:
        """Return a size that Keras needs as a number."""
        return self._host.number(size)

    def plain(self, place: int = 0) -> str:
        """Return the variable of a tensor with its axes as in PyTorch."""
        return self._host.plain(self.values[place])

    def spatial(self, place: int = 0) -> str:
        """Return the variable of a batch of places with their channels at the end."""
        rank = self.layer.rank  # type: ignore[attr-defined]
        if len(self.values[place].shape) != rank + 2:
            self.refuse("reads one example without a batch, which Keras does not")
        return self._host.moved(self.values[place])

    def last(self, place: int = 0) -> str:
        """Return the variable of a tensor with its second axis at the end."""
        return self._host.moved(self.values[place])

    def fresh(self, name: str) -> str:
        """Return a variable for an intermediate result."""
        return self._host.fresh(name)

    def known(self, name: str) -> Value:
        """Return a tensor that a variable holds already."""
        value = Value(name, ())
        self._host.hold(value)
        return value

    def plainly(self, kind: str, x: Expression, *positional: Expression, **given: Any) -> Call:  # noqa: ANN401
        """Return a layer without weights, applied."""
        self._host.uses("layers")
        return Call(Call(f"layers.{kind}", positional, list(given.items())), (x,))

    def weighted(
        self,
        kind: str,
        positional: Sequence[Expression],
        keywords: Keywords,
        suffix: str = "",
    ) -> Expression:
        """Make a layer with weights once, which gets a name; return the layer."""
        self._host.uses("layers")
        name = self.name + suffix
        made = Call(f"layers.{kind}", positional, [*keywords, ("name", quoted(name))])
        return self._host.layer(name, made)

    def ops(self, name: str, *positional: Expression, **given: Expression) -> Call:
        """Return a call of an operation of ``keras.ops``."""
        self._host.uses("ops")
        return Call(f"ops.{name}", positional, list(given.items()))

    def copy(self, how: str, *further: Expression, suffix: str = "") -> None:
        """Carry the weights over by a function for modules of this kind."""
        target = f"layer({quoted(self.name + suffix)})"
        self._host.copy(how, self.path, (target, *further))

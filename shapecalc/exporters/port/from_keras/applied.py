"""A layer where it is applied: what its writer asks for, and what it leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shapecalc.exporters.document import Assign, Call
from shapecalc.exporters.port.applied import Step
from shapecalc.exporters.port.from_keras.values import Out, Value
from shapecalc.layers.layer import apply
from shapecalc.layers.scope import Scope

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapecalc.dims import Shape, Size
    from shapecalc.exporters.document import Expression
    from shapecalc.exporters.port.from_keras.module import Module
    from shapecalc.layers.layer import Layer
    from shapecalc.network import Network


class Applied(Step["Module", Value]):
    """A layer of Keras where it is applied in a module of PyTorch.

    ``name`` is the attribute of the module that it becomes, ``path`` the layer of Keras that it is
    made of, as an expression, and ``weights`` has the shapes of its weights by name.
    """

    def __init__(
        self,
        module: Module,
        layer: Layer,
        values: Sequence[Value],
        outputs: Sequence[Shape],
        weights: dict[str, Shape],
        name: str,
        path: str,
        call: dict[str, Any] | None = None,
        reads: Sequence[int] = (1,),
    ) -> None:
        super().__init__(module, layer, values, outputs, name, path, call or {}, reads)
        self.weights = weights

    def size(self, size: Size) -> str:
        """Return a size that PyTorch needs as a number; its letters become arguments."""
        return self._host.number(size)

    def run_time_size(self, size: Size) -> str:
        """Return a size that ``forward`` needs as a number."""
        return self._host.number(size, in_forward=True)

    def plain(self, place: int = 0) -> str:
        """Return the variable of a tensor with its axes as in Keras."""
        return self._host.plain(self.values[place])

    def first(self, place: int = 0) -> str:
        """Return the variable of a tensor whose last axis stands behind the batch."""
        return self._host.moved(self.values[place])

    def spatial(self, place: int = 0) -> tuple[str, bool]:
        """Return the variable of a tensor with its channels behind the batch, and if it is moved.

        A layer of Keras that reads its channels first reads them there already.
        """
        if getattr(self.layer, "data_format", None) == "channels_first":
            return self.plain(place), False
        return self.first(place), True

    def as_it_is(self, place: int = 0) -> str:
        """Return the variable of a tensor for what works on each value separately."""
        return self.values[place].name

    def alike(self, out: Expression, place: int = 0) -> Out:
        """Return an output whose axes stand as those of a tensor that was read as it is."""
        value = self.values[place]
        return Out(out, value.first, value.steps)

    def module(self, made: Expression, suffix: str = "") -> str:
        """Make a module once, and return it: ``self.conv``."""
        return self._host.attribute(self.name + suffix, made)

    def parameter(self, shape: Sequence[Expression], suffix: str, fill: str = "zeros") -> str:
        """Make a parameter of this shape once, and return it."""
        tensor = Call(f"torch.{fill}", tuple(shape))
        return self.module(Call("nn.Parameter", (tensor,)), suffix)

    def buffer(self, made: Expression, suffix: str) -> str:
        """Register a buffer once, and return it."""
        return self._host.buffer(self.name + suffix, made)

    def copy(self, how: str, *further: Expression, suffix: str = "", path: str = "") -> None:
        """Carry the weights over by a function for layers of this kind."""
        target = f"model.{self.name}{suffix}"
        self._host.copy(how, (self.path + path, target, *further))

    def copy_plain(self, suffix: str, array: str) -> None:
        """Carry one weight over as it is; ``array`` is what of the layer it is."""
        self._host.copy("copy_array", (f"{self.path}{array}", f"model.{self.name}{suffix}"))

    def needs(self, snippet: str) -> str:
        """Put a function or a class above the module, and return its name."""
        return self._host.needs(snippet)

    def inner_module(self, network: Network) -> tuple[str, str]:
        """Write a model within the model; return its class, and what carries its weights over."""
        return self._host.inner(network, [value.shape for value in self.values], self.name)

    def imports(self, module: str, alias: str = "") -> None:
        """Import a module."""
        self._host.imports(module, alias)

    def functional(self, name: str, *positional: Expression, **keywords: Expression) -> Call:
        """Return a call of ``torch.nn.functional``."""
        self._host.imports("torch.nn.functional", "F")
        return Call(f"F.{name}", positional, tuple(keywords.items()))

    def within(self, layer: Layer, values: Sequence[Value], suffix: str, path: str) -> list[Value]:
        """Apply a layer that this one holds, and return what it gives.

        ``suffix`` is put behind the name of its attribute, ``path`` behind that of the layer.
        """
        result = apply(layer, [value.shape for value in values], Scope())
        weights = {weight.name: weight.shape for weight in result.weights}
        name, inner = self.name + suffix, self.path + path
        reads = [1] * len(result.outputs)
        held = Applied(self._host, layer, values, result.outputs, weights, name, inner, reads=reads)
        found = self._host.apply(held)
        for value in found:
            value.reads -= 1
        return found

    def unpacked(self, wanted: str, *ports: int) -> Value:
        """Return a tensor for which the code of the layer makes a variable.

        Where none of the outputs that are made of it is read, it has no name.
        """
        read = any(self.reads[port] for port in ports if port < len(self.reads))
        value = Value(self._host.fresh(wanted) if read else "_", ())
        self._host.hold(value)
        return value

    def temporary(self, value: Expression, shape: Shape, steps: str | None = None) -> Value:
        """Keep an expression as the tensor that a layer inside reads."""
        source = self.values[0]
        name = self._host.variable(source)
        self._host.body.append(Assign(name, value))
        kept = Value(name, shape, first=False, steps=steps, masker=source.masker, reads=1)
        self._host.hold(kept)
        return kept

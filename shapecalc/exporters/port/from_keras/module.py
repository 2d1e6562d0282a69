"""The module that a network of Keras becomes: its attributes, its forward pass, its weights."""

from __future__ import annotations

import re
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, Final, NoReturn

from shapecalc.dims import letters
from shapecalc.errors import ShapeError
from shapecalc.exporters.document import Assign, Call, Evaluate, Import, quoted, size_code
from shapecalc.exporters.names import MODULE_ATTRIBUTES, Names
from shapecalc.exporters.port.applied import write
from shapecalc.exporters.port.from_keras.applied import Applied
from shapecalc.exporters.port.from_keras.families import writer_of
from shapecalc.exporters.port.from_keras.masks import hands_mask_on, makes_mask, reads_mask
from shapecalc.exporters.port.from_keras.values import Out, Value
from shapecalc.layers.keras.layer import SpatialLayer
from shapecalc.network import Tensor
from shapecalc.tracing.rows import subject

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapecalc.dims import Shape, Size
    from shapecalc.exporters.document import Expression, Statement
    from shapecalc.exporters.graph import Graph
    from shapecalc.exporters.port.from_keras.file import File
    from shapecalc.layers.layer import Layer
    from shapecalc.network import Apply, Network

#: What variables must not be called, beside what is imported.
_TAKEN: Final = ("F", "nn", "torch", "self", "source", "model", "layer")
#: The names that variables get, in order, before those of rows.
_PLAIN: Final = ("x", "y", "z")


class Module:
    """Writes the nodes of a network one after the other.

    Attributes:
        made: the statements of ``__init__``.
        body: the statements of ``forward``, but for what it returns.
        parameters: its parameters.
        outputs: the variables that it returns.
        copies: the calls that carry weights over.
        letters: the letters that must be numbers when the module is made.
        kept: those of them that ``forward`` reads.
        unnamed: the layers that Keras gives a name.
    """

    def __init__(self, file: File, graph: Graph) -> None:
        self.file = file
        self.graph = graph
        self.network: Network = graph.network
        self.made: list[Statement] = []
        self.body: list[Statement] = []
        self.copies: list[Statement] = []
        self.letters: dict[str, None] = {}
        self.kept: dict[str, None] = {}
        self.parameters: list[str] = []
        self.outputs: list[str] = []
        self.unnamed: dict[str, None] = {}
        self._attributes: dict[str, str] = {}
        self._attribute_names = Names((*MODULE_ATTRIBUTES, *_TAKEN))
        self._variable_names = Names(_TAKEN)
        self._names: dict[str, str] = {}
        self._live: list[Value] = []
        self._node: Apply | None = None
        self._copied: set[tuple[str, ...]] = set()

    # What is written of the whole network.

    def write(self) -> None:
        """Write all nodes."""
        given: dict[int, list[Value]] = {}
        for place in self.graph.inputs:
            (shape,), name = self.graph.shapes(place), self.graph.names[place]
            value = Value(self._parameter(name), shape, reads=self._reads(place, 0), given=True)
            value.first = self.file.channels_first and self._is_moved(place)
            self._live.append(value)
            given[place] = [value]
        for place in self.graph.steps:
            given[place] = self._step(place, given)
        for tensor in self.graph.outputs:
            value = given[tensor.node][tensor.port]
            value.reads -= 1
            self.outputs.append(self.file.result(self, value))

    def _is_moved(self, place: int) -> bool:
        """Return whether a layer with spatial axes reads an input, or values made of it."""
        waiting, seen = [Tensor(place)], set()
        while waiting:
            tensor = waiting.pop()
            for step in self._readers.get(tensor, ()):
                layer = self.graph.layer(step)
                if isinstance(layer, SpatialLayer):
                    return getattr(layer, "data_format", None) != "channels_first"
                if layer.keeps_rank and step not in seen:
                    seen.add(step)
                    waiting.append(Tensor(step))
        return False

    @cached_property
    def _readers(self) -> dict[Tensor, list[int]]:
        """The steps that read each tensor."""
        found: dict[Tensor, list[int]] = {}
        for step in self.graph.steps:
            for tensor in self.graph.worked(step):
                found.setdefault(tensor, []).append(step)
        return found

    def _reads(self, place: int, port: int) -> int:
        """Return how often a tensor is read, as an output of the network too."""
        return self.graph.readers[Tensor(place, port)]

    def _parameter(self, name: str) -> str:
        """Return the name of an input as an argument of ``forward``."""
        alone = len(self.graph.inputs) == 1 and name.startswith("input_layer")
        found = "x" if alone else self._variable_names.new(name)
        self.parameters.append(found)
        return found

    def _step(self, place: int, given: dict[int, list[Value]]) -> list[Value]:
        graph = self.graph
        node, row, owner = graph.node(place), graph.row(place), graph.owners[place]
        self._node = node
        layer, name = graph.layer(place), graph.names[owner]
        if node.label is None and layer.name is None:
            self.unnamed.setdefault(name)
        if node.call.masks:
            self.refuse(layer, row.name, "is called with a mask, which PyTorch lacks")
        values = [given[tensor.node][tensor.port] for tensor in graph.worked(place)]
        weights = {weight.name: weight.shape for weight in graph.row(owner).weights}
        applied = Applied(
            self,
            layer,
            values,
            row.outputs,
            weights,
            self._attribute_of(name),
            f"layer({quoted(name)})",
            dict(node.call.values),
            [self._reads(place, port) for port in range(len(row.outputs))],
        )
        return self.apply(applied, node.label)

    def _attribute_of(self, owner: str) -> str:
        """Return the name of the attribute that a row becomes."""
        if owner not in self._names:
            self._names[owner] = self._attribute_names.new(owner)
        return self._names[owner]

    # What is written of a layer.

    def apply(self, applied: Applied, label: str | None = None) -> list[Value]:
        """Write a layer, and return what it gives."""
        self._require_plain(applied)
        masker = self._mask(applied)
        writer = writer_of(type(applied.layer).__name__)
        keep = partial(self._keep, applied)
        values = write(applied, writer, "PyTorch", keep, label)
        for value in values:
            value.masker = masker
        return values

    def _keep(self, applied: Applied, out: Out, count: int, label: str | None) -> Value:
        """Keep an output in a variable, unless it is there, or nothing reads it."""
        if isinstance(out.value, Value):
            out.value.reads += count
            self._live.append(out.value)
            return out.value
        source = applied.values[0]
        if out.value == source.name and (out.first, out.steps) == (source.first, source.steps):
            source.reads += count
            return source
        if count == 0:
            return Value("_", (), reads=0)
        name = self.variable(source, label or "", applied.name)
        self.body.append(Assign(name, out.value))
        value = Value(name, (), out.first, out.steps, reads=count)
        self._live.append(value)
        return value

    def _require_plain(self, applied: Applied) -> None:
        """Refuse what changes the numbers beside what a layer is for."""
        layer = applied.layer
        if _dtype(getattr(layer, "dtype", None)) not in (None, "float32"):
            applied.refuse("computes in another dtype than float32")
        if applied.call.get("training"):
            applied.refuse("is called with training=True, whatever the model does")
        if getattr(layer, "lora_rank", None):
            applied.refuse("has a lora_rank, which PyTorch's modules lack")
        if getattr(layer, "quantization_config", None) is not None:
            applied.refuse("is quantized")
        if getattr(layer, "stateful", False):
            applied.refuse("is stateful: its output depends on earlier batches")

    def _mask(self, applied: Applied) -> str | None:
        """Return the layer whose mask goes on; refuses one that reads a mask."""
        layer = applied.layer
        maskers = [value.masker for value in applied.values if value.masker]
        if maskers and reads_mask(layer):
            self.refuse(
                layer,
                applied.name,
                f"reads the mask that {maskers[0]} makes (mask_zero is True), "
                "and PyTorch has no masks",
            )
        if makes_mask(layer):
            if type(layer).__name__ == "Masking":
                applied.refuse("makes a mask of the data, and PyTorch has no masks")
            return applied.name
        return maskers[0] if maskers and hands_mask_on(layer) else None

    def refuse(self, layer: Layer, name: str, why: str) -> NoReturn:
        """Raise an error that names a layer and its place."""
        failed = ShapeError(f"{subject(layer, self.network.dialect)} {why}", layer=name)
        raise failed if self._node is None else self.network.placed(failed, self._node)

    # What writers ask for.

    def plain(self, value: Value) -> str:
        """Give a tensor the axes that it has in Keras; return its variable."""
        if value.first:
            self.body.append(Assign(value.name, f"{value.name}.movedim(1, -1)"))
            value.first = False
        if value.steps is not None:
            self.body.append(Assign(value.name, f"{value.name}.unflatten(0, {value.steps})"))
            value.steps = None
        return value.name

    def moved(self, value: Value) -> str:
        """Move the last axis of a tensor behind the batch; return its variable."""
        if value.steps is not None:
            self.plain(value)
        if not value.first and len(value.shape) > 2:  # noqa: PLR2004  (batch and features)
            self.body.append(Assign(value.name, f"{value.name}.movedim(-1, 1)"))
            value.first = True
        return value.name

    def hold(self, value: Value) -> None:
        """Count a tensor among those whose variables are not given to others."""
        self._live.append(value)

    def variable(self, source: Value, label: str = "", row: str = "") -> str:
        """Return the variable for what a layer makes of a tensor."""
        if label:
            return self._variable_names.new(label)
        self._live = [value for value in self._live if value.reads > 0]
        held = {value.name for value in self._live}
        wanted = [source.name] if source.name in _PLAIN else []
        for name in (*wanted, *_PLAIN, source.name):
            if name not in held:
                self._variable_names.reserve(name)
                return name
        return self._variable_names.new(row or "x")

    def fresh(self, name: str) -> str:
        """Return a variable for an intermediate result."""
        return self._variable_names.new(name)

    def attribute(self, name: str, made: Expression) -> str:
        """Make an attribute once; return it."""
        if name not in self._attributes:
            self._attributes[name] = f"self.{name}"
            self.made.append(Assign(f"self.{name}", made))
        return self._attributes[name]

    def buffer(self, name: str, made: Expression) -> str:
        """Register a buffer once; return it."""
        if name not in self._attributes:
            self._attributes[name] = f"self.{name}"
            call = Call("self.register_buffer", (f'"{name}"', made))
            self.made.append(Evaluate(call))
        return self._attributes[name]

    def copy(self, how: str, arguments: Sequence[Expression]) -> None:
        """Carry weights over once."""
        key = (how, *map(str, arguments))
        if key not in self._copied:
            self._copied.add(key)
            self.copies.append(Evaluate(Call(how, tuple(arguments))))
            self.file.copies_by(how)

    def number(self, size: Size, *, in_forward: bool = False) -> str:
        """Return a size as a number; its letters become arguments of the module."""
        names = () if isinstance(size, int) else sorted(letters(size))
        self.letters |= dict.fromkeys(names)
        text = size_code(size)
        for name in names:
            argument = argument_of(name)
            shown = f"self.{argument}" if in_forward else argument
            text = re.sub(rf"\b{name}\b", shown, text)
        if in_forward:
            self.kept |= dict.fromkeys(names)
        return text

    def inner(self, network: Network, shapes: Sequence[Shape], wanted: str) -> tuple[str, str]:
        """Write a model within the model; return its class, and what carries its weights over."""
        return self.file.inner(network, shapes, wanted, self)

    def needs(self, snippet: str) -> str:
        """Put a function or a class above the module; return its name."""
        return self.file.needs(snippet)

    def imports(self, module: str, alias: str = "") -> None:
        """Import a module."""
        self.file.document.imports.add(Import(module, alias=alias))


def argument_of(letter: str) -> str:
    """Return the argument of a module for a letter.

    F is what PyTorch's functions are imported as.
    """
    return "features" if letter == "F" else letter


def _dtype(policy: Any) -> str | None:  # noqa: ANN401
    """Return the name of a dtype or of a policy as Keras stores it."""
    if isinstance(policy, dict):
        policy = (policy.get("config") or {}).get("name")
    return policy if policy is None or isinstance(policy, str) else str(policy)

"""The module that a network of Keras becomes: its attributes, its forward pass, its weights."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, NoReturn

from shapecalc.dims import letters
from shapecalc.exporters.document import Assign, Call, Evaluate, Import
from shapecalc.exporters.names import Names
from shapecalc.exporters.port.from_keras.applied import Applied, error
from shapecalc.exporters.port.from_keras.families import writer_of
from shapecalc.exporters.port.from_keras.masks import hands_mask_on, makes_mask, reads_mask
from shapecalc.exporters.port.from_keras.values import Out, Value
from shapecalc.network import STATES, Apply, Input
from shapecalc.tracing.rows import subject

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapecalc.dims import Size
    from shapecalc.exporters.document import Expression, Statement
    from shapecalc.exporters.port.from_keras.file import File
    from shapecalc.layers.layer import Layer
    from shapecalc.network import Network, Tensor
    from shapecalc.tracing.rows import Row, Trace

#: What an attribute of a module must not be called.
_MODULE: Final = (
    "add_module apply bfloat16 buffers call_super_init children compile cpu cuda double "
    "dump_patches eval extra_repr float forward get_buffer get_extra_state get_parameter "
    "get_submodule half ipu load_state_dict modules mtia named_buffers named_children "
    "named_modules named_parameters parameters register_buffer register_module "
    "register_parameter requires_grad_ set_extra_state set_submodule share_memory state_dict to "
    "to_empty train training type xpu zero_grad T_destination"
).split()
#: What variables must not be called, beside what is imported.
_TAKEN: Final = ("F", "nn", "torch", "self", "source", "model", "layer")
#: The names that variables get, in order, before those of rows.
_PLAIN: Final = ("x", "y", "z")


class Module:
    """Writes the nodes of a network one after the other.

    Attributes:
        made: the statements of ``__init__``.
        forward: the statements of ``forward``.
        copies: the calls that carry weights over.
        letters: the letters that must be numbers when the module is made.
        kept: those of them that ``forward`` reads.
    """

    def __init__(self, file: File, trace: Trace) -> None:
        self.file = file
        self.trace = trace
        self.network: Network = trace.network
        self.made: list[Statement] = []
        self.forward: list[Statement] = []
        self.copies: list[Statement] = []
        self.letters: dict[str, None] = {}
        self.kept: dict[str, None] = {}
        self.parameters: list[str] = []
        self.outputs: list[str] = []
        self._attributes: dict[str, str] = {}
        self._attribute_names = Names((*_MODULE, *_TAKEN))
        self._variable_names = Names(_TAKEN)
        self._names: dict[str, str] = {}
        self._live: list[Value] = []
        self._node: Apply | None = None
        self._copied: set[tuple[str, ...]] = set()
        self._row_names = trace.layers[0].walk.names if trace.layers else []

    # What is written of the whole network.

    def write(self) -> None:
        """Write all nodes."""
        rows = iter(self.trace.layers)
        shapes = iter(self.trace.inputs)
        given: list[list[Value]] = []
        counts = self._reads()
        for place, node in enumerate(self.network.nodes):
            if isinstance(node, Input):
                name, shape = next(shapes)
                value = Value(self._parameter(name), shape, reads=counts.get((place, 0), 0))
                value.given = True
                self._live.append(value)
                given.append([value])
            elif isinstance(node, Apply):
                given.append(self._row(place, next(rows), given, counts))
            else:
                given.append([])
        results = [value for tensor in self.network.outputs for value in _of(given, tensor)]
        for value in results:
            value.reads -= 1
            self.outputs.append(self.file.result(self, value))

    def _reads(self) -> dict[tuple[int, int], int]:
        """Return how often each tensor is read, the network's outputs among what reads."""
        counts: dict[tuple[int, int], int] = {}
        read = [t for n in self.network.nodes if isinstance(n, Apply) for t in n.inputs]
        for node, port in (*read, *self.network.outputs):
            ports = range(1, 64) if port == STATES else (port,)
            for each in ports:
                counts[node, each] = counts.get((node, each), 0) + 1
        return counts

    def _parameter(self, name: str) -> str:
        """Return the name of an input as an argument of ``forward``."""
        alone = len(self.network.inputs) == 1 and name.startswith("input_layer")
        found = "x" if alone else self._variable_names.new(name)
        self.parameters.append(found)
        return found

    def _row(
        self,
        place: int,
        row: Row,
        given: Sequence[Sequence[Value]],
        counts: dict[tuple[int, int], int],
    ) -> list[Value]:
        node = row.node
        self._node = node
        if node.call.masks:
            self.refuse(node.layer, row.name, "is called with a mask, which PyTorch has not")
        values = [value for tensor in node.inputs for value in _of(given, tensor)]
        owner = row.name if node.shares is None else self._row_names[node.shares]
        weights = {weight.name: weight.shape for weight in self._weights_of(place, row)}
        applied = Applied(
            self,
            node.layer,
            values,
            row.outputs,
            weights,
            self._attribute_of(owner),
            f'layer("{owner}")',
            dict(node.call.values),
        )
        reads = [counts.get((place, port), 0) for port in range(len(row.outputs))]
        return self.apply(applied, reads, node.label)

    def _attribute_of(self, owner: str) -> str:
        """Return the name of the attribute that a row becomes."""
        if owner not in self._names:
            self._names[owner] = self._attribute_names.new(owner)
        return self._names[owner]

    def _weights_of(self, place: int, row: Row) -> Sequence[Any]:
        """Return the weights of a row, or of the one whose weights it uses again."""
        owner = self.network.nodes[place]
        if isinstance(owner, Apply) and owner.shares is not None:
            shared = self.network.nodes[owner.shares]
            return next(each for each in self.trace.layers if each.node is shared).weights
        return row.weights

    # What is written of a layer.

    def apply(
        self, applied: Applied, reads: Sequence[int] = (1,), label: str | None = None
    ) -> list[Value]:
        """Write a layer, and return what it gives."""
        self._require_plain(applied)
        masker = self._mask(applied)
        for value in applied.values:
            value.reads -= 1
        writer = writer_of(type(applied.layer).__name__)
        if writer is None:
            applied.refuse("has nothing in PyTorch that does the same")
        found = writer(applied)
        outs = [found] if isinstance(found, Out) else list(found)
        reads = [*reads, *[1] * (len(outs) - len(reads))]
        values: list[Value] = []
        for out, shape, count in zip(outs, applied.outputs, reads, strict=True):
            named = label if not values else None
            value = self._keep(out, applied, count, named)
            value.shape, value.masker = shape, masker
            values.append(value)
        return values

    def _keep(self, out: Out, applied: Applied, count: int, label: str | None) -> Value:
        """Keep an output in a variable, unless it is there, or nothing reads it."""
        if isinstance(out.value, Value):
            out.value.reads += count
            return out.value
        source = applied.values[0]
        if out.value == source.name and (out.first, out.steps) == (source.first, source.steps):
            source.reads += count
            return source
        if count == 0:
            return Value("_", (), reads=0)
        name = self.variable(source, label or "", applied.name)
        self.forward.append(Assign(name, out.value))
        value = Value(name, (), out.first, out.steps, reads=count)
        self._live.append(value)
        return value

    def _require_plain(self, applied: Applied) -> None:
        """Refuse what changes the numbers beside what a layer is for."""
        layer = applied.layer
        if _dtype(getattr(layer, "dtype", None)) not in (None, "float32"):
            applied.refuse("computes in another dtype than float32")
        if getattr(layer, "lora_rank", None):
            applied.refuse("has a lora_rank, which PyTorch's modules have not")
        if getattr(layer, "quantization_config", None) is not None:
            applied.refuse("is quantized")
        if getattr(layer, "stateful", False):
            applied.refuse("is stateful: what it gives depends on earlier batches")

    def _mask(self, applied: Applied) -> str | None:
        """Return the layer whose mask goes on; refuses one that reads a mask."""
        layer = applied.layer
        maskers = [value.masker for value in applied.values if value.masker]
        if maskers and reads_mask(layer):
            self.refuse(
                layer, applied.name, f"reads the mask of {maskers[0]}, and PyTorch has no masks"
            )
        if makes_mask(layer):
            if type(layer).__name__ == "Masking":
                applied.refuse("makes a mask of the data, and PyTorch has no masks")
            return "mask_zero=True in " + applied.name
        return maskers[0] if maskers and hands_mask_on(layer) else None

    def refuse(self, layer: Layer, name: str, why: str) -> NoReturn:
        """Raise an error that names a layer and its place."""
        failed = error(subject(layer, self.network.dialect), why).replaced(layer=name)
        source, node = self.network.source, self._node
        if source is not None and node is not None:
            place = None if node.origin is None else node.origin.code
            if place is not None:
                raise failed.replaced(place=place)
            raise failed.replaced(span=source.place(node), source=source.text)
        raise failed

    # What writers ask for.

    def plain(self, value: Value) -> str:
        """Give a tensor the axes that it has in Keras; return its variable."""
        if value.first:
            self.forward.append(Assign(value.name, f"{value.name}.movedim(1, -1)"))
            value.first = False
        if value.steps is not None:
            self.forward.append(Assign(value.name, f"{value.name}.unflatten(0, {value.steps})"))
            value.steps = None
        return value.name

    def moved(self, value: Value) -> str:
        """Move the last axis of a tensor behind the batch; return its variable."""
        if value.steps is not None:
            self.plain(value)
        if not value.first and len(value.shape) > 2:  # noqa: PLR2004  (batch and features)
            if value.given and self.file.channels_first:
                value.given = False
            else:
                self.forward.append(Assign(value.name, f"{value.name}.movedim(-1, 1)"))
            value.first = True
        return value.name

    def hold(self, value: Value) -> None:
        """Count a tensor among those whose variables are not given to others."""
        self._live.append(value)

    def variable(self, source: Value, label: str = "", row: str = "") -> str:
        """Return the variable for what a layer makes of a tensor."""
        if label:
            return self._variable_names.new(label)
        held = {value.name for value in self._live if value.reads > 0}
        for name in (source.name, *_PLAIN):
            if name not in held and (name in _PLAIN or name == source.name):
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
        text = str(size)
        if in_forward:
            self.kept |= dict.fromkeys(names)
            for name in names:
                text = re.sub(rf"\b{name}\b", f"self.{name}", text)
        return re.sub(r"(?<!\*)(\*|//|%)(?!\*)", r" \1 ", text).replace("  ", " ")

    def needs(self, snippet: str) -> str:
        """Put a function or a class above the module; return its name."""
        return self.file.needs(snippet)

    def imports(self, module: str, alias: str = "") -> None:
        """Import a module."""
        self.file.document.imports.add(Import(module, alias=alias))


def _dtype(policy: Any) -> str | None:  # noqa: ANN401
    """Return the name of a dtype or of a policy as Keras stores it."""
    if isinstance(policy, dict):
        policy = (policy.get("config") or {}).get("name")
    return policy if policy is None or isinstance(policy, str) else str(policy)


def _of(given: Sequence[Sequence[Value]], tensor: Tensor) -> Sequence[Value]:
    """Return the values of a tensor; all states of a layer where these are meant."""
    values = given[tensor.node]
    return values[1:] if tensor.port == STATES else [values[tensor.port]]

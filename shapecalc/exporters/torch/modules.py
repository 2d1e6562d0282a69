"""Classes of modules as code: what a network holds, and what its ``forward`` does.

A repeat is a list of modules, or of blocks, each of which is a class of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from shapecalc.dims import is_letter
from shapecalc.errors import SpecError
from shapecalc.exporters.document import (
    Assign,
    Block,
    Call,
    Comment,
    Comprehension,
    Evaluate,
    Expression,
    Prefixed,
    Return,
    Statement,
    class_,
    function,
    literal,
    quoted,
    tupled,
)
from shapecalc.exporters.loops import Loop, Loops
from shapecalc.exporters.names import MODULE_ATTRIBUTES, Names, identifier, state_name
from shapecalc.exporters.torch.arguments import is_module_class, module_call
from shapecalc.exporters.torch.blocks import grouped, is_module, is_straight, path, unrolled
from shapecalc.exporters.torch.calls import called, target
from shapecalc.exporters.torch.functions import function as function_call
from shapecalc.exporters.torch.functions import functional
from shapecalc.exporters.variables import LETTERS, Turned, Variables, Written
from shapecalc.layers.coded import Constant, Parameter, Uncalled
from shapecalc.layers.torch.dialect import TORCH
from shapecalc.network import Apply, Tensor

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapecalc.exporters.graph import Graph
    from shapecalc.exporters.loops import Item
    from shapecalc.layers.layer import Layer

#: What gives a view of a tensor whose numbers may not lie in a row any more.
_MOVING: Final = frozenset(
    {
        *("Transpose", "Permute", "Expand", "T", "Movedim", "Swapaxes", "Index", "Select"),
        *("Narrow", "Chunk", "Split", "Unbind", "Diagonal"),
    }
)
#: The families of layers that work on each number by itself.
_EACH: Final = frozenset({"activation", "dropout", "elementwise", "mathematics"})
#: What is said of a tensor that the source makes.
_NUMBERS: Final = "The numbers of this tensor are not known."


class Modules:
    """Writes the classes of a network, of which the last one is the model."""

    def __init__(self, graph: Graph, letters: Sequence[str]) -> None:
        self.graph = graph
        #: The letters that are arguments of the model.
        self.letters = letters
        self.classes: list[Block] = []
        self.uses: set[str] = set()
        self.names = Names({"nn", "torch", "F", "model", "Model", "block", *letters})
        loops = Loops(graph, graph.kind)
        self.items: list[Item] = []
        run: list[int] = []
        for item in [*grouped(graph), None]:
            if isinstance(item, int):
                run.append(item)
                continue
            self.items += unrolled(graph, loops.items(run))
            self.items += [] if item is None else [item]
            run = []

    @property
    def functional(self) -> str:
        """What torch.nn.functional is called: F, unless that is a letter."""
        shapes = [self.graph.shapes(place) for place in self.graph.inputs]
        sizes = {str(size) for each in shapes for shape in each for size in shape}
        return "functional" if "F" in sizes | set(self.letters) else "F"

    @property
    def is_source(self) -> bool:
        """Whether it was read from source code, where a label is the attribute of a module."""
        steps = self.graph.steps
        return bool(steps) and self.graph.row(steps[0]).line is not None

    def sequential(self) -> Expression | None:
        """Return the model as a Sequential, where each step is a module that reads one tensor."""
        graph = self.graph
        if not graph.is_straight or not self.is_chain(self.items):
            return None
        if self._labelled or self._held():
            return None
        return Call("nn.Sequential", self.chained(self.items))

    @property
    def _labelled(self) -> bool:
        """Whether the source names a module otherwise than by its number."""
        labels = [self.graph.node(place).label for place in self.graph.steps]
        return any(label and not label.isdecimal() for label in labels)

    def is_chain(self, items: Sequence[Item]) -> bool:
        """Return whether items are modules, each of which gives one tensor."""
        return all(
            self.is_chain(item.body)
            if isinstance(item, Loop)
            else is_module(self.graph, item)
            and len(self.graph.shapes(item)) == 1
            and type(self.graph.layer(item)).__name__ != "MultiheadAttention"
            for item in items
        )

    def chained(self, items: Sequence[Item]) -> list[Expression]:
        """Return the arguments of a Sequential; a repeat is spread into it."""
        found: list[Expression] = []
        for item in items:
            if isinstance(item, Loop):
                body = self.chained(item.body)
                one = body[0] if len(body) == 1 else Call("nn.Sequential", body)
                found.append(Prefixed("*", Comprehension(one, f"for _ in range({item.count})")))
            else:
                found.append(module_call(self.graph.layer(item)))
        return found

    def _held(self) -> list[int]:
        """Return the modules and parameters that the network holds and does not use."""
        nodes = self.graph.network.nodes
        return [
            place
            for place, node in enumerate(nodes)
            if isinstance(node, Apply)
            and (
                isinstance(node.layer, Uncalled)
                or (isinstance(node.layer, Parameter) and place not in self.graph.owners)
            )
        ]

    def model(self) -> Block:
        """Return the class of the model; those of its blocks stand before it."""
        graph = self.graph
        single = len(graph.inputs) == 1 and graph.input(graph.inputs[0]).name is None
        names = Names({"self", "nn", "torch", "F", "block", *self.letters})
        inputs = {
            Tensor(place): names.new("x" if single else graph.names[place])
            for place in graph.inputs
        }
        made = _Class(self, self.items, inputs, graph.outputs, names)
        for place in self._held():
            made.hold(place)
        return made.written("Model")


class _Class:
    """One class: the modules that it holds, and its ``forward``."""

    def __init__(
        self,
        modules: Modules,
        items: Sequence[Item],
        inputs: dict[Tensor, str],
        outputs: Sequence[Tensor],
        names: Names,
    ) -> None:
        self._modules = modules
        self._graph = modules.graph
        self._inputs = inputs
        self._attributes: dict[int, str] = {}
        self._taken = Names(MODULE_ATTRIBUTES)
        self._init: list[Statement] = []
        self._letters: dict[str, str] = {}
        free = [name for name in inputs.values() if name in LETTERS]
        self._variables = Variables(
            self._graph, items, names, inputs, self._wanted, outputs, free=free, closed=True
        )
        self._forward: list[Statement] = []
        for step in self._variables.steps:
            if isinstance(step, Turned):
                self._turned(step)
            elif isinstance(step, Written):
                self._step(step)

    def written(self, name: str) -> Block:
        """Return the definition of the class."""
        ends = self._variables.outputs
        value: Expression = ends[0] if len(ends) == 1 else tupled(*ends)
        forward = [*self._sizes(), *self._forward, Return(value)]
        init = [Evaluate("super().__init__()"), *self._init]
        given = [] if name != "Model" else list(self._modules.letters)
        methods = [
            function("__init__", ["self", *given], init),
            function("forward", ["self", *self._inputs.values()], _joined(forward)),
        ]
        return class_(name, "nn.Module", methods)

    def _sizes(self) -> list[Statement]:
        """Return the letters that functions take, read off the shapes of inputs."""
        return [Assign(letter, place) for letter, place in self._letters.items()]

    def _wanted(self, tensor: Tensor) -> str | None:
        """Return the name of a tensor that is kept, where its layer has a label."""
        layer, label = self._graph.layer(tensor.node), self._graph.node(tensor.node).label
        label = None if self._modules.is_source else label
        if not tensor.port:
            return label
        if layer.reads_states:
            return state_name(layer, tensor.port, label)
        return None if label is None else f"{label}_{tensor.port}"

    def hold(self, place: int) -> str:
        """Hold a module; return its attribute."""
        node = self._graph.node(place)
        attribute = self._taken.new(self._name(place))
        layer = node.layer
        if isinstance(layer, Parameter):
            shape = literal(tuple(layer.shape))
            self._modules.uses.add("torch")
            zeros = Call("torch.zeros", [shape] if layer.shape else [tupled()])
            if layer.buffer:
                call = Call("self.register_buffer", [quoted(attribute), zeros])
                self._init.append(Evaluate(call))
            else:
                self._init.append(Assign(f"self.{attribute}", Call("nn.Parameter", [zeros])))
            return attribute
        held = layer.layer if isinstance(layer, Uncalled) else self._graph.layer(place)
        self._init.append(Assign(f"self.{attribute}", module_call(held)))
        return attribute

    def _name(self, place: int) -> str:
        """Return the name of a module: its label, else that of its class."""
        node = self._graph.node(place)
        plain = self._graph.network.dialect.row_name(type(node.layer).__name__)
        return identifier((node.label or plain).replace(".", "_"))

    def _step(self, step: Written) -> None:
        graph = self._graph
        node, layer = graph.node(step.place), graph.layer(step.place)
        ends = target(layer, step.targets)
        owner = graph.owners[step.place]
        if isinstance(layer, Parameter):
            self._forward.append(Assign(ends, f"self.{self._attribute(step.place)}"))
        elif isinstance(layer, Constant):
            self._forward += [Comment(_NUMBERS), Assign(ends, self._constant(step.place, layer))]
        elif is_module(graph, step.place):
            func = f"self.{self._attribute(owner)}"
            self._forward.append(Assign(ends, called(func, node, layer, step.reads)))
        else:
            self._read_letters(layer)
            reads = step.reads
            if type(layer).__name__ == "View" and not self._lies_in_a_row(step.place):
                reads = [f"{reads[0]}.contiguous()"]
            value = self._function(layer, node.title, reads)
            self._forward.append(Assign(ends, value))

    def _lies_in_a_row(self, place: int) -> bool:
        """Return whether a tensor that is looked at otherwise is not a view with axes moved."""
        while True:
            place = self._graph.reads(place)[0].node
            before = self._graph.network.nodes[place]
            if not isinstance(before, Apply):
                return True
            cls = type(before.layer).__name__
            if cls in _MOVING or getattr(before.layer, "batch_first", False):
                return False
            entry = TORCH.catalogue.find(cls)
            # What works on each number by itself leaves them where they were.
            if entry is None or entry.family not in _EACH:
                return True

    def _constant(self, place: int, layer: Constant) -> Expression:
        """Return a tensor of the same shape as one that the source makes."""
        self._modules.uses.add("torch")
        self._read_letters(layer)
        keywords = [("dtype", "torch.long")] if self._is_looked_up(place) else []
        return Call("torch.zeros", [literal(tuple(layer.shape))], keywords)

    def _is_looked_up(self, place: int) -> bool:
        """Return whether an embedding reads a tensor, where its numbers were moved as well."""
        graph = self._graph
        moved = {place}
        for each in graph.steps:
            if any(read.node in moved for read in graph.reads(each)):
                reader = graph.layer(each)
                name = type(reader).__name__
                if name.startswith("Embedding"):
                    return True
                if reader.moves or name in _MOVING:
                    moved.add(each)
        return False

    def _function(self, layer: Layer, title: str | None, reads: Sequence[str]) -> Expression:
        if is_module_class(layer):
            value: Expression = functional(layer, title or "", reads)
        else:
            value = function_call(layer, reads)
        if not isinstance(value, Call) or not isinstance(value.func, str):
            return value
        home, _, name = value.func.partition(".")
        if home in {"torch", "F"}:
            self._modules.uses.add(home)
        if home == "F":
            func = f"{self._modules.functional}.{name}"
            return Call(func, value.positional, value.keywords)
        return value

    def _read_letters(self, layer: Layer) -> None:
        """Read the letters in the arguments of a function off the shapes of inputs."""
        from shapecalc.exporters.torch.arguments import letters_of

        for letter in letters_of(layer):
            if letter in self._letters or letter in self._modules.letters:
                continue
            for tensor, variable in self._inputs.items():
                for axis, size in enumerate(self._graph.shape(tensor)):
                    if is_letter(size) == letter:
                        self._letters.setdefault(letter, f"{variable}.shape[{axis}]")
            if letter not in self._letters:
                raise SpecError(
                    f"{letter} is the size of no axis of an input", help=f"-s {letter}=8"
                )

    def _attribute(self, owner: int) -> str:
        if owner not in self._attributes:
            self._attributes[owner] = self.hold(owner)
        return self._attributes[owner]

    def _turned(self, step: Turned) -> None:
        """Hold a list of modules or of blocks, and go through it."""
        loop, modules = step.loop, self._modules
        body = loop.body
        chain = len(step.reads) == 1 and modules.is_chain(body) and is_straight(self._graph, loop)
        one: Expression
        if loop.count == 1:
            attribute = self._taken.new(identifier(path(self._graph, loop).replace(".", "_")))
            made = Call("nn.Sequential", modules.chained(body))
            self._forward.append(Assign(step.target, Call(f"self.{attribute}", step.reads)))
            self._init.append(Assign(f"self.{attribute}", made))
            return
        if chain:
            parts = modules.chained(body)
            one = parts[0] if len(parts) == 1 else Call("nn.Sequential", parts)
            name = self._name(loop.turns[0][0]) if len(parts) == 1 else "blocks"
        else:
            one, name = Call(self._block(loop, len(step.reads))), "blocks"
        attribute = self._taken.new(name)
        several = Comprehension(one, f"for _ in range({loop.count})")
        if len(step.reads) == 1:
            made = Call("nn.Sequential", [Prefixed("*", several)])
            self._forward.append(Assign(step.target, Call(f"self.{attribute}", step.reads)))
        else:
            made = Call("nn.ModuleList", [several])
            if step.target != step.reads[0]:
                self._forward.append(Assign(step.target, step.reads[0]))
            call = Call("block", [step.target, *step.reads[1:]])
            self._forward.append(
                Block("for block in ", f"self.{attribute}", [Assign(step.target, call)])
            )
        self._init.append(Assign(f"self.{attribute}", made))

    def _block(self, loop: Loop, count: int) -> str:
        """Write the class of a block; return its name."""
        modules, graph = self._modules, self._graph
        inside = set(loop.turns[0])
        read = dict.fromkeys([loop.entry])
        for place in loop.turns[0]:
            read |= dict.fromkeys(t for t in graph.reads(place) if t.node not in inside)
        names = Names({"self", "nn", "torch", "F", "block", *modules.letters})
        inputs = {
            tensor: names.new("x" if number == 0 else identifier(graph.names[tensor.node]))
            for number, tensor in enumerate(read)
        }
        assert len(inputs) == count  # noqa: S101  (the same tensors as the step reads)
        made = _Class(modules, loop.body, inputs, [loop.carried], names)
        name = modules.names.new("Block")
        modules.classes.append(made.written(name))
        return name


def _joined(statements: Sequence[Statement]) -> list[Statement]:
    """Return the last value itself, rather than a variable that holds it."""
    *rest, last, end = [None, *statements] if len(statements) == 1 else statements
    if isinstance(last, Assign) and isinstance(end, Return) and end.value == last.target:
        return [*[each for each in rest if each is not None], Return(last.value)]
    return list(statements)

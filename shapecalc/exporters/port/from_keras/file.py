"""The file of code that a network of Keras becomes: modules, and what they need above them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from shapecalc.errors import ShapeError
from shapecalc.exporters.document import (
    Assign,
    Block,
    Call,
    Docstring,
    Document,
    Evaluate,
    Import,
    Return,
    class_,
    function,
    listed,
    quoted,
    tupled,
)
from shapecalc.exporters.graph import Graph
from shapecalc.exporters.layout import flat, text_of
from shapecalc.exporters.names import Names
from shapecalc.exporters.port.from_keras.module import Module, argument_of
from shapecalc.exporters.port.snippets import SNIPPETS, block
from shapecalc.network import Input
from shapecalc.tracing.naming import node_names
from shapecalc.tracing.walk import trace_network

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapecalc.dims import Shape, Size
    from shapecalc.exporters.document import Expression, Statement
    from shapecalc.exporters.port.from_keras.values import Value
    from shapecalc.exporters.sizes import Letters
    from shapecalc.network import Network

_WORD: Final = re.compile(r"\b[A-Za-z_]\w*\b(?!=)")
_DOCSTRING: Final = re.compile(r'""".*?"""', re.DOTALL)
_SET_APART: Final = ("model", "layer", "source", "build", "copy_weights", "np", "math")


class File:
    """The state that all modules of a file share.

    Attributes:
        document: the file.
        channels_first: whether inputs and outputs have their channels behind the batch.
    """

    def __init__(self, *, channels_first: bool) -> None:
        self.document = Document(imports={Import("torch", "nn")})
        self.channels_first = channels_first
        self.names = Names((*_SET_APART, *SNIPPETS, "Network"))
        self._needed: dict[str, None] = {}
        self._copying: dict[str, None] = {}
        self._modules: list[Block] = []
        self._copies: list[Block] = []
        self._inner: dict[int, tuple[str, str, tuple[str, ...]]] = {}

    def needs(self, snippet: str) -> str:
        """Put a snippet above all modules, and before it what it needs itself."""
        if snippet not in self._needed:
            self._collect(snippet, self._needed)
        return snippet

    def copies_by(self, snippet: str) -> None:
        """Put a function that carries weights over below the modules."""
        self._collect(snippet, self._copying)

    def _collect(self, snippet: str, into: dict[str, None]) -> None:
        text = SNIPPETS.get(snippet)
        if text is None:
            return
        for word in _WORD.findall(_DOCSTRING.sub("", text)):
            if word in SNIPPETS and word != snippet and word not in into:
                self._collect(word, into)
            elif word == "F":
                self.document.imports.add(Import("torch.nn.functional", alias="F"))
            elif word == "math":
                self.document.imports.add(Import("math"))
        into[snippet] = None

    def result(self, module: Module, value: Value) -> str:
        """Return what a module returns of a tensor."""
        if self.channels_first and value.first and value.steps is None:
            return value.name
        return module.plain(value)

    def add(self, graph: Graph, wanted: str) -> tuple[str, Module]:
        """Write a network as a module; return the name of its class, and the module."""
        module = Module(self, graph)
        name = wanted if wanted == "Network" else self.names.new(wanted)
        module.write()
        self._modules.append(class_(name, "nn.Module", list(_class_body(module))))
        return name, module

    def inner(
        self, network: Network, shapes: Sequence[Shape], wanted: str, outer: Module
    ) -> tuple[str, str]:
        """Write a model within a model once; return its class, and what carries weights over."""
        known = self._inner.get(id(network))
        if known is None:
            names = node_names(network)
            places = [i for i, node in enumerate(network.nodes) if isinstance(node, Input)]
            given: dict[str | None, tuple[Size | None, ...]] = {
                names[i]: shape for i, shape in zip(places, shapes, strict=True)
            }
            trace = trace_network(network, inputs=given)
            first, self.channels_first = self.channels_first, False
            name, module = self.add(Graph(trace), _class_name(wanted))
            self.channels_first = first
            copying = self.names.new(f"copy_{name.lower()}")
            self.add_copies(copying, module)
            known = self._inner[id(network)] = (name, copying, tuple(module.letters))
        name, copying, letters = known
        outer.letters |= dict.fromkeys(letters)
        return f"{name}({', '.join(letters)})", copying

    def add_copies(self, name: str, module: Module) -> None:
        """Write the function that carries the weights of a module over."""
        body: list[Statement] = [
            Docstring("Copy the weights of the Keras model into the module."),
            Assign("layer", self._finder(module)),
            Block("with ", "torch.no_grad()", module.copies),
        ]
        body = body if module.copies else body[:1]
        self._copies.append(function(name, ("source", "model"), body))

    def _finder(self, module: Module) -> Expression:
        """Return what finds the layers whose weights are carried over by their names."""
        read = flat(listed(*(each.value for each in module.copies if isinstance(each, Evaluate))))
        kinds = {_kind(name) for name in module.unnamed if quoted(name) in read}
        names = [quoted(name) for name in module.unnamed if _kind(name) in kinds]
        if not names:
            return "source.get_layer"
        self.copies_by("finder")
        return Call("finder", ("source", listed(*names)))

    def finished(self, name: str, module: Module, letters: Letters, *, weights: bool) -> Document:
        """Return the file, which ends in the variable ``model``."""
        body: list[Statement] = [block(SNIPPETS[snippet]) for snippet in self._needed]
        body += self._modules
        if weights:
            copying = [each for each in self._copying if each not in self._needed]
            body += [block(SNIPPETS[snippet]) for snippet in copying]
            body += self._copies
        if module.letters:
            defaults = [(each, _default(letters, each)) for each in module.letters]
            body.append(function("build", (), [Return(Call(name, list(module.letters)))], defaults))
            body.append(Assign("model", Call("build")))
        else:
            body.append(Assign("model", Call(name)))
        self.document.body = body
        if "torch." in text_of(Document(body)):
            self.document.imports.add(Import("torch"))
        return self.document


def _kind(name: str) -> str:
    """Return a name that Keras gives without its number."""
    return re.sub(r"_\d+$", "", name)


def _default(letters: Letters, letter: str) -> str:
    """Return the number that a letter has unless another one is given."""
    number = letters.arguments.get(letter)
    if number is None:
        raise ShapeError(f"{letter} must be a number in code of PyTorch", help=f"-s {letter}=128")
    return str(number)


def _class_name(row: str) -> str:
    """Return the name of a class for a row."""
    return "".join(part.capitalize() for part in re.split(r"\W|_", row)) or "Inner"


def _class_body(module: Module) -> list[Statement]:
    parameters = ("self", *map(argument_of, module.letters))
    kept = [Assign(f"self.{name}", name) for name in map(argument_of, module.kept)]
    made: list[Statement] = [Evaluate("super().__init__()"), *kept, *module.made]
    outputs = module.outputs
    result = Return(outputs[0] if len(outputs) == 1 else tupled(*outputs))
    methods: list[Statement] = [
        function("__init__", parameters, made),
        function("forward", ("self", *module.parameters), [*module.body, result]),
    ]
    return methods if module.made or kept else methods[1:]

"""Networks of PyTorch as code for PyTorch: Sequential where a network is one, else a class."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from shapecalc.exporters.document import Assign, Call, Document, Import
from shapecalc.exporters.sizes import Letters
from shapecalc.exporters.torch.blocks import is_module
from shapecalc.exporters.torch.modules import Modules

if TYPE_CHECKING:
    from shapecalc.exporters.graph import Graph

#: What code of PyTorch may import beside nn, by the name that functions have there.
_IMPORTS: Final = {
    "torch": Import("torch"),
    "F": Import("torch.nn.functional", "", "F"),
    "functional": Import("torch.nn", "functional"),
}


def document(graph: Graph) -> Document:
    """Return the code of a network, which ends in a variable ``model``."""
    numbers = Letters(graph, lambda place: is_module(graph, place)).numbers
    modules = Modules(graph, list(numbers))
    sequential = None if numbers else modules.sequential()
    if sequential is not None:
        return Document([Assign("model", sequential)], {Import("torch", "nn")})
    model = modules.model()
    arguments = [(name, str(number)) for name, number in numbers.items()]
    uses = {modules.functional if each == "F" else each for each in modules.uses}
    imports = {Import("torch", "nn"), *(_IMPORTS[each] for each in uses)}
    return Document(
        [*modules.classes, model, Assign("model", Call("Model", [], arguments))], imports
    )

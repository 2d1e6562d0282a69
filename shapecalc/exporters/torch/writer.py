"""Networks of PyTorch as code for PyTorch: Sequential where a network is one, else a class."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shapecalc.exporters.document import Assign, Call, Document, Import
from shapecalc.exporters.sizes import Letters
from shapecalc.exporters.torch.modules import Modules, is_module

if TYPE_CHECKING:
    from shapecalc.exporters.graph import Graph

_IMPORTS = {
    "torch": Import("torch"),
    "F": Import("torch.nn.functional", "", "F"),
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
    imports = {Import("torch", "nn"), *(_IMPORTS[each] for each in modules.uses)}
    return Document(
        [*modules.classes, model, Assign("model", Call("Model", [], arguments))], imports
    )

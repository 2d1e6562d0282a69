"""Networks of Keras as code for Keras: Sequential where a network is one, else functional."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shapecalc.exporters.document import Assign, Call, Document, Import, Return, function
from shapecalc.exporters.keras.models import Models, is_left_out
from shapecalc.exporters.names import Names
from shapecalc.exporters.sizes import Letters

if TYPE_CHECKING:
    from shapecalc.exporters.graph import Graph


def document(graph: Graph) -> Document:
    """Return the code of a network, which ends in a variable ``model``."""
    left_out = all(is_left_out(graph, place) for place in graph.inputs)
    letters = Letters(graph, of_inputs=not left_out)
    names = Names({"keras", "layers", "ops", "model", "build", *letters.arguments})
    models = Models(names, letters)
    body, model = models.written(graph)
    imports = {Import("keras"), *(Import("keras", name) for name in models.uses)}
    if not letters.arguments:
        end = [] if model == "model" else [Assign("model", model)]
        return Document([*body, *end], imports)
    parameters = [(name, str(number)) for name, number in letters.arguments.items()]
    build = function("build", [], [*body, Return(model)], parameters)
    return Document([build, Assign("model", Call("build"))], imports)

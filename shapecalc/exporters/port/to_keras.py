"""Networks of PyTorch as code for Keras."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from shapecalc.errors import SpecError
from shapecalc.exporters.document import (
    Assign,
    Call,
    Docstring,
    Document,
    Import,
    Return,
    function,
    listed,
    quoted,
)
from shapecalc.exporters.port.from_torch.model import Model
from shapecalc.exporters.port.snippets import block
from shapecalc.exporters.port.snippets.tokeras import TO_KERAS
from shapecalc.exporters.sizes import Letters

if TYPE_CHECKING:
    from shapecalc.exporters.document import Statement
    from shapecalc.exporters.graph import Graph

#: What a function that carries weights over needs itself.
_NEEDS: Final = {"copy_rnn": ("put", "ends_of"), "copy_gru": ("ends_of",)}


def document(graph: Graph, *, weights: bool, layout: str | None) -> Document:
    """Return the code of a model that computes the same function.

    Raises `ShapeError` where a module has nothing in Keras that does the same.
    """
    if layout is not None:
        raise SpecError("a layout is chosen for code of PyTorch, and this is code of Keras")
    letters = Letters(graph, equated=True)
    model = Model(graph, letters)
    model.write()
    imports = {Import("keras"), *(Import("keras", name) for name in model.modules)}
    copying = _copying(model) if weights else []
    if any("np." in TO_KERAS[name] for name in model.snippets) and weights:
        imports.add(Import("numpy", alias="np"))
    if not letters.needed:
        *made, ended = model.body
        return Document([*copying, *made, ended] if copying else model.body, imports)
    *made, ended = model.body
    assert isinstance(ended, Assign)  # noqa: S101  (the model itself)
    defaults = [(name, str(letters.arguments[name])) for name in letters.needed]
    build = function("build", (), [*made, Return(ended.value)], defaults)
    return Document([*copying, build, Assign("model", Call("build"))], imports)


def _copying(model: Model) -> list[Statement]:
    """Return the functions that carry the weights over."""
    needed: dict[str, None] = {}
    for name in model.snippets:
        needed |= dict.fromkeys((*_NEEDS.get(name, ("put",)), name))
    body: list[Statement] = [Docstring("Copy the weights of the PyTorch module into the model.")]
    if model.copies:
        needed = {"modules_of": None} | needed
        names = listed(*map(quoted, model.sources))
        found = Assign("module", Call("modules_of", ("source", names)))
        body += [found, Assign("layer", "model.get_layer"), *model.copies]
    functions: list[Statement] = [block(TO_KERAS[name]) for name in needed]
    return [*functions, function("copy_weights", ("source", "model"), body)]

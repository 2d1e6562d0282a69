"""Linear modules, embeddings and dropout."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from shapecalc.exporters.document import Call, literal
from shapecalc.exporters.port.from_torch.values import Out

if TYPE_CHECKING:
    from shapecalc.exporters.port.from_torch.applied import Applied, Keywords
    from shapecalc.exporters.port.from_torch.families import Writer


def linear(a: Applied) -> Out:
    """Multiply the last axis."""
    layer: Any = a.layer
    if a.rank < 2:  # noqa: PLR2004  (batch and features)
        a.refuse("reads one example without a batch, which Keras does not")
    x = a.plain()
    bias: Keywords = [] if layer.bias else [("use_bias", "False")]
    made = a.weighted("Dense", (a.size(layer.out_features),), bias)
    a.copy("copy_linear")
    return Out(Call(made, (x,)))


def embedding(a: Applied) -> Out:
    """Look up vectors."""
    layer: Any = a.layer
    if layer.max_norm is not None:
        a.refuse("has a max_norm, which changes its weights as it looks up")
    x = a.plain()
    made = a.weighted("Embedding", (a.size(layer.num_embeddings), a.size(layer.embedding_dim)), [])
    a.copy("copy_embedding")
    return Out(Call(made, (x,)))


def identity(a: Applied) -> Out:
    """Hand on what comes in."""
    return Out(a.values[0])


def dropout(a: Applied) -> Out:
    """Drop numbers one by one."""
    layer: Any = a.layer
    value = a.values[0]
    if not layer.p:
        return Out(value)
    return Out(a.plainly(layer.called, value.name, literal(layer.p)), last=value.last)


def channel_dropout(a: Applied) -> Out:
    """Drop whole channels."""
    layer: Any = a.layer
    if not layer.p:
        return Out(a.values[0])
    rank = int(layer.called[-2])
    if a.rank != rank + 2:
        a.refuse("reads one example without a batch, which Keras does not")
    x = a.last()
    return Out(a.plainly(f"SpatialDropout{rank}D", x, literal(layer.p)), last=True)


WRITERS: Final[dict[str, Writer]] = {
    "Linear": linear,
    "LazyLinear": linear,
    "Identity": identity,
    "Contiguous": identity,
    "Embedding": embedding,
    "Dropout": dropout,
    "AlphaDropout": dropout,
    "Dropout1d": channel_dropout,
    "Dropout2d": channel_dropout,
    "Dropout3d": channel_dropout,
}

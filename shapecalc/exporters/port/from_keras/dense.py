"""Dense layers, embeddings, and layers that change nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from shapecalc.exporters.document import Call, literal, quoted, tupled
from shapecalc.exporters.port.from_keras.functions import activated, along_axis
from shapecalc.exporters.port.from_keras.values import Out

if TYPE_CHECKING:
    from shapecalc.exporters.port.from_keras.applied import Applied
    from shapecalc.exporters.port.from_keras.families import Writer


def dense(a: Applied) -> Out:
    """Multiply the last axis."""
    layer: Any = a.layer
    bias = [] if layer.use_bias else [("bias", "False")]
    sizes = (a.size(a.shape[-1]), a.size(layer.units))
    module = a.module(Call("nn.Linear", sizes, bias))
    a.copy("copy_dense")
    x = activated(a, Call(module, (a.plain(),)), layer.activation, first=False)
    return Out(x)


def einsum_dense(a: Applied) -> Out:
    """Multiply along the axes that an equation names."""
    layer: Any = a.layer
    kernel = tupled(*map(a.size, a.weights["kernel"]))
    bias = [tupled(*map(a.size, a.weights["bias"]))] if "bias" in a.weights else []
    made = Call(a.needs("EinsumDense"), (quoted(layer.equation), kernel, *bias))
    module = a.module(made)
    a.copy("copy_einsum_dense")
    last = "..." not in layer.equation.split("->")[1][1:] or None
    if along_axis(layer.activation) and not last:
        a.refuse(f"has {layer.activation} along an axis that the equation leaves out")
    return Out(activated(a, Call(module, (a.plain(),)), layer.activation, first=False))


def embedding(a: Applied) -> Out:
    """Look up vectors; what is not an input of whole numbers is made one."""
    layer: Any = a.layer
    given = a.values[0].given
    x = a.plain()
    module = a.module(Call("nn.Embedding", (a.size(layer.input_dim), a.size(layer.output_dim))))
    a.copy("copy_embedding")
    return Out(Call(module, (x if given else f"{x}.long()",)))


def reversible_embedding(a: Applied) -> Out:
    """Look up vectors, or give the scores of all of them."""
    layer: Any = a.layer
    if not layer.tie_weights or layer.reverse_dtype is not None:
        a.refuse("has separate weights for the reverse projection")
    if not a.call.get("reverse"):
        return embedding(a)
    module = a.module(Call("nn.Embedding", (a.size(layer.input_dim), a.size(layer.output_dim))))
    a.copy("copy_embedding")
    scores = a.functional("linear", a.plain(), f"{module}.weight")
    cap = layer.logit_soft_cap
    if cap is None:
        return Out(scores)
    return Out(f"{literal(cap)} * torch.tanh({a.let('scores', scores)} / {literal(cap)})")


def identity(a: Applied) -> Out:
    """Hand on what comes in."""
    return Out(a.values[0])


WRITERS: Final[dict[str, Writer]] = {
    "Dense": dense,
    "EinsumDense": einsum_dense,
    "Embedding": embedding,
    "ReversibleEmbedding": reversible_embedding,
    "Identity": identity,
    "ActivityRegularization": identity,
}

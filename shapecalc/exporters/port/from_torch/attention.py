"""Attention with heads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from shapecalc.exporters.document import Call, literal
from shapecalc.exporters.port.from_torch.values import Out, Value

if TYPE_CHECKING:
    from shapecalc.exporters.document import Expression
    from shapecalc.exporters.port.from_torch.applied import Applied, Keywords
    from shapecalc.exporters.port.from_torch.families import Writer


def attention(a: Applied) -> list[Out]:
    """Look along the steps with several heads."""
    layer: Any = a.layer
    if layer.add_bias_kv or layer.add_zero_attn:
        a.refuse("adds a step to the keys, which Keras's does not")
    if a.rank != 3:  # noqa: PLR2004  (batch, steps, features)
        a.refuse("reads one example without a batch, which Keras does not")
    if a.call.get("is_causal"):
        a.refuse("has is_causal, for which it needs a mask")
    embed = a.shape[-1]
    heads = layer.num_heads
    names = [a.plain(place) for place in range(len(a.values))]
    query, key, value = names if len(names) == 3 else (names[0], names[-1], names[-1])  # noqa: PLR2004
    if not layer.batch_first:
        turned = {name: a.let("batch_first", a.ops("swapaxes", name, "0", "1"))
                  for name in dict.fromkeys((query, key, value))}  # fmt: skip
        query, key, value = (turned[name] for name in (query, key, value))
    keywords: Keywords = []
    if layer.dropout:
        keywords.append(("dropout", literal(layer.dropout)))
    if not layer.bias:
        keywords.append(("use_bias", "False"))
    made = a.weighted("MultiHeadAttention", (a.size(heads), a.size(embed // heads)), keywords)
    a.copy("copy_attention")
    further: Keywords = [] if key == value else [("key", key)]
    wanted = any(a.reads[1:])
    if wanted:
        further.append(("return_attention_scores", "True"))
    call: Expression = Call(made, (query, value), further)
    scores = Out(Value("_", ()))
    if wanted:
        attended, shares = a.fresh("attended"), a.fresh("scores")
        a.line(f"{attended}, {shares}", call)
        call = attended
        averaged = a.call.get("average_attn_weights", True)
        scores = Out(a.ops("mean", shares, axis="1") if averaged else a.known(shares))
    output = Out(a.known(call) if isinstance(call, str) else call)
    if not layer.batch_first:
        output = Out(a.ops("swapaxes", call, "0", "1"))
    return [output, scores][: len(a.outputs)]


WRITERS: Final[dict[str, Writer]] = {"MultiheadAttention": attention}

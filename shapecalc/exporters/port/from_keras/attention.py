"""Attention: the projections of Keras's heads, and attention without heads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from shapecalc.dims import product
from shapecalc.exporters.document import Call, literal, tupled
from shapecalc.exporters.port.from_keras.values import Out, Value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapecalc.dims import Shape
    from shapecalc.exporters.document import Expression
    from shapecalc.exporters.port.from_keras.applied import Applied
    from shapecalc.exporters.port.from_keras.families import Writer

Keywords = list[tuple[str, "Expression"]]


def _read(a: Applied) -> tuple[list[str], list[Shape]]:
    """Return the variables of query, value and key, and their shapes."""
    places = [0, 1, 2 if len(a.values) > 2 else 1]  # noqa: PLR2004  (query, value and key)
    return [a.plain(place) for place in places], [a.values[place].shape for place in places]


def _asked(a: Applied) -> Keywords:
    """Return what the call of an attention layer says."""
    causal: Keywords = [("causal", "True")] if a.call.get("use_causal_mask") else []
    scores: Keywords = [("scores", "True")] if a.call.get("return_attention_scores") else []
    return [*causal, *scores]


def _given(a: Applied, call: Call) -> list[Out]:
    """Return the output, and the scores where they are asked for."""
    if not a.call.get("return_attention_scores"):
        return [Out(call)]
    output, scores = a.unpacked("attended", 0), a.unpacked("scores", 1)
    a.line(f"{output.name}, {scores.name}", call)
    return [Out(output), Out(scores)]


def multi_head(a: Applied) -> list[Out]:
    """Look along the steps with several heads."""
    layer: Any = a.layer
    names, shapes = _read(a)
    value_dim = layer.key_dim if layer.value_dim is None else layer.value_dim
    output = layer.output_shape or (a.shape[-1],)
    sizes = [
        a.size(layer.num_heads),
        a.size(layer.key_dim),
        a.size(value_dim),
        a.size(product(output)),
    ]
    module = _module(a, shapes, sizes, [])
    if a.rank == 3:  # noqa: PLR2004  (batch, steps, features)
        outs = _given(a, Call(module, tuple(names), _asked(a)))
    else:
        outs = [_along(a, module, names)]
    if len(output) > 1:
        last = tupled(*map(a.size, output))
        made = outs[0].value
        name = made.name if isinstance(made, Value) else a.let("attended", made)
        outs[0] = Out(Call(f"{name}.unflatten", ("-1", last)))
    return outs


def _along(a: Applied, module: str, names: Sequence[str]) -> Out:
    """Look along several axes of steps, which are made one; the others count as batch."""
    layer: Any = a.layer
    axes = layer.attention_axes or range(1, a.rank - 1)
    attended = sorted(axis % a.rank for axis in axes)
    if a.call.get("return_attention_scores") or a.call.get("use_causal_mask"):
        a.refuse("returns scores, or is causal, along several axes of steps")
    if layer.sliding_window is not None:
        a.refuse("looks through a window along several axes of steps")
    free = [axis for axis in range(a.rank - 1) if axis not in attended]
    order = [*free, *attended, a.rank - 1]
    plain = order == list(range(a.rank))
    moved = [name if plain else f"{name}.permute({', '.join(map(str, order))})" for name in names]
    query = moved[0] if plain else a.let("query", moved[0])
    merged = [_merged(each, len(free), a.rank) for each in (query, *moved[1:])]
    mixed = a.let("attended", Call(module, tuple(merged)))
    sizes = f"{query}.shape[:-1]"
    whole = f"{mixed}.reshape(*{sizes}, -1)"
    if plain:
        return Out(whole)
    back = [order.index(axis) for axis in range(a.rank)]
    return Out(f"{whole}.permute({', '.join(map(str, back))})")


def _merged(name: str, free: int, rank: int) -> str:
    steps = f"{name}.flatten({free}, {rank - 2})" if rank - 2 > free else name
    return f"{steps}.flatten(0, {free - 1})" if free > 1 else steps


def grouped(a: Applied) -> list[Out]:
    """Look along the steps with heads of which groups share key and value."""
    layer: Any = a.layer
    names, shapes = _read(a)
    head = a.size(layer.head_dim)
    sizes = [a.size(layer.num_query_heads), head, head, a.size(a.shape[-1])]
    groups: Keywords = [("groups", a.size(layer.num_key_value_heads))]
    module = _module(a, shapes, sizes, groups)
    return _given(a, Call(module, tuple(names), _asked(a)))


def _module(a: Applied, shapes: Sequence[Shape], sizes: Sequence[str], further: Keywords) -> str:
    layer: Any = a.layer
    features = tupled(*(a.size(shape[-1]) for shape in shapes))
    keywords = [
        *further,
        *([("bias", "False")] if not layer.use_bias else []),
        *([("gate", "True")] if layer.use_gate else []),
        *([("window", str(layer.sliding_window))] if layer.sliding_window is not None else []),
        *([("dropout", literal(layer.dropout))] if layer.dropout else []),
    ]
    made = Call(a.needs("MultiHeadAttention"), (features, *sizes), keywords)
    a.copy("copy_heads")
    return a.module(made)


def plain_attention(a: Applied) -> list[Out]:
    """Look at all steps without heads."""
    layer: Any = a.layer
    names, _ = _read(a)
    additive = layer.called == "AdditiveAttention"
    mode = "additive" if additive else layer.score_mode
    keywords: Keywords = [] if mode == "dot" else [("mode", f'"{mode}"')]
    if "scale" in a.weights:
        keywords.append(("scale", tupled(*map(a.size, a.weights["scale"]))))
    if layer.dropout:
        keywords.append(("dropout", literal(layer.dropout)))
    module = a.module(Call(a.needs("Attention"), (), keywords))
    if a.weights:
        a.copy("copy_attention")
    return _given(a, Call(module, tuple(names), _asked(a)))


WRITERS: Final[dict[str, Writer]] = {
    "MultiHeadAttention": multi_head,
    "GroupQueryAttention": grouped,
    "Attention": plain_attention,
    "AdditiveAttention": plain_attention,
}

"""Recurrent layers: PyTorch's modules where their cells are Keras's, else cells step by step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from shapecalc.exporters.document import Call, listed, literal, tupled
from shapecalc.exporters.layout import flat
from shapecalc.exporters.port.from_keras.functions import along_axis, function_of
from shapecalc.exporters.port.from_keras.values import Out

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapecalc.dims import Size
    from shapecalc.exporters.document import Expression
    from shapecalc.exporters.port.from_keras.applied import Applied
    from shapecalc.exporters.port.from_keras.families import Writer
    from shapecalc.layers.layer import Layer

#: How a module of PyTorch is called, and what carries its weights over.
FUSED: Final = {
    "LSTM": ("nn.LSTM", "copy_recurrent"),
    "GRU": ("nn.GRU", "copy_gru"),
    "SimpleRNN": ("nn.RNN", "copy_recurrent"),
}


def is_fused(layer: Any) -> bool:  # noqa: ANN401
    """Return whether PyTorch has a module with the cell of a layer."""
    if layer.recurrent_dropout:
        return False
    if layer.called == "SimpleRNN":
        return layer.activation in ("tanh", "relu")
    gated = (layer.activation, layer.recurrent_activation) == ("tanh", "sigmoid")
    return gated and getattr(layer, "reset_after", True)


def recurrent(a: Applied) -> list[Out]:
    """Read the steps one by one."""
    layer: Any = a.layer
    x = a.plain()
    states = [a.plain(place) for place in range(1, len(a.values))]
    if layer.go_backwards:
        x = a.let("reversed_steps", f"{x}.flip(1)")
    if not is_fused(layer):
        module = a.module(Call(a.needs("Steps"), (cell(a, layer, a.shape[-1]),)))
        a.copy("copy_cells")
        return stepped(a, module, x, states)
    if layer.dropout:
        x = dropped(a, x)
    module = a.module(fused(a, layer))
    a.copy(FUSED[layer.called][1])
    start = [_start(a, [f"{state}.unsqueeze(0)" for state in states])] if states else []
    call = Call(module, (x, *start))
    if not layer.return_state:
        taken = "[0]" if layer.return_sequences else "[0][:, -1]"
        return [Out(flat(call) + taken)]
    sequence, hidden = a.unpacked("sequence", 0), a.unpacked("hidden", 1)
    memory = [a.unpacked("memory", 2).name] if layer.called == "LSTM" else []
    named = f"({hidden.name}, {memory[0]})" if memory else hidden.name
    a.line(f"{sequence.name}, {named}", call)
    output: Any = sequence if layer.return_sequences else f"{sequence.name}[:, -1]"
    return [Out(output), *(Out(f"{state}[0]") for state in (hidden.name, *memory))]


def dropped(a: Applied, x: str) -> str:
    """Drop features, the same ones at every step."""
    layer: Any = a.layer
    module = a.module(Call("nn.Dropout1d", (literal(layer.dropout),)), "_dropout")
    return f"{a.let('dropped', Call(module, (f'{x}.transpose(1, 2)',)))}.transpose(1, 2)"


def fused(a: Applied, layer: Any, *, both: bool = False) -> Call:  # noqa: ANN401
    """Return the module of PyTorch for a layer, or for both directions."""
    keywords: list[tuple[str, Expression]] = [("batch_first", "True")]
    if layer.called == "SimpleRNN" and layer.activation != "tanh":
        keywords.append(("nonlinearity", literal(layer.activation)))
    if not layer.use_bias:
        keywords.append(("bias", "False"))
    if both:
        keywords.append(("bidirectional", "True"))
    return Call(FUSED[layer.called][0], (a.size(a.shape[-1]), a.size(layer.units)), keywords)


def _start(a: Applied, states: Sequence[str]) -> str:
    return states[0] if len(states) == 1 else a.let("start", tupled(*states))


def cell(a: Applied, layer: Any, features: Size) -> Call:  # noqa: ANN401
    """Return the cell of a layer, or a cell, with the weights that Keras has."""
    kind = f"{layer.called.removesuffix('Cell')}Cell"
    after = getattr(layer, "reset_after", False)
    snippet = a.needs("GRUCellResetAfter" if after else kind)
    positional: list[Expression] = [a.size(features), a.size(layer.units)]
    names = [layer.activation, *([layer.recurrent_activation] if kind != "SimpleRNNCell" else [])]
    positional += [_function(a, name) for name in names]
    keywords: list[tuple[str, Expression]] = []
    count = 0 if not layer.use_bias else 2 if after else 1
    if count != 1:
        keywords.append(("bias", str(count)))
    rates = ("dropout", "recurrent_dropout")
    keywords += [(name, literal(rate)) for name in rates if (rate := getattr(layer, name))]
    return Call(snippet, positional, keywords)


def _function(a: Applied, name: Any) -> str:  # noqa: ANN401
    """Return an activation as a function."""
    if along_axis(name):
        a.refuse(f"has {name} inside its cell, which is not supported")
    found = function_of(a, name)
    if found is None:
        return "nn.Identity()"
    function, keywords = found
    if not keywords:
        return function
    given = ", ".join(f"{key}={flat(literal(value))}" for key, value in keywords.items())
    return f"lambda x: {function}(x, {given})"


def stepped(a: Applied, module: str, x: str, states: Sequence[str]) -> list[Out]:
    """Return the outputs of cells that run step by step."""
    layer: Any = a.layer
    start: list[Expression] = [listed(*states)] if states else []
    call = Call(module, (x, *start))
    taken = "" if layer.return_sequences else "[:, -1]"
    if not layer.return_state:
        return [Out(f"{flat(call)}[0]{taken}")]
    count = len(a.outputs) - 1
    sequence, carried = a.unpacked("sequence", 0), a.unpacked("states", *range(1, count + 1))
    a.line(f"{sequence.name}, {carried.name}", call)
    output: Any = f"{sequence.name}{taken}" if taken else sequence
    return [Out(output), *(Out(f"{carried.name}[{place}]") for place in range(count))]


def mirrored(layer: Layer) -> Layer:
    """Return the layer that reads the other way round."""
    backwards = not getattr(layer, "go_backwards", False)
    return layer.model_copy(update={"go_backwards": backwards})


WRITERS: Final[dict[str, Writer]] = dict.fromkeys(FUSED, recurrent)

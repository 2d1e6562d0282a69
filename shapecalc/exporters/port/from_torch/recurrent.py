"""Recurrent modules: a layer of Keras for each of their layers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from shapecalc.exporters.document import Call, listed, literal, quoted
from shapecalc.exporters.port.from_torch.values import Out, Value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapecalc.exporters.document import Expression
    from shapecalc.exporters.port.from_torch.applied import Applied, Keywords
    from shapecalc.exporters.port.from_torch.families import Writer

_KINDS: Final = {"LSTM": "LSTM", "GRU": "GRU", "RNN": "SimpleRNN"}


def recurrent(a: Applied) -> list[Out]:
    """Run all layers one behind the other, each over all steps."""
    layer: Any = a.layer
    if getattr(layer, "proj_size", 0):
        a.refuse("projects its output, which Keras's does not")
    if a.rank != 3:  # noqa: PLR2004  (batch, steps, features)
        a.refuse("reads one example without a batch, which Keras does not")
    x, *given = (a.plain(place) for place in range(len(a.values)))
    x = x if layer.batch_first else a.let("sequence", a.ops("swapaxes", x, "0", "1"))
    wanted = any(a.reads[1:])
    ways = 2 if layer.bidirectional else 1
    states: list[list[str]] = []
    for number in range(layer.num_layers):
        suffix = f"_l{number}" if layer.num_layers > 1 else ""
        made = _layer(a, suffix, states=wanted)
        a.copy("copy_gru" if layer.called == "GRU" else "copy_rnn", str(number), suffix=suffix)
        indices = range(number * ways, (number + 1) * ways)
        start = [f"{state}[{index}]" for index in indices for state in given]
        call = Call(made, (x,), [("initial_state", listed(*start))] if start else [])
        if wanted:
            kept = _states(a, ways)
            x = a.fresh("sequence")
            a.line(", ".join((x, *kept)), call)
            states.append(kept)
        else:
            x = a.let("sequence", call)
        if layer.dropout and number < layer.num_layers - 1:
            x = a.let("dropped", a.plainly("Dropout", x, literal(layer.dropout)))
    output: Expression = x if layer.batch_first else a.ops("swapaxes", x, "0", "1")
    return [_output(a, output), *_stacked(a, states, ways)]


def _output(a: Applied, output: Expression) -> Out:
    if not isinstance(output, str):
        return Out(output)
    return Out(a.known(output))


def _states(a: Applied, ways: int) -> list[str]:
    """Return the variables of the states of one layer, those of the first direction first."""
    names = ["hidden", "memory"] if a.layer.called == "LSTM" else ["hidden"]
    return [a.fresh(name) for _ in range(ways) for name in names]


def _stacked(a: Applied, states: Sequence[Sequence[str]], ways: int) -> list[Out]:
    """Return the last states of all layers and directions, one above the other."""
    count = len(a.outputs) - 1
    if not states:
        return [Out(Value("_", ())) for _ in range(count)]
    found = []
    for kind in range(count):
        each = [kept[way * count + kind] for kept in states for way in range(ways)]
        found.append(Out(a.ops("stack", listed(*each))))
    return found


def _layer(a: Applied, suffix: str, *, states: bool) -> Expression:
    layer: Any = a.layer
    keywords: Keywords = [("return_sequences", "True")]
    if states:
        keywords.append(("return_state", "True"))
    if layer.called == "RNN" and layer.nonlinearity != "tanh":
        keywords.append(("activation", quoted(layer.nonlinearity)))
    if not layer.bias:
        keywords.append(("use_bias", "False"))
    units = a.size(layer.hidden_size)
    kind = _KINDS[layer.called]
    if not layer.bidirectional:
        return a.weighted(kind, (units,), keywords, suffix)
    inner = Call(f"layers.{kind}", (units,), keywords)
    return a.weighted("Bidirectional", (inner,), [], suffix)


WRITERS: Final[dict[str, Writer]] = dict.fromkeys(_KINDS, recurrent)

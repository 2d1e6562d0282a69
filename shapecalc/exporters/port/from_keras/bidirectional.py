"""Recurrent layers that read in both directions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from shapecalc.exporters.document import Call, Operation, listed, quoted, tupled
from shapecalc.exporters.layout import flat
from shapecalc.exporters.port.from_keras.recurrent import FUSED, fused, is_fused, mirrored
from shapecalc.exporters.port.from_keras.values import Out

if TYPE_CHECKING:
    from shapecalc.exporters.port.from_keras.applied import Applied
    from shapecalc.exporters.port.from_keras.families import Writer

_OPERATORS: Final = {"sum": "+", "ave": "+", "mul": "*"}


def bidirectional(a: Applied) -> list[Out]:
    """Read forwards and backwards, and join both."""
    inner: Any = a.layer.layer  # type: ignore[attr-defined]
    alone = a.layer.backward_layer is None  # type: ignore[attr-defined]
    if alone and inner.called in FUSED and is_fused(inner) and not inner.dropout:
        return _together(a, inner)
    return _apart(a, inner)


def _joined(a: Applied, ahead: str, back: str) -> list[Out]:
    """Join the outputs of both directions."""
    mode = a.layer.merge_mode  # type: ignore[attr-defined]
    if mode is None:
        return [Out(ahead), Out(back)]
    if mode == "concat":
        return [Out(Call("torch.cat", (listed(ahead, back),), [("dim", "-1")]))]
    total = Operation(_OPERATORS[mode], (ahead, back))
    return [Out(f"({flat(total)}) / 2" if mode == "ave" else total)]


def _together(a: Applied, inner: Any) -> list[Out]:  # noqa: ANN401
    """Return both directions in one module of PyTorch."""
    x = a.plain()
    module = a.module(fused(a, inner, both=True))
    copying = FUSED[inner.called][1]
    a.copy(copying, path=".forward_layer")
    a.copy(copying, quoted("l0_reverse"), path=".backward_layer")
    call = Call(module, (x, *_start(a)))
    mode = a.layer.merge_mode  # type: ignore[attr-defined]
    if inner.return_sequences and mode == "concat" and not inner.return_state:
        return [Out(f"{flat(call)}[0]")]
    is_lstm, steps = inner.called == "LSTM", inner.return_sequences
    heads = 1 if mode is not None else 2
    states = range(heads, len(a.outputs))
    sequence = a.unpacked("sequence", *(range(heads) if steps else ()))
    per_way = 2 if is_lstm else 1
    hidden = a.unpacked("hidden", *states[::per_way], *(() if steps else range(heads))).name
    memory = a.unpacked("memory", *states[1::2]).name if is_lstm else ""
    a.line(f"{sequence.name}, {f'({hidden}, {memory})' if is_lstm else hidden}", call)
    ahead, back = f"{hidden}[0]", f"{hidden}[1]"
    if steps and mode != "concat":
        ahead, back = (a.unpacked(name, *range(heads)).name for name in ("ahead", "back"))
        a.line(f"{ahead}, {back}", f"{sequence.name}.chunk(2, dim=-1)")
    outs = [Out(sequence)] if steps and mode == "concat" else _joined(a, ahead, back)
    if inner.return_state:
        kept = (hidden, memory) if is_lstm else (hidden,)
        outs += [Out(f"{each}[{way}]") for way in (0, 1) for each in kept]
    return outs


def _start(a: Applied) -> list[str]:
    """Return the initial states of both directions, one above the other."""
    states = [a.plain(place) for place in range(1, len(a.values))]
    if not states:
        return []
    half = len(states) // 2
    pairs = zip(states[:half], states[half:], strict=True)
    stacked = [Call("torch.stack", (listed(*pair),)) for pair in pairs]
    return [a.let("start", stacked[0] if half == 1 else tupled(*stacked))]


def _apart(a: Applied, inner: Any) -> list[Out]:  # noqa: ANN401
    """Return each direction in a module of its own."""
    backward = a.layer.backward_layer or mirrored(inner)  # type: ignore[attr-defined]
    value, *states = a.values
    half = len(states) // 2
    a.plain()
    for each in a.values:
        each.reads += 1
    value.reads += 1
    ahead, *ahead_states = a.within(inner, (value, *states[:half]), "_forward", ".forward_layer")
    for each in (ahead, *ahead_states):
        each.reads += 1
    back, *back_states = a.within(backward, (value, *states[half:]), "_backward", ".backward_layer")
    for each in (ahead, *ahead_states):
        each.reads -= 1
    turned = f"{back.name}.flip(1)" if inner.return_sequences else back.name
    return [
        *_joined(a, ahead.name, turned),
        *(Out(state) for state in (*ahead_states, *back_states)),
    ]


WRITERS: Final[dict[str, Writer]] = {"Bidirectional": bidirectional}

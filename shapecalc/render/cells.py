"""What people read of layers and traces; the same in every format."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from shapecalc.answers.expectations import built_with
from shapecalc.dims import Dim, shape_text
from shapecalc.language.arguments import own_parameters, telling
from shapecalc.language.syntax import Step
from shapecalc.layers.explaining import counted
from shapecalc.layers.layer import Layer
from shapecalc.layers.parameters import parameters
from shapecalc.tracing.costs import CONVENTION
from shapecalc.tracing.rows import joined

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from shapecalc.dims import Shape, Size
    from shapecalc.layers.parameters import Parameter
    from shapecalc.render.view import View
    from shapecalc.tracing.costs import Costs
    from shapecalc.tracing.trace import Trace

#: The number of rows that are named.
FEW: Final = 3
KIB: Final = 1024
UNITS: Final = ("KiB", "MiB", "GiB", "TiB", "PiB")
#: Up to here floats are exact.
EXACT: Final = 1 << 53


def call_text(layer: Layer) -> str:
    """Return a layer as Keras writes it, with the arguments that tell something."""
    if layer.in_spec() is not layer:
        return f"{layer.called}({_held(layer.config())})"
    cls = type(layer)
    own = own_parameters(cls)
    bare = {p.name for i, p in enumerate(own) if p.required or i == 0}
    window = own[0].name if own and _is_window(own[0]) else None
    parts: list[str] = []
    for name, parameter in parameters(cls).items():
        if name == "op":
            continue
        value = getattr(layer, name)
        if isinstance(value, Layer):
            said = call_text(value)
            parts.append(said if name == cls.holds else f"{name}={said}")
        elif name == window or (value != parameter.default and telling(name)):
            said = _argument(value)
            parts.append(said if name in bare else f"{name}={said}")
    return f"{layer.called}({', '.join(parts)})"


def _held(config: Mapping[str, Any]) -> str:
    """Return what a layer of a model file says of itself."""
    if "layers" in config:
        return f"{len(config['layers'])} layers"
    return ", ".join(f"{name}={_argument(value)}" for name, value in config.items())


def _is_window(parameter: Parameter) -> bool:
    """Return whether a default is worth showing: that of a pool is, that of an axis is not."""
    default = parameter.default
    numbers = default if isinstance(default, tuple) else (default,)
    return not parameter.name.endswith("dim") and all(
        type(number) is int and number > 0 for number in numbers
    )


def _argument(value: Any) -> str:  # noqa: ANN401
    if isinstance(value, dict) and value.keys() == {"layer", "config"}:
        return f"{value['layer']}({_held(value['config'])})"
    if isinstance(value, (tuple, list)):
        return f"({', '.join(map(_argument, value))}{',' * (len(value) == 1)})"
    return repr(value) if isinstance(value, str) and not isinstance(value, Dim) else str(value)


def count_text(size: Size | str | None) -> str:
    """Return a number, or its text, with its thousands apart; a size in letters; ? if unknown."""
    return "?" if size is None else counted(size)


def summary_of(trace: Trace, view: View) -> list[tuple[str, str]]:
    """Return what comes out, what it costs, and when it holds: each with its name."""
    lines = [] if trace.named_outputs else [("output", "?")]
    lines += [
        ("output" if len(trace.named_outputs) == 1 else name, _shape(shape, view))
        for name, shape in trace.named_outputs
    ]
    lines.append(("params", _totals(trace)))
    if view.costs is not None:
        lines += costs_of(view)
    if trace.conditions:
        lines.append(("holds when", joined(trace.conditions)))
    if trace.facts.general:
        from shapecalc.answers.accepted import accepted

        lines += [("that is", said) for said in accepted(trace)]
    if trace.assumptions:
        lines.append(("assumes", joined(trace.assumptions)))
    if fixed := built_with(trace):
        lines.append(("built with", fixed))
    return lines


def letters_of(trace: Trace) -> list[tuple[str, str]]:
    """Return what the letters stand for that were made, not written: one line, or none."""
    names = trace.network.dialect.letters.names
    said: dict[str, str] = {}
    for node, (_, shape) in zip(trace.network.inputs, trace.inputs, strict=True):
        for axis, (size, made) in enumerate(zip(shape, node.shape, strict=False)):
            if size != made or (isinstance(node.origin, Step) and axis not in node.unknown):
                continue
            letter = str(size)
            meaning = names.get(letter.partition("_")[0])
            if meaning is not None and letter not in trace.said:
                said[letter] = meaning
    line = ", ".join(f"{letter} {meaning}" for letter, meaning in said.items())
    return [("letters", line)] if line else []


def _shape(shape: Shape, view: View) -> str:
    return shape_text(view.shape(shape))


def _totals(trace: Trace) -> str:
    total, trainable = trace.params, trace.trainable_params
    if total is None or trainable is None:
        return f"at least {count_text(trace.least_params)}"
    fixed, buffers = total - trainable, trace.buffers
    said = count_text(total)
    if fixed != 0:
        said += f", of which {count_text(fixed)} are not trainable"
    return said if not buffers else f"{said}; {count_text(buffers)} in buffers"


def costs_of(view: View) -> list[tuple[str, str]]:
    """Return what all rows cost, each with its name, and at the end what counts."""
    costs = view.costs
    if costs is None:
        return []
    way = ", forward and backward" if costs.training else ""
    lines = [
        ("macs", f"{count_text(costs.total_text())}{way}"),
        ("flops", count_text(costs.total_text(2))),
    ]
    if costs.peak is not None:
        size, names = costs.peak
        lines.append(("peak", f"{held_text(size, costs)} at {_listed(names)}"))
    for size, rows in costs.within.items():
        lines.append(
            ("scores", f"{held_text(size, costs)} inside {_listed(rows)}, not in the peak")
        )
    for title, numbers in view.totals_at:
        peak = numbers.peak
        said = f"{count_text(numbers.total_text())} macs"
        if peak is not None:
            said += f", {held_text(peak.size, numbers)} at {_listed(peak.layers)}"
        lines.append((title, said))
    return [*lines, ("a mac is", CONVENTION)]


def held_text(size: Size, costs: Costs) -> str:
    """Return an amount as numbers, or as bytes of a type."""
    if costs.dtype is None:
        return f"{count_text(size)} numbers"
    return f"{bytes_text(size)} of {costs.dtype}"


def bytes_text(size: Size) -> str:
    """Return a number of bytes, with a larger unit where there are many."""
    if not isinstance(size, int) or size < KIB:
        return f"{count_text(size)} bytes"
    power = min((size.bit_length() - 1) // 10, len(UNITS))
    whole = size // KIB**power
    # A float has no tenths of so many, and an end.
    amount = f"{size / KIB**power:,.1f}" if whole < EXACT else f"{whole:,}"
    return f"{count_text(size)} bytes ({amount} {UNITS[power - 1]})"


def _listed(names: Sequence[str]) -> str:
    """Return a few names, and how many more there are."""
    more = len(names) - FEW
    return ", ".join(names) if more <= 0 else f"{', '.join(names[:FEW])} and {more} more"

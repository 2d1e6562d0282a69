"""The moves that may repair a spec: small edits of its text, likeliest first.

None is made for a special case; each is tried, and the trace says whether it works.
"""

from __future__ import annotations

from math import gcd
from typing import TYPE_CHECKING, Final, NamedTuple

from shapecalc.dims import Shape, Size, product
from shapecalc.language.build import Source
from shapecalc.language.syntax import Step
from shapecalc.layers.letters import free_letter
from shapecalc.layers.parameters import flags, parameters
from shapecalc.repair.merges import join_moves
from shapecalc.repair.unbuilt import unknown_moves

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from shapecalc.layers.layer import Layer
    from shapecalc.network import Network
    from shapecalc.tracing.rows import Row, Trace

#: How many numbers are tried to be an image, and how many channels are likely at the least.
MAX_FOLDED: Final = 10_000_000
MIN_CHANNELS: Final = 16


class Attempt(NamedTuple):
    """A spec that may work; ``keeps_inputs`` tells whether input shapes still come from outside."""

    text: str
    keeps_inputs: bool = True


class Failure(NamedTuple):
    """Where a trace stopped; ``unbuilt`` where a weight would be over an unknown size."""

    network: Network
    trace: Trace
    row: Row
    unbuilt: bool = False


def moves(failure: Failure, given: Mapping[str | None, object]) -> Iterator[Attempt]:
    """All moves for a failure, likeliest first."""
    step = failure.row.origin
    source = failure.network.source
    if not isinstance(step, Step) or not isinstance(source, Source):
        return
    text = source.text
    if failure.unbuilt:
        # The other moves would give the unknown size a letter, which is no repair.
        for settled in unknown_moves(failure.row, list(ancestors(failure)), text):
            yield Attempt(settled)
        return
    if failure.row.model.merges:
        for joined in join_moves(failure.row, list(ancestors(failure)), text):
            yield Attempt(joined)
        return
    yield from _around_inputs(failure, source, given)
    yield from _keep_sequences(failure, text)
    yield from _wrappers(failure, text, step)
    yield from _arguments(failure, text, step)
    yield from _drop_reducers(failure, text)
    yield from _insert(failure, text, step)
    yield from _leave_out(failure, text, step)


def ancestors(failure: Failure) -> Iterator[Row]:
    """The rows that lead to the failing layer, nearest first."""
    rows = {row.name: row for row in failure.trace.layers}
    waiting = list(failure.row.sources)
    seen: set[str] = set()
    while waiting:
        name = waiting.pop(0)
        if name in seen or name not in rows:
            continue
        seen.add(name)
        yield rows[name]
        waiting += rows[name].sources


def shrinks(row: Row) -> bool:
    """Whether a layer gives fewer axes than it gets."""
    return bool(row.inputs and row.outputs) and len(row.outputs[0]) < len(row.inputs[0])


def _keep_sequences(failure: Failure, text: str) -> Iterator[Attempt]:
    """Let a recurrent layer before return the state after every step."""
    for row in ancestors(failure):
        if not isinstance(row.origin, Step) or row.origin.form.name is None:
            continue
        inner = innermost(row.model)
        if "return_sequences" in parameters(type(inner)) and shrinks(row):
            yield Attempt(_append(text, row.origin, "seq"))


def innermost(layer: Layer) -> Layer:
    """The layer inside wrappers; a recurrent layer is not one of them, though it holds cells."""
    while layer.holds == "layer":
        layer = getattr(layer, layer.holds)
    return layer


def _append(text: str, step: Step, argument: str) -> str:
    end = step.span[1]
    return f"{text[:end]}:{argument}{text[end:]}"


def _drop_reducers(failure: Failure, text: str) -> Iterator[Attempt]:
    """Leave out the nearest layer that dropped an axis."""
    for row in ancestors(failure):
        if shrinks(row) and isinstance(row.origin, Step) and not row.weights:
            start, end = row.origin.span
            yield Attempt(text[:start] + text[end:])
            return


def _wrappers(failure: Failure, text: str, step: Step) -> Iterator[Attempt]:
    """Drop the prefixes of a layer, or give it one."""
    for prefix in step.form.prefixes:
        if isinstance(prefix.kind, str):
            start, end = step.place(prefix.span)
            after = text[end:].lstrip(" \t")
            yield Attempt(text[:start] + after.removeprefix("-"))
    if step.form.name is not None and len(failure.row.inputs[0]) > 2:  # noqa: PLR2004  (steps)
        place = step.place(step.form.name.span)[0]
        yield Attempt(f"{text[:place]}td-{text[place:]}")


def _arguments(failure: Failure, text: str, step: Step) -> Iterator[Attempt]:
    """Pad, or change the number that does not fit."""
    layer = innermost(failure.row.model)
    words = flags(type(layer))
    if "same" in words and getattr(layer, "padding", None) == "valid":
        if not any(a.value.value == "valid" for a in step.form.args):
            yield Attempt(_append(text, step, "same"))
        for argument in step.form.args:
            if argument.value.value == "valid":
                start, end = step.place(argument.value.span)
                yield Attempt(f"{text[:start]}same{text[end:]}")
    yield from _fewer_groups(failure, text, step, layer)
    yield from _free_axis(failure, text, step, layer)
    yield from _last_axis(text, step, layer)


def _last_axis(text: str, step: Step, layer: Layer) -> Iterator[Attempt]:
    """Work on the last axis, which every input has."""
    if "axis" not in parameters(type(layer)):
        return
    for argument in step.form.args:
        if argument.value.kind == "int" and argument.value.value == getattr(layer, "axis", None):
            start, end = step.place(argument.value.span)
            yield Attempt(f"{text[:start]}-1{text[end:]}")


def _leave_out(failure: Failure, text: str, step: Step) -> Iterator[Attempt]:
    """Go on without the failing layer, where it learns nothing."""
    learns = any(name.endswith("_initializer") for name in parameters(type(failure.row.model)))
    if not learns and not failure.row.model.holds:
        start, end = step.span
        yield Attempt(text[:start] + text[end:])


def _fewer_groups(failure: Failure, text: str, step: Step, layer: Layer) -> Iterator[Attempt]:
    groups = getattr(layer, "groups", None)
    filters = getattr(layer, "filters", 0)
    if not isinstance(groups, int) or not isinstance(filters, int):
        return
    first = getattr(layer, "data_format", None) == "channels_first"
    # An input of too few axes has no channels, and fewer groups do not help it.
    channels = failure.row.inputs[0][1:2] if first else failure.row.inputs[0][-1:]
    if not channels or not isinstance(channels[0], int):
        return
    fitting = gcd(groups, channels[0], filters)
    for argument in step.form.args:
        key = argument.key.text if argument.key else None
        if key in {"groups", failure.network.dialect.short_key_of("groups")}:
            start, end = step.place(argument.value.span)
            yield Attempt(f"{text[:start]}{fitting}{text[end:]}")


def _free_axis(failure: Failure, text: str, step: Step, layer: Layer) -> Iterator[Attempt]:
    """Let one size of a reshape follow from the others, or project to as many as it takes."""
    if "target_shape" not in parameters(type(layer)):
        return
    sizes = [argument for argument in step.form.args if argument.value.kind in {"int", "size"}]
    if any(argument.value.value == -1 for argument in sizes):
        return
    for argument in reversed(sizes):
        start, end = step.place(argument.value.span)
        yield Attempt(f"{text[:start]}-1{text[end:]}")
    total = _size(product(argument.value.value for argument in sizes))
    flat = "" if len(failure.row.inputs[0]) == 2 else "flatten,"  # noqa: PLR2004  (batch, features)
    yield Attempt(f"{text[: step.start]}{flat}dense:{total},{text[step.start :]}")


def _insert(failure: Failure, text: str, step: Step) -> Iterator[Attempt]:
    """Put a layer before the failing one that gives it another number of axes."""
    shape = failure.row.inputs[0]
    rank = len(shape)
    layers: list[str] = []
    if rank > 3:  # noqa: PLR2004  (batch, steps, features)
        layers += ["td-flatten", f"reshape:-1:{_size(shape[-1])}", f"gap{rank - 2}d", "flatten"]
    elif rank == 3:  # noqa: PLR2004
        layers += ["flatten", "gap1d", f"reshape:{_sizes(shape)}:1"]
    elif rank == 2:  # noqa: PLR2004
        layers += _folded(shape[-1], len(failure.row.model.natural_input() or ()) - 2)
        layers += [f"repeat:{_free_letter(failure)}", f"reshape:{_sizes(shape)}:1"]
    for layer in layers:
        yield Attempt(f"{text[: step.start]}{layer},{text[step.start :]}")


def _folded(size: Size, axes: int) -> Iterator[str]:
    """Reshape a row of numbers to a square image, or a cube; one with some channels first."""
    if not isinstance(size, int) or axes < 2 or size > MAX_FOLDED:  # noqa: PLR2004  (an image)
        return
    sides = [n for n in range(round(size ** (1 / axes)) + 1, 1, -1) if size % n**axes == 0]
    sides.sort(key=lambda side: size // side**axes < MIN_CHANNELS)
    for side in sides[:1]:
        yield f"reshape:{f'{side}:' * axes}{size // side**axes}"


def _size(size: Size) -> str:
    return str(size).replace(" ", "")


def _sizes(shape: Shape) -> str:
    return ":".join(_size(size) for size in shape[1:])


def _free_letter(failure: Failure) -> str:
    used = failure.trace.letters
    return next(letter for letter in ("T", "N", "S", "T_1", "N_1", "S_1") if letter not in used)


def _around_inputs(
    failure: Failure, source: Source, given: Mapping[str | None, object]
) -> Iterator[Attempt]:
    """Give the input a batch or a channel axis, where the failing layer reads it directly."""
    if any(shrinks(row) for row in ancestors(failure)) or len(failure.trace.inputs) != 1:
        return
    (node,) = failure.network.inputs
    ((_, shape),) = failure.trace.inputs
    if node.origin is None and not given:
        return
    text, letter = source.text, failure.network.dialect.letters.batch
    with_batch = (free_letter(letter, set(failure.trace.letters)), *shape)
    with_channels = (*shape, 1)
    likely_batch = bool(shape) and isinstance(shape[0], int)
    for candidate in (with_batch, with_channels) if likely_batch else (with_channels, with_batch):
        written = "in:" + _sizes((0, *candidate))
        if isinstance(node.origin, Step):
            start, end = node.origin.span
            yield Attempt(text[:start] + written + text[end:], keeps_inputs=False)
        else:
            place = source.start
            yield Attempt(f"{text[:place]}{written},{text[place:]}", keeps_inputs=False)

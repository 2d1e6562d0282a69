"""A model beside its port to another framework: what is the same in both, and what differs first.

Compared are shapes up to the order of their axes, and how many numbers are learned. Layers that
learn nothing may stand on one side alone, or within another layer, as long as they change nothing.
"""

from __future__ import annotations

from difflib import SequenceMatcher
from itertools import chain, pairwise
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from shapecalc.analysis.counterparts import kind_of
from shapecalc.dims import is_letter, shape_text
from shapecalc.language.inputs import channel_axes
from shapecalc.layers.arguments import spread
from shapecalc.tracing.rows import plain_shape

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from shapecalc.dims import Shape, Size
    from shapecalc.tracing.rows import Row
    from shapecalc.tracing.trace import Trace

#: What no shape tells, and a port can get wrong.
UNSEEN: Final = (
    "not looked at: epsilon, momentum, activations within layers, and the order of the numbers "
    "that a flatten makes of channels"
)


class Match(NamedTuple):
    """Rows of both sides that belong together; ``mark`` is that of `Pair`, ``why`` says more."""

    left: Row | None
    right: Row | None
    mark: str
    why: str | None = None


class _Block(NamedTuple):
    """A row that learns, and those behind it that do not; the first block may begin without."""

    rows: Sequence[Row]

    @property
    def kind(self) -> str:
        return kind_of(self.rows[0].model) if _learned(self.rows[0]) != 0 else ""

    @property
    def key(self) -> str:
        return f"{self.kind} {_learned(self.rows[0])}"

    @property
    def end(self) -> Sequence[str]:
        return _sizes(self.rows[-1])


def values_for(left: Trace, right: Trace) -> tuple[dict[str, Size], dict[str, Size]]:
    """Return values for the letters of both inputs, by which they are the same where they can.

    A number on one side is that of the other one too; letters have the names of the left side.
    """
    here: dict[str, Size] = {}
    there: dict[str, Size] = {}
    for one, other in zip(_inputs(left), _inputs(right), strict=False):
        if len(one) == len(other):
            for a, b in zip(one, other, strict=True):
                if (name := is_letter(b)) is not None and a != b:
                    there.setdefault(name, a)
                elif (name := is_letter(a)) is not None and isinstance(b, int):
                    here.setdefault(name, b)
    return here, there


def _inputs(trace: Trace) -> Iterator[Shape]:
    """Yield the shapes of the inputs, with the channels behind all other axes."""
    shapes = [shape for _, shape in trace.inputs]
    axes = channel_axes(trace.network.nodes, [len(shape) for shape in shapes])
    for shape, axis in zip(shapes, axes, strict=True):
        place = len(shape) - 1 if axis is None else axis
        yield (*shape[:place], *shape[place + 1 :], *shape[place : place + 1])


def matches(left: Trace, right: Trace) -> list[Match]:
    """Align the rows of both sides, and mark what differs."""
    found: list[Match] = []
    alike = _aligned(_blocks(left.layers), _blocks(right.layers), lambda block: block.key)
    for equal, here, there in alike:
        parts = [(True, here, there)] if equal else _aligned(here, there, lambda block: block.kind)
        for _, ours, others in parts:
            # A row of another kind stands beside the row that it replaces.
            for place in range(max(len(ours), len(others))):
                pair = (tuple(side[place : place + 1]) for side in (ours, others))
                found += _compared(*pair)
    return found


def _aligned(
    here: Sequence[_Block], there: Sequence[_Block], key: Callable[[_Block], str]
) -> Iterator[tuple[bool, Sequence[_Block], Sequence[_Block]]]:
    """Cut two lists of blocks where their keys are equal or not."""
    matcher = SequenceMatcher(None, list(map(key, here)), list(map(key, there)), autojunk=False)
    for tag, i, j, k, m in matcher.get_opcodes():
        yield tag == "equal", here[i:j], there[k:m]


def _blocks(rows: Sequence[Row]) -> list[_Block]:
    starts = [n for n, row in enumerate(rows) if n == 0 or _learned(row) != 0]
    return [_Block(rows[a:b]) for a, b in pairwise([*starts, len(rows)])]


def _compared(here: tuple[_Block, ...], there: tuple[_Block, ...]) -> Iterator[Match]:
    """Compare two blocks, of which one may be missing."""
    if not here or not there:
        for row in chain.from_iterable(block.rows for block in (*here, *there)):
            learned = _learned(row) != 0
            why = f"only {'A' if here else 'B'} has it" if learned else None
            mark = ("-" if here else "+") if learned else " "
            yield Match(row if here else None, None if here else row, mark, why)
        return
    (a,), (b,) = here, there
    agree = a.end == b.end
    yield _beside(a.rows[0], b.rows[0], agree=agree)
    rest = a.rows[1:], b.rows[1:]
    kinds = [[kind_of(row.model) for row in rows] for rows in rest]
    for tag, i, j, k, m in SequenceMatcher(None, kinds[0], kinds[1], autojunk=False).get_opcodes():
        if tag == "equal":
            yield from (
                _beside(*pair, agree=agree) for pair in zip(rest[0][i:j], rest[1][k:m], strict=True)
            )
            continue
        yield from (_alone(row, None, agree=agree) for row in rest[0][i:j])
        yield from (_alone(None, row, agree=agree) for row in rest[1][k:m])


def _alone(left: Row | None, right: Row | None, *, agree: bool) -> Match:
    """Mark a row that learns nothing, and is on one side only."""
    row = left or right
    assert row is not None  # noqa: S101  (one of both is given)
    changes = bool(row.inputs) and _sorted(row.inputs[0]) != _sizes(row)
    if agree or not changes:
        return Match(left, right, " ")
    return Match(left, right, "-" if left else "+", f"only {'A' if left else 'B'} has it")


def _beside(a: Row, b: Row, *, agree: bool) -> Match:
    """Compare two rows; what one gives may be made by another one behind it."""
    why = _weights_differ(a, b)
    if why is None and not agree and _sizes(a) != _sizes(b):
        why = _shapes_differ(a, b)
    return Match(a, b, " " if why is None else "~", why)


def _learned(row: Row) -> Any:  # noqa: ANN401  (a size, or 0)
    """Return how many numbers a layer learns; of one that is frozen, all that it keeps."""
    result = row.result
    frozen = result.trainable_params == 0 and _frozen(row)
    return result.params if frozen else result.trainable_params


def _frozen(row: Row) -> bool:
    return getattr(row.model, "trainable", True) is False


def _sizes(row: Row) -> Sequence[str]:
    return _sorted(row.outputs[0]) if row.outputs else ()


def _sorted(shape: Shape) -> Sequence[str]:
    return sorted(map(str, shape))


def _weights_differ(a: Row, b: Row) -> str | None:
    """Say why two layers do not learn the same number of numbers; None where they do."""
    if _learned(a) == _learned(b):
        return None
    for row, other, side in ((a, b, "A"), (b, a, "B")):
        second = [w for w in row.weights if w.name.startswith("bias_hh")]
        added = sum((w.shape[0] for w in second), start=0)
        if second and _learned(row) == _learned(other) + added:
            return f"{side} keeps a second bias of each layer, {second[0].name}: {added} more"
        biases = [w for w in row.weights if w.name == "bias"]
        if not any(w.name == "bias" for w in other.weights) and biases:
            bias = biases[0].shape[-1]
            if _learned(row) == _learned(other) + bias:
                return f"only {side} has a bias: {bias} more"
    return f"A learns {_learned(a)} numbers, B {_learned(b)}"


def _shapes_differ(a: Row, b: Row) -> str:
    """Say what two layers give, and how they pad where that may be the reason."""
    said = f"A gives {shape_text(a.outputs[0])}, B {shape_text(b.outputs[0])}"
    padded = [_same_with_stride(row) for row in (a, b)]
    reason = next((text for text in padded if text is not None), None)
    return said if reason is None else f"{said}; {reason}"


def _same_with_stride(row: Row) -> str | None:
    """Say what ``same`` with a stride does, where a layer has both."""
    model: Any = row.model
    window, layout = row.model.moving_window(), row.model.layout()
    strides = getattr(model, "strides", 1) if window is None else window.strides
    if getattr(model, "padding", None) != "same" or layout is None:
        return None
    if max(spread(strides, layout.rank)) == 1:
        return None
    return "same with a stride rounds up, and pads more at the end than at the beginning"


def notes(found: Sequence[Match]) -> Iterator[str]:
    """Say which rows differ first and why, where equal shapes hide a difference, what is unseen."""
    first = next((each for each in found if each.mark != " "), None)
    if first is not None:
        names = " and ".join(
            f"{row.index} {row.name}" for row in (first.left, first.right) if row is not None
        )
        yield f"first at {names}: {first.why}"
    for each in found:
        if each.mark == " " and each.left is not None and each.right is not None:
            text = _same_with_stride(each.left) or _same_with_stride(each.right)
            if text is not None:
                yield f"{each.left.name}: {text}; the windows lie at other positions there"
    yield UNSEEN


def totals(trace: Trace) -> dict[str, Any]:
    """Return what comes out of all: each output with its sizes in order, and what is learned."""
    return {
        "outputs": [sorted(plain_shape(shape), key=str) for shape in trace.outputs],
        "trainable_params": str(trace.trainable_params) if trace.is_counted else "?",
    }

"""How the numbers of torch's tensors lie in memory, on which it depends whether view can be used.

Strides say how far apart neighbors along each axis lie. None stands for numbers that lie one
behind the other, which is how nearly all functions give them; unknown for what is in no table.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, Final

from shapecalc.dims import letters, substitute
from shapecalc.importers.python.values import UNKNOWN, Tensor, Unknown
from shapecalc.layers.indexing import read_key

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from shapecalc.dims import Shape, Size
    from shapecalc.layers.layer import Layer

    Strides = Sequence[Size]

#: What gives its numbers in a row, whatever it reads.
_IN_A_ROW: Final = frozenset({
    "Linear", "Embedding", "LayerNorm", "Bmm", "Mm", "Matmul", "Softmax", "LogSoftmax", "Constant",
    "Cat", "Stack",
})  # fmt: skip
#: What works on the steps first, and turns its output where the batch is to stand first.
_TURNED: Final = frozenset({"LSTM", "GRU", "RNN", "MultiheadAttention"})
#: The files of layers that give a number for each one.
_ELEMENTWISE: Final = frozenset(
    [
        *("activation", "coded", "combining", "comparing", "dropout", "elementwise", "joining"),
        "mathematics",
    ]
)
#: What may give them otherwise, whatever it reads.
_ANY_WAY: Final = frozenset(
    ["ScaledDotProductAttention", "Einsum", "Computed", "Diagonal", "Sort", "Topk", "Opaque"]
)


def lay_out(layer: Layer, inputs: Sequence[Tensor], outputs: Sequence[Tensor]) -> None:
    """Find how the numbers of the outputs lie."""
    name = type(layer).__name__
    moved = _MOVED.get(name)
    if moved is not None and len(inputs) == 1:
        x = inputs[0]
        if x.strides is None and moved is _viewed:
            return
        if isinstance(x.strides, Unknown):
            _set(outputs, UNKNOWN)
            return
        before = in_a_row(x.shape) if x.strides is None else list(x.strides)
        for each in outputs:
            each.strides = _plainly(each.shape, moved(layer, x.shape, before, each.shape))
    elif name in _TURNED:
        _turn(layer, inputs, outputs)
    elif _keeps(layer, inputs, outputs):
        for each in outputs:
            each.strides = inputs[0].strides
    elif (
        name in _ANY_WAY
        or (name == "Matmul" and _is_lower(inputs))
        or (name not in _IN_A_ROW and any(each.strides is not None for each in inputs))
    ):
        _set(outputs, UNKNOWN)


def _keeps(layer: Layer, inputs: Sequence[Tensor], outputs: Sequence[Tensor]) -> bool:
    """Return whether an element-wise layer keeps the order in which the numbers lie in a row."""
    first = inputs[0] if inputs else None
    if first is None or first.strides is None or isinstance(first.strides, Unknown):
        return False
    alike = all(
        each.shape == first.shape and each.strides == first.strides for each in inputs[1:]
    ) and all(each.shape == first.shape for each in outputs)
    elementwise = type(layer).__module__.rpartition(".")[2] in _ELEMENTWISE
    return elementwise and alike and _is_dense(first.shape, first.strides)


def _is_dense(shape: Shape, strides: Strides) -> bool:
    """Return whether the numbers lie in a row along the axes in some order."""
    named = sorted({name for size in shape for name in letters(size)})
    values = dict(zip(named, itertools.cycle(_PRIMES[0]), strict=False))
    pairs = [
        (substitute(stride, values), substitute(size, values))
        for stride, size in zip(strides, shape, strict=True)
        if size != 1
    ]
    if not all(isinstance(stride, int) for stride, _ in pairs):
        return False
    step: Size = 1
    for stride, size in sorted(pairs):
        if stride != step:
            return False
        step = step * size
    return True


def _turn(layer: Any, inputs: Sequence[Tensor], outputs: Sequence[Tensor]) -> None:  # noqa: ANN401
    first = outputs[0]
    if layer.batch_first and len(first.shape) == 3:  # noqa: PLR2004  (batch, steps, features)
        batch, _, width = first.shape
        first.strides = _plainly(first.shape, (width, batch * width, 1))
    elif len(inputs) > 1 or len(first.shape) != 3:  # noqa: PLR2004
        _set(outputs[:1], UNKNOWN)


def _set(outputs: Sequence[Tensor], strides: Unknown) -> None:
    for each in outputs:
        each.strides = strides


def _is_lower(inputs: Sequence[Tensor]) -> bool:
    """Return whether the left factor has fewer axes, so that the right one is turned first."""
    return len(inputs) > 1 and len(inputs[0].shape) < len(inputs[1].shape)


def _plainly(shape: Shape, strides: Strides | Unknown | None) -> Strides | Unknown | None:
    """Return None for strides that are those of numbers in a row."""
    if strides is None or isinstance(strides, Unknown):
        return strides
    plain = in_a_row(shape)
    same = all(a == b or size == 1 for a, b, size in zip(strides, plain, shape, strict=True))
    return None if same else strides


def in_a_row(shape: Shape) -> list[Size]:
    """Return the strides of numbers that lie one behind the other."""
    strides: list[Size] = []
    step: Size = 1
    for size in reversed(shape):
        strides.append(step)
        step = step * size
    return strides[::-1]


def can_view(x: Tensor, shape: Shape) -> bool:
    """Return whether a tensor has strides as another shape; so it has where that is not known."""
    if x.strides is None or isinstance(x.strides, Unknown):
        return True
    named = sorted({name for size in (*x.shape, *shape) for name in letters(size)})
    for primes in _PRIMES:
        # Letters stand for any numbers: what holds for some of them may be what is meant.
        values = dict(zip(named, itertools.cycle(primes), strict=False))
        sizes, strides, wanted = (
            tuple(substitute(size, values) for size in each) for each in (x.shape, x.strides, shape)
        )
        try:
            _viewed_strides(sizes, strides, wanted)
        except ValueError:
            continue
        return True
    return False


_PRIMES: Final = ((61, 67, 71, 73, 79), (83, 97, 89, 101, 103))


def _viewed_strides(x: Shape, strides: Strides, shape: Shape) -> Strides:
    """Return the strides as another shape; raises `ValueError` where it has none.

    From the last axis, axes are taken together as long as the numbers of each lie behind those of
    the next; each such group must be a group of the new axes.
    """
    made: list[Size] = [0] * len(shape)
    place = len(shape) - 1
    base: Size = strides[-1] if strides else 1
    held: Size = 1
    taken: Size = 1
    for axis in reversed(range(len(x))):
        held = held * x[axis]
        if axis and (x[axis - 1] == 1 or strides[axis - 1] == held * base):
            continue
        while place >= 0 and (taken != held or shape[place] == 1):
            made[place] = taken * base
            taken = taken * shape[place]
            place -= 1
        if taken != held:
            raise ValueError
        if axis:
            base, held, taken = strides[axis - 1], 1, 1
    return made


# What gives the same numbers in another order.


def _permuted(layer: Any, _x: Shape, before: Strides, _made: Shape) -> Strides:  # noqa: ANN401
    return [before[axis] for axis in layer.dims]


def _transposed(layer: Any, _x: Shape, before: Strides, _made: Shape) -> Strides:  # noqa: ANN401
    strides = list(before)
    a, b = (layer.dim0, layer.dim1) if hasattr(layer, "dim0") else (layer.axis0, layer.axis1)
    strides[a], strides[b] = strides[b], strides[a]
    return strides


def _unsqueezed(layer: Any, x: Shape, before: Strides, _made: Shape) -> Strides:  # noqa: ANN401
    axis = layer.dim % (len(x) + 1)
    step = x[axis] * before[axis] if axis < len(x) else 1
    return [*before[:axis], step, *before[axis:]]


def _squeezed(_layer: Any, x: Shape, before: Strides, made: Shape) -> Any:  # noqa: ANN401
    left = [stride for stride, size in zip(before, x, strict=True) if size != 1]
    ones = [size for size in made if size == 1]
    if ones or len(left) != len(made):
        return UNKNOWN
    return left


def _selected(layer: Any, _x: Shape, before: Strides, _made: Shape) -> Strides:  # noqa: ANN401
    axis = layer.dim % len(before)
    return [*before[:axis], *before[axis + 1 :]]


def _same(_layer: Any, _x: Shape, before: Strides, _made: Shape) -> Strides:  # noqa: ANN401
    return before


def _expanded(_layer: Any, x: Shape, before: Strides, made: Shape) -> Strides:  # noqa: ANN401
    more = len(made) - len(x)
    pairs = zip(before, x, made[more:], strict=True)
    return [0] * more + [stride if old == new else 0 for stride, old, new in pairs]


def _viewed(_layer: Any, x: Shape, before: Strides, made: Shape) -> Any:  # noqa: ANN401
    try:
        return _viewed_strides(x, before, made)
    except ValueError:
        # Where there are no such strides, reshape copies the numbers.
        return None


def _taken(layer: Any, x: Shape, before: Strides, _made: Shape) -> Strides:  # noqa: ANN401
    parts = list(read_key(layer.key))
    strides: list[Size] = []
    axis = 0
    for part in parts:
        if part is None:
            strides.append(x[axis] * before[axis] if axis < len(x) else 1)
        elif part is Ellipsis:
            named = sum(each is not None and each is not Ellipsis for each in parts)
            skipped = len(x) - named
            strides += before[axis : axis + skipped]
            axis += skipped
        else:
            if isinstance(part, slice):
                strides.append(before[axis] * (part.step or 1))
            axis += 1
    return [*strides, *before[axis:]]


_MOVED: Final[dict[str, Callable[[Any, Shape, Strides, Shape], Any]]] = {
    "Permute": _permuted,
    **dict.fromkeys(("Transpose", "Swapaxes"), _transposed),
    "Unsqueeze": _unsqueezed,
    "Squeeze": _squeezed,
    **dict.fromkeys(("Select", "Unbind"), _selected),
    **dict.fromkeys(("Narrow", "Chunk", "Split", "Identity"), _same),
    "Expand": _expanded,
    **dict.fromkeys(("View", "Reshape", "Flatten", "Unflatten"), _viewed),
    "Index": _taken,
    **dict.fromkeys(("Movedim", "T"), lambda *_: UNKNOWN),
}

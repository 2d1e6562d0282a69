"""Functions of libraries that no layer is: what shape each gives, as an entry of a table says.

An entry is a function, and the names that it asks for. It gets what it asks of the run, and the
arguments of the call; it gives a shape, a list of shapes where there are several tensors, or None
where the shape is not known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from shapecalc.dims import equal, shape_text
from shapecalc.errors import ShapeError
from shapecalc.importers.python.layers import (
    computed_layer,
    flat,
    holds_unknown,
    run_layer,
    whole_size,
)
from shapecalc.importers.python.open import beside, open_in
from shapecalc.importers.python.tensors import ValuesAndIndices
from shapecalc.importers.python.values import (
    Builtin,
    Tensor,
    Unknown,
    Value,
)
from shapecalc.layers.broadcast import joined
from shapecalc.layers.scope import Scope

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from shapecalc.dims import Shape, Size, Truth
    from shapecalc.importers.python.calls import Call
    from shapecalc.importers.python.machine import Machine

#: The shape that an entry gives, or several.
Shapes = Any
Entry = tuple["Callable[[Any, Any], Shapes]", str]


class Arguments:
    """The arguments of a call by the names that an entry gives them; None for one that is left."""

    def __init__(self, given: dict[str, Value]) -> None:
        self.__dict__.update(given)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        return None


class Asked:
    """What entries ask of a run: a letter for what depends on data, and a broadcast."""

    def __init__(self, m: Machine) -> None:
        self._scope = Scope() if m.tape is None else m.tape.scope

    def letter(self, name: str) -> Size:
        """Return a letter for a size that depends on the data."""
        return self._scope.fresh(name)

    def same(self, a: Size, b: Size) -> None:
        """Require that the sizes over which is summed are equal."""
        self._scope.require(equal(a, b), "sums over sizes that differ: {} and {}", a, b)

    def demand(self, truth: Truth, why: str, *parts: object) -> None:
        """Require what holds where the function works; ``why`` is that of `Scope.require`."""
        self._scope.require(truth, why, *parts)

    def broadcast(self, *shapes: Shape) -> Shape:
        """Join shapes element-wise."""
        return joined(self._scope, shapes)


class Kinds:
    """Which functions of a table give numbers of another kind than they get.

    Attributes:
        whole: those that give whole numbers.
        masks: those that give True and False.
        fractions: those that give fractions of whole numbers.
        indices: those that give whole numbers behind their first tensor.
    """

    def __init__(
        self,
        whole: Collection[str] = (),
        masks: Collection[str] = (),
        fractions: Collection[str] = (),
        indices: Collection[str] = (),
    ) -> None:
        self.whole = whole
        self.masks = masks
        self.fractions = fractions
        self.indices = indices

    def tell(self, name: str, inputs: Sequence[Tensor], outputs: Sequence[Tensor]) -> None:
        """Say of what kind the numbers are that a function gives."""
        kept = inputs[0].whole if inputs else None
        if kept and (name in self.fractions or not all(each.whole for each in inputs)):
            kept = None
        for place, each in enumerate(outputs):
            is_index = name in self.whole or (place > 0 and name in self.indices)
            each.mask = name in self.masks
            each.whole = True if is_index or each.mask else kept


def computed(name: str, entry: Entry, library: str, kinds: Kinds) -> Builtin:
    """Return a function that an entry describes."""
    title = f"{'torch' if library == 'torch' else 'ops'}.{name}"
    function, parameters = entry

    def run(m: Machine, call: Call) -> Value:
        opened = open_in(call)
        if opened is not None:
            beside(opened, flat(list(call)))
        lost = holds_unknown(list(call))
        if lost is not None:
            m.need(lost, call.position)
            return lost.lost()
        try:
            shapes = function(Asked(m), Arguments(_bound(parameters, call)))
        except ShapeError as error:
            m.refuse(error, call.position, rule="merge")
        except (IndexError, AttributeError, TypeError, ValueError, ZeroDivisionError):
            # Not the arguments that the entry is for.
            shapes = None
        if shapes is None or not _known(shapes):
            unknown = Unknown(title, call.position)
            m.need(unknown, call.position)
            return unknown
        sizes = [
            size for each in (shapes if isinstance(shapes, list) else [shapes]) for size in each
        ]
        if any(isinstance(size, int) and size < 0 for size in sizes):
            m.fail("RuntimeError", f"{title} leaves no places", call.position, rule="window")
        made = _made(m, title, shapes, call, library)
        kinds.tell(name, flat(list(call)), flat(made))
        return made

    return Builtin(title, run)


def _known(shapes: Shapes) -> bool:
    """Return whether all that an entry gives are shapes of sizes."""
    each = shapes if isinstance(shapes, list) else [shapes]
    return all(isinstance(shape, tuple) and all(map(whole_size, shape)) for shape in each)


def _bound(parameters: str, call: Call) -> dict[str, Value]:
    """Bind arguments to the parameters that an entry asks for; others change no shape."""
    names = parameters.split()
    starred = names[-1].startswith("*")
    kwargs = {
        key if key in names else _ALIASES.get(key, key): each for key, each in call.kwargs.items()
    }
    given = {key: each for key, each in kwargs.items() if key not in names}
    for place, name in enumerate(names):
        key = name.lstrip("*")
        if starred and name == names[-1]:
            rest = call.args[place:]
            given[key] = rest[0] if len(rest) == 1 and not isinstance(rest[0], Tensor) else rest
        elif place < len(call.args):
            given[key] = call.args[place]
        elif key in kwargs:
            given[key] = kwargs[key]
        elif place == 0 and flat(list(kwargs.values())):
            given[key] = flat(list(kwargs.values()))[0]
    return given


#: Other names of parameters.
_ALIASES = {
    "axis": "dim", "axes": "dim", "keepdims": "keepdim",
    "frame_length": "size", "frame_step": "strides",
    "sequence_length": "size", "sequence_stride": "strides",
}  # fmt: skip


def _made(m: Machine, title: str, shapes: Shapes, call: Call, library: str) -> Value:
    several = isinstance(shapes, list)
    layer = computed_layer(shapes if several else (shapes,), title)
    inputs = flat(list(call))
    if library == "keras":
        inputs = [
            each if each.library == "keras" else Tensor(each.shape, "keras") for each in inputs
        ]
    outputs = run_layer(m, layer, inputs, call.position, library=library)
    if title.rpartition(".")[2] in _NAMED and several:
        return ValuesAndIndices(outputs)
    return tuple(outputs) if several else outputs[0]


#: Functions whose two outputs have names.
_NAMED = frozenset("median nanmedian mode kthvalue cummax cummin".split())


def left(a: Arguments, last: Value = None) -> Shape:
    """Return the shape without the axes of ``dim``, which is ``last`` where it is not given."""
    dim = last if a.dim is None else a.dim
    rank = len(a.x.shape)
    if dim is None:
        return (1,) * rank if a.keepdim is True else ()
    axes = {each % rank for each in (dim if isinstance(dim, tuple | list) else [dim])}
    kept = [1 if axis in axes else size for axis, size in enumerate(a.x.shape)]
    return tuple(s for axis, s in enumerate(kept) if a.keepdim is True or axis not in axes)


def meshgrid(_s: Asked, a: Arguments) -> Shapes:
    """``meshgrid``: each tensor along an axis of its own."""
    held = flat(a.tensors)
    shape = [each.shape[0] if each.shape else 1 for each in held]
    if a.indexing == "xy" and len(shape) > 1:
        shape[:2] = shape[1::-1]
    return [tuple(shape)] * len(held)


def diag(_s: Asked, a: Arguments) -> Shapes:
    """``diag``: a matrix of a row, or the row of a matrix."""
    shape, shift = a.x.shape, a.diagonal or 0
    if len(shape) == 1:
        return (shape[0] + abs(shift),) * 2
    return (min(shape),) if shift == 0 and all(isinstance(s, int) for s in shape) else None


_STACKED: Final = "cannot join {} and {}"


def _text(shape: Sequence[Size]) -> str:
    return shape_text(tuple(shape))


def stacked(axis: int) -> Callable[[Asked, Arguments], Shapes]:
    """``hstack``, ``vstack``, ``dstack``: joined along an axis that is made where it is not."""

    def entry(s: Asked, a: Arguments) -> Shapes:
        shapes = [list(each.shape) for each in flat(a.tensors)]
        if axis == 0 or (axis == 2 and len(shapes[0]) == 1):  # noqa: PLR2004
            shapes = [[1, *shape] if len(shape) == 1 else shape for shape in shapes]
        if axis == 2:  # noqa: PLR2004  (depth)
            shapes = [[*shape, 1] if len(shape) == 2 else shape for shape in shapes]  # noqa: PLR2004
        place = 0 if len(shapes[0]) == 1 else axis
        total = shapes[0][place]
        for shape in shapes[1:]:
            total = total + shape[place]
            s.demand(len(shape) == len(shapes[0]), _STACKED, *map(_text, (shapes[0], shape)))
            for at, pair in enumerate(zip(shapes[0], shape, strict=True)):
                if at != place:
                    s.demand(equal(*pair), _STACKED, *map(_text, (shapes[0], shape)))
        return (*shapes[0][:place], total, *shapes[0][place + 1 :])

    return entry


def unique(s: Asked, a: Arguments) -> Shapes:
    """``unique``: how many there are depends on the data."""
    count = s.letter("K")
    more = [a.x.shape] if a.return_inverse is True else []
    more += [(count,)] if a.return_counts is True else []
    return [(count,), *more] if more else (count,)


def transformed(size: Callable[[Any, Any], Any]) -> Callable[[Asked, Arguments], Shapes]:
    """Return a Fourier transform: what becomes of the axis, of its size and of ``n``."""

    def entry(_s: Asked, a: Arguments) -> Shapes:
        shape = list(a.x.shape)
        dim = -1 if a.dim is None else a.dim
        shape[dim] = size(shape[dim], a.n)
        return tuple(shape)

    return entry


def kronecker(_s: Asked, a: Arguments) -> Shapes:
    """``kron``: the sizes multiply."""
    return tuple(x * y for x, y in zip(a.x.shape, a.y.shape, strict=True))


def of(name: str) -> Callable[[Asked, Arguments], Shapes]:
    """Return an entry that gives the shape of one of the arguments."""
    return lambda _s, a: getattr(a, name).shape


def _differences(_s: Asked, a: Arguments) -> Shapes:
    shape = list(a.x.shape)
    dim = -1 if a.dim is None else a.dim
    shape[dim] = shape[dim] - (1 if a.n is None else a.n)
    return tuple(shape)


ALIKE: Entry = (of("x"), "x")
BOTH: Entry = (lambda s, a: s.broadcast(*(each.shape for each in flat([a.x, a.y]))), "x y")
DIFFERENCES: Entry = (_differences, "x n dim")
NUMBER: Entry = (lambda _s, _a: (), "x y")
OUTER: Entry = (lambda _s, a: (*a.x.shape, *a.y.shape), "x y")
LOOKED_UP: Entry = (of("y"), "x y")
PLACES: Entry = (lambda s, a: (s.letter("K"), len(a.x.shape)), "x")
SOME: Entry = (lambda s, _a: (s.letter("K"),), "x")
SQUARE: Entry = (lambda _s, a: a.x.shape[:-2], "x")

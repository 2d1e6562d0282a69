"""Functions of torch that no step is: what shape each gives, in a line.

Who adds one adds a line: its name, and a function of the call's arguments that gives the shape, or
a list of shapes where it gives several tensors. None says that it is not known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from shapecalc.dims import product
from shapecalc.errors import ShapeError
from shapecalc.importers.python.layers import flat, holds_unknown, run_layer
from shapecalc.importers.python.open import Found, Open
from shapecalc.importers.python.values import Builtin, Tensor, Unknown, Value
from shapecalc.layers.broadcast import joined
from shapecalc.layers.coded import Computed
from shapecalc.layers.scope import Scope

if TYPE_CHECKING:
    from collections.abc import Callable

    from shapecalc.dims import Shape, Size
    from shapecalc.importers.python.calls import Call
    from shapecalc.importers.python.machine import Machine

#: The shape that an entry gives, or several.
Shapes = Any


class _Arguments:
    """The arguments of a call by the names that an entry gives them; None for one that is left."""

    def __init__(self, given: dict[str, Value]) -> None:
        self.__dict__.update(given)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        return None


def computed(name: str) -> Builtin:
    """Return a function of the table."""
    entry, parameters = COMPUTED[name]
    title = f"torch.{name}"

    def run(m: Machine, call: Call) -> Value:
        opened = next((each for each in call if isinstance(each, Open)), None)
        if opened is not None:
            raise Found(opened.name, None)
        lost = holds_unknown(list(call))
        if lost is not None:
            m.need(lost, call.position)
            return Unknown(lost.name, lost.position)
        given = _bound(parameters, call)
        try:
            shapes = entry(_Asked(m), _Arguments(given))
        except ShapeError as error:
            m.refuse(error, call.position, rule="merge")
        except (IndexError, AttributeError, TypeError, ValueError):
            # Not the arguments that the entry is for.
            shapes = None
        if shapes is None:
            unknown = Unknown(title, call.position)
            m.need(unknown, call.position)
            return unknown
        return _made(m, title, flat(list(call)), shapes, call)

    return Builtin(title, run)


def _bound(parameters: str, call: Call) -> dict[str, Value]:
    """Bind arguments to the parameters that an entry asks for; others change no shape."""
    names = parameters.split()
    starred = names[-1].startswith("*")
    given: dict[str, Value] = {}
    given.update({key: each for key, each in call.kwargs.items() if key not in names})
    for place, name in enumerate(names):
        key = name.lstrip("*")
        if starred and name == names[-1]:
            rest = call.args[place:]
            given[key] = rest[0] if len(rest) == 1 and not isinstance(rest[0], Tensor) else rest
        elif place < len(call.args):
            given[key] = call.args[place]
        elif key in call.kwargs:
            given[key] = call.kwargs[key]
    return given


def _made(m: Machine, title: str, inputs: list[Tensor], shapes: Shapes, call: Call) -> Value:
    several = isinstance(shapes, list)
    layer = Computed(shapes=tuple(shapes) if several else (shapes,), function=title)
    outputs = run_layer(m, layer, inputs, call.position, library="torch")
    whole = title.rpartition(".")[2] in _WHOLE
    for each in outputs:
        each.whole = True if whole else inputs[0].whole if inputs else None
        each.mask = title.rpartition(".")[2] in _MASKS
    return tuple(outputs) if several else outputs[0]


class _Asked:
    """What entries ask of a run: a letter for what depends on data, and a broadcast."""

    def __init__(self, m: Machine) -> None:
        self._scope = Scope() if m.tape is None else m.tape.scope

    def letter(self, name: str) -> Size:
        """Return a letter for a size that depends on the data."""
        return self._scope.fresh(name)

    def broadcast(self, *shapes: Shape) -> Shape:
        """Join shapes number by number."""
        return joined(self._scope, shapes)


# Entries of more than a line: ``s`` is asked for letters and broadcasts, ``a`` has the arguments.


def _tensordot(_s: _Asked, a: _Arguments) -> Shapes:
    dims = 2 if a.dims is None else a.dims
    if isinstance(dims, int):
        dims = (range(len(a.x.shape) - dims, len(a.x.shape)), range(dims))
    pairs = zip((a.x, a.y), dims, strict=True)
    left, right = ([dim % len(tensor.shape) for dim in each] for tensor, each in pairs)
    kept = [size for axis, size in enumerate(a.x.shape) if axis not in left]
    return (*kept, *(size for axis, size in enumerate(a.y.shape) if axis not in right))


def _meshgrid(_s: _Asked, a: _Arguments) -> Shapes:
    held = flat(a.tensors)
    shape = [each.shape[0] if each.shape else 1 for each in held]
    if a.indexing == "xy" and len(shape) > 1:
        shape[:2] = shape[1::-1]
    return [tuple(shape)] * len(held)


def _unfolded(_s: _Asked, a: _Arguments) -> Shapes:
    shape = list(a.x.shape)
    shape[a.dimension] = (shape[a.dimension] - a.size) // a.step + 1
    return (*shape, a.size)


def _left(a: _Arguments, last: Value = None) -> Shape:
    """The shape without the axes of ``dim``, which is ``last`` where it is not given."""
    dim = last if a.dim is None else a.dim
    rank = len(a.x.shape)
    if dim is None:
        return (1,) * rank if a.keepdim is True else ()
    axes = {each % rank for each in (dim if isinstance(dim, tuple | list) else [dim])}
    kept = [1 if axis in axes else size for axis, size in enumerate(a.x.shape)]
    return tuple(s for axis, s in enumerate(kept) if a.keepdim is True or axis not in axes)


def _diag(_s: _Asked, a: _Arguments) -> Shapes:
    shape, shift = a.x.shape, a.diagonal or 0
    if len(shape) == 1:
        return (shape[0] + abs(shift),) * 2
    return (min(shape),) if shift == 0 and all(isinstance(s, int) for s in shape) else None


def _stacked(axis: int) -> Callable[[_Asked, _Arguments], Shapes]:
    """``hstack``, ``vstack``, ``dstack``: joined along an axis that is made where it is not."""

    def entry(_s: _Asked, a: _Arguments) -> Shapes:
        shapes = [list(each.shape) for each in flat(a.tensors)]
        if axis == 0 or (axis == 2 and len(shapes[0]) == 1):  # noqa: PLR2004
            shapes = [[1, *shape] if len(shape) == 1 else shape for shape in shapes]
        if axis == 2:  # noqa: PLR2004  (depth)
            shapes = [[*shape, 1] if len(shape) == 2 else shape for shape in shapes]  # noqa: PLR2004
        place = 0 if len(shapes[0]) == 1 else axis
        total = shapes[0][place]
        for shape in shapes[1:]:
            total = total + shape[place]
        return (*shapes[0][:place], total, *shapes[0][place + 1 :])

    return entry


def _unique(s: _Asked, a: _Arguments) -> Shapes:
    count = s.letter("K")
    more = [a.x.shape] if a.return_inverse is True else []
    more += [(count,)] if a.return_counts is True else []
    return [(count,), *more] if more else (count,)


def _transformed(size: Callable[[Any, Any], Any]) -> Callable[[_Asked, _Arguments], Shapes]:
    """A Fourier transform: what becomes of the axis, of its size and of ``n``."""

    def entry(_s: _Asked, a: _Arguments) -> Shapes:
        shape = list(a.x.shape)
        dim = -1 if a.dim is None else a.dim
        shape[dim] = size(shape[dim], a.n)
        return tuple(shape)

    return entry


def _svd(_s: _Asked, a: _Arguments) -> Shapes:
    *more, rows, columns = a.x.shape
    if not (isinstance(rows, int) and isinstance(columns, int)):
        return None
    least = min(rows, columns)
    return [(*more, rows, least), (*more, least), (*more, least, columns)]


def _each(s: _Asked, a: _Arguments) -> Shapes:
    held = flat(a.tensors)
    return [s.broadcast(*(each.shape for each in held))] * len(held)


def _times(_s: _Asked, a: _Arguments) -> Shapes:
    return tuple(x * y for x, y in zip(a.x.shape, a.y.shape, strict=True))


def _of(name: str) -> Callable[[_Asked, _Arguments], Shapes]:
    """Return an entry that gives the shape of one of the arguments."""
    return lambda _s, a: getattr(a, name).shape


_ALIKE: Final = (_of("x"), "x")
_BOTH: Final = (lambda s, a: s.broadcast(a.x.shape, a.y.shape), "x y")
_NUMBER: Final = (lambda _s, _a: (), "x y")
_BAG: Final = (lambda _s, a: (*a.x.shape[:-1], a.y.shape[-1]), "x y")
_OUTER: Final = (lambda _s, a: (*a.x.shape, *a.y.shape), "x y")
_LOOKED_UP: Final = (_of("y"), "x y")
_REDUCED: Final = (lambda _s, a: _left(a), "x dim keepdim")
_TWICE_REDUCED: Final = (lambda _s, a: [_left(a)] * 2, "x dim keepdim")
_PAIR: Final = (lambda _s, a: [a.x.shape] * 2, "x")
_MEDIAN: Final = (lambda _s, a: _left(a) if a.dim is None else [_left(a)] * 2, "x dim keepdim")
_PLACES: Final = (lambda s, a: (s.letter("K"), len(a.x.shape)), "x")
_SOME: Final = (lambda s, _a: (s.letter("K"),), "x")
_SQUARE: Final = (lambda _s, a: a.x.shape[:-2], "x")

COMPUTED: Final[dict[str, tuple[Callable[[Any, Any], Shapes], str]]] = {
    **dict.fromkeys(
        "scatter scatter_add scatter_reduce index_add index_fill index_copy masked_scatter put "
        "fliplr flipud renorm conj real imag angle deg2rad rad2deg logit polygamma digamma lgamma "
        "matrix_exp inverse cholesky local_response_norm hardshrink softshrink rrelu threshold "
        "prelu absolute exp2 sinc signbit sgn asinh acosh atanh arcsin arccos arctan float_power "
        "matrix_power complex polar fft.fft2 fft.ifft2 fft.fftn fft.ifftn fft.fftshift "
        "fft.ifftshift linalg.inv linalg.cholesky bucketize".split(),
        _ALIKE,
    ),
    **dict.fromkeys(
        "remainder fmod floor_divide atan2 logaddexp hypot xlogy bitwise_and bitwise_or "
        "bitwise_xor fmax fmin heaviside copysign ldexp cross".split(),
        _BOTH,
    ),
    **dict.fromkeys(("dot", "vdot", "dist", "trace"), _NUMBER),
    **dict.fromkeys(("spmm", "sparse.mm", "sspmm"), _BAG),
    **dict.fromkeys(("outer", "ger"), _OUTER),
    **dict.fromkeys(("take", "take_along_dim", "searchsorted", "linalg.solve"), _LOOKED_UP),
    **dict.fromkeys(("any", "all", "count_nonzero", "nansum", "nanmean"), _REDUCED),
    **dict.fromkeys(("std_mean", "var_mean", "aminmax"), _TWICE_REDUCED),
    **dict.fromkeys(("median", "nanmedian"), _MEDIAN),
    **dict.fromkeys(("cummax", "cummin"), _PAIR),
    **dict.fromkeys(("nonzero", "argwhere"), _PLACES),
    **dict.fromkeys(("masked_select", "bincount"), _SOME),
    **dict.fromkeys(("det", "logdet", "linalg.det", "matrix_norm"), _SQUARE),
    **dict.fromkeys(("linalg.svd", "svd"), (_svd, "x")),
    **dict.fromkeys(("hstack", "column_stack"), (_stacked(1), "tensors")),
    **dict.fromkeys(("vstack", "row_stack"), (_stacked(0), "tensors")),
    **dict.fromkeys(
        ("linalg.eigh", "linalg.eig"), (lambda _s, a: [a.x.shape[:-1], a.x.shape], "x")
    ),
    **dict.fromkeys(
        ("addcmul", "addcdiv"),
        (lambda s, a: s.broadcast(a.x.shape, a.y.shape, a.z.shape), "x y z"),
    ),
    **dict.fromkeys(
        ("fft.fft", "fft.ifft"), (_transformed(lambda size, n: n or size), "x n dim")
    ),
    "fft.rfft": (_transformed(lambda size, n: (n or size) // 2 + 1), "x n dim"),
    "fft.irfft": (_transformed(lambda size, n: n or 2 * (size - 1)), "x n dim"),
    "fft.rfft2": (_transformed(lambda size, _n: size // 2 + 1), "x"),
    "fft.fftfreq": (lambda _s, a: (a.n,), "n"),
    "meshgrid": (_meshgrid, "*tensors"),
    "broadcast_tensors": (_each, "*tensors"),
    "broadcast_to": (lambda _s, a: tuple(a.size), "x size"),
    "grid_sample": (lambda _s, a: (*a.x.shape[:2], *a.grid.shape[1:-1]), "x grid"),
    "affine_grid": (
        lambda _s, a: (a.theta.shape[0], *a.size[2:], len(a.size) - 2), "theta size",
    ),
    "mv": (lambda _s, a: a.x.shape[:1], "x y"),
    "cdist": (lambda _s, a: (*a.x.shape[:-1], a.y.shape[-2]), "x y"),
    "tensordot": (_tensordot, "x y dims"),
    "inner": (lambda _s, a: (*a.x.shape[:-1], *a.y.shape[:-1]), "x y"),
    "kron": (_times, "x y"),
    "addmm": (lambda _s, a: (a.y.shape[0], a.z.shape[1]), "x y z"),
    "addmv": (lambda _s, a: a.y.shape[:1], "x y z"),
    "baddbmm": (lambda _s, a: (*a.y.shape[:2], a.z.shape[2]), "x y z"),
    "addbmm": (lambda _s, a: (a.y.shape[1], a.z.shape[2]), "x y z"),
    "unfold": (_unfolded, "x dimension size step"),
    "diag": (_diag, "x diagonal"),
    "diag_embed": (lambda _s, a: (*a.x.shape, a.x.shape[-1] + abs(a.offset or 0)), "x offset"),
    "t": (lambda _s, a: a.x.shape[::-1], "x"),
    "dstack": (_stacked(2), "tensors"),
    "atleast_1d": (lambda _s, a: a.x.shape or (1,), "x"),
    "atleast_2d": (lambda _s, a: (1,) * (2 - len(a.x.shape)) + a.x.shape, "x"),
    "ravel": (lambda _s, a: (product(a.x.shape),), "x"),
    "multinomial": (lambda _s, a: (*a.x.shape[:-1], a.num_samples), "x num_samples"),
    "vector_norm": (lambda _s, a: _left(a), "x ord dim keepdim"),
    "kthvalue": (lambda _s, a: [_left(a, -1)] * 2, "x k dim keepdim"),
    "mode": (lambda _s, a: [_left(a, -1)] * 2, "x dim keepdim"),
    "quantile": (
        lambda _s, a: (*(a.q.shape if isinstance(a.q, Tensor) else ()), *_left(a)),
        "x q dim keepdim",
    ),
    "unique": (_unique, "x sorted return_inverse return_counts"),
    "view_as_complex": (lambda _s, a: a.x.shape[:-1], "x"),
    "view_as_real": (lambda _s, a: (*a.x.shape, 2), "x"),
    "linalg.qr": (lambda _s, a: [a.x.shape, (*a.x.shape[:-2], *a.x.shape[-1:] * 2)], "x"),
}  # fmt: skip
#: Entries whose tensors hold whole numbers, or True and False.
_WHOLE: Final = frozenset(
    "nonzero argwhere searchsorted bucketize multinomial bincount count_nonzero any all".split()
)
_MASKS: Final = frozenset({"any", "all"})

"""Functions of torch that no step is: what shape each gives, in a line.

Who adds one adds a line: its name, and an entry as in ``computing``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from shapecalc.dims import at_least, equal, product, shape_text
from shapecalc.importers.python.layers import flat
from shapecalc.importers.python.library.computing import (
    ALIKE,
    BOTH,
    DIFFERENCES,
    LOOKED_UP,
    NUMBER,
    OUTER,
    PLACES,
    SOME,
    SQUARE,
    Arguments,
    Asked,
    Entry,
    Kinds,
    Shapes,
    diag,
    kronecker,
    left,
    meshgrid,
    stacked,
    transformed,
    unique,
)  # fmt: skip
from shapecalc.importers.python.library.computing import computed as made
from shapecalc.importers.python.values import Tensor

if TYPE_CHECKING:
    from collections.abc import Callable

    from shapecalc.importers.python.values import Builtin

# Entries of more than a line: ``s`` is asked for letters and broadcasts, ``a`` has the arguments.


def _tensordot(s: Asked, a: Arguments) -> Shapes:
    dims = 2 if a.dims is None else a.dims
    if isinstance(dims, int):
        dims = (range(len(a.x.shape) - dims, len(a.x.shape)), range(dims))
    pairs = zip((a.x, a.y), dims, strict=True)
    left, right = ([dim % len(tensor.shape) for dim in each] for tensor, each in pairs)
    for axis, other in zip(left, right, strict=True):
        s.same(a.x.shape[axis], a.y.shape[other])
    kept = [size for axis, size in enumerate(a.x.shape) if axis not in left]
    return (*kept, *(size for axis, size in enumerate(a.y.shape) if axis not in right))


def _added_product(s: Asked, a: Arguments) -> Shapes:
    """``addmm`` and its kin: a tensor, and the product of two others."""
    left, right = a.y.shape, a.z.shape
    axis = -2 if len(right) > 1 else 0
    s.same(left[-1], right[axis])
    return (*left[:-1], *(right[-1:] if axis else ()))


def _vector(s: Asked, a: Arguments) -> Shapes:
    s.same(a.x.shape[-1], a.y.shape[0])
    return a.x.shape[:1]


def _number(s: Asked, a: Arguments) -> Shapes:
    s.same(a.x.shape[0], a.y.shape[0])
    return ()


def _inner(s: Asked, a: Arguments) -> Shapes:
    s.same(a.x.shape[-1], a.y.shape[-1])
    return (*a.x.shape[:-1], *a.y.shape[:-1])


def _distances(s: Asked, a: Arguments) -> Shapes:
    s.same(a.x.shape[-1], a.y.shape[-1])
    batch = s.broadcast(a.x.shape[:-2], a.y.shape[:-2]) if a.x.shape[:-2] or a.y.shape[:-2] else ()
    return (*batch, a.x.shape[-2], a.y.shape[-2])


def _scattered(s: Asked, a: Arguments) -> Shapes:
    """``scatter``: each index has a number, and a place in all axes but one."""
    if not isinstance(a.index, Tensor) or not isinstance(a.dim, int):
        return a.x.shape
    rank, shape = len(a.x.shape), a.index.shape
    s.demand(len(shape) == rank, "needs indices of {} axes, but gets {}", rank, shape_text(shape))
    for axis, size in enumerate(shape):
        if axis != a.dim % rank:
            why = "gets indices {} for a tensor {}, which is shorter"
            s.demand(at_least(a.x.shape[axis], size), why, *map(shape_text, (shape, a.x.shape)))
        if isinstance(a.src, Tensor) and len(a.src.shape) == rank:
            why = "gets indices {} for fewer numbers: {}"
            fits = at_least(a.src.shape[axis], size)
            s.demand(fits, why, shape_text(shape), shape_text(a.src.shape))
    return a.x.shape


def _indexed(s: Asked, a: Arguments) -> Shapes:
    """``index_add``: a part for each index, of the shape that the tensor has there."""
    if not isinstance(a.source, Tensor) or not isinstance(a.dim, int) or not a.x.shape:
        return a.x.shape
    dim = a.dim % len(a.x.shape)
    wanted = (*a.x.shape[:dim], *a.index.shape[:1], *a.x.shape[dim + 1 :])
    why = "needs a part {}, but gets {}"
    parts = shape_text(wanted), shape_text(a.source.shape)
    s.demand(len(wanted) == len(a.source.shape), why, *parts)
    for size, other in zip(wanted, a.source.shape, strict=True):
        s.demand(equal(size, other), why, *parts)
    return a.x.shape


def _unfolded(s: Asked, a: Arguments) -> Shapes:
    shape = list(a.x.shape)
    fits = at_least(shape[a.dimension], a.size)
    s.demand(fits, "takes windows of {}, but the axis has {}", a.size, shape[a.dimension])
    shape[a.dimension] = (shape[a.dimension] - a.size) // a.step + 1
    return (*shape, a.size)


def _svd(_s: Asked, a: Arguments) -> Shapes:
    *more, rows, columns = a.x.shape
    if not (isinstance(rows, int) and isinstance(columns, int)):
        return None
    least = min(rows, columns)
    return [(*more, rows, least), (*more, least), (*more, least, columns)]


def _each(s: Asked, a: Arguments) -> Shapes:
    held = flat(a.tensors)
    return [s.broadcast(*(each.shape for each in held))] * len(held)


def _triangle(sign: int) -> Callable[[Asked, Arguments], Shapes]:
    """``tril_indices`` with 1, ``triu_indices`` with -1."""

    def entry(_s: Asked, a: Arguments) -> Shapes:
        places = ((row, column) for row in range(a.row) for column in range(a.col))
        shift = a.offset or 0
        return (2, sum(sign * (column - row - shift) <= 0 for row, column in places))

    return entry


def _stft(_s: Asked, a: Arguments) -> Shapes:
    *more, length = a.x.shape
    hop = a.n_fft // 4 if a.hop_length is None else a.hop_length
    padded = length if a.center is False else length + 2 * (a.n_fft // 2)
    rows = a.n_fft if a.onesided is False else a.n_fft // 2 + 1
    last = () if a.return_complex is True else (2,)
    return (*more, rows, (padded - a.n_fft) // hop + 1, *last)


def _istft(_s: Asked, a: Arguments) -> Shapes:
    *more, _, frames = a.x.shape
    hop = a.n_fft // 4 if a.hop_length is None else a.hop_length
    return (*more, hop * (frames - 1) if a.length is None else a.length)


def _tensor_split(_s: Asked, a: Arguments) -> Shapes:
    dim, shape = a.dim or 0, a.x.shape
    ends = [a.sections] if isinstance(a.sections, int) else [*a.sections, shape[dim]]
    if isinstance(a.sections, int):
        large, rest = divmod(shape[dim], a.sections)
        sizes = [large + (place < rest) for place in range(a.sections)]
    else:
        sizes = [end - start for start, end in zip([0, *ends], ends, strict=False)]
    dim %= len(shape)
    return [(*shape[:dim], size, *shape[dim + 1 :]) for size in sizes]


def _turned(_s: Asked, a: Arguments) -> Shapes:
    shape = list(a.x.shape)
    first, second = a.dims or (0, 1)
    if (1 if a.k is None else a.k) % 2:
        shape[first], shape[second] = shape[second], shape[first]
    return tuple(shape)


def _cartesian(_s: Asked, a: Arguments) -> Shapes:
    held = flat(a.tensors)
    return (product([each.shape[0] for each in held]), len(held))


def _columns(_s: Asked, a: Arguments) -> Shapes:
    shapes = [each.shape if len(each.shape) > 1 else (*each.shape, 1) for each in flat(a.tensors)]
    return (shapes[0][0], sum(shape[1] for shape in shapes), *shapes[0][2:])


def _blocks(_s: Asked, a: Arguments) -> Shapes:
    shapes = [(1,) * (2 - len(each.shape)) + each.shape for each in flat(a.tensors)]
    return (sum(shape[0] for shape in shapes), sum(shape[1] for shape in shapes))


def _swapped(_s: Asked, a: Arguments) -> Shapes:
    return (*a.x.shape[:-2], a.x.shape[-1], a.x.shape[-2])


def _matrix(s: Asked, a: Arguments) -> Shapes:
    shape = a.x.shape
    s.demand(len(shape) <= 2, "needs a matrix, but gets {}", shape_text(shape))  # noqa: PLR2004
    return shape[::-1]


_REDUCED: Final = (lambda _s, a: left(a), "x dim keepdim")
_TWICE_REDUCED: Final = (lambda _s, a: [left(a)] * 2, "x dim keepdim")
_PAIR: Final = (lambda _s, a: [a.x.shape] * 2, "x")
_MEDIAN: Final = (lambda _s, a: left(a) if a.dim is None else [left(a)] * 2, "x dim keepdim")

COMPUTED: Final[dict[str, Entry]] = {
    **dict.fromkeys(
        "index_fill masked_scatter put "
        "fliplr flipud renorm conj real imag angle deg2rad rad2deg logit polygamma digamma lgamma "
        "matrix_exp inverse cholesky local_response_norm hardshrink softshrink rrelu "
        "prelu sinc signbit sgn float_power "
        "matrix_power complex polar fft.fft2 fft.ifft2 fft.fftn fft.ifftn fft.fftshift "
        "fft.ifftshift linalg.inv linalg.cholesky bucketize index_put index_reduce select_scatter "
        "slice_scatter diagonal_scatter isin msort binomial".split(),
        ALIKE,
    ),
    **dict.fromkeys(
        "logaddexp hypot xlogy bitwise_and bitwise_or "
        "bitwise_xor fmax fmin heaviside copysign ldexp cross gcd lcm nextafter logaddexp2 "
        "igamma igammac bitwise_left_shift bitwise_right_shift".split(),
        BOTH,
    ),
    **dict.fromkeys(
        ("scatter", "scatter_add", "scatter_reduce"), (_scattered, "x dim index src")
    ),
    **dict.fromkeys(("index_add", "index_copy"), (_indexed, "x dim index source")),
    **dict.fromkeys(("dist", "trace"), NUMBER),
    **dict.fromkeys(("dot", "vdot"), (_number, "x y")),
    **dict.fromkeys(("outer", "ger"), OUTER),
    **dict.fromkeys(("take", "take_along_dim", "searchsorted", "linalg.solve"), LOOKED_UP),
    **dict.fromkeys(("any", "all", "count_nonzero", "nansum", "nanmean"), _REDUCED),
    **dict.fromkeys(("std_mean", "var_mean", "aminmax"), _TWICE_REDUCED),
    **dict.fromkeys(("median", "nanmedian"), _MEDIAN),
    **dict.fromkeys(("cummax", "cummin"), _PAIR),
    **dict.fromkeys(("nonzero", "argwhere"), PLACES),
    **dict.fromkeys(("masked_select", "bincount"), SOME),
    **dict.fromkeys(("det", "logdet", "linalg.det", "matrix_norm"), SQUARE),
    **dict.fromkeys(("linalg.svd", "svd"), (_svd, "x")),
    "hstack": (stacked(1), "tensors"),
    "column_stack": (_columns, "tensors"),
    **dict.fromkeys(("vstack", "row_stack"), (stacked(0), "tensors")),
    **dict.fromkeys(
        ("linalg.eigh", "linalg.eig"), (lambda _s, a: [a.x.shape[:-1], a.x.shape], "x")
    ),
    **dict.fromkeys(
        ("addcmul", "addcdiv"),
        (lambda s, a: s.broadcast(a.x.shape, a.y.shape, a.z.shape), "x y z"),
    ),
    **dict.fromkeys(
        ("fft.fft", "fft.ifft"), (transformed(lambda size, n: n or size), "x n dim")
    ),
    **dict.fromkeys(
        "hann_window hamming_window blackman_window bartlett_window kaiser_window".split(),
        (lambda _s, a: (a.n,), "n"),
    ),
    **dict.fromkeys(("adjoint", "pinverse", "linalg.pinv"), (_swapped, "x")),
    **dict.fromkeys(("cov", "corrcoef"), (lambda _s, a: a.x.shape[:1] * 2, "x")),
    **dict.fromkeys(("slogdet", "linalg.slogdet"), (lambda _s, a: [a.x.shape[:-2]] * 2, "x")),
    "diff": DIFFERENCES,
    "histc": (lambda _s, a: (a.bins or 100,), "x bins"),
    "cartesian_prod": (_cartesian, "*tensors"),
    "tril_indices": (_triangle(1), "row col offset"),
    "triu_indices": (_triangle(-1), "row col offset"),
    "stft": (_stft, "x n_fft hop_length win_length window center"),
    "istft": (_istft, "x n_fft hop_length win_length window center"),
    "tensor_split": (_tensor_split, "x sections dim"),
    "rot90": (_turned, "x k dims"),
    "bilinear": (lambda _s, a: (*a.x.shape[:-1], a.weight.shape[0]), "x y weight"),
    "embedding_bag": (
        lambda _s, a: ((a.x if a.offsets is None else a.offsets).shape[0], a.weight.shape[-1]),
        "x weight offsets",
    ),
    "sum_to_size": (lambda _s, a: tuple(a.size), "x size"),
    "pdist": (lambda _s, a: (a.x.shape[0] * (a.x.shape[0] - 1) // 2,), "x"),
    "fft.rfft": (transformed(lambda size, n: (n or size) // 2 + 1), "x n dim"),
    "fft.irfft": (transformed(lambda size, n: n or 2 * (size - 1)), "x n dim"),
    "fft.rfft2": (transformed(lambda size, _n: size // 2 + 1), "x"),
    "fft.fftfreq": (lambda _s, a: (a.n,), "n"),
    "meshgrid": (meshgrid, "*tensors"),
    "broadcast_tensors": (_each, "*tensors"),
    "broadcast_to": (lambda _s, a: tuple(a.size), "x size"),
    "grid_sample": (lambda _s, a: (*a.x.shape[:2], *a.grid.shape[1:-1]), "x grid"),
    "affine_grid": (
        lambda _s, a: (a.theta.shape[0], *a.size[2:], len(a.size) - 2), "theta size",
    ),
    "mv": (_vector, "x y"),
    "cdist": (_distances, "x y"),
    "tensordot": (_tensordot, "x y dims"),
    "inner": (_inner, "x y"),
    "kron": (kronecker, "x y"),
    **dict.fromkeys(("addmm", "addmv", "baddbmm"), (_added_product, "x y z")),
    "addbmm": (lambda _s, a: (a.y.shape[1], a.z.shape[2]), "x y z"),
    "unfold": (_unfolded, "x dimension size step"),
    "diag": (diag, "x diagonal"),
    "diag_embed": (lambda _s, a: (*a.x.shape, a.x.shape[-1] + abs(a.offset or 0)), "x offset"),
    "t": (_matrix, "x"),
    "dstack": (stacked(2), "tensors"),
    "atleast_1d": (lambda _s, a: a.x.shape or (1,), "x"),
    "atleast_2d": (lambda _s, a: (1,) * (2 - len(a.x.shape)) + a.x.shape, "x"),
    "ravel": (lambda _s, a: (product(a.x.shape),), "x"),
    "multinomial": (lambda _s, a: (*a.x.shape[:-1], a.num_samples), "x num_samples"),
    **dict.fromkeys(
        ("vector_norm", "linalg.vector_norm"), (lambda _s, a: left(a), "x ord dim keepdim")
    ),
    "trapz": (lambda _s, a: a.x.shape[:-1], "x"),
    "block_diag": (_blocks, "*tensors"),
    "kthvalue": (lambda _s, a: [left(a, -1)] * 2, "x k dim keepdim"),
    "mode": (lambda _s, a: [left(a, -1)] * 2, "x dim keepdim"),
    "quantile": (
        lambda _s, a: (*(a.q.shape if isinstance(a.q, Tensor) else ()), *left(a)),
        "x q dim keepdim",
    ),
    "unique_consecutive": (unique, "x return_inverse return_counts"),
    "unique": (unique, "x sorted return_inverse return_counts"),
    "view_as_complex": (lambda _s, a: a.x.shape[:-1], "x"),
    "view_as_real": (lambda _s, a: (*a.x.shape, 2), "x"),
    "linalg.qr": (lambda _s, a: [a.x.shape, (*a.x.shape[:-2], *a.x.shape[-1:] * 2)], "x"),
}  # fmt: skip
#: Entries whose tensors hold numbers of another kind than those that they get.
_KINDS: Final = Kinds(
    "nonzero argwhere searchsorted bucketize multinomial bincount count_nonzero".split(),
    "any all signbit isin".split(),
    "angle deg2rad rad2deg logit polygamma digamma lgamma sinc "
    "float_power fft.fft2 fft.ifft2 fft.fftn fft.ifftn xlogy copysign "
    "ldexp fft.fft fft.ifft cov corrcoef fft.rfft fft.irfft fft.rfft2 trapz".split(),
    "median nanmedian mode kthvalue cummax cummin unique unique_consecutive".split(),
)


def computed(name: str) -> Builtin:
    """Return a function of the table."""
    return made(name, COMPUTED[name], "torch", _KINDS)

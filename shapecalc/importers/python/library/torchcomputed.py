"""Functions of torch that no step is: what shape each gives, in a line.

Who adds one adds a line: its name, and an entry as in ``computing``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from shapecalc.dims import product
from shapecalc.importers.python.layers import flat
from shapecalc.importers.python.library.computing import (
    ALIKE,
    BOTH,
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
    from shapecalc.importers.python.values import Builtin

# Entries of more than a line: ``s`` is asked for letters and broadcasts, ``a`` has the arguments.


def _tensordot(_s: Asked, a: Arguments) -> Shapes:
    dims = 2 if a.dims is None else a.dims
    if isinstance(dims, int):
        dims = (range(len(a.x.shape) - dims, len(a.x.shape)), range(dims))
    pairs = zip((a.x, a.y), dims, strict=True)
    left, right = ([dim % len(tensor.shape) for dim in each] for tensor, each in pairs)
    kept = [size for axis, size in enumerate(a.x.shape) if axis not in left]
    return (*kept, *(size for axis, size in enumerate(a.y.shape) if axis not in right))


def _unfolded(_s: Asked, a: Arguments) -> Shapes:
    shape = list(a.x.shape)
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


_BAG: Final = (lambda _s, a: (*a.x.shape[:-1], a.y.shape[-1]), "x y")
_REDUCED: Final = (lambda _s, a: left(a), "x dim keepdim")
_TWICE_REDUCED: Final = (lambda _s, a: [left(a)] * 2, "x dim keepdim")
_PAIR: Final = (lambda _s, a: [a.x.shape] * 2, "x")
_MEDIAN: Final = (lambda _s, a: left(a) if a.dim is None else [left(a)] * 2, "x dim keepdim")

COMPUTED: Final[dict[str, Entry]] = {
    **dict.fromkeys(
        "scatter scatter_add scatter_reduce index_add index_fill index_copy masked_scatter put "
        "fliplr flipud renorm conj real imag angle deg2rad rad2deg logit polygamma digamma lgamma "
        "matrix_exp inverse cholesky local_response_norm hardshrink softshrink rrelu threshold "
        "prelu absolute exp2 sinc signbit sgn asinh acosh atanh arcsin arccos arctan float_power "
        "matrix_power complex polar fft.fft2 fft.ifft2 fft.fftn fft.ifftn fft.fftshift "
        "fft.ifftshift linalg.inv linalg.cholesky bucketize".split(),
        ALIKE,
    ),
    **dict.fromkeys(
        "remainder fmod floor_divide atan2 logaddexp hypot xlogy bitwise_and bitwise_or "
        "bitwise_xor fmax fmin heaviside copysign ldexp cross".split(),
        BOTH,
    ),
    **dict.fromkeys(("dot", "vdot", "dist", "trace"), NUMBER),
    **dict.fromkeys(("spmm", "sparse.mm", "sspmm"), _BAG),
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
    **dict.fromkeys(("hstack", "column_stack"), (stacked(1), "tensors")),
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
    "mv": (lambda _s, a: a.x.shape[:1], "x y"),
    "cdist": (lambda _s, a: (*a.x.shape[:-1], a.y.shape[-2]), "x y"),
    "tensordot": (_tensordot, "x y dims"),
    "inner": (lambda _s, a: (*a.x.shape[:-1], *a.y.shape[:-1]), "x y"),
    "kron": (kronecker, "x y"),
    "addmm": (lambda _s, a: (a.y.shape[0], a.z.shape[1]), "x y z"),
    "addmv": (lambda _s, a: a.y.shape[:1], "x y z"),
    "baddbmm": (lambda _s, a: (*a.y.shape[:2], a.z.shape[2]), "x y z"),
    "addbmm": (lambda _s, a: (a.y.shape[1], a.z.shape[2]), "x y z"),
    "unfold": (_unfolded, "x dimension size step"),
    "diag": (diag, "x diagonal"),
    "diag_embed": (lambda _s, a: (*a.x.shape, a.x.shape[-1] + abs(a.offset or 0)), "x offset"),
    "t": (lambda _s, a: a.x.shape[::-1], "x"),
    "dstack": (stacked(2), "tensors"),
    "atleast_1d": (lambda _s, a: a.x.shape or (1,), "x"),
    "atleast_2d": (lambda _s, a: (1,) * (2 - len(a.x.shape)) + a.x.shape, "x"),
    "ravel": (lambda _s, a: (product(a.x.shape),), "x"),
    "multinomial": (lambda _s, a: (*a.x.shape[:-1], a.num_samples), "x num_samples"),
    "vector_norm": (lambda _s, a: left(a), "x ord dim keepdim"),
    "kthvalue": (lambda _s, a: [left(a, -1)] * 2, "x k dim keepdim"),
    "mode": (lambda _s, a: [left(a, -1)] * 2, "x dim keepdim"),
    "quantile": (
        lambda _s, a: (*(a.q.shape if isinstance(a.q, Tensor) else ()), *left(a)),
        "x q dim keepdim",
    ),
    "unique": (unique, "x sorted return_inverse return_counts"),
    "view_as_complex": (lambda _s, a: a.x.shape[:-1], "x"),
    "view_as_real": (lambda _s, a: (*a.x.shape, 2), "x"),
    "linalg.qr": (lambda _s, a: [a.x.shape, (*a.x.shape[:-2], *a.x.shape[-1:] * 2)], "x"),
}  # fmt: skip
#: Entries whose tensors hold whole numbers, or True and False.
_KINDS: Final = Kinds(
    "nonzero argwhere searchsorted bucketize multinomial bincount count_nonzero any all".split(),
    {"any", "all"},
)


def computed(name: str) -> Builtin:
    """Return a function of the table."""
    return made(name, COMPUTED[name], "torch", _KINDS)

"""Functions of ``keras.ops`` and ``tf`` that no layer is: what shape each gives, in a line.

Who adds one adds a line: its name, and an entry as in ``computing``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from shapecalc.dims import product
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

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapecalc.dims import Size
    from shapecalc.importers.python.values import Builtin


def _pair(value: Any, rank: int = 2) -> tuple[Any, ...]:  # noqa: ANN401
    """Return one number for each spatial axis; tf writes the batch and the channels with them."""
    if isinstance(value, int):
        return (value,) * rank
    return tuple(value[1:-1]) if len(value) == rank + 2 else tuple(value)


def _slid(size: Size, window: Size, stride: int, padding: str) -> Size:
    """Return how often a window fits."""
    if padding == "same":
        return (size + stride - 1) // stride
    return (size - window) // stride + 1


def _windows(a: Arguments, window: Sequence[Any], channels: Size, default: Any) -> Shapes:  # noqa: ANN401
    rank = len(window)
    strides = _pair(default if a.strides is None else a.strides, rank)
    padding = "valid" if a.padding is None else a.padding.lower()
    spatial = zip(a.x.shape[1:-1], window, strides, strict=True)
    return (a.x.shape[0], *(_slid(*each, padding) for each in spatial), channels)


def _convolved(_s: Asked, a: Arguments) -> Shapes:
    *window, _, filters = a.kernel.shape
    return _windows(a, window, filters, 1)


def _pooled(_s: Asked, a: Arguments) -> Shapes:
    rank = len(a.x.shape) - 2
    window = _pair(a.pool_size if a.pool_size is not None else a.ksize, rank)
    return _windows(a, window, a.x.shape[-1], window)


def _patches(_s: Asked, a: Arguments) -> Shapes:
    window = _pair(a.size if a.size is not None else a.sizes)
    channels = a.x.shape[-1]
    return _windows(a, window, channels * window[0] * window[1], window)


def _depth_to_space(_s: Asked, a: Arguments) -> Shapes:
    batch, height, width, channels = a.x.shape
    block = a.block_size
    return (batch, height * block, width * block, channels // block**2)


def _space_to_depth(_s: Asked, a: Arguments) -> Shapes:
    batch, height, width, channels = a.x.shape
    block = a.block_size
    return (batch, height // block, width // block, channels * block**2)


def _sliced(_s: Asked, a: Arguments) -> Shapes:
    sizes = a.size if a.size is not None else a.shape
    return tuple(
        whole - start if size == -1 else size
        for whole, start, size in zip(a.x.shape, a.begin, sizes, strict=True)
    )


def _cropped(_s: Asked, a: Arguments) -> Shapes:
    return (*a.x.shape[:-3], a.target_height, a.target_width, a.x.shape[-1])


def _moments(_s: Asked, a: Arguments) -> Shapes:
    return [left(a)] * 2


def _gathered(_s: Asked, a: Arguments) -> Shapes:
    return (*a.indices.shape[:-1], *a.x.shape[a.indices.shape[-1] :])


def _split_in_two(_s: Asked, a: Arguments) -> Shapes:
    shape = list(a.x.shape)
    axis = -1 if a.axis is None else a.axis
    shape[axis] = shape[axis] // 2
    return tuple(shape)


def _attended(_s: Asked, a: Arguments) -> Shapes:
    return (*a.x.shape[:-1], a.value.shape[-1])


def _filled(_s: Asked, a: Arguments) -> Shapes:
    return tuple(a.shape) if isinstance(a.shape, list | tuple) else (a.shape,)


_CONVOLVED: Final[Entry] = (_convolved, "x kernel strides padding")
_POOLED: Final[Entry] = (_pooled, "x pool_size strides padding")
_REDUCED: Final[Entry] = (lambda _s, a: left(a), "x dim keepdim")

COMPUTED: Final[dict[str, Entry]] = {
    **dict.fromkeys(
        "fliplr flipud roll rot90 empty_like full_like angle deg2rad rad2deg sinc erfc fabs "
        "scatter_update slice_update nan_to_num cholesky inv pinv saturate_cast "
        "random_flip_left_right random_flip_up_down per_image_standardization adjust_brightness "
        "adjust_contrast flip_left_right flip_up_down tensor_scatter_nd_update bitwise_invert "
        "real imag dropout".split(), ALIKE,
    ),
    **dict.fromkeys(
        "fmod fmax fmin logaddexp cross gcd lcm ldexp bitwise_left_shift squared_difference "
        "floordiv truediv floormod div_no_nan".split(), BOTH,
    ),
    **dict.fromkeys(("vdot", "trace"), NUMBER),
    **dict.fromkeys(("det", "logdet"), SQUARE),
    **dict.fromkeys(("take_along_axis", "searchsorted"), LOOKED_UP),
    **dict.fromkeys(("conv", "conv1d", "conv2d", "conv3d"), _CONVOLVED),
    **dict.fromkeys(
        ("max_pool", "average_pool", "avg_pool", "max_pool2d", "avg_pool2d", "max_pool1d"), _POOLED
    ),
    **dict.fromkeys(("nonzero", "argwhere"), PLACES),
    **dict.fromkeys(("boolean_mask", "bincount"), SOME),
    **dict.fromkeys(("nanprod", "nanstd", "nanvar", "nanmedian"), _REDUCED),
    **dict.fromkeys(
        ("extract_patches", "extract_image_patches"), (_patches, "x size strides")
    ),
    **dict.fromkeys(("resize_with_pad", "resize_with_crop_or_pad"),
                    (_cropped, "x target_height target_width")),
    **dict.fromkeys(("full", "empty"), (_filled, "shape")),
    "rfft": (transformed(lambda size, n: (n or size) // 2 + 1), "x n"),
    "outer": OUTER, "kron": (kronecker, "x y"), "diag": (diag, "x diagonal"),
    "meshgrid": (meshgrid, "*tensors"), "unique": (unique, "x"),
    "hstack": (stacked(1), "tensors"), "vstack": (stacked(0), "tensors"),
    "dstack": (stacked(2), "tensors"),
    "inner": (lambda _s, a: (*a.x.shape[:-1], *a.y.shape[:-1]), "x y"),
    "broadcast_to": (lambda _s, a: tuple(a.shape), "x shape"),
    "ravel": (lambda _s, a: (product(a.x.shape),), "x"),
    "depth_to_space": (_depth_to_space, "x block_size"),
    "space_to_depth": (_space_to_depth, "x block_size"),
    "slice": (_sliced, "x begin size"),
    "pad_to_bounding_box": (
        lambda _s, a: (*a.x.shape[:-3], a.height, a.width, a.x.shape[-1]), "x top left height width"
    ),
    "crop_to_bounding_box": (
        lambda _s, a: (*a.x.shape[:-3], a.height, a.width, a.x.shape[-1]), "x top left height width"
    ),
    "moments": (_moments, "x dim keepdim"),
    "gather_nd": (_gathered, "x indices"),
    "embedding_lookup": (lambda _s, a: (*a.ids.shape, *a.x.shape[1:]), "x ids"),
    "glu": (_split_in_two, "x axis"),
    "dot_product_attention": (_attended, "x key value"),
    "norm": (lambda _s, a: left(a), "x ord dim keepdim"),
    "batch_matmul": (lambda _s, a: (*a.x.shape[:-1], a.y.shape[-1]), "x y"),
    "rgb_to_grayscale": (lambda _s, a: (*a.x.shape[:-1], 1), "x"),
    "grayscale_to_rgb": (lambda _s, a: (*a.x.shape[:-1], 3), "x"),
    "segment_sum": (lambda _s, a: (a.num_segments, *a.x.shape[1:]), "x ids num_segments"),
    "unsorted_segment_sum": (
        lambda _s, a: (a.num_segments, *a.x.shape[len(a.ids.shape) :]), "x ids num_segments",
    ),
    "matrix_diag": (lambda _s, a: (*a.x.shape, a.x.shape[-1]), "x"),
    "sequence_mask": (lambda _s, a: (*a.x.shape, a.maxlen), "x maxlen"),
}  # fmt: skip
_KINDS: Final = Kinds({"nonzero", "argwhere", "searchsorted", "bincount"})


def computed(name: str) -> Builtin:
    """Return a function of the table."""
    return made(name, COMPUTED[name], "keras", _KINDS)

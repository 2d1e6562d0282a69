"""Functions of ``keras.ops`` and ``tf`` that no layer is: what shape each gives, in a line.

Who adds one adds a line: its name, and an entry as in ``computing``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from shapecalc.dims import product
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
from shapecalc.importers.python.library.keraswindows import (
    adapted,
    convolved,
    convolved_each,
    cropped,
    enlarged,
    framed,
    padded_around,
    part,
    patches,
    pooled,
    spectra,
    spectrum,
    uncropped,
)
from shapecalc.importers.python.values import Tensor

if TYPE_CHECKING:
    from shapecalc.importers.python.values import Builtin


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


def _diagonal(_s: Asked, a: Arguments) -> Shapes:
    *more, rows, columns = a.x.shape
    least = rows if rows == columns else min(rows, columns)
    return (*more, least)


def _trace(_s: Asked, a: Arguments) -> Shapes:
    """``trace``: without its two axes."""
    rank = len(a.x.shape)
    axes = {(0 if a.axis1 is None else a.axis1) % rank, (1 if a.axis2 is None else a.axis2) % rank}
    return tuple(size for axis, size in enumerate(a.x.shape) if axis not in axes)


def _rotated(_s: Asked, a: Arguments) -> Shapes:
    """``rot90``: the sizes change places, for a matrix and for images."""
    if len(a.x.shape) > 2:  # noqa: PLR2004
        *more, height, width, channels = a.x.shape
        return (*more, width, height, channels) if (a.k is None or a.k % 2) else a.x.shape
    return a.x.shape[::-1] if a.k is None or a.k % 2 else a.x.shape


def _appended(_s: Asked, a: Arguments) -> Shapes:
    if a.dim is None:
        return (product(a.x.shape) + product(a.values.shape),)
    shape = list(a.x.shape)
    shape[a.dim] = shape[a.dim] + a.values.shape[a.dim]
    return tuple(shape)


def _parted(_s: Asked, a: Arguments) -> Shapes:
    """``array_split``: parts of nearly the same size."""
    axis = (a.axis or 0) % len(a.x.shape)
    large, rest = divmod(a.x.shape[axis], a.count)
    sizes = (large + (place < rest) for place in range(a.count))
    return [(*a.x.shape[:axis], size, *a.x.shape[axis + 1 :]) for size in sizes]


def _distances(_s: Asked, a: Arguments) -> Shapes:
    return (*a.x.shape[:-1], a.y.shape[-2])


def _both_parts(_s: Asked, a: Arguments) -> Shapes:
    """Fourier: Keras has the real and the imaginary part, TensorFlow one complex tensor."""
    pair = flat(a.x)
    return pair[0].shape if isinstance(a.x, Tensor) else [pair[0].shape] * 2


def _singular(_s: Asked, a: Arguments) -> Shapes:
    *more, rows, columns = a.x.shape
    if a.compute_uv is False:
        return (*more, min(rows, columns))
    few = a.full_matrices is False
    left_side = (*more, rows, min(rows, columns) if few else rows)
    right_side = (*more, min(rows, columns) if few else columns, columns)
    return [left_side, (*more, min(rows, columns)), right_side]


def _decomposed(_s: Asked, a: Arguments) -> Shapes:
    *more, rows, columns = a.x.shape
    least = min(rows, columns)
    return [(*more, rows, least), (*more, least, columns)]


def _marked(_s: Asked, a: Arguments) -> Shapes:
    """``multi_hot``: one row of classes for each row of numbers."""
    return (*a.x.shape[:-1], a.num_classes)


def _chosen(s: Asked, a: Arguments) -> Shapes:
    return s.broadcast(*(each.shape for each in flat([a.conditions, a.choices])))


def _filled(_s: Asked, a: Arguments) -> Shapes:
    return tuple(a.shape) if isinstance(a.shape, list | tuple) else (a.shape,)


_CONVOLVED: Final[Entry] = (convolved, "x kernel strides padding")
_POOLED: Final[Entry] = (pooled, "x pool_size strides padding")
_REDUCED: Final[Entry] = (lambda _s, a: left(a), "x dim keepdim")

COMPUTED: Final[dict[str, Entry]] = {
    **dict.fromkeys(
        "fliplr flipud roll digitize empty_like full_like angle deg2rad rad2deg sinc erfc fabs "
        "scatter_update slice_update nan_to_num cholesky inv pinv saturate_cast "
        "random_flip_left_right random_flip_up_down per_image_standardization adjust_brightness "
        "adjust_contrast flip_left_right flip_up_down tensor_scatter_nd_update bitwise_invert "
        "real imag dropout band_part set_diag clip_by_norm is_nan is_inf shuffle cumprod "
        "local_response_normalization reverse_sequence cast_to_floatx adjust_hue "
        "adjust_saturation random_brightness random_contrast random_saturation random_hue isreal "
        "hsv_to_rgb rgb_to_hsv gaussian_blur view eval elastic_transform affine_transform "
        "perspective_transform nancumsum nancumprod argpartition fftshift isin "
        "normalize_batch_in_training cholesky_inverse invert_permutation "
        "ifft2d fft2d to_dense".split(), ALIKE,
    ),
    **dict.fromkeys(
        "fmod fmax fmin logaddexp cross gcd lcm ldexp bitwise_left_shift squared_difference "
        "floordiv truediv floormod div_no_nan multiply_no_nan xlogy realdiv binary_crossentropy "
        "update_add update_sub atan2 logaddexp2 nextafter bitwise_right_shift complex "
        "sigmoid_cross_entropy_with_logits".split(), BOTH,
    ),
    **dict.fromkeys(("vdot", "psnr"), NUMBER),
    "trace": (_trace, "x offset axis1 axis2"), "rot90": (_rotated, "x k"),
    "append": (_appended, "x values dim"), "array_split": (_parted, "x count axis"),
    "diff": DIFFERENCES, "cdist": (_distances, "x y"),
    "vander": (lambda _s, a: (a.x.shape[0], a.N or a.x.shape[0]), "x N"),
    **dict.fromkeys(("fft", "ifft", "fft2", "ifft2"), (_both_parts, "x")),
    "lstsq": (lambda _s, a: (a.x.shape[-1], *a.y.shape[1:]), "x y"),
    "svd": (_singular, "x full_matrices compute_uv"),
    **dict.fromkeys(("det", "logdet"), SQUARE),
    **dict.fromkeys(
        ("take_along_axis", "searchsorted", "solve", "solve_triangular"), LOOKED_UP
    ),
    **dict.fromkeys(("conv", "conv1d", "conv2d", "conv3d"), _CONVOLVED),
    **dict.fromkeys(
        ("max_pool", "average_pool", "avg_pool", "max_pool2d", "avg_pool2d", "max_pool1d"), _POOLED
    ),
    **dict.fromkeys(("conv_transpose", "conv2d_transpose", "conv1d_transpose", "conv3d_transpose"),
                    (enlarged, "x kernel output_shape strides padding")),
    **dict.fromkeys(("depthwise_conv", "depthwise_conv2d"),
                    (convolved_each, "x kernel strides padding")),
    **dict.fromkeys(("separable_conv", "separable_conv2d"),
                    (convolved_each, "x kernel pointwise_kernel strides padding")),
    **dict.fromkeys(("adaptive_average_pool", "adaptive_max_pool"), (adapted, "x output_size")),
    **dict.fromkeys(("frame", "extract_sequences"), (framed, "x size strides")),
    "short_time_fourier": (spectrum, "x size strides fft_length"),
    "stft": (spectra, "x size strides fft_length window center"),
    **dict.fromkeys(
        ("crop_images", "pad_images"),
        (
            uncropped,
            "x top_cropping left_cropping bottom_cropping right_cropping target_height target_width"
        ),
    ),
    **dict.fromkeys(("spatial_2d_padding", "spatial_3d_padding", "temporal_padding"),
                    (padded_around, "x padding")),
    **dict.fromkeys(("diag_part", "diagonal"), (_diagonal, "x")),
    "central_crop": (part, "x central_fraction"),
    "random_crop": (lambda _s, a: tuple(a.size), "x size"),
    "crop_and_resize": (
        lambda _s, a: (a.boxes.shape[0], *a.crop_size, a.x.shape[-1]), "x boxes at crop_size"
    ),
    "qr": (_decomposed, "x"), "eigh": (lambda _s, a: [a.x.shape[:-1], a.x.shape], "x"),
    "multi_hot": (_marked, "x num_classes"), "select": (_chosen, "conditions choices"),
    **dict.fromkeys(
        "categorical_crossentropy softmax_cross_entropy_with_logits total_variation".split(),
        (lambda _s, a: a.x.shape[:-1], "x"),
    ),
    **dict.fromkeys(
        "sparse_categorical_crossentropy sparse_softmax_cross_entropy_with_logits "
        "in_top_k".split(), (lambda _s, a: a.x.shape, "x"),
    ),
    "ctc_loss": (lambda _s, a: a.x.shape[:1], "x"),
    "ctc_batch_cost": (lambda _s, a: (a.x.shape[0], 1), "x"),
    "matvec": (lambda _s, a: a.x.shape[:-1], "x"),
    **dict.fromkeys(("ssim", "image_psnr"), (lambda _s, a: a.x.shape[:-3], "x")),
    **dict.fromkeys(("scatter", "scatter_nd"),
                    (lambda _s, a: tuple(a.shape), "indices values shape")),
    **dict.fromkeys(("hann_window", "hamming_window", "hanning", "hamming", "blackman", "kaiser"),
                    (lambda _s, a: (a.n,), "n")),
    "categorical": (lambda _s, a: (*a.x.shape[:-1], a.num_samples), "x num_samples"),
    "size": (lambda _s, _a: (), "x"),
    **dict.fromkeys(("nonzero", "argwhere"), PLACES),
    **dict.fromkeys(("boolean_mask", "bincount"), SOME),
    **dict.fromkeys(
        "nanprod nanstd nanvar nanmedian ptp percentile nanquantile nanpercentile "
        "reduce_euclidean_norm nanargmax nanargmin".split(), _REDUCED),
    **dict.fromkeys(
        ("extract_patches", "extract_image_patches"), (patches, "x size strides")
    ),
    **dict.fromkeys(("resize_with_pad", "resize_with_crop_or_pad"),
                    (cropped, "x target_height target_width")),
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
    **dict.fromkeys(
        ("segment_sum", "segment_max", "segment_min", "segment_prod", "segment_mean"),
        (lambda s, a: (a.num_segments or s.letter("S"), *a.x.shape[1:]), "x ids num_segments"),
    ),
    **dict.fromkeys(
        [f"unsorted_segment_{how}" for how in ("sum", "mean", "max", "min", "sqrt_n")],
        (lambda _s, a: (a.num_segments, *a.x.shape[len(a.ids.shape) :]), "x ids num_segments"),
    ),
    "matrix_diag": (lambda _s, a: (*a.x.shape, a.x.shape[-1]), "x"),
    "sequence_mask": (lambda _s, a: (*a.x.shape, a.maxlen), "x maxlen"),
}  # fmt: skip
_KINDS: Final = Kinds({"nonzero", "argwhere", "searchsorted", "bincount", "categorical"})


def computed(name: str) -> Builtin:
    """Return a function of the table."""
    return made(name, COMPUTED[name], "keras", _KINDS)

"""Functions of ``keras.ops`` and ``tf`` that slide a window, or change the sides of images.

Each is an entry of the table in ``kerascomputed``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapecalc.dims import Size
    from shapecalc.importers.python.library.computing import Arguments, Asked, Shapes


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


def convolved(_s: Asked, a: Arguments) -> Shapes:
    """A convolution: as many channels as the kernel has filters."""
    *window, _, filters = a.kernel.shape
    return _windows(a, window, filters, 1)


def pooled(_s: Asked, a: Arguments) -> Shapes:
    """A pool: the window is the stride, unless told otherwise."""
    rank = len(a.x.shape) - 2
    window = _pair(a.pool_size if a.pool_size is not None else a.ksize, rank)
    return _windows(a, window, a.x.shape[-1], window)


def patches(_s: Asked, a: Arguments) -> Shapes:
    """Patches of images: their pixels side by side as channels."""
    window = _pair(a.size if a.size is not None else a.sizes)
    channels = a.x.shape[-1]
    return _windows(a, window, channels * window[0] * window[1], window)


def enlarged(_s: Asked, a: Arguments) -> Shapes:
    """Convolve backwards: TensorFlow is told the shape, Keras has it of the stride."""
    if isinstance(a.output_shape, list | tuple) and len(a.output_shape) == len(a.x.shape):
        return tuple(a.x.shape[:1]) + tuple(a.output_shape[1:])
    *window, filters, _ = a.kernel.shape
    strides = _pair(1 if a.strides is None else a.strides, len(window))
    same = str(a.padding).lower() == "same"
    spatial = zip(a.x.shape[1:-1], window, strides, strict=True)
    sizes = (n * s if same else (n - 1) * s + k for n, k, s in spatial)
    return (a.x.shape[0], *sizes, filters)


def convolved_each(_s: Asked, a: Arguments) -> Shapes:
    """A convolution of each channel by itself, and then of all of them at one place."""
    *window, channels, times = a.kernel.shape
    pointwise = a.pointwise_kernel
    filters = channels * times if pointwise is None else pointwise.shape[-1]
    return _windows(a, window, filters, 1)


def adapted(_s: Asked, a: Arguments) -> Shapes:
    """A pool that gives so many places."""
    return (a.x.shape[0], *_pair(a.output_size, len(a.x.shape) - 2), a.x.shape[-1])


def framed(_s: Asked, a: Arguments) -> Shapes:
    """Parts of a signal, which may overlap."""
    *more, length = a.x.shape
    return (*more, (length - a.size) // a.strides + 1, a.size)


def spectrum(_s: Asked, a: Arguments) -> Shapes:
    """``tf.signal.stft``."""
    *more, length = a.x.shape
    bins = a.fft_length
    if bins is None:
        bins = 1 << (a.size - 1).bit_length()
    return (*more, (length - a.size) // a.strides + 1, bins // 2 + 1)


def spectra(_s: Asked, a: Arguments) -> Shapes:
    """``keras.ops.stft``: the real and the imaginary part, padded so that windows are centred."""
    *more, length = a.x.shape
    padded = length if a.center is False else length + 2 * (a.fft_length // 2)
    return [(*more, (padded - a.fft_length) // a.strides + 1, a.fft_length // 2 + 1)] * 2


def padded_around(_s: Asked, a: Arguments) -> Shapes:
    """``spatial_2d_padding`` of the backend, and of one axis of steps or of three."""
    pads = a.padding
    rank = len(a.x.shape) - 2
    if rank == 1:
        pads = (pads or (1, 1),)
    pads = pads or ((1, 1),) * rank
    spatial = (
        size + sum(each if isinstance(each, list | tuple) else (each, each))
        for size, each in zip(a.x.shape[1:-1], pads, strict=True)
    )
    return (a.x.shape[0], *spatial, a.x.shape[-1])


def uncropped(_s: Asked, a: Arguments) -> Shapes:
    """``crop_images`` and ``pad_images``: of the target, or of what is taken or added."""
    *more, height, width, channels = a.x.shape
    sign = 1 if a.top_cropping is None and a.bottom_cropping is None else -1
    kind = "padding" if sign > 0 else "cropping"
    around = [getattr(a, f"{side}_{kind}") or 0 for side in ("top", "bottom", "left", "right")]
    tall = a.target_height or height + sign * (around[0] + around[1])
    wide = a.target_width or width + sign * (around[2] + around[3])
    return (*more, tall, wide, channels)


def part(_s: Asked, a: Arguments) -> Shapes:
    """``central_crop``: a share of each side, of sizes that are numbers."""
    sides = (size - 2 * int((size - size * a.central_fraction) / 2) for size in a.x.shape[-3:-1])
    return (*a.x.shape[:-3], *sides, a.x.shape[-1])


def cropped(_s: Asked, a: Arguments) -> Shapes:
    """Images of another height and width."""
    return (*a.x.shape[:-3], a.target_height, a.target_width, a.x.shape[-1])

"""Audio: turn samples into spectrograms, which say how loud each pitch is at each time."""

from __future__ import annotations

from typing import Annotated, Any, Final, Self, TypeAlias

from pydantic import model_validator

from shapecalc.dims import Shape, shape_text
from shapecalc.errors import RankError
from shapecalc.layers.arguments import (
    ArgumentKind,
    PositiveInteger,
    Switch,
    Units,
    choice,
    integer,
    number,
)
from shapecalc.layers.keras.arguments import DataFormat
from shapecalc.layers.keras.layer import KerasLayer
from shapecalc.layers.layer import rule
from shapecalc.layers.layout import Layout, axes
from shapecalc.layers.result import Product, Result, Weight
from shapecalc.layers.scope import Scope
from shapecalc.layers.window import window

#: A window by its name, or as its numbers.
Taper: TypeAlias = str | tuple[float, ...] | None

#: The names of windows that need no further argument, as scipy has them.
WINDOWS: Final = (
    "barthann brthan bth bartlett bart brt blackman black blk blackmanharris blackharr bkh bohman "
    "bman bmn boxcar box ones rect rectangular cosine halfcosine exponential poisson flattop flat "
    "flt hamming hamm ham hann han lanczos sinc nuttall nutl nut parzen parz par taylor taylorwin "
    "triangle triang tri tukey tuk"
)
_MEL_WINDOWS: Final = ("hann", "hamming")


def _numbers(value: Any) -> tuple[float, ...]:  # noqa: ANN401
    if not isinstance(value, (list, tuple)):
        raise ValueError  # noqa: TRY004  (what pydantic reads)
    return tuple(map(number().check, value))


def _stft_window(value: Any) -> Taper:  # noqa: ANN401
    if not isinstance(value, str):
        return _numbers(value)
    if value not in WINDOWS.split():
        raise ValueError
    return value


def _mel_window(value: Any) -> Taper:  # noqa: ANN401
    return value if value in _MEL_WINDOWS else _numbers(value)


StftWindow = Annotated[
    Taper, ArgumentKind("the name of a window, its numbers", _stft_window).or_none()
]
MelWindow = Annotated[
    Taper,
    ArgumentKind(
        "hann, hamming, numbers", _mel_window, {name: name for name in _MEL_WINDOWS}
    ).or_none(),
]
Mode = Annotated[str, choice("log", "magnitude", "psd", "real", "imag", "angle", "stft")]
Scaling = Annotated[str | None, choice("density", "spectrum", None)]
Padding = Annotated[str, choice("valid", "same")]
OptionalLength = Annotated[int | None, integer(0).or_none()]
OptionalStep = Annotated[int | None, integer(1).or_none()]
Number = Annotated[float, number()]
OptionalNumber = Annotated[float | None, number().or_none()]


class MelSpectrogram(KerasLayer):
    """Computes a mel spectrogram of ``num_mel_bins`` bins, every ``sequence_stride`` samples.

    The bins are spaced as pitch is perceived. Any number of axes may precede the samples.

    Shape   (batch, samples) -> (batch, num_mel_bins, samples//sequence_stride + 1)
    Errors  fft_length is less than sequence_length
    Source  keras.layers.MelSpectrogram
    """

    fft_length: PositiveInteger = 2048
    sequence_stride: PositiveInteger = 512
    sequence_length: OptionalLength = None
    window: MelWindow = "hann"
    sampling_rate: Number = 16000
    num_mel_bins: Units = 128
    min_freq: Number = 20.0
    max_freq: OptionalNumber = None
    power_to_db: Switch = True
    top_db: Number = 80.0
    mag_exp: Number = 2.0
    min_power: Number = 1e-10
    ref_power: Number = 1.0

    @model_validator(mode="after")
    def _lengths_agree(self) -> Self:
        if self.sequence_length and self.fft_length < self.sequence_length:
            raise ValueError(
                f"fft_length {self.fft_length} is less than sequence_length {self.sequence_length}"
            )
        return self

    def input_letters(self) -> tuple[str, ...]:
        """Return the letters of the default input."""
        return ("B", "T")


@rule(MelSpectrogram)
def mel_spectrogram(layer: MelSpectrogram, _scope: Scope, x: Shape) -> Result:
    """Lay windows around every so many samples; half a window is added at both ends.

    Keras's own shape of a symbolic call is another one for more than 2 axes, and one frame more
    where the stride divides the samples and one; this is what it computes.
    """
    if not x:
        raise RankError(f"needs at least 1 axis (samples), but gets {shape_text(x)}")
    *before, samples = x
    frames = (samples - layer.fft_length % 2) // layer.sequence_stride + 1
    mel = Product("mel", (*before, frames, layer.fft_length // 2 + 1, layer.num_mel_bins))
    return Result((*before, layer.num_mel_bins, frames), products=[mel])


class STFTSpectrogram(KerasLayer):
    """Computes the short-time Fourier transform of frames of ``frame_length`` samples.

    A frame begins every ``frame_step`` samples, half a frame unless said otherwise; a longer
    ``fft_length`` gives more frequencies. The frequencies are found by fixed kernels.

    Shape   (batch, samples, channels) -> (batch, frames, frequencies*channels), where
            frames is (samples - frame_length)//frame_step + 1, with same samples/frame_step
            rounded up, and frequencies is fft_length//2 + 1, in the mode stft twice as many;
            with expand_dims (batch, frames, frequencies, channels)
    Errors  the input has another number of axes; fewer samples than a frame, if valid;
            frame_step is more than frame_length, or fft_length less
    Source  keras.layers.STFTSpectrogram
    """

    mode: Mode = "log"
    frame_length: PositiveInteger = 256
    frame_step: OptionalStep = None
    fft_length: OptionalStep = None
    window: StftWindow = "hann"
    periodic: Switch = False
    scaling: Scaling = "density"
    padding: Padding = "valid"
    expand_dims: Switch = False
    data_format: DataFormat = None

    @model_validator(mode="after")
    def _lengths_agree(self) -> Self:
        length = self.frame_length
        if self.frame_step is not None and self.frame_step > length:
            raise ValueError(f"frame_step {self.frame_step} is more than frame_length {length}")
        if self.frame_step is None and length == 1:
            raise ValueError("a frame_length of 1 needs a frame_step of 1")
        if self.fft_length is not None and self.fft_length < length:
            raise ValueError(f"fft_length {self.fft_length} is less than frame_length {length}")
        return self

    def input_letters(self) -> tuple[str, ...]:
        """Return the letters of the default input."""
        return Layout(1, self.data_format).letters


@rule(STFTSpectrogram)
def stft_spectrogram(layer: STFTSpectrogram, scope: Scope, x: Shape) -> Result:
    """Slide the frame; a kernel finds one frequency, and each channel is read by itself."""
    length, first = layer.frame_length, layer.data_format == "channels_first"
    if first:
        batch, channels, samples = axes(x, "batch channels samples")
    else:
        batch, samples, channels = axes(x, "batch samples channels")
    step = layer.frame_step or length // 2
    frames = window(samples, scope, "steps", length, step, padding=layer.padding, noun="frame")
    found = (layer.fft_length or 1 << (length - 1).bit_length()) // 2 + 1
    parts = {"real": ("real",), "imag": ("imag",)}.get(layer.mode, ("real", "imag"))
    places = (batch, channels, frames)
    weights = [Weight(f"{part}_kernel", (length, 1, found), places=places) for part in parts]
    shown = 2 * found if layer.mode == "stft" else found
    if layer.expand_dims:
        each = (channels, frames, shown) if first else (frames, shown, channels)
        return Result((batch, *each), weights=weights)
    flat = (shown * channels, frames) if first else (frames, shown * channels)
    return Result((batch, *flat), weights=weights)

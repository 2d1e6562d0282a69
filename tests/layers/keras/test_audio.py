"""Spectrograms: frames, frequencies and the kernels that find them."""

from __future__ import annotations

import pytest

from shapecalc import layer
from shapecalc.dims import Dim, Shape
from shapecalc.errors import RankError, ShapeError, SpecError
from shapecalc.layers.layer import apply
from shapecalc.layers.scope import Scope

B, C, T = map(Dim, "BCT")


@pytest.mark.parametrize(
    ("shape", "output"),
    [
        ((60,), (4, 8)),
        ((2, 63), (2, 4, 8)),
        ((2, 64), (2, 4, 9)),
        ((B, T), (B, 4, T // 8 + 1)),
        ((B, 2, T), (B, 2, 4, T // 8 + 1)),
    ],
)
def test_mel_frames(shape: Shape, output: Shape) -> None:
    made = layer("MelSpectrogram", fft_length=32, sequence_stride=8, num_mel_bins=4)
    assert made.compute_output_shape(shape) == output


def test_an_odd_window_reaches_a_sample_less() -> None:
    made = layer("MelSpectrogram", fft_length=65, sequence_stride=4, num_mel_bins=4)
    assert made.compute_output_shape((200,)) == (4, 50)
    assert made.compute_output_shape((2, 201)) == (2, 4, 51)


def test_mel_needs_samples() -> None:
    with pytest.raises(RankError):
        layer("MelSpectrogram").compute_output_shape(())


def stft(**config: object) -> tuple[Shape, dict[str, Shape]]:
    first = config.get("data_format") == "channels_first"
    result = apply(layer("STFTSpectrogram", **config), [(B, 2, T) if first else (B, T, 2)], Scope())
    return result.outputs[0], {weight.name: weight.shape for weight in result.weights}


def test_stft_shape_and_kernels() -> None:
    kernel = (50, 1, 33)
    output, weights = stft(frame_length=50)
    assert output == (B, (T - 50) // 25 + 1, 66)
    assert weights == {"real_kernel": kernel, "imag_kernel": kernel}
    assert stft(frame_length=50, mode="real")[1] == {"real_kernel": kernel}
    assert stft(frame_length=50, mode="imag")[1] == {"imag_kernel": kernel}
    assert stft(frame_length=50, mode="stft")[0] == (B, (T - 50) // 25 + 1, 132)


def test_stft_axes() -> None:
    frames = (T + 3) // 4
    config = {"frame_length": 8, "fft_length": 9, "padding": "same"}
    assert stft(**config)[0] == (B, frames, 10)
    assert stft(**config, expand_dims=True)[0] == (B, frames, 5, 2)
    first = {**config, "data_format": "channels_first"}
    assert stft(**first)[0] == (B, 10, frames)
    assert stft(**first, expand_dims=True)[0] == (B, 2, frames, 5)


def test_stft_needs_a_whole_frame() -> None:
    made = layer("STFTSpectrogram", frame_length=32)
    scope = Scope()
    apply(made, [(B, T, C)], scope)
    assert scope.facts.conditions() == ["T >= 32"]
    with pytest.raises(
        ShapeError, match="needs at least 32 steps for its frame of 32, but gets 10"
    ):
        made.compute_output_shape((1, 10, 1))
    with pytest.raises(RankError):
        made.compute_output_shape((1, 40))


@pytest.mark.parametrize(
    ("name", "config"),
    [
        ("MelSpectrogram", {"fft_length": 16, "sequence_length": 17}),
        ("MelSpectrogram", {"sequence_stride": 0}),
        ("MelSpectrogram", {"window": "blackman"}),
        ("STFTSpectrogram", {"frame_length": -1}),
        ("STFTSpectrogram", {"frame_length": 8, "frame_step": 9}),
        ("STFTSpectrogram", {"frame_length": 8, "frame_step": 0}),
        ("STFTSpectrogram", {"frame_length": 8, "fft_length": 7}),
        ("STFTSpectrogram", {"frame_length": 1}),
        ("STFTSpectrogram", {"mode": "LOG"}),
        ("STFTSpectrogram", {"padding": "causal"}),
        ("STFTSpectrogram", {"scaling": "zzz"}),
        ("STFTSpectrogram", {"window": "kaiser"}),
    ],
)
def test_bad_arguments(name: str, config: dict[str, object]) -> None:
    with pytest.raises(SpecError):
        layer(name, **config)


def test_windows() -> None:
    for window in (None, "hann", [1, 2]):
        layer("MelSpectrogram", window=window)
        layer("STFTSpectrogram", window=window)
    layer("STFTSpectrogram", window="blackman")

"""What is repaired where a layer declares a size that its input has not."""

from __future__ import annotations

import pytest

import shapecalc
from shapecalc.errors import ShapeError

LENET = "in:N:3:32:32,conv2d:3:6:5,maxpool2d:2,conv2d:6:16:5,maxpool2d:2"


@pytest.mark.parametrize(
    ("spec", "message", "repaired"),
    [
        (
            f"{LENET},linear:400:120",
            "linear takes 400 features, but gets 5",
            f"{LENET},flatten,linear:400:120",
        ),
        (
            f"{LENET},linear:256:120",
            "linear takes 256 features, but gets 5",
            f"{LENET},flatten,linear:400:120",
        ),
        (
            f"{LENET},flatten,linear:256:120",
            "linear takes 256 features, but gets 400",
            f"{LENET},flatten,linear:400:120",
        ),
        (
            "in:N:32:32:3,conv2d:3:16:3",
            "conv2d takes 3 channels, but gets 32",
            "in:N:3:32:32,conv2d:3:16:3",
        ),
        (
            "in:N:3:8:8,conv2d:3:16:3,bn2d:3",
            "bn2d normalizes 3 channels, but gets 16 on axis 1 of (N, 16, 6, 6)",
            "in:N:3:8:8,conv2d:3:16:3,bn2d:16",
        ),
    ],
)
def test_a_declared_size_that_does_not_come(spec: str, message: str, repaired: str) -> None:
    with pytest.raises(ShapeError) as caught:
        shapecalc.trace(spec, dialect="torch")
    assert caught.value.message == message
    assert caught.value.help == repaired
    shapecalc.trace(repaired, dialect="torch")


@pytest.mark.parametrize(
    ("spec", "channels"),
    [("in:N:8,bn1d:_", 8), ("in:N:8:L,bn1d:_", 8), ("in:8:L,instancenorm1d:_", 8)],
)
def test_a_size_that_was_left_open_is_that_of_the_channels(spec: str, channels: int) -> None:
    (row,) = shapecalc.trace(spec, dialect="torch").layers
    assert row.config["num_features"] == channels


def test_the_channels_of_a_norm_over_vectors_are_repaired() -> None:
    with pytest.raises(ShapeError) as caught:
        shapecalc.trace("in:7:8,bn1d:4", dialect="torch")
    assert caught.value.help == "in:7:8,bn1d:8"

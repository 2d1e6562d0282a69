"""Activations refuse the numbers that PyTorch refuses."""

from __future__ import annotations

import pytest

from shapecalc import layer
from shapecalc.errors import SpecError


@pytest.mark.parametrize(
    ("name", "config", "said"),
    [
        ("RReLU", {"lower": 0.5, "upper": 0.2}, "lower 0.5 must not be above upper 0.2"),
        ("CELU", {"alpha": 0.0}, "alpha must not be 0"),
        ("Hardtanh", {"min_val": 1.0, "max_val": 1.0}, "max_val 1 must be above min_val 1"),
    ],
)
def test_numbers_that_pytorch_refuses(name: str, config: dict[str, float], said: str) -> None:
    with pytest.raises(SpecError, match=said):
        layer(name, dialect="torch", **config)


@pytest.mark.parametrize(
    ("name", "config"), [("RReLU", {"lower": 0.2, "upper": 0.2}), ("CELU", {"alpha": -1.0})]
)
def test_numbers_at_the_edge_are_taken(name: str, config: dict[str, float]) -> None:
    assert layer(name, dialect="torch", **config).compute_output_shape((3, 4)) == (3, 4)

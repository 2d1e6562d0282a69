"""Real Keras on freshly drawn layers: ``pytest -m oracle`` with the extra ``oracle`` installed."""

from __future__ import annotations

import random
from typing import Any

import pytest

import shapecalc
from shapecalc.errors import ShapecalcError

pytestmark = pytest.mark.oracle
ROUNDS = 400


@pytest.fixture(scope="module")
def keras() -> Any:
    return pytest.importorskip("keras", reason="Keras is not installed: pip install '.[oracle]'")


def drawn(draw: random.Random) -> tuple[str, dict[str, Any], tuple[int | None, ...]]:
    """A layer with arguments, and an input of about the right kind."""
    rank = draw.randint(1, 3)
    sizes = tuple(draw.randint(1, 12) for _ in range(rank))
    window = {
        "strides": draw.randint(1, 3),
        "padding": draw.choice(["valid", "same"]),
    }
    images = (None, *sizes, draw.randint(1, 6))
    steps = (None, draw.randint(1, 9), draw.randint(1, 6))
    units = draw.randint(1, 9)
    choices: list[tuple[str, dict[str, Any], tuple[int | None, ...]]] = [
        ("Dense", {"units": units, "use_bias": draw.random() < 0.5}, images),
        (f"Conv{rank}D", {"filters": units, "kernel_size": draw.randint(1, 5), **window}, images),
        (
            f"Conv{rank}DTranspose",
            {"filters": units, "kernel_size": draw.randint(1, 5), **window},
            images,
        ),
        (f"MaxPooling{rank}D", {"pool_size": draw.randint(1, 4), **window}, images),
        (f"GlobalAveragePooling{rank}D", {"keepdims": draw.random() < 0.5}, images),
        (f"ZeroPadding{rank}D", {"padding": draw.randint(0, 3)}, images),
        (f"Cropping{rank}D", {"cropping": draw.randint(0, 4)}, images),
        ("LSTM", {"units": units, "return_sequences": draw.random() < 0.5}, steps),
        ("GRU", {"units": units, "return_state": draw.random() < 0.5}, steps),
        ("Flatten", {}, images),
        ("Reshape", {"target_shape": (-1, draw.randint(1, 6))}, images),
        ("BatchNormalization", {"axis": draw.randint(-3, 3)}, images),
        ("GroupNormalization", {"groups": draw.randint(1, 4)}, images),
        ("Permute", {"dims": tuple(draw.sample((1, 2), 2))}, steps),
    ]
    return draw.choice(choices)


@pytest.mark.parametrize("seed", range(4))
def test_fresh_layers_equal_keras(keras: Any, seed: int) -> None:
    draw = random.Random(seed)  # noqa: S311  (no secret)
    for _ in range(ROUNDS // 4):
        name, config, shape = drawn(draw)
        try:
            real = getattr(keras.layers, name)(**config)
            outputs = real(keras.Input(batch_shape=shape))
            wanted = [tuple(each.shape) for each in _flat(outputs)]
        except Exception:  # noqa: BLE001  (Keras refuses in many ways)
            wanted = []
        try:
            layer = shapecalc.layer(name, **config)
            ours = layer.compute_output_shape(shape)
            said = ours if isinstance(ours, list) else [ours]
            got = [tuple(s if isinstance(s, int) else None for s in each) for each in said]
        except ShapecalcError:
            got = []
        assert got == wanted, (name, config, shape)
        if got:
            assert layer.count_params(shape) == real.count_params(), (name, config, shape)


def _flat(outputs: Any) -> list[Any]:
    return list(outputs) if isinstance(outputs, (list, tuple)) else [outputs]

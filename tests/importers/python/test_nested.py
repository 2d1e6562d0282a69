"""Models of Keras within models: as one row, laid open, and read with other sizes."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING, Any

import pytest
from importers.python.reading import shapes
from terminal import called

from shapecalc.importers.python.program import Program
from shapecalc.tracing.walk import trace_network

if TYPE_CHECKING:
    from pathlib import Path

ANY_SIZE = """
    import keras
    from keras import layers, ops
    x = keras.Input((None, None, 3))
    y = layers.Lambda(lambda t: t * 2)(layers.Conv2D(4, 3)(x))
    inner = keras.Model(x, layers.Concatenate()([y, y]), name="inner")
"""
TWICE = """
    import keras
    from keras import layers
    tower = keras.Sequential([keras.Input((8,)), layers.Dense(4), layers.Dense(2, name="last")])
    a, b = keras.Input((8,)), keras.Input((8,))
    pair = keras.Model([a, b], layers.Subtract()([tower(a), tower(b)]))
    third = keras.Input((8,))
    model = keras.Model([a, b, third], layers.Add()([pair([a, b]), layers.Dense(2)(third)]))
"""


def opened(text: str) -> Any:
    """Trace the last model of a program, laid open."""
    _, network = Program(dedent(text), "model.py").laid_open().networks({}, {})[-1]
    return trace_network(network)


def test_the_layers_of_models_within_models_are_named_by_both() -> None:
    trace = opened(TWICE)
    rows = [(row.name, row.params) for row in trace.layers]
    assert rows == [
        ("functional/sequential/dense", 36),
        ("functional/sequential/last", 10),
        ("functional/sequential_1/dense", 0),
        ("functional/sequential_1/last", 0),
        ("functional/subtract", 0),
        ("dense_1", 18),
        ("add", 0),
    ]
    assert [row.line for row in trace.layers][:2] == [4, 4]
    assert shapes(TWICE) == "B,2"
    assert trace.params == 64


def test_what_a_model_of_any_size_does_is_known_for_the_size_that_comes() -> None:
    text = f"""{ANY_SIZE}
    image = keras.Input((30, None, 3))
    model = keras.Model(image, inner(layers.ZeroPadding2D(1)(image)))
    """
    assert shapes(text) == "B,30,W_1,8"
    trace = opened(text)
    assert [row.outputs[0][1:3] for row in trace.layers][1:] == [trace.outputs[0][1:3]] * 3


def test_a_model_of_any_size_that_is_called_on_data_is_known_for_its_size() -> None:
    text = f"""{ANY_SIZE}
    found = inner(ops.zeros((2, 9, 8, 3)))
    model = keras.Sequential([keras.Input((5,)), layers.Dense(found.shape[1])])
    """
    assert shapes(text) == "B,7"


def test_expand_shows_the_layers_and_convert_writes_them(tmp_path: Path) -> None:
    path = tmp_path / "model.py"
    path.write_text(dedent(TWICE), encoding="utf-8")
    code = f"{path}:model"
    assert len(called(code).out.splitlines()) == 3
    lines = called(code, "--expand").out.splitlines()
    assert [line.split("\t")[1] for line in lines][4] == "functional/subtract"
    assert called("convert", code).out.count("dense:4") == 1
    assert called("diff", code, code, "--expand").code == 0
    refused = called(code, "--custom", "Mine=same")
    assert (refused.code, refused.out) == (2, "")
    assert "--custom is for files of models: source code has the class itself" in refused.err


@pytest.mark.parametrize("option", [("--expand",), ("--custom", "Mine=same")])
@pytest.mark.parametrize("command", [(), ("explain",), ("cost",)])
def test_options_that_say_nothing_of_a_spec_are_refused(
    command: tuple[str, ...], option: tuple[str, ...]
) -> None:
    refused = called(*command, "dense:3", *option)
    assert (refused.code, refused.out) == (2, "")
    assert refused.err.startswith(f"error: {option[0]} is for ")

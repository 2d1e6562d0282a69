"""Arguments that change no shape are checked for their kind all the same."""

from __future__ import annotations

from typing import Any

import pytest

import shapecalc
from shapecalc.layers.keras.stored import CONSTRAINTS, INITIALIZERS, REGULARIZERS


@pytest.mark.parametrize(
    ("key", "value"),
    [
        *(("kernel_initializer", name) for name in INITIALIZERS),
        *(("kernel_regularizer", name) for name in REGULARIZERS),
        *(("kernel_constraint", name) for name in CONSTRAINTS),
        ("kernel_initializer", None),
        ("kernel_initializer", {"class_name": "HeNormal", "config": {"seed": 1}}),
        ("activity_regularizer", "l2"),
        ("autocast", False),
    ],
)
def test_names_of_keras_are_taken(key: str, value: Any) -> None:
    assert getattr(shapecalc.layer("Dense", units=3, **{key: value}), key) == value


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        (
            "kernel_initializer",
            "he_norml",
            "takes the name of an initializer, not 'he_norml'; did you mean he_norm",
        ),
        ("kernel_initializer", "ZEROS", "did you mean"),
        ("kernel_initializer", "", "the names are constant, glorot_normal"),
        ("kernel_initializer", 0.5, "takes the name of an initializer, or None, not 0.5"),
        ("kernel_initializer", {}, "takes the name of an initializer"),
        (
            "kernel_regularizer",
            "l3",
            "takes the name of a regularizer, not 'l3'; the names are l1, l2",
        ),
        ("bias_constraint", "nonneg", "did you mean NonNeg or non_neg"),
        ("activation", {}, "takes the name of an activation"),
        ("autocast", "yes", "takes True or False"),
    ],
)
def test_other_values_are_refused(key: str, value: Any, said: str) -> None:
    with pytest.raises(shapecalc.SpecError) as caught:
        shapecalc.layer("Dense", units=3, **{key: value})
    assert said in caught.value.message


def test_every_layer_takes_a_regularizer_of_what_it_gives() -> None:
    assert shapecalc.layer("Flatten", activity_regularizer="l2", autocast=False).config() == {
        "autocast": False,
        "activity_regularizer": "l2",
    }
    text = "flatten:autocast=False:activity_regularizer=l2"
    assert str(shapecalc.parse(text)) == text


def test_positional_values_keep_the_order_of_keras() -> None:
    text = 'dense:3:None:True:"ones":"zeros":None:None:"l2":"non_neg"'
    config = shapecalc.trace(text).layers[0].config
    assert config == {
        "units": 3,
        "kernel_initializer": "ones",
        "activity_regularizer": "l2",
        "kernel_constraint": "non_neg",
    }

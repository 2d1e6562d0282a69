"""Lookups: how many indices a vocabulary has, and what the vectors of them look like."""

from __future__ import annotations

import pytest

from shapecalc import layer
from shapecalc.dims import Dim, Shape
from shapecalc.errors import ShapeError, SpecError
from shapecalc.layers.catalogue import Entry
from shapecalc.layers.keras.dialect import CATALOGUE
from shapecalc.layers.layer import Layer, apply
from shapecalc.layers.parameters import parameters
from shapecalc.layers.scope import Scope

B, N, T, U, V = map(Dim, "BNTUV")
WORDS = ["a", "b", "c"]


def run(made: Layer, shape: Shape) -> Shape:
    return apply(made, [shape], Scope()).outputs[0]


def count(name: str = "StringLookup", **config: object) -> object:
    return run(layer(name, output_mode="count", **config), (B, T))[-1]


def test_depth() -> None:
    assert count(vocabulary=WORDS) == 4
    assert count(vocabulary=WORDS, num_oov_indices=3) == 6
    assert count(vocabulary=WORDS, mask_token="") == 4
    assert count(vocabulary=["[UNK]", *WORDS]) == 4
    assert count(vocabulary=WORDS, max_tokens=9) == 4
    assert count(vocabulary=WORDS, max_tokens=9, pad_to_max_tokens=True) == 9
    assert count(max_tokens=U, pad_to_max_tokens=True) == U
    assert count(vocabulary_size=7) == 7
    assert count("IntegerLookup", vocabulary=[5, 6]) == 3
    assert count("IntegerLookup", vocabulary=[-1, 5, 6]) == 3


def test_a_vocabulary_yet_to_be_learned_has_a_letter() -> None:
    assert count() == V
    assert count(vocabulary="words.txt") == V
    assert count(max_tokens=10) == V


@pytest.mark.parametrize(
    ("mode", "shape", "output"),
    [
        ("int", (B, T, 1), (B, T, 1)),
        ("one_hot", (4,), (4, 4)),
        ("one_hot", (B, 1), (B, 4)),
        ("one_hot", (B, T), (B, T, 4)),
        ("multi_hot", (4,), (4,)),
        ("binary", (B, 3, 2), (B, 2, 4)),
        ("count", (B, T), (B, 4)),
    ],
)
def test_modes(mode: str, shape: Shape, output: Shape) -> None:
    assert run(layer("StringLookup", vocabulary=WORDS, output_mode=mode), shape) == output
    assert run(layer("IntegerLookup", vocabulary=[1, 2, 3], output_mode=mode), shape) == output


def test_weighted_modes_need_weights() -> None:
    weighted = {"output_mode": "tf-idf", "idf_weights": [0.1, 0.2, 0.3]}
    assert run(layer("StringLookup", vocabulary=WORDS, **weighted), (B, T)) == (B, 4)
    for config in (
        {"output_mode": "tf_idf", "vocabulary": WORDS},
        {"vocabulary": WORDS, "idf_weights": [0.1, 0.2, 0.3]},
        {**weighted, "vocabulary": ["a"]},
        {**weighted, "vocabulary": "words.txt"},
    ):
        with pytest.raises(SpecError):
            layer("StringLookup", **config)


@pytest.mark.parametrize(
    ("name", "config"),
    [
        ("StringLookup", {"max_tokens": 1}),
        ("StringLookup", {"num_oov_indices": -1}),
        ("StringLookup", {"pad_to_max_tokens": True}),
        ("StringLookup", {"vocabulary": []}),
        ("StringLookup", {"vocabulary": ["a", "a"]}),
        ("StringLookup", {"vocabulary": ["a", "", "b"], "mask_token": ""}),
        ("StringLookup", {"vocabulary": WORDS, "max_tokens": 3}),
        ("StringLookup", {"vocabulary": [1, 2]}),
        ("StringLookup", {"output_mode": "count", "invert": True}),
        ("StringLookup", {"vocabulary": ["a", "[UNK]"], "invert": True}),
        ("StringLookup", {"sparse": True}),
        ("StringLookup", {"vocabulary": WORDS, "output_mode": "count", "vocabulary_size": 3}),
        ("StringLookup", {"input_shape": (3,)}),
        ("IntegerLookup", {"vocabulary": ["a"]}),
        ("IntegerLookup", {"salt": 1}),
        ("IntegerLookup", {"vocabulary_dtype": "int32"}),
        ("TextVectorization", {"vocabulary": ["a", ""], "output_mode": "count"}),
        ("TextVectorization", {"standardize": "zzz"}),
        ("TextVectorization", {"split": "zzz"}),
        ("TextVectorization", {"ngrams": "x"}),
        ("TextVectorization", {"output_mode": "count", "output_sequence_length": 0}),
        ("TextVectorization", {"output_mode": "count", "ragged": True}),
    ],
)
def test_bad_arguments(name: str, config: dict[str, object]) -> None:
    with pytest.raises(SpecError):
        layer(name, **config)


def test_what_keras_takes() -> None:
    layer("IntegerLookup", salt=[1, 2], oov_method="farmhash")
    layer("StringLookup", vocabulary=["a", "[UNK]"])
    layer("StringLookup", vocabulary=["", "[UNK]", "a"], mask_token="")
    layer("TextVectorization", vocabulary=["", "[UNK]", "a"], ngrams=(1, 2), standardize=None)


@pytest.mark.parametrize("shape", [(B,), (B, 1)])
@pytest.mark.parametrize(
    ("config", "output"),
    [
        ({}, (B, N)),
        ({"output_sequence_length": 7}, (B, 7)),
        ({"output_sequence_length": U}, (B, U)),
        ({"output_sequence_length": 7, "ragged": True}, (B, N)),
        ({"vocabulary": WORDS, "output_mode": "multi_hot"}, (B, 4)),
        ({"vocabulary": WORDS, "output_mode": "one_hot"}, (B, N, 4)),
        ({"output_mode": "count"}, (B, V)),
    ],
)
def test_texts(config: dict[str, object], output: Shape, shape: Shape) -> None:
    assert run(layer("TextVectorization", **config), shape) == output


def test_texts_along_more_axes() -> None:
    assert run(layer("TextVectorization"), (B, 2, 1)) == (B, 2, N)
    made = layer("TextVectorization", vocabulary=WORDS, output_mode="count")
    assert run(made, (B, 2, 1)) == (B, N, 4)


def test_texts_that_are_split_already() -> None:
    assert run(layer("TextVectorization", split=None), (B, T)) == (B, T)
    assert run(layer("TextVectorization", split=None, ngrams=2), (B, T)) == (B, N)
    assert run(layer("TextVectorization", split=None, output_sequence_length=3), (B, T)) == (B, 3)


def test_texts_stand_alone_on_the_last_axis() -> None:
    scope = Scope()
    apply(layer("TextVectorization"), [(B, T)], scope)
    assert scope.facts.conditions() == ["T == 1"]
    with pytest.raises(ShapeError, match=r"needs texts \(batch,\) or \(batch, 1\), but gets"):
        run(layer("TextVectorization"), (B, 2))


@pytest.mark.parametrize(
    ("name", "order"),
    [
        (
            "IntegerLookup",
            (
                "max_tokens num_oov_indices mask_token oov_token vocabulary vocabulary_dtype "
                "idf_weights invert output_mode sparse pad_to_max_tokens oov_method salt"
            ),
        ),
        (
            "StringLookup",
            (
                "max_tokens num_oov_indices mask_token oov_token vocabulary idf_weights invert "
                "output_mode pad_to_max_tokens sparse encoding salt"
            ),
        ),
        (
            "TextVectorization",
            (
                "max_tokens standardize split ngrams output_mode output_sequence_length "
                "pad_to_max_tokens vocabulary idf_weights sparse ragged encoding"
            ),
        ),
    ],
)
def test_parameters_stand_in_the_order_of_keras(name: str, order: str) -> None:
    known = list(parameters(CATALOGUE.load(Entry(name, "lookup", name))))
    assert known[: len(order.split())] == order.split()

"""Losses, embeddings, dropouts and distances of torch: letters, buffers, and what they refuse."""

from __future__ import annotations

import pytest

import shapecalc
from shapecalc.dims import Dim, Shape
from shapecalc.errors import ShapeError, SpecError
from shapecalc.layers.layer import apply
from shapecalc.layers.result import Result
from shapecalc.layers.scope import Scope

N, C, H, W, D = map(Dim, "NCHWD")


def run(name: str, *inputs: Shape, scope: Scope | None = None, **config: object) -> Result:
    return apply(shapecalc.layer(name, dialect="torch", **config), inputs, scope or Scope())


def refusal(name: str, *inputs: Shape, **config: object) -> str:
    with pytest.raises(ShapeError) as caught:
        run(name, *inputs, **config)
    return caught.value.message


@pytest.mark.parametrize(
    ("name", "config", "inputs", "output", "conditions"),
    [
        ("CrossEntropyLoss", {}, ((N, 10, H, W), (N, H, W)), (N, H, W), []),
        ("CrossEntropyLoss", {}, ((N, C), (N, 10)), (N,), ["C == 10"]),
        ("NLLLoss", {"weight": C}, ((N, 10), (N,)), (N,), ["C == 10"]),
        ("BCELoss", {}, ((N, 1), (N, D)), (N, 1), ["D == 1"]),
        (
            "BCEWithLogitsLoss",
            {"pos_weight": (3,)},
            ((N, C), (N, C)),
            (N, C),
            ["C == 3 or C == 1", "C == 3"],
        ),
        ("MultiLabelSoftMarginLoss", {}, ((N, 4), (N, 4)), (N,), []),
        ("TripletMarginLoss", {}, ((N, D), (N, D), (N, D)), (N,), []),
        ("CosineEmbeddingLoss", {}, ((N, 8), (N, 8), (N,)), (N,), []),
        ("GaussianNLLLoss", {}, ((N, 8), (N, 8), (N,)), (N, 8), []),
        ("CTCLoss", {"blank": 3}, ((50, N, C), (N, 9), (N,), (N,)), (N,), ["C >= 4"]),
    ],
)
def test_letters(
    name: str,
    config: dict[str, object],
    inputs: tuple[Shape, ...],
    output: Shape,
    conditions: list[str],
) -> None:
    scope = Scope()
    assert run(name, *inputs, scope=scope, reduction="none", **config).outputs == (output,)
    asked = [str(truth) for _, truth in scope.required]
    assert list(dict.fromkeys(asked)) == conditions
    assert run(name, *inputs, **config).outputs == ((),)


def test_what_torch_only_warns_of_passes_with_the_broadcast_shape() -> None:
    assert run("MSELoss", (5, 1), (5,), reduction="none").outputs == ((5, 5),)
    assert "needs a target of the shape of its input, (5, 1)" in refusal("BCELoss", (5, 1), (5,))


def test_older_names_of_the_reduction_come_first() -> None:
    assert run("L1Loss", (5,), (5,), reduce=False).outputs == ((5,),)
    assert run("L1Loss", (5,), (5,), size_average=False, reduction="none").outputs == ((),)
    assert run("L1Loss", (5,), (5,), reduction="elementwise_mean").outputs == ((),)
    assert run("KLDivLoss", (4, 5), (4, 5), reduction="batchmean").outputs == ((),)


@pytest.mark.parametrize("name", ["GaussianNLLLoss", "PoissonNLLLoss", "MultiLabelSoftMarginLoss"])
def test_these_take_no_older_word_for_mean(name: str) -> None:
    with pytest.raises(SpecError, match="reduction takes none, mean or sum"):
        shapecalc.layer(name, dialect="torch", reduction="elementwise_mean")


def test_weights_of_classes_are_buffers() -> None:
    result = run("BCEWithLogitsLoss", (5, 3), (5, 3), weight=(5, 1), pos_weight=(3,))
    assert [(weight.name, weight.shape) for weight in result.weights] == [
        ("weight", (5, 1)),
        ("pos_weight", (3,)),
    ]
    assert (result.params, result.buffers) == (0, 8)


@pytest.mark.parametrize(
    ("name", "config", "inputs", "part"),
    [
        (
            "CrossEntropyLoss",
            {},
            ((5, 10), (5, 1)),
            "wants class numbers (5,) or probabilities (5, 10) for an output of (5, 10)",
        ),
        ("CrossEntropyLoss", {"weight": (9,)}, ((5, 10), (5,)), "needs one weight for each of 10"),
        ("NLLLoss", {}, ((5, 10), (5, 10)), "wants class numbers (5,) for an output of (5, 10)"),
        ("BCELoss", {"weight": (2, 5, 3)}, ((5, 3), (5, 3)), "weight that broadcasts to a shape"),
        ("SoftMarginLoss", {}, ((4, 5), (3, 4, 5)), "target that broadcasts to a shape"),
        ("GaussianNLLLoss", {}, ((4, 3, 2), (4, 3, 2), (4, 1, 1)), "needs a var of (4, 3, 2)"),
        ("MultiMarginLoss", {}, ((5, 3), (4,)), "a class for each row of (5, 3), but gets (4,)"),
        (
            "CTCLoss",
            {"blank": 4},
            ((5, 2, 4), (2, 1), (2,), (2,)),
            "has blank 4, which is none of 4",
        ),
        ("Embedding", {"num_embeddings": 5, "embedding_dim": 2, "padding_idx": 5}, ((4,),), "5"),
    ],
)
def test_refused(
    name: str, config: dict[str, object], inputs: tuple[Shape, ...], part: str
) -> None:
    assert part in refusal(name, *inputs, **config)


@pytest.mark.parametrize(
    ("name", "config", "part"),
    [
        ("TripletMarginLoss", {"margin": 0}, "margin takes a number above 0"),
        ("MultiMarginLoss", {"p": 3}, "p takes 1 or 2"),
        ("CrossEntropyLoss", {"label_smoothing": 1.1}, "label_smoothing takes"),
        (
            "EmbeddingBag",
            {"num_embeddings": 5, "embedding_dim": 2, "mode": "max", "sparse": True},
            "mode max takes no sparse",
        ),
    ],
)
def test_refused_when_made(name: str, config: dict[str, object], part: str) -> None:
    with pytest.raises(SpecError) as caught:
        shapecalc.layer(name, dialect="torch", **config)
    assert part in caught.value.message


def test_padding_is_a_condition_on_a_vocabulary_in_letters() -> None:
    scope = Scope()
    run("Embedding", (N, 7), scope=scope, num_embeddings=C, embedding_dim=4, padding_idx=-3)
    assert [str(truth) for _, truth in scope.required] == ["C >= 3"]


@pytest.mark.parametrize("p", [0, 1])
def test_channels_are_looked_at_only_where_some_are_left_out(p: int) -> None:
    single = shapecalc.layer("Dropout2d", dialect="torch", p=p)
    assert single.compute_output_shape((5,), training=True) == (5,)
    with pytest.raises(ShapeError, match="at least 2 axes in training"):
        shapecalc.layer("Dropout2d", dialect="torch").compute_output_shape((5,), training=True)


def test_a_distance_may_be_that_of_the_largest_difference() -> None:
    assert run("PairwiseDistance", (N, 8), (8,), p=float("inf")).outputs == ((N,),)

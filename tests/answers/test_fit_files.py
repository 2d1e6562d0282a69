"""Training as a model file says it: the losses with which the model was compiled."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import pytest

import shapecalc
from shapecalc.answers.check import check_file

if TYPE_CHECKING:
    from pathlib import Path

    from shapecalc.answers.training import Fit

#: A model as Keras 3.15 stores it, without what is left out here.
MODEL: Final[dict[str, Any]] = {
    "module": "keras",
    "class_name": "Sequential",
    "config": {
        "name": "sequential",
        "layers": [
            {"class_name": "InputLayer", "config": {"batch_shape": [None, 8], "name": "x"}},
            {
                "class_name": "Dense",
                "config": {"name": "dense", "units": 3, "activation": "softmax"},
            },
        ],
    },
}
#: The class of a loss, and a function, as Keras stores them.
CLASS: Final[dict[str, Any]] = {
    "module": "keras.losses",
    "class_name": "CategoricalCrossentropy",
    "config": {"name": "categorical_crossentropy", "from_logits": True, "axis": -1},
    "registered_name": None,
}
FUNCTION: Final = {
    "module": "builtins",
    "class_name": "function",
    "config": "mean_squared_error",
    "registered_name": "function",
}


def fitted(loss: Any, **said: Any) -> Fit:
    """The answer for a model that was compiled with a loss."""
    return shapecalc.fit(shapecalc.load(MODEL | {"compile_config": {"loss": loss}}), **said)


@pytest.mark.parametrize(
    ("loss", "name"),
    [
        ("categorical_crossentropy", "CategoricalCrossentropy"),
        (["mse"], "MeanSquaredError"),
        ({"dense": "kl_divergence"}, "KLDivergence"),
        (CLASS, "CategoricalCrossentropy"),
        (FUNCTION, "MeanSquaredError"),
        (None, None),
        ({"module": "mine", "class_name": "Huber", "config": {}}, None),
        ({"module": "keras.losses", "class_name": "OfMine", "config": {}}, None),
    ],
)
def test_a_file_says_the_loss(loss: Any, name: str | None) -> None:
    assert fitted(loss).ends[1].loss == name


def test_the_arguments_of_a_loss_are_read() -> None:
    (problem,) = fitted(CLASS).problems
    assert problem.rule == "probabilities"
    assert problem.lines[0] == 'loss="categorical_crossentropy"'


def test_labels_are_held_against_the_loss_of_the_file() -> None:
    (problem,) = fitted("categorical_crossentropy", y=(60,)).problems
    assert problem.lines[0] == "y = keras.utils.to_categorical(y, 3)"
    network = shapecalc.load(MODEL | {"compile_config": {"loss": "categorical_crossentropy"}})
    assert shapecalc.fit(network, y=(60,), loss="sparse_categorical_crossentropy").fits


def test_check_reads_the_loss_of_a_file(tmp_path: Path) -> None:
    path = tmp_path / "model.json"
    path.write_text(json.dumps(MODEL | {"compile_config": {"loss": CLASS}}))
    assert [each.rule for each in check_file(str(path)).findings] == ["probabilities"]
    path.write_text(json.dumps(MODEL | {"compile_config": {"loss": "categorical_crossentropy"}}))
    assert check_file(str(path)).findings == ()

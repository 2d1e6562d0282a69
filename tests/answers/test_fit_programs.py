"""Training as source says it: the loss, the data and the labels, without options."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest
from terminal import called

import shapecalc
from shapecalc.answers.check import check_file

if TYPE_CHECKING:
    from pathlib import Path

    from shapecalc.answers.check import Finding
    from shapecalc.answers.training import Fit

KERAS: Final = """
import keras
import numpy as np
from keras import layers

x = np.zeros(({x}))
y = np.zeros(({y}))
model = keras.Sequential([
    keras.Input((28, 28, 1)),
    layers.Conv2D(8, 3),
    layers.Flatten(),
    layers.Dense({units}, activation={activation!r}),
])
model.compile(optimizer="adam", loss={loss})
model.fit(x, y, epochs=2)
"""
TORCH: Final = """
import torch
from torch import nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(784, {units})

    def forward(self, x):
        x = self.fc(x.view(-1, 784))
        return {given}


def train(model, loader):
    criterion = nn.{loss}()
    for data, target in loader:
        output = model(data)
        loss = criterion({compared}, target)
        loss.backward()


model = Net()
"""


def fitted(tmp_path: Path, text: str) -> Fit:
    """The answer for a program, which is given no options."""
    path = tmp_path / "train.py"
    path.write_text(text)
    return shapecalc.fit(shapecalc.load(path))


def found(tmp_path: Path, text: str) -> list[Finding]:
    """What `check` finds in a program."""
    path = tmp_path / "train.py"
    path.write_text(text)
    return list(check_file(str(path)).findings)


def keras(
    x: str = "600, 28, 28, 1",
    y: str = "600, 10",
    loss: str = '"categorical_crossentropy"',
    activation: str = "softmax",
    units: int = 10,
) -> str:
    """A program that trains a model of Keras."""
    return KERAS.format(x=x, y=y, loss=loss, activation=activation, units=units)


def torch(
    given: str = "x", loss: str = "CrossEntropyLoss", compared: str = "output", units: int = 10
) -> str:
    """A program that trains a module."""
    return TORCH.format(given=given, loss=loss, compared=compared, units=units)


def test_source_that_fits_has_no_problems(tmp_path: Path) -> None:
    fit = fitted(tmp_path, keras(x="600, 28, 28"))
    assert fit.problems == ()
    assert [(end.end, end.given, end.loss) for end in fit.ends] == [
        ("x", (600, 28, 28), None),
        ("y", (600, 10), "CategoricalCrossentropy"),
    ]


@pytest.mark.parametrize(
    ("text", "rule", "line"),
    [
        (keras(y="600,"), "labels", "y = keras.utils.to_categorical(y, 10)"),
        (
            keras(loss="keras.losses.SparseCategoricalCrossentropy()"),
            "labels",
            "y = y.argmax(-1)",
        ),
        (keras(loss="keras.losses.sparse_categorical_crossentropy"), "labels", "y = y.argmax(-1)"),
        (
            keras(activation="linear"),
            "logits",
            "loss=keras.losses.CategoricalCrossentropy(from_logits=True)",
        ),
        (keras(units=1, y="600,", loss='"bce"'), "softmax-of-one", ""),
    ],
)
def test_what_is_wrong_with_labels_is_at_the_loss(
    tmp_path: Path, text: str, rule: str, line: str
) -> None:
    (problem,) = fitted(tmp_path, text).problems
    assert problem.rule == rule
    assert line in ("", *problem.lines)
    assert problem.place is not None
    assert problem.place.text.startswith("model.compile(")
    (finding,) = found(tmp_path, text)
    assert (finding.rule, finding.line) == (rule, problem.place.line)


def test_data_of_the_source_are_turned(tmp_path: Path) -> None:
    path = tmp_path / "train.py"
    path.write_text(keras(x="600, 1, 28, 28"))
    done = called("fit", str(path))
    assert done.code == 1
    row = done.out.splitlines()[0].split("\t")
    assert row[:6] == ["x", "input_layer", "600,1,28,28", "B,28,28,1", "error", "data"]
    assert row[7] == "x = np.moveaxis(x, 1, -1)"


def test_a_repair_of_source_is_a_line(tmp_path: Path) -> None:
    (problem,) = fitted(tmp_path, keras(activation="sigmoid")).problems
    assert problem.rule == "sigmoid-of-several"
    assert problem.spec is not None
    assert "activation='softmax'" in problem.spec.replace('"', "'")


def test_options_come_before_what_the_source_says(tmp_path: Path) -> None:
    path = tmp_path / "train.py"
    path.write_text(keras(y="600,"))
    network = shapecalc.load(path)
    assert shapecalc.fit(network, loss="sparse_categorical_crossentropy").problems == ()
    assert shapecalc.fit(network, y=(600, 10)).problems == ()


@pytest.mark.parametrize(
    ("given", "loss", "rule"),
    [
        ("F.softmax(x, dim=1)", "CrossEntropyLoss", "probabilities"),
        ("torch.sigmoid(x)", "BCEWithLogitsLoss", "probabilities"),
        ("x", "NLLLoss", "logits"),
        ("x", "BCELoss", "logits"),
    ],
)
def test_a_loss_in_a_loop_over_data_is_known(
    tmp_path: Path, given: str, loss: str, rule: str
) -> None:
    text = torch(given=given, loss=loss)
    (problem,) = fitted(tmp_path, text).problems
    assert problem.rule == rule
    assert [(each.rule, each.text.strip()) for each in found(tmp_path, text)] == [
        (rule, "loss = criterion(output, target)")
    ]


@pytest.mark.parametrize(
    "text",
    [
        torch(),
        torch(given="F.log_softmax(x, dim=1)", loss="NLLLoss"),
        torch(given="torch.sigmoid(x)", loss="BCELoss"),
        # What the loss gets is not what the model gives.
        torch(loss="NLLLoss", compared="F.log_softmax(output, 1)"),
        torch(loss="BCELoss", compared="output.sigmoid()"),
        torch(given="F.softmax(x, 1)", compared="output.log()"),
        torch(loss="NLLLoss").replace(
            "output = model(data)", "output = model(data).log_softmax(1)"
        ),
        torch(loss="NLLLoss").replace(
            "        loss =", "        output = torch.log(output)\n        loss ="
        ),
        keras(loss="None"),
        keras(loss="keras.losses.CategoricalCrossentropy(True)", activation="linear"),
        keras(
            loss="keras.losses.CategoricalCrossentropy(from_logits=unknown())", activation="linear"
        ).replace("x =", "from mine import unknown\n\nx =", 1),
        keras(loss="lambda a, b: a", y="600, 4"),
        keras(loss="my_loss", y="600, 4").replace(
            "x =", "def my_loss(a, b):\n    return a\n\nx =", 1
        ),
        keras(y="600, 10", loss='"binary_crossentropy"', activation="sigmoid"),
    ],
)
def test_check_finds_nothing_where_nothing_is_known_to_be_wrong(tmp_path: Path, text: str) -> None:
    assert found(tmp_path, text) == []


def test_a_comment_silences_a_lint(tmp_path: Path) -> None:
    line = "        loss = criterion(output, target)"
    text = torch(given="F.softmax(x, dim=1)").replace(
        line, f"{line}  # shapecalc: ignore[probabilities]"
    )
    assert found(tmp_path, text) == []


def test_a_loss_of_torch_at_the_top_is_known_with_its_target(tmp_path: Path) -> None:
    text = """
import torch
from torch import nn

model = nn.Sequential(nn.Linear(8, 1))
loss = nn.MSELoss()(model(torch.randn(64, 8)), torch.randn(64))
"""
    (problem,) = fitted(tmp_path, text).problems
    assert problem.rule == "broadcast"
    assert [each.rule for each in found(tmp_path, text)] == ["broadcast"]


def test_several_outputs_have_their_own_losses(tmp_path: Path) -> None:
    text = """
import keras
import numpy as np
from keras import layers

inputs = keras.Input((8,))
one = layers.Dense(1, name="one")(inputs)
many = layers.Dense(5, activation="softmax", name="many")(inputs)
model = keras.Model(inputs, [one, many])
model.compile("adam", loss={"one": "mse", "many": "categorical_crossentropy"})
model.fit(np.zeros((60, 8)), {"one": np.zeros((60,)), "many": np.zeros((60,))})
"""
    (problem,) = fitted(tmp_path, text).problems
    assert (problem.name, problem.rule) == ("many", "labels")
    listed = text.replace('{"one": "mse", "many":', '["mse",').replace('tropy"}', 'tropy"]')
    assert [each.name for each in fitted(tmp_path, listed).problems] == ["many"]


def test_a_model_within_a_model_ends_in_its_own_activation(tmp_path: Path) -> None:
    text = """
import keras
from keras import layers

inner = keras.Sequential([keras.Input((8,)), layers.Dense(1, activation={activation!r})])
model = keras.Sequential([keras.Input((4,)), layers.Dense(8), inner])
model.compile("adam", "binary_crossentropy")
"""
    assert found(tmp_path, text.format(activation="sigmoid")) == []
    (finding,) = found(tmp_path, text.format(activation=None))
    assert finding.rule == "logits"


def test_a_batch_that_is_fixed_is_that_of_training(tmp_path: Path) -> None:
    text = """
import keras
import numpy as np
from keras import layers

inputs = keras.Input(batch_shape=(50, 10, 4))
model = keras.Model(inputs, layers.LSTM(8, stateful=True)(inputs))
model.compile("adam", "mse")
model.fit(np.zeros((200, 10, 4)), np.zeros((200, 8)), batch_size={batch})
"""
    assert fitted(tmp_path, text.format(batch=50)).problems == ()


def test_what_a_module_holds_and_does_not_call_is_passed_over(tmp_path: Path) -> None:
    text = torch(given="F.softmax(x, dim=1)").replace(
        "        self.fc =", "        self.spare = nn.Linear(3, 4)\n        self.fc ="
    )
    (problem,) = fitted(tmp_path, text).problems
    assert problem.rule == "probabilities"


def test_data_before_a_model_is_compiled_anew_are_of_the_loss_before(tmp_path: Path) -> None:
    text = """
import keras
import numpy as np
from keras.utils import to_categorical
(x, y), _ = keras.datasets.mnist.load_data()
model = keras.Sequential([keras.Input((28, 28)), keras.layers.Flatten(),
                          keras.layers.Dense(10, activation="softmax")])
model.compile(loss="categorical_crossentropy")
model.fit(x, to_categorical(y))
model.compile(loss="sparse_categorical_crossentropy")
"""
    path = tmp_path / "model.py"
    path.write_text(text, encoding="utf-8")
    assert check_file(str(path)).findings == ()
    path.write_text(f"{text}model.fit(x, to_categorical(y))\n", encoding="utf-8")
    assert [each.rule for each in check_file(str(path)).findings] == ["labels"]

"""Losses: what real Keras and real PyTorch take, refuse and broadcast silently."""

from __future__ import annotations

import ast
import json
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import pytest

from shapecalc.dialects import find
from shapecalc.errors import SpecError
from shapecalc.importers.python.training import LOSS_NAME
from shapecalc.layers.losses import Loss, Losses, Outcome

DATA: Final = Path(__file__).parents[1] / "data"
#: A batch that is not an other size, as 5 is in the data.
BATCH: Final = 8191


def losses(framework: str) -> Losses:
    """The losses of a framework."""
    found: Losses = import_module(f"{find(framework).catalogue.package}.losses").LOSSES
    return found


def tried() -> list[list[int]]:
    """The shapes of y that the recorder tries, without the batch."""
    tree = ast.parse((DATA / "record_fit.py").read_text())
    (value,) = (
        node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "YS"
    )
    return [list(shape) for shape in ast.literal_eval(value)]


def rows(framework: str) -> list[dict[str, Any]]:
    """What was recorded."""
    lines = (DATA / f"fit_{framework}.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines]


@pytest.mark.parametrize("framework", ["keras", "torch"])
def test_a_loss_takes_what_the_framework_takes(framework: str) -> None:
    known, ys = losses(framework), tried()
    wrong, count = [], 0
    for row in rows(framework):
        loss = known.read(row["loss"])
        output = (BATCH, *row["output"][1:])
        for rest in ys:
            key = ",".join(map(str, (row["output"][0], *rest)))
            said = row["taken"].get(key, "refused").replace("right", "fits")
            found = loss.outcome((BATCH, *rest), output, row.get("dtype")).value
            count += 1
            if found != said:
                wrong.append((row["loss"], output, rest, row.get("dtype"), said, found))
    assert not wrong
    assert count >= 400


@pytest.mark.parametrize("framework", ["keras", "torch"])
def test_every_loss_has_ground_truth(framework: str) -> None:
    recorded = {losses(framework).read(row["loss"]).name for row in rows(framework)}
    # An older name of another; those of more tensors have what is recorded of their modules.
    others = {"NLLLoss2d", "CTCLoss"}
    listed = {loss.name for loss in losses(framework).listed if not loss.order}
    assert listed - recorded <= others


@pytest.mark.parametrize("framework", ["keras", "torch"])
def test_a_name_is_that_of_one_loss(framework: str) -> None:
    known = losses(framework)
    for loss in known.listed:
        for name in (loss.name, *loss.words.split()):
            found = known.find(name)
            assert found is not None
            assert found.name == loss.name


def test_losses_are_read_as_code_says_them() -> None:
    keras, torch = losses("keras"), losses("torch")
    for text in (
        "keras.losses.CategoricalCrossentropy(from_logits=True)",
        "categorical_crossentropy:from_logits",
        "CategoricalCrossentropy:from_logits=True",
    ):
        loss = keras.read(text)
        assert (loss.name, loss.is_of_logits) == ("CategoricalCrossentropy", True)
    assert not keras.read("categorical_crossentropy:from_logits=False").is_of_logits
    assert torch.read("nn.CrossEntropyLoss()").name == "CrossEntropyLoss"
    assert torch.read("F.cross_entropy").name == "CrossEntropyLoss"


def test_a_name_that_is_no_loss_is_refused() -> None:
    with pytest.raises(SpecError) as caught:
        losses("keras").read("categorical_crossentropi")
    assert caught.value.message == "there is no loss categorical_crossentropi"
    assert str(caught.value.help).startswith("did you mean categorical_crossentropy or ")
    with pytest.raises(SpecError):
        losses("keras").read("mse(")


def test_letters_fit_where_some_number_does() -> None:
    from shapecalc.dims import Dim

    mse: Loss = losses("keras").read("mse")
    assert mse.outcome((BATCH, 50, 3), (BATCH, Dim("T"), 3)) is Outcome.FITS
    assert mse.outcome((BATCH, 50, 1), (BATCH, Dim("T"), 3)) is Outcome.BROADCASTS
    assert mse.outcome((BATCH, 50, 2), (BATCH, Dim("T"), 3)) is Outcome.REFUSED


def test_a_program_is_searched_for_losses_by_what_all_their_names_have() -> None:
    assert all(map(LOSS_NAME.search, losses("torch").names))

"""Rows: their names are those that the source gives, and else Keras's, each of them once."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import shapecalc
from shapecalc.tracing.naming import node_names


def names(spec: str) -> list[str]:
    return [row.name for row in shapecalc.trace(spec).layers]


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ("dense:4,dense:4,relu", ["dense", "dense_1", "re_lu"]),
        ("dense:4,dense:4@dense_1,dense:4", ["dense", "dense_1", "dense_2"]),
        ("dense:4,dense:4@dense", ["dense_1", "dense"]),
        ("dense:4@dense,dense:4@dense_1,use:@dense", ["dense", "dense_1", "dense_2"]),
        ("dense:4@x_1,2x-dense:4@x,dense:4@x_2", ["x_1", "x", "x_3", "x_2"]),
        ('dense:4,dense:4:name="dense"', ["dense_1", "dense"]),
        ("in:B:4@dense,dense:4", ["dense_1"]),
    ],
)
def test_names_that_the_spec_gives_are_reserved(spec: str, said: list[str]) -> None:
    assert names(spec) == said


LABELS = ("", "", "@dense", "@dense_1", "@re_lu_1", "@a", "", "@a_1")


@given(st.lists(st.sampled_from(["dense:4", "relu"]), min_size=1), st.permutations(LABELS))
def test_names_are_unique_and_given_ones_are_kept(steps: list[str], labels: list[str]) -> None:
    labels += [""] * len(steps)
    spec = ",".join(map("".join, zip(steps, labels, strict=False)))
    found = names(spec)
    assert len(set(found)) == len(found)
    assert all(not label or label == f"@{name}" for name, label in zip(found, labels, strict=False))


def test_a_second_application_is_not_called_as_another_layer_of_the_model() -> None:
    def dense(name: str, *read: str) -> dict[str, Any]:
        return {
            "class_name": "Dense",
            "config": {"units": 4},
            "name": name,
            "inbound_nodes": [[[each, 0, 0, {}]] for each in read],
        }

    entry = {
        "class_name": "InputLayer",
        "config": {"batch_input_shape": [None, 4]},
        "name": "x",
        "inbound_nodes": [],
    }
    layers = [entry, dense("dense", "x", "dense_1"), dense("dense_1", "dense")]
    config = {"layers": layers, "input_layers": [["x", 0, 0]], "output_layers": [["dense", 1, 0]]}
    network = shapecalc.load({"class_name": "Functional", "config": config})
    assert node_names(network) == ["x", "dense", "dense_1", "dense_2"]
    assert [row.params for row in shapecalc.trace(network).layers] == [20, 20, 0]

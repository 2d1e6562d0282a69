"""Networks that were not read from a spec are written as one that traces to the same shapes."""

from __future__ import annotations

from typing import Any

import pytest

import shapecalc
from shapecalc.dims import Dim
from shapecalc.errors import SpecError
from shapecalc.language.writer import write_network
from shapecalc.network import STATES, Apply, Input, Network, Node, Requirement, Tensor

B, T = Dim("B"), Dim("T")


def dense(units: int = 8, **config: Any) -> Any:
    return shapecalc.layer("Dense", units=units, **config)


def network(*nodes: Node, outputs: tuple[Tensor, ...] | None = None) -> Network:
    return Network(nodes, outputs or (Tensor(len(nodes) - 1),))


def after(node: int, *, port: int = 0, layer: Any = None, **rest: Any) -> Apply:
    return Apply(layer or dense(), (Tensor(node, port),), **rest)


IN = Input((B, 8))
STEPS = Input((B, T, 4))
ADD = shapecalc.layer("Add")
CASES: list[tuple[Network, str]] = [
    (network(IN, after(0), after(1)), "in:B:8,dense:8,dense:8"),
    (network(IN, after(0, label="first"), after(1)), "in:B:8,dense:8@first,dense:8"),
    (network(IN, after(0, label="dense_7"), after(1)), "in:B:8,dense:8,dense:8"),
    (
        network(IN, after(0), Apply(ADD, (Tensor(1), Tensor(0)))),
        "in:B:8@input_layer,dense:8,add:@input_layer",
    ),
    (
        network(IN, after(0), after(0), Apply(ADD, (Tensor(1), Tensor(2)))),
        "in:B:8@input_layer,dense:8@dense,@input_layer,dense:8@dense_1,@dense,add:@dense_1",
    ),
    (
        network(IN, after(0), after(1, shares=1)),
        "in:B:8,dense:8@dense,use:@dense",
    ),
    (
        network(IN, Requirement(Tensor(0), (None, 8)), after(0)),
        "in:B:8,is:_:8,dense:8",
    ),
    (
        network(
            STEPS,
            after(0, layer=shapecalc.layer("LSTM", units=3, return_state=True)),
            Apply(shapecalc.layer("LSTM", units=3), (Tensor(0), Tensor(1, STATES))),
        ),
        "in:B:T:4@input_layer,lstm:3:state@lstm,@input_layer,lstm:3:initial_state=@lstm",
    ),
    (
        network(IN, after(0), after(0), outputs=(Tensor(1), Tensor(2))),
        "in:B:8@input_layer,dense:8@dense,@input_layer,dense:8@dense_1,@dense",
    ),
    (
        network(IN, after(0), after(1), outputs=(Tensor(2), Tensor(1))),
        "in:B:8,dense:8@dense,dense:8@dense_1,@dense,id,@dense_1",
    ),
]


@pytest.mark.parametrize(("made", "spec"), CASES, ids=[spec for _, spec in CASES])
def test_a_network_is_written(made: Network, spec: str) -> None:
    assert write_network(made) == spec
    read, ours = shapecalc.trace(shapecalc.parse(spec)), shapecalc.trace(made)
    assert read.outputs == ours.outputs
    assert read.params == ours.params


def test_what_no_output_needs_is_left_out() -> None:
    made = network(IN, after(0, layer=dense(3)), after(0), outputs=(Tensor(2),))
    assert write_network(made) == "in:B:8,dense:8"


@pytest.mark.parametrize("label", ["in", "Conv 1", "7", "use", "a/b"])
def test_labels_that_cannot_be_are_made_to_some(label: str) -> None:
    made = network(IN, after(0, label=label), Apply(ADD, (Tensor(1), Tensor(0))))
    text = write_network(made)
    assert shapecalc.trace(text).outputs == shapecalc.trace(made).outputs


@pytest.mark.parametrize(
    "made",
    [
        network(Input(()), after(0)),
        network(IN, Input((B, 3), "side"), after(0)),
    ],
)
def test_what_no_spec_can_say_is_refused(made: Network) -> None:
    with pytest.raises(SpecError, match="be written in a spec"):
        write_network(made)

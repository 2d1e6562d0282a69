"""A network is plain data: equal where its nodes are, edited by copying, the same after pickling."""

from __future__ import annotations

import copy
import pickle

import pytest

import shapecalc
from shapecalc.network import (
    STATES,
    Apply,
    Input,
    Insert,
    LeaveOut,
    Network,
    Replace,
    Requirement,
    Reshape,
    Tensor,
)
from shapecalc.network.editing import edited

DENSE = shapecalc.layer("Dense", units=4)
RELU = shapecalc.layer("ReLU")


def made(*, units: int = 4, label: str | None = "out", shares: int | None = 1) -> Network:
    """An input of 4 numbers, two dense layers that may share their weights, a check."""
    dense = shapecalc.layer("Dense", units=units)
    return Network(
        [
            Input((8, 4), "x"),
            Apply(dense, (Tensor(0),)),
            Apply(dense, (Tensor(1),), label, None, shares),
            Requirement(Tensor(2), (8, None)),
        ],
        [Tensor(2)],
    )


def test_networks_are_equal_where_their_nodes_are() -> None:
    assert made() == made()
    assert hash(made()) == hash(made())
    others = [made(units=5), made(label=None), made(shares=None)]
    assert all(other != made() for other in others)
    fewer = Network(made().nodes[:3], [Tensor(2)])
    assert fewer != made()
    assert Network(fewer.nodes, [Tensor(1)]) != fewer
    assert fewer != fewer.nodes


def test_where_it_came_from_is_no_part_of_what_it_is() -> None:
    network = shapecalc.parse(" in:8:4@x , dense:4 # note")
    assert network == shapecalc.parse("in:8:4@x,fc:4")
    assert network.nodes[1].origin is not None
    assert Network(network.nodes, network.outputs) == network


def test_layers_that_share_their_weights_are_the_same() -> None:
    trace = shapecalc.trace(made())
    assert [row.params for row in trace.layers] == [20, 0]
    assert trace.layers[1].shares == "dense"


@pytest.mark.parametrize("spec", ["in:8:4@x,(dense:4)@t,use:@t,is:8:_", "conv1d:8:3,lstm:4"])
def test_a_network_and_its_source_stay_what_they_are(spec: str) -> None:
    network = shapecalc.parse(spec)
    for other in (pickle.loads(pickle.dumps(network)), copy.deepcopy(network)):  # noqa: S301  (made here)
        assert other == network
        assert str(other) == str(network)
        place = len(network.nodes) - 2
        assert other.source.edited([Insert(place, (RELU,))]).text == (
            network.source.edited([Insert(place, (RELU,))]).text  # type: ignore[union-attr]
        )


def test_a_made_network_has_no_text() -> None:
    with pytest.raises(shapecalc.SpecError):
        str(made())
    assert shapecalc.trace(made()).to_dict()["spec"] is None


def test_edits_leave_the_network_as_it_was() -> None:
    network = made()
    other = edited(network, [Insert(1, (RELU,)), Reshape(0, (2, 4))])
    assert network == made()
    assert [type(node).__name__ for node in other.nodes] == [
        *("Input", "Apply", "Apply", "Apply", "Requirement"),
    ]
    first = other.nodes[0]
    assert isinstance(first, Input)
    assert first.shape == (2, 4)
    assert other.outputs == (Tensor(3),)
    assert edited(network, []) == network


def test_all_that_share_a_layer_get_the_one_in_its_place() -> None:
    for place in (1, 2):
        nodes = edited(made(units=5), [Replace(1, DENSE)]).nodes
        node = nodes[place]
        assert isinstance(node, Apply)
        assert node.layer == DENSE


def test_the_first_that_is_left_owns_shared_weights() -> None:
    network = edited(made(), [LeaveOut(1)])
    node = network.nodes[1]
    assert isinstance(node, Apply)
    assert (node.shares, node.inputs) == (None, (Tensor(0),))


def test_a_layer_that_reads_a_tensor_twice_reads_what_is_inserted_twice() -> None:
    attention = shapecalc.layer("MultiHeadAttention", num_heads=2, key_dim=4)
    nodes = [Input((8, 5, 4)), Apply(attention, (Tensor(0), Tensor(0)))]
    node = edited(Network(nodes, [Tensor(1)]), [Insert(1, (RELU,))]).nodes[2]
    assert isinstance(node, Apply)
    assert node.inputs == (Tensor(1), Tensor(1))
    add = shapecalc.layer("Add")
    nodes = [Input((8, 5, 4)), Apply(add, (Tensor(0), Tensor(0)))]
    node = edited(Network(nodes, [Tensor(1)]), [Insert(1, (RELU,), 1)]).nodes[2]
    assert isinstance(node, Apply)
    assert node.inputs == (Tensor(0), Tensor(1))


def test_edits_that_make_no_network_are_refused() -> None:
    lstm = shapecalc.layer("LSTM", units=4, return_state=True)
    again = Apply(shapecalc.layer("LSTM", units=4), (Tensor(0), Tensor(1, STATES)))
    network = Network([Input((8, 5, 4)), Apply(lstm, (Tensor(0),)), again], [Tensor(2)])
    for edit in (LeaveOut(1), Insert(0, (RELU,)), Reshape(1, (8,))):
        with pytest.raises(shapecalc.SpecError):
            edited(network, [edit])

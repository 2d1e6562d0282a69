"""Edits of nodes, as they are written into the text of a spec: all else stays as it was."""

from __future__ import annotations

from typing import Any

import pytest
import strategies
from hypothesis import given
from hypothesis import strategies as st

import shapecalc
from shapecalc.language.source import MadeSource
from shapecalc.network import (
    STATES,
    Apply,
    Edit,
    Input,
    Insert,
    Joined,
    LeaveOut,
    Network,
    Read,
    Replace,
    Requirement,
    Reshape,
    Tensor,
)
from shapecalc.network.editing import edited
from shapecalc.repair.layers import changed

RELU = shapecalc.layer("ReLU")


def place(network: Network, layer: str, nth: int = 0) -> int:
    """Where the nth layer of a class stands, wrapped or not."""
    found = [
        place
        for place, node in enumerate(network.nodes)
        if isinstance(node, Apply) and layer in repr(node.layer)
    ]
    return found[nth]


def written(spec: str, *edits: Edit) -> str:
    """The text that edits leave."""
    source = shapecalc.parse(spec).source
    assert source is not None
    text = source.edited(edits).text
    assert text is not None
    return text


def with_argument(spec: str, layer: str, nth: int = 0, **arguments: Any) -> str:
    network = shapecalc.parse(spec)
    where = place(network, layer, nth)
    node = network.nodes[where]
    assert isinstance(node, Apply)
    other = changed(node.layer, **arguments)
    assert other is not None
    return written(spec, Replace(where, other))


@pytest.mark.parametrize(
    ("spec", "layer", "arguments", "text"),
    [
        ("  lstm : 8 , relu # note", "LSTM", {"return_sequences": True}, "  lstm : 8:seq , relu # note"),
        ("lstm:8:return_sequences=False", "LSTM", {"return_sequences": True}, "lstm:8:return_sequences=True"),
        ("lstm:8:seq@x,relu", "LSTM", {"return_sequences": False}, "lstm:8:return_sequences=False@x,relu"),
        ("bi-lstm:8:sum", "LSTM", {"return_sequences": True}, "bi-lstm:8:sum:seq"),
        ("bi(lstm:3|gru:3:go_backwards)", "LSTM", {"return_sequences": True}, "bi(lstm:3:seq|gru:3:go_backwards:seq)"),
        ("rnn(lstmcell:3|lstmcell:4)@a", "RNN", {"return_sequences": True}, "rnn(lstmcell:3|lstmcell:4):seq@a"),
        ("in:B:9:9:4,conv2d:4:3:valid:relu", "Conv2D", {"padding": "same"}, "in:B:9:9:4,conv2d:4:3:same:relu"),
        ('in:B:9:4,conv1d:4:3:1:"valid"', "Conv1D", {"padding": "causal"}, 'in:B:9:4,conv1d:4:3:1:"causal"'),
        ("in:B:9:4,conv1d:4:3:p=valid", "Conv1D", {"padding": "same"}, "in:B:9:4,conv1d:4:3:p=same"),
        ("in:B:9:4,3x-conv1d:4:3", "Conv1D", {"padding": "same"}, "in:B:9:4,3x-conv1d:4:3:same"),
        ("in:B:9:9:4,td(conv1d:4:3, relu)", "Conv1D", {"padding": "same"}, "in:B:9:9:4,td(conv1d:4:3:same, relu)"),
        ("in:B:9:4,spectralnormalization(conv1d:4:3)", "Conv1D", {"padding": "same"}, "in:B:9:4,spectralnormalization(conv1d:4:3:same)"),
        ("in:B:8,reshape: 2:4", "Reshape", {"target_shape": (2, -1)}, "in:B:8,reshape: 2:-1"),
        ("in:B:8,reshape:(2,4)", "Reshape", {"target_shape": (-1, 4)}, "in:B:8,reshape:-1:4"),
        ("in:B:8:4,reshape:target_shape=(2,16)", "Reshape", {"target_shape": (-1, 16)}, "in:B:8:4,reshape:target_shape=(-1,16)"),
        ("in:B:9:4,conv1d:8:3:g=4,id", "Conv1D", {"groups": 2}, "in:B:9:4,conv1d:8:3:g=2,id"),
        ("in:B:8:8:8,prelu", "PReLU", {"shared_axes": [1, 2]}, "in:B:8:8:8,prelu:shared_axes=1x2"),
    ],
)  # fmt: skip
def test_an_argument_is_written_where_it_stands_or_behind_the_others(
    spec: str, layer: str, arguments: dict[str, Any], text: str
) -> None:
    assert with_argument(spec, layer, **arguments) == text


def test_a_layer_that_is_used_again_is_edited_where_it_is_written() -> None:
    spec = "in:B:9:4,(conv1d:4:3)@t,use:@t"
    assert with_argument(spec, "Conv1D", 1, padding="same") == "in:B:9:4,(conv1d:4:3:same)@t,use:@t"


TD = shapecalc.layer("TimeDistributed", layer={"layer": "ReLU"})


@pytest.mark.parametrize(
    ("spec", "layer", "text"),
    [
        ("in:B:9:4,relu@x,id", TD, "in:B:9:4,td-relu@x,id"),
        ("in:B:9:4,2x-relu", TD, "in:B:9:4,2x-td-relu"),
        ("in:B:9:4,td -relu,id", RELU, "in:B:9:4,relu,id"),
        ("in:B:9:4,3x-td-relu", RELU, "in:B:9:4,3x-relu"),
        ("in:B:9:4,relu@x,id", shapecalc.layer("Flatten"), "in:B:9:4,flatten@x,id"),
    ],
)
def test_a_wrapper_is_a_prefix(spec: str, layer: Any, text: str) -> None:
    assert written(spec, Replace(place(shapecalc.parse(spec), "ReLU"), layer)) == text


@pytest.mark.parametrize(
    ("spec", "read", "text"),
    [
        ("in:B:4,dense:4,id", 0, "in:B:4,dense:4,relu,id"),
        ("in:B:4,2x-id", 0, "in:B:4,relu,2x-id"),
        ("in:B:4@x,dense:4,id@y,add:@x", 0, "in:B:4@x,dense:4,relu,id@y,add:@x"),
        ("in:B:4,(dense:4,id)@t", 0, "in:B:4,(dense:4,relu,id)@t"),
    ],
)
def test_layers_are_inserted_before_a_step(spec: str, read: int, text: str) -> None:
    where = place(shapecalc.parse(spec), "Identity")
    assert written(spec, Insert(where, (RELU,), read)) == text


@pytest.mark.parametrize(
    ("read", "text"),
    [(0, "in:B:4,add(dense:4,relu| )"), (1, "in:B:4,add(dense:4| relu)")],
)
def test_layers_are_inserted_at_the_end_of_a_branch(read: int, text: str) -> None:
    spec = "in:B:4,add(dense:4| )"
    assert written(spec, Insert(place(shapecalc.parse(spec), "Add"), (RELU,), read)) == text


def test_inside_a_wrapped_group_only_what_is_wrapped_can_be_inserted() -> None:
    spec = "in:B:3:4:4,td(conv1d:4:3,flatten)"
    where = place(shapecalc.parse(spec), "Flatten")
    assert written(spec, Insert(where, (TD,))) == "in:B:3:4:4,td(conv1d:4:3,relu,flatten)"
    with pytest.raises(shapecalc.SpecError):
        written(spec, Insert(where, (RELU,)))


def test_an_input_gets_another_shape() -> None:
    size = shapecalc.Dim("T")
    assert written("in: B:4@x , relu", Reshape(0, (2, size, 4))) == "in:2:T:4@x , relu"
    assert written("# note\nrelu,id", Reshape(0, (2, size - 1))) == "# note\nin:2:T-1,relu,id"
    said = written("dialect:keras1,relu", Reshape(0, (2, 4)))
    assert said == "dialect:keras1,in:2:4,relu"


@pytest.mark.parametrize(
    ("spec", "edits"),
    [
        ("in:B:4@x,relu@y,add:@x", [LeaveOut(1)]),
        ("in:B:4,add(relu|)", [LeaveOut(2)]),
        ("in:B:4@x,id,add:@x", [Insert(2, (RELU,), 2)]),
        ("in:B:4,relu", [Insert(0, (RELU,))]),
        ("in:B:4,relu", [Reshape(1, (2, 4))]),
        ("in:B:4,relu,is:B:4", [LeaveOut(2)]),
        ("in:B:4,relu", [LeaveOut(1)]),
        ("in:B:4,relu,id", [LeaveOut(1), Replace(1, TD)]),
        ("in:B:4@x,relu,add:@x", [Replace(2, RELU)]),
    ],
)
def test_what_cannot_be_written_is_refused(spec: str, edits: list[Edit]) -> None:
    with pytest.raises(shapecalc.SpecError):
        written(spec, *edits)


def said(network: Network) -> Any:
    """What a network is, in whatever order its nodes stand."""
    known: list[Any] = []

    def of(tensor: Tensor) -> Any:
        return (known[tensor.node], tensor.port)

    for node in network.nodes:
        if isinstance(node, Input):
            known.append((node.name, node.shape))
        elif isinstance(node, Apply):
            known.append((node.layer, node.label, tuple(map(of, node.inputs))))
        else:
            known.append((of(node.tensor), node.pattern))
    required = [known[p] for p, n in enumerate(network.nodes) if isinstance(n, Requirement)]
    return [of(tensor) for tensor in network.outputs], required


def editable(network: Network) -> list[Edit]:
    """Edits of all kinds that can be written."""
    found: list[Edit] = []
    left = sum(isinstance(node, Apply) for node in network.nodes)
    for place, node in enumerate(network.nodes):
        if isinstance(node, Input):
            found.append(Reshape(place, (7, *node.shape[1:])))
        elif isinstance(node, Apply):
            found.append(Insert(place, (RELU, RELU)))
            if not node.layer.merges:
                found.append(Replace(place, shapecalc.layer("TimeDistributed", layer=node.layer)))
                found += [] if node.label or left == 1 else [LeaveOut(place)]
            for name, value in {"padding": "same", "filters": 3, "units": 5, "strides": 4}.items():
                if hasattr(node.layer, name) and (other := changed(node.layer, **{name: value})):
                    found.append(Replace(place, other))
    return found


@given(st.integers(1, 2).flatmap(strategies.cases), st.data())
def test_an_edited_text_reads_as_the_edited_network(
    case: strategies.Case, data: st.DataObject
) -> None:
    network = shapecalc.parse(case.spec)
    edit = data.draw(st.sampled_from(editable(network)))
    assert network.source is not None
    again = network.source.edited([edit]).read({}, {})
    assert said(again) == said(edited(network, [edit])), (case.spec, edit)
    assert said(network.source.read({}, {})) == said(network)


@given(st.integers(1, 2).flatmap(strategies.cases), st.data())
def test_a_network_that_was_made_is_edited_as_the_spec_that_it_is_written_as(
    case: strategies.Case, data: st.DataObject
) -> None:
    network = shapecalc.parse(case.spec)
    edit = data.draw(st.sampled_from(editable(network)))
    again = MadeSource(network).edited([edit]).read({}, {})
    assert str(again.source) == str(MadeSource(edited(network, [edit])))


@pytest.mark.parametrize(
    ("spec", "layer", "read", "text"),
    [
        ("in:B:8@x,dense:8,add:@x", "Add", 1, "in:B:8@x,relu@p,@x,dense:8,add:@p"),
        ("in:B:8@p,dense:8,add:@p", "Add", 1, "in:B:8@p,relu@p_1,@p,dense:8,add:@p_1"),
        ("in:B:8@x,in:B:8@y,add:@x", "Add", 1, "in:B:8@x,relu@p,in:B:8@y,add:@p"),
        ("in:B:8,(dense:8,id)@x , dense:8,add:@x", "Add", 1, "in:B:8,(dense:8,id)@x,relu@p,@x , dense:8,add:@p"),
        ("in:B:8,2x(dense:8@x,dense:8,add:@x)", "Add", 1, "in:B:8,2x(dense:8@x,relu@p,@x,dense:8,add:@p)"),
        ("in:B:8@x,concat(dense:8|dense:4):@x", "Concat", 2, "in:B:8@x,relu@p,@x,concat(dense:8|dense:4):@p"),
        ("in:B:8@x,add(dense:8|dense:8@y,id|),add:@y", "Add", 1, "in:B:8@x,add(dense:8|dense:8@y,id,relu|),add:@y"),
        ("in:B:4:8,lstm:8:state@e,dense:8,add:@e.1", "Add", 1, "in:B:4:8,lstm:8:state@e,@e.1,relu@p,@e,dense:8,add:@p"),
    ],
)  # fmt: skip
def test_layers_come_between_a_label_and_what_reads_it(
    spec: str, layer: str, read: int, text: str
) -> None:
    found = written(spec, Insert(place(shapecalc.parse(spec), layer), (RELU,), read))
    assert found == text
    assert any(row.layer == "ReLU" for row in shapecalc.trace(found).layers)


JOIN = shapecalc.layer("Concatenate")


@pytest.mark.parametrize(
    ("tensors", "text"),
    [
        ((Tensor(1, 1),), "in:B:T:4@x,gru:8:state@e,in:B:U:4,gru:8:initial_state=@e.1"),
        ((Tensor(1, STATES),), "in:B:T:4@x,gru:8:state@e,in:B:U:4,gru:8:initial_state=@e"),
        (
            (Joined(JOIN, (Tensor(1, 0), Tensor(1, 1)), "h"), Tensor(0)),
            "in:B:T:4@x,gru:8:state@e,@e.0,concat:@e.1@h,in:B:U:4,gru:8:initial_state=(@h,@x.0)",
        ),
    ],
)
def test_a_layer_reads_other_tensors(tensors: tuple[Tensor | Joined, ...], text: str) -> None:
    spec = "in:B:T:4@x,gru:8:state@e,in:B:U:4,gru:8:initial_state=(@e.0,@e.1)"
    edit = Read(3, tensors)
    assert written(spec, edit) == text
    network = shapecalc.parse(spec)
    made = MadeSource(Network(network.nodes, network.outputs)).edited([edit])
    assert shapecalc.parse(str(made)) == edited(network, [edit]) or len(tensors) > 1


def test_what_reads_no_label_reads_no_other() -> None:
    spec = "in:B:8@x,dense:8,add:@x"
    for edit in (Read(1, (Tensor(0),)), Read(2, (Tensor(0),)), Insert(1, (RELU,), 1)):
        with pytest.raises(shapecalc.SpecError):
            written(spec, edit)


def test_the_label_of_what_is_left_out_goes_to_the_step_before() -> None:
    spec = "in:B:4:4,dense:8 , flatten@x,dense:2,concat:@x"
    assert written(spec, LeaveOut(2)) == "in:B:4:4,dense:8@x,dense:2,concat:@x"
    for other in ("in:B:4@y,relu@x,concat:@y", "in:B:4,dense:2@y,@y,relu@x,concat:@y"):
        with pytest.raises(shapecalc.SpecError):
            written(other, LeaveOut(place(shapecalc.parse(other), "ReLU")))

"""Printing: one canonical form, which parses to the same network."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import shapecalc
from shapecalc.errors import ShapecalcError
from shapecalc.language.writer import write_network
from shapecalc.network import Apply, Input, Network


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("LSTM:64:return_sequences=True, TD-FC:3", "lstm:64:seq,td-dense:3"),
        ("conv2d:32:k=3x3:strides=1:SAME2", None),
        ("conv2d:32:kernel_size=(3,3):activation=relu:padding=same", "conv2d:32:3:same:relu"),
        ("conv1d:8:3:2", "conv1d:8:3:s=2"),
        ("conv2d:8:3x5:data_format=channels_first", "conv2d:8:3x5:channels_first"),
        ("conv2d:8:3:use_bias=False", "conv2d:8:3:nobias"),
        ("MaxPooling2D:2x2", "maxpool2d"),
        ("max_pooling2d:3:s=1:same", "maxpool2d:3:s=1:same"),
        ("in:B:28:28:1@img,flatten,dense:10:softmax", "in:B:28:28:1@img,flatten,dense:10:softmax"),
        ("in:(None, 28, 28, 1),flatten", "in:?:28:28:1,flatten"),
        ("is:B:F,dense:3,is:B:_", "is:B:F,dense:3,is:B:_"),
        ("3x-dense:8", "3x-dense:8"),
        ("3x(dense:8,relu),2x(3x-relu),1x(relu)", "3x(dense:8,relu),2x-3x-relu,relu"),
        ("td(conv2d:16:3,flatten)", "td-conv2d:16:3,td-flatten"),
        ("td-3x(dense:8,relu)", "3x(td-dense:8,td-relu)"),
        ("(dense:8,(relu))", "dense:8,relu"),
        ("timedistributed(dense:3)", "td-dense:3"),
        ('timedistributed(dense:3):name="x"', "timedistributed(dense:3):name=x"),
        ("bi-lstm:8:sum", "bi-lstm:8:sum"),
        ("bi-lstm:8:merge_mode=None", "bi-lstm:8:merge_mode=None"),
        ("bi(lstm:32|lstm:16:go_backwards)", "bi(lstm:32|lstm:16:go_backwards)"),
        ("2x-td-bi-lstm:8", "2x-td-bi-lstm:8"),
        ("reshape:-1:16,permute:2:1,repeat:T//2", "reshape:-1:16,permute:2:1,repeat:T//2"),
        ("act:gelu,activation:relu,tanh", "gelu,act:relu,tanh"),
        ("pad2d:((1,2),(3,4))", "pad2d:(1x2,3x4)"),
        ("dense:3:name='A'", 'dense:3:name="A"'),
        ('dense:3:kernel_initializer="zeros"', "dense:3:kernel_initializer=zeros"),
        ("dropout:1e-05", "dropout:1e-05"),
        ("repeat:max(T, 3)", "repeat:max(T,3)"),
        ('2x-dense:3:name="(",relu', '2x-dense:3:name="(",relu'),
        ('2x(dense:3:name="(",relu)', '2x(dense:3:name="(",relu)'),
        ("3x-dense:3:name='a,b'", '3x-dense:3:name="a,b"'),
        ("in:B:10**50,flatten", "in:B:(10000000000*10**40+0),flatten"),
    ],
)
def test_canonical_form(text: str, canonical: str | None) -> None:
    if canonical is None:
        with pytest.raises(ShapecalcError):
            shapecalc.parse(text)
        return
    network = shapecalc.parse(text)
    assert str(network) == canonical
    assert shapecalc.parse(canonical) == network
    assert str(shapecalc.parse(canonical)) == canonical


LAYERS = st.sampled_from(
    [
        "dense:{n}",
        "dense:{n}:relu:nobias",
        "lstm:{n}:seq",
        "gru:{n}:state",
        "conv1d:{n}:3:s=2:same",
        "conv2d:{n}:3x5:d=2",
        "maxpool1d:{n}",
        "dropout:0.5",
        "reshape:-1:{n}",
        "repeat:T + {n}",
        "bn:axis=1",
        "leakyrelu:0.1",
        "upsample2d:2x3:bilinear",
        "crop1d:(1,2)",
        "timedistributed(dense:{n}):trainable=False",
        "bi(gru:{n}|gru:{n}:go_backwards):ave",
        "gelu",
    ]
)
STEPS = st.builds(lambda form, n: form.format(n=n), LAYERS, st.integers(1, 9))
WRAPPED = st.one_of(
    STEPS,
    st.builds(lambda n, step: f"{n}x-{step}", st.integers(1, 3), STEPS),
    st.builds("td-{}".format, STEPS),
    st.builds("bi-lstm:{}:seq".format, st.integers(1, 9)),
)
STACKS = st.recursive(
    st.lists(WRAPPED, min_size=1, max_size=4).map(" , ".join),
    lambda inner: st.one_of(
        st.builds(lambda n, stack: f"{n}x( {stack} )", st.integers(1, 3), inner),
        st.builds("td({})".format, inner),
        st.builds("{},\n({})".format, inner, inner),
    ),
    max_leaves=5,
)


@given(STACKS)
def test_print_then_parse_is_the_identity(text: str) -> None:
    network = shapecalc.parse(text)
    printed = str(network)
    assert "\n" not in printed
    assert " " not in printed
    assert shapecalc.parse(printed) == network
    assert str(shapecalc.parse(printed)) == printed


#: Steps that make graphs of what stands before them; labels get the place of the step.
JOINS = st.sampled_from(
    [
        "dense:4@x#,relu,add:@x#",
        "add(dense:4,relu|)",
        "concat(dense:4|conv1d:4:1|)",
        "relu@re_lu_#,tanh,@re_lu_#,is:B:T:_,sigmoid,add:@re_lu_#",
        "(dense:4,relu)@tower#,use:@tower#",
        "lstm:4:seq:state@enc#,lstm:4:seq:initial_state=@enc#",
        "relu@q#,mha:2:4:kv=@q#",
        "dense:4@k#,relu@v#,tanh,attn:value=@v#:key=@k#",
        "2x(add(ln,mha:2:4|),add(ln,dense:4|))",
        "is:B:T:_",
        "td-dense:4:nobias,bi-lstm:2:seq",
    ]
)
GRAPHS = st.lists(st.one_of(JOINS, STEPS), min_size=1, max_size=5).map(
    lambda steps: ",".join(
        ["in:B:T:4", "relu", *(step.replace("#", str(place)) for place, step in enumerate(steps))]
    )
)


def bones(network: Network) -> Any:
    """What a network is, but for the labels, of which a made one needs not all."""
    nodes = [
        (node.layer, node.inputs, node.shares)
        if isinstance(node, Apply)
        else (node.shape, node.unknown)
        if isinstance(node, Input)
        else node
        for node in network.nodes
    ]
    return nodes, network.outputs


@given(st.one_of(GRAPHS, STACKS))
def test_print_then_parse_is_the_identity_for_made_networks(text: str) -> None:
    parsed = shapecalc.parse(text)
    printed = write_network(Network(parsed.nodes, parsed.outputs))
    again = shapecalc.parse(printed)
    assert bones(again) == bones(parsed)
    assert write_network(again) == printed
    assert "\n" not in printed
    assert " " not in printed


@given(
    st.lists(st.one_of(STEPS, st.builds("td-{}".format, STEPS), st.just("is:B:_"))).map(
        lambda steps: ",".join(["in:B:T:4@x", "relu", *steps])
    )
)
def test_a_line_of_layers_is_printed_the_same_however_it_was_made(text: str) -> None:
    network = shapecalc.parse(text)
    assert write_network(network) == str(network)

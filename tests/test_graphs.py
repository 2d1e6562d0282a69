"""Networks that are not line: skips, branches, groups, shared layers, several inputs and outputs."""

from __future__ import annotations

import itertools
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

import shapecalc
from shapecalc.errors import ShapecalcError, ShapeError, SpecError

UNET = """
in:B:H:W:3
conv2d:64:3:same:relu@s1, maxpool2d:2
conv2d:128:3:same:relu@s2, maxpool2d:2
conv2d:256:3:same:relu@s3, maxpool2d:2
conv2d:512:3:same:relu@s4, maxpool2d:2
conv2d:1024:3:same:relu
tconv2d:512:2:s=2, concat:@s4, conv2d:512:3:same:relu
tconv2d:256:2:s=2, concat:@s3, conv2d:256:3:same:relu
tconv2d:128:2:s=2, concat:@s2, conv2d:128:3:same:relu
tconv2d:64:2:s=2, concat:@s1, conv2d:64:3:same:relu
conv2d:1:1:sigmoid
"""
TRANSFORMER = "in:B:T:512,12x(add(ln,mha:8:64|),add(ln,dense:2048:gelu,dense:512|)),is:B:T:512"
SIAMESE = """
in:B:28:28:1@left, in:B:28:28:1@right
@left, (conv2d:16:3:relu,maxpool2d:2,flatten,dense:64)@tower
@right, use:@tower@other
@tower, sub:@other, dense:1:sigmoid
"""
SEQ2SEQ = """
in:B:S@source, in:B:T@target
@source, embedding:8000:256, lstm:512:seq:state@enc
@target, embedding:8000:256, lstm:512:seq:initial_state=@enc@dec
mha:8:64:kv=@enc, add:@dec, td-dense:8000:softmax
is:B:T:8000
"""
MODELS = {
    "unet": (UNET, ("B", "H", "W", 1), ["H % 16 == 0", "W % 16 == 0"]),
    "transformer": (TRANSFORMER, ("B", "T", 512), []),
    "siamese": (SIAMESE, ("B", 1), []),
    "seq2seq": (SEQ2SEQ, ("B", "T", 8000), []),
    "resnet": (
        "in:B:H:W:64,2x(relu@x,conv2d:64:3:same,bn,relu,conv2d:64:3:same,bn,add:@x,relu),"
        "add(conv2d:128:3:s=2:same,bn,relu,conv2d:128:3:same,bn|conv2d:128:1:s=2,bn),relu",
        ("B", "(H + 1)//2", "(W + 1)//2", 128),
        [],
    ),
    "inception": (
        "in:B:28:28:192,concat(conv2d:64:1|conv2d:96:1,conv2d:128:3:same|conv2d:16:1,"
        "conv2d:32:5:same|maxpool2d:3:s=1:same,conv2d:32:1)",
        ("B", 28, 28, 256),
        [],
    ),
    "wavenet": (
        "in:B:T:32,"
        + ",".join(
            f"id@r{i},mul(conv1d:32:2:causal:d={2**i}:tanh|conv1d:32:2:causal:d={2**i}:sigmoid),"
            f"conv1d:32:1@s{i},add:@r{i}"
            for i in range(4)
        )
        + ",@s0,add:@s1:@s2:@s3,relu,conv1d:256:1:softmax",
        ("B", "T", 256),
        [],
    ),
    "two inputs": (
        "in:B:H:W:3@image,conv2d:32:3,gap2d@seen,in:B:T@text,embedding:1000:64,gru:32,"
        "concat:@seen,dense:1",
        ("B", 1),
        ["H >= 3", "W >= 3"],
    ),
}


@pytest.mark.parametrize("name", MODELS)
def test_model(name: str) -> None:
    spec, output, conditions = MODELS[name]
    trace = shapecalc.trace(spec)
    assert tuple(size if isinstance(size, int) else str(size) for size in trace.output) == output
    assert trace.conditions == conditions
    printed = str(trace.network)
    assert shapecalc.parse(printed) == trace.network
    assert str(shapecalc.parse(printed)) == printed


def test_unet_with_a_number_that_does_not_fit() -> None:
    with pytest.raises(ShapeError) as caught:
        shapecalc.trace(UNET, set={"H": 225, "W": 224})
    error = caught.value
    assert error.message.startswith("concat ")
    assert "(B, 224, 224, 64)" in error.message
    assert "(B, 225, 224, 64)" in error.message
    assert error.notes == [
        "axis 1 from s1 to conv2d_transpose_3: 225, 112, 56, 28, 14, 28, 56, 112, 224",
        "with letters this holds when H % 16 == 0; nearest to 225: 224 and 240",
    ]


def test_siamese_counts_the_weights_of_a_tower_once() -> None:
    trace = shapecalc.trace(SIAMESE)
    tower = [row for row in trace.layers if row.shares is None][:4]
    again = [row for row in trace.layers if row.shares is not None]
    assert [row.shares for row in again] == [row.name for row in tower]
    assert [row.outputs for row in again] == [row.outputs for row in tower]
    assert [row.params for row in again] == [0, 0, 0, 0]
    assert trace.params == sum(row.params for row in tower) + 65
    assert [row.sources for row in trace.layers][-2] == (tower[-1].name, again[-1].name)


def test_shared_weights_must_fit() -> None:
    with pytest.raises(
        ShapeError, match=r"dense shares the weights of d, whose kernel is \(8, 4\)"
    ):
        shapecalc.trace("in:B:8@a,in:B:9@b,@a,dense:4@d,@b,use:@d,add:@d")
    trace = shapecalc.trace("in:B:8@a,in:B:F@b,@a,dense:4@d,@b,use:@d,add:@d")
    assert trace.conditions == ["F == 8"]


@pytest.mark.parametrize(
    ("spec", "rows"), [("dense:8@a,use:@a", 2), ("add(dense:8|dense:8)@x,use:@x", 6)]
)
def test_what_begins_a_spec_can_be_used_again(spec: str, rows: int) -> None:
    trace = shapecalc.trace(spec)
    assert [row.shares is None for row in trace.layers] == [True] * (rows // 2) + [False] * (
        rows // 2
    )


def test_letters_that_must_be_equal_are_a_condition() -> None:
    trace = shapecalc.trace("in:B:T:8@a,in:B:S:4@b,@a,concat:@b")
    assert trace.conditions == ["T == S"]
    assert trace.assumptions == []
    assert [str(size) for size in trace.output] == ["B", "T", "12"]


def test_letters_that_may_broadcast_are_an_assumption() -> None:
    trace = shapecalc.trace("in:B:T:8@a,in:B:S:8@b,@a,add:@b")
    assert trace.conditions == []
    assert trace.assumptions == ["T == S"]
    assert [str(size) for size in trace.output] == ["B", "T", "8"]


@pytest.mark.parametrize(
    ("facts", "size"),
    [
        ("T == S or S == 1", "T"),
        ("S in (1, T)", "T"),
        ("T == S or T == 1", "S"),
        ("T == S or T == 1 or S == 1", "max(S, T)"),
    ],
)
def test_facts_that_say_how_letters_broadcast_leave_no_assumption(facts: str, size: str) -> None:
    trace = shapecalc.trace("in:B:T:4@t,in:B:S:4@s,@t,add:@s", where=facts)
    assert str(trace.output[1]) == size
    assert trace.conditions == trace.assumptions == []


def test_states_go_from_one_layer_to_another() -> None:
    trace = shapecalc.trace("in:B:S:4@a,in:B:T:4@b,@a,gru:8:state@enc,@b,gru:8:initial_state=@enc")
    assert [row.inputs for row in trace.layers][1][1:] == (trace.layers[0].outputs[1],)
    by_port = "in:B:S:4@a,@a,lstm:8:state@enc,@a,lstm:8:initial_state=(@enc.1,@enc.2)"
    assert len(shapecalc.trace(by_port).layers[1].inputs) == 3
    assert len(shapecalc.trace("lstm:8:state@enc,@enc.1,dense:3").layers) == 2


def test_names_of_repeats_and_labels() -> None:
    trace = shapecalc.trace("3x(dense:8@x,relu),@x,dense:2,dense:2")
    assert [row.name for row in trace.layers] == [
        "x", "re_lu", "x_1", "re_lu_1", "x_2", "re_lu_2", "dense", "dense_1",
    ]  # fmt: skip
    assert [name for name, _ in trace.named_outputs] == ["dense_1", "re_lu_2"]
    assert trace.layers[6].sources == ("x_2",)


def test_inputs_by_name() -> None:
    spec = "in:B:T@text,embedding:9:4,gru:3@t,in:B:4@meta,dense:3,add:@t"
    trace = shapecalc.trace(spec, input={"text": (None, 7), "meta": "N,5"})
    assert [name for name, _ in trace.inputs] == ["text", "meta"]
    assert trace.conditions == ["N == B"]
    assert trace.layers[0].inputs[0][1] == 7


@pytest.mark.parametrize(
    ("spec", "message", "part"),
    [
        ("relu@skip,dense:3,add:@skp", "there is no label @skp yet", "@skp"),
        ("dense:3@x,relu@x", "the label @x is already used", "@x"),
        ("add(relu|dense:3", "( is not closed", "("),
        ("in:B:3@a,in:B:4@b,dense:3", "nothing reads this input", "in:B:3"),
        ("td-add:@x", "a merge is not allowed in td", "td-add:@x"),
        ("(relu|relu)", "branches are only allowed in a merge", "(relu|relu)"),
        ("use:@x", "there is no label @x yet", "@x"),
        ("in:B:3@x,use:@x,relu", "@x is neither a layer nor a group of layers", "@x"),
        ("dense:3:@x", "dense takes no label", "@x"),
        ("lstm:3@x,@x.1,relu", "x gives 1 tensor, numbered from 0, not .1", "relu"),
        ("lstm:3:seq@x,lstm:3:initial_state=@x", "x returns no states", "lstm:3:initial_state=@x"),
    ],
)
def test_unreadable_graphs(spec: str, message: str, part: str) -> None:
    with pytest.raises(SpecError) as caught:
        shapecalc.trace(spec)
    assert caught.value.message == message
    assert caught.value.span is not None
    assert spec[slice(*caught.value.span)] == part


def test_ranks_that_differ() -> None:
    with pytest.raises(ShapeError, match="concat"):
        shapecalc.trace("in:B:T:8@a,in:B:8@b,@a,concat:@b")


def test_a_tensor_joined_with_itself_is_a_note() -> None:
    (note,) = shapecalc.parse("dense:8@x,add:@x").source.notes
    assert note.message == "add joins a tensor with itself"
    assert shapecalc.parse("dense:8@x,relu,add:@x").source.notes == []


@pytest.mark.parametrize(
    ("spec", "repaired"),
    [
        ("in:B:9:4@x,conv1d:4:3,add:@x", "in:B:9:4@x,conv1d:4:3:same,add:@x"),
        ("in:B:T:4@x,conv1d:4:3,concat:@x", "in:B:T:4@x,conv1d:4:3:same,concat:@x"),
        ("in:B:T:8,add(conv1d:16:3:same|)", "in:B:T:8,add(conv1d:8:3:same|)"),
        ("in:B:8@x,dense:4,add:@x", "in:B:8@x,dense:8,add:@x"),
        (
            "in:B:32:32:3@x,maxpool2d:2,concat:@x",
            "in:B:32:32:3@x,maxpool2d:same,concat:@x",
        ),
    ],
)
def test_repairs_of_merges(spec: str, repaired: str) -> None:
    with pytest.raises(ShapeError) as caught:
        shapecalc.trace(spec)
    if "maxpool" in spec:
        assert caught.value.help is not None
        shapecalc.trace(caught.value.help)
    else:
        assert caught.value.help == repaired


def graph(draw: random.Random, size: int) -> str:
    """A spec of dense layers on one width, with labels, merges, branches, groups and repeats."""
    names = (f"n{i}" for i in itertools.count())
    labels: list[str] = []

    def label(step: str) -> str:
        name = next(names)
        labels.append(name)
        return f"{step}@{name}"

    def stack(depth: int) -> list[str]:
        return [step(depth) for _ in range(draw.randint(1, 3))]

    def step(depth: int) -> str:
        kind = draw.randrange(9 if depth < 3 else 4)
        if kind == 0:
            return label("dense:8")
        if kind == 1 and labels:
            return f"add:@{draw.choice(labels)}"
        if kind == 2 and labels:
            return f"@{draw.choice(labels)}"
        if kind == 3:
            return draw.choice(["relu", "dense:8:relu:nobias", "is:B:8", "ln"])
        if kind == 4:
            return f"mul({','.join(stack(depth + 1))}|)"
        if kind == 5:
            return f"avg({'|'.join(','.join(stack(depth + 1)) for _ in range(2))})"
        if kind == 6:
            known = len(labels)
            inner = f"{draw.randint(1, 3)}x({','.join(stack(depth + 1))})"
            del labels[known:]
            return inner
        if kind == 7:
            return label(f"({','.join(stack(depth + 1))})")
        return label("dense:8") + f",use:@{labels[-1]}"

    return "in:B:8,dense:8," + ",".join(step(0) for _ in range(size))


@given(st.builds(graph, st.randoms(use_true_random=False), st.integers(1, 12)))
def test_random_graphs_print_and_parse_to_the_same(spec: str) -> None:
    try:
        network = shapecalc.parse(spec)
    except ShapecalcError as error:
        pytest.fail(f"{spec}: {error}")
    printed = str(network)
    assert shapecalc.parse(printed) == network
    assert str(shapecalc.parse(printed)) == printed
    trace = shapecalc.trace(network)
    assert trace.output[1] == 8
    assert sum(row.params for row in trace.layers) == trace.params

"""What the framework needs as a number: letters in weights, and sizes that nobody knows."""

from __future__ import annotations

import json
import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from terminal import called

import shapecalc
from shapecalc.dims import letters
from shapecalc.layers.built import UnbuiltError


@pytest.mark.parametrize(
    ("spec", "fixed"),
    [
        # The channels of an input are free, wherever the first layer has them.
        ("dense:3", []),
        ("conv1d:8:3", []),
        ("conv2d:8:3:cf", []),
        ("td-conv2d:8:3:cf", []),
        ("in:B:T:C,ln", []),
        ("in:B:T:C,relu,bn,td-dense:4", []),
        ("in:B:T:2*C,lstm:3", []),
        ("in:B:T:C@q,in:B:S:D@k,@q,mha:2:4:kv=@k", []),
        ("in:B:H:W:C@x,gap2d,dense:C//4,dense:C,reshape:1:1:C,mul:@x", []),
        ("in:B:F,reshape:4:-1,dense:3", []),
        ("in:B:H:W:3,prelu:shared_axes=(1,2)", []),
        # All else must be a number.
        ("in:B:T,emb:50:8,flatten,dense:3", ["T"]),
        ("emb:50:8,flatten,dense:3", ["T"]),
        ("td-emb:50:8,td-flatten,dense:3", ["S"]),
        ("in:B:T:C,permute:2:1,dense:4", ["T"]),
        ("in:B:T:4,ln:axis=1", ["T"]),
        ("in:B:H:W:3,prelu", ["H", "W"]),
        ("in:B:W:H:C,flatten,dense:10", ["W", "H"]),
        ("conv2d:8:3:cf,dense:3", ["W"]),
        ("conv2d:8:3:cf,bn", ["W"]),
        ('in:B:T:C,einsumdense:"abc,bd->adc":(4,C)', ["T"]),
        ("in:B:F,dense:U", ["U"]),
        ("emb:V:8", ["V"]),
        ('in:B:T,stringlookup:output_mode="one_hot",dense:4', ["V"]),
        ("in:B:T:4@a,in:B:S:4@b,@a,flatten,dense:2,@b,flatten,dense:2", ["T", "S"]),
    ],
)
def test_letters_that_must_be_numbers(spec: str, fixed: list[str]) -> None:
    trace = shapecalc.trace(spec)
    assert trace.fixed == fixed
    assert trace.to_dict()["fixed"] == fixed


@pytest.mark.parametrize(
    "options",
    [
        {"set": {"T": 5}},
        {"where": "T == 5"},
        {"where": "J == 3, T == 2*J"},
    ],
)
def test_a_letter_that_is_known_is_none(options: Any) -> None:
    assert shapecalc.trace("emb:50:8,flatten,dense:3", **options).fixed == []


def test_a_letter_that_conditions_settle_is_none() -> None:
    assert shapecalc.trace("emb:50:8,is:B:20:8,flatten,dense:3").fixed == []
    assert shapecalc.trace("emb:50:8@x,flatten,dense:3,@x,is:B:20:8,relu").fixed == []


def test_the_table_says_it_with_the_weight() -> None:
    done = called("in:B:T,emb:50:8,flatten,dense:3", "-f", "table", "--columns", "params")
    assert done.out.splitlines()[-1] == (
        "  built with  T as a number: the kernel of dense is (8*T, 3)"
    )
    done = called("in:B:H:W:4,prelu,flatten,dense:U", "-f", "markdown")
    assert done.out.splitlines()[-1] == (
        r"- **built with**: H and W as numbers: the alpha of p\_re\_lu is (H, W, 4); "
        r"U as a number: the kernel of dense is (4\*H\*W, U)"
    )
    assert "built with" not in called("conv1d:8:3", "-f", "table").out


def test_strict_refuses() -> None:
    done = called("emb:50:8,flatten,dense:3", "--strict", "-q")
    assert (done.code, done.out) == (1, "")
    assert (
        done.err == "error: it is built only with T as a number: the kernel of dense is (8*T, 3)\n"
    )
    assert called("emb:50:8,flatten,dense:3", "--strict", "-q", "-s", "T=9").code == 0
    done = called("in:B:T:4,conv1d:8:3,flatten,dense:3", "--strict")
    assert done.err.splitlines() == [
        "error: the shapes hold only when T >= 3",
        "  it is built only with T as a number: the kernel of dense is (8*T - 16, 3)",
    ]


@pytest.mark.parametrize(
    ("arguments", "help_"),
    [
        (["in:B:None,emb:50:8,flatten,dense:3"], "in:B:?,embedding:50:8,gap1d,dense:3"),
        (["emb:50:8,flatten,dense:3", "-i", "B,None"], "embedding:50:8,gap1d,dense:3"),
        (["in:B:?,emb:9:4,reshape:-1,dense:3"], "in:B:?,embedding:9:4,gap1d,dense:3"),
        (
            ["in:B:None:None:3,conv2d:8:3,flatten,dense:3"],
            "in:B:?:?:3,conv2d:8:3,gap2d,dense:3",
        ),
        (
            ["in:B:3:?:?,conv2d:8:3:cf,flatten,dense:3"],
            "in:B:3:?:?,conv2d:8:3:channels_first,gap2d:channels_first,dense:3",
        ),
        (["in:B:3:?:?,conv2d:8:3:cf,bn"], "in:B:3:?:?,conv2d:8:3:channels_first,bn:1"),
        (["in:B:?:4,ln:axis=1"], "in:B:?:4,ln"),
        (
            ["in:B:9:?:?:3,td(conv2d:8:3,flatten),lstm:4"],
            "in:B:9:?:?:3,td-conv2d:8:3,td-gap2d,lstm:4",
        ),
        (["in:B:9:?:?:3,td-prelu"], "in:B:9:?:?:3,td-prelu:shared_axes=1x2"),
        (["in:B:?:?:4,prelu"], "in:B:?:?:4,prelu:shared_axes=1x2"),
        (["in:B:?:4,prelu"], "in:B:?:4,prelu:shared_axes=1"),
        (["in:B:T:C,reshape:None:8,flatten,dense:3"], "in:B:T:C,reshape:None:8,gap1d,dense:3"),
    ],
)
def test_weights_over_unknown_sizes_are_refused(arguments: list[str], help_: str) -> None:
    done = called(*arguments, "-q")
    assert (done.code, done.out) == (1, "")
    assert done.err.splitlines()[-1] == f"help: {help_}"
    assert called(help_, *arguments[1:], "-q").code == 0


def test_the_message_tells_which_size_is_unknown() -> None:
    assert called("in:B:?:?:3,conv2d:8:3,flatten,dense:3", "-q").err.splitlines()[:5] == [
        "error: dense needs H and W as numbers to build its kernel (8*(H - 2)*(W - 2), 3), "
        "but they are unknown",
        "  in:B:?:?:3,conv2d:8:3,flatten,dense:3",
        "                                ^^^^^^^",
        "  H is axis 1 of input_layer: a number there works",
        "  W is axis 2 of input_layer: a number there works",
    ]


@pytest.mark.parametrize(
    ("spec", "options"),
    [
        ("in:B:None:None,conv1d:8:3", {}),
        ("in:B:None,dense:3", {}),
        ("in:B:T:?,ln", {}),
        ("in:B:?:8:8,conv2d:8:3:cf", {}),
        ("in:B:?:8,td-dense:4", {}),
        ("in:B:?,emb:50:8,lstm:3,dense:3", {}),
        ("in:B:?:8,flatten,dense:3", {"set": {"T": 5}}),
        ("in:B:?:8,flatten,dense:3", {"where": "T == 5"}),
        ("conv1d:8:3,flatten", {"input": (None, None, None)}),
    ],
)
def test_unknown_sizes_are_allowed_elsewhere(spec: str, options: Any) -> None:
    assert shapecalc.trace(spec, **options).fixed == []


def test_a_model_file_is_refused_with_a_repair() -> None:
    def layer(kind: str, **config: Any) -> dict[str, Any]:
        return {"class_name": kind, "config": config}

    layers = [
        layer("InputLayer", batch_shape=[None, None]),
        layer("Embedding", input_dim=50, output_dim=8),
        layer("Flatten"),
        layer("Dense", units=3),
    ]
    model = json.dumps({"class_name": "Sequential", "config": {"layers": layers}})
    done = called("-", "-q", stdin=model.encode())
    assert (done.code, done.out) == (1, "")
    assert done.err.splitlines()[-1] == "help: in:B:?,embedding:50:8,gap1d,dense:3"
    del layers[2]
    model = json.dumps({"class_name": "Sequential", "config": {"layers": layers}})
    assert called("convert", "-", stdin=model.encode()).out == "in:B:?,embedding:50:8,dense:3\n"
    assert called("-", "-q", stdin=model.encode()).code == 0


STEPS = ("conv1d:4:3:same", "relu", "bn", "ln", "ln:axis=1", "permute:2:1", "prelu", "lstm:4:seq")
ENDS = ("gap1d", "flatten", "reshape:-1", "gmp1d:cf")


@given(st.lists(st.sampled_from(STEPS), max_size=4), st.sampled_from(ENDS), st.sampled_from("4C"))
def test_a_letter_is_fixed_just_where_an_unknown_size_is_refused(
    steps: list[str], end: str, channels: str
) -> None:
    spec = ",".join([f"in:B:T:{channels},conv1d:4:1", *steps, end, "dense:3"])
    trace = shapecalc.trace(spec)
    found = {n for row in trace.layers for w in row.weights for s in w.shape for n in letters(s)}
    assert set(trace.fixed) == found - {"C"}
    unknown = spec.replace("B:T:C", "B:?:?").replace("B:T:", "B:?:")
    if trace.fixed:
        with pytest.raises(UnbuiltError):
            shapecalc.trace(unknown, repair=False)
    else:
        assert shapecalc.trace(unknown).to_dict()["layers"] == trace.to_dict()["layers"]
    assert shapecalc.trace(spec, set=dict.fromkeys(trace.fixed, 7)).fixed == []


@pytest.mark.parametrize(
    ("name", "config", "shape", "weight"),
    [
        ("LayerNormalization", {"axis": [2, 3]}, (2, 1, None, 7), "gamma (W, 7)"),
        ("BatchNormalization", {"axis": -2}, (None, 2, None, 8), "gamma (W,)"),
        ("PReLU", {"shared_axes": [2]}, (None, None, 4), "alpha (T, 1)"),
        ("RMSNormalization", {"axis": [1]}, (3, None, 1), "scale (T,)"),
    ],
)
def test_a_layer_alone_refuses_too(
    name: str, config: dict[str, Any], shape: tuple[int | None, ...], weight: str
) -> None:
    layer = shapecalc.layer(name, **config)
    for ask in (layer.compute_output_shape, layer.count_params):
        with pytest.raises(UnbuiltError) as caught:
            ask(shape)
        assert f"to build its {weight}, but" in caught.value.message


@pytest.mark.parametrize(
    ("name", "config", "shape"),
    [
        ("Dense", {"units": 3}, (None, 3, None)),
        (
            "Conv2D",
            {"filters": 2, "kernel_size": 1, "data_format": "channels_first"},
            (8, None, 3, 3),
        ),
        ("LayerNormalization", {}, (None, None)),
        ("LSTM", {"units": 2}, (None, None, None)),
    ],
)
def test_a_layer_alone_takes_unknown_channels(
    name: str, config: dict[str, Any], shape: tuple[int | None, ...]
) -> None:
    assert shapecalc.layer(name, **config).compute_output_shape(shape)


def test_the_refusal_can_be_pickled() -> None:
    with pytest.raises(UnbuiltError) as caught:
        shapecalc.trace("in:B:?,emb:9:4,flatten,dense:3")
    again = pickle.loads(pickle.dumps(caught.value))  # noqa: S301  (our own)
    assert (again.message, again.letters, again.help) == (
        caught.value.message,
        caught.value.letters,
        caught.value.help,
    )

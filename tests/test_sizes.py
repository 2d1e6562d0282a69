"""What is certain of sizes is asked: of inputs, arguments, what is put in, and what layers make."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from terminal import called

import shapecalc
from shapecalc.dims import Dim, Shape, field_text
from shapecalc.errors import ShapecalcError, ShapeError, SpecError
from shapecalc.layers.arguments import Units
from shapecalc.layers.layer import Layer, plain, rule
from shapecalc.layers.result import Result, Weight
from shapecalc.layers.scope import Scope

BIG = "(10**30)**30"


@pytest.mark.parametrize(
    ("spec", "conditions"),
    [
        ("in:B:T-5:4,dense:3", ["T >= 6"]),
        ("in:B:T:4,dense:T-5", ["T >= 6"]),
        ("in:B:T//2:4,dense:T-1", ["T >= 2"]),
        ("in:B:H:W:C@x,gap2d,dense:C//16,dense:C,reshape:1:1:C,mul:@x", ["C >= 16"]),
        ("in:B:8,reshape:T-5:4", ["T == 7"]),
        ("in:B:T:4,td-dense:U-3", ["U >= 4"]),
        ("in:B:T:4,bi-lstm:U//2", ["U >= 2"]),
        ("rnn(lstmcell:U-1|grucell:V-2)", ["U >= 2", "V >= 3"]),
        ("in:B:32:32:3,pipeline(rescaling:0.5,centercrop:K-1:24)", []),
        ("in:B:32:32:3,resizing:K-1:24", ["K >= 2"]),
        ("in:B:32:32:3,pipeline(centercrop:K-2:24)", ["K >= 2"]),
        ("emb:V-1:8", ["V >= 2"]),
        ("in:B:F,repeat:N-1", ["N >= 2"]),
        ("in:B:T:4,mha:2:8:output_shape=(K-1,8)", ["K >= 2"]),
        ("in:B:T:4,adaptiveavgpool1d:K//3", ["K >= 3"]),
        ('stringlookup:max_tokens=M:vocabulary=("a","b","c")', ["M >= 4"]),
    ],
)
def test_a_size_that_may_be_too_small_is_a_condition(spec: str, conditions: list[str]) -> None:
    try:
        trace = shapecalc.trace(spec)
    except ShapeError as error:
        pytest.fail(error.message)
    assert trace.conditions == conditions


@pytest.mark.parametrize(
    ("spec", "value", "message"),
    [
        ("in:B:T-5:4,dense:3", 3, "a size is at least 1, but T - 5 is -2"),
        ("in:B:T-5:4,dense:3", 5, "a size is at least 1, but T - 5 is 0"),
        (
            "in:B:T:4,dense:T-5",
            3,
            "dense: units takes sizes of at least 1, but T - 5 is -2",
        ),
        (
            "in:B:8,reshape:T-5:4",
            4,
            "reshape: target_shape takes sizes of at least 1, but T - 5 is -1",
        ),
        ("in:B:S:4,td-dense:T-5", 5, "dense: units takes sizes of at least 1, but T - 5 is 0"),
        (
            "in:B:S:4,conv1d:T:3:g=2",
            3,
            "conv1d: filters 3 cannot be split into 2 groups",
        ),
    ],
)
def test_what_is_put_in_is_checked_as_if_written(spec: str, value: int, message: str) -> None:
    with pytest.raises(SpecError) as caught:
        shapecalc.trace(spec, set={"T": value})
    assert caught.value.message == message
    assert caught.value.span is not None
    done = called(spec, "-s", f"T={value}")
    assert (done.code, done.out) == (2, "")


def test_what_is_put_in_may_have_letters_and_stays_a_size() -> None:
    trace = shapecalc.trace("in:B:T+10:4,dense:3", set={"T": "K - 5"})
    assert trace.conditions == ["K >= 6"]
    trace = shapecalc.trace("in:B:8,dense:T-5", set={"T": "2*K"})
    assert trace.conditions == ["K >= 3"]
    with pytest.raises(ShapeError, match="T= takes sizes of at least 1, but gets K - 5"):
        shapecalc.trace("in:B:K:T,dense:3", set={"T": "K - 5"}, where="K <= 4")


def test_a_number_too_small_is_one_column_at_numbers() -> None:
    done = called("in:B:T-5:4,dense:3", "--at", "T=3,9")
    assert done.code == 1
    assert done.out == "1\tdense\tDense\tB,T-5,4\tB,T-5,3\t15\tdoes not fit\tB,4,3\n"
    assert "this is at T=3" in done.err


@pytest.mark.parametrize(
    ("spec", "where", "note"),
    [
        (
            "in:B:T:C,conv1d:C+1:3:g=2",
            None,
            "this requires C % 2 == 1, but it requires C % 2 == 0 too",
        ),
        (
            "in:B:H:W:4,conv2d:4:3",
            "H + W <= 5",
            "this requires W >= 3, but it requires H >= 3 too",
        ),
        ("in:B:T-5:4,dense:3", "T <= 5", "this requires T >= 6, which the given facts rule out"),
        ("in:B:T:4,dense:T-5", "T <= 5", "this requires T >= 6, which the given facts rule out"),
        (
            "in:B:T-5:4@x,in:B:6-T:4@y,@x,add:@y",
            None,
            "this requires T <= 5, but x for T >= 6",
        ),
    ],
)
def test_what_contradicts_itself_is_refused(spec: str, where: str | None, note: str) -> None:
    with pytest.raises(ShapeError) as caught:
        shapecalc.trace(spec, where=where)
    assert note in caught.value.notes


@pytest.mark.parametrize(
    "spec",
    [
        "in:B:T:4,tile:1:-2:1",
        "in:B:T:4,pad:(0x0,(-5,0),0x0)",
        "in:B:T:4,take:-3:axis=1",
        "in:B:T:4,take:(2,-3):axis=1",
        "in:B:4,matmul:constant=(4,-2)",
        "in:B:4,pointwise:add:constant=(-1,4)",
        "in:2:4,newshape:0:-1",
        "in:2:4,newshape:0:8",
        'in:2:4,slice:"5:",newshape:0:-1',
        "in:B:4,reshape:0:-1",
        'in:B:T:4,slice:":,::0"',
        'in:B:T:4,slice:"...,..."',
        'in:B:T:4,slice:":,1:2:3:4"',
        'in:B:T:4,slice:":,x"',
        f'in:B:T:4,slice:":,{"9" * 5000}"',
        f'in:B:T:4,slice:":,:-{"9" * 5000}"',
        "lstm:8:dropout=1e999",
        "in:B:T:4,pointwise:multiply:value=1e999",
        f"in:B:{BIG},dense:{BIG}",
        f"in:B:{BIG}*T,dense:{BIG}*T",
        "in:B" + ":9999999999999999" * 300 + f",ln:axis=({','.join(map(str, range(1, 301)))})",
        f"in:B:T:{BIG},lstm:{BIG}*10**60",
    ],
)
def test_what_no_tensor_has_is_refused_in_words(spec: str) -> None:
    with pytest.raises(ShapecalcError) as caught:
        shapecalc.trace(spec)
    assert caught.value.span is not None
    assert len(caught.value.message) < 2000


def test_too_many_parameters_are_said_to_be() -> None:
    done = called(f"in:B:{BIG},dense:{BIG}")
    assert (done.code, done.out) == (1, "")
    message = "dense makes too large a count of parameters: a number has more than 1000 digits"
    assert message in done.err


@pytest.mark.parametrize(
    ("spec", "output"),
    [
        ("in:B:4,tile:1:0", "B,0"),
        ('in:B:4,slice:":,7:"', "B,0"),
        ("in:B:3:4,take:0:axis=1", "B,0,4"),
        ("in:B:1:3,tconv1d:4:2:s=2:same:output_padding=0", "B,0,4"),
        ("in:B:4:4:3,randomcrop:0:2", "B,0,2,3"),
    ],
)
def test_an_empty_tensor_stays_where_keras_makes_one(spec: str, output: str) -> None:
    assert called(spec, "-q").out == f"{output}\n"


@given(
    st.integers(1, 9),
    st.none() | st.integers(-12, 12),
    st.none() | st.integers(-12, 12),
    st.none() | st.integers(-4, 4).filter(bool),
)
def test_a_slice_takes_what_that_of_python_takes(
    size: int, start: int | None, stop: int | None, step: int | None
) -> None:
    key = ":".join("" if end is None else str(end) for end in (start, stop, step))
    cut = shapecalc.layer("Slice", key=f":,{key}")
    length = len(range(size)[start:stop:step])
    assert cut.compute_output_shape((2, size)) == (2, length)
    general = cut.compute_output_shape((2, Dim("T")))[1]
    assert eval(str(general), {"T": size, "max": max, "min": min}) == length  # noqa: S307


@pytest.mark.parametrize(
    ("spec", "output", "assumptions"),
    [
        ("in:2:1:4,squeeze", "2,4", []),
        ("in:2:T:4,squeeze", "2,T,4", ["T >= 2"]),
        ("in:2:T:4,maxpool1d:2,squeeze", "2,T//2,4", ["T//2 >= 2"]),
        ("in:2:T:4,conv1d:4:3,squeeze", "2,T-2,4", ["T >= 4"]),
        ('in:2:T:4,slice:":,1:",squeeze', "2,T-1,4", ["T >= 3 or T == 1"]),
        ("in:2:T:4,reduce:sum:axis=1:keepdims,squeeze", "2,4", []),
    ],
)
def test_squeeze_assumes_that_what_may_be_1_is_not(
    spec: str, output: str, assumptions: list[str]
) -> None:
    trace = shapecalc.trace(spec)
    assert field_text(trace.output) == output
    assert trace.assumptions == assumptions
    assert len(shapecalc.trace(spec, set={"T": 9} if "T" in spec else None).output) == len(
        trace.output
    )


class Shrinking(Layer):
    """A layer of a plugin, whose rule asks for nothing."""

    names = "shrinking"

    by: Units


@rule(Shrinking)
def shrinking(layer: Shrinking, _scope: Scope, x: Shape) -> Result:
    """Make the last axis shorter."""
    return Result((*x[:-1], x[-1] - layer.by), weights=[Weight("w", (x[-1],))])


def test_a_layer_of_a_plugin_gives_no_negative_size() -> None:
    scope = Scope()
    assert shrinking_on(Dim("T"), scope) == Dim("T - 5")
    assert scope.facts.conditions() == ["T >= 5"]
    assert shrinking_on(5, Scope()) == 0
    with pytest.raises(ShapeError, match="makes an axis of -1, and a size is never negative"):
        shrinking_on(4, Scope())


def shrinking_on(size: Any, scope: Scope) -> Any:
    from shapecalc.layers.layer import apply

    return apply(Shrinking(by=5), [(2, size)], scope).outputs[0][1]


@pytest.mark.parametrize("value", [float("inf"), float("-inf"), float("nan"), "1"])
def test_a_number_is_finite(value: object) -> None:
    with pytest.raises(SpecError, match="dropout"):
        shapecalc.layer("LSTM", units=3, dropout=value)


@pytest.mark.parametrize("name", ["units", "seed", "dropout", "activation", "use_bias"])
def test_numbers_without_end_are_refused_in_words(name: str) -> None:
    for value in (10**5000, [10**5000], -(10**5000)):
        with pytest.raises(SpecError, match=f"{name} .*digits"):
            shapecalc.layer("LSTM", **({"units": 3} | {name: value}))


def test_json_has_no_number_that_json_has_not() -> None:
    made = shapecalc.layer("Pointwise", op="add", value=float("inf"))
    kept = shapecalc.layer("Dense", units=3, activation={"f": [float("nan"), {"a": Dim("T")}]})
    for config in (made.config(), kept.config()):
        json.dumps(config, allow_nan=False)
    assert plain({"a": float("-inf")}) == {"a": "-inf"}


@pytest.mark.parametrize("shape", [("B", 0, 4), (0,), "B,0,4"])
def test_an_input_has_no_axis_of_nothing(shape: Any) -> None:
    with pytest.raises(SpecError, match="a size is at least 1, but this is 0"):
        shapecalc.trace("dense:3", input=shape)

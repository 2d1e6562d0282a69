"""Arguments that name the input of a first layer."""

from __future__ import annotations

import pytest

import shapecalc
from shapecalc.errors import SpecError


@pytest.mark.parametrize(
    ("spec", "same"),
    [
        ("lstm:8:input_shape=(12,9)", "in:B:12:9,lstm:8"),
        ("lstm:8:input_dim=9:input_length=12:seq", "in:B:12:9,lstm:8:seq"),
        ("lstm:8:input_dim=9", "in:B:None:9,lstm:8"),
        ("conv1d:4:3:input_dim=9", "in:B:None:9,conv1d:4:3"),
        ("dense:3:relu:input_dim=4,dense:2", "in:B:4,dense:3:relu,dense:2"),
        ("embedding:50:8:input_length=12", "in:B:12,embedding:50:8"),
        ("embedding:50:8:input_length=(3,4)", "in:B:3:4,embedding:50:8"),
        ("conv2d:8:3:batch_input_shape=(32,None,28,1)", "in:32:None:28:1,conv2d:8:3"),
        ("dense:3:batch_shape=(B,7)", "in:B:7,dense:3"),
        ("dense:3:input_shape=(B,7)", "in:None:B:7,dense:3"),
        ("dense:3:input_shape=(2*T,)", "in:B:2*T,dense:3"),
        ("bi-lstm:8:input_shape=(None,9):sum", "in:B:None:9,bi-lstm:8:sum"),
        ("td-dense:3:input_shape=10x4", "in:B:10:4,td-dense:3"),
        ("(dense:3:input_shape=(4,),relu)@t,use:@t", "in:B:4,(dense:3,relu)@t,use:@t"),
        ("2x-dense:4:input_shape=(4,)", "in:B:4,2x-dense:4"),
        ("dialect:keras1,dense:4:input_dim=3", "dialect:keras1,in:B:3,dense:4"),
        ("rnn(lstmcell:8):input_shape=(3,4)", "in:B:3:4,rnn(lstmcell:8)"),
    ],
)
def test_first_layer_names_the_input(spec: str, same: str) -> None:
    if "use" in spec:
        same = same.replace("dense:3", "dense:4")
        spec = spec.replace("dense:3", "dense:4")
    assert shapecalc.parse(spec) == shapecalc.parse(same)
    assert str(shapecalc.parse(spec)) == str(shapecalc.parse(same))


def test_layer_that_names_its_input_has_the_weights_of_it() -> None:
    assert shapecalc.trace("lstm:8:input_shape=(12,9)").params == 576


@pytest.mark.parametrize(
    ("spec", "message", "marked"),
    [
        (
            "dense:3,dense:4:input_shape=(3,)",
            "input_shape names the input of the first layer, which this is not",
            "input_shape=(3,)",
        ),
        (
            "in:B:4,dense:3:input_dim=4",
            "input_dim names an input, but in: gives it already",
            "input_dim=4",
        ),
        (
            "add(dense:3:input_shape=(3,)|)",
            "input_shape names the input of the first layer, which this is not",
            "input_shape=(3,)",
        ),
        (
            "dense:3:input_shape=(4,):relu:input_dim=4",
            "input_shape and input_dim say the input twice",
            "input_shape=(4,):relu:input_dim=4",
        ),
        ("lstm:8:input_length=4", "input_length needs input_dim= beside it", "input_length=4"),
        ("dense:3:input_shape=relu", "input_shape takes sizes", "input_shape=relu"),
    ],
)
def test_elsewhere_it_is_refused_at_its_place(spec: str, message: str, marked: str) -> None:
    with pytest.raises(SpecError) as caught:
        shapecalc.parse(spec)
    assert caught.value.message == message
    assert caught.value.span is not None
    start, end = caught.value.span
    assert spec[start:end] == marked

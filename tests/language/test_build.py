"""From steps to nodes: how many a repeat makes, and what is said where they are too many."""

from __future__ import annotations

from typing import Any

import pytest

import shapecalc
from shapecalc.errors import SpecError
from shapecalc.language.build import parse
from shapecalc.language.resolve import Resolver


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("9x(9x(9x(9x(9x(9x(9x(dense:3)))))))", "the repeats make more than 100000 layers"),
        ("relu,300000x-is:B:8", "the repeats make more than 100000 layers"),
        ("60000x-td(relu,dense:8)", "the repeats make more than 100000 layers"),
        ("999x(999x(dens:3))", "there is no layer dens"),
        ("999999x(dense:3@a,add:@b)", "there is no label @b yet"),
        ("999999x(in:B:8,relu)", "an input is not allowed in a repeat"),
    ],
)
def test_too_many_layers_are_refused_before_they_are_made(
    text: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []
    monkeypatch.setattr(Resolver, "layer", watched(Resolver.layer, made))
    with pytest.raises(SpecError) as caught:
        shapecalc.parse(text)
    assert [error.message for error in caught.value.errors] == [said]
    assert len(made) < 5


def watched(method: Any, calls: list[Any]) -> Any:
    """A method that lists what it is called with."""

    def call(*arguments: Any) -> Any:
        calls.append(arguments)
        return method(*arguments)

    return call


def test_just_as_many_layers_as_are_allowed_are_made() -> None:
    for text in (
        "3x-relu",
        "3x(add(|relu),relu@a)",
        "relu@a,relu,2x(use:@a,relu)",
        "2x(3x(@x),3x-td-relu)",
    ):
        network = parse(f"in:B:8@x,{text}")
        count = len(network.nodes) - 1
        assert parse(f"in:B:8@x,{text}", max_layers=count).nodes == network.nodes
        with pytest.raises(SpecError, match=f"more than {count - 1} layers"):
            parse(f"in:B:8@x,{text}", max_layers=count - 1)


@pytest.mark.parametrize(
    ("spec", "hint"),
    [
        ("dialect:torch,in:1:2:8,upsample:2:zzz", "its flags are nearest, linear, bilinear, "),
        ("dialect:torch,in:4:1:8,rnn:8:3:zzz", "its flags are tanh, relu, "),
        ("dense:8:zzzz", "its flags are nobias, frozen, an activation such as relu"),
    ],
)
def test_of_flags_only_activations_are_shortened(spec: str, hint: str) -> None:
    with pytest.raises(SpecError) as caught:
        parse(spec)
    assert (caught.value.help or "").startswith(hint)


@pytest.mark.parametrize(
    "steps",
    [
        ["conv1d:8:3:relu", "conv1d:4:2:relu"],
        ["reshape:7:7:64", "reshape:4:4:9"],
        ["dense:3:nobias", "dense:5:nobias"],
        ["td(dense:8,dense:9)", "dense:7"],
        ["bi-lstm:8:sum", "lstm:9"],
        ["dropout:0", "dropout:1"],
    ],
)
def test_steps_that_differ_in_numbers_mean_what_they_mean_alone(steps: list[str]) -> None:
    together = parse(",".join(steps)).layers
    alone = [layer for step in steps for layer in parse(step).layers]
    assert together == alone


def test_a_number_that_is_refused_is_refused_behind_steps_like_it() -> None:
    for spec, place in (("dense:8,dense:0", (14, 15)), ("conv1d:8:3,conv1d:8:0", (20, 21))):
        with pytest.raises(SpecError) as caught:
            parse(spec)
        assert caught.value.span == place
        step = spec.partition(",")[2]
        with pytest.raises(SpecError) as alone:
            parse(step)
        assert caught.value.message == alone.value.message

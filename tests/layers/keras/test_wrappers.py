"""Wrappers on letters: one layer for every step, and both directions."""

from __future__ import annotations

from typing import Any

import pytest

import shapecalc
from shapecalc import layer
from shapecalc.dialects import find
from shapecalc.dims import Dim, Shape
from shapecalc.errors import ShapeError, SpecError
from shapecalc.layers.layer import Layer, apply
from shapecalc.layers.result import Result, Weight
from shapecalc.layers.scope import Scope

B, T, S, F, U = map(Dim, "BTSFU")


def td(name: str, **config: object) -> Layer:
    return layer("TimeDistributed", layer={"layer": name, "config": config})


def bi(merge_mode: str | None = "concat", **config: object) -> Layer:
    inner = layer("LSTM", **{"units": 8, **config})
    return layer("Bidirectional", layer=inner, merge_mode=merge_mode)


def both(forward: int | Dim, backward: int | Dim, merge_mode: str | None = "concat") -> Layer:
    return layer(
        "Bidirectional",
        layer=layer("LSTM", units=forward),
        backward_layer=layer("LSTM", units=backward, go_backwards=True),
        merge_mode=merge_mode,
    )


def run(wrapper: Layer, *inputs: Shape, dialect: str = "keras") -> Result:
    return apply(wrapper, inputs, Scope(dialect=find(dialect)))


def refusal(wrapper: Layer, *inputs: Shape, dialect: str = "keras") -> ShapeError:
    with pytest.raises(ShapeError) as caught:
        run(wrapper, *inputs, dialect=dialect)
    return caught.value


def test_every_step_shares_the_weights_of_one_layer() -> None:
    wrapped = run(td("Dense", units=3), (B, T, 7))
    assert wrapped.outputs == ((B, T, 3),)
    one_step = run(layer("Dense", units=3), (B, 7))
    assert [w[:3] for w in wrapped.weights] == [w[:3] for w in one_step.weights]
    assert wrapped.macs == one_step.macs * T


def test_only_the_steps_are_taken_out() -> None:
    assert run(td("Flatten"), (B, T, S, 4)).outputs == ((B, T, 4 * S),)
    assert run(td("LSTM", units=5), (B, T, S, 4)).outputs == ((B, T, 5),)
    assert run(
        td("TimeDistributed", layer={"layer": "Dense", "config": {"units": 2}}), (B, T, S, F)
    ).outputs == ((B, T, S, 2),)


def test_a_frozen_layer_or_wrapper_is_not_trained() -> None:
    inner = run(td("Dense", units=3, trainable=False), (B, T, 4))
    dense = {"layer": "Dense", "config": {"units": 3}}
    outer = run(layer("TimeDistributed", layer=dense, trainable=False), (B, T, 4))
    assert [(r.params, r.trainable_params) for r in (inner, outer)] == [(15, 0), (15, 0)]


def test_a_step_needs_something_in_it() -> None:
    assert refusal(td("Dense", units=3), (B, 7)).message == (
        "needs at least 3 axes (batch, steps, features), but gets (B, 7)"
    )


def test_a_failure_inside_says_what_the_layer_sees() -> None:
    error = refusal(td("LSTM", units=3), (B, T, 7))
    assert error.message == "needs a 3-D input (batch, steps, features), but gets (B, 7)"
    assert error.notes == ["the layer inside sees (B, 7), one step at a time"]


def test_a_layer_inside_has_one_output() -> None:
    error = refusal(td("LSTM", units=3, return_state=True), (B, T, S, 7))
    assert error.message == "takes a layer with one output, but this has 3"


def test_keras1_takes_dense_on_a_step_but_not_on_a_sequence() -> None:
    dense = layer("Dense", units=3)
    assert refusal(dense, (B, T, 7), dialect="keras1").message == (
        "takes only 2-D input in keras1, but gets (B, T, 7)"
    )
    assert run(td("Dense", units=3), (B, T, 7), dialect="keras1").outputs == ((B, T, 3),)
    assert refusal(td("Dense", units=3), (B, T, S, 7), dialect="keras1").message == (
        "takes only 2-D input in keras1, but gets (B, S, 7)"
    )


@pytest.mark.parametrize(
    ("name", "config", "letters"),
    [
        ("Dense", {"units": 3}, ("B", "T", "F")),
        ("LSTM", {"units": 3}, ("B", "T", "S", "F")),
        ("Embedding", {"input_dim": 9, "output_dim": 2}, ("B", "T", "S")),
        ("ZeroPadding2D", {"data_format": "channels_first"}, ("B", "T", "C", "H", "W")),
        ("Dropout", {"rate": 0.5}, ("B", "T", "F")),
    ],
)
def test_natural_input_has_an_axis_of_steps(
    name: str, config: dict[str, Any], letters: tuple[str, ...]
) -> None:
    assert td(name, **config).input_letters() == letters


def test_steps_of_steps_of_steps_have_three_letters() -> None:
    assert shapecalc.trace("td-td-lstm:3").output == (B, T, Dim("S_1"), 3)


@pytest.mark.parametrize("merge_mode", ["sum", "mul", "ave"])
def test_merging_number_by_number_keeps_the_units(merge_mode: str) -> None:
    assert run(bi(merge_mode), (B, T, F)).outputs == ((B, 8),)


def test_concat_puts_the_directions_side_by_side() -> None:
    assert run(bi(units=U), (B, T, F)).outputs == ((B, 2 * U),)
    assert run(bi(return_sequences=True), (B, T, F)).outputs == ((B, T, 16),)
    assert run(both(3, 4), (B, T, F)).outputs == ((B, 7),)


def test_no_merging_gives_both_outputs_then_the_states() -> None:
    plain = run(bi(None, return_sequences=True, return_state=True), (B, T, F))
    assert plain.outputs == ((B, T, 8), (B, T, 8), *[(B, 8)] * 4)
    merged = run(bi("sum", return_sequences=True, return_state=True), (B, T, F))
    assert merged.outputs == ((B, T, 8), *[(B, 8)] * 4)


def test_both_directions_have_weights_of_their_own() -> None:
    result = run(bi(use_bias=False), (B, T, 4))
    assert [w.name for w in result.weights] == [
        "forward_kernel",
        "forward_recurrent_kernel",
        "backward_kernel",
        "backward_recurrent_kernel",
    ]
    assert result.params == 2 * (4 * 32 + 8 * 32)


def test_other_units_backwards_must_fit_unless_side_by_side() -> None:
    error = refusal(both(3, 4, "sum"), (B, T, F))
    assert error.message == "cannot join (B, 3) of one direction with (B, 4) of the other"
    assert run(both(3, 1, "sum"), (B, T, F)).outputs == ((B, 3),)
    scope = Scope()
    apply(both(U, 4, "mul"), [(B, T, F)], scope)
    assert scope.facts.conditions(["U"]) == ["U == 4 or U == 1"]


def test_initial_states_are_halved() -> None:
    assert run(bi(), (B, T, F), *[(B, 8)] * 4).outputs == ((B, 16),)
    assert refusal(bi(), (B, T, F), (B, 8)).message == (
        "takes initial states for both directions, but gets 1"
    )
    assert refusal(bi(), (B, T, F), *[(B, 8)] * 2).message == "takes 2 initial states, but gets 1"


BACKWARDS = {"layer": "LSTM", "config": {"units": 2, "go_backwards": True}}
FORWARDS = {"layer": "LSTM", "config": {"units": 2}}
SEQUENCES = {"layer": "GRU", "config": {"units": 2, "go_backwards": True, "return_sequences": True}}


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"layer": BACKWARDS}, "a layer with go_backwards needs a backward_layer without it"),
        (
            {"layer": FORWARDS, "backward_layer": FORWARDS},
            "one of the layer and the backward_layer must have go_backwards",
        ),
        (
            {"layer": FORWARDS, "backward_layer": SEQUENCES},
            "the layer and the backward_layer must agree on return_sequences",
        ),
        (
            {"layer": {"layer": "Flatten"}},
            "layer must be a recurrent layer such as LSTM, not Flatten",
        ),
        (
            {"layer": {"layer": "LSTM", "config": {"units": 8, "unit": 8}}},
            "layer cannot be made: LSTM: there is no parameter unit; did you mean units?",
        ),
        ({"layer": {"layer": "Foo"}}, "layer cannot be made: there is no layer Foo"),
        ({"layer": 3}, "layer takes a recurrent layer, not 3"),
        ({}, "layer is missing, a recurrent layer"),
        (
            {"layer": FORWARDS, "merge_mode": "average"},
            "merge_mode takes sum, mul, ave, concat or None, not 'average'",
        ),
    ],
)
def test_what_makes_no_bidirectional(config: dict[str, Any], message: str) -> None:
    with pytest.raises(SpecError) as caught:
        layer("Bidirectional", **config)
    assert caught.value.message == f"Bidirectional: {message}"


def test_flags_for_the_wrapper_go_through_the_layer() -> None:
    trace = shapecalc.trace("in:B:T:10,bi-lstm:8:seq:sum,td-dense:3")
    assert trace.output == (B, T, 3)
    assert trace.layers[0].layer == "Bidirectional(LSTM)"


def spectral(name: str, **config: object) -> Layer:
    return layer("SpectralNormalization", layer={"layer": name, "config": config})


def test_spectral_normalization_remembers_a_number_for_each_output() -> None:
    result = run(spectral("Conv2D", filters=U, kernel_size=3), (B, 9, 9, 4))
    assert result.outputs == ((B, 7, 7, U),)
    assert result.weights[-1] == Weight("vector_u", (1, U), trainable=False)
    table = run(spectral("Embedding", input_dim=9, output_dim=4), (B, T))
    assert (table.params, table.trainable_params) == (40, 36)


@pytest.mark.parametrize(
    ("name", "config"),
    [
        ("Flatten", {}),
        ("LSTM", {"units": 3}),
        ("TimeDistributed", {"layer": {"layer": "Dense", "config": {"units": 3}}}),
        ("SeparableConv1D", {"filters": 3, "kernel_size": 1}),
    ],
)
def test_spectral_normalization_needs_a_kernel(name: str, config: dict[str, Any]) -> None:
    error = refusal(spectral(name, **config), (B, 5, 4))
    assert error.message == f"needs a layer with a kernel, which {name} lacks"


def test_spectral_normalizations_nest() -> None:
    inner = {"layer": {"layer": "Dense", "config": {"units": 3}}}
    result = run(spectral("SpectralNormalization", **inner), (B, 4))
    assert [w.name for w in result.weights] == ["kernel", "bias", "vector_u", "vector_u"]


def test_a_pipeline_applies_its_layers_in_order() -> None:
    layers = [layer("Conv1D", filters=8, kernel_size=3), layer("Flatten"), layer("Dense", units=2)]
    result = run(layer("Pipeline", layers=layers), (B, 9, 4))
    assert result.outputs == ((B, 2),)
    assert result.params == 3 * 4 * 8 + 8 + 56 * 2 + 2
    assert layer("Pipeline", layers=layers).input_letters() == ("B", "T", "C")


def test_a_pipeline_says_where_it_fails() -> None:
    error = refusal(layer("Pipeline", layers=[layer("Flatten"), layer("GRU", units=2)]), (B, 9, 4))
    assert error.message == "needs a 3-D input (batch, steps, features), but gets (B, 36)"
    assert error.notes == ["in layer 2 of 2, GRU"]


@pytest.mark.parametrize(
    ("name", "config", "message"),
    [
        ("Pipeline", {}, "layers is missing, a list of layers"),
        ("Pipeline", {"layers": []}, "layers takes a list of layers"),
        ("Pipeline", {"layers": [3]}, "layers takes a list of layers"),
        ("SpectralNormalization", {"layer": BACKWARDS, "power_iterations": 0}, "power_iterations"),
        ("SpectralNormalization", {}, "layer is missing, a layer"),
    ],
)
def test_what_makes_no_wrapper(name: str, config: dict[str, Any], message: str) -> None:
    with pytest.raises(SpecError, match=message):
        layer(name, **config)

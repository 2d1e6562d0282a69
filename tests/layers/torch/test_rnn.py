"""Recurrent modules of torch on letters: outputs, states, weights, messages."""

from __future__ import annotations

import pytest

import shapecalc
from shapecalc.dims import Dim, Shape, substitute
from shapecalc.errors import ShapeError, SpecError
from shapecalc.layers.layer import apply
from shapecalc.layers.result import Result
from shapecalc.layers.scope import Scope

L, N, H, P = map(Dim, "LNHP")
GATES = {"RNN": 1, "GRU": 3, "LSTM": 4}


def run(name: str, *inputs: Shape, scope: Scope | None = None, **config: object) -> Result:
    return apply(shapecalc.layer(name, dialect="torch", **config), inputs, scope or Scope())


def refusal(name: str, *inputs: Shape, **config: object) -> str:
    with pytest.raises(ShapeError) as caught:
        run(name, *inputs, **config)
    return caught.value.message


@pytest.mark.parametrize("name", GATES)
def test_states_stand_behind_the_output_and_keep_the_batch_second(name: str) -> None:
    first = run(name, (N, L, 7), input_size=7, hidden_size=H, num_layers=3, batch_first=True)
    second = run(name, (L, N, 7), input_size=7, hidden_size=H, num_layers=3)
    count = 2 if name == "LSTM" else 1
    assert first.outputs == ((N, L, H), *[(3, N, H)] * count)
    assert second.outputs == ((L, N, H), *[(3, N, H)] * count)


@pytest.mark.parametrize("name", GATES)
def test_without_a_batch_the_states_have_none_either(name: str) -> None:
    result = run(name, (L, 7), input_size=7, hidden_size=H, bidirectional=True, batch_first=True)
    assert result.outputs[:2] == ((L, 2 * H), (2, H))


def test_only_the_state_is_projected() -> None:
    scope = Scope()
    result = run("LSTM", (L, N, 7), scope=scope, input_size=7, hidden_size=H, proj_size=P)
    assert result.outputs == ((L, N, P), (1, N, P), (1, N, H))
    assert [str(truth) for _, truth in scope.required] == ["H > P"]


@pytest.mark.parametrize("name", GATES)
def test_letters_give_what_numbers_give(name: str) -> None:
    config = {"input_size": 7, "num_layers": 2, "bidirectional": True}
    letters = run(name, (L, N, 7), hidden_size=H, **config)
    numbers = run(name, (5, 3, 7), hidden_size=4, **config)
    values = {"L": 5, "N": 3, "H": 4}
    assert numbers.outputs == tuple(
        tuple(substitute(size, values) for size in shape) for shape in letters.outputs
    )
    assert numbers.params == substitute(letters.params, values)
    assert numbers.macs == substitute(letters.macs, values)


def test_weights_have_the_names_of_the_state_dict() -> None:
    result = run(
        "LSTM",
        (L, N, 7),
        input_size=7,
        hidden_size=5,
        proj_size=3,
        num_layers=2,
        bidirectional=True,
    )
    parts = ("weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight_hr")
    ends = ("l0", "l0_reverse", "l1", "l1_reverse")
    assert [w.name for w in result.weights] == [f"{part}_{end}" for end in ends for part in parts]
    shapes = {w.name: w.shape for w in result.weights}
    assert shapes["weight_ih_l0"] == (20, 7)
    assert shapes["weight_ih_l1_reverse"] == (20, 6)
    assert shapes["weight_hr_l1"] == (3, 5)


def test_whatever_comes_in_settles_an_open_input_size() -> None:
    assert run("GRU", (L, N, H), input_size=None, hidden_size=5).weights[0].shape == (15, H)


@pytest.mark.parametrize(
    ("name", "gates", "states"), [("RNNCell", 1, 1), ("GRUCell", 3, 1), ("LSTMCell", 4, 2)]
)
def test_a_cell_gives_its_new_states(name: str, gates: int, states: int) -> None:
    result = run(name, (N, 7), *[(N, H)] * states, input_size=7, hidden_size=H)
    assert result.outputs == ((N, H),) * states
    assert [(w.name, w.shape) for w in result.weights] == [
        ("weight_ih", (gates * H, 7)),
        ("weight_hh", (gates * H, H)),
        ("bias_ih", (gates * H,)),
        ("bias_hh", (gates * H,)),
    ]


def test_a_state_counts_layers_and_directions() -> None:
    config = {"input_size": 7, "hidden_size": 4, "num_layers": 2, "bidirectional": True}
    assert refusal("GRU", (L, N, 7), (2, N, 4), **config) == (
        "needs h_0 of (4, N, 4), a state for each of 2 layers in 2 directions, but gets (2, N, 4)"
    )


def test_a_state_is_never_batch_first() -> None:
    config = {"input_size": 7, "hidden_size": 4, "batch_first": True}
    assert refusal("RNN", (5, L, 7), (5, 1, 4), **config) == (
        "needs h_0 of (1, 5, 4), a state for each of 1 layer in 1 direction, but gets (5, 1, 4);"
        " batch_first is not for the states"
    )


def test_an_lstm_takes_both_states() -> None:
    said = "takes h_0 and c_0, or none of them, but gets 1"
    assert refusal("LSTM", (L, N, 7), (1, N, 4), input_size=7, hidden_size=4) == said
    assert refusal("LSTMCell", (N, 7), (N, 4), input_size=7, hidden_size=4) == said


def test_inputs_are_refused_for_axes_features_and_steps() -> None:
    config = {"input_size": 7, "hidden_size": 4}
    assert refusal("LSTM", (N, L, 3, 7), **config, batch_first=True) == (
        "needs (N, L, F) or, without a batch, (L, F), but gets (N, L, 3, 7)"
    )
    assert refusal("LSTMCell", (L, N, 7), **config) == (
        "needs (N, F) or, without a batch, (F,), but gets (L, N, 7)"
    )
    assert refusal("LSTM", (L, N, 8), **config) == "takes 7 features, but gets 8"
    assert refusal("LSTM", (0, N, 7), **config) == "needs at least 1 step, but gets (0, N, 7)"


@pytest.mark.parametrize(
    ("name", "config", "said"),
    [
        ("LSTM", {"proj_size": 4}, "proj_size 4 must be less than hidden_size 4"),
        ("LSTM", {"nonlinearity": "relu"}, "there is no parameter nonlinearity"),
        ("GRU", {"proj_size": 2}, "there is no parameter proj_size"),
        ("RNN", {"nonlinearity": "sigmoid"}, "nonlinearity takes tanh or relu, not 'sigmoid'"),
        ("RNN", {"num_layers": 0}, "num_layers takes a whole number of at least 1, not 0"),
        ("RNN", {"dropout": 1.5}, "dropout takes a number from 0 to 1, not 1.5"),
    ],
)
def test_arguments_are_refused(name: str, config: dict[str, object], said: str) -> None:
    with pytest.raises(SpecError, match=said):
        shapecalc.layer(name, dialect="torch", input_size=7, hidden_size=4, **config)


def test_layers_without_end_are_refused() -> None:
    with pytest.raises(SpecError, match="more than 100000 layers"):
        run("GRU", (L, N, 7), input_size=7, hidden_size=4, num_layers=10**12)


def test_states_are_handed_over_in_a_spec() -> None:
    spec = "in:S:N:7@x,lstm:7:4@enc,in:T:N:9,lstm:9:4:hx=@enc"
    trace = shapecalc.trace(spec, dialect="torch")
    assert trace.layers[-1].outputs == ((Dim("T"), N, 4), (1, N, 4), (1, N, 4))


@pytest.mark.parametrize(
    ("spec", "outputs"),
    [
        ("in:3:5:10@x,in:2:5:20@h,@x,gru:10:20:2:@h", [(3, 5, 20), (2, 5, 20)]),
        ("in:3:5:10@x,in:2:5:20@h,@x,rnn:10:20:2:hx=@h", [(3, 5, 20), (2, 5, 20)]),
        (
            "in:3:5:10@x,in:1:5:20@h,in:1:5:20@c,@x,lstm:10:20:@h:@c",
            [(3, 5, 20), (1, 5, 20), (1, 5, 20)],
        ),
        (
            "in:3:5:10@x,in:1:5:20@h,in:1:5:20@c,@x,lstm:10:20:(@h,@c)",
            [(3, 5, 20), (1, 5, 20), (1, 5, 20)],
        ),
        (
            "in:3:5:10@x,in:1:5:20@h,in:1:5:20@c,@x,lstm:10:20:hx=(@h,@c)",
            [(3, 5, 20), (1, 5, 20), (1, 5, 20)],
        ),
        (
            "in:3:5:10,lstm:10:20@a,lstm:20:20:@a",
            [(3, 5, 20), (1, 5, 20), (1, 5, 20)],
        ),
    ],
)
def test_specs_read_the_states_of_modules_and_those_that_come_in(
    spec: str, outputs: list[tuple[int, ...]]
) -> None:
    trace = shapecalc.trace(spec, dialect="torch")
    assert list(trace.layers[-1].outputs) == outputs
    assert shapecalc.trace(str(trace.network)).layers[-1].outputs == trace.layers[-1].outputs


@pytest.mark.parametrize(
    ("spec", "message", "hint"),
    [
        (
            "in:3:5:10@x,in:1:5:20@h,@x,gru:10:20:2:@h",
            "gru needs h_0 of (2, 5, 20), a state for each of 2 layers in 1 direction, "
            "but gets (1, 5, 20)",
            None,
        ),
        (
            "in:3:5:10@x,in:1:5:20@h,@x,lstm:10:20:@h",
            "h returns no states",
            "name each of them: hx=(@h,@c)",
        ),
    ],
)
def test_states_that_do_not_fit(spec: str, message: str, hint: str | None) -> None:
    with pytest.raises(shapecalc.ShapecalcError) as caught:
        shapecalc.trace(spec, dialect="torch")
    assert (caught.value.message, caught.value.help) == (message, hint)

"""Repairs are edits that were traced: of specs, of model files, and of networks that were made."""

from __future__ import annotations

from typing import Any

import pytest
from importers.keras.recorded import recorded

import shapecalc
from shapecalc.answers.question import ask
from shapecalc.answers.trace import repairs
from shapecalc.dims import spent
from shapecalc.language.source import MadeSource, _read
from shapecalc.network import Apply, Input, Network, Tensor
from shapecalc.repair.candidates import candidates
from shapecalc.repair.failure import failure_of
from shapecalc.repair.search import MAX_ATTEMPTS, MAX_WORK, SUM


def layer(cls: str, name: str, **config: Any) -> dict[str, Any]:
    return {"module": "keras.layers", "class_name": cls, "config": {"name": name, **config}}


def sequential(*layers: dict[str, Any], shape: list[int | None]) -> dict[str, Any]:
    entry = {"class_name": "InputLayer", "config": {"batch_shape": shape, "name": "input_layer"}}
    return {"class_name": "Sequential", "config": {"name": "s", "layers": [entry, *layers]}}


def network(*layers: Any, shape: Any = (4, 9, 8)) -> Network:
    nodes: list[Any] = [Input(shape, "input_layer")]
    for each in layers:
        nodes.append(Apply(each, (Tensor(len(nodes) - 1),)))
    return Network(nodes, [Tensor(len(nodes) - 1)])


def refusal(source: Any, **asked: Any) -> shapecalc.ShapeError:
    with pytest.raises(shapecalc.ShapeError) as caught:
        shapecalc.trace(source, **asked)
    return caught.value


@pytest.mark.parametrize(
    ("spec", "found"),
    [
        ("lstm:8,lstm:4", ["lstm:8:seq,lstm:4", "lstm:8,repeat:N,lstm:4", "lstm:8,reshape:8:1,lstm:4"]),
        ("lstm:8:return_sequences=False,lstm:4", ["lstm:8:seq,lstm:4"]),
        ("bi(lstm:3|lstm:3:go_backwards),lstm:4", ["bi(lstm:3:seq|lstm:3:seq:go_backwards),lstm:4"]),
        ("in:B:N:T:8,bi-lstm:3", ["in:B:N:T:8,td-bi-lstm:3", "in:B:N:T:8,td-flatten,bi-lstm:3"]),
        ("in:B:4:4:3,spectralnormalization(conv2d:2:5)", ["in:B:4:4:3,spectralnormalization(conv2d:2:5:same)"]),
        ("in:B:9:8,groupnormalization:3", ["in:B:9:8,gn:1"]),
        ("in:B:12,reshape:(5,3)", ["in:B:12,dense:15,reshape:5:3", "in:B:12,reshape:-1:3"]),
        ("in:B:2:8,3x-maxpool1d:2", ["in:B:2:8,3x-maxpool1d:same"]),
    ],
)  # fmt: skip
def test_the_repairs_of_a_spec(spec: str, found: list[str]) -> None:
    texts = list(repairs(ask(spec)))
    assert [text for text in texts if text in found] == found
    assert texts[0] == found[0]
    for text in texts:
        assert str(shapecalc.trace(text).network) == text


def test_a_model_file_is_repaired_as_the_spec_that_says_it() -> None:
    lstm = layer("LSTM", "encoder", units=8)
    model = sequential(lstm, layer("LSTM", "lstm_1", units=4), shape=[None, 9, 8])
    error = refusal(shapecalc.load(model))
    assert error.help == "in:B:9:8,lstm:8:seq@encoder,lstm:4"
    assert error.layer == "lstm_1"
    assert error.notes == ["lstm:8 before it returns only its last step: return_sequences is False"]
    assert next(repairs(ask(shapecalc.load(model)))) == error.help


def test_a_model_within_a_model_is_repaired_where_it_stands_open() -> None:
    lstm = layer("LSTM", "lstm", units=8)
    inner = sequential(lstm, layer("LSTM", "lstm_1", units=4), shape=[None, 9, 8])
    inner["config"]["name"] = "inner"
    outer = sequential(inner, layer("Dense", "dense", units=2), shape=[None, 9, 8])
    error = refusal(shapecalc.load(outer))
    assert error.layer == "inner"
    assert error.help == "in:B:9:8,lstm:8:seq,lstm:4,dense:2"


def test_the_default_name_of_a_layer_goes_with_it() -> None:
    model = sequential(layer("LSTM", "lstm_7", units=4), shape=[None, 5, 9, 8])
    assert refusal(shapecalc.load(model)).help == "in:B:5:9:8,td-lstm:4"


def test_a_network_that_was_made_is_repaired() -> None:
    lstm, dense = shapecalc.layer("LSTM", units=8), shapecalc.layer("Dense", units=3)
    error = refusal(network(lstm, shapecalc.layer("GRU", units=4), dense))
    assert error.help == "in:4:9:8,lstm:8:seq,gru:4,dense:3"
    assert error.span is None


def test_either_tensor_of_a_merge_is_projected() -> None:
    nodes = [
        Input((4, 9, 9, 8), "x"),
        Apply(shapecalc.layer("Conv2D", filters=6, kernel_size=1), (Tensor(0),)),
        Apply(shapecalc.layer("Add"), (Tensor(1), Tensor(0))),
    ]
    found = list(repairs(ask(Network(nodes, [Tensor(2)]))))
    assert "in:4:9:9:8@x,conv2d:6:1,conv2d:8:1,add:@x" in found
    for text in found:
        assert shapecalc.trace(text).output[:3] == (4, 9, 9)
    assert any("@x,conv2d:6:1" in text.replace("@input_layer", "@x") for text in found[1:])


def test_a_model_that_no_spec_can_say_has_no_repair() -> None:
    odd = layer("Odd", "odd")
    odd["module"] = "mine"
    model = sequential(layer("LSTM", "lstm", units=8), odd, shape=[None, 9, 8])
    with pytest.raises(shapecalc.SpecError):
        shapecalc.load(model)
    lstm, add = shapecalc.layer("LSTM", units=8), shapecalc.layer("Add")
    nodes = [
        Input((4, 8)),
        Input(()),
        Apply(lstm, (Tensor(0),)),
        Apply(add, (Tensor(2), Tensor(1))),
    ]
    error = refusal(Network(nodes, [Tensor(3)]))
    assert error.help is None


def test_the_dialect_that_is_asked_is_that_of_repairs() -> None:
    parsed = shapecalc.parse("lstm:7:seq,dense:3")
    assert refusal(parsed, dialect="keras1").help == "lstm:7:seq,td-dense:3"
    said = refusal("dialect:keras1,lstm:7:seq,dense:3")
    assert said.help == "dialect:keras1,lstm:7:seq,td-dense:3"


def test_edits_are_made_for_the_nodes_of_the_network_that_failed() -> None:
    for name, record in recorded("failing").items():
        if "json" not in record or "builds" in record:
            continue
        error = refusal(shapecalc.load(record["json"]), repair=False)
        failure = failure_of(error)
        if failure is None:
            continue
        assert failure.network.nodes[failure.place(failure.row)] is failure.row.node, name
        found = list(candidates(failure, given=False))
        assert len(found) < MAX_ATTEMPTS
        places = [edit.node for edits in found for edit in edits]
        assert all(0 <= place < len(failure.network.nodes) for place in places)


def test_a_made_network_reads_as_itself() -> None:
    made = network(shapecalc.layer("Dense", units=shapecalc.Dim("K")))
    source = MadeSource(made)
    assert source.read({}, {}) is made
    assert source.letters == {"K"}
    assert str(source) == "in:4:9:8,dense:K"


def test_an_edit_of_a_step_that_is_repeated_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    texts: list[str] = []

    def read(text: str, *rest: Any) -> object:
        texts.append(text)
        return _read(text, *rest)

    monkeypatch.setattr("shapecalc.language.source._read", read)
    spec = "in:B:2:W:4,20x(conv2d:4:4:s=2,tconv2d:4:4:s=2),conv2d:4:4,dense:3"
    list(repairs(ask(spec, expect="B,97")))
    assert texts
    assert len(texts) == len(set(texts))


def test_a_search_ends_by_the_work_it_makes() -> None:
    spec = f"in:B:max(T,8):T,{','.join(['pad1d:4,maxpool1d:3'] * 12)},add(conv1d:4:3|),lstm:3"
    begin = spent()
    list(repairs(ask(spec)))
    assert spent() - begin < 2 * MAX_WORK / SUM

"""Model files that are broken or mean harm, beyond what is not a model at all."""

from __future__ import annotations

import io
import json
import random
import zipfile
from copy import deepcopy
from typing import TYPE_CHECKING, Any

import pytest
from importers.keras.recorded import recorded
from terminal import called

import shapecalc
from shapecalc.dims import Dim
from shapecalc.importers.keras import files, reader
from shapecalc.importers.keras.files import read_model

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path


def layer(name: str, cls: str, config: dict[str, Any], *reads: Any) -> dict[str, Any]:
    nodes = [[[*read, {}] for read in reads]] if reads else []
    return {"class_name": cls, "name": name, "config": config, "inbound_nodes": nodes}


def functional(*layers: dict[str, Any], inputs: Any, outputs: Any) -> dict[str, Any]:
    config = {"layers": list(layers), "input_layers": inputs, "output_layers": outputs}
    return {"class_name": "Functional", "config": config}


def sequential(*layers: Any) -> dict[str, Any]:
    return {"class_name": "Sequential", "config": {"layers": list(layers)}}


def entry(name: str, *shape: Any) -> dict[str, Any]:
    return layer(name, "InputLayer", {"batch_shape": list(shape)})


def plain(*read: Any) -> dict[str, Any]:
    """A model whose one layer reads this."""
    dense = layer("d", "Dense", {"units": 3}, read)
    return functional(entry("x", None, 8), dense, inputs=[["x", 0, 0]], outputs=[["d", 0, 0]])


def test_the_plain_model_is_read() -> None:
    assert shapecalc.trace(shapecalc.load(plain("x", 0, 0))).output == (Dim("B"), 3)


@pytest.mark.parametrize(
    "read",
    [
        ("x", 0, -1),
        ("x", 0, 1),
        ("x", 0, 0.0),
        ("x", 0, True),
        ("x", 0, None),
        ("x", 0, {}),
        ("x", 0, "0"),
        ("x", -1, 0),
        ("x", float("nan"), 0),
        ("x", [], 0),
        ("y", 0, 0),
        (5, 0, 0),
        (None, 0, 0),
    ],
)
def test_a_tensor_that_is_none_is_refused(read: tuple[Any, ...]) -> None:
    tensor = {"class_name": "__keras_tensor__", "config": {"keras_history": list(read)}}
    newer = plain("x", 0, 0)
    newer["config"]["layers"][1]["inbound_nodes"] = [{"args": [tensor], "kwargs": {}}]
    ends = plain("x", 0, 0)
    ends["config"]["output_layers"] = [list(read)]
    for model in (plain(*read), newer, ends):
        with pytest.raises(shapecalc.SpecError):
            shapecalc.trace(shapecalc.load(model))


@pytest.mark.parametrize(
    "shape",
    [[None, 0], [None, -8], [None, 8.0], [None, True], [None, "F"], [None, [8]], [None] * 2000],
)
def test_a_shape_that_is_none_is_refused(shape: list[Any]) -> None:
    dense = {"class_name": "Dense", "config": {"units": 3, "batch_input_shape": shape}}
    with pytest.raises(shapecalc.SpecError, match="the file has an invalid shape"):
        shapecalc.load(sequential(dense))


def test_two_layers_of_one_name_are_two_layers() -> None:
    def dense(name: str, units: int) -> dict[str, Any]:
        return {"class_name": "Dense", "config": {"name": name, "units": units}}

    names = ["d", "d_1", "d", "d_1", "d_2", "d"]
    layers = [dense(name, 3 + at) for at, name in enumerate(names)]
    trace = shapecalc.trace(shapecalc.load(sequential(entry("x", None, 8), *layers)))
    assert [row.shares for row in trace.layers] == [None] * len(names)
    assert len({row.name for row in trace.layers}) == len(names)
    assert [row.outputs[0][1] for row in trace.layers] == [3, 4, 5, 6, 7, 8]


def test_names_in_a_graph_say_which_layer_is_read() -> None:
    model = plain("x", 0, 0)
    model["config"]["layers"].append(layer("d", "Dense", {"units": 4}, ("x", 0, 0)))
    with pytest.raises(shapecalc.SpecError, match="d is the name of several layers"):
        shapecalc.load(model)


def test_a_name_with_a_slash_is_no_layer_of_a_model() -> None:
    inner = functional(
        entry("x", None, 8),
        layer("d", "Dense", {"units": 8}, ("x", 0, 0)),
        inputs=[["x", 0, 0]],
        outputs=[["d", 0, 0]],
    )
    model = functional(
        entry("x", None, 8),
        layer("m/d", "Dense", {"units": 8}, ("x", 0, 0)),
        layer("m", inner["class_name"], inner["config"], ("m/d", 0, 0)),
        inputs=[["x", 0, 0]],
        outputs=[["m", 0, 0]],
    )
    trace = shapecalc.trace(read_model(model, expand=True))
    assert [row.shares for row in trace.layers] == [None, None]
    assert trace.params == 2 * 72


def tensor(name: str, *shape: Any) -> dict[str, Any]:
    config = {"keras_history": [name, 0, 0], "shape": list(shape)}
    return {"class_name": "__keras_tensor__", "config": config}


def joined(*layers: dict[str, Any], reads: Sequence[str]) -> dict[str, Any]:
    """A model whose last layer but one is of a user-defined class, and reads two tensors."""
    mine = layer("m", "Mine", {}) | {"registered_name": "my>Mine"}
    mine["inbound_nodes"] = [{"args": [tensor(name, None, 8) for name in reads], "kwargs": {}}]
    relu = layer("r", "ReLU", {})
    relu["inbound_nodes"] = [{"args": [tensor("m", None, 16)], "kwargs": {}}]
    inputs = [["x", 0, 0], ["y", 0, 0]]
    entries = [entry("x", None, 8), entry("y", None, 8)]
    return functional(*entries, *layers, mine, relu, inputs=inputs, outputs=[["r", 0, 0]])


def test_what_no_spec_can_say_is_not_written() -> None:
    dense = layer("d", "Dense", {"units": 8}, ("y", 0, 0))
    unread = plain("x", 0, 0)
    unread["config"]["layers"].append(entry("y", None, 8))
    unread["config"]["input_layers"].append(["y", 0, 0])
    for model, said in (
        (unread, "the input y is read by no layer that can be written in a spec"),
        (joined(reads=["x", "y"]), "the input y is read by no layer that can be written"),
        (joined(dense, reads=["x", "d"]), "m reads several tensors"),
    ):
        network = shapecalc.load(model)
        assert shapecalc.trace(network).outputs
        with pytest.raises(shapecalc.SpecError, match=said):
            str(network)


def test_names_are_gathered_once_for_all_layers(monkeypatch: pytest.MonkeyPatch) -> None:
    gathered: list[int] = []

    def calls(data: Any, names: set[str]) -> Any:
        gathered.append(id(names))
        return calls_of(data, names)

    calls_of = reader.calls_of
    monkeypatch.setattr(reader, "calls_of", calls)
    count = 50
    chain = [layer(f"r{n}", "ReLU", {}, (f"r{n - 1}" if n else "x", 0, 0)) for n in range(count)]
    ends = [[f"r{count - 1}", 0, 0]]
    shapecalc.load(functional(entry("x", None, 8), *chain, inputs=[["x", 0, 0]], outputs=ends))
    assert len(gathered) == count + 1
    assert len(set(gathered)) == 1


def test_what_was_built_is_looked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[Any] = []

    def entry_of(data: Any) -> Any:
        looked.append(data)
        return found(data)

    found = reader.entry_of
    monkeypatch.setattr(reader, "entry_of", entry_of)
    count = 200
    layers = [{"class_name": "ReLU", "config": {"name": f"r{n}"}} for n in range(count)]
    shapecalc.load(sequential(*layers))
    assert len(looked) <= 3 * count


def archive(members: int, config: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as opened:
        opened.writestr("config.json", config)
        for number in range(members):
            opened.writestr(zipfile.ZipInfo(f"{number:08d}"), b"")
    return stream.getvalue()


MODEL = json.dumps(plain("x", 0, 0)).encode()


def test_a_directory_of_an_archive_is_not_read_however_large(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = archive(500, MODEL)
    path = tmp_path / "m.keras"
    path.write_bytes(data)
    assert called(str(path), "-q").out == called("-", "-q", stdin=data).out == "B,3\n"
    monkeypatch.setattr(files, "MAX_DIRECTORY", 20_000)
    monkeypatch.setattr(zipfile, "ZipInfo", None)
    for done in (called(str(path)), called("-", stdin=data)):
        assert (done.code, done.out) == (2, "")
        assert "the directory of the archive is larger than" in done.err
    with pytest.raises(shapecalc.SpecError, match="the directory of the archive is larger than"):
        read_model(data)


def test_an_archive_has_few_members(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_MEMBERS", 100)
    with pytest.raises(shapecalc.SpecError, match="the archive has more than 100 files"):
        read_model(archive(100, MODEL))
    assert read_model(archive(99, MODEL)).outputs


def test_json_has_few_values(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_VALUES", 100)
    assert read_model(MODEL).outputs
    for data in (b"[" + b"[]," * 101 + b"1]", archive(0, b"[" + b"1," * 101 + b"1]")):
        with pytest.raises(shapecalc.SpecError, match="it has more than 100 values"):
            read_model(data)


VALUES: list[Any] = [
    *(None, True, 0, -1, 3, 3.5, float("inf"), float("nan"), 10**50, "", "x", "T", "\ud800"),
    *([], {}, [None], [[]], ["x", 0, 0], "Functional", "Sequential", "channels_first"),
    *({"class_name": "Dense"}, {"class_name": "Dense", "config": {"units": 3}}),
    *({"class_name": "__tuple__", "items": 3}, {"class_name": "__keras_tensor__"}),
]


def places(data: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    keys = list(data) if isinstance(data, dict) else range(len(data))
    for key in keys:
        yield (*path, key)
        if isinstance(data[key], (dict, list)):
            yield from places(data[key], (*path, key))


def changed(model: dict[str, Any], draw: random.Random) -> dict[str, Any]:
    """A model in which a few values are others, are gone, or are those of other places."""
    model = deepcopy(model)
    for _ in range(draw.choice([1, 1, 2, 4])):
        found = list(places(model))
        *path, last = draw.choice(found)
        inner: Any = model
        for key in path:
            inner = inner[key]
        kind = draw.random()
        if kind < 0.7:
            inner[last] = deepcopy(draw.choice(VALUES))
        elif kind < 0.85:
            del inner[last]
        else:
            other: Any = model
            for key in draw.choice(found):
                other = other[key]
            inner[last] = deepcopy(other)
    return model


def test_no_change_of_a_model_makes_it_crash() -> None:
    models = [r["json"] for r in recorded("failing").values() if "json" in r]
    models += [r["json"] for r in recorded("small").values() if "json" in r]
    models = [model for model in models if len(json.dumps(model)) < 6_000]
    draw = random.Random(20)  # noqa: S311  (the same ones in each run)
    fits = 0
    for _ in range(600):
        model = changed(draw.choice(models), draw)
        try:
            network = shapecalc.load(model)
            fits += bool(shapecalc.trace(network).to_dict())
        except shapecalc.ShapecalcError as error:
            assert error.message
    assert fits > 100

"""What models lie in: HDF5, TensorFlow.js, YAML, JSON within JSON; read alike, or refused."""

from __future__ import annotations

import io
import json
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from terminal import called

import shapecalc
from shapecalc.importers.keras import hdf5
from shapecalc.importers.keras.files import read_model
from shapecalc.importers.keras.nesting import MAX_VALUES

if TYPE_CHECKING:
    from collections.abc import Callable

FILES = Path(__file__).parents[2] / "data" / "models" / "files"
DENSE = {"class_name": "Dense", "config": {"name": "d", "units": 3, "batch_input_shape": [None, 8]}}
MODEL: dict[str, Any] = {"class_name": "Sequential", "config": {"name": "s", "layers": [DENSE]}}
READ = shapecalc.load(MODEL)


def h5_bytes(fill: Callable[[Any], None]) -> bytes:
    h5py = pytest.importorskip("h5py", reason="pip install '.[h5]'")
    stream = io.BytesIO()
    with h5py.File(stream, "w") as file:
        fill(file)
    return stream.getvalue()


def described(value: Any) -> Callable[[Any], None]:
    def fill(file: Any) -> None:
        file.attrs["model_config"] = value
        file.create_group("model_weights").create_dataset("kernel", data=[1.0, 2.0])

    return fill


@pytest.mark.parametrize(
    "data",
    [
        {"format": "layers-model", "modelTopology": {"model_config": MODEL, "backend": "x"}},
        {"format": "layers-model", "modelTopology": MODEL},
        {"modelTopology": json.dumps(MODEL)},
        {"architecture": MODEL, "image_data_format": "channels_last"},
        {"architecture": {"model_config": json.dumps(MODEL)}},
        {"config": json.dumps({"model_config": MODEL})},
        MODEL["config"],
    ],
)
def test_a_model_is_found_in_what_it_lies_in(data: dict[str, Any]) -> None:
    assert shapecalc.load(data) == READ
    assert read_model(json.dumps(data).encode()) == READ
    assert read_model(json.dumps(json.dumps(data)).encode()) == READ


def test_a_list_of_layers_is_a_sequential_model() -> None:
    assert read_model(json.dumps([DENSE]).encode()) == READ


def test_wrappings_without_end_are_refused() -> None:
    data: Any = MODEL
    for _ in range(20):
        data = {"model": data}
    with pytest.raises(shapecalc.SpecError, match="this is not a Keras model"):
        shapecalc.load(data)


@pytest.mark.parametrize(
    "data",
    [
        {"format": "graph-model", "modelTopology": None},
        {"modelTopology": {"node": [{"name": "x", "op": "Placeholder"}]}},
        {"node": [], "library": {}},
    ],
)
def test_a_tensorflow_graph_is_refused_as_one(data: dict[str, Any]) -> None:
    with pytest.raises(shapecalc.SpecError, match="a TensorFlow graph, not a Keras model"):
        shapecalc.load(data)


@pytest.mark.parametrize("value", [json.dumps(MODEL), json.dumps(MODEL).encode()])
def test_hdf5_is_read_from_a_path_and_from_a_pipe(value: str | bytes, tmp_path: Path) -> None:
    data = h5_bytes(described(value))
    path = tmp_path / "model.keras"
    path.write_bytes(data)
    assert shapecalc.load(path) == READ
    assert read_model(data) == READ
    assert called(str(path), "-q").out == "B,3\n"
    assert called("-", "-q", stdin=data).out == "B,3\n"


def test_hdf5_within_an_archive_is_read() -> None:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("config.json", h5_bytes(described(json.dumps(MODEL))))
    assert read_model(data.getvalue()) == READ


def test_hdf5_without_a_model_is_refused() -> None:
    data = h5_bytes(lambda file: file.create_group("dense_1"))
    with pytest.raises(shapecalc.SpecError, match="has no model_config, so it holds weights"):
        read_model(data, name="w.h5")


@pytest.mark.parametrize("value", [3, [1, 2, 3], ["a", "b"]])
def test_hdf5_whose_description_is_no_text_is_refused(value: Any) -> None:
    with pytest.raises(shapecalc.SpecError, match=r"w\.h5: "):
        read_model(h5_bytes(described(value)), name="w.h5")


def test_hdf5_description_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hdf5, "MAX_CONFIG", 50)
    with pytest.raises(shapecalc.SpecError, match="model_config of the HDF5 file is"):
        read_model(h5_bytes(described(json.dumps(MODEL))))


@pytest.mark.parametrize(("file", "package", "extra"), [
    ("hdf5.h5", "h5py", "h5"),
    ("yaml2.yaml", "yaml", "yaml"),
])  # fmt: skip
def test_without_its_package_a_file_says_what_to_install(
    file: str, package: str, extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    done = called(str(FILES / file))
    assert (done.code, done.out) == (2, "")
    assert f"pip install 'shapecalc-cli[{extra}]'" in done.err
    assert "model.to_json()" in done.err


def test_json_needs_no_further_package(monkeypatch: pytest.MonkeyPatch) -> None:
    for package in ("h5py", "yaml"):
        monkeypatch.setitem(sys.modules, package, None)
    assert "dense:6" in str(shapecalc.load(FILES / "tfjs_layers.json"))


YAML = """\
{head}class_name: Sequential
config:
- class_name: Dense
  config:
    name: !!python/unicode 'd'
    units: !!python/long 3
    batch_input_shape: {shape}
"""


@pytest.mark.parametrize("head", ["", "backend: tensorflow\n", "--- !!python/dict\n", "# a\n"])
@pytest.mark.parametrize(
    "shape", ["[null, 8]", "!!python/tuple [null, 8]", "!!python/object/apply:tuple\n    - null\n    - 8"]
)  # fmt: skip
def test_yaml_is_plain_data_whatever_its_tags_say(head: str, shape: str) -> None:
    pytest.importorskip("yaml", reason="pip install '.[yaml]'")
    text = YAML.format(head=head, shape=shape)
    assert read_model(text.encode()) == READ
    assert called("-", "-q", stdin=text.encode()).out == "B,3\n"


def test_yaml_runs_nothing(tmp_path: Path) -> None:
    pytest.importorskip("yaml", reason="pip install '.[yaml]'")
    mark = tmp_path / "mark"
    call = (
        f"!!python/object/apply:pathlib.Path.touch [!!python/object/apply:pathlib.Path ['{mark}']]"
    )
    text = YAML.format(head="", shape="[null, 8]") + f"    evil: {call}\n"
    with pytest.raises(shapecalc.SpecError, match="evil"):
        read_model(text.encode())
    assert not mark.exists()


@pytest.mark.parametrize("merge", ["", "<<: "])
def test_yaml_aliases_that_multiply_are_refused(merge: str) -> None:
    pytest.importorskip("yaml", reason="pip install '.[yaml]'")
    one = "{a: 1}" if merge else "[x, x]"
    lines = [f"a0: &a0 {one}"]
    for number in range(1, 40):
        inner = ", ".join([f"*a{number - 1}"] * 9)
        lines.append(
            f"a{number}: &a{number} {'{<<: [' if merge else '['}{inner}{']}' if merge else ']'}"
        )
    text = "class_name: Sequential\nconfig: []\n" + "\n".join(lines)
    with pytest.raises(shapecalc.SpecError, match=f"more than {MAX_VALUES:,} values"):
        read_model(text.encode())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("class_name: [", "this is not YAML"),
        ("class_name: &a [*a]", "nested too deeply"),
        ("class_name: !!int x", "this is not YAML"),
        ("class_name: " + "[\n" * 100_000, "nested too deeply"),
        ("class_name: 3", "this is not a Keras model"),
        ("class_name: " + "9" * 10_000, "this is not YAML"),
        ("class_name: Sequential\n? [a]\n: b", "this is not YAML"),
    ],
)
def test_yaml_that_is_broken_is_refused(text: str, message: str) -> None:
    pytest.importorskip("yaml", reason="pip install '.[yaml]'")
    with pytest.raises(shapecalc.SpecError) as caught:
        read_model(text.encode(), name="m.yaml")
    assert message in caught.value.message
    assert caught.value.message.startswith("m.yaml: ")

"""The command on source code: models, options, places of errors, and nothing of it is run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from terminal import called, piped, shown

import shapecalc
from shapecalc.errors import ShapeError, SpecError

NET = """\
import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(self, classes=10):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3)
        self.fc1 = nn.Linear(400, classes)

    def forward(self, x):
        x = F.max_pool2d(self.conv(x), 2)
        x = x.flatten(1)
        return self.fc1(x)
"""
TWO = """\
import torch
from torch import nn
head = nn.Sequential(nn.Linear(4, 3), nn.ReLU())
tail = nn.Sequential(nn.Linear(3, 2))
head(torch.zeros(5, 4))
tail(torch.zeros(5, 3))
"""
PAIR = """\
import torch
from torch import nn

class Pair(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(4, 3)

    def forward(self, left, right):
        return self.a(left) + right
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name, text in (("model.py", NET), ("two.py", TWO), ("pair.py", PAIR)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


@pytest.mark.usefixtures("folder")
def test_an_error_is_shown_at_its_line() -> None:
    done = called("model.py", "-i", "N,3,12,12")
    assert done.code == 1
    assert done.out == ""
    assert done.err.splitlines() == [
        "model.py:14:16: error: Linear takes 400 features, but gets 200  [features]",
        "   14 |         return self.fc1(x)",
        "      |                ^^^^^^^^^^^",
        "   model.py:9: created here: self.fc1 = nn.Linear(400, classes)",
        "help: model.py:9: self.fc1 = nn.Linear(200, classes)",
    ]


@pytest.mark.usefixtures("folder")
def test_rows_have_the_paths_of_attributes_and_lines() -> None:
    done = called("model.py:Net(classes=4)", "-s", "H=12,W=22", "--columns", "name,line,output")
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines() == [
        "conv\t12\tN,8,10,20",
        "max_pool2d\t12\tN,8,5,10",
        "flatten\t13\tN,400",
        "fc1\t14\tN,4",
    ]
    (first, *_) = json.loads(called("model.py", "-s", "H=12,W=22", "-f", "json").out)["layers"]
    assert first["line"] == 12
    assert called("model.py", "-f", "table", "-s", "H=12,W=22").out.splitlines()[1].split()[-2] == (
        "line"
    )


@pytest.mark.usefixtures("folder")
def test_what_reads_nothing_has_no_input() -> None:
    Path("m.py").write_text(
        "import torch\nfrom torch import nn\nclass Net(nn.Module):\n"
        "    def forward(self, x):\n        return x + torch.zeros(1, 8)\n"
    )
    done = called("m.py", "-i", "N,8", "--columns", "layer,input,output")
    assert done.out.splitlines()[0] == "torch.zeros\t-\t1,8"


@pytest.mark.usefixtures("folder")
def test_sizes_that_a_model_takes_are_found() -> None:
    data = json.loads(called("model.py:Net", "-s", "H=12", "-f", "json").out)
    assert data["model"] == "Net"
    assert data["spec"].startswith("dialect:torch,in:N:3:H:W@x,conv2d:3:8:3@conv")
    assert data["conditions"] == ["22 <= W <= 23"]


@pytest.mark.usefixtures("folder")
def test_each_of_several_models_is_shown_with_its_name() -> None:
    assert called("two.py", "-q").out == "head\t5,3\ntail\t5,2\n"
    assert called("two.py", "--columns", "output").out == "# head\n5,3\n5,3\n# tail\n5,2\n"
    found = json.loads(called("two.py", "-f", "json").out)
    assert [each["model"] for each in found] == ["head", "tail"]
    assert called("two.py:tail", "-q").out == "5,2\n"
    done = called("explain", "two.py")
    assert (done.code, done.out) == (2, "")
    assert "two.py has 2 models: head, tail" in done.err


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    "inputs", [("2,4", "2,3"), ("left=2,4", "right=2,3"), ("right=2,3", "left=2,4")]
)
def test_inputs_are_given_in_order_or_by_name(inputs: tuple[str, str]) -> None:
    options = [part for each in inputs for part in ("-i", each)]
    assert called("pair.py", *options, "-q").out == "2,3\n"
    wrong = called("pair.py", "-i", "2,4", "-i", "2,7")
    assert wrong.code == 1
    assert "pair.py:10:16: error: add cannot join" in wrong.err


def test_inputs_of_a_spec_are_given_in_order_too() -> None:
    spec = "in:B:T@a,in:B:S@b,add:@a"
    assert called(spec, "-i", "2,4", "-i", "2,4", "-q").out == "2,4\n"
    assert "and 3 are given" in called(spec, "-i", "2,4", "-i", "2,4", "-i", "3").err


@pytest.mark.usefixtures("folder")
def test_a_program_is_read_from_a_pipe() -> None:
    done = piped("-", "-q", stdin=TWO.encode())
    assert (done.code, done.out) == (0, "head\t5,3\ntail\t5,2\n")
    assert called("-", "-q", stdin=b"in:B:8\ndense:3\n").out == "B,3\n"


@pytest.mark.usefixtures("folder")
def test_other_commands_work_on_source() -> None:
    sizes = ("-s", "H=12,W=22")
    assert "1 conv  Conv2d(3, 8, 3)" in called("explain", "model.py", *sizes).out
    assert called("cost", "model.py", *sizes, "--columns", "macs").out.splitlines()[-1] == "4000*N"
    assert called("diff", "model.py", "model.py:Net()").code == 0
    assert "flowchart TD" in called("model.py", "-f", "mermaid").out
    text = called("convert", "two.py:head").out.strip()
    assert called(text, "-q").out == "5,3\n"
    at = called("model.py", *sizes[:0], "--at", "W=22,99", "-s", "H=12", "--columns", "name")
    assert at.code == 1
    assert "this is at W=99" in at.err


@pytest.mark.usefixtures("folder")
def test_what_no_spec_can_say_is_named_by_its_line(folder: Path) -> None:
    (folder / "own.py").write_text(TWO + "tail(torch.ones(2, 3) + 1)\n", encoding="utf-8")
    text = "import torch\nclass N(torch.nn.Module):\n    def forward(self, x):\n"
    (folder / "made.py").write_text(text + "        return x + torch.ones(7)\n", encoding="utf-8")
    done = called("convert", "made.py", "-d", "torch")
    assert (done.code, done.out) == (2, "")
    assert "made.py:4:" in done.err
    assert "cannot be written in a spec" in done.err


def test_what_cannot_be_read_exits_2(folder: Path) -> None:
    (folder / "old.py").write_text("import torch\nprint 'x'\n", encoding="utf-8")
    (folder / "none.py").write_text("x = 3\n", encoding="utf-8")
    assert called("gone.py").code == 2
    old = called("old.py")
    assert old.code == 2
    assert old.err.startswith("old.py:2:1: error: this is Python 2")
    assert called("none.py").code == 2
    assert called("model.py:Nett").code == 1
    assert called("model.py:)").code == 2


@pytest.mark.usefixtures("folder")
def test_python_names_read_source_too() -> None:
    network = shapecalc.load("model.py:Net")
    trace = shapecalc.trace(network, input="2,3,12,22")
    assert trace.output == (2, 10)
    assert shapecalc.trace(network, set={"H": 12, "W": 22}).conditions == []
    with pytest.raises(SpecError, match="has 2 models: head, tail"):
        shapecalc.load("two.py")
    with pytest.raises(ShapeError) as caught:
        shapecalc.trace(network, input="2,3,12,12")
    said = caught.value.to_dict()
    assert (said["path"], said["line"], said["column"]) == ("model.py", 14, 16)
    assert said["rule"] == "features"


@pytest.mark.parametrize(
    ("text", "spec"),
    [
        ("LSTM(64, return_sequences=True), TimeDistributed(Dense(3))", "lstm:64:seq,td-dense:3"),
        ("Dense(2 * 5)\nReLU()", "dense:10,relu"),
        (
            "keras.Sequential([Input((28, 28, 1)), layers.Flatten(), layers.Dense(10)])",
            "in:?:28:28:1,flatten,dense:10",
        ),
        ("Dense(8, input_shape=(16,)), Dense(K)", "in:?:16,dense:8,dense:K"),
        ("nn.Sequential(nn.Linear(3, 4), nn.Tanh())", "dialect:torch,linear:3:4,tanh"),
        (
            "Sequential(\n  (0): Conv2d(3, 8, kernel_size=(3, 3), stride=(1, 1), padding=same)\n"
            "  (1): Sequential(\n    (0): ReLU(inplace=True)\n  )\n  (2): Flatten()\n)",
            "dialect:torch,conv2d:3:8:3x3:s=1x1:same,relu:inplace,flatten",
        ),
    ],
)
def test_layers_are_read_as_calls(text: str, spec: str) -> None:
    assert called(text, "-f", "spec").out == called(spec, "-f", "spec").out == f"{spec}\n"
    assert shapecalc.parse(text) == shapecalc.parse(spec)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Conv2D(8, 3, kernal=3)", "there is no parameter kernal"),
        ("Foo(3), Dense(4)", "there is no layer Foo"),
        ("Dense(print), Dense(x[0])", "Dense"),
    ],
)
def test_calls_that_cannot_be_read_are_refused(text: str, said: str) -> None:
    done = called(text)
    assert (done.code, done.out) == (2, "")
    assert said in done.err


@pytest.mark.usefixtures("folder")
def test_the_sizes_that_a_model_accepts_are_found() -> None:
    code, page = shown("model.py", columns=200)
    said = dict(line.strip().split("  ", 1) for line in page.splitlines() if line.startswith("  "))
    assert code == 0
    assert said["holds when"] == "H >= 4 and W >= 4 and (H//2 - 1)*(W//2 - 1) == 50"
    assert said["that is"].strip().split("; or ") == [
        "H 12 to 13 and W 22 to 23",
        "H 22 to 23 and W 12 to 13",
        "H 6 to 7 and W 52 to 53",
        "H 52 to 53 and W 6 to 7",
        "H 4 to 5 and W 102 to 103",
        "H 102 to 103 and W 4 to 5",
    ]
    found = json.loads(called("model.py", "-f", "json").out)
    assert found["conditions"] == ["H >= 4", "W >= 4", "(H//2 - 1)*(W//2 - 1) == 50"]


@pytest.mark.parametrize(
    ("text", "given", "row"),
    [
        ("from torch import nn\nlayer = nn.Linear(3, 4)\n", "N,3", "linear\tLinear\tN,3\tN,4\t16"),
        (
            "from keras import layers\nlayer = layers.Dense(4)\n",
            "B,3",
            "dense\tDense\tB,3\tB,4\t16",
        ),
        (
            "from torch import nn\nmake = lambda: nn.Sequential(nn.Linear(3, 4))\n",
            "N,3",
            "0\tLinear\tN,3\tN,4\t16",
        ),
    ],
)
def test_what_stands_alone_in_a_file_is_its_model(
    tmp_path: Path, text: str, given: str, row: str
) -> None:
    path = tmp_path / "alone.py"
    path.write_text(text, encoding="utf-8")
    assert called(str(path), "-i", given).out == f"1\t{row}\n"


def test_a_layer_is_no_model_beside_a_class_that_needs_arguments(tmp_path: Path) -> None:
    path = tmp_path / "beside.py"
    text = PAIR.replace("(self)", "(self, width)") + "relu = nn.ReLU()\n"
    path.write_text(text, encoding="utf-8")
    assert "beside.py:Pair(width)" in called(str(path)).err


@pytest.mark.usefixtures("folder")
def test_what_python_finds_odd_is_not_said() -> None:
    text = 'import keras\nm = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1if"\\d"else 2)])\n'
    Path("odd.py").write_text(text)
    assert called("odd.py").err == ""
    assert "decimal" not in called("1if x: 3").err


LOOP = """\
import torch
from torch import nn
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.cell = nn.GRUCell(3, 20)
        self.fc = nn.Linear(20, 4)
    def forward(self, x, h):
        outs = []
        for t in range(x.shape[1]):
            h = self.cell(x[:, t], h)
            outs.append(self.fc(h))
        return torch.stack(outs, 1), h
"""


@pytest.mark.usefixtures("folder")
def test_the_turns_of_a_loop_are_one_row_at_numbers_too() -> None:
    Path("loop.py").write_text(LOOP)
    done = called("loop.py", "--at", "N=2,L=3", "--columns", "name,output")
    assert done.out.splitlines() == [
        "__getitem__\tN,3\t2,3",
        "cell\tN,20\t2,20",
        "fc\tN,4\t2,4",
        "stack\tN,L,4\t2,3,4",
    ]
    costs = called("cost", "loop.py", "--at", "N=2,L=3").out.splitlines()
    assert [line.split("\t")[-2] for line in costs] == ["0", "8280", "480", "0"]


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("to", ["spec", "torch", "keras"])
def test_a_loop_in_letters_is_not_written_as_one_turn(to: str) -> None:
    Path("loop.py").write_text(LOOP)
    done = called("convert", "loop.py", "--to", to)
    assert (done.code, done.out) == (2, "")
    assert "loop" in done.err
    assert "x[:, 1]" in called("convert", "loop.py", "--to", "torch", "-s", "L=2").out


@pytest.mark.usefixtures("folder")
def test_letters_of_inputs_that_are_found_can_be_set() -> None:
    Path("loop.py").write_text(LOOP)
    assert called("loop.py", "-s", "N=2", "-q").out == "2,L,4\n2,20\n"


WRITTEN = """\
import keras
from keras import layers, ops


class Linear(layers.Layer):
    def __init__(self, units):
        super().__init__()
        self.units = units

    def build(self, shape):
        self.kernel = self.add_weight(shape=(shape[-1], self.units), name="kernel")

    def call(self, x):
        return ops.matmul(x, self.kernel)


class Last(layers.Layer):
    def call(self, x):
        return ops.max(x, axis=1)
"""


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["explain", "layers.py:Linear(3)", "-i", "B,8"], "params: 24"),
        (["diff", "layers.py:Linear(3)", "layers.py:Linear(4)", "-i", "B,8"], "B,3\tB,4"),
        (["cost", "layers.py:Linear(3)", "-i", "B,8"], "24*B"),
        (["annotate", "layers.py:Linear(3)", "-i", "B,8"], "self.kernel)  # -> (B, 3)"),
        (["solve", "layers.py:Last()", "-i", "B,T,C", "--output", "B,8"], "C == 8"),
    ],
)
def test_commands_read_a_program_for_the_inputs_that_are_given(
    arguments: list[str], said: str, folder: Path
) -> None:
    (folder / "layers.py").write_text(WRITTEN)
    found = called(*arguments)
    assert said in found.out
    assert found.err == ""


@pytest.mark.usefixtures("folder")
def test_sides_of_a_diff_that_fail_for_the_inputs_are_compared_until_then() -> None:
    found = called("diff", "model.py:Net()", "model.py:Net(3)", "-i", "N,3,32,32")
    assert found.err.count("Linear takes 400 features, but gets 1800") == 2
    assert found.code == 1


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("expression", "place", "line"),
    [
        ("Nope(1)", "model.py:expression:1:1: error: NameError", "    1 | Nope(1)"),
        ("Net(1, 2)", "model.py:expression:1:1: error: TypeError", "    1 | Net(1, 2)"),
        (
            "nn.Sequential(nn.Linear(3,4), nn.Linear(5,6))",
            "model.py:expression:1:32: error: Linear takes 5 features",
            "    1 | nn.Sequential(nn.Linear(3, 4), nn.Linear(5, 6))",
        ),
        ("Net", "model.py:14:16: error: Linear takes 400", "   14 |         return self.fc1(x)"),
    ],
)
def test_what_is_wrong_in_an_expression_is_shown_in_it(
    expression: str, place: str, line: str
) -> None:
    found = called(f"model.py:{expression}", "-i", "N,3" if "Seq" in expression else "N,3,32,32")
    assert found.err.startswith(place)
    assert line in found.err.splitlines()
    assert (found.code, found.out) == (1, "")


@pytest.mark.usefixtures("folder")
def test_lines_of_the_file_are_not_annotated_with_what_an_expression_makes() -> None:
    assert called("annotate", "model.py:nn.Sequential(nn.Linear(3,4))").out == NET

"""Layers that another package brings: installed as packages are, and tried by the command."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from terminal import Done, called, forked, piped
from test_architecture import loaded_by
from test_readme import ROOT, blocks

if TYPE_CHECKING:
    from pathlib import Path

#: The plugin that the pages show.
(SQUASH,) = [
    block.text for block in blocks(ROOT / ".docs" / "plugins.md") if block.file == "capsules.py"
]


def install(folder: Path, name: str, module: str, text: str, value: str | None = None) -> None:
    """Put a module and its metadata where Python finds installed packages."""
    (folder / f"{module}.py").write_text(text, encoding="utf-8")
    data = folder / f"{name.replace('-', '_')}-1.0.dist-info"
    data.mkdir()
    (data / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n", encoding="utf-8"
    )
    points = f"[shapecalc.layers]\n{module} = {value or module}\n"
    (data / "entry_points.txt").write_text(points, encoding="utf-8")


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    install(tmp_path, "shapecalc-capsules", "capsules", SQUASH)
    return tmp_path


def run(folder: Path, *commands: str) -> list[Done]:
    return forked(*map(str.split, commands), paths=[str(folder)])


def test_a_plugin_layer_has_shapes_and_weights(installed: Path) -> None:
    done = piped("in:B:N:8,capsules:10:16", PYTHONPATH=str(installed))
    assert done == Done(0, "1\tcapsules\tCapsules\tB,N,8\tB,10,16\t1280*N\n", "")


def test_a_plugin_layer_stands_where_layers_stand(installed: Path) -> None:
    spec, form = run(
        installed, "in:B:T:N:8,td-caps:10:16 -f spec", "in:B:N:8,capsules:10:16 -f json"
    )
    assert spec == Done(0, "in:B:T:N:8,td-capsules:10:16\n", "")
    rows = json.loads(form.out)["layers"]
    assert rows[0]["config"] == {"num_capsules": 10, "capsule_dim": 16}
    assert [weight["shape"] for weight in rows[0]["weights"]] == [["N", 10, 8, 16]]


def test_a_plugin_layer_refuses_in_our_words(installed: Path) -> None:
    flat, misnamed = run(installed, "in:B:8,capsules:10:16", "in:B:N:8,capsule:10:16")
    assert flat.code == 1
    assert "capsules needs a 3-D input (batch, capsules, features), but gets (B, 8)" in flat.err
    assert (misnamed.code, misnamed.out) == (2, "")
    assert "did you mean capsules" in misnamed.err


def test_the_catalogue_lists_it_with_its_origin(installed: Path) -> None:
    listed, page = run(installed, "layers", "layers caps")
    lines = [line.split("\t") for line in listed.out.splitlines()]
    assert ["Capsules", "capsules caps", "shapecalc-capsules", "shapecalc-capsules"] in [
        line[:4] for line in lines
    ]
    assert page.out.startswith("Capsules  capsules, caps  (shapecalc-capsules)\n")
    assert "num_capsules" in page.out


#: Modules of plugins that fail, what their entry points name, and what is said of them.
BROKEN = [
    ("raise RuntimeError('no luck')\n", "", "RuntimeError: no luck"),
    ("import nothing_of_that_name\n", "", "ModuleNotFoundError"),
    ("x = 1\n", "", "it defines no layer with a rule"),
    ("x = 1\n", ":y", "AttributeError"),
    (
        "from shapecalc.layers.base import Layer\nclass Half(Layer): pass\n",
        "",
        "no layer with a rule",
    ),
]


def test_a_plugin_that_fails_is_one_warning(installed: Path) -> None:
    for number, (text, name, _) in enumerate(BROKEN):
        module = f"broken{number}"
        install(installed, f"shapecalc-{module}", module, text, module + name)
    done, unneeded = run(installed, "in:B:N:8,capsules:10:16,capsules:2:2", "lstm:64")
    assert done.code == 0
    warnings = sorted(done.err.splitlines())
    assert len(warnings) == len(BROKEN)
    for number, (warning, (_, _, reason)) in enumerate(zip(warnings, BROKEN, strict=True)):
        assert warning.startswith(f"warning: plugin broken{number} of shapecalc-broken{number}: ")
        assert reason in warning
    assert unneeded == called("lstm:64")


def test_a_plugin_cannot_take_the_name_of_another_layer(installed: Path) -> None:
    text = SQUASH.replace("class Capsules", "class Dense").replace(
        "@rule(Capsules)", "@rule(Dense)"
    )
    text = text.replace("layer: Capsules", "layer: Dense").replace('"capsules caps"', '"lstm mine"')
    install(installed, "shapecalc-thief", "thief", text)
    done, other = run(installed, "dense:3,mine:3:4 -q -i B,7", "dense:3,lstm:4 -i B,T,7 -q")
    assert done.code == 2
    assert "the name lstm already belongs to LSTM" in done.err
    assert "the name Dense already belongs to Dense" in done.err
    assert other.out == "B,4\n"


def test_a_layer_of_another_framework_is_not_in_this_catalogue(installed: Path) -> None:
    text = SQUASH.replace("class Capsules", "class Other").replace("(Capsules)", "(Other)")
    text = text.replace("layer: Capsules", "layer: Other").replace('"capsules caps"', '"other"')
    head, line, rest = text.partition('    names = "other"\n')
    assert line
    text = f'{head}{line}    framework = "another"\n{rest}'
    install(installed, "shapecalc-other", "other", text)
    done, known = run(installed, "in:B:N:8,other:10:16", "in:B:N:8,capsules:10:16 -q")
    assert (done.code, done.out) == (2, "")
    assert "there is no layer other" in done.err
    assert known.out == "B,10,16\n"


#: A module of torch in a plugin; its batch is first, and the size that it declares is checked.
MAXOUT = '''
from shapecalc.dims import Shape, equal
from shapecalc.layers.arguments import Units
from shapecalc.layers.base import Module, Result, Scope, Weight, rule


class Maxout(Module):
    """Takes the largest of several linear maps, for each feature.

    Shape   (N, in_features) -> (N, out_features)
    Errors  the last axis is not in_features
    Source  Goodfellow et al., Maxout Networks
    """

    names = "maxout"
    declares = ("in_features", -1)
    examples = ("in:N:8,maxout:8:4:2",)

    in_features: Units
    out_features: Units
    pieces: Units


@rule(Maxout)
def maxout(layer: Maxout, scope: Scope, x: Shape) -> Result:
    why = "takes {} features, but gets {}"
    scope.require(equal(x[-1], layer.in_features), why, layer.in_features, x[-1])
    weight = (layer.out_features * layer.pieces, layer.in_features)
    return Result((*x[:-1], layer.out_features), weights=[Weight("weight", weight, places=x[:-1])])
'''


def test_a_module_of_torch_is_added_to_its_catalogue(installed: Path) -> None:
    install(installed, "shapecalc-maxout", "maxout", MAXOUT)
    done, other, refused, page, keras = run(
        installed,
        "-d torch in:N:8,maxout:8:4:2,linear:4:2",
        "dialect:torch,in:N:F,linear:_:8,maxout:8:4:2 -q",
        "-d torch in:N:6,maxout:8:4:2",
        "layers -d torch maxout",
        "in:B:8,maxout:8:4:2",
    )
    assert done.out == "1\tmaxout\tMaxout\tN,8\tN,4\t64\n2\tlinear\tLinear\tN,4\tN,2\t10\n"
    assert other.out == "N,4\n"
    assert refused.code == 1
    assert "maxout takes 8 features, but gets 6" in refused.err
    assert "help: in:N:6,maxout:6:4:2" in refused.err
    assert page.out.startswith("Maxout  maxout  (shapecalc-maxout)\n")
    assert (keras.code, keras.out) == (2, "")


def test_what_needs_no_plugin_looks_for_none() -> None:
    code = "import shapecalc; shapecalc.trace('lstm:64:seq,td-dense:3')"
    assert "shapecalc.layers.plugins" not in loaded_by(code)
    assert "shapecalc.layers.plugins" in loaded_by("import shapecalc.layers.plugins")

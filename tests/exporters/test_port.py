"""Code of the other framework: what is recorded, what is refused, how it is laid out."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from failing import failing
from ported import LISTS, cases, ported, recorded

import shapecalc
from shapecalc.errors import ShapecalcError, SpecError
from shapecalc.exporters.code import code


def as_recorded(case: str, text: str) -> None:
    assert ported(case) == text


@pytest.mark.parametrize("name", LISTS)
def test_networks_become_the_code_that_is_recorded(name: str) -> None:
    known = recorded(name)
    assert [case for case, _ in known] == cases(name)
    assert not failing(as_recorded, known)


def is_python(_case: str, text: str) -> None:
    compile(text, "<ported>", "exec")


@pytest.mark.parametrize("name", LISTS)
def test_recorded_code_is_python(name: str) -> None:
    assert len(recorded(name)) > 100
    assert not failing(is_python, recorded(name))


def test_ruff_leaves_recorded_code_as_it_is(tmp_path: Path) -> None:
    ruff = shutil.which("ruff", path=str(Path(sys.executable).parent)) or shutil.which("ruff")
    if ruff is None:
        pytest.skip("ruff is not installed")
    for name in LISTS:
        for number, (_, text) in enumerate(recorded(name)):
            (tmp_path / f"{name}_{number}.py").write_text(text, encoding="utf-8")
    for arguments in (["format", "--diff"], ["check"]):
        done = subprocess.run(
            [ruff, *arguments, "--isolated", "."],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout[:2000]


REFUSED = (
    ("in:B:T:4,masking,lstm:3", "masking makes a mask of the data, and PyTorch has no masks"),
    (
        "in:B:T,embedding:9:4:mask_zero,dense:3,gap1d",
        "gap1d reads the mask that embedding makes (mask_zero is True), and PyTorch has no masks",
    ),
    ("in:B:8:8:3,randomflip", "randomflip has nothing in PyTorch that does the same"),
    ("stringlookup", "stringlookup has nothing in PyTorch that does the same"),
    (
        "in:B:8:8:3,upsample2d:2:bicubic",
        "upsample2d interpolates by bicubic, which PyTorch does otherwise or not",
    ),
    ("in:2:T:4,lstm:3:stateful=True", "lstm is stateful: its output depends on earlier batches"),
    ("in:B:T:4,dense:3:dtype=float16", "dense computes in another dtype than float32"),
    (
        "dialect:torch,in:N:8:H:W,lrn:3",
        "localresponsenorm has nothing in Keras that does the same",
    ),
    (
        "dialect:torch,in:N:4:H:W,conv2d:4:4:3:padding=1:padding_mode=reflect",
        "conv2d pads by reflect, which Keras does not",
    ),
    (
        "dialect:torch,in:N:4:L,tconv1d:4:4:3:groups=2",
        "tconv1d has groups, which Keras's transposed convolutions lack",
    ),
)


def is_refused(spec: str, message: str) -> None:
    network = shapecalc.parse(spec)
    to = "keras" if network.dialect.name == "torch" else "torch"
    with pytest.raises(ShapecalcError) as caught:
        code(network, to)
    assert caught.value.message == message
    assert caught.value.exit_code == 1
    assert caught.value.span is not None
    assert caught.value.layer is not None


def test_what_the_other_framework_has_not_is_refused_by_name() -> None:
    assert not failing(is_refused, REFUSED)


def test_the_layout_of_torch_reads_channels_first() -> None:
    network = shapecalc.parse("in:B:28:28:3,rescaling:0.5,conv2d:4:3,maxpool2d:2,conv2d:2:1")
    assert code(network, "torch").count("movedim") == 2
    assert "movedim" not in code(network, "torch", layout="torch")


def test_a_layout_is_only_for_code_of_torch() -> None:
    network = shapecalc.parse("dialect:torch,in:N:3:H:W,conv2d:3:4:3")
    with pytest.raises(SpecError, match="a layout is chosen for code of PyTorch"):
        code(network, "keras", layout="torch")


def test_letters_that_must_be_numbers_are_arguments() -> None:
    text = code(shapecalc.parse("in:B:T:F,dense:U"), "torch")
    assert text.endswith("def build(F=16, U=16):\n    return Network(F, U)\n\n\nmodel = build()\n")


def test_channels_are_moved_once_around_a_chain_of_convolutions() -> None:
    spec = "in:B:H:W:3,conv2d:4:3,bn,relu,maxpool2d:2,conv2d:4:3,gap2d,dense:2"
    assert code(shapecalc.parse(spec), "torch").count("movedim") == 1


def test_steps_stay_merged_along_a_chain_of_time_distributed_layers() -> None:
    spec = "in:B:T:9:9:3,td(conv2d:4:3,relu,maxpool2d:2,flatten),gru:5"
    text = code(shapecalc.parse(spec), "torch")
    assert (text.count(".flatten(0, 1)"), text.count(".unflatten(0,")) == (1, 1)


def test_letters_of_an_equality_are_numbers_in_keras() -> None:
    spec = "dialect:torch,in:N:3:H:W,conv2d:3:6:5,maxpool2d:2,flatten,linear:1176:10"
    assert "def build(H=32, W=32):" in code(shapecalc.parse(spec), "keras")

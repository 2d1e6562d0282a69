"""Arguments that a constructor refuses: the repair of each, traced, ends the message."""

from __future__ import annotations

import pytest
from terminal import called

import shapecalc
from shapecalc.errors import ExitCode, SpecError

REPAIRED = [
    ("keras", "conv2d:9:3:groups=4", "conv2d:9:3:groups=3"),
    ("keras", "in:B:H:W:6,conv2d:9:3:groups=4", "in:B:H:W:6,conv2d:9:3:groups=3"),
    ("keras", "td-conv2d:9:3:groups=4", "td-conv2d:9:3:groups=3"),
    ("keras", "gqa:64:6:4", "gqa:64:6:3"),
    ("keras", "dense:-3", "dense:3"),
    ("keras", "dense:64.0", "dense:64"),
    ("keras", 'dense:"64"', "dense:64"),
    ("keras", "2x(dense:-8,relu)", "2x(dense:8,relu)"),
    ("keras", "rnn(lstmcell:-8)", "rnn(lstmcell:8)"),
    ("keras", "dense:-8,dense:-9", "dense:8,dense:9"),
    ("keras", "conv2d:8:3x3x3", "conv2d:8:3"),
    ("keras", "conv2d:8:3x5x7", "conv2d:8:3x5"),
    ("keras", "conv3d:8:3x5", "conv3d:8:3x5x5"),
    ("keras", "conv2d:8:3:s=0", "conv2d:8:3:s=1"),
    ("keras", "conv2d:8:3:p=1", "conv2d:8:3:p=same"),
    ("keras", "conv2d:8:3:padding=smae", "conv2d:8:3:padding=same"),
    ("keras", 'conv2d:8:3:data_format="NHWC"', "conv2d:8:3:data_format=channels_last"),
    ("keras", "conv2d:8:3:s=2:d=2", "conv2d:8:3:s=2"),
    ("keras", "tconv2d:8:3:s=2:output_padding=2", "tconv2d:8:3:s=2:output_padding=1"),
    ("keras", "dense:8:activation=rellu", "dense:8:activation=relu"),
    ("keras", "dropout:50", "dropout:0.5"),
    ("keras", "permute:1:0", "permute:2:1"),
    ("torch", "conv2d:6:8:3:groups=4", "conv2d:6:8:3:groups=2"),
    ("torch", "in:N:4:9:9,conv2d:6:8:3:groups=4", "in:N:4:9:9,conv2d:4:8:3:groups=4"),
    ("torch", "mha:512:7", "mha:512:8"),
    ("torch", "mha:8:512", "mha:512:8"),
    ("torch", "gn:4:6", "gn:3:6"),
    ("torch", "gn:64:8", "gn:8:64"),
    ("torch", "transformerencoderlayer:512:7", "transformerencoderlayer:512:8"),
    ("torch", "conv2d:6:8:3:d=0", "conv2d:6:8:3:d=1"),
    ("torch", "conv2d:3:8:3x3x3", "conv2d:3:8:3"),
    ("torch", "conv2d:3:8:5:s=2:padding=same", "conv2d:3:8:5:s=2:padding=2"),
    ("torch", 'conv2d:3:8:3:padding="SAME"', "conv2d:3:8:3:padding=same"),
    ("torch", "maxpool2d:3:padding=2", "maxpool2d:3:padding=1"),
    ("torch", "upsample:size=4:scale_factor=2", "upsample:size=4"),
    ("torch", "hardtanh:2:1", "hardtanh:1:2"),
    ("torch", "linear:-1:10", "linear:_:10"),
    ("torch", "linear:in_features=-1:out_features=3", "linear:in_features=_:out_features=3"),
    ("torch", "emb:-10:8", "emb:10:8"),
    ("torch", "lstm:10:20:num_layers=0", "lstm:10:20:num_layers=1"),
    ("torch", "nn.Conv2d(6, 8, 3, groups=4)", "nn.Conv2d(6, 8, 3, groups=2)"),
    ("keras", "Sequential([Dense(-3), ReLU()])", "Dense(3), ReLU()"),
]


@pytest.mark.parametrize(("dialect", "spec", "repaired"), REPAIRED)
def test_the_message_ends_with_the_repair(dialect: str, spec: str, repaired: str) -> None:
    with pytest.raises(SpecError) as caught:
        shapecalc.trace(spec, dialect=dialect)
    assert caught.value.exit_code is ExitCode.UNREADABLE
    assert caught.value.errors[-1].help == repaired
    shapecalc.trace(repaired, dialect=dialect)


@pytest.mark.parametrize("spec", ["dense:0", "in:B:8:8:3,reshape:-1:-1", "conv2d:8:5:p=1"])
def test_what_only_happens_to_fit_is_no_repair(spec: str) -> None:
    with pytest.raises(SpecError) as caught:
        shapecalc.trace(spec)
    assert " takes " in (caught.value.help or "")


def test_a_repair_is_left_out_where_none_is_asked_for() -> None:
    with pytest.raises(SpecError) as caught:
        shapecalc.trace("conv2d:9:3:groups=4", repair=False)
    assert caught.value.help is None


@pytest.mark.parametrize(
    ("arguments", "lines"),
    [
        (["conv2d:9:3:groups=4"], ["conv2d:9:3:groups=3"]),
        (["-d", "torch", "mha:512:7", "--all"], ["mha:512:8", "mha:512:4", "mha:511:7"]),
        (["lstn:64:seq,dense:3"], ["lstm:64:seq,dense:3"]),
        (["conv2d:8:3:smae"], ["conv2d:8:3:same"]),
        (["conv1d:8:3:strade=2"], ["conv1d:8:3:strides=2"]),
    ],
)
def test_fix_prints_it(arguments: list[str], lines: list[str]) -> None:
    done = called("fix", *arguments)
    assert done.code == ExitCode.OK
    assert done.out.splitlines()[: len(lines)] == lines


def test_fix_without_a_repair_is_the_error() -> None:
    done = called("fix", "dense:0")
    assert (done.code, done.out) == (ExitCode.UNREADABLE, "")


def test_a_padding_row_is_one_that_an_embedding_has() -> None:
    with pytest.raises(shapecalc.ShapeError) as caught:
        shapecalc.trace("emb:10:8:padding_idx=10", dialect="torch")
    assert caught.value.help == "embedding:10:8:padding_idx=9"

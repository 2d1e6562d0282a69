"""Shapes that are wanted and missed: what an expert would change first to reach them."""

from __future__ import annotations

import pytest
from terminal import called

import shapecalc

DECODER = "dense:64,reshape:4:4:4,upsample2d:2,conv2d:8:3:same,upsample2d:2,conv2d:3:3:same"


@pytest.mark.parametrize(
    ("spec", "wanted", "first"),
    [
        (f"in:B:9,{DECODER}", "B,24,24,3", f"in:B:9,{DECODER}".replace("upsample2d:2,conv2d:3", "upsample2d:3,conv2d:3").replace("upsample2d:2", "upsample2d")),
        ("in:B:7:7:2,upsample2d,conv2d:2:3:same", "B,7,7,2", "in:B:7:7:2,conv2d:2:3:same"),
        ("in:B:8:8:1,maxpool2d,upsample2d:3,upsample2d:4", "B,8,8,1", "in:B:8:8:1,maxpool2d,upsample2d"),
        ("in:B:23:23:1,conv2d:4:3:same,maxpool2d:same,conv2d:4:3,upsample2d:2,conv2d:1:3:same", "B,23,23,1", "in:B:23:23:1,conv2d:4:3:same,maxpool2d:same,conv2d:4:3:same,upsample2d,conv2d:1:3:same,crop2d:(0x1,0x1)"),
        ("in:B:1:60:80,conv2d:32:3:same:cf,sigmoid", "B,60,80", "in:B:1:60:80,conv2d:1:3:same:channels_first,sigmoid,reshape:60:80"),
        ("in:B:60:80:1,conv2d:32:3:same", "B,60,80", "in:B:60:80:1,conv2d:1:3:same,reshape:60:80"),
        ("in:B:1:28:28,conv2d:8:3:same,conv2d:1:3:same", "B,1,28,28", "in:B:1:28:28,conv2d:8:3:same:channels_first,conv2d:1:3:same:channels_first"),
        ("in:B:3:28:28,conv2d:8:3:same:cf", "B,5,28,28", "in:B:3:28:28,conv2d:5:3:same:channels_first"),
        ("in:B:8:8:4,conv2d:5:1,softmax", "B,5", "in:B:8:8:4,conv2d:5:1,gap2d,softmax"),
        ("in:B:6:8:8:3,convlstm2d:4:3", "B,8,8,4", "in:B:6:8:8:3,convlstm2d:4:3:same"),
        ("in:B:8:8:1,conv2d:4:3:s=2:same,conv2d:4:3:s=2:same,upsample2d,conv2d:1:3:same", "B,8,8,1", "in:B:8:8:1,conv2d:4:3:s=2:same,conv2d:4:3:s=2:same,upsample2d,upsample2d,conv2d:1:3:same"),
        ("dialect:torch,in:N:4:9:9,conv2d:_:4:1,upsample:scale_factor=2", "N,4,27,27", "dialect:torch,in:N:4:9:9,conv2d:_:4:1,upsample:scale_factor=3"),
        ("in:B:6:4,dense:3", "B,3,6", "in:B:6:4,dense:3,permute:2:1"),
    ],
)  # fmt: skip
def test_what_comes_first(spec: str, wanted: str, first: str) -> None:
    assert called("fix", spec, "-e", wanted, "--all").out.splitlines()[0] == first


def test_a_pooling_knows_where_the_channels_are() -> None:
    spec = "in:B:3:28:28,conv2d:8:3:same:cf"
    found = called("fix", spec, "-e", "B,8", "--all").out.splitlines()
    assert f"{spec[:-3]}:channels_first,gap2d:channels_first" in found
    for text in found:
        assert shapecalc.trace(text).output[1:] == (8,)


def test_a_reshape_that_only_happens_to_fit_comes_last() -> None:
    found = called("fix", "in:B:6:4,dense:4", "-e", "B,8,3", "--all").out.splitlines()
    assert not any("reshape" in text for text in found[:-1])


@pytest.mark.parametrize(
    ("spec", "wanted"),
    [
        # What is scaled to a size has no factor; that of a normalisation is its window.
        ("dialect:torch,in:N:4:9:9,conv2d:_:4:1,upsample:size=4", "N,4,27,27"),
        ("dialect:torch,in:N:4:9:9,conv2d:_:4:1,localresponsenorm:3", "N,4,27,27"),
        # No factor makes anything of nothing.
        ("in:B:9:4,conv1d:4:1,slice:':,9:',upsample1d:2", "B,27,4"),
        ("in:B:9:4,slice:':,9:',reshape:12", "B,12"),
    ],
)
def test_what_is_scaled_by_no_factor_is_no_crash(spec: str, wanted: str) -> None:
    done = called("fix", spec, "-e", wanted)
    assert done.code in {0, 1}
    for text in done.out.splitlines():
        assert called(text, "-e", wanted).code == 0

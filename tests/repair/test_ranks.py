"""Tensors with another number of axes than a layer needs: what an expert would write."""

from __future__ import annotations

import pytest
from terminal import called

import shapecalc


@pytest.mark.parametrize(
    ("spec", "options", "first"),
    [
        ("in:B:28:28:3,lstm:64", (), "in:B:28:28:3,td-flatten,lstm:64"),
        ("in:B:16:16:3,conv2d:8:3,gru:4", (), "in:B:16:16:3,conv2d:8:3,td-flatten,gru:4"),
        ("in:B:10:20:8,bi-lstm:64", (), "in:B:10:20:8,td-bi-lstm:64"),
        ("in:B:10:28:28:1,conv2d:8:3,relu,maxpool2d,flatten,lstm:4", (), "in:B:10:28:28:1,td-conv2d:8:3,relu,td-maxpool2d,td-flatten,lstm:4"),
        ("in:B:24:96:96:1,conv2d:8:3", (), "in:B:96:96:1,conv2d:8:3"),
        ("in:24:96:96:3:1,conv2d:8:3", (), "in:24:96:96:3,conv2d:8:3"),
        ("in:B:30:4,emb:90:16,gru:8", (), "in:B:30:4,gru:8"),
        ("in:B:30:1,emb:90:16,gru:8", (), "in:B:30,embedding:90:16,gru:8"),
        ("in:B:30:2,conv2d:16:3,maxpool2d,flatten", (), "in:B:30:2,conv1d:16:3,maxpool1d,flatten"),
        ("in:B:784,conv2d:8:3", (), "in:B:784,reshape:28:28:1,conv2d:8:3"),
        ("in:B:3072,conv2d:8:3:cf", (), "in:B:3072,reshape:3:32:32,conv2d:8:3:channels_first"),
        ("in:B:9,dense:784,conv2d:8:3", (), "in:B:9,dense:784,reshape:7:7:16,conv2d:8:3"),
        ("in:N:3072,conv2d:3:8:3", ("-d", "torch"), "in:N:3072,unflatten:1:3:32:32,conv2d:3:8:3"),
        ("in:B:14:8,lstm:32:seq,repeat:14,lstm:4", (), "in:B:14:8,lstm:32,repeat:14,lstm:4"),
        ("in:B:40:3,conv1d:8:5,gap1d,lstm:8", (), "in:B:40:3,conv1d:8:5,lstm:8"),
        ("in:B:9:9:1,conv2d:8:3,dense:4", ("-d", "keras1"), "in:B:9:9:1,conv2d:8:3,flatten,dense:4"),
        ("in:B:9:4,lstm:8:seq,dense:4", ("-d", "keras1"), "in:B:9:4,lstm:8:seq,td-dense:4"),
    ],
)  # fmt: skip
def test_what_comes_first(spec: str, options: tuple[str, ...], first: str) -> None:
    assert called("fix", spec, *options, "--all").out.splitlines()[0] == first


def test_what_the_spec_is_made_for_is_said() -> None:
    with pytest.raises(shapecalc.ShapeError) as caught:
        shapecalc.trace("in:B:96:96:3,conv2d:8:3", input="24,96,96")
    assert "the spec expects (B, 96, 96, 3)" in caught.value.notes
    with pytest.raises(shapecalc.ShapeError) as caught:
        shapecalc.trace("conv2d:8:3", input="24,96,96")
    assert not any("is made for" in note for note in caught.value.notes)


@pytest.mark.parametrize(
    ("spec", "wanted", "first"),
    [
        ("in:B:14:8,lstm:32,repeat:7,lstm:8:seq", "B,14,8", "in:B:14:8,lstm:32,repeat:14,lstm:8:seq"),
        ("in:B:20:20:1,conv2d:4:3:s=2", "B,20,20,4", "in:B:20:20:1,conv2d:4:3:same"),
        ("in:B:20:20:1,pad2d,conv2d:4:3:same", "B,20,20,4", "in:B:20:20:1,conv2d:4:3:same"),
        ("in:B:7:7:1,tconv2d:4:3:s=2", "B,14,14,4", "in:B:7:7:1,tconv2d:4:3:s=2:same"),
    ],
)  # fmt: skip
def test_sizes_that_an_argument_made(spec: str, wanted: str, first: str) -> None:
    assert called("fix", spec, "-e", wanted, "--all").out.splitlines()[0] == first

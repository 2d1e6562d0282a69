"""Merges that do not fit are repaired by what joins their tensors, on either side."""

from __future__ import annotations

import pytest
from terminal import called

import shapecalc


def repaired(spec: str, *options: str) -> list[str]:
    return called("fix", spec, *options, "--all").out.splitlines()


@pytest.mark.parametrize(
    ("spec", "first"),
    [
        ("in:B:32:32:64@x,conv2d:128:3:s=2:same,conv2d:128:3:same,add:@x", "in:B:32:32:64@x,conv2d:128:1:s=2@p,@x,conv2d:128:3:s=2:same,conv2d:128:3:same,add:@p"),
        ("in:B:H:W:64@x,conv2d:128:3:s=2:same,conv2d:128:3:same,add:@x", "in:B:H:W:64@x,conv2d:128:1:s=2@p,@x,conv2d:128:3:s=2:same,conv2d:128:3:same,add:@p"),
        ("in:B:32:32:64,add(conv2d:64:3:s=2:same,conv2d:64:3:same|)", "in:B:32:32:64,add(conv2d:64:3:s=2:same,conv2d:64:3:same|conv2d:64:1:s=2)"),
        ("in:B:32:32:8@x,conv2d:8:3:same,maxpool2d,add:@x", "in:B:32:32:8@x,maxpool2d@p,@x,conv2d:8:3:same,maxpool2d,add:@p"),
        ("in:B:16:16:8,conv2d:16:1@x,conv2d:8:3,add:@x", "in:B:16:16:8,conv2d:16:1@x,conv2d:16:3:same,add:@x"),
        ("in:B:64:64:8,conv2d:8:3:same@s,maxpool2d,conv2d:16:3:same,concat:@s", "in:B:64:64:8,conv2d:8:3:same@s,maxpool2d,conv2d:16:3:same,upsample2d,concat:@s"),
        ("in:B:30:30:1@x,maxpool2d:4,upsample2d:4,add:@x", "in:B:32:32:1@x,maxpool2d:4,upsample2d:4,add:@x"),
        ("in:B:28:28:3,concat(conv2d:8:1|conv2d:8:3:same|maxpool2d:3)", "in:B:28:28:3,concat(conv2d:8:1|conv2d:8:3:same|maxpool2d:3:s=1:same)"),
        ("in:B:32:32:4,concat(maxpool2d:2|conv2d:8:5|conv2d:8:4)", "in:B:32:32:4,concat(maxpool2d:s=1:same|conv2d:8:5:same|conv2d:8:4:same)"),
        ("in:B:H:H:4,concat(maxpool2d:2|conv2d:8:5|conv2d:8:4)", "in:B:H:H:4,concat(maxpool2d:s=1:same|conv2d:8:5:same|conv2d:8:4:same)"),
        ("in:B:32:32:16@x,gap2d,dense:4,dense:8,mul:@x", "in:B:32:32:16@x,gap2d,dense:4,dense:16,mul:@x"),
        ("in:B:9:6@a,in:B:6:7@b,@a,dot:@b:2", "in:B:9:6@a,in:B:6:7@b,@a,dot:@b:2x1"),
        ("in:B:3:64:64@x,conv2d:16:3:s=2:same:cf,add:@x", "in:B:3:64:64@x,conv2d:16:1:s=2:channels_first@p,@x,conv2d:16:3:s=2:same:channels_first,add:@p"),
    ],
)  # fmt: skip
def test_what_comes_first(spec: str, first: str) -> None:
    assert repaired(spec)[0] == first


@pytest.mark.parametrize(
    ("spec", "one"),
    [
        ("in:B:32:32:8@x,conv2d:16:3:same,add:@x", "in:B:32:32:8@x,conv2d:16:1@p,@x,conv2d:16:3:same,add:@p"),
        ("in:B:T:8@x,dense:4,add:@x", "in:B:T:8@x,dense:4@p,@x,dense:4,add:@p"),
        ("in:B:40:40:1,conv2d:4:3@s,maxpool2d,conv2d:8:3,tconv2d:4:2:2,concat:@s", "in:B:40:40:1,conv2d:4:3@s,crop2d:2@p,@s,maxpool2d,conv2d:8:3,tconv2d:4:2:s=2,concat:@p"),
        ("in:B:100:8@x,conv1d:8:5,add:@x", "in:B:100:8@x,crop1d:2@p,@x,conv1d:8:5,add:@p"),
        ("in:B:100:8@x,conv1d:8:5,add:@x", "in:B:100:8@x,conv1d:8:5,pad1d:2,add:@x"),
        ("in:B:3:64:64@x,conv2d:16:3:same:cf,add:@x", "in:B:3:64:64@x,conv2d:3:3:same:channels_first,add:@x"),
    ],
)  # fmt: skip
def test_what_comes_soon(spec: str, one: str) -> None:
    found = repaired(spec)
    assert one in found[:3]
    for text in found:
        shapecalc.trace(text)


def test_pytorch_is_projected_and_padded_too() -> None:
    spec = "in:N:64:32:32@x,conv2d:64:128:3:p=1:s=2,add:@x"
    first = "in:N:64:32:32@x,conv2d:64:128:1:s=2@p,@x,conv2d:64:128:3:s=2:p=1,add:@p"
    assert repaired(spec, "-d", "torch")[0] == first
    spec = "in:N:64:32:32@x,conv2d:64:64:3,add:@x"
    assert repaired(spec, "-d", "torch")[0] == "in:N:64:32:32@x,conv2d:64:64:3:p=1,add:@x"


@pytest.mark.parametrize(
    ("spec", "some"),
    [
        ("in:B:5:7@a,in:B:7:5@b,@a,add:@b", ["in:B:5:7@a,in:B:7:5@b,@a,permute:2:1,add:@b", "in:B:5:7@a,in:B:7:5@b,permute:2:1@p,@a,add:@p"]),
        ("in:B:4@a,in:B:9:5@b,@a,concat:@b", ["in:B:4@a,in:B:9:5@b,flatten@p,@a,concat:@p", "in:B:4@a,in:B:9:5@b,@a,repeat:9,concat:@b"]),
        ("in:1024@a,in:1024:2@b,@a,concat:@b", ["in:1024:1@a,in:1024:2@b,@a,concat:@b"]),
        ("in:B:10:6@q,in:B:12:8@v,@q,attn:kv=@v", ["in:B:10:6@q,in:B:12:8@v,@q,dense:8,attn:kv=@v", "in:B:10:6@q,in:B:12:8@v,dense:6@p,@q,attn:kv=@p"]),
    ],
)  # fmt: skip
def test_tensors_of_other_axes_come_together(spec: str, some: list[str]) -> None:
    assert repaired(spec)[: len(some)] == some


def test_pytorch_pads_crops_and_scales() -> None:
    spec = "in:N:4:30:30@x,maxpool2d:4,upsample:scale_factor=4,add:@x"
    found = repaired(spec, "-d", "torch")
    assert "in:N:4:30:30@x,maxpool2d:4,upsample:scale_factor=4,zeropad2d:1,add:@x" in found
    assert "in:N:4:30:30@x,zeropad2d:-1@p,@x,maxpool2d:4,upsample:scale_factor=4,add:@p" in found
    spec = "in:N:4:32:32@s,maxpool2d:2,conv2d:4:4:3:p=1,cat:@s"
    doubled = "in:N:4:32:32@s,maxpool2d:2,conv2d:4:4:3:p=1,upsample:scale_factor=2,cat:@s"
    assert any(text.startswith(doubled[:-7]) for text in repaired(spec, "-d", "torch"))


@pytest.mark.parametrize(
    "spec",
    [
        "id@a,stack:@a:axis=1@b,id@c,slice:':,2:',add:@c",
        "in:B:T+S:4@a,newshape:B:T:-1@b,id@c,slice:':,2:',add:@c@d,gap1d:keepdims,add:@d,mul:@a",
    ],
)
def test_an_axis_without_a_position_has_no_stride(spec: str) -> None:
    with pytest.raises(shapecalc.ShapeError, match="cannot join"):
        shapecalc.trace(spec)


def test_layers_of_another_rank_on_the_way_are_passed_over() -> None:
    spec = "in:B:96:4,maxpool1d:2@a,expanddims:1,upsample2d:3x2,reshape:-1:4,add:@a"
    with pytest.raises(shapecalc.ShapeError, match="cannot join"):
        shapecalc.trace(spec)

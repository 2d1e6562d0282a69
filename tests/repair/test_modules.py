"""Repairs of torch's modules, each of which was traced; and what the messages say beside them."""

from __future__ import annotations

import pytest

import shapecalc
from shapecalc.errors import ShapecalcError


def refused(spec: str) -> ShapecalcError:
    with pytest.raises(ShapecalcError) as caught:
        shapecalc.trace(spec, dialect="torch")
    return caught.value


@pytest.mark.parametrize(
    ("spec", "repair"),
    [
        # A kernel that is larger than what there is.
        ("in:8:1:5:5,conv2d:1:6:7", "in:8:1:5:5,conv2d:1:6:7:p=3"),
        ("in:8:1:4:4,maxpool2d:5", "in:8:1:4:4,maxpool2d:4"),
        ("in:8:1:4,conv1d:1:8:6", "in:8:1:4,conv1d:1:8:4"),
        # Groups that do not share the channels.
        ("in:8:6:28:28,lazyconv2d:16:3:groups=4", "in:8:6:28:28,lazyconv2d:16:3:g=2"),
        # A view of other numbers than there are.
        ("in:8:16:5:5,view:-1:256,linear:256:10", "in:8:16:5:5,view:-1:400,linear:400:10"),
        ("in:8:784,view:8:1:28:27", "in:8:784,view:8:1:28:-1"),
        # The module for another number of axes.
        ("in:8:3:9:9,conv1d:3:4:3,flatten", "in:8:3:9:9,conv2d:3:4:3,flatten"),
        # Sizes of a skip connection.
        (
            "in:8:3:15:15@x,maxpool2d:2,upsample:scale_factor=2,cat:@x:dim=1",
            "in:8:3:15:15@x,maxpool2d:2,upsample:size=15,cat:@x:1",
        ),
        (
            "in:8:3:15:15@x,conv2d:3:4:3:2:1,tconv2d:4:3:3:2:1,add:@x,tconv2d:3:3:2:2@y,"
            "conv2d:3:3:3,cat:@y:dim=1",
            "in:8:3:15:15@x,conv2d:3:4:3:s=2:p=1,tconv2d:4:3:3:s=2:p=1,add:@x,"
            "tconv2d:3:3:2:s=2@y,conv2d:3:3:3:p=1,cat:@y:1",
        ),
        (
            "in:8:3:16:16@x,conv2d:3:4:3:2:1,tconv2d:4:3:3:2:1,add:@x",
            "in:8:3:16:16@x,conv2d:3:4:3:s=2:p=1,tconv2d:4:3:3:s=2:p=1:output_padding=1,add:@x",
        ),
        ("in:8:64@x,linear:64:32,add:@x", "in:8:64@x,linear:64:32@p,@x,linear:64:32,add:@p"),
        (
            "in:N:64:56:56@x,conv2d:64:128:3:2:1,conv2d:128:128:3:p=1,add:@x",
            "in:N:64:56:56@x,conv2d:64:128:1:2@p,@x,conv2d:64:128:3:2:1,conv2d:128:128:3:p=1,add:@p",
        ),
        # Axes that stand elsewhere.
        (
            "in:8:100,embedding:50:16,conv1d:16:32:3",
            "in:8:100,embedding:50:16,transpose:1:2,conv1d:16:32:3",
        ),
        (
            "in:8:1:100,conv1d:1:32:5,lstm:32:64:batch_first",
            "in:8:1:100,conv1d:1:32:5,transpose:1:2,lstm:32:64:batch_first",
        ),
        (
            "in:8:14:14:32,linear:32:64,conv2d:64:3:1",
            "in:8:14:14:32,linear:32:64,permute:0:3:1:2,conv2d:64:3:1",
        ),
        (
            "in:8:20:32@q,in:8:10:32@k,@q,mha:32:4:kv=@k",
            "in:8:20:32@q,in:8:10:32@k,@q,mha:32:4:batch_first:kv=@k",
        ),
        (
            "in:8:5:6@a,in:8:7:6@b,@a,matmul:@b",
            "in:8:5:6@a,in:8:7:6@b,transpose:-2:-1@p,@a,matmul:@p",
        ),
        ("in:8:10,softmax:2", "in:8:10,softmax:-1"),
        # Targets of losses.
        (
            "in:8:1@t,in:8:64,linear:64:10,crossentropyloss:@t",
            "in:8:1@t,squeeze:1@p,in:8:64,linear:64:10,crossentropyloss:target=@p",
        ),
        (
            "in:8@t,in:8:64,linear:64:1,bceloss:@t",
            "in:8@t,in:8:64,linear:64:1,squeeze:1,bceloss:target=@t",
        ),
        (
            "in:8:5:10@o,in:8:5@t,@o,crossentropyloss:@t",
            "in:8:5:10@o,in:8:5@t,@o,transpose:1:2,crossentropyloss:target=@t",
        ),
        (
            "in:8:10@t,in:8:7,linear:7:9,mseloss:@t",
            "in:8:10@t,in:8:7,linear:7:10,mseloss:target=@t",
        ),
    ],
)
def test_a_repair_is_found(spec: str, repair: str) -> None:
    found = refused(spec).help
    assert found is not None
    shapecalc.trace(found, dialect="torch")
    canonical = str(shapecalc.parse(repair, dialect="torch"))
    assert str(shapecalc.parse(found, dialect="torch")) == canonical


def test_a_skip_says_how_its_axis_became_so_and_which_sizes_fit() -> None:
    error = refused("in:8:3:15:15@x,maxpool2d:2,upsample:scale_factor=2,cat:@x:dim=1")
    assert error.message == (
        "cat cannot join (8, 3, 14, 14) and (8, 3, 15, 15): their axis 2 has 14 and 15"
    )
    assert error.notes == [
        "axis 2 from x to upsample: 15, 7, 14",
        "with letters this holds when H % 2 == 0; nearest to 15: 14 and 16",
        "with letters this holds when W % 2 == 0; nearest to 15: 14 and 16",
    ]


def test_a_kernel_that_is_too_large_names_the_nearest_sizes() -> None:
    error = refused("in:8:1:28:28,conv2d:1:6:5,maxpool2d:2,conv2d:6:16:5,maxpool2d:2,conv2d:16:8:5")
    assert error.notes == [
        "with letters this holds when H >= 32; nearest to 28: 32",
        "with letters this holds when W >= 32; nearest to 28: 32",
    ]


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("conv2d:16:32:3:g=3", "in_channels 16 cannot be split into 3 groups; nearest: 2 and 4"),
        ("conv2d:16:30:3:g=4", "out_channels 30 cannot be split into 4 groups; nearest: 2"),
        ("mha:100:8", "embed_dim 100 cannot be split into 8 heads; nearest: 5 and 10"),
        ("gn:3:16", "num_channels 16 cannot be split into 3 groups; nearest: 2 and 4"),
    ],
)
def test_groups_and_heads_name_the_nearest_that_work(spec: str, message: str) -> None:
    assert refused(spec).message.endswith(message)


def test_one_value_for_each_channel_in_training_asks_for_a_larger_batch() -> None:
    with pytest.raises(ShapecalcError) as caught:
        shapecalc.trace("in:1:16,linear:16:8,bn1d:8", dialect="torch", training=True)
    assert caught.value.help == "in:N:16,linear:16:8,bn1d:8"

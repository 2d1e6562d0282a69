"""A reshape that does not fit: the layer before, the input, or another layer in its place."""

from __future__ import annotations

import pytest
from terminal import called


@pytest.mark.parametrize(
    ("spec", "first"),
    [
        ("in:B:64,dense:50,reshape:7:7:1", "in:B:64,dense:49,reshape:7:7:1"),
        ("in:B:64,dense:50,relu,reshape:7:7:4", "in:B:64,dense:196,relu,reshape:7:7:4"),
        ("in:B:8:8:3,conv2d:5:3:same,reshape:64:4", "in:B:8:8:3,conv2d:4:3:same,reshape:64:4"),
        ("in:B:9:8,lstm:12:seq,reshape:3:4", "in:B:9:8,lstm:12,reshape:3:4"),
        ("in:B,reshape:48000:1", "in:B:48000,reshape:48000:1"),
        ("in:B:7:7:512,reshape:512", "in:B:7:7:512,gap2d"),
        ("in:B:512:7:7,reshape:512", "in:B:512:7:7,gap2d:channels_first"),
        ("in:B:7:7:4,reshape:100", "in:B:7:7:4,flatten"),
        ("in:B:20:16:8,reshape:20:100", "in:B:20:16:8,reshape:20:-1"),
        ("in:B:13:13:1024,reshape:4:10", "in:B:13:13:1024,flatten,dense:40,reshape:4:10"),
    ],
)
def test_what_comes_first(spec: str, first: str) -> None:
    assert called("fix", spec, "--all").out.splitlines()[0] == first


def test_a_size_that_is_left_open_comes_last() -> None:
    found = called("fix", "in:B:12,reshape:5:3", "--all").out.splitlines()
    assert found == ["in:B:12,dense:15,reshape:5:3", "in:B:12,reshape:-1:3"]


@pytest.mark.parametrize(
    ("spec", "first"),
    [
        ("in:T:10,lstm:8", "in:B:T:10,lstm:8"),
        ("in:H:W:3,conv2d:8:3", "in:B:H:W:3,conv2d:8:3"),
        ("in:B:28:28,conv2d:8:3", "in:B:28:28:1,conv2d:8:3"),
        ("in:24:96:96,conv2d:8:3", "in:24:96:96:1,conv2d:8:3"),
        ("in:28:28:1,conv2d:8:3", "in:B:28:28:1,conv2d:8:3"),
    ],
)
def test_a_batch_that_is_there_is_not_added(spec: str, first: str) -> None:
    found = called("fix", spec, "--all").out.splitlines()
    assert found[0] == first
    assert not any("B_1" in text for text in found)

"""The sizes that satisfy an equality of products are listed, square ones first."""

from __future__ import annotations

import re

import pytest

import shapecalc
from shapecalc.answers.accepted import accepted

FLAT = "in:B:H:W:1,maxpool2d:2,flatten,is:B:"


@pytest.mark.parametrize(
    ("spec", "where", "said"),
    [
        (
            FLAT + "15",
            None,
            "H 6 to 7 and W 10 to 11; or H 10 to 11 and W 6 to 7;"
            " or H 2 to 3 and W 30 to 31; or H 30 to 31 and W 2 to 3",
        ),
        (FLAT + "4", None, "H and W 4 to 5; or H 2 to 3 and W 8 to 9; or H 8 to 9 and W 2 to 3"),
        (FLAT + "4", "H > 3, H % 2 == 0", "H 4 and W 4 to 5; or H 8 and W 2 to 3"),
        (
            FLAT + "64",
            "H % 2 == 0, W % 2 == 0",
            "H and W 16; or H 8 and W 32; or H 32 and W 8; or H 4 and W 64;"
            " or H 64 and W 4; or H 2 and W 128; or H 128 and W 2",
        ),
        (
            FLAT + "1024",
            None,
            "H and W 64 to 65; or H 32 to 33 and W 128 to 129; or H 128 to 129 and W 32 to 33;"
            " or H 16 to 17 and W 256 to 257; or 7 more",
        ),
        (
            "dialect:torch,in:N:C:H:W,flatten,linear:12:10",
            None,
            "C 3 and H and W 2; or C 12 and H and W 1; or C and H 2 and W 3; or C and W 2 and H 3;"
            " or 14 more",
        ),
    ],
)
def test_few_sizes_are_listed(spec: str, where: str | None, said: str) -> None:
    assert list(accepted(shapecalc.trace(spec, where=where))) == [said]


@pytest.mark.parametrize(
    ("spec", "where"),
    [
        ("in:B:T:4,conv1d:8:3", None),
        ("in:B:H:W:4,conv2d:8:3", "H*W >= 30"),
        ("in:B:H:W:4,conv2d:8:3", "H + 2 == 2*W"),
        (FLAT + "4", "H == W"),
        ("in:B:H:W:4,conv2d:8:1", "H*W == 12"),
    ],
)
def test_nothing_is_listed_where_no_equality_of_several_letters_has_few_solutions(
    spec: str, where: str | None
) -> None:
    assert list(accepted(shapecalc.trace(spec, where=where))) == []


@pytest.mark.parametrize("count", [1, 6, 12, 25, 30])
def test_all_that_is_listed_is_all_that_fits(count: int) -> None:
    (said,) = accepted(shapecalc.trace(f"{FLAT}{count}"))
    listed: set[tuple[int, int]] = set()
    for part in said.split("; or "):
        both = re.sub(r"H and W (.*)", r"H \1 and W \1", part)
        (low, high), (least, most) = (
            map(int, each) for each in re.findall(r"[HW] (\d+) to (\d+)", both)
        )
        listed |= {(h, w) for h in range(low, high + 1) for w in range(least, most + 1)}
    assert listed == {
        (h, w) for h in range(1, 80) for w in range(1, 80) if (h // 2) * (w // 2) == count
    }

"""Blocks that repeat are shown once; nothing is lost, and the totals stay."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from terminal import called, shown

from shapecalc.render.folding import blocks
from shapecalc.render.formats import FORMATS
from shapecalc.render.schema import TraceOutput

BERT = "in:B:T:64,12x(add(ln,mha:8:8|),add(ln,dense:256:gelu,dense:64|))"


@given(st.lists(st.sampled_from("abc"), max_size=40))
def test_blocks_say_all_rows_in_order(keys: list[str]) -> None:
    said = [
        key
        for block in blocks(keys)
        for _ in range(block.turns)
        for key in keys[block.start : block.start + block.length]
    ]
    assert said == keys


@pytest.mark.parametrize(
    ("keys", "found"),
    [
        ("aaaa", [(0, 1, 4)]),
        ("ababab", [(0, 2, 3)]),
        ("xababy", [(0, 1, 1), (1, 2, 2), (5, 1, 1)]),
        ("abcd", [(0, 1, 1), (1, 1, 1), (2, 1, 1), (3, 1, 1)]),
        ("", []),
    ],
)
def test_blocks(keys: str, found: list[tuple[int, int, int]]) -> None:
    assert blocks(keys) == found


def test_a_table_folds_the_blocks_of_a_transformer() -> None:
    code, text = shown(BERT, "--fold", columns=140)
    whole = shown(BERT, columns=140)[1]
    assert code == 0
    assert text.count("\N{MULTIPLICATION SIGN}12") == 7
    assert len(text.splitlines()) < len(whole.splitlines()) / 5
    assert text.splitlines()[-2:] == whole.splitlines()[-2:]


def test_in_plain_ascii_it_says_so_too() -> None:
    done = called(BERT, "--fold", "-f", "table", "--width", "140", PYTHONIOENCODING="ascii")
    assert done.code == 0
    assert "x12" in done.out
    assert done.out.isascii()


@pytest.mark.parametrize("form", [each.name for each in FORMATS.values() if not each.folds])
def test_formats_that_show_every_row_refuse(form: str) -> None:
    done = called(BERT, "--fold", "-f", form)
    assert (done.code, done.out) == (2, "")
    assert f"{form} cannot show --fold" in done.err


@pytest.mark.parametrize("form", FORMATS)
def test_what_is_known_is_shown_in_every_format(form: str) -> None:
    done = called("conv2d:8:3,lstm:4,dense:3", "--partial", "-f", form)
    assert done.code == 1
    assert done.err.startswith("error: lstm needs a 3-D input")
    assert "lstm" in done.out
    assert form == "spec" or "?" in done.out or "null" in done.out


def test_rows_after_the_failure_have_names_and_no_shapes() -> None:
    done = called("conv2d:8:3@a,lstm:4,dense:3,dense:4", "--partial")
    assert [line.split("\t")[1:] for line in done.out.splitlines()] == [
        ["a", "Conv2D", "B,H,W,C", "B,H-2,W-2,8", "72*C+8"],
        ["lstm", "LSTM", "B,H-2,W-2,8", "?", "?"],
        ["dense", "Dense", "?", "?", "?"],
        ["dense_1", "Dense", "?", "?", "?"],
    ]
    data = json.loads(called("lstm:4,lstm:3", "--partial", "-f", "json").out)
    TraceOutput.model_validate(data, strict=True)
    assert data["error"]["help"] == "lstm:4:seq,lstm:3"


def test_partial_says_nothing_more_where_all_fits() -> None:
    assert called("dense:3", "--partial", "-f", "json") == called("dense:3", "-f", "json")
    assert called("nothing", "--partial").code == 2


@pytest.mark.parametrize("columns", [30, 40])
def test_a_screen_too_narrow_for_a_table_gets_lines(columns: int) -> None:
    code, text = shown("in:B:T:4,lstm:64:seq,td-dense:3", columns=columns)
    lines = [line.strip() for line in text.splitlines()]
    assert code == 0
    assert lines[0] == "1 lstm"
    assert {"output (B, T, 64)", "TimeDistributed(Dense(3))", "params 195"} <= set(lines)
    assert max(map(len, text.splitlines())) <= columns

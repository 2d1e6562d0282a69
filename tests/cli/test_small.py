"""Small things that people type: each is read, or gets what to write instead."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
from terminal import called, shown

from shapecalc.language.choices import Choices
from shapecalc.render.formats import FORMATS


@pytest.mark.parametrize(
    ("spec", "repaired"),
    [
        ("td:dense:3", "td-dense:3"),
        ("timedistributed:dense:3", "td-dense:3"),
        ("lstm:64:seq,bi:lstm:3:seq,relu", "lstm:64:seq,bi-lstm:3:seq,relu"),
        ("TimeDistributed: dense:3@x", "td-dense:3@x"),
    ],
)
def test_a_wrapper_with_its_layer_as_an_argument_gets_its_spec(spec: str, repaired: str) -> None:
    done = called(spec)
    assert (done.code, done.out) == (2, "")
    assert done.err.endswith(f"\nhelp: {repaired}\n")
    assert called(repaired).code == 0


def test_a_shape_as_a_kernel_is_written_gets_its_commas() -> None:
    for given in ("28x28x1", "B,28x28x1"):
        done = called("conv2d:8:3", "-i", given)
        assert (done.code, done.out) == (2, "")
        assert done.err.startswith(f"error: --input: {given} is not a shape")
        assert done.err.endswith("help: B,28,28,1\n")
    assert called("lstm:8", "-i", "B,max(T,3),4", "-q").out == "B,8\n"


@pytest.mark.parametrize(
    ("text", "specs"),
    [
        ("lstm:64:{seq,}", ["lstm:64:seq", "lstm:64"]),
        (
            "dense:8:{relu,}:{nobias,}",
            ["dense:8:relu:nobias", "dense:8:relu", "dense:8:nobias", "dense:8"],
        ),
        ("add(dense:8:{relu,}|)@x", ["add(dense:8:relu|)@x", "add(dense:8|)@x"]),
        ("relu,{bn,},relu", ["relu,bn,relu", "relu,,relu"]),
        ("dense:{3,4}", ["dense:3", "dense:4"]),
    ],
)
def test_an_empty_choice_takes_its_colon_along(text: str, specs: list[str]) -> None:
    assert list(Choices(text)) == specs


def test_several_letters_at_numbers_go_together() -> None:
    arguments = ("conv2d:8:3", "--columns", "name")
    assert called(*arguments, "--at", "H=9,W=7").out == "conv2d\tB,7,5,8\n"
    assert called(*arguments, "--at", "H=9,11,W=7", "--header").out == (
        "name\toutput@H=9,W=7\toutput@H=11,W=7\nconv2d\tB,7,5,8\tB,9,5,8\n"
    )
    assert called(*arguments, "--at", "H=9", "--at", "W=7").out == "conv2d\tB,7,W-2,8\tB,H-2,5,8\n"
    assert "--at takes NAME=N, not H=9,W=x" in called(*arguments, "--at", "H=9,W=x").err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--at", "T=8,T=9"), "error: --at gives T twice\nhelp: --at T=100,200\n"),
        (("--max-params", "0.5"), "0.5 is not a whole number"),
        (("--max-params", "nan"), "nan is not a number"),
        (("--max-memory", "1e999"), "1e999 is too large"),
    ],
)
def test_a_bad_number_is_refused(arguments: tuple[str, ...], message: str) -> None:
    done = called("in:B:T:4,lstm:8", *arguments)
    assert (done.code, done.out) == (2, "")
    assert message in done.err


def test_a_whole_number_may_be_written_as_another_one() -> None:
    assert called("in:B:4,dense:8", "--max-params", "4e1").code == 0
    assert called("in:B:4,dense:8", "--max-params", "39.0").code == 1


def test_a_bad_size_names_the_option() -> None:
    done = called("lstm:8", "-s", "T=0")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("error: --set T: a size is at least 1, but this is 0\n")


def test_a_width_for_no_word_is_refused() -> None:
    done = called("lstm:8", "--width", "5")
    assert (done.code, done.out) == (2, "")
    assert "--width" in done.err


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_is_written_in_ascii(form: str) -> None:
    fold = ["--fold"] if FORMATS[form].folds else []
    spec = "in:B:8,2x(dense:8)"
    done = called(spec, "-f", form, *fold, PYTHONIOENCODING="ascii")
    assert (done.code, done.err) == (0, "")
    assert done.out.isascii()
    if FORMATS[form].folds:
        assert ("&#215;2" if FORMATS[form].is_markup else "x2") in done.out
    if form == "svg":
        ET.fromstring(done.out)  # noqa: S314


def test_pages_and_commands_are_written_in_ascii() -> None:
    for arguments in (["layers", "lstm"], ["--help"], ["help"], ["man"]):
        done = called(*arguments, PYTHONIOENCODING="ascii")
        assert (done.code, done.err) == (0, "")
    table = called("solve", "maxpool1d:2", "-o", "B,N,C", "-f", "table", PYTHONIOENCODING="ascii")
    assert table.code == 0
    assert table.out.isascii()


@pytest.mark.parametrize(
    ("arguments", "message", "near"),
    [
        (("dense:3", "-f", "jsn"), "--format is one of table, tsv, csv, ", "json or jsonl"),
        (("check", "-f", "sarf"), "--format is one of full, concise, ", "sarif"),
        (("sweep", "dense:3", "--sort", "mac"), "--sort is one of params, ", "macs"),
        (("completion", "bsh"), "SHELL is one of bash, ", "bash or zsh"),
        (("dense:3", "-d", "pytorch"), "there is no dialect pytorch", "torch"),
    ],
)
def test_a_choice_that_is_nearly_one_gets_a_question(
    arguments: tuple[str, ...], message: str, near: str
) -> None:
    done = called(*arguments)
    assert (done.code, done.out) == (2, "")
    said, question = done.err.splitlines()
    assert said.startswith(f"error: {message}")
    assert question == f"help: did you mean {near}?"


def test_what_a_layer_takes_breaks_at_words_and_counts_one() -> None:
    _, text = shown("in:B:T:512,mha:8", columns=60)
    assert max(map(len, text.splitlines())) <= 60
    done = called("-d", "torch", "conv2d:1:16:3", "-i", "8,28,28,1")
    assert done.err.startswith("error: conv2d takes 1 channel, but gets 28\n")


def test_a_size_that_cannot_be_is_said_with_its_option() -> None:
    for option in ("--set", "--at"):
        done = called("in:B:T:8,gap1d", option, "T=0")
        assert (done.code, done.out) == (2, "")
        assert done.err.startswith(f"error: {option} T: a size is at least 1, but this is 0\n")

"""Messages, line by line: the fact, the place, the reason, and a repair that works."""

from __future__ import annotations

import pytest

import shapecalc
from shapecalc.errors import ShapecalcError, ShapeError, SpecError
from shapecalc.render.diagnostic import diagnostic

DIAGNOSTICS = [
    """
error: lstm needs a 3-D input (batch, steps, features), but gets (B, 64)
  lstm:64,lstm:32
          ^^^^^^^
  lstm:64 before it returns only its last step: return_sequences is False
help: lstm:64:seq,lstm:32
""",
    """
error: td-dense needs at least 3 axes (batch, steps, features), but gets (B, 64)
  lstm:64,td-dense:3
          ^^^^^^^^^^
  lstm:64 before it returns only its last step: return_sequences is False
help: lstm:64:seq,td-dense:3
""",
    """
error: lstm needs a 3-D input (batch, steps, features), but gets (B, 4)
  rnn(lstmcell:3|lstmcell:4),lstm:3
                             ^^^^^^
  rnn(lstmcell:3|lstmcell:4) before it returns only its last step: return_sequences is False
help: rnn(lstmcell:3|lstmcell:4):seq,lstm:3
""",
    """
error: maxpool1d needs a 3-D input (batch, steps, channels), but gets (B, 64)
  bi-lstm:32,maxpool1d:2
             ^^^^^^^^^^^
  bi-lstm:32 before it returns only its last step: return_sequences is False
help: bi-lstm:32:seq,maxpool1d
""",
    """
error: conv2d needs a 4-D input (batch, height, width, channels), but gets (28, 28, 1)
  in:28:28:1,conv2d:8:3
             ^^^^^^^^^^
  shapes include the batch: the batch or the channels may be missing in the input
help: in:B:28:28:1,conv2d:8:3
""",
    """
error: conv2d needs a 4-D input (batch, height, width, channels), but gets (B, 28, 28)
  in:B:28:28,conv2d:8:3
             ^^^^^^^^^^
  shapes include the batch: the batch or the channels may be missing in the input
help: in:B:28:28:1,conv2d:8:3
""",
    """
error: conv1d needs at least 7 steps for its kernel of 7, but gets 5
  in:B:5:4,conv1d:8:7
           ^^^^^^^^^^
help: in:B:5:4,conv1d:8:7:same
""",
    """
error: conv1d cannot split 8 channels into 3 groups
  in:B:9:8,conv1d:9:3:g=3
           ^^^^^^^^^^^^^^
help: in:B:9:8,conv1d:9:3
""",
    """
error: reshape needs 49 numbers for (7, 7), but gets 56 from (B, 7, 8)
  in:B:7:8,reshape:7:7
           ^^^^^^^^^^^
help: in:B:7:8,reshape:7:-1
""",
    """
error: is: requires (B, 10), but the shape is (B, 26, 26, 10)
  in:B:28:28:1,conv2d:8:3,dense:10,is:B:10
                                   ^^^^^^^
help: in:B:28:28:1,conv2d:8:3,flatten,dense:10,is:B:10
""",
    """
error: conv1d has no parameter strade
  conv1d:8:3:strade=2
             ^^^^^^
help: did you mean strides?
error: lstm takes no flag sek
  lstm:8:sek
         ^^^
help: did you mean seq?
""",
    """
error: there is no layer lstn
  lstn:8,dense
  ^^^^
help: did you mean lstm or ln?
error: dense: units is missing, a whole number of at least 1, or a size in letters
  lstn:8,dense
         ^^^^^
help: dense takes units, activation=None, use_bias=True, lora_rank=None, lora_alpha=None, quantization_config=None, …
""",
    """
error: dense: units takes a whole number of at least 1, or a size in letters, not 0
  dense:0
        ^
help: dense takes units, activation=None, use_bias=True, lora_rank=None, lora_alpha=None, quantization_config=None, …
""",
    """
error: dropout takes no more values
  dropout:0.5:None:3:0.5
                     ^^^
help: dropout takes rate, noise_shape=None, …
""",
    """
error: units is given twice
  dense:3:units=4
          ^^^^^^^
""",
]


def spec_of(text: str) -> str:
    return text.strip().splitlines()[1].strip()


@pytest.mark.parametrize("text", DIAGNOSTICS, ids=spec_of)
def test_diagnostic(text: str) -> None:
    lines = text.strip().splitlines()
    blocks: list[list[str]] = []
    for line in lines:
        if line.startswith("error:"):
            blocks.append([])
        blocks[-1].append(line)
    specs = list(dict.fromkeys(block[1].strip() for block in blocks))
    said = ""
    for spec in specs:
        with pytest.raises(ShapecalcError) as caught:
            shapecalc.trace(spec)
        said += diagnostic(caught.value, width=200)
    assert said.splitlines() == lines


def test_keras1_wants_a_wrapper() -> None:
    assert shapecalc.trace("lstm:7:seq,dense:3").output[2] == 3
    with pytest.raises(ShapeError, match="dense takes only 2-D input in keras1") as caught:
        shapecalc.trace("lstm:7:seq,dense:3", dialect="keras1")
    assert caught.value.help == "lstm:7:seq,td-dense:3"
    assert shapecalc.trace("lstm:7:seq,td-dense:3", dialect="keras1").output[2] == 3


BROKEN = [
    "lstm:64,lstm:32,lstm:16",
    "gru:8,td-dense:3,lstm:3,td-dense:2",
    "in:B:28:28:1,conv2d:8:3,lstm:3",
    "in:32:32:3,conv2d:8:3,maxpool2d:2,flatten,dense:10",
    "conv1d:8:3,gap1d,lstm:3",
    "embedding:100:8,flatten,lstm:3",
    "dense:8,lstm:4",
    "in:B:4:4:3,conv2d:8:5,maxpool2d:2,maxpool2d:2",
    "in:B:2:8,3x-maxpool1d:2",
    "in:B:10:6,conv1d:8:3:g=4",
    "in:B:T:8,flatten,td-dense:3",
    "in:B:100,reshape:7:7:2,conv2d:8:3",
]


@pytest.mark.parametrize("spec", BROKEN)
def test_a_repair_is_one_line_and_works(spec: str) -> None:
    with pytest.raises(ShapeError) as caught:
        shapecalc.trace(spec)
    repaired = caught.value.help
    assert repaired is not None
    assert "\n" not in repaired
    assert str(shapecalc.trace(repaired).network) == repaired


def test_a_repair_keeps_what_was_asked() -> None:
    with pytest.raises(ShapeError) as caught:
        shapecalc.trace("lstm:64,lstm:32", input="B,T,9", set={"T": 12})
    assert caught.value.help == "lstm:64:seq,lstm:32"
    assert caught.value.layer == "lstm_1"
    assert caught.value.span == (8, 15)


def test_an_input_that_lacks_an_axis_is_written_into_the_repair() -> None:
    with pytest.raises(ShapeError) as caught:
        shapecalc.trace("conv2d:8:3", input=(28, 28, 1))
    assert caught.value.help == "in:B:28:28:1,conv2d:8:3"


def test_no_control_character_reaches_the_terminal() -> None:
    with pytest.raises(SpecError) as caught:
        shapecalc.trace('act:"\x1b[31m\u202e"')
    text = diagnostic(caught.value)
    assert all(mark.isprintable() or mark == "\n" for mark in text)
    assert "\\x1b[31m\\u202e" in text


def test_long_specs_are_shown_around_the_caret() -> None:
    spec = ",".join(["dense:3"] * 500 + ["dnse:4"] + ["dense:3"] * 500)
    with pytest.raises(SpecError) as caught:
        shapecalc.trace(spec)
    _, line, carets, *_ = diagnostic(caught.value, width=60).splitlines()
    assert len(line) <= 60
    assert line.startswith("  …")
    assert line.endswith("…")
    assert line[carets.index("^") : carets.rindex("^") + 1] == "dnse"


def test_the_line_of_a_file_is_named() -> None:
    with pytest.raises(SpecError) as caught:
        shapecalc.trace("dense:3\ndense:4,dnse:4 # oh\n")
    _, line, carets, *_ = diagnostic(caught.value).splitlines()
    assert line == "  line 2: dense:4,dnse:4 # oh"
    assert line[carets.index("^") : carets.rindex("^") + 1] == "dnse"

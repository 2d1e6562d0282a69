"""The repairs that an expert would write, by hand, are the first that are found."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from terminal import called

import shapecalc
from shapecalc.errors import ShapecalcError

DATA = Path(__file__).parents[1] / "data" / "repairs.jsonl"
CASES = [json.loads(line) for line in DATA.read_text(encoding="utf-8").splitlines()]
#: Merges in which the order of tensors says nothing.
SYMMETRIC = {"Add", "Multiply", "Average", "Maximum", "Minimum"}


def meaning(spec: str, dialect: str | None) -> Any:
    """What a spec is, whatever its labels are called; None where it does not work."""
    try:
        trace = shapecalc.trace(spec, dialect=dialect)
    except ShapecalcError:
        return None
    known = {name: hash(("in", shape)) for name, shape in trace.inputs}
    for row in trace.layers:
        read = [known[name] for name in row.sources]
        if row.layer in SYMMETRIC:
            read.sort()
        config = str(sorted(row.config.items()))
        known[row.name] = hash((row.layer, config, tuple(read), row.outputs))
    return [known[name] for name, _ in trace.named_outputs]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_what_an_expert_would_write_comes_first(case: dict[str, Any]) -> None:
    arguments = case["args"]
    dialect = arguments[arguments.index("-d") + 1] if "-d" in arguments else None
    done = called("fix", *arguments, "--all")
    first = done.out.splitlines()[: case["within"]]
    best = [meaning(spec, dialect) for spec in case["best"]]
    found = [spec in case["best"] or meaning(spec, dialect) in best for spec in first]
    assert any(found), done.out + done.err


@pytest.mark.parametrize(
    ("spec", "repaired"),
    [
        ("in:B:9:4,lstm:8:seq,lstm:6:seq,dense:1,is:B:1", "in:B:9:4,lstm:8:seq,lstm:6,dense:1,is:B:1"),
        ("in:B:9:4,lstm:8,lstm:6,is:B:9:6", "in:B:9:4,lstm:8:seq,lstm:6:seq,is:B:9:6"),
        ("in:B:9:4,bi-gru:8,is:B:9:16", "in:B:9:4,bi-gru:8:seq,is:B:9:16"),
        ("in:B:9:4,bi-gru:8,is:B:10", "in:B:9:4,bi-gru:5,is:B:10"),
        ("in:B:20,dense:7,bn,relu,is:B:3", "in:B:20,dense:3,bn,relu,is:B:3"),
        ("in:B:12:12:3,conv2d:8:3,conv2d:8:3,is:B:12:12:8", "in:B:12:12:3,conv2d:8:3:same,conv2d:8:3:same,is:B:12:12:8"),
        ("in:B:28:28:1,flatten,dense:784,is:B:28:28:1", "in:B:28:28:1,flatten,dense:784,reshape:28:28:1,is:B:28:28:1"),
        ("in:B:7:7:2,upsample2d,is:B:28:28:2", "in:B:7:7:2,upsample2d,upsample2d,is:B:28:28:2"),
        ("in:B:5:6,relu,permute:2:1,is:B:5:6", "in:B:5:6,relu,is:B:5:6"),
        ("in:B:5:6,dense:4,is:B:4:5", "in:B:5:6,dense:4,permute:2:1,is:B:4:5"),
        ("in:B:9:9:4,conv2d:8:3,is:B:8", "in:B:9:9:4,conv2d:8:3,gap2d,is:B:8"),
    ],
)  # fmt: skip
def test_a_shape_that_is_required_is_reached(spec: str, repaired: str) -> None:
    with pytest.raises(shapecalc.ShapeError) as caught:
        shapecalc.trace(spec)
    assert caught.value.help == repaired


@pytest.mark.parametrize(
    ("spec", "expect", "note"),
    [
        ("in:B:30:4,conv1d:8:23,pad1d:12", "B,30,8", "axis 1 to zero_padding1d: 30, 8, 32"),
        ("in:B:9:4,lstm:8:seq", "B,8", "lstm returns every step: return_sequences is True"),
        ("in:B:9:4,lstm:8", "B,9,8", "lstm returns only its last step: return_sequences is False"),
    ],
)
def test_what_made_the_axis_is_named(spec: str, expect: str, note: str) -> None:
    with pytest.raises(shapecalc.ShapeError) as caught:
        shapecalc.trace(spec, expect=expect)
    assert note in caught.value.notes


def test_fix_obeys_what_is_expected() -> None:
    done = called("fix", "in:B:40:6,lstm:12:seq,dense:2", "-e", "B,2")
    assert (done.code, done.out, done.err) == (0, "in:B:40:6,lstm:12,dense:2\n", "")
    done = called("fix", "in:B:40:6,lstm:12,dense:2", "-e", "B,2")
    assert done.err == "note: this spec works as it is\n"


def test_that_an_axis_may_be_missing_is_said_only_where_it_is_one() -> None:
    with pytest.raises(shapecalc.ShapeError) as caught:
        shapecalc.trace("in:B:9:9:3:2,conv2d:4:3")
    assert not any("may be missing" in note for note in caught.value.notes)
    with pytest.raises(shapecalc.ShapeError) as caught:
        shapecalc.trace("in:28:28:1,conv2d:4:3")
    assert any("may be missing" in note for note in caught.value.notes)


def test_steps_are_not_made_of_an_input_that_nobody_gave() -> None:
    done = called("fix", "conv1d:8:3", "-s", "T=2", "--all")
    assert "conv1d:8:3:same" in done.out.splitlines()[0]
    assert "td-" not in done.out


@pytest.mark.parametrize(
    ("spec", "note"),
    [
        ("in:B:30:30:1@x,maxpool2d:4,upsample2d:4,add:@x", "H % 4 == 0; nearest to 30: 28 and 32"),
        ("in:B:8:4,conv1d:4:3,maxpool1d,conv1d:8:5", "T >= 12; nearest to 8: 12"),
    ],
)
def test_numbers_get_what_letters_get(spec: str, note: str) -> None:
    with pytest.raises(shapecalc.ShapeError) as caught:
        shapecalc.trace(spec)
    assert any(note in each for each in caught.value.notes)


def test_axes_of_no_size_are_repaired_or_refused_in_words() -> None:
    spec = 'in:B:T%7:C,slice:":,4:",concat(maxpool1d:2|conv1d:4:2:s=2)'
    done = called("fix", spec, "-s", "T=1")
    assert done.err.startswith("error: ") or done.out
    merged = called("fix", 'in:B:4:3@a,slice:":,4:"@b,@a,add:@b')
    assert (merged.code, merged.err[:5]) in {(0, ""), (1, "error")}


def test_a_vector_is_repeated_as_often_as_there_were_steps() -> None:
    done = called("fix", "in:B:14:8,lstm:32,repeatvector:14,lstm:16,td-dense:3", "--all")
    assert "in:B:14:8,lstm:32,repeat:14,lstm:16,repeat:14,td-dense:3" in done.out.splitlines()

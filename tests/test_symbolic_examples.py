"""The worked examples of symbolic sizes, each in exactly the form that is written there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import shapecalc
from shapecalc.dims import Facts, equal, multiple_of, parse_size, shape_text
from shapecalc.errors import ShapeError

TABLE = Path(__file__).parent / "data" / "symbolic.md"
ROW = re.compile(r"\| `(.*?)`(?: on `in:(.*?)`)? \| (?:`(.*?)`|refused: .*) \| (.*?) \|")
TEXT = TABLE.read_text("utf-8").partition("## What else")[0]
ROWS = [match.groups() for match in map(ROW.match, TEXT.splitlines()) if match]


@pytest.mark.parametrize(("spec", "given", "size", "holds"), ROWS)
def test_example(spec: str, given: str | None, size: str | None, holds: str) -> None:
    shape = (given or "B:T:4").replace(":", ",")
    if size is None:
        with pytest.raises(ShapeError, match=r"T - 4.* and .*T - 2"):
            shapecalc.trace(spec, input=shape)
        return
    trace = shapecalc.trace(spec, input=shape)
    assert str(trace.output[1]) == size
    assert (" and ".join(trace.conditions) or "always") == holds


def test_all_twenty_are_read() -> None:
    assert len(ROWS) == 20


@pytest.mark.parametrize(
    ("spec", "where", "output", "conditions"),
    [
        ("in:B:T:C,reshape:T:-1:8", None, "(B, T, C//8, 8)", ["C % 8 == 0"]),
        ("in:B:T:C,reshape:T//4:4*C", None, "(B, T//4, 4*C)", ["T % 4 == 0"]),
        (
            "in:B:H:W:C,reshape:H//2:2:W//2:2:C",
            None,
            "(B, H//2, 2, W//2, 2, C)",
            ["H % 2 == 0", "W % 2 == 0"],
        ),
        ("in:B:T:4,add(maxpool1d:2:same|)", None, "(B, T, 4)", ["T <= 2"]),
        ("in:B:T:4,conv1d:8:3:s=2,is:B:T-3:_", None, "(B, (T - 1)//2, 8)", ["4 <= T <= 5"]),
        (
            "in:B:T:4@x,maxpool1d:2,id@y,@x,maxpool1d:2:same,concat:@y:axis=1",
            None,
            "(B, T, 4)",
            ["T >= 2"],
        ),
        (
            "in:B:T:4@x,maxpool1d:4,upsample1d:4,maxpool1d:6,upsample1d:6,concat:@x",
            None,
            "(B, T, 8)",
            ["T % 12 == 0"],
        ),
        ('in:B:T:4,slice:":,1:",slice:":,1:"', None, "(B, max(T - 2, 0), 4)", []),
        ("in:B:H:W:C,conv2d:8:3:s=2,flatten", "H == W", "(B, 8*((H - 1)//2)**2)", ["H >= 3"]),
        ("in:B:T:4@t,in:B:S:4@s,@t,add:@s", "T > S", "(B, T, 4)", ["S == 1"]),
    ],
)
def test_what_else_is_equal_and_short(
    spec: str, where: str | None, output: str, conditions: list[str]
) -> None:
    trace = shapecalc.trace(spec, where=where)
    assert shape_text(trace.output) == output
    assert trace.conditions == conditions


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("T - T//2", "(T + 1)//2"),
        ("2*S//(2*K)", "S//K"),
        ("(T//S)//2", "T//(2*S)"),
        ("max(T - min(T, 3), 0)", "max(T - 3, 0)"),
        ("min(T, 5) + max(T - 5, 0)", "T"),
        ("T//2 + (T + 1)//2", "T"),
        ("max(T - min(T - 1, 1) - 1, 0)", "max(T - 2, 0)"),
        ("T//3 + (T + 1)//3 + (T + 2)//3", "T"),
        ("(H*W)//2 + (H*W + 1)//2", "H*W"),
        ("C*(T - T//2)", "C*((T + 1)//2)"),
        ("max(T + S, T + 3)", "T + max(S, 3)"),
        ("max(2*T - 3, 1)//2", "max(T - 2, 0)"),
    ],
)
def test_equal_sizes_are_one_size(one: str, other: str) -> None:
    assert parse_size(one) == parse_size(other)
    assert str(parse_size(one)) == str(parse_size(other))


def test_what_nests_stays_as_it_stands() -> None:
    text = "3*((3*((T + 1)//2) + 1)//2)"
    assert str(parse_size(text)) == text


def test_a_fact_writes_what_another_one_defines() -> None:
    facts = Facts()
    facts.require(equal(parse_size("S"), parse_size("(T + 1)//2")))
    facts.require(multiple_of(parse_size("T"), 2))
    assert facts.conditions() == ["T % 2 == 0", "S == T//2"]


#: Steps that made the text of a size, or the time for it, double with each.
GROWING = (
    "maxpool1d:2:same,upsampling1d:3",
    "maxpool1d:3,upsampling1d:2",
    "maxpool1d:2,upsampling1d:3,pad1d:1",
    "conv1d:4:3:s=2,upsampling1d:3",
    'slice:":,1:-1:2"',
    'slice:":,1:-1:2",upsample1d:3',
    'slice:":,-9:7:2",pad1d:3',
)


@pytest.mark.parametrize("steps", GROWING)
@pytest.mark.parametrize("count", [10, 40])
def test_sizes_grow_no_faster_than_the_spec(steps: str, count: int) -> None:
    spec = f"in:B:T:4,{','.join([steps] * count)}"
    trace = shapecalc.trace(spec)
    assert len(str(trace.output[1])) <= len(spec)


def test_products_grow_no_faster_than_the_spec() -> None:
    spec = f"in:B:H:W:3,{','.join(['pad2d:1,flatten,reshape:H:W:-1'] * 8)}"
    trace = shapecalc.trace(spec)
    assert len(str(trace.output[3])) <= len(spec)


@pytest.mark.parametrize(
    ("spec", "conditions", "assumptions"),
    [
        ("add:@s", [], ["T == S"]),
        # Asked of the inputs themselves, before or after: this is a condition.
        ("add:@s,@s,concat:@t", ["S == T"], []),
        ("concat:@s,@t,add:@s", ["T == S"], []),
        # Asked of what is so only where the assumption holds: T == 5 and S == 1 works too.
        ("add:@s,concat:@t", [], ["T == S"]),
        # The assumption cannot hold: what is exact is asked instead.
        ("add:@s,@s,conv1d:4:3,concat:@t", ["S == 3", "T == 1"], []),
    ],
)
def test_an_assumption_is_no_certainty(
    spec: str, conditions: list[str], assumptions: list[str]
) -> None:
    trace = shapecalc.trace(f"in:B:T:4@t,in:B:S:4@s,@t,{spec}")
    assert (trace.conditions, trace.assumptions) == (conditions, assumptions)


@pytest.mark.parametrize("sizes", ["T**2,reshape:T-5:4", "T**3,reshape:T-5:4"])
def test_bounds_that_square_each_other_come_to_an_end(sizes: str) -> None:
    with pytest.raises(ShapeError, match="needs 4"):
        shapecalc.trace(f"in:B:{sizes}", repair=False)
    repaired = shapecalc.trace(f"in:B:{sizes.replace('4', '-1')}", where="T <= 30")
    assert repaired.output[1] == parse_size("T - 5")


@pytest.mark.parametrize(
    ("spec", "conditions", "assumptions"),
    [
        # At T == 1 there is no such axis, and what is asked of it is asked of another one.
        ("dialect:torch,in:2:T:4:2:6,squeeze,index:':,3:',index:':,-1,:'", ["T >= 4"], ["T >= 2"]),
        ("dialect:torch,in:6:4:T:6,squeeze,conv2d:_:4:3", ["T >= 3"], ["T >= 2"]),
        # What is asked of the size itself does.
        ("dialect:torch,in:6:4:T:6@x,squeeze@y,@x,conv2d:_:4:3", ["T >= 3"], []),
    ],
)
def test_what_an_assumption_leads_to_does_not_prove_it(
    spec: str, conditions: list[str], assumptions: list[str]
) -> None:
    trace = shapecalc.trace(spec)
    assert (trace.conditions, trace.assumptions) == (conditions, assumptions)

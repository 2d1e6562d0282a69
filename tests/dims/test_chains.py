"""Chains of reshapes, windows and paddings: their sizes are short, and hold as numbers do."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from law import broken, general, unequal_text
from strategies import LETTERS, Case, chains

import shapecalc
from shapecalc.dims import (
    Contradiction,
    Dim,
    Facts,
    equal,
    multiple_of,
    parse_size,
    substitute,
)

if TYPE_CHECKING:
    from collections.abc import Sequence


@given(chains(8))
@example(Case("in:B:T:S:N,6x(flatten,reshape:-1:T:2,conv2d:T:2:s=2,reshape:T:-1:S)", LETTERS))
@example(Case("in:B:T:S:3,6x(upsample2d:3,reshape:-1:4:N,crop2d:1,reshape:T:S:-1)", LETTERS))
@example(Case("in:B:T:S:3,7x(upsample2d:3,dwconv2d:3,reshape:-1:4:N)", LETTERS))
@example(Case("in:B:T:T:N,6x(dwconv2d:3:same,pad2d:2,reshape:2:-1:T,maxpool2d:2:s=1)", LETTERS))
@example(Case("in:B:T:S:3,4x(upsample2d:3,dwconv2d:3:s=2:same,flatten,reshape:T:S:-1)", LETTERS))
@example(Case("in:B:T:N,9x(dense:T,crop1d:2,flatten,reshape:-1:2)", LETTERS))
def test_sizes_of_a_chain_are_no_longer_than_its_layers(case: Case) -> None:
    trace = general(case.spec, ", ".join(case.facts))
    if trace is None:
        return
    assert unequal_text(trace) is None
    shapes = [shape for row in trace.layers for shape in row.outputs]
    longest = max(len(str(size)) for shape in shapes for size in shape)
    assert longest <= max(60, written_out(case.spec))


def written_out(spec: str) -> int:
    """The length of a spec with its repeats written one after the other."""
    return len(re.sub(r"(\d+)x\(([^()]*)\)", lambda m: ",".join([m[2]] * int(m[1])), spec))


@given(chains(3))
@example(Case("in:B:T:S:3,3x(upsample2d:3,reshape:-1:4:N,crop2d:1,reshape:T:S:-1)", LETTERS))
@example(Case("in:B:T:S,3x(crop1d:2,reshape:-1:T),reshape:T:-1", LETTERS[:2], ("T % 4 == 0",)))
@example(Case("in:B:T:S,2x(pad1d:1,reshape:T:-1)", LETTERS[:2], ("28 % T == 0",)))
def test_a_chain_holds_just_when_its_numbers_do(case: Case) -> None:
    assert broken(case.spec, case.letters, case.facts) is None


@pytest.mark.parametrize("count", range(1, 9))
def test_exact_quotients_of_one_letter_are_one(count: int) -> None:
    trace = shapecalc.trace(f"in:B:H:W:C,{count}x(pad2d:1,reshape:H:W:-1)", where="H == W, H == 60")
    whole = 30 ** (2 * count)
    assert trace.conditions == [f"C % {whole} == 0"]
    assert substitute(trace.output[-1], {"C": 7 * whole}) == 7 * 31 ** (2 * count)
    assert len(str(trace.output[-1])) < 60


@pytest.mark.parametrize(
    ("spec", "size", "conditions"),
    [
        ("in:B:T%7:T,reshape:-1:2", "(T*(T % 7))//2", ["T % 7 != 0", "(T*(2*T - T % 7)) % 2 == 0"]),
        ("in:B:28:4,reshape:T:-1", "112//T", ["112 % T == 0"]),
        ("in:B:28:4,reshape:T:4:-1", "28//T", ["28 % T == 0"]),
        ("in:B:28:28:3,reshape:T:S:-1", "2352//(S*T)", ["2352 % (S*T) == 0"]),
        (
            "in:B:H:W:C,2x(pad2d:2,dwconv2d:3:s=2:same,reshape:H:W:-1)",
            "(C*((H + 5)//2)**2*((W + 5)//2)**2)//(H**2*W**2)",
            [
                "(C*((H + 5)//2)*((W + 5)//2)) % (H*W) == 0",
                "(C*((H + 5)//2)**2*((W + 5)//2)**2) % (H**2*W**2) == 0",
            ],
        ),
    ],
)
def test_what_is_said_of_quotients(spec: str, size: str, conditions: list[str]) -> None:
    trace = shapecalc.trace(spec)
    assert size in map(str, trace.output)
    assert trace.conditions == conditions


def known(*said: tuple[str, str, int]) -> Facts:
    """Facts of the form ``x % d == r``."""
    facts = Facts()
    for size, divisor, remainder in said:
        facts.require(multiple_of(parse_size(size) - remainder, parse_size(divisor)))
    return facts


@pytest.mark.parametrize(
    ("said", "size", "written"),
    [
        ([("C", "900", 0)], "57*(C//50) + 121*C//810000", "923521*C//810000"),
        ([("T", "3", 0)], "(5*(T//3) + 1)//2", "(5*T + 3)//6"),
        ([("S*T", "4", 0)], "(3*(S*T//4))//2", "3*S*T//8"),
        ([("S*T", "4", 2)], "(3*((S*T + 2)//4))//2", "(3*S*T + 6)//8"),
        ([("S + T", "4", 0)], "(3*((S + T)//4))//2", "(3*S + 3*T)//8"),
        ([("S + T", "4", 0)], "(S + T)//4 + (S + T)//8", "(3*S + 3*T)//8"),
        ([("C*(T + 2)", "T", 0)], "(3*(C*(T + 2)//T))//2", "(3*C*T + 6*C)//(2*T)"),
        ([("9*(C//T)", "2", 1)], "(3*(C//T) + 1)//2 + C//T", "(5*(C//T) + 1)//2"),
    ],
)
def test_exact_quotients_join(
    said: Sequence[tuple[str, str, int]], size: str, written: str
) -> None:
    assert known(*said).simplify(parse_size(size)) == parse_size(written)


@pytest.mark.parametrize("number", [12, 28, 97, 720, 1_000_000, 225_792])
@pytest.mark.parametrize("divisor", ["T", "T + 1", "2*T", "3*T + 1", "T**2"])
def test_a_number_has_the_divisors_that_it_has(number: int, divisor: str) -> None:
    said = f"{number} % ({divisor}) == 0"
    holding = [n for n in range(1, 3000) if eval(said, {"T": n})]  # noqa: S307
    facts = Facts()
    if not holding:
        with pytest.raises(Contradiction):
            facts.require(multiple_of(number, parse_size(divisor)))
        return
    facts.require(multiple_of(number, parse_size(divisor)))
    assert [n for n in range(1, 3000) if n in facts.domain("T")] == holding


def test_what_divides_a_number_decides_conditions() -> None:
    facts = Facts()
    facts.require(multiple_of(28, Dim("T")))
    assert facts.decide(equal(parse_size("T % 3"), 0)) is False
    assert facts.simplify(parse_size("(T*(28//T))//4")) == 7
    assert facts.conditions() == ["28 % T == 0"]


@pytest.mark.parametrize(
    ("spec", "size"),
    [
        # The last few of more or fewer are not less than none, whatever their size is made of.
        ('in:B:T:4,12x(slice:":,-3::2",upsample1d:2)', "2*min((T + 1)//2, 2)"),
        ('in:B:T:4,slice:":,5:",6x-slice:":,-3::2"', "max(min(T - 5, 1), 0)"),
    ],
)
def test_the_last_few_of_an_axis_are_said_shortly(spec: str, size: str) -> None:
    assert str(shapecalc.trace(spec).output[1]) == size

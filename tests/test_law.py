"""Letters say exactly what numbers say, over one, two and three letters, with facts and graphs.

`python -m tests.benchmarks.law` draws as many more as time allows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from law import (
    broken,
    broken_facts,
    broken_giving_back,
    broken_order,
    broken_substitution,
    general,
    unequal_text,
)
from modules import module_cases
from strategies import LETTERS, Case, cases, facts, lines

if TYPE_CHECKING:
    from collections.abc import Callable


@given(cases(1))
def test_conditions_over_one_letter_are_exact(case: Case) -> None:
    assert broken(case.spec, case.letters, case.facts) is None


@given(cases(2))
def test_conditions_over_two_letters_are_exact(case: Case) -> None:
    assert broken(case.spec, case.letters, case.facts) is None


@given(cases(3))
def test_conditions_over_three_letters_are_exact(case: Case) -> None:
    assert broken(case.spec, case.letters, case.facts) is None


@given(module_cases(1))
@example(Case("dialect:torch,in:B:T,view:B:T-2:-1,tconv1d:_:4:1:1:1,relu,view:B:4:-1", ("T",), ()))
def test_conditions_of_torch_over_one_letter_are_exact(case: Case) -> None:
    assert broken(case.spec, case.letters, case.facts) is None


@given(module_cases(2))
def test_conditions_of_torch_over_two_letters_are_exact(case: Case) -> None:
    assert broken(case.spec, case.letters, case.facts) is None


@given(module_cases(2), st.integers(1, 12))
def test_a_number_is_set_before_a_trace_of_torch_or_after_it(case: Case, number: int) -> None:
    for name in case.letters[:1]:
        assert broken_substitution(case.spec, case.letters, name, number) is None


@given(st.lists(facts(LETTERS[:2]), min_size=1, max_size=4))
def test_facts_admit_the_numbers_that_they_say(said: list[str]) -> None:
    assert broken_facts(said, LETTERS[:2]) is None


@given(cases(2), st.data())
def test_the_order_of_facts_changes_nothing(case: Case, data: st.DataObject) -> None:
    others = data.draw(st.permutations(case.facts))
    assert broken_order(case.spec, case.facts, others) is None


@given(cases(2))
def test_conditions_that_are_given_back_are_facts(case: Case) -> None:
    assert broken_giving_back(case.spec, case.letters, case.facts) is None


@given(module_cases(2))
def test_conditions_of_torch_that_are_given_back_are_facts(case: Case) -> None:
    assert broken_giving_back(case.spec, case.letters, case.facts) is None


@given(cases(2), st.integers(1, 12))
def test_a_number_is_set_before_the_trace_or_after_it(case: Case, number: int) -> None:
    for name in case.letters[:1]:
        assert broken_substitution(case.spec, case.letters, name, number) is None


@given(lines(LETTERS[:2]))
@example("in:B:3*T:4,maxpool1d:2:same,upsample1d:3,maxpool1d:2:same,upsample1d:3")
@example('in:B:T:4,maxpool1d:2:same,upsample1d:3,conv1d:4:3,slice:":,-3:5",pad1d:1,maxpool1d:2')
def test_the_text_of_a_size_parses_to_an_equal_one(spec: str) -> None:
    trace = general(spec)
    assert trace is None or unequal_text(trace) is None


@pytest.mark.parametrize(
    "spec",
    [
        "in:B:T:4,relu@x,conv1d:8:2:s=2,tconv1d:4:2:s=2,add:@x",
        "in:B:T:4@x,conv1d:4:3,add:@x",
        "in:B:T:4@x,maxpool1d:2,upsample1d:2,concat:@x",
        "in:B:T:4@x,maxpool1d:3:same,upsample1d:3,crop1d:(0,2),concat:@x",
        "in:B:T:4,flatten,reshape:-1:8,conv1d:2:3:s=2",
        "in:B:T:4,reshape:2:-1:6",
        "in:B:T:4,conv1d:6:4:s=3,flatten,reshape:12:3",
        "in:B:T:4,pad1d:3,crop1d:(5,5),maxpool1d:2:s=1",
        'in:B:T:4,add(slice:":,:-1:2"|slice:":,1:-1"),id@x1,slice:":,-3:",concat:@x1,conv1d:4:1',
        'in:B:T-5:4,3x(slice:":,-4::2",upsample1d:4)',
        'in:B:T:4,2x(slice:":,-3::2",upsample1d:3),conv1d:4:5',
        "in:B:max(T,3)%7:4,add(conv1d:4:4|conv1d:4:4),maxpool1d:2:same,upsample1d:4",
        "in:B:T:4,5x(add(maxpool1d:3:same,upsample1d:2|))",
        "dialect:torch,in:2:4:T:6,squeeze,bn1d:_",
        "dialect:torch,in:2:4:T:6,index:':,:,3:',squeeze,flatten:1",
        "dialect:torch,in:2:T:4:2:6,squeeze,index:':,3:',index:':,-1,:',flatten:0:1",
    ],
)
def test_the_law_for(spec: str) -> None:
    assert broken(spec, ["T"]) is None


@pytest.mark.parametrize(
    "spec",
    [
        'in:B:T*S:4,3x-slice:":,3:",2x(concat(maxpool1d:2|conv1d:4:3:s=2))',
        'in:B:T//3+S:4,slice:":,-5::2",upsample1d:3,maxpool1d:2:same',
        'in:B:T-S:4,slice:":,-4::2",upsample1d:4,slice:":,-4::2"',
    ],
)
def test_the_law_over_two_letters_for(spec: str) -> None:
    assert broken(spec, ["T", "S"]) is None


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_check_takes_the_size_that_is_set_as_one_that_is_written(number: int) -> None:
    spec = 'in:B:T:4,add(slice:":,:-1:2"|),flatten,is:B:T//2'
    assert broken_substitution(spec, ["T"], "T", number) is None


@pytest.mark.parametrize(
    ("law", "arguments"),
    [
        (broken, ("in:B:T:4,is:B:6:4,relu", ["T"], ["T >= 3"])),
        (broken_facts, (["T % 2 == 0", "T >= 4"], ["T"])),
    ],
)
def test_the_law_can_be_broken(
    monkeypatch: pytest.MonkeyPatch, law: Callable[..., str | None], arguments: tuple[object, ...]
) -> None:
    assert law(*arguments) is None
    monkeypatch.setattr("shapecalc.dims.Facts.conditions", lambda *_, **__: [])
    assert law(*arguments) is not None

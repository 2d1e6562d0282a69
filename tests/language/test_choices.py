"""Choices in braces: which specs they stand for, in which order, and how many."""

from __future__ import annotations

from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shapecalc.errors import SpecError
from shapecalc.language.choices import MAX_CHOICES, Choices


@pytest.mark.parametrize(
    ("text", "specs"),
    [
        ("lstm:64", ["lstm:64"]),
        ("lstm:{64,128}", ["lstm:64", "lstm:128"]),
        ("a:{1,2}:{3,4}", ["a:1:3", "a:1:4", "a:2:3", "a:2:4"]),
        ("{lstm:64,gru:64}:seq", ["lstm:64:seq", "gru:64:seq"]),
        ("dense:8{,:relu}", ["dense:8", "dense:8:relu"]),
        ("{bn,},relu", ["bn,relu", ",relu"]),
        ("a:{8..20..4}", ["a:8", "a:12", "a:16", "a:20"]),
        ("a:{3..1}", ["a:3", "a:2", "a:1"]),
        ("{add(a,b|),c}", ["add(a,b|)", "c"]),
        ("pad2d:{(1,2),3}", ["pad2d:(1,2)", "pad2d:3"]),
        ("a{1,b{2,3}}", ["a1", "ab2", "ab3"]),
        ('a:name="{1,2}"', ['a:name="{1,2}"']),
        ("a:{'x,y',z}", ["a:'x,y'", "a:z"]),
        ("a:{1,2} # try {3,4}", ["a:1 # try {3,4}", "a:2 # try {3,4}"]),
        ("# it's }\na:{1 # }\n,2}", ["# it's }\na:1 # }\n", "# it's }\na:2"]),
        ("", [""]),
    ],
)
def test_choices_stand_for_specs(text: str, specs: list[str]) -> None:
    choices = Choices(text)
    assert list(choices) == specs
    assert choices.count == len(specs)


@pytest.mark.parametrize(
    ("text", "message", "span"),
    [
        ("lstm:{64", "this brace is not closed", (5, 6)),
        ("lstm:64}", "unmatched }", (7, 8)),
        ("a:{1..5..0}", "a range needs a step", (3, 10)),
        ("{1,2}" * (MAX_CHOICES + 1), f"more than {MAX_CHOICES} choices", None),
        ("{" * 100_000, f"more than {MAX_CHOICES} choices", None),
    ],
)
def test_braces_that_do_not_fit(text: str, message: str, span: tuple[int, int] | None) -> None:
    with pytest.raises(SpecError) as caught:
        Choices(text)
    assert message in caught.value.message
    assert span is None or caught.value.span == span


def test_none_is_made_before_it_is_wanted() -> None:
    assert Choices("{1..1000000000}" * 150).count == 10**1350
    choices = Choices("{1..1000000000}" * 2)
    assert choices.count == 10**18
    assert list(islice(choices, 2)) == ["11", "12"]


@given(
    st.lists(st.lists(st.sampled_from(["1", "22", "x(a,b)"]), min_size=1, max_size=3), max_size=4)
)
def test_as_many_as_the_product_of_all(choices: list[list[str]]) -> None:
    text = ":".join("{" + ",".join(each) + "}" for each in choices)
    found = list(Choices(text))
    expected = 1
    for each in choices:
        expected *= len(each)
    assert len(found) == Choices(text).count == expected

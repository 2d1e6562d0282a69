"""No text makes it crash: only its own errors leave the library, and what parses prints back."""

from __future__ import annotations

import random

import pytest
from grammar import obeys, spec
from questions import answered, question

import shapecalc
from shapecalc.errors import ShapecalcError
from shapecalc.render.diagnostic import diagnostic

SEEDS = [
    "lstm:64:seq,td-dense:3",
    "in:B:28:28:1,conv2d:32:3:relu,maxpool2d:2,flatten,dense:10:softmax",
    "in:B:T,embedding:5000:100,2x-bi-lstm:128:seq,td-dense:9,is:B:T:9",
    "in:B:H:W:64@x,conv2d:64:3:same,bn,relu,conv2d:64:3:same,bn,add:@x,relu",
    "in:B:T:512,12x(add(ln,mha:8:64|),add(ln,dense:2048:gelu,dense:512|)),is:B:T:512",
    "in:B:T:64:64:3,td(conv2d:16:3:same,maxpool2d:2,flatten),lstm:128",
    "reshape:-1:16,permute:2:1,repeat:T//2",
    "(dense:8,relu)@t,use:@t",
    "rnn(lstmcell:32|grucell:8):seq",
    "pad2d:((1,2),(3,4)),crop2d:1x2",
    "bi(lstm:8|lstm:4:go_backwards):merge_mode=None",
    'einsumdense:"ab,bc->ac":3',
]
MARKS = "abTBx019:,()|@-=._?#\"' \n[]{}*/%+\u0663\x00\u202e"


def mutated(draw: random.Random) -> str:
    """A spec with some marks put in, left out, doubled, or taken from another one."""
    text = draw.choice(SEEDS)
    for _ in range(draw.randint(1, 6)):
        start = draw.randrange(len(text) + 1)
        end = min(len(text), start + draw.randint(1, 8))
        other = draw.choice(SEEDS)
        begin = draw.randrange(len(other))
        part = draw.choice(
            [
                draw.choice(MARKS),
                "",
                text[start:end] * 2,
                other[begin : begin + draw.randint(1, 20)],
                str(draw.choice([0, -1, 10**6, 10**20])),
            ]
        )
        text = text[:start] + part + text[end if not part else start :]
    return text


@pytest.mark.parametrize("seed", range(3))
def test_no_spec_of_the_grammar_makes_it_crash(seed: int) -> None:
    draw = random.Random(seed)  # noqa: S311  (no secret)
    fits = [obeys(spec(draw)) for _ in range(200)]
    assert 0 < sum(fits) < len(fits)


@pytest.mark.parametrize("seed", range(3))
def test_no_text_makes_it_crash(seed: int) -> None:
    draw = random.Random(seed)  # noqa: S311  (no secret)
    for _ in range(250):
        obeys(mutated(draw))


@pytest.mark.parametrize(
    "text",
    [
        "a" * 1_000_000,
        "(" * 1_000_000,
        "add(" * 5_000 + ")" * 5_000,
        "td-" * 10_000 + "dense:3",
        "reshape:" + "(" * 10_000 + ")" * 10_000,
        "repeat:" + "T+" * 20_000 + "T",
        "repeat:" + "(" * 3_000 + "T" + ")" * 3_000 + "+1",
        "repeat:" + "-" * 100_000 + "T",
        "in:" + ":".join(f"L{i}" for i in range(3_000)) + ",relu",
        "9999x(9999x(9999x(relu)))",
        "999999999999999999x()",
        "dense:" + "9" * 10_000,
        "dense:3:" + "x" * 100_000,
        "2**64" * 1_000,
        "in:B:T:4,600x-upsample1d:1000000000",
        "\x00" * 1_000,
        "'" * 99_999,
        "," * 100_000,
        "#" * 100_000,
    ],
    ids=lambda text: f"{text[:12]!r} {len(text)}",
)
def test_no_size_makes_it_crash(text: str) -> None:
    try:
        shapecalc.trace(text)
    except ShapecalcError as error:
        assert len(diagnostic(error)) < 3_000_000


def test_what_is_said_in_letters_is_so_for_numbers() -> None:
    draw = random.Random(0)  # noqa: S311  (no secret)
    asked = [each for each in (question(draw) for _ in range(40)) if each.kind == "trace"]
    assert {answered(each) for each in asked[:10]} == {"fits", "refused"}

"""Functions of torch as steps: letters give what numbers give, and what they refuse."""

from __future__ import annotations

from collections import Counter

import pytest
from failing import failing, parts
from layers.keras.recorded import by_class

import shapecalc
from shapecalc.dims import Dim, Shape, substitute
from shapecalc.errors import ShapeError, SpecError
from shapecalc.layers.layer import apply
from shapecalc.layers.scope import Scope

CASES = {
    name: [case for case in cases if "error" not in case]
    for name, cases in by_class("torch_functions.jsonl.gz").items()
}
#: Functions that give as many outputs as there are places, which letters do not say.
COUNTED = {"Split", "Unbind"}
N, L, S, F, H, W = map(Dim, "NLSFHW")


def letters_agree(name: str) -> None:
    """Each size that is not 1 is a letter, the same for equal ones; some cases need numbers."""
    answered: Counter[bool] = Counter()
    for case in CASES[name]:
        config = case["config"]
        values = {f"S{n}": n for shape in case["input_shapes"] for n in shape if n > 1}
        shapes = [
            tuple(Dim(f"S{n}") if n > 1 else 1 for n in shape) for shape in case["input_shapes"]
        ]
        scope = Scope()
        scope.call = case.get("forward_kwargs", {})
        try:
            made = shapecalc.layer(name, dialect="torch", **config)
            result = apply(made, shapes, scope)
        except ShapeError:
            answered[False] += 1
            continue
        holds = [eval(str(truth), {}, values) for _, truth in scope.required]  # noqa: S307
        if all(holds):
            found = [[substitute(size, values) for size in out] for out in result.outputs]
            assert found == case["output_shapes"], (config, case["input_shapes"])
        answered[all(holds)] += 1
    if name not in COUNTED:
        assert answered[True] >= answered[False], answered


@pytest.mark.parametrize("names", parts(sorted(CASES), 3))
def test_letters_give_what_pytorch_gives_for_their_numbers(names: list[str]) -> None:
    assert not failing(letters_agree, names)


def run(name: str, *inputs: Shape, **config: object) -> tuple[list[Shape], list[str]]:
    scope = Scope()
    if name == "ScaledDotProductAttention":
        scope.call = {"attn_mask": inputs[3]} if len(inputs) > 3 else {}
        inputs = inputs[:3]
    result = apply(shapecalc.layer(name, dialect="torch", **config), inputs, scope)
    return list(result.outputs), [str(truth) for _, truth in scope.required]


@pytest.mark.parametrize(
    ("name", "config", "inputs", "output", "conditions"),
    [
        ("Index", {"key": ":,-1"}, [(N, L, F)], (N, F), []),
        ("Index", {"key": "...,None,1:"}, [(N, L)], (N, 1, L - 1), []),
        ("Topk", {"k": 5}, [(N, L)], (N, 5), ["L >= 5"]),
        ("Einsum", {"equation": "nld,nsd->nls"}, [(N, L, 8), (N, S, 8)], (N, L, S), []),
        ("Einsum", {"equation": "nld,nsd->nls"}, [(N, L, 8), (N, S, F)], (N, L, S), ["F == 8 or F == 1"]),
        ("RepeatInterleave", {"repeats": 3, "dim": 1}, [(N, L)], (N, 3 * L), []),
        ("Tile", {"dims": (2, 1)}, [(F,)], (2, F), []),
        ("Diagonal", {"offset": 1}, [(L, L)], (L - 1,), []),
        ("Pad", {"pad": (1, 2)}, [(N, L)], (N, L + 3), []),
        ("Pad", {"pad": (2, 2), "mode": "reflect"}, [(N, 4, L)], (N, 4, L + 4), ["L >= 3"]),
        ("OneHot", {"num_classes": 10}, [(N, L)], (N, L, 10), []),
        ("Movedim", {"source": (1,), "destination": (-1,)}, [(N, 3, H, W)], (N, H, W, 3), []),
        ("MaskedFill", {"value": 0}, [(N, 8, L, L), (N, 1, 1, L)], (N, 8, L, L), []),
        (
            "ScaledDotProductAttention",
            {},
            [(N, 8, L, 64), (N, 8, S, 64), (N, 8, S, F)],
            (N, 8, L, F),
            [],
        ),
    ],
)  # fmt: skip
def test_letters(
    name: str,
    config: dict[str, object],
    inputs: list[Shape],
    output: Shape,
    conditions: list[str],
) -> None:
    outputs, required = run(name, *inputs, **config)
    assert (outputs[0], required) == (output, conditions)


@pytest.mark.parametrize(
    ("name", "config", "inputs", "message"),
    [
        (
            "Index",
            {"key": ":,5"},
            [(2, 3)],
            "takes number 5 of 3 in (2, 3)",
        ),
        (
            "Index",
            {"key": "::-1"},
            [(2, 3)],
            "steps backwards in [::-1], for which torch has flip",
        ),
        (
            "Unbind",
            {},
            [(N, 3)],
            "cannot say how many parts there are along axis 0 of (N, 3)",
        ),
        (
            "Einsum",
            {"equation": "ab,bc"},
            [(2, 3), (4, 5)],
            "has two sizes for axis b: 3 and 4",
        ),
        (
            "ScaledDotProductAttention",
            {},
            [(2, 5, 8), (2, 6, 8), (2, 7, 8)],
            "needs a value for each key, but gets (2, 7, 8) and (2, 6, 8)",
        ),
        (
            "ScaledDotProductAttention",
            {},
            [(2, 5, 8), (2, 6, 8), (2, 6, 8), (5, 7)],
            "needs attn_mask that broadcasts to (2, 5, 6), but gets (5, 7)",
        ),
        (
            "Pad",
            {"pad": (1, 1), "mode": "reflect"},
            [(8,)],
            "pads 1 axis after the channels, with or without a batch, but gets (8,)",
        ),
        (
            "Gather",
            {"dim": 1},
            [(2, 3), (4, 3)],
            "needs an index of at most (2, 3) along axis 0, but gets (4, 3)",
        ),
        ("Where", {}, [(2, 3)], "chooses between 2 tensors or numbers, but gets 0"),
        ("Topk", {"k": 5}, [(2, 3)], "takes 5 numbers along axis 1, which has 3"),
        (
            "Mm",
            {},
            [(2, 3), (4, 5)],
            "cannot multiply (2, 3) and (4, 5): 3 columns and 4 rows",
        ),
    ],
)
def test_refused(name: str, config: dict[str, object], inputs: list[Shape], message: str) -> None:
    with pytest.raises(ShapeError) as caught:
        run(name, *inputs, **config)
    assert caught.value.message == message


@pytest.mark.parametrize(
    ("name", "config", "message"),
    [
        ("Einsum", {"equation": "ab->abc"}, "names axis c of the output, which no tensor has"),
        ("Einsum", {"equation": "ab->aa"}, "names axis a of the output twice"),
        ("Clamp", {}, "needs min or max"),
        ("Pad", {"pad": (1, 2, 3)}, "takes two numbers for each axis that it pads"),
        (
            "Pad",
            {"pad": (1, 2), "mode": "reflect", "value": 1},
            "mode reflect takes no value",
        ),
        ("Interpolate", {"size": 4, "antialias": True}, "mode nearest takes no antialias"),
    ],
)
def test_refused_when_made(name: str, config: dict[str, object], message: str) -> None:
    with pytest.raises(SpecError) as caught:
        shapecalc.layer(name, dialect="torch", **config)
    assert message in caught.value.message

"""EinsumDense on letters: sizes by the equation, bias, low rank, messages."""

from __future__ import annotations

from typing import Any

import pytest

from shapecalc import layer
from shapecalc.dims import Dim, Shape
from shapecalc.errors import RankError, ShapeError, SpecError
from shapecalc.layers.layer import apply
from shapecalc.layers.result import Result
from shapecalc.layers.scope import Scope

B, T, S, F, U = map(Dim, "BTSFU")


def run(
    x: Shape, equation: str, output_shape: Any, scope: Scope | None = None, **config: Any
) -> Result:
    made = layer("EinsumDense", equation=equation, output_shape=output_shape, **config)
    return apply(made, [x], scope or Scope())


def refusal(x: Shape, equation: str, output_shape: Any, **config: Any) -> str:
    with pytest.raises(ShapeError) as caught:
        run(x, equation, output_shape, **config)
    return caught.value.message


@pytest.mark.parametrize(
    ("x", "equation", "output_shape", "output", "kernel"),
    [
        ((B, F), "ab,bc->ac", U, (B, U), (F, U)),
        ((B, T, F), "abc,cd->abd", (None, 8), (B, T, 8), (F, 8)),
        ((B, T, F), "abc,cde->abed", (None, 4, 8), (B, T, 4, 8), (F, 8, 4)),
        ((B, T, 4, 8), "abcd,cde->abe", (None, 9), (B, T, 9), (4, 8, 9)),
        ((B, T, F), "abc,bd->adc", (5, None), (B, 5, F), (T, 5)),
        ((B, T, S, F), "...x,xy->...y", 9, (B, T, S, 9), (F, 9)),
        ((B, F), "...x,xy->...y", 9, (B, 9), (F, 9)),
        ((B, F, T, S), "ab...,bc->ac...", 9, (B, 9, T, S), (F, 9)),
    ],
)
def test_each_letter_has_one_size(
    x: Shape, equation: str, output_shape: Any, output: Shape, kernel: Shape
) -> None:
    result = run(x, equation, output_shape)
    assert result.outputs == (output,)
    assert [(w.name, w.shape) for w in result.weights] == [("kernel", kernel)]


def test_a_bias_begins_with_the_first_axis_that_it_names() -> None:
    def bias(*args: Any) -> Shape:
        return run(*args[:3], bias_axes=args[3]).weights[-1].shape

    assert bias((B, T, F), "abc,cde->abde", (None, 4, 8), "de") == (4, 8)
    assert bias((B, T, F), "abc,cde->abde", (None, 4, 8), "d") == (4, 1)
    assert bias((B, T, F), "abc,cde->abde", (6, 4, 8), "be") == (6, 1, 8)
    assert bias((B, F, T), "ab...,bc->ac...", 9, "c") == (9, 1)


def test_low_rank_freezes_the_kernel() -> None:
    result = run((B, 4), "ab,bc->ac", 6, lora_rank=2, bias_axes="c")
    assert (result.params, result.trainable_params) == (50, 26)


def test_a_size_that_is_told_is_a_condition_on_the_input() -> None:
    scope = Scope()
    assert run((B, T, 3), "abc,cd->abd", (5, 2), scope).outputs == ((B, 5, 2),)
    assert scope.facts.conditions(["T"]) == ["T == 5"]


def test_messages() -> None:
    assert refusal((B, 4, 5), "ab,bc->ac", 3) == "needs 2 axes (a, b), but gets (B, 4, 5)"
    assert refusal((B,), "...xy,yz->...xz", 3) == "needs at least 2 axes (x, y), but gets (B,)"
    assert refusal((B,), "...x,xy->...y", 3) == "needs an axis before x, but gets (B,)"
    assert refusal((B, 4), "ab,bc->ac", (3, 4)) == (
        "has 2 sizes in output_shape, but ab,bc->ac makes 1 beside the batch"
    )
    assert refusal((B, 4, 6), "abc,cd->abd", (5, 2)) == "needs 5 along axis b of abc, but gets 4"
    assert refusal((B, 4), "ab,bc->ac", (None,)) == (
        "needs a size for axis c in output_shape, which is new there"
    )
    assert refusal((B, T, 6), "abc,cd->abd", (None, 4), bias_axes="bd") == (
        "needs a size for axis b in output_shape, for its bias"
    )
    assert refusal((B, 4), "ab,ab->ab", (None,)) == "has weights over the batch, unknown in (B, 4)"
    assert run((2, 4), "ab,ab->ab", (None,)).outputs == ((2, 4),)


def test_too_few_axes_are_a_matter_of_rank() -> None:
    with pytest.raises(RankError):
        run((B,), "ab,bc->ac", 3)


@pytest.mark.parametrize(
    "equation", ["", "ab,bc", "ab,bc>ac", "a b,bc->ac", "a...,ab->b...", "...ab,bc->ac", 5]
)
def test_what_is_no_equation(equation: object) -> None:
    with pytest.raises(SpecError, match='equation takes an equation like "ab,bc->ac"'):
        layer("EinsumDense", equation=equation, output_shape=3)


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"equation": "ab,bc->acd"}, "axis d of the output is in neither input nor kernel"),
        ({"equation": "ab,bcz->ac"}, "axis z of the kernel is in neither input nor output"),
        ({"equation": "ab,bc->acc"}, "axis c of the output is named twice"),
        ({"bias_axes": "z"}, "bias_axes names z, which the output ac lacks"),
        ({"bias_axes": ""}, "bias_axes takes a string"),
        ({"output_shape": "3"}, "output_shape takes a size, or several, not '3'"),
        ({"lora_rank": 2, "kernel_constraint": "non_neg"}, "cannot both be given"),
    ],
)
def test_what_makes_none(config: dict[str, Any], message: str) -> None:
    with pytest.raises(SpecError, match=message):
        layer("EinsumDense", **{"equation": "ab,bc->ac", "output_shape": 3, **config})


@pytest.mark.parametrize(
    ("equation", "letters"),
    [("ab,bc->ac", ("B", "F")), ("abc,cd->abd", ("B", "T", "C")), ("...x,xy->...y", ("B", "F"))],
)
def test_natural_input(equation: str, letters: tuple[str, ...]) -> None:
    assert layer("EinsumDense", equation=equation, output_shape=3).input_letters() == letters

"""The laws of merges: letters and numbers agree, conditions are exact, messages say which axis."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from shapecalc import layer
from shapecalc.dims import Dim, Shape, Size, at_least, letters, substitute
from shapecalc.errors import RankError, ShapeError, SpecError
from shapecalc.layers.layer import apply
from shapecalc.layers.result import Result
from shapecalc.layers.scope import Scope

B, T, S, C, H, W = map(Dim, "BTSCHW")
ELEMENTWISE = ("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum")
VALUES = range(1, 5)


def run(name: str, *inputs: Shape, scope: Scope | None = None, **config: object) -> Result:
    return apply(layer(name, **config), inputs, scope or Scope())


def refusal(name: str, *inputs: Shape, **config: object) -> str:
    with pytest.raises(ShapeError) as caught:
        run(name, *inputs, **config)
    return caught.value.message


def add(*inputs: Shape) -> tuple[Shape, list[str], list[str]]:
    scope = Scope()
    (output,) = run("Add", *inputs, scope=scope).outputs
    shown = tuple(scope.facts.simplify(size) for size in output)
    return shown, scope.facts.conditions(), list(scope.assumptions)


SIZES = st.sampled_from([1, 1, 2, 3, T, S, T, S, C, T + 1, 2 * S])
SHAPES = st.lists(st.lists(SIZES, min_size=1, max_size=3).map(tuple), min_size=2, max_size=3)


@st.composite
def alike(draw: st.DrawFn) -> list[Shape]:
    rank = draw(st.integers(1, 3))
    first = draw(st.lists(SIZES, min_size=rank, max_size=rank))
    others = draw(
        st.lists(st.lists(st.none() | SIZES, min_size=rank, max_size=rank), min_size=1, max_size=2)
    )
    filled = [
        tuple(a if b is None else b for a, b in zip(first, other, strict=True)) for other in others
    ]
    return [tuple(first), *filled]


def broadcast(shapes: Sequence[tuple[int, ...]]) -> tuple[int, ...] | None:
    rank = max(map(len, shapes))
    sizes = [{x[0] for x in shapes}]
    for place in range(rank - 1, 0, -1):
        found = {x[-place] for x in shapes if len(x) > place}
        sizes.append(found - {1} or {1})
    return None if any(len(each) > 1 for each in sizes) else tuple(max(each) for each in sizes)


def side_by_side(shapes: Sequence[tuple[int, ...]], axis: int) -> tuple[int, ...] | None:
    rank = len(shapes[0])
    if {len(x) for x in shapes} != {rank} or not -rank <= axis < rank:
        return None
    place = axis % rank
    if len({x[:place] + x[place + 1 :] for x in shapes}) > 1:
        return None
    return (*shapes[0][:place], sum(x[place] for x in shapes), *shapes[0][place + 1 :])


def means(statements: Sequence[str], others: Sequence[str]) -> bool:
    return all(
        holds(statements, numbers) == holds(others, numbers) for numbers, _ in numbered([(B, T, S)])
    )


def numbered(shapes: Sequence[Shape]) -> Iterator[tuple[dict[str, int], list[tuple[int, ...]]]]:
    names = sorted({name for x in shapes for size in x for name in letters(size)})
    for values in product(VALUES, repeat=len(names)):
        numbers = dict(zip(names, values, strict=True))
        yield numbers, [put(x, numbers) for x in shapes]


def put(shape: Shape, numbers: dict[str, int]) -> tuple[int, ...]:
    sizes = [substitute(size, numbers) for size in shape]
    assert all(isinstance(size, int) for size in sizes)
    return tuple(int(str(size)) for size in sizes)


def holds(statements: Sequence[str], numbers: dict[str, int]) -> bool:
    known = {"max": max, "min": min, **numbers}
    return all(eval(text, {"__builtins__": {}}, known) for text in statements)  # noqa: S307


@given(SHAPES | alike())
def test_letters_then_numbers_broadcast_like_numbers(shapes: list[Shape]) -> None:
    scope = Scope()
    try:
        (output,) = run("Add", *shapes, scope=scope).outputs
    except ShapeError:
        assume(not scope.assumptions)
        assert all(broadcast(sizes) is None for _, sizes in numbered(shapes))
        return
    conditions, assumptions = scope.facts.conditions(), list(scope.assumptions)
    for numbers, sizes in numbered(shapes):
        if holds([*conditions, *assumptions], numbers):
            assert put(output, numbers) == broadcast(sizes)
        elif not assumptions:
            assert broadcast(sizes) is None


@given(SHAPES | alike(), st.integers(-4, 4))
def test_letters_then_numbers_concatenate_like_numbers(shapes: list[Shape], axis: int) -> None:
    scope = Scope()
    try:
        (output,) = run("Concatenate", *shapes, scope=scope, axis=axis).outputs
    except ShapeError:
        assert all(side_by_side(sizes, axis) is None for _, sizes in numbered(shapes))
        return
    conditions = scope.facts.conditions()
    assert not scope.assumptions
    for numbers, sizes in numbered(shapes):
        joined = side_by_side(sizes, axis)
        if holds(conditions, numbers):
            assert put(output, numbers) == joined
        else:
            assert joined is None


@given(
    st.lists(st.lists(st.integers(1, 3), min_size=1, max_size=3).map(tuple), min_size=2, max_size=3)
)
def test_the_order_of_the_tensors_is_indifferent(shapes: list[Shape]) -> None:
    expected = broadcast(shapes)  # type: ignore[arg-type]
    for order in (shapes, shapes[::-1]):
        if expected is None:
            assert refusal("Add", *order)
        else:
            assert run("Add", *order).outputs == (expected,)


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_elementwise_merges_have_one_rule_and_no_weights(name: str) -> None:
    result = run(name, (B, H, W, 8), (B, 1, 1, 8))
    assert (result.outputs, result.params) == (((B, H, W, 8),), 0)


@pytest.mark.parametrize(
    ("a", "b", "joined", "conditions", "assumed"),
    [
        pytest.param(T, T, T, [], 0, id="same"),
        pytest.param(T, 1, T, [], 0, id="one"),
        pytest.param(T, 3, 3, ["T == 3 or T == 1"], 0, id="number"),
        pytest.param(T, S, T, ["S == T"], 1, id="letters"),
        pytest.param(T + 1, S, T + 1, ["S == T + 1 or S == 1"], 0, id="one is more than 1"),
        pytest.param(T + 1, S + 1, T + 1, ["S == T"], 0, id="both are more than 1"),
        pytest.param(T + 1, T, 2, ["T == 1"], 0, id="never the same"),
    ],
)
def test_how_two_sizes_join(
    a: Size, b: Size, joined: Size, conditions: list[str], assumed: int
) -> None:
    for one, other in ((a, b), (b, a)):
        output, found, assumptions = add((B, one, 3), (B, other, 3))
        assert means(found, conditions)
        assert len(assumptions) == assumed
        for numbers, (sizes,) in numbered([(joined, T, S)]):
            if holds(found, numbers):
                assert put(output[1:2], numbers) == sizes[:1]


@pytest.mark.parametrize(("a", "b"), [(7, 2 * T), (T + 1, T + 2)])
def test_letters_that_fit_for_no_number(a: Size, b: Size) -> None:
    assert refusal("Add", (B, a), (B, b)) == (
        f"cannot join (B, {a}) and (B, {b}): their axis 1 has {a} and {b}"
    )


def test_what_is_known_makes_an_assumption_needless() -> None:
    scope = Scope()
    scope.facts.require(at_least(T, 2))
    scope.facts.require(at_least(S, 2))
    run("Add", (B, T, 3), (B, S, 3), scope=scope)
    assert not scope.assumptions
    assert means(scope.facts.conditions(), ["S == T", "T >= 2"])


def test_numbers_are_joined_before_letters() -> None:
    output, conditions, assumptions = add((B, T, 8), (B, S, 8), (B, 3, 8))
    assert (output, assumptions) == ((B, 3, 8), [])
    assert means(conditions, ["T == 3 or T == 1", "S == 3 or S == 1"])
    assert refusal("Add", (B, 4), (B, T), (B, 7)) == (
        "cannot join (B, 4) and (B, 7): their axis 1 has 4 and 7"
    )


def test_batches_are_equal_and_never_repeated() -> None:
    assert refusal("Add", (1, 4), (8, 4)) == (
        "cannot join (1, 4) and (8, 4): their axis 0 has 1 and 8"
    )
    assert add((B, 4), (8, 4)) == ((8, 4), ["B == 8"], [])
    assert means(add((B, 4), (S, 4))[1], ["B == S"])


def test_fewer_axes_are_aligned_at_the_last() -> None:
    assert run("Add", (B, 3), (B, T, 3)).outputs == ((B, T, 3),)
    assert run("Add", (B,), (B, T, 3)).outputs == ((B, T, 3),)
    assert refusal("Multiply", (B, 4, 3), (B, 4)) == (
        "cannot join (B, 4, 3) and (B, 4): their axis -1 has 3 and 4"
    )


def test_concatenate() -> None:
    assert run("Concatenate", (B, T, 3), (B, T, C), (B, T, 4)).outputs == ((B, T, C + 7),)
    assert run("Concatenate", (2, 3), (5, 3), axis=0).outputs == ((7, 3),)
    assert run("Concatenate", (B, T, 3), (B, 5, 3), axis=1).outputs == ((B, T + 5, 3),)
    assert refusal("Concatenate", (B, 28, 28, 64), (B, 14, 14, 64)) == (
        "cannot join (B, 28, 28, 64) and (B, 14, 14, 64): their axis 1 has 28 and 14"
    )
    assert refusal("Concatenate", (B, T, 8), (B, 8)) == (
        "joins tensors with the same number of axes, but gets (B, T, 8) and (B, 8)"
    )
    assert refusal("Concatenate", (B, 8), (B, 8), axis=2) == "joins along axis 2, but gets (B, 8)"


def test_dot_leaves_out_the_axes_that_it_multiplies() -> None:
    assert run("Dot", (B, T, 7), (B, S, 7), axes=2).outputs == ((B, T, S),)
    assert run("Dot", (B, T, 7), (B, 7, C), axes=(2, 1)).outputs == ((B, T, C),)
    assert run("Dot", (B, 3), (B, 3), axes=1, normalize=True).outputs == ((B, 1),)
    scope = Scope()
    assert run("Dot", (B, T, 7), (B, S), scope=scope, axes=1).outputs == ((B, 7),)
    assert means(scope.facts.conditions(), ["S == T"])


@pytest.mark.parametrize(
    ("shapes", "axes", "message"),
    [
        (
            ((B, 3, 7), (B, 5, 5)),
            (2, 1),
            "cannot multiply (B, 3, 7) and (B, 5, 5): axis 2 of the first has 7, axis 1 of the second 5",
        ),
        (((B, 4), (B, 4)), 2, "multiplies along axis 2, but gets (B, 4)"),
        (((B, 4), (B, 4)), (-3, 1), "multiplies along axis -3, but gets (B, 4)"),
        (((B, 4), (B, 4)), (0, 0), "cannot multiply along the batch, axis 0 of (B, 4)"),
        (((2, 4), (3, 4)), 1, "cannot join (2, 4) and (3, 4): their axis 0 has 2 and 3"),
    ],
)
def test_what_dot_refuses(shapes: tuple[Shape, ...], axes: object, message: str) -> None:
    assert refusal("Dot", *shapes, axes=axes) == message


def test_how_many_tensors() -> None:
    assert refusal("Add", (B, 4)) == "reads at least 2 tensors, but gets 1"
    assert refusal("Subtract", (B, 4), (B, 4), (B, 4)) == "reads 2 tensors, but gets 3"
    with pytest.raises(RankError):
        run("Dot", (B,), (B, 4), axes=1)


@pytest.mark.parametrize("axes", [None, (1, 1, 1), 1.0, (1, "a")])
def test_axes_of_dot(axes: object) -> None:
    with pytest.raises(SpecError, match="axes takes an axis, or two"):
        layer("Dot", axes=axes)

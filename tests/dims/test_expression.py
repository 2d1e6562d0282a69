"""The normal form: equal values are equal forms, and every form keeps its value."""

from __future__ import annotations

import copy
import pickle

import pytest
from dims.strategies import LETTERS, VALUES, Pair, pairs
from hypothesis import given, settings
from hypothesis import strategies as st

from shapecalc.dims import (
    Dim,
    SizeTextError,
    TooLargeError,
    letters,
    maximum,
    parse_size,
    substitute,
    sum_of,
)
from shapecalc.dims.bounds import interval


@given(pairs(), VALUES)
def test_a_size_has_the_value_of_what_it_was_made_of(pair: Pair, values: dict[str, int]) -> None:
    size, meaning = pair
    assert substitute(size, values) == meaning(values)


@given(pairs(), VALUES)
def test_text_is_python_and_parses_to_the_same(pair: Pair, values: dict[str, int]) -> None:
    size, meaning = pair
    text = str(size)
    assert eval(text, {"max": max, "min": min, **values}) == meaning(values)  # noqa: S307
    assert parse_size(text) == size
    assert str(parse_size(text)) == text


@given(pairs(), VALUES)
def test_bounds_hold(pair: Pair, values: dict[str, int]) -> None:
    size, meaning = pair
    low, high = interval(size, {name: (n - n % 7, n + 5) for name, n in values.items()})
    value = meaning(values)
    assert low is None or low <= value
    assert high is None or value <= high


@given(pairs(leaves=5), VALUES)
def test_sympy_agrees(pair: Pair, values: dict[str, int]) -> None:
    import sympy

    size, meaning = pair
    names = {name: sympy.Symbol(name, integer=True, positive=True) for name in LETTERS}
    read = eval(  # noqa: S307
        str(size).replace("//", "/FLOOR/"),
        {"max": sympy.Max, "min": sympy.Min, "FLOOR": _Floor(), **names},
    )
    assert sympy.sympify(read).subs({names[n]: v for n, v in values.items()}) == meaning(values)


class _Floor:
    """Between two slashes: ``x /FLOOR/ d`` is the floor of the quotient."""

    def __rtruediv__(self, left: object) -> _Half:
        return _Half(left)


class _Half:
    def __init__(self, left: object) -> None:
        self.left = left

    def __truediv__(self, right: object) -> object:
        import sympy

        return sympy.floor(sympy.sympify(self.left) / sympy.sympify(right))


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("(T - 3)//2 + 1", "(T - 1)//2"),
        ("((T - 2)//2 - 1)//2", "T//4 - 1"),
        ("((T - 1)//2 - 3)//2", "(T - 7)//4"),
        ("(8*T + 3)//8", "T"),
        ("(4*T) % 2", "0"),
        ("8*(T//8)", "8*(T//8)"),
        ("2*(T//2) + T % 2", "T"),
        ("T % 4", "T % 4"),
        ("(T + 2)//2", "T//2 + 1"),
        ("T//2 + 1", "T//2 + 1"),
        ("(S + T + 4)//4", "(S + T)//4 + 1"),
        ("16*((T - 1)//2)", "16*((T - 1)//2)"),
        ("(S*T)//T", "S"),
        ("(6*T + 4)//4", "T + T//2 + 1"),
        ("max(T - 2, T)", "T"),
        ("max(max(T - 2, 1) - 2, 1)", "max(T - 4, 1)"),
        ("min(T, T + 3, S)", "min(S, T)"),
        ("max(T, 0)", "T"),
        ("8*(H - 2)*(W - 2)", "8*(H - 2)*(W - 2)"),
        ("3*T**2", "3*T**2"),
        ("2T + T", "3*T"),
        ("T - S + S", "T"),
        ("-(T//2)", "-(T//2)"),
        ("10 - T", "10 - T"),
        ("256*F + 16640", "256*F + 16640"),
    ],
)
def test_equal_values_print_equally(text: str, printed: str) -> None:
    assert str(parse_size(text)) == printed


def test_what_has_no_letters_left_is_an_int() -> None:
    T = Dim("T")
    assert T - T == 0
    assert type(T - T) is int
    assert type((T + 4) - T) is int
    assert type((2 * T) % 2) is int


def test_repr_can_be_pasted() -> None:
    size = parse_size("(T - 1)//2")
    assert eval(repr(size), {"Dim": Dim}) == size  # noqa: S307
    with pytest.raises(ValueError, match="3 is a number"):
        Dim("3")


def test_sizes_hash_copy_and_pickle() -> None:
    size = parse_size("8*((T - 1)//2) + max(S, 3)")
    assert isinstance(size, Dim)
    assert len({size, parse_size(str(size))}) == 1
    assert pickle.loads(pickle.dumps(size)) == size  # noqa: S301
    assert copy.deepcopy(size) == size
    assert size.letters == letters(size) == {"S", "T"}


def test_long_products_stay_products() -> None:
    product = 1
    for i in range(40):
        product = product * (Dim(f"S{i}") + Dim(f"T{i}"))
    assert len(str(product)) < 3000
    values = {f"{name}{i}": 1 for name in "ST" for i in range(40)}
    assert substitute(product, values) == 2**40


def test_a_thousand_floors_fold_to_one() -> None:
    size = Dim("T")
    for _ in range(1000):
        size = (size - 3) // 2 + 1  # type: ignore[assignment]
    assert str(size).count("//") == 1


def test_nesting_has_a_limit() -> None:
    def nest(depth: int) -> None:
        size = Dim("T")
        for i in range(depth):
            size = maximum(size, Dim(f"S{i}")) * Dim("K")  # type: ignore[assignment]

    nest(50)
    with pytest.raises(TooLargeError):
        nest(51)


def test_deep_text_is_read() -> None:
    size = Dim("T")
    for _ in range(100):
        size = 3 * ((size + 1) // 2)  # type: ignore[assignment]
    assert parse_size(str(size)) == size


def test_text_may_not_nest_without_end() -> None:
    with pytest.raises(SizeTextError, match="parentheses nest at most 400 deep"):
        parse_size("(" * 401 + "T" + ")" * 401)
    text = "T"
    for _ in range(150):
        text = f"3*(({text} + 1)//2)"
    with pytest.raises(SizeTextError, match="quotients nest more than 120 deep"):
        parse_size(text)


@pytest.mark.parametrize("text", ["S - (S - T)//3", "2*S - (S - T)//3", "S*(S - (S - T)//3) - 1"])
def test_what_is_turned_is_in_the_form_of_its_text(text: str) -> None:
    size = parse_size(text)
    assert parse_size(str(size)) == size


@settings(max_examples=25)
@given(st.lists(pairs(leaves=3), max_size=90), VALUES)
def test_many_sizes_are_added_up(parts: list[Pair], values: dict[str, int]) -> None:
    total = sum_of(size for size, _ in parts)
    assert substitute(total, values) == sum(meaning(values) for _, meaning in parts)

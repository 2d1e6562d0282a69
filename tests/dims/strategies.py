"""Random expressions, each as a size and as the Python that it stands for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import strategies as st

from shapecalc.dims import Dim, Size, maximum, minimum

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

LETTERS = ("S", "T", "n_words")

#: A size, and the same made of plain numbers.
Pair = tuple[Size, "Callable[[Mapping[str, int]], int]"]


def letter(name: str) -> Pair:
    return Dim(name), lambda values: values[name]


def number(n: int) -> Pair:
    return n, lambda _: n


def _combined(op: str, a: Pair, b: Pair) -> Pair:
    (x, f), (y, g) = a, b
    if op == "+":
        return x + y, lambda v: f(v) + g(v)
    if op == "-":
        return x - y, lambda v: f(v) - g(v)
    if op == "*":
        return x * y, lambda v: f(v) * g(v)
    if op == "max":
        return maximum(x, y), lambda v: max(f(v), g(v))
    return minimum(x, y), lambda v: min(f(v), g(v))


def _divided(op: str, a: Pair, d: Pair) -> Pair:
    (x, f), (y, g) = a, d
    if op == "//":
        return x // y, lambda v: f(v) // g(v)
    return x % y, lambda v: f(v) % g(v)


def _multiple(n: int, a: Pair) -> Pair:
    return _combined("*", number(n), a)


def pairs(leaves: int = 8, letters: tuple[str, ...] = LETTERS) -> st.SearchStrategy[Pair]:
    """Expressions with up to this many leaves; of several letters some divide others."""
    leaf = st.one_of(st.sampled_from(letters).map(letter), st.integers(-9, 9).map(number))
    divisors = [st.integers(1, 6).map(number)]
    if len(letters) > 1:
        divisors.append(
            st.builds(_multiple, st.integers(1, 3), st.sampled_from(letters).map(letter))
        )
    return st.recursive(
        leaf,
        lambda inner: st.one_of(
            st.builds(_combined, st.sampled_from(["+", "-", "*", "max", "min"]), inner, inner),
            st.builds(_combined, st.sampled_from(["+", "-"]), inner, inner),
            st.builds(_divided, st.sampled_from(["//", "%"]), inner, st.one_of(divisors)),
        ),
        max_leaves=leaves,
    )


VALUES = st.fixed_dictionaries({name: st.integers(1, 60) for name in LETTERS})


@st.composite
def sizes(draw: st.DrawFn, depth: int = 0) -> str:
    """Draw a size of sums, products, floors, remainders and extrema of T and S."""
    if depth > 2 or draw(st.integers(0, 9)) < 3:
        return draw(st.sampled_from(["T", "T", "S", "2", "3", "5", "7"]))
    a, b = draw(sizes(depth + 1)), draw(sizes(depth + 1))
    divisor, number = draw(st.sampled_from([2, 3, 4, 6, 8])), draw(st.integers(-4, 4))
    forms = [f"({a}) + ({b})", f"({a}) + ({number})", f"({a})*({b})", f"({a})//{divisor}"]
    forms += [f"({a}) % {divisor}", f"max({a}, {b})", f"min({a}, {b})"]
    return draw(st.sampled_from(forms))

"""Patterns of einops, by which axes are reordered, merged, split, reduced and repeated.

A pattern is ``b c (h k) w -> b (c k) h w``: a name is an axis, a bracket an axis that several make
up, ``...`` all axes that nothing names, and 1 an axis of that size.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final, NamedTuple

from shapecalc.dims import Dim, Shape, Size, equal, multiple_of, product, shape_text
from shapecalc.errors import ShapeError
from shapecalc.layers.arguments import ArgumentKind, OptionalText, as_size
from shapecalc.layers.coded import Coded
from shapecalc.layers.layer import rule
from shapecalc.layers.result import Result

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shapecalc.layers.scope import Scope

#: Stands for the axes that nothing names.
DOTS: Final = "..."
_TOKEN: Final = re.compile(r"\s*(\.\.\.|…|[A-Za-z_][A-Za-z0-9_]*|[0-9]+|[()])")
#: The longest pattern that is read.
_LONGEST: Final = 1000

#: An axis: the names that it is made of, one, several or none.
Axis = tuple[str, ...]


class Pattern(NamedTuple):
    """The axes before and after; an axis of dots alone is ``("...",)``."""

    left: tuple[Axis, ...]
    right: tuple[Axis, ...]


@lru_cache(maxsize=256)
def read_pattern(text: str, function: str = "rearrange") -> Pattern:
    """Read a pattern for a function; raises `ValueError` with what is wrong."""
    left, arrow, right = text.partition("->")
    if not arrow or len(text) > _LONGEST:
        raise ValueError(f'takes a pattern like "b h w c -> b c h w", not {text[:80]!r}')
    sides = [_side(each) for each in (left, right)]
    before, after = (_names(side) for side in sides)
    for name in before | after:
        if name.isdigit() and name != "1" and name in (after if function == "rearrange" else ()):
            raise ValueError(f"has an axis {name} in {text!r}, where only 1 is allowed")
    named = [{name for name in each if not name.isdigit()} for each in (before, after)]
    lost, new = named[0] - named[1], named[1] - named[0]
    if lost and function != "reduce":
        raise ValueError(f"names {', '.join(sorted(lost))} only before the arrow of {text!r}")
    if new and (function != "repeat" or DOTS in new):
        raise ValueError(f"names {', '.join(sorted(new))} only after the arrow of {text!r}")
    if any(DOTS in axis and len(axis) > 1 for axis in sides[0]):
        raise ValueError(f"has dots in brackets before the arrow of {text!r}")
    return Pattern(*sides)


def _side(text: str) -> tuple[Axis, ...]:
    found: list[Axis] = []
    inner: list[str] | None = None
    seen: set[str] = set()
    place = 0
    text = text.rstrip()
    while place < len(text):
        token = _TOKEN.match(text, place)
        if token is None:
            raise ValueError(f"cannot read {text[place:].strip()[:20]!r} in {text.strip()!r}")
        place, word = token.end(), token[1].replace("…", DOTS)
        if word == "(":
            if inner is not None:
                raise ValueError(f"has brackets in brackets in {text.strip()!r}")
            inner = []
        elif word == ")":
            if inner is None:
                raise ValueError(f"closes a bracket that is not open in {text.strip()!r}")
            # Dots in brackets are one axis, unlike dots by themselves.
            found.append(("1", DOTS) if inner == [DOTS] else tuple(inner))
            inner = None
        else:
            if word in seen and not word.isdigit():
                raise ValueError(f"names {word} twice in {text.strip()!r}")
            seen.add(word)
            if inner is None:
                found.append((word,))
            else:
                inner.append(word)
    if inner is not None:
        raise ValueError(f"leaves a bracket open in {text.strip()!r}")
    return tuple(found)


def _names(side: tuple[Axis, ...]) -> set[str]:
    return {name for axis in side for name in axis}


def patterned(
    scope: Scope, pattern: Pattern, text: str, lengths: Mapping[str, Size], x: Shape
) -> Shape:
    """Return the shape that a pattern makes of one with given lengths; raises `ShapeError`."""
    dots = pattern.left.index((DOTS,)) if (DOTS,) in pattern.left else None
    count = len(pattern.left) - (dots is not None)
    if len(x) < count or (dots is None and len(x) != count):
        least = "at least " if dots is not None else ""
        raise ShapeError(f"takes {least}{count} axes for {text!r}, but gets {shape_text(x)}")
    known: dict[str, Size] = dict(lengths)
    sizes = list(x)
    behind = len(pattern.left) - 1 - dots if dots is not None else 0
    between = tuple(sizes[dots : len(sizes) - behind]) if dots is not None else ()
    if dots is not None:
        sizes[dots : len(sizes) - behind] = [1]
    for place, (axis, size) in enumerate(zip(pattern.left, sizes, strict=True)):
        if place != dots:
            _measure(scope, axis, size, known, x, text)
    output: list[Size] = []
    for axis in pattern.right:
        if axis == (DOTS,):
            output += between
        else:
            output.append(product([_length(name, known, between, text) for name in axis]))
    return tuple(output)


def _measure(
    scope: Scope, axis: Axis, size: Size, known: dict[str, Size], x: Shape, text: str
) -> None:
    """Find the length of what is not given of an axis; the others must divide its size."""
    open_names = [name for name in axis if not name.isdigit() and name not in known]
    given = product([int(name) if name.isdigit() else known[name] for name in axis
                     if name not in open_names])  # fmt: skip
    written = f"({' '.join(axis)})" if len(axis) != 1 else axis[0]
    if len(open_names) > 1:
        raise ShapeError(
            f"cannot tell {' and '.join(open_names)} in {written} of {text!r}: give one"
        )
    if not open_names:
        why = "takes {} of size {}, but the axis has {} in {}"
        scope.require(equal(given, size), why, written, given, size, x)
        return
    why = "cannot split {} into {}: {} is not a multiple of {} in {}"
    scope.require(multiple_of(size, given), why, size, written, size, given, x)
    known[open_names[0]] = scope.facts.simplify(size // given)


def _length(name: str, known: Mapping[str, Size], between: Shape, text: str) -> Size:
    if name == DOTS:
        return product(between)
    if name.isdigit():
        return int(name)
    if name not in known:
        raise ShapeError(f"needs the length of {name} in {text!r}")
    return known[name]


def _lengths(value: Any) -> tuple[tuple[str, Size], ...]:  # noqa: ANN401
    pairs = value.items() if isinstance(value, dict) else value
    return tuple(
        (str(name), size if isinstance(size, Dim) else as_size(size, 1)) for name, size in pairs
    )


Lengths = Annotated[tuple[tuple[str, Size], ...], ArgumentKind("lengths of axes", _lengths)]


class Patterned(Coded):
    """Puts axes into the order of a pattern, merges, splits, reduces and repeats them.

    Shape   the axes of the pattern before the arrow -> those behind it
    Errors  another number of axes; an axis that is not a multiple of its given parts; an axis
            whose parts are not given
    Source  einops
    """

    arity: ClassVar[tuple[int, int | None]] = (1, None)

    pattern: Annotated[str, ArgumentKind("a pattern", str)]
    function: Annotated[str, ArgumentKind("rearrange, reduce or repeat", str)] = "rearrange"
    lengths: Lengths = ()
    title: OptionalText = None

    @property
    def called(self) -> str:
        """The function, or the class."""
        return self.title or self.function


@rule(Patterned)
def apply_pattern(layer: Patterned, scope: Scope, *inputs: Shape) -> Result:
    """Read the pattern; several tensors are one whose first axis they make up."""
    try:
        pattern = read_pattern(layer.pattern, layer.function)
    except ValueError as error:
        raise ShapeError(str(error)) from None
    lengths = dict(layer.lengths)
    unused = sorted(set(lengths) - _names(pattern.left) - _names(pattern.right))
    if unused:
        raise ShapeError(f"gets a length for {unused[0]}, which is not in {layer.pattern!r}")
    first = inputs[0]
    for other in inputs[1:]:
        same = len(first) == len(other)
        scope.require(same, "stacks {} and {}, which differ", first, other)
        for a, b in zip(first, other, strict=True):
            scope.require(equal(a, b), "stacks {} and {}, which differ", first, other)
    x = first if len(inputs) == 1 else (len(inputs), *first)
    return Result(patterned(scope, pattern, layer.pattern, lengths, x))

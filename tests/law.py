"""The law that traces obey: letters say exactly what numbers say.

Conditions, joined with ``and``, are true exactly when the concrete trace works, and sizes agree.
Where a trace assumes something, the assumption and the conditions together imply that it works.
"""

from __future__ import annotations

import re
from functools import cache
from itertools import product
from typing import TYPE_CHECKING, Any

import shapecalc
from shapecalc.dims import Size, parse_size
from shapecalc.errors import ShapecalcError, ShapeError
from shapecalc.language.facts import given_facts, parse_facts
from shapecalc.tracing.walk import trace_network

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from types import CodeType

    from shapecalc.network import Network
    from shapecalc.tracing.trace import Trace

#: Numbers for letters: each of them for one letter and for two, some for three.
NUMBERS = range(1, 41)
FEW = (1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 15, 16, 24, 33, 40)

#: The largest number where that is enough.
FEWER = 12

#: The steps whose arguments are sizes.
TAKING_SIZES = {"in", "dense", "repeat", "reshape", "view"}

#: How many numbers are tried of those for which the conditions hold, and of the others.
POINTS = 16

Values = dict[str, int]


@cache
def _compiled(text: str) -> CodeType:
    return compile(text, "text", "eval")


def value(text: str, values: Values) -> Any:
    """What Python makes of a size or a condition; the batch is 1."""
    return eval(_compiled(text), {"max": max, "min": min, "B": 1, **values})  # noqa: S307


def joined(texts: Iterable[str]) -> str:
    """Conditions that must all hold, as one."""
    return " and ".join(f"({text})" for text in texts) or "True"


def hold(text: str, values: Values) -> bool:
    """Whether a joined condition is true; what divides by zero is not."""
    try:
        return bool(value(text, values))
    except ZeroDivisionError:
        return False


def grid(letters: Sequence[str]) -> list[Values]:
    """Numbers for the letters."""
    numbers = NUMBERS if len(letters) < 3 else FEW
    return [dict(zip(letters, each, strict=True)) for each in product(numbers, repeat=len(letters))]


def general(spec: str, where: str = "") -> Trace | None:
    """The trace in letters; None where it is refused."""
    try:
        facts = given_facts(where)
        return trace_network(shapecalc.parse(spec), facts=facts)
    except ShapeError:
        return None


def concrete(network: Network, values: Values) -> Trace | None:
    """The trace at numbers; None where it is refused."""
    try:
        return trace_network(network, values=values)
    except ShapecalcError:
        return None


def letters_in(text: str) -> set[str]:
    """The letters of a text, each of which is a capital alone."""
    return set(re.findall(r"\b[A-Z]\b", text))


def positive(spec: str) -> list[str]:
    """What is asked of the sizes of a spec's inputs and arguments: each is at least 1."""
    steps = re.split(r",(?![^(]*\))", spec)
    named = [step.partition("@")[0].split(":") for step in steps]
    texts = [text for name, *sizes in named if name in TAKING_SIZES for text in sizes]
    return [f"{text} >= 1" for text in texts if letters_in(text) - {"B"}]


def written(spec: str, values: Values) -> Trace | None:
    """The trace of the spec with the numbers written in the place of the letters.

    A letter's size that comes to -1 does not ask to be found, as a -1 that is written does.
    """
    text = re.sub(r"\b[TSN]\b", lambda match: str(values.get(match[0], match[0])), spec)
    known = [each for each in positive(spec) if letters_in(each) <= values.keys()]
    if not hold(joined(known), values):
        return None
    try:
        return trace_network(shapecalc.parse(text))
    except ShapecalcError:
        return None


def sizes(trace: Trace) -> list[Size]:
    """All that a trace says in sizes: what each row gives, and its parameters."""
    shapes = [*(shape for row in trace.layers for shape in row.outputs), *trace.outputs]
    return [*(size for shape in shapes for size in shape), *(row.params for row in trace.layers)]


def unequal_text(trace: Trace) -> str | None:
    """A size of which the text parses to another one, or None."""
    for size in sizes(trace):
        if parse_size(str(size)) != size:
            return f"text: {size} parses to {parse_size(str(size))}"
    return None


def chosen(points: list[Values], holding: list[bool], count: int = POINTS) -> list[Values]:
    """Some numbers where a condition holds and some where not: those of its edges, then others."""
    known = {tuple(point.values()): held for point, held in zip(points, holding, strict=True)}

    def at_edge(key: tuple[int, ...]) -> bool:
        near = [(*key[:i], n + step, *key[i + 1 :]) for i, n in enumerate(key) for step in (-1, 1)]
        return any(known.get(other, known[key]) != known[key] for other in near)

    found: list[Values] = []
    for held in (True, False):
        alike = [point for point in points if known[tuple(point.values())] is held]
        edge = [point for point in alike if at_edge(tuple(point.values()))]
        for each, most in ((edge, count // 2), (alike, count)):
            found += each[:: max(1, len(each) // most)][:most]
    return found


def broken(spec: str, letters: Sequence[str], facts: Sequence[str] = ()) -> str | None:
    """Where a spec breaks the law, with a word for the kind of fault before it, or None."""
    network = shapecalc.parse(spec)
    points = [each for each in grid(letters) if hold(joined(facts), each)]
    trace = general(spec, ", ".join(facts))
    below = joined(positive(spec))
    if trace is None:
        return _broken_refusal(network, points, below)
    if misread := unequal_text(trace):
        return misread
    condition, assumed = joined(trace.conditions), joined(trace.assumptions)
    points = [each for each in points if hold(assumed, each)]
    for values in chosen(points, [hold(condition, each) for each in points]):
        found, holds = concrete(network, values), hold(condition, values)
        if found is not None and not hold(below, values):
            return f"below 1: {values} is taken"
        if found is not None and not holds and trace.assumptions:
            continue
        if holds != (found is not None):
            said = "works" if found else "is refused"
            return f"condition: {condition} (assuming {assumed}) at {values}, which {said}"
        if found is not None and (difference := _difference(trace, found, values)):
            return f"size: {difference} at {values}"
    return None


def said_of(facts: Sequence[str]) -> str | None:
    """What facts come to, as one condition; None where they are refused."""
    try:
        return joined(parse_facts(", ".join(facts)).conditions())
    except ShapeError:
        return None


def broken_facts(facts: Sequence[str], letters: Sequence[str]) -> str | None:
    """Numbers for which facts say something else than what was written, or None."""
    said = said_of(facts)
    for values in grid(letters):
        admitted = hold(joined(facts), values)
        if admitted != (said is not None and hold(said, values)):
            return f"{said} at {values}, which the facts {'admit' if admitted else 'rule out'}"
    return None


def broken_order(spec: str, facts: Sequence[str], others: Sequence[str]) -> str | None:
    """What differs where the same facts are given in another order, or None."""
    one, two = general(spec, ", ".join(facts)), general(spec, ", ".join(others))
    if one is None or two is None:
        return None if one is two else f"{(facts if one is None else others)} are refused"
    pairs = [(str(one.conditions), str(two.conditions)), (str(sizes(one)), str(sizes(two)))]
    return next((f"{a} and {b}" for a, b in pairs if a != b), None)


def broken_giving_back(spec: str, letters: Sequence[str], facts: Sequence[str]) -> str | None:
    """What differs where the printed conditions are given as facts, which admit just as much."""
    one = general(spec, ", ".join(facts))
    if one is None or one.assumptions:
        return None
    given = [*facts, *one.conditions]
    points = [each for each in grid(letters) if max(each.values(), default=0) <= FEWER]
    two = general(spec, ", ".join(given))
    if two is None:
        works = next((each for each in points if hold(joined(given), each)), None)
        return works and f"given back, {one.conditions} are refused; {works} works"
    before, after = joined(given), joined(two.conditions)
    for values in points:
        if not hold(before, values):
            continue
        if not hold(after, values):
            return f"{before} leaves {after} at {values}"
        for a, b in zip(sizes(one), sizes(two), strict=True):
            if value(str(a), values) != value(str(b), values):
                return f"{a} and {b} at {values}"
    return None


def broken_substitution(spec: str, letters: Sequence[str], name: str, number: int) -> str | None:
    """What differs between a number that is set, one that is written, and one put in last."""
    network, put = shapecalc.parse(spec), {name: number}
    whole, part, text = general(spec), concrete(network, put), written(spec, put)
    if (part is None) != (text is None):
        return f"{'written' if part is None else 'set'}, it works; {put}"
    if part is not None and text is not None and str(sizes(part)) != str(sizes(text)):
        return f"set {sizes(part)}, written {sizes(text)}; {put}"
    rest = [each | put for each in grid([each for each in letters if each != name])]
    if whole is None:
        works = next((each for each in rest if part and concrete(network, each)), None)
        return works and f"letters are refused, {works} works"
    if whole.assumptions or (part is not None and part.assumptions):
        return None
    before = joined(whole.conditions)
    after = "False" if part is None else joined(part.conditions)
    for values in rest:
        if hold(before, values) != hold(after, values):
            return f"{before} and then {put}, but {after}, at {values}"
        if part is None or not hold(after, values):
            continue
        for a, b in zip(sizes(whole), sizes(part), strict=True):
            if value(str(a), values) != value(str(b), values):
                return f"{a} and {b} at {values}"
    return None


def _broken_refusal(network: Network, points: list[Values], below: str) -> str | None:
    """Numbers for which a spec works that was refused in letters."""
    for values in chosen(points, [True] * len(points), 3 * POINTS):
        if concrete(network, values) is not None:
            return (
                f"refusal: {values} works" if hold(below, values) else f"below 1: {values} is taken"
            )
    return None


def _difference(trace: Trace, found: Trace, values: Values) -> str | None:
    """The first size that is not the one in numbers, or that no tensor has."""
    for size, number in zip(sizes(trace), sizes(found), strict=True):
        if (said := value(str(size), values)) != (meant := value(str(number), {})):
            return f"{size} is {said}, not {meant}"
    if any(value(str(size), {}) < 0 for size in sizes(found)):
        return f"a size below 0 in {sizes(found)}"
    return None

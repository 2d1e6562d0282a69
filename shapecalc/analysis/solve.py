"""Backwards: which inputs, or which argument, give an output shape; exactly."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from shapecalc.analysis.nearest import closest_outputs
from shapecalc.analysis.run import named_shapes, named_sizes, read_facts
from shapecalc.dims import Contradiction, Dim, Facts, Size, equal, is_letter, letters, substitute
from shapecalc.dims.invert import invert
from shapecalc.errors import ShapecalcError, ShapeError, SpecError
from shapecalc.network import Network
from shapecalc.spec.build import parse
from shapecalc.spec.shapes import given_shape
from shapecalc.walk import trace_network

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from shapecalc.rows import Trace

#: How many values are listed, how many are named of infinitely many, and how many are tried.
MAX_VALUES: Final = 1000
MAX_EXAMPLES: Final = 5
MAX_TRIED: Final = 4096

_UNKNOWN = re.compile(r"(?<=[:=])\s*\?")


class Solution(NamedTuple):
    """Letters, and the values that they may take.

    Attributes:
        where: a Python expression that is true just for these values.
        values: all values by letter; None where there are infinitely many.
        examples: the first values then.
        spec: the spec with its argument filled in, where one was asked for.
    """

    where: str
    values: dict[str, list[int]] | None
    examples: dict[str, list[int]] | None = None
    spec: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Say it as JSON does."""
        said = {key: value for key, value in self._asdict().items() if value is not None}
        return {"where": self.where, "values": self.values} | said


def solve(
    spec: str | Network,
    output: Any,  # noqa: ANN401
    *,
    inputs: Any = None,  # noqa: ANN401
    dialect: str = "keras",
    values: Mapping[str, Any] | None = None,
    where: str | None = None,
    told: Callable[[bool], None] | None = None,
) -> list[Solution]:
    """Find the inputs for which the output has a shape; letters in it may be new ones.

    A ``?`` in the place of an argument is found instead, smallest first. Raises `ShapeError` where
    there is no solution, with the nearest outputs in its notes. ``told`` hears of each number that
    is tried whether it fits.
    """
    wanted = given_shape(output)
    sizes = named_sizes(values)

    def traced(network: Network) -> Trace:
        return trace_network(
            network,
            inputs=named_shapes(inputs),
            values=sizes,
            facts=read_facts(where),
            dialect=dialect,
        )

    if isinstance(spec, str) and _asks(spec):
        return _arguments(spec, wanted, traced, told)
    network = spec if isinstance(spec, Network) else parse(spec)
    trace = traced(network)
    found = list(_solutions(trace, wanted))
    if not found:
        raise _no_solution(trace, wanted)
    return found


def _solutions(trace: Trace, wanted: tuple[Size | None, ...]) -> Iterator[Solution]:
    """Narrow what the trace knows by what the output must be."""
    shape = trace.output
    if len(shape) != len(wanted):
        raise ShapeError(f"the output has {len(shape)} axes, not {len(wanted)}")
    facts = trace.facts.copy()
    inverted: list[str] = []
    new: dict[str, Size] = {}
    try:
        for size, target in zip(shape, wanted, strict=True):
            name = is_letter(target) if target is not None else None
            if target is None:
                continue
            if name is not None and name not in trace.letters and name not in new:
                new[name] = size
                inverted += _in_terms_of(size, Dim(name))
                continue
            facts.require(equal(size, substitute(target, new)))
    except Contradiction:
        return
    yield from _listed(trace, facts, inverted)


def _in_terms_of(size: Size, target: Dim) -> list[str]:
    """A letter of the input in terms of a letter of the output."""
    if isinstance(size, int):
        return [f"{target} == {size}"]
    names = sorted(letters(size))
    inverse = invert(size, names[0], target) if len(names) == 1 else None
    return inverse if inverse is not None else [f"{size} == {target}"]


def _listed(trace: Trace, facts: Facts, inverted: list[str]) -> Iterator[Solution]:
    order = sorted(trace.letters)
    conditions = facts.conditions(order)
    where = " and ".join([*conditions, *inverted]) or "True"
    narrowed = [name for name in order if facts.domain(name) != Facts().domain(name)]
    finite: dict[str, list[int]] = {}
    endless = bool(inverted) or len(conditions) > sum(
        len(facts.domain(name).conditions(name)) for name in narrowed
    )
    examples: dict[str, list[int]] = {}
    for name in narrowed:
        domain = facts.domain(name)
        members = (n for n in _counting(domain.low, domain.high) if n in domain)
        if domain.high is None:
            endless = True
            examples[name] = list(islice(members, MAX_EXAMPLES))
        else:
            finite[name] = list(islice(members, MAX_VALUES))
            examples[name] = finite[name][:MAX_EXAMPLES]
    if endless or not finite:
        yield Solution(where, None, examples or None)
    else:
        yield Solution(where, finite)


def _counting(low: int, high: int | None) -> Iterator[int]:
    n = low
    while high is None or n <= high:
        yield n
        n += 1


def _asks(spec: str) -> bool:
    """Whether a ``?`` stands in the place of an argument of a layer."""
    return any(not _in_input(spec, match.start()) for match in _UNKNOWN.finditer(spec))


def _in_input(spec: str, place: int) -> bool:
    start = max(spec.rfind(mark, 0, place) for mark in ",\n|") + 1
    return spec[start:].lstrip(" (").lower().startswith("in:")


def _arguments(
    spec: str,
    wanted: tuple[Size | None, ...],
    traced: Callable[[Network], Trace],
    told: Callable[[bool], None] | None,
) -> list[Solution]:
    """Try numbers in the place of ``?``, smallest first."""
    places = [m for m in _UNKNOWN.finditer(spec) if not _in_input(spec, m.start())]
    if len(places) > 1:
        raise SpecError("one ? at a time can be found", span=places[1].span(), source=spec)
    (place,) = places
    found: list[Solution] = []
    refused: ShapecalcError | None = None
    for number in range(MAX_TRIED):
        candidate = f"{spec[: place.start()]}{number}{spec[place.end() :]}"
        try:
            network = parse(candidate)
            fits = _gives(traced(network), wanted)
        except ShapecalcError as error:
            refused, fits = error, False
        if told is not None:
            told(fits)
        if fits:
            found.append(Solution(f"? == {number}", {"?": [number]}, spec=str(network)))
        if len(found) == MAX_EXAMPLES:
            break
    if not found:
        hint = [f"with 4095 it says: {refused.message}"] if refused else []
        raise ShapeError("no number up to 4095 gives this output", notes=hint)
    return found


def _gives(trace: Trace, wanted: tuple[Size | None, ...]) -> bool:
    """Whether the output is this shape for every value that the conditions allow."""
    if len(trace.output) != len(wanted):
        return False
    pairs = zip(trace.output, wanted, strict=True)
    return all(
        target is None or trace.facts.decide(equal(size, target)) is True for size, target in pairs
    )


def _no_solution(trace: Trace, wanted: tuple[Size | None, ...]) -> ShapeError:
    notes = list(closest_outputs(trace, wanted))
    return ShapeError("no input gives this output", notes=notes)

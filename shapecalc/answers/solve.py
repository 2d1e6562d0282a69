"""Solving: which inputs, or which argument, give an output shape; exactly."""

from __future__ import annotations

import re
from itertools import cycle, islice, product
from math import prod
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from shapecalc.answers.combinations import (
    Endless,
    boxes,
    described,
    examples,
    groups,
    members,
    narrows,
)
from shapecalc.answers.nearest import closest_outputs
from shapecalc.dims import (
    Contradiction,
    Dim,
    Size,
    TooLargeError,
    at_least,
    equal,
    is_letter,
    letters,
    substitute,
)
from shapecalc.dims.invert import invert
from shapecalc.errors import ShapeError
from shapecalc.language.inputs import letters_in_order
from shapecalc.tracing.rows import joined
from shapecalc.tracing.sizes import too_large

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from shapecalc.answers.combinations import Group
    from shapecalc.answers.question import Question
    from shapecalc.dims import Facts
    from shapecalc.language.shapes import GivenShape
    from shapecalc.tracing.trace import Trace

#: How many solutions are listed, and how many values are named of infinitely many.
MAX_SOLUTIONS: Final = 1000
MAX_EXAMPLES: Final = 5
#: The longest text in which the values of a letter are said.
MAX_TEXT: Final = 10_000

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class Solution(NamedTuple):
    """Letters, and the values that they may take.

    Attributes:
        where: a Python expression that is true just for these values.
        values: all values by letter, of which every combination is meant; None where there are
            infinitely many, or too many to list.
        examples: the first values then: the first of all letters go together, the second, ...
        spec: the spec with its argument filled in, where one was asked for.
        assumptions: what the answer takes for granted; others may work where it does not hold.
        settled: all values of those letters that have finitely many, beside examples of others.
    """

    where: str
    values: dict[str, list[Any]] | None
    examples: dict[str, list[int]] | None = None
    spec: str | None = None
    assumptions: Sequence[str] = ()
    settled: Mapping[str, Sequence[int]] = {}

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data, as JSON has it."""
        said: dict[str, Any] = {"where": self.where, "values": self.values}
        if self.examples:
            said["examples"] = self.examples
        if self.spec is not None:
            said["spec"] = self.spec
        if self.assumptions:
            said["assumptions"] = list(self.assumptions)
        return said


def solve(
    question: Question, required: GivenShape, on_tried: Callable[[bool], None] | None = None
) -> list[Solution]:
    """Return the inputs for which the output has a shape; letters in it may be new ones.

    A ``?`` instead of an argument is found instead, smallest first. Raises `ShapeError` where
    there is no solution, with the nearest outputs in its notes. ``on_tried`` is called for each
    number that is tried with whether it fits.
    """
    if isinstance(question.source, str):
        from shapecalc.language.open import open_spec

        asked = open_spec(question.source, question.dialect)
        if asked is not None:
            from shapecalc.answers.unknown import find

            return find(asked, required, question.walk, on_tried)
    return inputs_of(question.walk(question.network()), required)


def inputs_of(trace: Trace, required: GivenShape) -> list[Solution]:
    """Return the values of the letters for which the output of a trace has a shape."""
    target = Target(trace, required)
    try:
        narrowed = target.narrowed()
        found = [] if narrowed is None else _solutions(trace, narrowed, target.relations())
        if found:
            return found
        notes = closest_outputs(trace, required)
    except TooLargeError as error:
        raise too_large(error) from None
    if trace.assumptions:
        notes.append(f"this assumes {joined(trace.assumptions)}")
    raise ShapeError("no input gives this output", notes=notes)


class Target:
    """A required output; a new letter alone is bound to the size found there."""

    def __init__(self, trace: Trace, required: GivenShape) -> None:
        """Take a shape; raises `ShapeError` where it has another number of axes."""
        shape = trace.output
        if len(shape) != len(required):
            raise other_rank(len(shape), len(required))
        self._trace = trace
        self.new: dict[str, Size] = {}
        pairs = [pair for pair in zip(shape, required, strict=True) if pair[1] is not None]
        for size, target in pairs:
            name = is_letter(target) if target is not None else None
            if name is not None and name not in trace.letters and name not in trace.meanings:
                self.new.setdefault(name, size)
        #: What must be equal.
        meanings = {**trace.meanings, **self.new}
        self.pairs = [
            (size, substitute(target, meanings)) for size, target in pairs if target is not None
        ]

    def narrowed(self) -> Facts | None:
        """Return what is known where the output is as required; None where it cannot be."""
        facts = self._trace.facts.copy()
        try:
            for size, target in self.pairs:
                facts.require(equal(size, target))
            for size in self.new.values():
                facts.require(at_least(size, 1))
        except Contradiction:
            return None
        return facts

    def relations(self) -> list[str]:
        """Say the letters of the input in terms of new letters."""
        return [text for name, size in self.new.items() for text in _inverted(size, Dim(name))]


def other_rank(axes: int, required: int) -> ShapeError:
    """Return the error for an output that has not as many axes as are required."""
    return ShapeError(f"the output has {axes} axes, not {required}")


def _inverted(size: Size, target: Dim) -> list[str]:
    if isinstance(size, int):
        return [f"{target} == {size}"]
    names = sorted(letters(size))
    inverse = invert(size, names[0], target) if len(names) == 1 else None
    return inverse if inverse is not None else [f"{size} == {target}"]


def _solutions(trace: Trace, facts: Facts, relations: list[str]) -> list[Solution]:
    """List the values of all letters on which something depends, group by group."""
    order = _in_order(trace)
    narrowed = [group for group in groups(facts, order) if narrows(facts, group)]
    finite: list[list[_Choice]] = []
    endless: list[Group] = []
    for group in narrowed:
        choices = _choices(facts, group)
        if choices is None:
            endless.append(group)
        else:
            finite.append(choices)
    if prod(map(len, finite)) > MAX_SOLUTIONS:
        finite, endless = [], narrowed
    columns = [(group.names, examples(facts, group, MAX_EXAMPLES)) for group in endless]
    listed = {name for group in narrowed if group not in endless for name in group.names}
    others = {*order, *facts.named} - listed
    more = [text for text in facts.conditions(order) if others.intersection(_NAME.findall(text))]
    more += relations
    found: list[Solution] = []
    for chosen in product(*finite):
        texts = {name: text for choice in chosen for name, text in choice.texts.items()}
        values = {name: numbers for choice in chosen for name, numbers in choice.values.items()}
        where = joined([*(texts[name] for name in order if name in texts), *more]) or "True"
        values = {name: values[name] for name in order if name in values}
        found.append(_solution(trace, where, values, columns))
    return found


class _Choice(NamedTuple):
    """Values of the letters of a group, every combination of which works, and how to say them."""

    values: dict[str, list[int]]
    texts: dict[str, str]


def _choices(facts: Facts, group: Group) -> list[_Choice] | None:
    """Return all values of a group; None where they are too many to list or to say."""
    found: list[_Choice] = []
    try:
        for box in boxes(facts, group):
            values = {name: list(each) for name, each in zip(group.names, box, strict=True)}
            texts = {name: _said(facts, name, numbers) for name, numbers in values.items()}
            if max(map(len, texts.values())) > MAX_TEXT:
                return None
            found.append(_Choice(values, texts))
    except Endless:
        return None
    return found


def _said(facts: Facts, name: str, numbers: list[int]) -> str:
    """Say which values a letter has, as what is known about it does where that is no longer."""
    text = described(name, numbers)
    domain = facts.domain(name)
    if domain.high is not None and list(islice(members(domain), len(numbers) + 1)) == numbers:
        return min(joined(domain.conditions(name)), text, key=len)
    return text


def _solution(
    trace: Trace,
    where: str,
    values: dict[str, list[int]],
    columns: list[tuple[tuple[str, ...], list[tuple[int, ...]]]],
) -> Solution:
    """Make a solution of finite values, and of examples of those letters that have more."""
    if values and not columns:
        return Solution(where, values, assumptions=trace.assumptions)
    count = max((len(rows) for _, rows in columns), default=0)
    shown = {
        name: list(islice(cycle(row[place] for row in rows), count))
        for names, rows in columns
        for place, name in enumerate(names)
    }
    shown |= {name: list(islice(cycle(numbers), count)) for name, numbers in values.items()}
    shown = {name: shown[name] for name in _in_order(trace) if shown.get(name)}
    return Solution(
        where,
        None,
        shown if columns else None,
        assumptions=trace.assumptions,
        settled=values if count else {},
    )


def _in_order(trace: Trace) -> list[str]:
    """Return the letters in the order of the inputs, then those that stand in arguments."""
    found = letters_in_order(shape for _, shape in trace.inputs)
    return [*found, *sorted(set(trace.letters).difference(found))]

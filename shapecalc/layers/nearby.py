"""Accepted arguments that are close to refused ones, the likeliest first."""

from __future__ import annotations

import re
from itertools import islice, pairwise
from typing import TYPE_CHECKING, Any, Final

from shapecalc.errors import suggestions
from shapecalc.layers.arguments import spread
from shapecalc.layers.layer import Layer
from shapecalc.layers.parameters import parameters
from shapecalc.layers.problems import ArgumentError, validate
from shapecalc.layers.window import extent

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from shapecalc.layers.parameters import Parameter

#: Leave the argument out, so that its default is taken.
OMITTED: Final = object()
#: How many arguments are changed together at most, and how far from a number others are tried:
#: up to three times as much, and among so many.
MOST_CHANGES: Final = 3
NEAR: Final = 8
FAR: Final = 300
#: What is above is no slip.
LARGE: Final = 10**9
#: How many numbers on the way from one are offered.
MOST_NUMBERS: Final = 2
#: How long a list of numbers gets, one for each axis.
LONGEST: Final = 6
#: A layer takes what remains of numbers that are percent, or tenths.
PARTS: Final = (10, 100)

#: What a message says of arguments of which one has to go.
_ONE_OF: Final = re.compile(r"\b(either|both|no)\b")

#: What is given instead of arguments, by their names.
Changes = dict[str, Any]


def nearby(
    cls: type[Layer], config: Mapping[str, Any], given: Iterable[str], subject: str
) -> Iterator[Changes]:
    """Yield changes of the arguments that are given, after which the class takes them all."""
    for changes in _changes(cls, config, list(given), subject, MOST_CHANGES):
        if changes:
            yield changes


def _changes(
    cls: type[Layer], config: Mapping[str, Any], names: list[str], subject: str, most: int
) -> Iterator[Changes]:
    try:
        validate(cls, config, subject)
    except ArgumentError as error:
        problem = error.problems[0]
    else:
        yield {}
        return
    if most == 0 or problem.missing:
        return
    known = parameters(cls)
    names = [name for name in names if name in config and name in known]
    options: Iterator[Changes]
    if problem.field is None:
        options = _related(cls, config, names, problem.message, subject)
    elif problem.field in names:
        field = problem.field
        options = ({field: value} for value in _values(cls, config, field))
    else:
        return
    for change in options:
        for more in _changes(cls, _applied(config, change), names, subject, most - 1):
            if not more.keys() & change.keys():
                yield change | more


def _applied(config: Mapping[str, Any], changes: Changes) -> Changes:
    return {key: value for key, value in {**config, **changes}.items() if value is not OMITTED}


def _fits(cls: type[Layer], config: Mapping[str, Any], subject: str) -> bool:
    try:
        validate(cls, config, subject)
    except ArgumentError:
        return False
    return True


def _values(cls: type[Layer], config: Mapping[str, Any], name: str) -> Iterator[Any]:
    """Yield values that a parameter takes, near to one that it does not take."""
    parameter, value = parameters(cls)[name], config[name]
    spelled = _spelled(parameter, value) if isinstance(value, str) else ()
    for near in (*spelled, *_meant(cls, config, name), *_like(parameter, value)):
        if _takes(cls, config, name, near):
            yield near


def _takes(cls: type[Layer], config: Mapping[str, Any], name: str, value: Any) -> bool:  # noqa: ANN401
    """Return whether a parameter takes a value, whatever the others are."""
    try:
        validate(cls, {**config, name: value}, name)
    except ArgumentError as error:
        return all(problem.field != name for problem in error.problems)
    return True


def _like(parameter: Parameter, value: Any) -> Iterator[Any]:  # noqa: ANN401
    """Yield values like one: with another sign, of another length."""
    if isinstance(value, (list, tuple)):
        yield from _of_other_length(parameter, list(value))
    elif isinstance(value, float) and abs(value) < LARGE:
        yield from (int(value) if value.is_integer() else -value, -value)
        yield from (value / part for part in PARTS if value > 1)
        yield round(value)
    elif isinstance(value, int) and not isinstance(value, bool):
        if value == -1 and parameter.kind.open_ended:
            yield None
        yield -value
        # A size of 0 is not a slip of 1.
        if value == 0 and parameter.kind.least is None:
            yield 1
        yield from (value / part for part in PARTS if value > 1)


def _spelled(parameter: Parameter, text: str) -> Iterator[Any]:
    words = parameter.kind.words
    yield from (words[word] for word in suggestions(text, words))
    try:
        number = float(text)
    except ValueError:
        return
    yield int(number) if number.is_integer() else number


def _of_other_length(parameter: Parameter, values: list[Any]) -> Iterator[Any]:
    """Yield a list of numbers each of which is taken, and as many of them as are."""
    numbers = [each for each in values if isinstance(each, int)]
    if not numbers or len(numbers) < len(values):
        return
    if parameter.kind.variadic and min(numbers) == 0:
        # The axes are counted from 0.
        yield [each + 1 for each in numbers]
    yield sorted(numbers)
    least = 0 if parameter.name.endswith("padding") else 1
    fitting = [each if each >= least else max(-each, least) for each in numbers]
    if fitting != numbers:
        yield fitting
    if parameter.kind.variadic:
        # How many there are is meant: so many axes come out.
        return
    if len(set(fitting)) == 1:
        yield fitting[0]
    yield from (fitting[:length] for length in range(len(fitting) - 1, 0, -1))
    for length in range(len(fitting) + 1, LONGEST + 1):
        yield [*fitting, *[fitting[-1]] * (length - len(fitting))]


def _meant(cls: type[Layer], config: Mapping[str, Any], name: str) -> Iterator[Any]:
    """Yield what a padding of convolutions, or a layout, means in what is taken for it.

    Half of what a kernel reaches beyond one place, at both ends of an axis, is ``same``.
    """
    known = parameters(cls)
    rank = getattr(cls, "rank", None)
    if name == "data_format" and str(config.get(name)).upper().startswith("N"):
        yield f"channels_{'last' if str(config[name]).upper().endswith('C') else 'first'}"
    if name != "padding" or "kernel_size" not in known or not isinstance(rank, int):
        return
    value = config.get(name, known[name].default)
    steps = next((each for each in ("dilation", "dilation_rate") if each in known), None)
    kernel = config.get("kernel_size", known["kernel_size"].default)
    dilation = config.get(steps, 1) if steps else 1
    try:
        pairs = zip(spread(_plain(kernel), rank), spread(_plain(dilation), rank), strict=True)
        halves = [(extent(*pair) - 1) // 2 for pair in pairs]
    except (TypeError, ValueError):
        return
    half = halves[0] if len(set(halves)) == 1 else halves
    if value == 0:
        yield "valid"
    elif _plain(value) == _plain(half):
        yield "same"
    elif isinstance(value, str):
        yield half


def _plain(value: Any) -> Any:  # noqa: ANN401
    """Return a list as a tuple, and one of equal numbers as the number."""
    if isinstance(value, (list, tuple)):
        return value[0] if len(set(value)) == 1 else tuple(value)
    return value


def _related(
    cls: type[Layer], config: Mapping[str, Any], names: list[str], message: str, subject: str
) -> Iterator[Changes]:
    """Yield values of arguments that do not go together.

    The first that the message names comes first, save what the layer must be told.
    """
    known = parameters(cls)
    said = [name for name in dict.fromkeys(re.findall(r"[a-z_]+", message)) if name in known]
    order = [*said, *(name for name in reversed(names) if name not in said)]
    declared = cls.declares[0] if cls.declares is not None else None
    order.sort(key=lambda name: (name == declared, name in said and known[name].required))
    # The name of the layer stands for what is not given and is there all the same.
    order = [name for name in order if name in names or name not in config]
    omitted: list[Changes] = [
        {name: OMITTED}
        for name in dict.fromkeys([*reversed(said), *order])
        if name in names and not known[name].required
    ]
    changes = [{name: value} for name in order for value in _meant(cls, config, name)]
    changes += omitted if _ONE_OF.search(message) else []
    changes += _exchanged(cls, config, names, message)
    yield from (change for change in changes if _fits(cls, _applied(config, change), subject))
    for name in order:
        yield from ({name: value} for value in _fitting(cls, config, name, subject))
    yield from omitted


def _exchanged(
    cls: type[Layer], config: Mapping[str, Any], names: Sequence[str], message: str
) -> Iterator[Changes]:
    """Yield the numbers of two parameters that follow each other in the other order.

    A message names both, if only as heads for ``nhead`` and ``num_heads``.
    """
    order = list(parameters(cls))
    said = [name for name in names if name.rpartition("_")[2].removeprefix("n") in message]
    for one, other in pairwise(sorted(said, key=order.index)):
        pair = config[one], config[other]
        numbers = all(isinstance(each, int | float) for each in pair)
        follow = order.index(other) - order.index(one) == 1
        if numbers and follow:
            yield {one: pair[1], other: pair[0]}


def _fitting(cls: type[Layer], config: Mapping[str, Any], name: str, subject: str) -> Iterator[Any]:
    """Yield values of one argument that go together with the others, nearest first."""
    parameter = parameters(cls)[name]
    value = config.get(name, parameter.default)
    if not isinstance(value, int) or isinstance(value, bool):
        options = _like(parameter, value)
    else:
        reach = min(max(2 * abs(value), NEAR), FAR)
        options = (value + step for n in range(1, reach) for step in (-n, n))
    fitting = (near for near in options if _fits(cls, {**config, name: near}, subject))
    yield from islice(fitting, MOST_NUMBERS)

"""A size is at least 1: what letters make uncertain is a condition, exact in both directions."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from failing import failing, parts
from hypothesis import given
from hypothesis import strategies as st
from layers.keras.test_ground_truth import CASES
from layers.test_letters import BATCH, holds, known_sizes

from shapecalc import layer
from shapecalc.dims import Dim, Shape, letters, substitute
from shapecalc.errors import ShapecalcError, ShapeError, SpecError
from shapecalc.language.build import parse
from shapecalc.layers.arguments import Anything
from shapecalc.layers.catalogue import Entry
from shapecalc.layers.keras.dialect import CATALOGUE
from shapecalc.layers.keras.names import FAMILIES
from shapecalc.layers.layer import apply
from shapecalc.layers.parameters import parameters
from shapecalc.layers.scope import Scope
from shapecalc.layers.sizes import size_arguments
from shapecalc.network import Apply, Input, Network, Tensor
from shapecalc.tracing.trace import Trace
from shapecalc.tracing.walk import trace_network

NUMBERS = range(1, 25)
#: How many recorded cases are taken for each parameter, and for the axes of inputs.
TAKEN = 1

CLASSES = [(name, family) for family, classes in FAMILIES.items() for name in classes]
(ANYTHING,) = Anything.__metadata__


def says_how_small_letters_can_be(name: str, family: str) -> None:
    cls = CATALOGUE.load(Entry(name, family, name))
    declared = dict(size_arguments(cls))
    for parameter in parameters(cls).values():
        takes = False
        for value in (Dim("T"), [Dim("T")], [Dim("T"), Dim("T")], [1, Dim("T"), Dim("T")]):
            try:
                takes = takes or _holds_letters(parameter.kind.check(value))
            except ValueError:
                continue
        if parameter.kind is not ANYTHING:
            assert takes == (parameter.name in declared), parameter.name


def test_what_takes_letters_says_how_small_they_can_be() -> None:
    assert not failing(says_how_small_letters_can_be, CLASSES)


def _holds_letters(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return any(map(_holds_letters, value))
    return isinstance(value, Dim)


class Question(NamedTuple):
    """A recorded case in which one size, ``written``, has the letter Z."""

    name: str
    config: dict[str, Any]
    shapes: list[Shape]
    written: Dim
    least: int

    def network(self) -> Network:
        """The layer behind an input for each of its shapes."""
        nodes: list[Any] = [Input(shape, f"x{place}") for place, shape in enumerate(self.shapes)]
        tensors = tuple(map(Tensor, range(len(nodes))))
        nodes.append(Apply(layer(self.name, **self.config), tensors))
        return Network(nodes, [Tensor(len(tensors))])

    def at(self, number: int) -> list[Shape] | None:
        """The outputs where the number is written; None where it does not fit."""
        shapes = [_numbered(shape, number) for shape in self.shapes]
        try:
            made = layer(self.name, **_numbered(self.config, number))
            return list(apply(made, shapes, Scope()).outputs)
        except ShapecalcError:
            return None


def _numbered(value: Any, number: int) -> Any:
    """Numbers in the place of letters, as who writes them would."""
    if isinstance(value, Dim):
        return eval(str(value), {"Z": number})  # noqa: S307  (our own text)
    if isinstance(value, dict):
        return {key: _numbered(item, number) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(_numbered(item, number) for item in value)
    return value


def lettered(draw: random.Random, size: int) -> Dim:
    """A size with a letter, which can be below 1, and is the given one at some number."""
    least = max(size, 1)
    return Dim(
        draw.choice(
            [
                f"Z - {draw.randint(1, 9)}",
                f"Z//{draw.randint(2, 4)}",
                f"{draw.randint(10, 12) + least} - Z",
                f"(Z - {draw.randint(1, 5)})//{draw.randint(2, 3)}",
                f"{least}*(Z - {draw.randint(1, 4)})",
                f"Z % {draw.randint(2, 4)} + {least - 1}",
                f"max(Z - {draw.randint(3, 9)}, {least - 1})",
            ]
        )
    )


def questions(name: str) -> list[Question]:
    """Recorded cases, each with a letter in one of its arguments or on one of its axes."""
    draw = random.Random(name)  # noqa: S311  (no secret)
    recorded = [case for case in CASES.get(name, ()) if "error" not in case and known_sizes(case)]
    draw.shuffle(recorded)
    found: list[Question] = []
    least = dict(size_arguments(type(layer(name, **recorded[0]["config"])))) if recorded else {}
    for parameter, bound in least.items():
        given = [case for case in recorded if _sizes_in(case["config"].get(parameter))]
        for case in given[:TAKEN]:
            value = case["config"][parameter]
            place = draw.choice(_sizes_in(value))
            written = lettered(draw, value if place is None else value[place])
            put: Any = written
            if place is not None:
                put = [*value[:place], written, *value[place + 1 :]]
            config = case["config"] | {parameter: put}
            found.append(Question(name, config, _known(case), written, bound))
    for case in recorded[:TAKEN]:
        shapes = _known(case)
        places = [(i, axis) for i, shape in enumerate(shapes) for axis in range(len(shape))]
        if places:
            i, axis = draw.choice(places)
            written = lettered(draw, shapes[i][axis])  # type: ignore[arg-type]
            shapes[i] = (*shapes[i][:axis], written, *shapes[i][axis + 1 :])
            found.append(Question(name, case["config"], shapes, written, 1))
    return found


def _sizes_in(value: Any) -> list[int | None]:
    """Where a value has a size that a letter can stand for: None for the value itself."""
    if isinstance(value, int) and not isinstance(value, bool):
        return [None]
    if not isinstance(value, (list, tuple)):
        return []
    return [place for place, size in enumerate(value) if isinstance(size, int) and size > 0]


def _known(case: dict[str, Any]) -> list[Shape]:
    return [tuple(BATCH if n is None else n for n in shape) for shape in case["input_shapes"]]


def disagreement(question: Question) -> str | None:
    """Where the conditions say otherwise than the numbers, or None."""
    network = question.network()
    general = traced(network)
    if general is not None and _made(general):
        return None
    for number in NUMBERS:
        size = _numbered(question.written, number)
        # Below the least it may have another meaning: no size, or one that is to be found.
        written = question.at(number) if size >= question.least else None
        concrete = traced(network, number)
        if (None if concrete is None else outputs(concrete)) != written:
            return f"Z={number} gives {concrete and outputs(concrete)}, written {written}"
        if general is None:
            if written is not None:
                return f"letters refuse, Z={number} gives {written}"
            continue
        values = {"Z": number}
        if not _hold(general.assumptions, values):
            continue
        if _hold(general.conditions, values) != (written is not None):
            return f"{general.conditions} at Z={number} ({size}), where it gives {written}"
        if written is not None:
            found = [_numbered(shape, number) for shape in outputs(general)]
            if found != written or any(size < 0 for shape in found for size in shape):
                return f"{outputs(general)} at Z={number}, where it gives {written}"
    return None


def _hold(texts: list[str], values: dict[str, int]) -> bool:
    """Whether all are true; what divides by 0 is not."""
    try:
        return all(holds(text, values) for text in texts)
    except ZeroDivisionError:
        return False


def _made(trace: Trace) -> bool:
    """Whether the layer makes letters of its own, of which numbers say nothing."""
    shown = {name for shape in outputs(trace) for size in shape for name in letters(size)}
    return not {*trace.facts.named, *shown} <= {"Z"}


def traced(network: Network, number: int | None = None) -> Trace | None:
    """The trace, with a number put in; None where it does not fit."""
    try:
        return trace_network(network, values={} if number is None else {"Z": number})
    except ShapeError:
        return None


def outputs(trace: Trace) -> list[Shape]:
    """What the only layer gives."""
    return list(trace.layers[0].outputs)


def conditions_are_exact(name: str) -> None:
    wrong = [(each, said) for each in questions(name) if (said := disagreement(each))]
    shown = "\n".join(f"{each.config} on {each.shapes}: {said}" for each, said in wrong[:10])
    assert not wrong, f"{len(wrong)}\n{shown}"


@pytest.mark.parametrize("names", parts(sorted(CASES), 4))
def test_conditions_on_sizes_are_exact(names: list[str]) -> None:
    assert not failing(conditions_are_exact, names)


#: Writes a size, which is at least so much.
Put = Callable[[str, int], str]


def operation(draw: random.Random, put: Put) -> str:
    """An operation on a tensor (2, n, 4), with sizes that can be below 1."""

    def number() -> int:
        return draw.randint(-6, 6)

    def bounds() -> str:
        ends = [str(number()) if draw.random() < 0.6 else "" for _ in "ab"]
        return ":".join([*ends, *([str(draw.choice([1, 2, 3, -1, -2]))] * draw.randint(0, 1))])

    def size(least: int = 1) -> str:
        c = draw.randint(1, 4)
        texts = [f"T-{c}", f"T//{c}", f"{c}*T", f"T//{c}-{c}", f"{c + 9}-T", "T"]
        return put(draw.choice(texts), least)

    return draw.choice(
        [
            lambda: f'slice:":,{bounds()}"',
            lambda: f'slice:":,{number()}"',
            lambda: f"split:({number()},{number()}):axis=1",
            lambda: f"split:{draw.randint(1, 4)}:axis=1",
            lambda: f"tile:1:{draw.randint(0, 3)}:1",
            lambda: f"pad:(0x0,{draw.randint(0, 3)}x{draw.randint(0, 3)},0x0)",
            lambda: f"take:{draw.randint(0, 3)}:axis=1",
            lambda: f"reshape:{size()}:-1:2",
            lambda: f"reshape:{size()}:4",
            lambda: f"newshape:2:{size()}:-1",
            lambda: f"newshape:{size()}:-1",
            lambda: f"dense:{size()}",
            lambda: f"lambda:output_shape=({size(0)},4)",
            lambda: f"conv1d:{size()}:{draw.randint(1, 3)}:g={draw.randint(1, 2)}",
            lambda: f"mha:{size()}:{size()}",
            lambda: f"adaptiveavgpool1d:{size()}",
            lambda: f"lstm:{size()}:seq",
            lambda: f"tconv1d:4:{draw.randint(1, 3)}:s=2:same:output_padding={draw.randint(0, 1)}",
            lambda: f"crop1d:({draw.randint(0, 3)},{draw.randint(0, 3)})",
            lambda: "topk:3",
        ]
    )()


#: A size that `stack` leaves open: its text, and the least that it can be.
OPEN = re.compile(r"<(.+?)\|(\d)>")


def stack(draw: random.Random) -> str:
    """One or two operations, with sizes that are left open."""

    def put(text: str, least: int) -> str:
        return f"<{text}|{least}>"

    axis = put(draw.choice(["T", "T", "T-3", "T//3", "7-T", "2*T-5", "T%4"]), 1)
    steps = [operation(draw, put) for _ in range(draw.randint(1, 2))]
    return ",".join([f"in:2:{axis}:4", *steps])


def in_letters(open_spec: str) -> str:
    """The spec with its sizes in letters."""
    return OPEN.sub(lambda match: match[1], open_spec)


def in_numbers(open_spec: str, number: int) -> str:
    """The spec with a number in the place of the letter; raises where one is not a size."""

    def put(match: re.Match[str]) -> str:
        size: int = eval(match[1], {"T": number})  # noqa: S307  (our own text)
        if size < int(match[2]):
            raise SpecError(f"{match[1]} is {size}")
        return str(size)

    return OPEN.sub(put, open_spec)


def shapes_of(make: Callable[[], Trace]) -> list[Shape] | None:
    """The shapes of all outputs; None where there are none."""
    try:
        return make().outputs
    except ShapecalcError:
        return None


@given(st.builds(stack, st.randoms(use_true_random=False)))
def test_operations_say_in_letters_what_they_say_in_numbers(open_spec: str) -> None:
    spec = in_letters(open_spec)
    network = parse(spec)
    general = traced(network)
    for number in (1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 16, 21):
        concrete = shapes_of(
            lambda number=number: trace_network(parse(in_numbers(open_spec, number)))
        )
        values = {"T": number}
        if "T" in spec:
            found = shapes_of(lambda values=values: trace_network(network, values=values))
            assert found == concrete, (spec, number)
        if general is None:
            assert concrete is None, (spec, number)
            continue
        assert "B" not in str(general.outputs)
        if not _hold(general.assumptions, values):
            continue
        assert _hold(general.conditions, values) == (concrete is not None), (
            spec,
            number,
            general.conditions,
        )
        if concrete is not None:
            sizes = [_at(shape, values) for shape in general.outputs]
            assert sizes == concrete, (spec, number)
            assert all(size >= 0 for shape in sizes for size in shape), (spec, number)


def _at(shape: Shape, values: dict[str, int]) -> Shape:
    return tuple(substitute(size, values) for size in shape)

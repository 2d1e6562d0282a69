"""How much of the inputs one output sees, along each spatial axis, going back by intervals."""

from __future__ import annotations

from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from shapecalc.dims.reader import MAX_DIGITS
from shapecalc.language.inputs import first_input
from shapecalc.layers.following import Traced, followed, untouched
from shapecalc.layers.layout import FEATURES
from shapecalc.layers.looking import Passed
from shapecalc.layers.scope import Scope
from shapecalc.layers.spans import ITSELF
from shapecalc.network import STATES, Apply, Input, Tensor
from shapecalc.tracing.walk import walk_inside

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from shapecalc.dims import Facts, Shape, Size
    from shapecalc.layers.following import Seen
    from shapecalc.layers.layer import Layer
    from shapecalc.layers.looking import Looks
    from shapecalc.network import Network


class Field(NamedTuple):
    """What one place of an axis sees of an axis of an input.

    ``size`` is the largest over the phases, None where it sees all; ``stride`` how far apart two
    places look; ``offset`` is the first that place 0 sees, negative in padding; None where that
    takes too long a text.
    """

    axis: int
    size: Size | None
    stride: Fraction
    offset: Size | None
    input: str

    def to_dict(self, *, named: bool) -> dict[str, Any]:
        """Return it as plain data, as JSON has it."""
        stride = self.stride
        return {
            "axis": self.axis,
            "size": "all" if self.size is None else _readable(self.size),
            "stride": _readable(stride.numerator) if stride.denominator == 1 else str(stride),
            "offset": None if self.offset is None else _readable(self.offset),
            **({"input": self.input} if named else {}),
        }


def _readable(number: Size) -> int | str:
    """Return a number, or its magnitude where it is too long to read."""
    if isinstance(number, int) and abs(number) >= 10**MAX_DIGITS:
        return f"{'more' if number > 0 else 'less'} than {'-' * (number < 0)}10**{MAX_DIGITS}"
    return number if isinstance(number, int) else str(number)


class Fields:
    """The fields of all nodes of a network, found once all together.

    ``outputs`` are the shapes that each node gave.
    """

    def __init__(
        self,
        network: Network,
        names: Sequence[str],
        outputs: Sequence[tuple[Shape, ...]],
        facts: Facts,
    ) -> None:
        """Find nothing yet."""
        self._network = network
        self._names = names
        self._outputs = outputs
        self._facts = facts

    def of(self, node: Apply) -> list[Field]:
        """Return the fields of the first output of a node, axis by axis."""
        found = []
        for axis, seen in enumerate(self._axes[id(node)]):
            for (origin, _), span in seen.items():
                size = None if span.everything else self._facts.simplify(span.size)
                known = 0 if span.everything else self._facts.simplify(span.first[0])
                offset = None if span.adrift else known
                stride = Fraction(span.step, span.period)
                found.append(Field(axis, size, stride, offset, self._names[origin]))
        return found

    @cached_property
    def _axes(self) -> dict[int, list[Seen]]:
        """What each axis of the first output of each layer sees."""
        entering = {}
        for place, node in enumerate(self._network.nodes[: len(self._outputs)]):
            if isinstance(node, Input):
                axes = range(len(self._outputs[place][0]))
                spatial = spatial_axes(self._network, place, len(axes))
                seen: list[Seen] = [{(place, a): ITSELF} if a in spatial else {} for a in axes]
                entering[place] = Traced(seen, {})
        found = _followed(self._network, self._outputs, self._facts, entering, {})
        nodes = zip(self._network.nodes, found, strict=False)
        return {id(node): traced[0].axes for node, traced in nodes}


def _followed(
    network: Network,
    outputs: Sequence[tuple[Shape, ...]],
    facts: Facts,
    entering: Mapping[int, Traced],
    known: dict[object, Looks],
) -> list[list[Traced]]:
    """Return what the axes of each tensor of each node see, from what those of the inputs do."""
    found: list[list[Traced]] = []
    shown = [
        tuple(tuple(facts.simplify(size) for size in shape) for shape in shapes)
        for shapes in outputs
    ]
    for place, node in enumerate(network.nodes[: len(shown)]):
        if isinstance(node, Input):
            found.append([entering[place]])
        elif isinstance(node, Apply):
            tensors = [
                Tensor(each.node, port) for each in node.worked for port in _ports(each, shown)
            ]
            inputs = [shown[each.node][each.port] for each in tensors]
            before = [found[each.node][each.port] for each in tensors]
            passed = [Passed(inputs, shape, n, known) for n, shape in enumerate(shown[place])]
            found.append([followed(node.layer.looks(p), before, p.rank) for p in passed])
        else:
            found.append([found[node.tensor.node][node.tensor.port]])
    return found


def _ports(tensor: Tensor, shapes: Sequence[tuple[Shape, ...]]) -> Sequence[int]:
    states = range(1, len(shapes[tensor.node]))
    return states if tensor.port == STATES else (tensor.port,)


def through(network: Network, passed: Passed) -> Looks:
    """Return where the axes of an output of a network within another one look in its inputs."""
    known = {} if passed.known is None else passed.known
    key = (id(network), tuple(passed.inputs), passed.port)
    if key not in known:
        known[key] = _through(network, passed._replace(known=known))
    return known[key]


def _through(network: Network, passed: Passed) -> Looks:
    trace = walk_inside(network, passed.inputs, Scope(dialect=network.dialect))
    places = [place for place, node in enumerate(network.nodes) if isinstance(node, Input)]
    entering = dict(zip(places, untouched(passed.inputs), strict=True))
    if not trace.layers:
        return ()
    walk = trace.layers[0].walk
    known = {} if passed.known is None else passed.known
    found = _followed(network, walk.outputs, walk.facts, entering, known)
    place, port = network.outputs[passed.port]
    return found[place][port].looks


def spatial_axes(network: Network, place: int, rank: int) -> set[int]:
    """Return the axes of an input that are neither batch nor channels, as its reader takes them.

    All but the first where the reader takes them as they come, and puts them into another order.
    """
    letters = network.dialect.letters
    natural = first_input(network.nodes, place, _letters)
    if natural == ():
        return set(range(1, rank))
    if natural is None or len(natural) != rank:
        natural = letters.of(rank)
    names = [letters.names.get(letter, letter) for letter in natural]
    return {axis for axis, name in enumerate(names) if name not in {"batch", "N", *FEATURES}}


def _letters(layer: Layer) -> tuple[str, ...] | None:
    """Return the letters of the default input of a layer.

    None of one that any layer may follow.
    """
    if layer.names_axes and (natural := layer.input_letters()) is not None:
        return natural
    return None if layer.keeps_rank else ()

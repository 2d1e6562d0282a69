"""A question: a spec or a network, and all that is said beside it; one value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeGuard

from shapecalc.answers.limits import Limits
from shapecalc.dialects import find
from shapecalc.dims import Size
from shapecalc.errors import SpecError
from shapecalc.importers.load import read
from shapecalc.language.facts import GivenFacts, given_facts
from shapecalc.language.shapes import GivenShape, given_shape
from shapecalc.layers.budget import MAX_LAYERS, layer_limit
from shapecalc.layers.dialect import Dialect
from shapecalc.layers.given import given_size
from shapecalc.network import Network
from shapecalc.tracing.patterns import Pattern
from shapecalc.tracing.trace import Trace
from shapecalc.tracing.walk import trace_network

if TYPE_CHECKING:
    from shapecalc.dims import Truth
    from shapecalc.importers.python.program import Program
    from shapecalc.network import Source


class Question(NamedTuple):
    """What is asked, as it was read; `ask` reads it from what users give.

    Attributes:
        source: the text of a spec, or a network.
        inputs: input shapes by name, that of the only input by None.
        values: what letters are set to.
        facts: what is known about letters.
        dialect: that of sources which say none, with which others must agree; None where it is
            not said.
        max_layers: how many layers repeats, and nested models, may make.
        expected: the shapes that outputs must have, by name.
        strict: whether conditions and assumptions that are left are refused.
        training: whether layers work as in training.
        limits: what the network may cost at most.
        repair: whether a spec that works is looked for instead of one that does not.
    """

    source: str | Network = ""
    inputs: Mapping[str | None, GivenShape] = {}
    values: Mapping[str, Size] = {}
    facts: GivenFacts = GivenFacts()
    dialect: Dialect | None = None
    max_layers: int = MAX_LAYERS
    expected: tuple[tuple[str | None, Pattern], ...] = ()
    strict: bool = False
    training: bool = False
    limits: Limits = Limits()
    repair: bool = True

    def network(self) -> Network:
        """Return the network that is asked about; raises `SpecError` where none can be read."""
        if isinstance(self.source, Network):
            return self._run(self.source.under(self.dialect), self.inputs)
        return read(self.source, dialect=self.dialect, max_layers=self.max_layers)

    def walk(
        self, network: Network, inputs: Mapping[str | None, GivenShape] | None = None
    ) -> Trace:
        """Trace a network with all that is said, or with other inputs; looks for no repair."""
        given = self.inputs if inputs is None else inputs
        training = self.training
        asked: Sequence[Truth] = ()
        network = self._run(network, given)
        if is_program(network.source):
            asked, training = network.source.asked, training or network.source.trains
            given = {}
        return trace_network(
            network,
            inputs=given,
            values=self.values,
            facts=self.facts,
            max_layers=self.max_layers,
            training=training,
            asked=asked,
        )

    def _run(self, network: Network, inputs: Mapping[str | None, GivenShape]) -> Network:
        """Read a program anew for what it has not taken in; other sources stay as they are."""
        program = network.source
        if not is_program(program):
            return network
        taken = (inputs, self.values, self.facts)
        if program.taken is not None and program.taken == taken:
            return network
        return program.under(self.facts).read(inputs, self.values)


def is_program(source: Source | None) -> TypeGuard[Program]:
    """Return whether a source is one that is read anew for other inputs and values: a program."""
    return source is not None and source.is_run


def ask(
    source: str | Network,
    *,
    inputs: Any = None,  # noqa: ANN401
    dialect: str | Dialect | None = None,
    values: Mapping[str, Any] | None = None,
    where: str | None = None,
    max_layers: int = MAX_LAYERS,
    expect: Any = None,  # noqa: ANN401
    training: bool = False,
    repair: bool = True,
) -> Question:
    """Read what users give, as texts or as values of Python; the text of a spec is read later.

    Raises `SpecError` for what cannot be read, `ShapeError` for facts that contradict.
    """
    limit = layer_limit(max_layers)
    expected = tuple(named_shapes(expect, least=0).items())
    shapes, sizes, facts = named_shapes(inputs), named_sizes(values), read_facts(where)
    said = named_dialect(dialect)
    return Question(
        source, shapes, sizes, facts, said, limit, expected, training=training, repair=repair
    )


def named_dialect(dialect: str | Dialect | None) -> Dialect | None:
    """Look up a dialect, if one is said; raises `SpecError` where there is none of that name."""
    return dialect if dialect is None or isinstance(dialect, Dialect) else find(dialect)


def named_shapes(inputs: Any, least: int = 1) -> dict[str | None, GivenShape]:  # noqa: ANN401
    """Read shapes by name; one without a name is that of the only input or output.

    Raises `SpecError`.
    """
    if inputs is None:
        return {}
    if not isinstance(inputs, Mapping):
        return {None: given_shape(inputs, least)}
    for name in inputs:
        if not isinstance(name, str | None):
            raise SpecError(f"the name of an input is a string, not {type(name).__name__}")
    return {name: given_shape(shape, least) for name, shape in inputs.items()}


def named_sizes(values: Any) -> dict[str, Size]:  # noqa: ANN401
    """Read sizes by letter: numbers, or texts such as ``8*K``; raises `SpecError`."""
    if values is None:
        return {}
    if not isinstance(values, Mapping):
        raise SpecError(f"set takes a size for each letter, not {type(values).__name__}")
    found: dict[str, Size] = {}
    for name, value in values.items():
        if not isinstance(name, str):
            raise SpecError(f"a letter is a string, not {type(name).__name__}")
        size = given_size(value)
        if size is None:
            raise SpecError(f"{name} can be set to a whole number or letters, not to {value}")
        found[name] = size
    return found


def read_facts(where: str | None) -> GivenFacts:
    """Read facts on letters, separated by commas; raises `SpecError` or `ShapeError`."""
    if where is None or where == "":
        return GivenFacts()
    if not isinstance(where, str):
        raise SpecError(f"where is a string, not {type(where).__name__}", help="T >= 10, H == W")
    return given_facts(where)

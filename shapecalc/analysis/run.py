"""From what a user gives (texts, tuples, numbers) to a trace, with a diagnosis where it fails."""

from __future__ import annotations

import gc
from collections.abc import Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from shapecalc.analysis.expectations import check_expectations
from shapecalc.dims import Size
from shapecalc.errors import ShapeError, SpecError
from shapecalc.layers.budget import MAX_LAYERS, layer_limit
from shapecalc.layers.given import given_size
from shapecalc.network import Network
from shapecalc.rows import Trace
from shapecalc.spec.build import parse
from shapecalc.spec.facts import GivenFacts, given_facts
from shapecalc.spec.shapes import GivenShape, given_shape
from shapecalc.walk import trace_network

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def trace(
    spec: str | Network,
    *,
    inputs: Any = None,  # noqa: ANN401
    dialect: str = "keras",
    values: Mapping[str, Any] | None = None,
    where: str | None = None,
    max_layers: int = MAX_LAYERS,
    expect: Any = None,  # noqa: ANN401
    repair: bool = True,
) -> Trace:
    """Trace a spec; a `ShapeError` says why, and knows a repair where one was found.

    Without ``repair`` none is looked for. Outputs that are not as expected are a `ShapeError` too.
    """
    with _paused_collector():
        max_layers = layer_limit(max_layers)
        network = spec if isinstance(spec, Network) else parse(spec, max_layers=max_layers)
        expected = named_shapes(expect)
        found = _trace(network, inputs, dialect, values, where, max_layers, repair=repair)
        check_expectations(found, expected.items())
        return found


@contextmanager
def _paused_collector() -> Iterator[None]:
    """Rows are many and hold no cycles: searching them for garbage again and again finds none."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _trace(
    network: Network,
    inputs: Any,  # noqa: ANN401
    dialect: str,
    values: Mapping[str, Any] | None,
    where: str | None,
    max_layers: int,
    *,
    repair: bool,
) -> Trace:
    given = named_shapes(inputs)
    set_values = named_sizes(values)

    def attempt(candidate: Network, shapes: Mapping[str | None, GivenShape]) -> Trace:
        return trace_network(
            candidate,
            inputs=shapes,
            values=set_values,
            facts=read_facts(where),
            dialect=dialect,
            max_layers=max_layers,
        )

    try:
        return attempt(network, given)
    except ShapeError as error:
        if not repair:
            raise
        from shapecalc.analysis.diagnosis import explained

        if hasattr(network.source, "text"):
            found = explained(error, network, given, attempt)
        else:
            found = _explained_as_spec(error, network, given, attempt)
        if set_values:
            notes = _why_these_numbers(network, given, set_values, where, dialect)
            found = found.noted(notes)
        raise found from None


def repairs(
    network: Network,
    *,
    inputs: Any = None,  # noqa: ANN401
    dialect: str = "keras",
    values: Mapping[str, Any] | None = None,
    where: str | None = None,
) -> Iterator[str]:
    """Find specs that work in the place of a network that does not, fewest changes first."""
    from shapecalc.analysis.diagnosis import repairs_of

    given = named_shapes(inputs)
    set_values = named_sizes(values)

    def attempt(candidate: Network, shapes: Mapping[str | None, GivenShape]) -> Trace:
        facts = read_facts(where)
        return trace_network(
            candidate, inputs=shapes, values=set_values, facts=facts, dialect=dialect
        )

    if not hasattr(network.source, "text"):
        network = parse(str(network))
    try:
        attempt(network, given)
    except ShapeError as error:
        yield from repairs_of(error, network, given, attempt)


def _explained_as_spec(
    error: ShapeError,
    network: Network,
    given: Mapping[str | None, GivenShape],
    attempt: Callable[[Network, Mapping[str | None, GivenShape]], Trace],
) -> ShapeError:
    """Find the reason and the repair in the spec that a network can be written as."""
    from shapecalc.analysis.diagnosis import explained

    try:
        written = parse(str(network))
        attempt(written, given)
    except ShapeError as same:
        found = explained(same, written, given, attempt)
        return error.replaced(notes=found.notes, help=error.help or found.help)
    except SpecError:
        # A model that no spec can say has no repair as a spec either.
        return error
    return error


def _why_these_numbers(
    network: Network,
    given: Mapping[str | None, GivenShape],
    values: Mapping[str, Size],
    where: str | None,
    dialect: str,
) -> list[str]:
    """Which conditions the numbers break, where the network works for others."""
    from shapecalc.analysis.nearest import broken_conditions

    try:
        free = trace_network(network, inputs=given, facts=read_facts(where), dialect=dialect)
    except ShapeError:
        return []
    return list(broken_conditions(free, values))


def named_shapes(inputs: Any) -> dict[str | None, GivenShape]:  # noqa: ANN401
    """Shapes by name; one that is given without a name is that of the only input or output."""
    if inputs is None:
        return {}
    if not isinstance(inputs, Mapping):
        return {None: given_shape(inputs)}
    for name in inputs:
        if not isinstance(name, str | None):
            raise SpecError(f"the name of an input is a text, not {type(name).__name__}")
    return {name: given_shape(shape) for name, shape in inputs.items()}


def named_sizes(values: Any) -> dict[str, Size]:  # noqa: ANN401
    """Sizes by letter, as they are set: numbers, or texts such as ``8*K``."""
    if values is None:
        return {}
    if not isinstance(values, Mapping):
        raise SpecError(f"set is a size for each letter, not {type(values).__name__}")
    found: dict[str, Size] = {}
    for name, value in values.items():
        if not isinstance(name, str):
            raise SpecError(f"a letter is a text, not {type(name).__name__}")
        size = given_size(value)
        if size is None:
            raise SpecError(f"{name} is set to a whole number or letters, not to {value}")
        found[name] = size
    return found


def read_facts(where: str | None) -> GivenFacts:
    """Read facts on letters, separated by commas."""
    if where is None or where == "":
        return GivenFacts()
    if not isinstance(where, str):
        raise SpecError(f"where is a text, not {type(where).__name__}", help="T >= 10, H == W")
    return given_facts(where)

"""The answer that a trace is: with a diagnosis and a repair where shapes do not fit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shapecalc.answers.expectations import check_expectations, check_unconditional
from shapecalc.answers.limits import check_limits
from shapecalc.answers.question import is_program
from shapecalc.dims import letters
from shapecalc.errors import ShapeError, SpecError
from shapecalc.garbage import no_collection
from shapecalc.language.arguments import argument_letters
from shapecalc.language.heading import says_dialect
from shapecalc.language.inputs import channel_axes
from shapecalc.language.source import MadeSource
from shapecalc.language.syntax import steps_in
from shapecalc.layers.letters import free_letter
from shapecalc.network import Input, Network
from shapecalc.tracing.naming import node_names
from shapecalc.tracing.trace import stop_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from shapecalc.answers.question import Question
    from shapecalc.dims import Size
    from shapecalc.language.shapes import GivenShape
    from shapecalc.network import Source
    from shapecalc.repair.search import Attempt, Given
    from shapecalc.tracing.rows import Row
    from shapecalc.tracing.trace import Trace


def trace(question: Question) -> Trace:
    """Trace what is asked, and check what is required of it; raises `ShapeError`."""
    found = traced(question)
    check(found, question)
    return found


def traced(question: Question) -> Trace:
    """Trace what is asked; a `ShapeError` says why, and knows a repair if one is asked for."""
    with no_collection(_size(question)):
        return _walked(question)


def _size(question: Question) -> int:
    """Return about how many layers are asked about; what is neither text nor network has none."""
    source = question.source
    if isinstance(source, Network):
        return len(source.nodes)
    return steps_in(source) if isinstance(source, str) else 0


def _walked(question: Question) -> Trace:
    try:
        network = question.network()
    except SpecError as error:
        if not question.repair:
            raise
        from shapecalc.answers.unread import with_repair

        raise with_repair(error, question) from None
    try:
        return question.walk(network)
    except ShapeError as error:
        if not question.repair:
            raise
        raise _explained(error, question, network) from None


def check(found: Trace, question: Question) -> None:
    """Refuse a trace that is not as is required."""
    try:
        check_expectations(found, question.expected)
    except ShapeError as error:
        if not question.repair:
            raise
        raise _explained(error, question, found.network) from None
    if question.strict:
        check_unconditional(found)
    if question.limits.are_given:
        check_limits(found, question.limits)


def repairs(question: Question) -> Iterator[str]:
    """Find what works instead of a network that does not, fewest changes first."""
    from shapecalc.repair.diagnosis import repairs_of

    network = question.network()
    network, source = _editable(question, network)
    try:
        _fits(question, network)
    except ShapeError as error:
        attempt, shown = _attempts(question, network), _shown(network)
        yield from repairs_of(error, source, question.inputs, attempt, shown)


def unmended(error: ShapeError, question: Question) -> ShapeError:
    """Return the error of a network for which no repair was found, with the reason."""
    return _explained(error, question._replace(repair=False), question.network())


def fitting(question: Question) -> Trace:
    """Trace what is asked, which must give what is expected; looks for no repair."""
    return _fits(question, question.network())


def as_said(spec: str, network: Network) -> str:
    """Write a spec instead of another one, which may say its dialect, or have it said."""
    text = network.source.text if network.source else None
    return spec if text is None or says_dialect(text) else spec.removeprefix(network.heading)


def _shown(network: Network) -> Callable[[Source], str]:
    if is_program(network.source):
        from shapecalc.answers.programs import change_of

        return change_of
    return lambda source: as_said(f"{network.heading}{source}", network)


def _editable(question: Question, network: Network) -> tuple[Network, Source]:
    """Return the network whose nodes can be edited, and the source in which they are."""
    source = network.source or MadeSource(network, question.max_layers)
    if source.text is None and not source.is_run:
        network = _read(question, source, network, question.inputs)
    return network, source


def _read(question: Question, source: Source, like: Network, given: Given) -> Network:
    """Read a source in the dialect of another network."""
    found = source.read(given, question.values)
    if source.is_run:
        return found
    if found.dialect == like.dialect:
        return found
    return Network(found.nodes, found.outputs, source, like.dialect, declared=True)


def _attempts(question: Question, like: Network) -> Attempt:
    return lambda source, given: _fits(question, _read(question, source, like, given), given)


def _fits(question: Question, network: Network, given: Given | None = None) -> Trace:
    """Trace a network, which must give what is expected."""
    found = question.walk(network, given)
    check_expectations(found, question.expected)
    return found


def _explained(error: ShapeError, question: Question, network: Network) -> ShapeError:
    """Return the error with the reason, a repair if asked for, and the conditions it breaks."""
    from shapecalc.repair.diagnosis import explained

    attempt = _attempts(question, network) if question.repair else None
    shown = _shown(network)
    found = error
    try:
        editable, source = _editable(question, network)
        if editable is network:
            found = explained(error, source, question.inputs, attempt, shown)
        else:
            _fits(question, editable)
    except ShapeError as same:
        known = explained(same, source, question.inputs, attempt, shown)
        found = error.replaced(notes=known.notes, help=error.help or known.help)
    except SpecError:
        # There is too much to lay open in it.
        found = error
    if is_program(network.source):
        return found
    if question.values:
        return found.noted(_why_these_numbers(question, network))
    # Of a layer that reads the input itself, or declares another size, the message says it all.
    stop = stop_of(error)
    said = stop is None or not stop.trace.layers or _declares_other(stop.row)
    return found if said else found.noted(_why_these_sizes(question, network))


def _declares_other(row: Row | None) -> bool:
    """Return whether a layer declares another size than it gets."""
    if row is None or row.model.declared is None:
        return False
    x, axis = row.inputs[0], row.model.declared_axis
    return -len(x) <= axis < len(x) and x[axis] != row.model.declared


def _why_these_numbers(question: Question, network: Network) -> list[str]:
    """Return which conditions the numbers break, where the network works for others."""
    from shapecalc.answers.nearest import broken_conditions

    try:
        free = question._replace(values={}).walk(network)
    except ShapeError:
        return []
    return list(broken_conditions(free, question.values))


def _why_these_sizes(question: Question, network: Network) -> list[str]:
    """Return which conditions the sizes of the inputs break, where the network works for others."""
    from shapecalc.answers.nearest import broken_conditions

    if question.inputs or question.expected:
        return []
    inputs, values = _lettered(network)
    if not values:
        return []
    try:
        free = question.walk(network, inputs)
    except (ShapeError, SpecError):
        return []
    return list(broken_conditions(free, values))


def _lettered(network: Network) -> tuple[dict[str | None, GivenShape], dict[str, Size]]:
    """Return the inputs with letters for all but batch and channels, and the sizes by letter."""
    used = {name for node in network.inputs for size in node.shape for name in letters(size)}
    used |= argument_letters(network)
    inputs: dict[str | None, GivenShape] = {}
    values: dict[str, Size] = {}
    channels = iter(channel_axes(network.nodes, [len(node.shape) for node in network.inputs]))
    for name, node in zip(node_names(network), network.nodes, strict=True):
        if not isinstance(node, Input):
            continue
        shape, channel = list(node.shape), next(channels)
        kept = len(shape) - 1 if channel is None else channel
        for axis, letter in enumerate(network.dialect.letters.of(len(shape))):
            size = shape[axis]
            if axis not in (0, kept) and isinstance(size, int):
                free = free_letter(letter, used)
                shape[axis], values[str(free)] = free, size
        inputs[name] = tuple(shape)
    return inputs, values

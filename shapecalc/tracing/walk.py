"""Walks a whole network, with fewer assumptions where they contradict what comes later."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from shapecalc.dims import Dim, is_letter, letters
from shapecalc.errors import ShapeError
from shapecalc.garbage import no_collection
from shapecalc.language.arguments import argument_letters
from shapecalc.language.inputs import input_shapes
from shapecalc.layers.budget import MAX_LAYERS, Budget
from shapecalc.layers.scope import Scope
from shapecalc.tracing.naming import named_nodes
from shapecalc.tracing.sizes import substitute
from shapecalc.tracing.symbols import Symbols
from shapecalc.tracing.tracer import Tracer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from shapecalc.dims import Shape, Size, Truth
    from shapecalc.language.facts import GivenFacts
    from shapecalc.network import Network
    from shapecalc.tracing.trace import Trace

#: How often a network is walked, with fewer assumptions each time.
MAX_ATTEMPTS: Final = 6


def trace_network(
    network: Network,
    *,
    inputs: Mapping[str | None, tuple[Size | None, ...]] | None = None,
    values: Mapping[str, Size] | None = None,
    facts: GivenFacts | None = None,
    max_layers: int = MAX_LAYERS,
    training: bool = False,
    asked: Sequence[Truth] = (),
) -> Trace:
    """Trace a network; ``inputs`` replaces shapes by input name, None being the only input.

    With ``training`` layers work as in training, which some of them want more of their input for.
    ``asked`` is what must hold beside what layers require, as source code says it.
    Raises `ShapeError` where the shapes do not fit, `SpecError` where a name or a letter is
    unknown.
    """
    naming = named_nodes(network)
    shapes, unknown = input_shapes(network, lambda: naming.names, inputs or {})
    known = {name for shape in shapes for size in shape for name in letters(size)}
    known |= argument_letters(network)

    def begin(refuted: frozenset[str]) -> Tracer:
        symbols = Symbols(network, known, values, facts)
        budget = Budget(max_layers, lambda: network.layers)
        scope = Scope(symbols.facts, network.dialect, values=symbols.values, budget=budget)
        scope.used, scope.unknown, scope.refuted = symbols.used, set(unknown), refuted
        scope.trains = training
        placed = [substitute(shape, symbols.values) for shape in shapes]
        return Tracer(network, naming, scope, symbols, placed)

    def walk(tracer: Tracer) -> Trace:
        tracer.require_values()
        for node, written, shape in zip(network.inputs, shapes, tracer.shapes, strict=True):
            tracer.require_sizes(node, written, shape)
        for truth in asked:
            tracer.scope.require(truth, "the program requires {}", str(truth))
        return tracer.trace_all()

    with no_collection(len(network.nodes)):
        trace = settled(begin, walk)
    if inputs:
        given = [size for shape in inputs.values() for size in shape if size is not None]
        trace.said = frozenset(name for size in given for name in letters(size))
    return trace


def settled(begin: Callable[[frozenset[str]], Tracer], walk: Callable[[Tracer], Trace]) -> Trace:
    """Walk until nothing contradicts that was assumed on the way.

    ``begin`` makes a tracer that must not assume some statements, ``walk`` gives it all nodes.
    """
    refuted: frozenset[str] = frozenset()
    for attempt in range(MAX_ATTEMPTS):
        tracer = begin(refuted)
        try:
            return walk(tracer)
        except ShapeError as error:
            assumed = list(tracer.scope.assumptions)
            if not assumed or attempt == MAX_ATTEMPTS - 1:
                missing = tracer.symbols.missing()
                notes = [f"there is no letter {name} up to here" for name in missing]
                raise error.noted(notes) from None
            # What was assumed last is taken back first; where that does not help, all is.
            refuted |= set(assumed[-1:] if attempt < MAX_ATTEMPTS // 2 else assumed)
    raise AssertionError("the last attempt returns or raises")


def walk_inside(network: Network, shapes: Sequence[Shape], scope: Scope) -> Trace:
    """Walk a network within the walk of another one, of which it shares what is known."""
    inner, symbols = scope.within(), Symbols(network)
    symbols.used = scope.used
    if argument_letters(network):
        symbols.values = entering([node.shape for node in network.inputs], shapes)
    trace = Tracer(network, named_nodes(network), inner, symbols, shapes).trace_all()
    scope.compound = inner.compound
    scope.required += [(scope.required_by, truth) for _, truth in inner.required]
    return trace


def entering(inputs: Sequence[Shape], shapes: Sequence[Shape]) -> dict[str, Size]:
    """Return what the letters of a network's inputs stand for where it reads these shapes."""
    found: dict[str, Size] = {}
    for written, shape in zip(inputs, shapes, strict=True):
        for known, size in zip(written, shape, strict=False):
            name = is_letter(known)
            if name is not None:
                found.setdefault(name, size)
    return {name: size for name, size in found.items() if size != Dim(name)}

"""A walk of a whole network, and a trace of one that grows node by node: they are the same."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import strategies
from failing import failing
from hypothesis import given
from hypothesis import strategies as st
from importers.keras.recorded import recorded

import shapecalc
from shapecalc.dims import letters
from shapecalc.language.arguments import argument_letters
from shapecalc.language.build import parse
from shapecalc.language.facts import given_facts
from shapecalc.layers.scope import Scope
from shapecalc.network import Apply, Input, Network, Tensor
from shapecalc.tracing import tracer
from shapecalc.tracing.naming import Naming, given_names, node_names
from shapecalc.tracing.sizes import simplify_rows
from shapecalc.tracing.symbols import Symbols
from shapecalc.tracing.trace import Trace, stop_of
from shapecalc.tracing.tracer import Tracer
from shapecalc.tracing.walk import settled, trace_network

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from shapecalc.dims import Shape
    from shapecalc.tracing.rows import Row

    Outputs = Sequence[tuple[Shape, ...]]

TESTS = Path(__file__).parent.parent
FOLDERS = ("layers/keras", "tracing", "repair")


def grown(network: Network, outputs: list[Outputs] | None = None, **known: Any) -> Trace:
    """The trace of a network of which the tracer sees one node after the other."""
    used = {name for node in network.inputs for size in node.shape for name in letters(size)}
    used |= argument_letters(network)

    def begin(refuted: frozenset[str]) -> Tracer:
        symbols = Symbols(network, used, **known)
        scope = Scope(symbols.facts, network.dialect, values=symbols.values)
        scope.used, scope.refuted = symbols.used, refuted
        return Tracer(
            Network([], (), dialect=network.dialect),
            Naming(network.dialect, given_names(network)),
            scope,
            symbols,
        )

    def walk(tracer: Tracer) -> Trace:
        tracer.require_values()
        given = [tracer.add(node) for node in network.nodes]
        if outputs is not None:
            outputs.append(given)
        return tracer.finish(network.outputs)

    return settled(begin, walk)


def said(trace: Callable[[], Trace]) -> Any:
    """All that a trace says, or how it fails."""
    try:
        found = trace()
    except shapecalc.ShapecalcError as error:
        stop = stop_of(error)
        rows = [row.to_dict() for row in stop.trace.layers] if stop else None
        return type(error), error.message, error.layer, error.notes, rows
    required = [row.conditions for row in found.layers]
    return {**found.to_dict(), "spec": None}, required, found.letters, found.meanings


#: What a spec looks like; to read all other texts, with a hint for each, takes much longer.
SPEC = re.compile(r"[a-z0-9][\w-]*[:(,@][^ ].{2,1000}")


def written_specs() -> Iterator[str]:
    """Every text of the tests of layers and of the trace that is a spec."""
    paths = [path for folder in FOLDERS for path in sorted((TESTS / folder).rglob("test_*.py"))]
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield from filter(SPEC.fullmatch, node.value.splitlines())


def networks() -> list[tuple[str, Network]]:
    found = []
    for text in dict.fromkeys(written_specs()):
        try:
            found.append((text, parse(text, max_layers=1000)))
        except shapecalc.ShapecalcError:
            continue
    return found


def test_a_network_that_grows_is_traced_as_a_whole_one() -> None:
    found = networks()
    assert len(found) > 300
    for text, network in found:
        assert said(lambda n=network: grown(n)) == said(lambda n=network: trace_network(n)), text  # type: ignore[misc]


@given(
    st.integers(1, 3).flatmap(strategies.cases),
    st.dictionaries(st.sampled_from(strategies.LETTERS), st.integers(1, 40), max_size=2),
)
def test_facts_and_values_are_the_same_in_both(
    case: strategies.Case, values: dict[str, int]
) -> None:
    network = shapecalc.parse(case.spec)
    try:
        facts = given_facts(", ".join(case.facts)) if case.facts else None
    except shapecalc.ShapecalcError:
        return
    whole = said(lambda: trace_network(network, values=values, facts=facts))
    assert said(lambda: grown(network, values=values, given=facts)) == whole


def grows_as_a_whole_one(name: str) -> None:
    network = shapecalc.load(recorded("small")[name]["json"])
    assert said(lambda: grown(network)) == said(lambda: trace_network(network))


def test_a_model_that_grows_is_traced_as_a_whole_one() -> None:
    assert not failing(grows_as_a_whole_one, sorted(recorded("small")))


def test_the_shapes_of_each_node_are_known_at_once() -> None:
    network = shapecalc.parse("in:B:T:8,lstm:4:seq:state@a,conv1d:6:3,is:B:N:6,flatten")
    outputs: list[Outputs] = []
    trace = grown(network, outputs)
    (given,) = outputs
    texts = [[str(size) for size in shape] for shapes in given for shape in shapes]
    assert texts == [
        *(["B", "T", "8"], ["B", "T", "4"], ["B", "4"], ["B", "4"]),
        *(["B", "T - 2", "6"], ["B", "T - 2", "6"], ["B", "6*T - 12"]),
    ]
    assert trace.conditions == ["T >= 3"]


def test_names_are_given_as_nodes_come() -> None:
    network = shapecalc.parse("in:B:8,dense:4,dense:4@dense_1,dense:4")
    naming = Naming(network.dialect)
    named = [naming.add(node) for node in network.nodes]
    assert named == ["input_layer", "dense", "dense_1", "dense_2"]
    reserved = Naming(network.dialect, given_names(network))
    assert [reserved.add(node) for node in network.nodes] == node_names(network)


def test_letters_in_arguments_are_met_as_nodes_come() -> None:
    network = Network([], ())
    symbols = Symbols(network)
    scope = Scope(symbols.facts)
    scope.used = symbols.used
    tracer = Tracer(network, Naming(network.dialect), scope, symbols)
    tracer.add(Input(shapecalc.trace("in:B:T:8,relu").output))
    layer = shapecalc.layer("Dense", units=shapecalc.Dim("K"))
    (shape,) = tracer.add(Apply(layer, (Tensor(0),)))
    assert str(shape[-1]) == "K"
    trace = tracer.finish([Tensor(1)])
    assert trace.letters >= {"B", "T", "K"}
    assert network.outputs == (Tensor(1),)
    assert [row.name for row in trace.layers] == ["dense"]


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("in:B:?:?,dense:3", None),
        ("in:B:?:?:3,flatten,dense:3", "dense needs"),
        ("in:B:?:8:8,conv2d:3:3:cf", None),
        ("in:B:8:8:?,conv2d:3:3:cf,flatten,dense:2", "dense needs"),
        ("in:B:?,relu,embedding:9:3,flatten,dense:2", "dense needs"),
        ("in:B:?:8,permute:2:1,dense:4", "dense needs"),
        ("in:B:8:?@a,in:B:8:?@b,add:@a,dense:4", None),
    ],
)
def test_only_channels_may_be_unknown_in_a_network_that_grows(
    spec: str, message: str | None
) -> None:
    network = shapecalc.parse(spec)
    found = said(lambda: grown(network))
    assert found == said(lambda: trace_network(network))
    if message is None:
        assert isinstance(found[0], dict)
    else:
        assert found[1].startswith(message)


def test_the_sizes_of_rows_are_written_once_they_are_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    written: list[int] = []

    def write(rows: Sequence[Row], scope: Scope) -> None:
        written.append(len(rows))
        simplify_rows(rows, scope)

    monkeypatch.setattr(tracer, "simplify_rows", write)
    trace = shapecalc.trace("in:B:T:4,maxpool1d:2,upsample1d:2,is:B:T:4", repair=False)
    assert str(trace.output[1]) == "T"
    assert written == []
    assert [str(row.outputs[0][1]) for row in trace.layers] == ["T//2", "T"]
    assert len(trace.layers) == 2
    assert written == [2]

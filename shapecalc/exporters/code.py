"""From a network to source code: the one place that picks the writer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from shapecalc.errors import SpecError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shapecalc.dims import Size
    from shapecalc.exporters.document import Document
    from shapecalc.exporters.graph import Graph
    from shapecalc.network import Network
    from shapecalc.tracing.trace import Trace

#: The frameworks for which code is written.
FRAMEWORKS: Final = ("keras", "torch")
#: The orders of axes that code of PyTorch may have beside that of the network it is made of.
LAYOUTS: Final = ("torch",)


def code(network: Network, to: str, *, weights: bool = False, layout: str | None = None) -> str:
    """Return a network as source code of a framework, which ends in a variable ``model``.

    Args:
        network: what to write.
        to: ``keras`` or ``torch``.
        weights: whether to add ``copy_weights(source, model)``, which carries the weights of the
            other framework's model over.
        layout: ``torch`` for channels first, where a network of Keras becomes code of PyTorch.

    Raises:
        SpecError: there is no such framework, or a layer cannot be written in it.
        ShapeError: the shapes do not fit.
    """
    from shapecalc.tracing.walk import trace_network

    _check(to, layout)
    return code_of(trace_network(network), to, weights=weights, layout=layout)


def code_of(
    trace: Trace,
    to: str,
    *,
    values: Mapping[str, Size] | None = None,
    weights: bool = False,
    layout: str | None = None,
) -> str:
    """Return a network that is traced already as source code, with sizes in place of letters."""
    from shapecalc.exporters.graph import Graph
    from shapecalc.exporters.layout import text_of

    _check(to, layout)
    _refuse_unsaid(trace)
    whole = to == trace.network.dialect.catalogue.framework == "torch"
    graph = Graph(trace, values, whole=whole)
    return text_of(_document(graph, to, weights=weights, layout=layout))


def _check(to: str, layout: str | None) -> None:
    if to not in FRAMEWORKS:
        known = " or ".join(FRAMEWORKS)
        hint = did_you_mean(to, FRAMEWORKS) if isinstance(to, str) else None
        raise SpecError(f"code is written for {known}, not for {to}", help=hint)
    if layout not in (None, *LAYOUTS):
        raise SpecError(f"there is no layout {layout}", help=f"it is {' or '.join(LAYOUTS)}")


def _refuse_unsaid(trace: Trace) -> None:
    """Refuse what no call says: weights of another layer beside its own, and turns of a loop."""
    for row in trace.layers:
        why = ""
        if row.node.tied:
            why = f"its {' and '.join(row.node.tied)} was replaced by another tensor"
        elif row.node.turns != 1:
            why = f"a loop applies it {row.node.turns} times, which -s can say as a number"
        if why:
            fact = f"{row.name} cannot be written as code: {why}"
            raise trace.network.placed(SpecError(fact), row.node)


def _document(graph: Graph, to: str, *, weights: bool, layout: str | None) -> Document:
    framework = graph.network.dialect.catalogue.framework
    if framework != to:
        if to == "torch":
            from shapecalc.exporters.port.to_torch import document as port
        else:
            from shapecalc.exporters.port.to_keras import document as port
        return port(graph, weights=weights, layout=layout)
    if weights or layout is not None:
        what = "weights are carried over" if weights else "a layout is chosen"
        raise SpecError(f"{what} from one framework to the other, and this network is of {to}")
    if to == "keras":
        from shapecalc.exporters.keras.writer import document as write
    else:
        from shapecalc.exporters.torch.writer import document as write
    return write(graph)

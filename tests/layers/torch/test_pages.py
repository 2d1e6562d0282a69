"""Every module and function has a page that teaches it, with examples that were traced."""

from __future__ import annotations

import re

from shapecalc import dialects
from shapecalc.analysis.reference import reference
from shapecalc.language.build import parse
from shapecalc.language.printer import layer_text
from shapecalc.layers.parameters import parameters
from shapecalc.network import Apply

TORCH = dialects.find("torch")
ENTRIES = [entry for entry, _ in TORCH.catalogue.listed()]


def test_every_docstring_teaches() -> None:
    for entry in ENTRIES:
        text = TORCH.catalogue.load(entry).__doc__ or ""
        parts = re.search(
            r"\n\n    Shape   .+\n    Errors  .+\n    Source  torch\.\S+\n", text, re.DOTALL
        )
        assert parts, entry.cls
        assert text[0].isupper(), entry.cls


def test_every_page_shows_what_was_traced() -> None:
    for entry in ENTRIES:
        page = reference(entry.name, TORCH)
        assert page.examples, entry.cls
        rows = [row.layer for example in page.examples for row in example.rows]
        assert any(row.startswith(entry.cls) for row in rows), (entry.cls, rows)


def test_what_is_printed_reads_back() -> None:
    for entry in ENTRIES:
        for example in reference(entry.name, TORCH).examples:
            network = parse(example.spec, dialect=TORCH)
            again = parse(str(network))
            layers = [node.layer for node in network.nodes if isinstance(node, Apply)]
            assert [n.layer for n in again.nodes if isinstance(n, Apply)] == layers
            assert all(layer_text(layer, TORCH) for layer in layers)


def test_every_parameter_says_what_it_takes() -> None:
    for entry in ENTRIES:
        for parameter in parameters(TORCH.catalogue.load(entry)).values():
            assert parameter.kind.expects, (entry.cls, parameter.name)

"""Code of Keras and of PyTorch, run: ``pytest -m oracle`` with the extra ``oracle`` installed."""

from __future__ import annotations

import pytest
from networks import KINDS, expected, to
from running import differences

from shapecalc.errors import SpecError
from shapecalc.exporters.code import code

pytestmark = pytest.mark.oracle


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("framework", ["keras", "torch"])
def test_code_makes_the_network_that_was_written(framework: str, kind: str) -> None:
    module = pytest.importorskip(framework, reason="pip install '.[oracle]'")
    for name, network in KINDS[kind]():
        if to(network) != framework:
            continue
        try:
            text = code(network, framework)
        except SpecError:
            continue
        if framework == "keras":
            module.backend.clear_session()
        assert not differences(framework, text, expected(network)), name

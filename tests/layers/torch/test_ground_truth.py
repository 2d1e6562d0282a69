"""Every module gives the shapes and parameters that PyTorch gives, and refuses what it refuses."""

from __future__ import annotations

import json
from typing import Any

import pytest
from failing import failing, parts
from layers.keras.recorded import DATA, by_class

import shapecalc
from shapecalc import layer

CASES = by_class("torch_layers.jsonl.gz")
FUNCTIONS = by_class("torch_functions.jsonl.gz")
COSTS = [json.loads(line) for line in (DATA / "torch_macs.jsonl").read_text().splitlines()]


def call_of(case: dict[str, Any]) -> dict[str, Any]:
    """What the module is called with beside tensors."""
    given = case.get("forward_kwargs") or {}
    call = {name: tuple(v) if isinstance(v, list) else v for name, v in given.items()}
    return call | ({"training": True} if case.get("training") else {})


def difference(case: dict[str, Any]) -> str | None:
    """What shapecalc says otherwise than PyTorch, or None."""
    shapes, call = [tuple(shape) for shape in case["input_shapes"]], call_of(case)
    try:
        made = layer(case["layer"], dialect="torch", **case["config"])
        outputs = made.compute_output_shape(*shapes, **call)
        params = made.count_params(*shapes, **call)
        trainable = made.count_params(*shapes, trainable=True, **call)
        buffers = made.count_buffers(*shapes, **call)
    except shapecalc.ShapecalcError as error:
        return None if "error" in case else f"refused: {error}"
    if "error" in case:
        return f"gives {outputs}, torch refuses: {case['error']}"
    given = [list(shape) for shape in ([outputs] if isinstance(outputs, tuple) else outputs)]
    if given != case["output_shapes"]:
        return f"gives {given}, torch {case['output_shapes']}"
    known = tuple(case.get(key, 0) for key in ("params", "trainable", "buffers"))
    counted = (params, trainable, buffers)
    return None if counted == known else f"counts {counted}, torch {known}"


def equals_pytorch(name: str) -> None:
    cases = CASES.get(name, []) + FUNCTIONS.get(name, [])
    wrong = [(case, said) for case in cases if (said := difference(case))]
    shown = "\n".join(
        f"{case['config']} on {case['input_shapes']} with {call_of(case)}: {said}"
        for case, said in wrong[:20]
    )
    assert not wrong, f"{len(wrong)} of {len(cases)}\n{shown}"


@pytest.mark.parametrize("names", parts(sorted(CASES | FUNCTIONS), 6))
def test_module_or_function_equals_pytorch(names: list[str]) -> None:
    assert not failing(equals_pytorch, names)


def costs_what_was_counted(name: str) -> None:
    for case in COSTS:
        if case["layer"] == name:
            made = layer(name, dialect="torch", **case["config"])
            shapes = [tuple(shape) for shape in case["input_shapes"]]
            counted = made.count_macs(*shapes, **case.get("call", {}))
            assert counted == case["macs"], (case["config"], case["formula"])


@pytest.mark.parametrize("names", parts(sorted({case["layer"] for case in COSTS}), 1))
def test_a_module_costs_what_was_counted(names: list[str]) -> None:
    assert not failing(costs_what_was_counted, names)

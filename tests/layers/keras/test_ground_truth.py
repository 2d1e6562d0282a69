"""Every layer gives the shapes and parameters that Keras gives, and refuses what it refuses."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

import shapecalc
from shapecalc import layer

DATA = Path(__file__).parents[2] / "data" / "keras_layers.jsonl"


def _by_class() -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for line in DATA.read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        found[case["layer"]].append(case)
    return found


CASES = _by_class()


#: Where Keras says that a size is unknown, these know it from what it must be equal to.
SETTLING = {"Add", "Average", "EinsumDense", "Maximum", "Minimum", "Multiply", "Subtract"}


def same_shape(ours: tuple[Any, ...], theirs: list[int | None], *, settling: bool) -> bool:
    """A known size is the same int; an unknown one is none, unless joining settles it."""
    return len(ours) == len(theirs) and all(
        settling or not isinstance(our, int) if their is None else our == their
        for our, their in zip(ours, theirs, strict=True)
    )


def difference(case: dict[str, Any]) -> str | None:
    """What shapecalc says otherwise than Keras, or None."""
    shapes = [tuple(shape) for shape in case["input_shapes"]]
    try:
        made = layer(case["layer"], **case["config"])
        outputs = made.compute_output_shape(*shapes)
        params = made.count_params(*shapes)
        trainable = made.count_params(*shapes, trainable=True)
    except shapecalc.ShapecalcError as error:
        return None if "error" in case else f"refused: {error}"
    if "error" in case:
        return f"gives {outputs}, Keras refuses: {case['error']}"
    if isinstance(outputs, tuple):
        outputs = [outputs]
    if len(outputs) != len(case["output_shapes"]) or not all(
        same_shape(ours, theirs, settling=case["layer"] in SETTLING)
        for ours, theirs in zip(outputs, case["output_shapes"], strict=True)
    ):
        return f"gives {outputs}, Keras {case['output_shapes']}"
    known = (case["params"], case["trainable"])
    if (params, trainable) != known:
        return f"counts {(params, trainable)}, Keras {known}"
    return None


@pytest.mark.parametrize("name", sorted(CASES))
def test_layer_equals_keras(name: str) -> None:
    wrong = [(case, said) for case in CASES[name] if (said := difference(case))]
    shown = "\n".join(
        f"{case['config']} on {case['input_shapes']}: {said}" for case, said in wrong[:20]
    )
    assert not wrong, f"{len(wrong)} of {len(CASES[name])}\n{shown}"

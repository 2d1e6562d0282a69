"""Recorded layers of real Keras, and what shapecalc says otherwise."""

from __future__ import annotations

import gzip
import json
from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import Any

import shapecalc
from shapecalc import layer

DATA = Path(__file__).parents[2] / "data"

#: Where Keras says that a size is unknown, these know it from what it must be equal to.
SETTLING = {"Add", "Average", "EinsumDense", "Maximum", "Minimum", "Multiply", "Subtract"}


@cache
def by_class(file: str) -> dict[str, list[dict[str, Any]]]:
    """The cases of a file, by the class of their layer; it is read once, and nobody changes them."""
    path = DATA / file
    raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for line in raw.decode().splitlines():
        case = json.loads(line)
        found[case["layer"]].append(case)
    return found


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
        if case.get("construct_only"):
            return f"is made, Keras refuses: {case['error']}" if "error" in case else None
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


def wrong(cases: list[dict[str, Any]]) -> str:
    """The cases on which they disagree, a line for each of the first; nothing where none is."""
    found = [(case, said) for case in cases if (said := difference(case))]
    shown = [f"{case['config']} on {case['input_shapes']}: {said}" for case, said in found[:20]]
    return "\n".join([f"{len(found)} of {len(cases)}", *shown]) if found else ""

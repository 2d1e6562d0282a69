"""Counts anew the multiply-accumulates of each case of ``keras_macs.jsonl`` in real Keras.

``KERAS_BACKEND=jax python record_macs.py [LAYER …]`` with the extra ``oracle`` runs every layer, or
those that are named, in inference unless the case says otherwise, watches the matrix products and
the convolutions that JAX makes of it, writes the file, and says which records changed.

A matrix product counts a place of its output times what is summed for it; a convolution its kernel
once for each place of its output, or where it is transposed of its input, padding and what is
cropped included; what stands in a loop counts each time. These rows do not come from watching:

- ``AdditiveAttention``: Keras writes the sum over the features of ``scale * tanh(q + k)`` as an
  element-wise product and a sum, which is no matrix product; a formula adds it.
- ``Resizing``: JAX writes it as products with matrices of its own, and it counts as nothing.

What is in ``formula`` says the same in words, for who reads the file. The cases, their sizes and
these words are written by hand; ``macs`` is what is recorded.
"""

from __future__ import annotations

import json
import os
import re
import sys
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any

os.environ.setdefault("KERAS_BACKEND", "jax")

import jax
import keras
import numpy as np
from record_layers import CELLS, called, dtype_of, layer

if TYPE_CHECKING:
    from collections.abc import Iterator

CASES = Path(__file__).parent / "keras_macs.jsonl"


def within(value: Any) -> Iterator[Any]:
    """The programs that stand in a parameter of an operation."""
    for each in value if isinstance(value, (list, tuple)) else [value]:
        if hasattr(each, "eqns"):
            yield each
        elif hasattr(each, "jaxpr"):
            yield each.jaxpr


def counted(program: Any, moving: list[bool], *, transposed: bool) -> int:
    """The multiply-accumulates of a program, with what it calls and what it repeats.

    ``moving`` says which of its inputs come from tensors or weights. What comes from none is a
    constant, such as the matrix of a spectrogram, and what is done to make it does not count.
    """
    known = {each for each, moves in zip(program.invars, moving, strict=True) if moves}
    total = 0
    for operation in program.eqns:
        read = [not hasattr(each, "val") and each in known for each in operation.invars]
        if not any(read):
            continue
        known.update(operation.outvars)
        kind, parameters = operation.primitive.name, operation.params
        if kind == "while":
            raise ValueError("a loop of unknown length")
        shapes = [each.aval.shape for each in operation.invars]
        output = operation.outvars[0].aval.shape
        if kind == "dot_general":
            (summed, _), _batch = parameters["dimension_numbers"]
            total += prod(output) * prod(shapes[0][axis] for axis in summed)
        elif kind == "conv_general_dilated":
            numbers = parameters["dimension_numbers"]
            total += convolution(shapes, output, numbers, transposed=transposed)
        else:
            times = parameters["length"] if kind == "scan" else 1
            inner = [each for value in parameters.values() for each in within(value)]
            counts = [
                counted(each, read[len(read) - len(each.invars) :], transposed=transposed)
                for each in inner
            ]
            total += times * (max(counts, default=0) if kind == "cond" else sum(counts))
    return total


def convolution(shapes: list[Any], output: Any, numbers: Any, *, transposed: bool) -> int:
    """A kernel, once for each place; the features of the output are in the kernel."""
    batch, _, *spatial = numbers.lhs_spec if transposed else numbers.out_spec
    read = shapes[0] if transposed else output
    return prod(shapes[1]) * read[batch] * prod(read[axis] for axis in spatial)


def inputs_of(case: dict[str, Any]) -> list[Any]:
    dtype = dtype_of(case["layer"])
    return [np.ones(shape, dtype) for shape in case["input_shapes"]]


def watched(case: dict[str, Any]) -> int:
    """What the operations of a layer, or of a function of ``keras.ops``, come to."""
    name, config = case["layer"], case["config"]
    arrays = inputs_of(case)
    if name.startswith("ops."):
        function = getattr(keras.ops, name.removeprefix("ops."))
        # The equation of an einsum stands in the spec alone.
        first = re.findall(r'"(.+)"', case["spec"])
        program = jax.make_jaxpr(lambda *given: function(*first, *given))(*arrays)
        return counted(program.jaxpr, [True] * len(arrays), transposed=False)
    one = layer(name, config)
    more = case.get("call", {})

    def outputs(given: list[Any]) -> Any:
        if name in CELLS:
            return one(given[0], one.get_initial_state(batch_size=given[0].shape[0]))
        return one(*given, **more) if more else called(one, name, given)

    outputs(arrays)  # builds it
    kept = one.variables

    def function(values: list[Any], given: list[Any]) -> Any:
        with keras.StatelessScope(state_mapping=list(zip(kept, values, strict=True))):
            return outputs(given)

    program = jax.make_jaxpr(function)([each.value for each in kept], arrays)
    moving = [True] * len(program.jaxpr.invars)
    return counted(program.jaxpr, moving, transposed="Transpose" in name)


def recorded(case: dict[str, Any]) -> int:
    """The multiply-accumulates of a case: those that are watched, save what the head says."""
    if case["layer"] == "Resizing":
        return 0
    found = watched(case)
    if case["layer"] == "AdditiveAttention":
        (batch, queries, features), (_, values, _) = case["input_shapes"][:2]
        found += batch * queries * values * features
    return found


def main(names: list[str]) -> None:
    lines = CASES.read_text(encoding="utf-8").splitlines()
    changed = 0
    for place, line in enumerate(lines):
        case = json.loads(line)
        if names and case["layer"] not in names:
            continue
        keras.backend.clear_session()
        found = case | {"macs": recorded(case)}
        if found != case:
            changed += 1
            lines[place] = json.dumps(found, separators=(",", ":"))
            sys.stdout.write(f"{line}\n  is now {found['macs']}\n")
    CASES.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    sys.stdout.write(f"{changed} of {len(lines)} records changed\n")


if __name__ == "__main__":
    main(sys.argv[1:])

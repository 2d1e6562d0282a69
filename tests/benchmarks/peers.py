"""The same stack in other tools, as ratios within one run: ``python -m tests.benchmarks.peers``.

A tool that is not installed is left out, with a word on it. The stack is one convolution after
another; the time is that from its description to the last shape, of the processor, which other
work on the machine lengthens less.
"""

from __future__ import annotations

import time
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

import shapecalc

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from shapecalc.layers.layer import Layer

LAYERS = 200
STEPS = 10_000
ROUNDS = 15


def ours_concrete() -> None:
    trace = shapecalc.trace(",".join(["conv1d:8:3"] * LAYERS), input=(32, STEPS, 8))
    assert trace.output == (32, STEPS - 2 * LAYERS, 8)


def ours_symbolic() -> None:
    trace = shapecalc.trace(",".join(["conv1d:8:3"] * LAYERS), input="B,T,8")
    assert str(trace.output[1]) == f"T - {2 * LAYERS}"


def ours_different() -> None:
    spec = ",".join(f"conv1d:{8 + place}:3" for place in range(LAYERS))
    trace = shapecalc.trace(spec, input=(32, STEPS, 8))
    assert trace.output == (32, STEPS - 2 * LAYERS, 7 + LAYERS)


@cache
def ours_made() -> list[Layer]:
    return [shapecalc.layer("Conv1D", filters=8, kernel_size=3) for _ in range(LAYERS)]


def ours_alone() -> None:
    for layer in ours_made():
        shape = layer.compute_output_shape((None, STEPS, 8))
    assert shape[1:] == (STEPS - 2, 8)


@cache
def keras_made() -> list[Any]:
    keras = import_module("keras")
    return [keras.layers.Conv1D(8, 3) for _ in range(LAYERS)]


def keras_alone() -> None:
    for layer in keras_made():
        shape = layer.compute_output_shape((None, STEPS, 8))
    assert shape[1:] == (STEPS - 2, 8)


def keras_shapes() -> None:
    keras = import_module("keras")
    shape = (None, STEPS, 8)
    for _ in range(LAYERS):
        shape = keras.layers.Conv1D(8, 3).compute_output_shape(shape)
    assert shape[1] == STEPS - 2 * LAYERS


def keras_model() -> None:
    keras = import_module("keras")
    layers = [keras.layers.Conv1D(8, 3) for _ in range(LAYERS)]
    model = keras.Sequential([keras.Input((STEPS, 8)), *layers])
    assert model.output_shape[1] == STEPS - 2 * LAYERS


def jax_shapes() -> None:
    jax = import_module("jax")
    kernel = jax.ShapeDtypeStruct((3, 8, 8), "float32")

    def run(x: object, kernels: list[object]) -> object:
        for each in kernels:
            x = jax.lax.conv_general_dilated(
                x, each, (1,), "VALID", dimension_numbers=("NWC", "WIO", "NWC")
            )
        return x

    x = jax.ShapeDtypeStruct((32, STEPS, 8), "float32")
    assert jax.eval_shape(run, x, [kernel] * LAYERS).shape[1] == STEPS - 2 * LAYERS


def torch_meta() -> None:
    torch = import_module("torch")
    x = torch.empty(32, 8, STEPS, device="meta")
    for _ in range(LAYERS):
        x = torch.nn.Conv1d(8, 8, 3, device="meta")(x)
    assert x.shape[2] == STEPS - 2 * LAYERS


def torchinfo_summary() -> None:
    torch, torchinfo = import_module("torch"), import_module("torchinfo")
    model = torch.nn.Sequential(*[torch.nn.Conv1d(8, 8, 3) for _ in range(LAYERS)])
    found = torchinfo.summary(model, input_size=(32, 8, STEPS), device="meta", verbose=0)
    assert found.summary_list[-1].output_size[2] == STEPS - 2 * LAYERS


PEERS: dict[str, tuple[str, Callable[[], None]]] = {
    "shapecalc, numbers": ("shapecalc", ours_concrete),
    "shapecalc, letters": ("shapecalc", ours_symbolic),
    "shapecalc, numbers, layers that differ": ("shapecalc", ours_different),
    "shapecalc, compute_output_shape of layers that are there": ("shapecalc", ours_alone),
    "keras, compute_output_shape of layers that are there": ("keras", keras_alone),
    "keras, compute_output_shape": ("keras", keras_shapes),
    "keras, a built Sequential": ("keras", keras_model),
    "jax.eval_shape": ("jax", jax_shapes),
    "torch, meta tensors": ("torch", torch_meta),
    "torchinfo, on meta tensors": ("torchinfo", torchinfo_summary),
}


def microseconds(actions: Mapping[str, Callable[[], None]]) -> dict[str, float]:
    """The least time of each for a layer, taken in turns so that all meet the same noise.

    In each turn the first of two runs warms the caches.
    """
    best = dict.fromkeys(actions, float("inf"))
    for _ in range(ROUNDS):
        for name, action in [(name, action) for name, action in actions.items() for _ in range(2)]:
            begin = time.process_time()
            action()
            best[name] = min(best[name], time.process_time() - begin)
    return {name: least / LAYERS * 1e6 for name, least in best.items()}


def missing(module: str) -> str | None:
    """Why a tool cannot be measured; None where it can."""
    if find_spec(module) is None:
        return f"{module} is not installed here"
    try:
        import_module(module)
    except ImportError as error:
        return f"the backend of {module} is missing: {error}"
    return None


def main() -> None:
    """Measure what is installed, and print the ratios to our own numbers."""
    why = {name: missing(module) for name, (module, _) in PEERS.items()}
    actions = {name: action for name, (_, action) in PEERS.items() if why[name] is None}
    for action in actions.values():
        action()
    costs = microseconds(actions)
    base = costs["shapecalc, numbers"]
    table = Table("tool", "µs a layer", "ratio")
    for name, reason in why.items():
        if reason is None:
            table.add_row(name, f"{costs[name]:,.1f}", f"{costs[name] / base:.1f}")
        else:
            table.add_row(name, reason, "")
    Console().print(table)


if __name__ == "__main__":
    main()

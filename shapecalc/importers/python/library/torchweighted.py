"""Functions of torch that read weights which the program holds: convolutions, linear, embedding."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from shapecalc.dims import Dim, equal
from shapecalc.importers.python.layers import computed_layer, make, run_layer
from shapecalc.importers.python.library.torchnumbers import within
from shapecalc.importers.python.values import UNKNOWN, Tensor, Value
from shapecalc.layers.torch.dialect import TORCH

if TYPE_CHECKING:
    from collections.abc import Callable

    from shapecalc.dims import Shape
    from shapecalc.importers.python.calls import Call
    from shapecalc.importers.python.machine import Machine


def _convolved(rank: int, *, turned: bool) -> Callable[[Machine, Call], Value]:
    names = "input weight bias=None stride=1 padding=0 dilation=1 groups=1"
    if turned:
        names = "input weight bias=None stride=1 padding=0 output_padding=0 groups=1 dilation=1"

    def run(m: Machine, call: Call) -> Value:
        found = call.bind(names, "conv")
        x, weight, bias = found.pop("input"), found.pop("weight"), found.pop("bias")
        if not isinstance(x, Tensor) or not isinstance(weight, Tensor):
            return UNKNOWN
        first, second, *kernel = weight.shape
        groups = found["groups"]
        channels = (first, second * groups) if turned else (second * groups, first)
        sizes: Any = {"in_channels": channels[0], "out_channels": channels[1]}
        config = {**sizes, "kernel_size": tuple(kernel), "bias": False, **found}
        cls = f"ConvTranspose{rank}d" if turned else f"Conv{rank}d"
        if isinstance(groups, Dim) and len(x.shape) == rank + 2:
            return _of_groups(m, cls, config, x, [weight, bias], call)
        return _weighted(m, cls, config, x, [weight, bias], call)

    return run


def _of_groups(
    m: Machine, cls: str, config: dict[str, Any], x: Tensor, weights: list[Value], call: Call
) -> Value:
    """Convolve as many groups as a letter says, each as any other: one for each example, say."""
    groups, batch, channels = config.pop("groups"), *x.shape[:2]
    m.given.require(m, equal(channels, config["in_channels"]), call.position)
    each = {key: config[key] // groups for key in ("in_channels", "out_channels")}
    shape = (batch, each["in_channels"], *x.shape[2:])
    found = _result(m, cls, config | each, shape, call)
    made = (batch, found[1] * groups, *found[2:])
    return _recorded(m, cls, made, [x, *weights], call)


def _linear(m: Machine, call: Call) -> Value:
    found = call.bind("input weight bias=None", "linear")
    x, weight = found["input"], found["weight"]
    if not isinstance(x, Tensor) or not isinstance(weight, Tensor):
        return UNKNOWN
    config = {"in_features": weight.shape[1], "out_features": weight.shape[0], "bias": False}
    return _weighted(m, "Linear", config, x, [weight, found["bias"]], call)


def _embedding(m: Machine, call: Call) -> Value:
    x, weight = call.get(0, "input"), call.get(1, "weight")
    if not isinstance(x, Tensor) or not isinstance(weight, Tensor):
        return UNKNOWN
    within(m, x, weight.shape[0], "embedding looks up in a table of", call.position)
    config = {"num_embeddings": weight.shape[0], "embedding_dim": weight.shape[1]}
    return _weighted(m, "Embedding", config, x, [weight], call)


def _weighted(
    m: Machine, cls: str, config: dict[str, Any], x: Tensor, weights: list[Value], call: Call
) -> Value:
    """Apply a layer whose weights are tensors of the program, so that it has none of its own."""
    return _recorded(m, cls, _result(m, cls, config, x.shape, call), [x, *weights], call)


def _result(m: Machine, cls: str, config: dict[str, Any], shape: Shape, call: Call) -> Shape:
    """Return what a layer makes of a shape."""
    layer = make(m, TORCH, cls, config, call.position)
    outer, m.tape = m.tape, None
    try:
        (found,) = run_layer(m, layer, [Tensor(shape, "torch")], call.position, library="torch")
    finally:
        m.tape = outer
    return found.shape


def _recorded(m: Machine, cls: str, shape: Shape, inputs: list[Value], call: Call) -> Value:
    computed = computed_layer([shape], f"torch.nn.functional.{cls.lower()}")
    tensors = [each for each in inputs if isinstance(each, Tensor)]
    return run_layer(m, computed, tensors, call.position, library="torch")[0]


#: Functions that read weights which the program holds.
WEIGHTED: Final[dict[str, Callable[[Machine, Call], Value]]] = {
    **{f"conv{n}d": _convolved(n, turned=False) for n in (1, 2, 3)},
    **{f"conv_transpose{n}d": _convolved(n, turned=True) for n in (1, 2, 3)},
    "linear": _linear,
    "embedding": _embedding,
}

"""The names of Keras's activation functions; plain data that costs no import."""

from __future__ import annotations

from typing import Final

from shapecalc.layers.ranges import Range

ACTIVATIONS: Final = (
    "celu",
    "elu",
    "exponential",
    "gelu",
    "glu",
    "hard_shrink",
    "hard_sigmoid",
    "hard_silu",
    "hard_swish",
    "hard_tanh",
    "leaky_relu",
    "linear",
    "log_sigmoid",
    "log_softmax",
    "mish",
    "relu",
    "relu6",
    "selu",
    "sigmoid",
    "silu",
    "soft_shrink",
    "softmax",
    "softplus",
    "softsign",
    "sparse_plus",
    "sparse_sigmoid",
    "sparsemax",
    "squareplus",
    "swish",
    "tanh",
    "tanh_shrink",
    "threshold",
)

#: What is left of the numbers, by the folded name of the function; every other one leaves any.
LEAVES: Final = {
    name: kind
    for kind, names in {
        Range.DISTRIBUTION: "softmax sparsemax",
        Range.SHARES: "sigmoid hardsigmoid sparsesigmoid",
        Range.SIGNED: "tanh softsign hardtanh",
        Range.POSITIVE: "relu relu6 softplus exponential squareplus sparseplus",
        Range.LOGARITHMS: "logsoftmax logsigmoid",
    }.items()
    for name in names.split()
}

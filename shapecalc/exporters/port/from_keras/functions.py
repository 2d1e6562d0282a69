"""Keras's activation functions in PyTorch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from shapecalc.exporters.document import Call, literal

if TYPE_CHECKING:
    from shapecalc.exporters.document import Expression
    from shapecalc.exporters.port.from_keras.applied import Applied

#: By name a function, and its keywords; None is the function that changes nothing.
_FUNCTIONS: Final[dict[str | None, tuple[str, dict[str, Any]] | None]] = {
    None: None,
    "linear": None,
    "celu": ("F.celu", {}),
    "elu": ("F.elu", {}),
    "exponential": ("torch.exp", {}),
    "gelu": ("F.gelu", {}),
    "hard_shrink": ("F.hardshrink", {}),
    "hard_sigmoid": ("F.hardsigmoid", {}),
    "hard_silu": ("F.hardswish", {}),
    "hard_swish": ("F.hardswish", {}),
    "hard_tanh": ("F.hardtanh", {}),
    "leaky_relu": ("F.leaky_relu", {"negative_slope": 0.2}),
    "log_sigmoid": ("F.logsigmoid", {}),
    "mish": ("F.mish", {}),
    "relu": ("torch.relu", {}),
    "relu6": ("F.relu6", {}),
    "selu": ("F.selu", {}),
    "sigmoid": ("torch.sigmoid", {}),
    "silu": ("F.silu", {}),
    "swish": ("F.silu", {}),
    "soft_shrink": ("F.softshrink", {}),
    "softplus": ("F.softplus", {}),
    "softsign": ("F.softsign", {}),
    "tanh": ("torch.tanh", {}),
    "tanh_shrink": ("F.tanhshrink", {}),
    "sparse_plus": ("sparse_plus", {}),
    "sparse_sigmoid": ("sparse_sigmoid", {}),
    "squareplus": ("squareplus", {}),
}
#: Those that work along the last axis.
_ALONG: Final = {
    "softmax": "torch.softmax",
    "log_softmax": "torch.log_softmax",
    "sparsemax": "sparsemax",
}


def along_axis(name: Any) -> bool:  # noqa: ANN401
    """Return whether an activation works along the last axis, rather than on each number."""
    return isinstance(name, str) and name in _ALONG


def activated(
    a: Applied,
    x: Expression,
    name: Any,  # noqa: ANN401
    *,
    first: bool,
    rank: int | None = None,
) -> Expression:
    """Return an activation function of an expression.

    ``first`` is whether the last axis stands behind the batch.
    """
    if along_axis(name):
        function = _ALONG[name]
        if "." not in function:
            a.needs(function)
        moved = first and (rank is None or rank > 2)  # noqa: PLR2004  (batch and features)
        return Call(function, (x,), (("dim", "1" if moved else "-1"),))
    found = function_of(a, name)
    if found is None:
        return x
    function, keywords = found
    return Call(function, (x,), [(key, literal(value)) for key, value in keywords.items()])


def function_of(a: Applied, name: Any) -> tuple[str, dict[str, Any]] | None:  # noqa: ANN401
    """Return the function and its keywords; None where it changes nothing."""
    if isinstance(name, dict) or name not in _FUNCTIONS:
        shown = name.get("class_name", "of its own") if isinstance(name, dict) else name
        a.refuse(f"has the activation {shown}, which PyTorch lacks")
    found = _FUNCTIONS[name]
    if found is None:
        return None
    if found[0].startswith("F."):
        a.imports("torch.nn.functional", "F")
    elif "." not in found[0]:
        a.needs(found[0])
    return found

"""Functions of PyTorch as expressions: operators, methods of tensors, functions of torch and F."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from shapecalc.errors import SpecError
from shapecalc.exporters.document import Call, Expression, Operation, listed, literal, quoted
from shapecalc.exporters.torch.arguments import arguments
from shapecalc.layers.layer import Layer
from shapecalc.layers.parameters import parameters
from shapecalc.layers.torch.dialect import TORCH

_OPERATORS: Final = {
    "Add": "+", "Sub": "-", "Mul": "*", "Div": "/", "Pow": "**", "Matmul": "@",
    "Gt": ">", "Ge": ">=", "Lt": "<", "Le": "<=", "Eq": "==", "Ne": "!=",
    "Remainder": "%", "FloorDivide": "//",
}  # fmt: skip
#: What stands in torch.nn.functional, under the name that specs have for it.
_FUNCTIONAL: Final = frozenset(
    {"Normalize", "OneHot", "Pad", "ScaledDotProductAttention", "Interpolate"}
)
#: What gives a tuple, whatever the number of tensors in it.
TUPLES: Final = frozenset({"Chunk", "Split", "Unbind"})
Writing = Callable[[Any, Sequence[str]], Expression]


def function(layer: Any, reads: Sequence[str]) -> Expression:  # noqa: ANN401
    """Return the expression of a function; raises `SpecError` where it is not known."""
    cls = type(layer).__name__
    sign = _OPERATORS.get(cls)
    if sign is not None:
        value = getattr(layer, "exponent" if cls == "Pow" else "other", None)
        operands = [*reads, *([] if value is None else [literal(value)])]
        if len(operands) > 1:
            return Operation(sign, operands)
    special = _SPECIAL.get(cls)
    if special is not None:
        return special(layer, reads)
    positional, keywords = _given(layer)
    entry = TORCH.catalogue.find(cls)
    if entry is None:
        raise SpecError(f"{layer.called} cannot be written in PyTorch")
    if cls in _FUNCTIONAL:
        return Call(f"F.{entry.name}", [*reads, *positional], keywords)
    first, *rest = reads
    before = positional if cls in _AXIS_FIRST else []
    after = [] if cls in _AXIS_FIRST else positional
    return Call(f"{first}.{entry.name}", [*before, *rest, *after], keywords)


def functional(layer: Any, title: str, reads: Sequence[str]) -> Expression:  # noqa: ANN401
    """Return the call of a function that does what a module does."""
    name = title.rpartition(".")[2]
    positional, keywords = arguments(layer)
    if name == "flatten":
        # The module begins behind the batch, the function with it.
        positional = [literal(layer.start_dim)]
        keywords = [(key, value) for key, value in keywords if key != "start_dim"]
    if name.endswith("dropout") or name[:-2].endswith("dropout"):
        keywords.append(("training", "self.training"))
    # Those of torch itself take no inplace.
    home = "torch" if name in _IN_TORCH and ("inplace", "True") not in keywords else "F"
    return Call(f"{home}.{name}", [*reads, *positional], keywords)


#: The functions of modules that stand in torch itself.
_IN_TORCH: Final = frozenset({"relu", "tanh", "sigmoid", "softmax", "flatten"})
#: What takes the axis before the second tensor.
_AXIS_FIRST: Final = frozenset({"IndexSelect", "Gather"})


def _given(layer: Any) -> tuple[list[Expression], list[tuple[str, Expression]]]:  # noqa: ANN401
    """Return arguments in order and by name; sizes that stand one after the other do so."""
    positional, keywords = arguments(layer)
    cls: type[Layer] = type(layer)
    first = next((each for each in parameters(cls).values() if each.kind.variadic), None)
    if first is None:
        return positional, keywords
    value = getattr(layer, first.name)
    if first.required and isinstance(value, tuple):
        sizes = [literal(each) for each in value]
        spread = cls.__name__ not in {"Flip", "Logsumexp", "Pad"}
        return (sizes if spread else [literal(value)]), keywords
    if isinstance(value, tuple) and len(value) == 1:
        keywords = [
            (key, literal(value[0]) if key == first.name else each) for key, each in keywords
        ]
    return positional, keywords


def _index(layer: Any, reads: Sequence[str]) -> Expression:  # noqa: ANN401
    key = ", ".join(part.strip() for part in str(layer.key).split(","))
    return f"{reads[0]}[{key}]"


def _joined(name: str) -> Writing:
    def write(layer: Any, reads: Sequence[str]) -> Expression:  # noqa: ANN401
        keywords = [("dim", literal(layer.dim))] if layer.dim else []
        return Call(f"torch.{name}", [listed(*reads)], keywords)

    return write


def _where(layer: Any, reads: Sequence[str]) -> Expression:  # noqa: ANN401
    condition, *tensors = reads
    chosen = [
        tensors.pop(0) if number is None else literal(number)
        for number in (layer.input, layer.other)
    ]
    return Call("torch.where", [condition, *chosen])


def _plus(name: str) -> Writing:
    def write(layer: Any, reads: Sequence[str]) -> Expression:  # noqa: ANN401
        keywords = [
            (key, literal(value))
            for key in ("beta", "alpha")
            if (value := getattr(layer, key)) != 1
        ]
        return Call(f"torch.{name}", [*reads], keywords)

    return write


def _reflected(layer: Any, reads: Sequence[str]) -> Expression:  # noqa: ANN401
    """Return a difference that is taken from the second operand; tensors have no method for it."""
    other = reads[1] if layer.other is None else literal(layer.other)
    return Operation("-", [other, reads[0]])


_SPECIAL: Final[dict[str, Writing]] = {
    "Rsub": _reflected,
    "Index": _index,
    "Cat": _joined("cat"),
    "Stack": _joined("stack"),
    "Where": _where,
    "Einsum": lambda layer, reads: Call("torch.einsum", [quoted(layer.equation), *reads]),
    "Addmm": _plus("addmm"),
    "Baddbmm": _plus("baddbmm"),
    "MaskedFill": lambda layer, reads: Call(
        f"{reads[0]}.masked_fill", [*reads[1:], literal(layer.value)]
    ),
}

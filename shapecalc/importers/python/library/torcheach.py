"""Functions of each number: which step of torch each is, or one that has no more than its name."""

from __future__ import annotations

from math import isfinite
from types import NoneType
from typing import TYPE_CHECKING, Any, Final

from shapecalc.errors import ShapecalcError
from shapecalc.importers.python.layers import computed_layer
from shapecalc.importers.python.values import Tensor, Value
from shapecalc.language.arguments import own_parameters
from shapecalc.layers.coded import Elementwise
from shapecalc.layers.torch.dialect import CATALOGUE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from shapecalc.importers.python.calls import Call
    from shapecalc.layers.layer import Layer

#: The families whose steps have the shape of what they read, and the name of their function.
_FAMILIES: Final = frozenset(
    "elementwise mathematics comparing joining combining activation softmax dropout".split()
)
#: Functions whose step has another name, and the argument of it that their own is.
_STEPS: Final = {"clip": "clamp", "clamp_min": "clamp", "clamp_max": "clamp"}
_ARGUMENTS: Final = {"clamp_min": "min", "clamp_max": "max"}
#: Functions that keep a shape, but are not of each number by itself.
_ALONG: Final = frozenset(
    "layer_norm group_norm rms_norm instance_norm gumbel_softmax argsort logcumsumexp".split()
)
#: What a call says of where its numbers lie, which no step has.
_UNSAID: Final = frozenset({"out", "dtype", "inplace", "memory_format", "device"})

#: Operators between tensors, or a tensor and a number on its right.
_OPERATORS: Final = {
    "add": "add", "sub": "sub", "mul": "mul", "truediv": "div", "pow": "pow", "matmul": "matmul",
    "mod": "remainder", "floordiv": "floor_divide",
    **{name: name for name in ("eq", "ne", "lt", "le", "gt", "ge")},
}  # fmt: skip
#: Operators with a number on the left, as functions with it on the right.
_REFLECTED: Final = {
    "add": "add", "sub": "rsub", "mul": "mul", "eq": "eq", "ne": "ne", "lt": "gt", "le": "ge",
    "gt": "lt", "ge": "le",
}  # fmt: skip
#: What operators on bits do with True and False.
_OF_MASKS: Final = {
    "and": "logical_and", "or": "logical_or", "xor": "logical_xor", "invert": "logical_not",
}  # fmt: skip


def of_each(
    name: str,
    inputs: Sequence[Tensor],
    args: Sequence[Value] = (),
    kwargs: Mapping[str, Value] | None = None,
) -> Layer:
    """Make the step of a function with its arguments; where none is that, one with its name."""
    if name in _ALONG:
        return computed_layer([inputs[0].shape], name)
    given = {key: value for key, value in (kwargs or {}).items() if key not in _UNSAID}
    return _step(name, len(inputs), args, given) or Elementwise(function=name)


def _step(name: str, count: int, args: Sequence[Value], kwargs: dict[str, Value]) -> Layer | None:
    """Return the step that does what a function does with these arguments, if there is one."""
    entry = CATALOGUE.find(_STEPS.get(name, name))
    if entry is None or entry.family not in _FAMILIES:
        return None
    cls = CATALOGUE.load(entry)
    keys = [parameter.name for parameter in own_parameters(cls)]
    if name in _ARGUMENTS:
        keys = [_ARGUMENTS[name]]
    given = {**dict(zip(keys, args, strict=False)), **kwargs}
    given = {key: value for key, value in given.items() if value is not None}
    least, most = cls.arity
    operands = count + len(given) if "other" in keys or "exponent" in keys else count
    if (
        len(args) > len(keys)
        or not given.keys() <= set(keys)
        or not all(map(_plain, given.values()))
    ):
        return None
    if operands < max(least, most or least) or (most is not None and operands > most):
        return None
    try:
        return CATALOGUE.layer(entry.cls, **given)
    except ShapecalcError:
        return None


def _plain(value: Value) -> bool:
    """Return whether a value is a number that a step can have."""
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)


#: Functions that take a number instead of their first tensor, and the operator that each is.
_NUMBER_FIRST: Final = {
    "add": "add", "sub": "sub", "subtract": "sub", "mul": "mul", "multiply": "mul",
    "div": "truediv", "divide": "truediv", "true_divide": "truediv", "pow": "pow",
    "remainder": "mod", "floor_divide": "floordiv",
}  # fmt: skip
#: Functions that take something else first: a list of tensors, an equation, a mean.
_OTHERS_FIRST: Final = frozenset(
    "cat concat concatenate stack einsum normal bernoulli poisson".split()
)


def number_first(name: str, call: Call) -> Layer | None:
    """Make the step of a function of a number and a tensor; refuse what torch takes no number for.

    None where a tensor stands first, or something that is not known.
    """
    first, second = call.get(0, "input"), call.get(1, "other")
    if name == "masked_fill" and isinstance(second, int | float) and len(call.args) > 1:
        call.fail("masked_fill(): argument 'mask' (position 1) must be Tensor, not a number")
    if name in _OTHERS_FIRST or name.endswith("_") or not call.args:
        return None
    if not isinstance(first, int | float | str | list | tuple | dict | NoneType):
        return None
    if name in _NUMBER_FIRST and isinstance(first, int | float) and isinstance(second, Tensor):
        return of_operator(_NUMBER_FIRST[name], first, second)
    kind = type(first).__name__
    text = f"{name}(): argument 'input' (position 1) must be Tensor, not {kind}"
    return call.machine.fail("TypeError", text, call.position, rule="argument")


def of_operator(name: str, left: Value, right: Value) -> Layer:
    """Make the step of an operator between tensors and numbers."""
    inputs = [each for each in (left, right) if isinstance(each, Tensor)]
    numbers: list[Any] = [
        each for each in (left, right) if not isinstance(each, Tensor) and each is not None
    ]
    masks = all(each.mask for each in inputs) and not numbers
    names = _OF_MASKS if masks and name in _OF_MASKS else _OPERATORS
    if isinstance(right, Tensor) and numbers:
        names = _REFLECTED
    plain = names.get(name)
    if plain is None and name not in {"neg", "abs"}:
        return Elementwise(function=name)
    return of_each(plain or name, inputs, numbers)

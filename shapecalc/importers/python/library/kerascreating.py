"""Functions of ``keras.ops``, ``keras.random``, ``keras.backend`` and ``tf`` that make tensors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from shapecalc.dims import Dim
from shapecalc.importers.python.layers import whole_size
from shapecalc.importers.python.library.torchcreating import CREATING as OF_TORCH
from shapecalc.importers.python.library.torchcreating import created, nested_shape
from shapecalc.importers.python.values import UNKNOWN, Tensor, Value

if TYPE_CHECKING:
    from collections.abc import Callable

    from shapecalc.importers.python.calls import Call
    from shapecalc.importers.python.machine import Machine


def size_from(value: Value) -> Value:
    """Return a size of a shape as it is written: a tensor of one number too, None for -1."""
    if isinstance(value, Tensor) and value.numbers:
        return value.numbers[0]
    return -1 if value is None else value


def joined_sizes(operation: str, operands: list[Value]) -> Value:
    """Return the shape that sizes are stacked to, or shapes are joined to; else unknown."""
    parts = operands[0] if operands else None
    if not isinstance(parts, list | tuple):
        return UNKNOWN
    if operation == "stack" and all(map(whole_size, parts)):
        return tuple(parts)
    if operation == "concatenate" and all(isinstance(each, list | tuple) for each in parts):
        sizes = [size for each in parts for size in each]
        return tuple(sizes) if all(map(whole_size, sizes)) else UNKNOWN
    return UNKNOWN


def _created(
    place: int = 0, key: str = "shape", *, whole: bool | None = None
) -> Callable[[Machine, Call], Value]:
    def run(m: Machine, call: Call) -> Value:
        shape = call.get(place, key)
        if isinstance(shape, int | Dim):
            shape = (shape,)
        if isinstance(shape, Tensor) and shape.numbers is not None:
            shape = shape.numbers
        if not isinstance(shape, list | tuple):
            return UNKNOWN
        sizes = [size_from(each) for each in shape]
        return created(m, sizes, "ops.zeros", call, whole=whole, library="keras")

    return run


def as_tensor(value: Value) -> Value:
    """Return a tensor of a value: of numbers in lists, or of an array."""
    if isinstance(value, Tensor):
        return value if value.library == "keras" else _of(value, "keras")
    sizes = nested_shape(value)
    if sizes is None:
        return UNKNOWN
    plain = value if isinstance(value, list | tuple) else [value]
    numbers = list(plain) if all(map(whole_size, plain)) and len(sizes) < 2 else None  # noqa: PLR2004
    return Tensor(sizes, "keras", numbers=numbers, whole=True if numbers else None)


def _constant(_m: Machine, call: Call) -> Value:
    value, shape = call.get(0, "value", call.kwargs.get("x")), call.kwargs.get("shape")
    return Tensor(shape, "keras") if isinstance(shape, list | tuple) else as_tensor(value)


def _of(value: Tensor, library: str) -> Tensor:
    """Return a tensor as another library has it."""
    return Tensor(value.shape, library, whole=value.whole, numbers=value.numbers)


def _to_numpy(_m: Machine, call: Call) -> Value:
    x = call.get(0, "x")
    return _of(x, "numpy") if isinstance(x, Tensor) else UNKNOWN


def _arange(m: Machine, call: Call) -> Value:
    known = {"stop": "end", "limit": "end", "delta": "step"}
    kwargs = {known.get(key, key): value for key, value in call.kwargs.items()}
    found = OF_TORCH["arange"](m, type(call)(m, call.args, kwargs, call.position))
    return _of(found, "keras") if isinstance(found, Tensor) else found


def _linspace(m: Machine, call: Call) -> Value:
    count = call.get(2, "num", 50)
    return created(m, [count], "ops.linspace", call, whole=False, library="keras")


def _square(m: Machine, call: Call) -> Value:
    """``eye``: a matrix of so many rows, and as many columns unless told otherwise."""
    rows = call.get(0, "N", call.kwargs.get("n", call.kwargs.get("num_rows")))
    columns = call.get(1, "M", call.kwargs.get("num_columns"))
    if isinstance(rows, Tensor):
        return rows  # The identity of TensorFlow is a tensor itself.
    shape = [rows, rows if columns is None else columns]
    return created(m, shape, "ops.eye", call, whole=False, library="keras")


CREATING: Final[dict[str, Callable[[Machine, Call], Value]]] = {
    **dict.fromkeys(
        "zeros ones random_normal random_uniform normal uniform fill truncated_normal randint "
        "random_binomial random_normal_variable stateless_uniform stateless_normal "
        "random_bernoulli".split(),
        _created(),
    ),
    **dict.fromkeys(("placeholder",), _created()),
    **dict.fromkeys(("get_variable",), _created(1)),
    **dict.fromkeys(("binomial", "beta", "gamma"), _created()),
    **dict.fromkeys(("constant", "variable", "convert_to_tensor", "array", "asarray"), _constant),
    "eye": _square, "identity": _square, "tri": _square,
    "convert_to_numpy": _to_numpy, "get_value": _to_numpy,
    "arange": _arange, "range": _arange, "linspace": _linspace, "logspace": _linspace,
    "is_tensor": lambda _m, call: isinstance(call.get(0, "x"), Tensor),
}  # fmt: skip

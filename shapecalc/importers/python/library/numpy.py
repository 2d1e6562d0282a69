"""numpy by its names: which array each function gives."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from shapecalc.dims import Dim, product
from shapecalc.importers.python.library.arraycreating import (
    eye,
    from_values,
    like,
    linspace,
    of_torch,
    sized,
)
from shapecalc.importers.python.library.arrayrandom import GENERATOR, RANDOM
from shapecalc.importers.python.library.arrays import (
    ArrayInt,
    array,
    as_array,
    operated,
    stepped,
)
from shapecalc.importers.python.library.arrayshaping import (
    at_least_axes,
    broadcast_to,
    expand,
    joined,
    known,
    need,
    padded,
    repeat,
    reshape_to,
    split,
    squeeze,
    stacked,
    tile,
    transpose,
)
from shapecalc.importers.python.library.mathematics import lower, multiplied, real, upper
from shapecalc.importers.python.values import (
    NONE,
    UNKNOWN,
    Builtin,
    Library,
    LibraryClass,
    Number,
    Ratio,
    Tensor,
    Unknown,
    Value,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from shapecalc.importers.python.calls import Call
    from shapecalc.importers.python.machine import Machine

_Function = Any


# Functions of arrays.


def _step(name: str, step: str, parameters: str, **renamed: str) -> _Function:
    """Return a step of torch for a function of numpy, with ``renamed`` parameters."""

    def run(m: Machine, call: Call) -> Value:
        found = call.bind(parameters, name)
        first = next(iter(found))
        value = need(found[first], name, call)
        config = {ours: found[key] for key, ours in renamed.items() if found[key] is not None}
        config = {key: tuple(v) if isinstance(v, list) else v for key, v in config.items()}
        (made, *_) = stepped(m, step, config, [value], call.position, f"numpy.{name}")
        made.whole = value.whole if step not in {"Mean", "Std", "Var"} else False
        return made

    return known(run)


_REDUCED: Final = "a axis=None dtype=None out=None keepdims=False initial=None where=None"


def _reduced(name: str, step: str) -> _Function:
    """``sum``, ``prod`` …: exact where the numbers are known, as those of a shape."""
    tensor = _step(name, step, _REDUCED, axis="dim", keepdims="keepdim")

    def run(m: Machine, call: Call) -> Value:
        value, axis = call.get(0, "a"), call.get(1, "axis")
        if isinstance(value, Tensor) and value.numbers is not None and len(value.shape) == 1:
            value = value.numbers
        numbers = (int, float, Dim, Ratio)
        if isinstance(value, int | float | Dim) and axis is None:
            return value
        if (
            isinstance(value, list | tuple)
            and axis in (None, 0, -1)
            and all(isinstance(each, numbers) and not isinstance(each, bool) for each in value)
        ):
            return _computed(m, name, list(value), call)
        if isinstance(value, list | tuple) and any(each is None for each in value):
            kinds = "unsupported operand type(s) for *: 'int' and 'NoneType'"
            m.fail("TypeError", kinds, call.position)
        if isinstance(value, Tensor) and value.classes is not None and axis is None:
            bounds = {"Amax": value.classes - 1, "Amin": 0}
            if step in bounds and name not in {"all", "any"}:
                return ArrayInt(bounds[step])
        if step == "Prod" and axis is None and isinstance(value, Tensor):
            return array(())
        return tensor(m, call)

    return run


def _computed(m: Machine, name: str, values: list[Value], call: Call) -> Value:
    from shapecalc.importers.python.builtins import BUILTINS
    from shapecalc.importers.python.operators import binary

    if name in {"max", "min", "amax", "amin"}:
        found = m.call(BUILTINS[name[-3:]], [values], {}, call.position)
    elif name == "prod":
        found = 1 if values else 1.0
        for each in values:
            found = multiplied(m, found, each, call)
    else:
        found = m.call(BUILTINS["sum"], [values], {}, call.position)
        if name == "mean":
            return binary(m, "Div", found, len(values) or 1, call.position)  # type: ignore[arg-type]
    return ArrayInt(found) if type(found) is int else found


def _elementwise(name: str) -> _Function:
    """Return a function of each number by itself, which on numbers is that of ``math``."""
    special = {"floor": lower, "ceil": upper, "round": _rounded, "abs": _absolute}
    plain = special.get(_MATH.get(name, name)) or real(_MATH.get(name, name))

    def run(m: Machine, call: Call) -> Value:
        value = call.get(0, "x", call.kwargs.get("a"))
        if isinstance(value, Tensor | list | tuple):
            found = as_array(value)
            return UNKNOWN if found is None else array(found.shape, whole=None)
        if isinstance(value, int | float | Dim | Ratio | Number):
            known = hasattr(math, _MATH.get(name, name)) or _MATH.get(name, name) in special
            return plain(m, call) if known else Number(f"numpy.{name}", call.position)
        return value if isinstance(value, Unknown) else UNKNOWN

    return run


def _rounded(m: Machine, call: Call) -> Value:
    from shapecalc.importers.python.builtins import BUILTINS

    return m.call(BUILTINS["round"], call.args, {}, call.position)


def _absolute(m: Machine, call: Call) -> Value:
    from shapecalc.importers.python.builtins import BUILTINS

    return m.call(BUILTINS["abs"], call.take(1), {}, call.position)


_MATH: Final = {
    "absolute": "abs", "around": "round", "rint": "round", "round_": "round",
    "arctan": "atan", "arcsin": "asin", "arccos": "acos", "deg2rad": "radians",
    "rad2deg": "degrees", "log": "log", "fabs": "fabs",
}  # fmt: skip


def _two(name: str) -> _Function:
    """Return a function of two arrays that broadcast."""
    words = {"subtract": "sub", "multiply": "mul", "divide": "truediv", "true_divide": "truediv"}

    def run(m: Machine, call: Call) -> Value:
        left, right = call.get(0, "x1"), call.get(1, "x2")
        lost = next((each for each in (left, right) if isinstance(each, Unknown)), None)
        if lost is not None:
            return lost
        if any(isinstance(each, Tensor | list | tuple) for each in (left, right)):
            return operated(m, words.get(name, name), left, right, call.position)  # type: ignore[arg-type]
        from shapecalc.importers.python.builtins import BUILTINS

        if name in {"maximum", "minimum"}:
            return m.call(BUILTINS[name[:3]], [left, right], {}, call.position)
        return Number(f"numpy.{name}", call.position)

    return known(run)


def _where(m: Machine, call: Call) -> Value:
    if len(call.args) != 3:  # noqa: PLR2004  (condition, x and y)
        return Unknown("numpy.where", call.position)
    tensors = [need(each, "where", call) for each in call.args]
    (found,) = stepped(m, "Where", {}, tensors, call.position, "numpy.where")
    return found


def _dot(m: Machine, call: Call) -> Value:
    left, right = (need(each, "dot", call) for each in call.take(2))
    if not left.shape or not right.shape:
        return array(left.shape or right.shape)
    if len(right.shape) > 2:  # noqa: PLR2004  (matrices)
        return UNKNOWN
    (found,) = stepped(m, "Matmul", {}, [left, right], call.position, "numpy.dot")
    return found


def _matmul(m: Machine, call: Call) -> Value:
    tensors = [need(each, "matmul", call) for each in call.take(2)]
    (found,) = stepped(m, "Matmul", {}, tensors, call.position, "numpy.matmul")
    return found


def _einsum(m: Machine, call: Call) -> Value:
    (equation,), values = call.take(1), call.args[1:]
    tensors = [need(each, "einsum", call) for each in values]
    config = {"equation": equation}
    (found,) = stepped(m, "Einsum", config, tensors, call.position, "numpy.einsum")
    return found


def _outer(_m: Machine, call: Call) -> Value:
    left, right = (need(each, "outer", call) for each in call.take(2))
    return array([product(left.shape), product(right.shape)])


def _meshgrid(_m: Machine, call: Call) -> Value:
    tensors = [need(each, "meshgrid", call) for each in call.args]
    sizes = [product(each.shape) for each in tensors]
    if call.kwargs.get("indexing", "xy") == "xy" and len(sizes) > 1:
        sizes[:2] = sizes[1], sizes[0]
    return [array(sizes) for _ in tensors]


def _shape(_m: Machine, call: Call) -> Value:
    found = as_array(call.get(0, "a"))
    return UNKNOWN if found is None else tuple(found.shape)


def _rank(_m: Machine, call: Call) -> Value:
    found = as_array(call.get(0, "a"))
    return UNKNOWN if found is None else len(found.shape)


def _append(m: Machine, call: Call) -> Value:
    axis = call.get(2, "axis")
    inner = type(call)(m, [call.take(2)], {"axis": axis}, call.position)
    return FUNCTIONS["concatenate"](m, inner)


def _unique(_m: Machine, call: Call) -> Value:
    """``unique(labels)``: how many there are depends on the data, but for those of known sets."""
    value = call.get(0, "ar")
    if not isinstance(value, Tensor) or value.classes is None:
        return Unknown("numpy.unique", call.position)
    made = array([value.classes], whole=value.whole)
    made.numbers, made.classes = list(range(value.classes)), value.classes
    wanted = [key for key, each in call.kwargs.items() if key.startswith("return_") and each]
    counts = [array([product(value.shape) if key == "return_inverse" else value.classes])
              for key in wanted]  # fmt: skip
    return (made, *counts) if wanted else made


def _flattened(_m: Machine, call: Call) -> Value:
    value = need(call.get(0, "a"), "ravel", call)
    return array([product(value.shape)], whole=value.whole)


def _argument(name: str, step: str) -> _Function:
    found = _step(name, step, "a axis=None out=None keepdims=False", axis="dim", keepdims="keepdim")

    def run(m: Machine, call: Call) -> Value:
        made = found(m, call)
        if isinstance(made, Tensor):
            made.whole = True
        return made

    return run


def _kept(_m: Machine, call: Call) -> Value:
    value = as_array(call.get(0, "a"))
    return UNKNOWN if value is None else array(value.shape, whole=value.whole)


_ELEMENTWISE: Final = (
    "exp log sqrt abs absolute fabs sin cos tan tanh sinh cosh arctan arcsin arccos square sign "
    "floor ceil round around rint log2 log10 log1p expm1 logical_not isnan isinf isfinite "
    "nan_to_num real imag conj angle deg2rad rad2deg clip negative reciprocal cbrt exp2 trunc "
    "heaviside argsort sort cumsum cumprod invert fix"
)
_TWO: Final = (
    "add subtract multiply divide true_divide power maximum minimum mod remainder floor_divide "
    "logical_and logical_or logical_xor greater greater_equal less less_equal equal not_equal "
    "arctan2 hypot fmax fmin isclose bitwise_and bitwise_or"
)

FUNCTIONS: Final[dict[str, Callable[[Machine, Call], Value]]] = {
    **{name: sized() for name in ("zeros", "ones", "empty", "full")},
    **{f"{name}_like": like for name in ("zeros", "ones", "empty", "full")},
    **{name: _elementwise(name) for name in _ELEMENTWISE.split()},
    **{name: _two(name) for name in _TWO.split()},
    **dict.fromkeys(("array", "asarray", "ascontiguousarray", "asfarray", "copy"), from_values),
    "arange": of_torch("arange"), "eye": eye, "identity": eye, "linspace": linspace,
    "logspace": linspace, "geomspace": linspace,
    "sum": _reduced("sum", "Sum"), "prod": _reduced("prod", "Prod"),
    "product": _reduced("prod", "Prod"), "mean": _reduced("mean", "Mean"),
    "max": _reduced("max", "Amax"), "min": _reduced("min", "Amin"),
    "amax": _reduced("amax", "Amax"), "amin": _reduced("amin", "Amin"),
    "all": _reduced("all", "Amax"), "any": _reduced("any", "Amax"),
    **{
        name: _step(name, "Std", "a axis=None dtype=None out=None ddof=0 keepdims=False",
                    axis="dim", keepdims="keepdim")
        for name in ("std", "var", "median", "nanmean", "average", "nansum", "ptp")
    },
    "argmax": _argument("argmax", "Argmax"), "argmin": _argument("argmin", "Argmin"),
    "reshape": known(reshape_to), "transpose": known(transpose),
    "permute_dims": known(transpose),
    "expand_dims": known(expand), "squeeze": known(squeeze), "repeat": known(repeat),
    "swapaxes": _step("swapaxes", "Swapaxes", "a axis1 axis2", axis1="axis0", axis2="axis1"),
    "moveaxis": _step(
        "moveaxis", "Movedim", "a source destination", source="source", destination="destination"
    ),
    "flip": _step("flip", "Flip", "m axis=0", axis="dims"), "tile": known(tile),
    "fliplr": known(_kept), "flipud": known(_kept), "roll": known(_kept),
    "triu": known(_kept), "tril": known(_kept), "random_shuffle": known(_kept),
    "concatenate": joined("concatenate", "Cat"), "stack": joined("stack", "Stack"),
    "vstack": stacked("vstack", 2, 0), "hstack": stacked("hstack", 1, 1),
    "dstack": stacked("dstack", 3, 2), "column_stack": stacked("column_stack", 2, 1),
    "row_stack": stacked("vstack", 2, 0), "append": known(_append),
    "split": split(exact=True), "array_split": split(exact=False), "pad": known(padded),
    "broadcast_to": known(broadcast_to), "where": known(_where), "dot": known(_dot),
    "matmul": known(_matmul), "einsum": known(_einsum), "outer": known(_outer),
    "unique": _unique,
    "meshgrid": known(_meshgrid), "ravel": known(_flattened),
    "atleast_1d": at_least_axes(1), "atleast_2d": at_least_axes(2),
    "atleast_3d": at_least_axes(3), "shape": _shape,
    "ndim": _rank,
    "size": lambda m, call: _reduced("prod", "Prod")(
        m, type(call)(m, [_shape(m, call)], {}, call.position)
    ),
}  # fmt: skip


def _typed(_m: Machine, call: Call) -> Value:
    """``np.float32(x)`` gives what it gets."""
    value = call.get(0, "x", 0)
    found = as_array(value) if isinstance(value, list | tuple) else value
    return UNKNOWN if found is None else found


def _nothing(_m: Machine, _call: Call) -> Value:
    return None


_TYPES: Final = (
    "float16 float32 float64 float int8 int16 int32 int64 int uint8 uint16 uint32 uint64 bool "
    "bool_ object object_ str str_ complex64 complex128 double single longlong intp"
)
_CONSTANTS: Final = {
    "newaxis": NONE, "pi": math.pi, "e": math.e, "inf": math.inf, "nan": math.nan, "Inf": math.inf,
    "NaN": math.nan, "Infinity": math.inf,
    **{
        name: LibraryClass(f"numpy.{name}")
        for name in ("ndarray", "integer", "floating", "number", "generic")
    },
    **dict.fromkeys(
        ("set_printoptions", "save", "savez", "savetxt", "seterr"), Builtin("numpy", _nothing)
    ),
}  # fmt: skip
_MODULES: Final = {"numpy", "numpy.random", "numpy.linalg", "numpy.typing", "numpy.testing"}


def find(name: str) -> Value | None:
    """Return what a full name stands for; None where it is not known."""
    if name in _MODULES:
        return Library(name)
    home, _, last = name.rpartition(".")
    if home == "numpy.random":
        if last in {"default_rng", "RandomState", "Generator"}:
            return GENERATOR
        return Builtin(name, RANDOM[last]) if last in RANDOM else None
    if home == "numpy.linalg" and last == "norm":
        norm = _step("norm", "Mean", "x ord=None axis=None keepdims=False", axis="dim",
                     keepdims="keepdim")  # fmt: skip
        return Builtin(name, norm)
    if home != "numpy":
        return None
    if last in _CONSTANTS:
        return _CONSTANTS[last]
    if last in _TYPES.split():
        return Builtin(name, _typed)
    return Builtin(name, FUNCTIONS[last]) if last in FUNCTIONS else None

"""Functions of ``keras.ops``, ``keras.backend`` and ``tf``: which operation each is.

A line for each function: the operation of `layers/keras/` that it is, then its parameters, ``*``
before those that are tensors, ``-`` before those that change no shape.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from shapecalc.dims import Dim, product
from shapecalc.errors import ShapecalcError
from shapecalc.importers.python.layers import computed_layer, flat, holds_unknown, run_layer
from shapecalc.importers.python.library.kerascomputed import COMPUTED, computed
from shapecalc.importers.python.library.kerascreating import (
    CREATING,
    as_tensor,
    joined_sizes,
    size_from,
)
from shapecalc.importers.python.library.kerasmapping import MAPPING
from shapecalc.importers.python.library.kerastensors import indexed, shape_of
from shapecalc.importers.python.values import UNKNOWN, Builtin, Tensor, Unknown, Value
from shapecalc.layers.coded import Elementwise
from shapecalc.layers.keras.dialect import CATALOGUE
from shapecalc.layers.keras.opnames import BINARY, COMMUTATIVE, POINTWISE, REDUCTIONS

if TYPE_CHECKING:
    from collections.abc import Callable

    from shapecalc.importers.python.calls import Call
    from shapecalc.importers.python.machine import Machine
    from shapecalc.layers.layer import Layer

_REDUCING: Final = "*x axis=None keepdims=False"

_LINES: Final[dict[str, str]] = {
    **{name: f"{name} {_REDUCING}" for name in REDUCTIONS},
    **{
        f"reduce_{name}": f"{new} {_REDUCING}"
        for name, new in {
            "mean": "mean", "sum": "sum", "max": "max", "min": "min", "prod": "prod",
            "all": "all", "any": "any", "std": "std", "variance": "var", "logsumexp": "logsumexp",
        }.items()
    },
    "concatenate": "concatenate *tensors axis=-1", "concat": "concatenate *tensors axis=-1",
    "stack": "stack *x axis=0", "reshape": "reshape *x shape",
    "expand_dims": "expand_dims *x axis=-1", "squeeze": "squeeze *x axis=None",
    "transpose": "transpose *x axes=None",
    "permute_dimensions": "transpose *x axes", "matmul": "matmul *a *b", "tile": "tile *x repeats",
    "repeat": "repeat *x repeats axis=None", "repeat_elements": "repeat *x repeats axis",
    "pad": "pad *x pad_width", "one_hot": "one_hot *x num_classes axis=-1",
    "split": "split *x indices_or_sections axis=0", "unstack": "unstack *x num=None axis=0",
    "norm": f"norm *x -ord=None {_REDUCING[3:]}", "quantile": f"quantile *x -q {_REDUCING[3:]}",
    "top_k": "top_k *x k", "swapaxes": "swapaxes *x axis1 axis2",
    "moveaxis": "moveaxis *x source destination", "tensordot": "tensordot *a *b axes=2",
}  # fmt: skip

#: Other names of operations on each number; of those with None the name is all that is known.
_NAMES: Final[dict[str, str | None]] = {
    "abs": "absolute", "pow": "power", "sub": "subtract", "mul": "multiply", "add_n": "add",
    "add_": "add", "exponential": "exp", "linear": "identity", "print_tensor": "identity",
    "ensure_shape": "identity", "reverse": "flip", "batch_normalization": "batch_norm",
    "switch": "where", "constant_like": "full_like",
    **dict.fromkeys(("in_train_phase", "random_normal_like", "l2_loss")),
}  # fmt: skip
#: Functions of each number by itself; further tensors broadcast.
_ELEMENTWISE: Final = POINTWISE.union(_NAMES).difference(COMPUTED)

_AXES: Final = {"dim": "axis", "keep_dims": "keepdims", "perm": "axes", "multiples": "repeats",
                "num_or_size_splits": "indices_or_sections", "paddings": "pad_width",
                "depth": "num_classes", "n": "repeats", "rep": "repeats", "pattern": "axes",
                "num_classes": "num_classes"}  # fmt: skip


def function_of(name: str) -> Builtin:
    """Return a function by its name."""
    if name in _SPECIAL:
        return Builtin(f"ops.{name}", _SPECIAL[name])
    if name in _LINES:
        return Builtin(f"ops.{name}", _operation(name))
    if name in _ELEMENTWISE:
        return Builtin(f"ops.{name}", _elementwise(name))
    return computed(name)


def _operation(name: str) -> Callable[[Machine, Call], Value]:
    operation, *names = _LINES[name].split()

    def run(m: Machine, call: Call) -> Value:
        lost = holds_unknown([*call.args, *call.kwargs.values()])
        if lost is not None:
            m.need(lost, call.position)
            return lost.lost()
        operands: list[Value] = []
        options: dict[str, Any] = {}
        kwargs = {_AXES.get(key, key): value for key, value in call.kwargs.items()}
        args = list(call.args)
        for each in names:
            key, _, default = each.lstrip("*-").partition("=")
            if each.startswith("-"):
                # It changes no shape.
                del args[:1]
                kwargs.pop(key, None)
                continue
            if each.startswith("*"):
                given = args.pop(0) if args else _tensor_of(kwargs)
                operands.append(given)
            elif args:
                options[key] = args.pop(0)
            elif key in kwargs:
                options[key] = kwargs[key]
            elif default and default != "None":
                options[key] = {"False": False, "True": True}.get(default, default)
        options = {key: _number(value) for key, value in options.items()}
        operands = [_packed(m, operation, each, call) for each in operands]
        tensors = flat(operands)
        if not tensors:
            return joined_sizes(operation, operands)
        return _applied(m, name, operation, options, operands, call)

    return run


#: Operations that read a list of tensors; to the others it is one tensor, of which these are rows.
_OF_LISTS: Final = frozenset({"concatenate", "stack"})


def _packed(m: Machine, operation: str, value: Value, call: Call) -> Value:
    """Return a list of tensors of one shape as one tensor; anything else stays what it is."""
    if operation in _OF_LISTS or not isinstance(value, list | tuple) or not value:
        return value
    if not all(isinstance(each, Tensor) and each.shape == value[0].shape for each in value):
        return value
    return m.call(function_of("stack"), [value], {}, call.position)


def _number(value: Value) -> Value:
    """Return a default that stands in a table."""
    return int(value) if isinstance(value, str) and value.lstrip("-").isdigit() else value


def _tensor_of(kwargs: dict[str, Value]) -> Value:
    """Take the next argument that is a tensor, or a list of them."""
    for key, value in list(kwargs.items()):
        if flat(value):
            return kwargs.pop(key)
    return UNKNOWN


def _applied(
    m: Machine,
    name: str,
    operation: str,
    options: dict[str, Any],
    operands: list[Value],
    call: Call,
) -> Value:
    """Make the layer of an operation, and apply it."""
    from shapecalc.importers.keras.ops import layer_of

    if operation == "reshape" and isinstance(options.get("shape"), list | tuple):
        options["shape"] = [size_from(each) for each in options["shape"]]
    options = {key: list(v) if isinstance(v, tuple) else v for key, v in options.items()}
    try:
        layer = layer_of(operation, options, [_read(each) for each in operands])
    except (ShapecalcError, KeyError, TypeError, ValueError) as error:
        known = error if isinstance(error, ShapecalcError) else None
        if known is not None:
            m.refuse(known, call.position, kind="ValueError")
        return Unknown(f"ops.{name}", call.position)
    if layer is None:
        return Unknown(f"ops.{name}", call.position)
    inputs = [
        each if each.library == "keras" else Tensor(each.shape, "keras") for each in flat(operands)
    ]
    outputs = run_layer(
        m, layer, inputs, call.position, library="keras", title=f"ops.{layer.called}"
    )
    return outputs[0] if len(outputs) == 1 and operation not in {"split", "unstack"} else outputs


def _read(value: Value) -> Any:  # noqa: ANN401
    """Return a tensor as the reader of model files has it."""
    if isinstance(value, Tensor):
        from shapecalc.importers.keras.calls import Read

        shape = tuple(size if isinstance(size, int) else None for size in value.shape)
        return Read("", 0, 0, shape)
    if isinstance(value, list | tuple):
        return [_read(each) for each in value]
    return value


def _elementwise(name: str) -> Callable[[Machine, Call], Value]:
    def run(m: Machine, call: Call) -> Value:
        lost = holds_unknown(call.args)
        if lost is not None:
            return lost.lost()
        tensors = flat([*call.args, *call.kwargs.values()])
        if all(each.tape is None and not each.shape and each.held is None for each in tensors):
            return _of_numbers(name, call)
        layer = _of_each(name, call)
        inputs = [
            each if each.library == "keras" else Tensor(each.shape, "keras") for each in tensors
        ]
        return run_layer(
            m, layer, inputs, call.position, library="keras", title=f"ops.{layer.called}"
        )[0]

    return run


def _of_each(name: str, call: Call) -> Layer:
    """Make the step of a function, with the number on its right where that is one."""
    op = _NAMES.get(name, name)
    if op is None:
        return Elementwise(function=name)
    left, right = call.get(0, "x1"), call.get(1, "x2")
    left, right = (
        (right, left) if op in COMMUTATIVE and isinstance(right, Tensor) else (left, right)
    )
    number = isinstance(right, int | float) and not isinstance(right, bool)
    given = {"value": right} if op in BINARY and isinstance(left, Tensor) and number else {}
    return CATALOGUE.layer("Pointwise", op=op, **given)


def _of_numbers(name: str, call: Call) -> Value:
    """Return what a function gives of numbers of Python: a tensor; a number stays what it is."""
    made = as_tensor(call.get(0, "x"))
    if isinstance(made, Tensor) and name != "cast":
        made.numbers = None
    return made


def _shape(_m: Machine, call: Call) -> Value:
    x = call.get(0, "x", call.kwargs.get("input"))
    if not isinstance(x, Tensor):
        return UNKNOWN
    # What is None while the model is built is a size all the same while it runs.
    return tuple(x.shape)


def _int_shape(_m: Machine, call: Call) -> Value:
    x = call.get(0, "x")
    return shape_of(x) if isinstance(x, Tensor) else UNKNOWN


def _ndim(_m: Machine, call: Call) -> Value:
    x = call.get(0, "x")
    return len(x.shape) if isinstance(x, Tensor) else UNKNOWN


def _flat(m: Machine, call: Call) -> Value:
    x = call.get(0, "x")
    if not isinstance(x, Tensor):
        return UNKNOWN
    return _applied(m, "flatten", "reshape", {"shape": [-1]}, [x], call)


def _batch_flat(m: Machine, call: Call) -> Value:
    x = call.get(0, "x")
    if not isinstance(x, Tensor):
        return UNKNOWN
    shape = [-1, product(x.shape[1:])]
    return _applied(m, "batch_flatten", "reshape", {"shape": shape}, [x], call)


def _dot(m: Machine, call: Call) -> Value:
    x, y = call.get(0, "x"), call.get(1, "y")
    if not (isinstance(x, Tensor) and isinstance(y, Tensor)):
        return UNKNOWN
    if len(y.shape) < 2:  # noqa: PLR2004  (a vector)
        return _applied(m, "dot", "tensordot", {"axes": 1}, [x, y], call)
    return _applied(m, "dot", "dot", {}, [x, y], call)


def _padded(m: Machine, call: Call) -> Value:
    """``pad``: so many on both sides of each axis, or one pair for all of them."""
    x, width = call.get(0, "x"), call.get(1, "pad_width", call.kwargs.get("paddings"))
    if isinstance(width, int):
        width = (width, width)
    plain = isinstance(width, list | tuple) and all(isinstance(each, int) for each in width)
    if isinstance(x, Tensor) and plain:
        return _applied(m, "pad", "pad", {"pad_width": [list(width)] * len(x.shape)}, [x], call)
    return _operation("pad")(m, call)


def _item(m: Machine, call: Call) -> Value:
    x, key = call.get(0, "x"), call.get(1, "key")
    return indexed(m, x, key, call.position) if isinstance(x, Tensor) else UNKNOWN


def _rearranged(m: Machine, call: Call) -> Value:
    """``rearrange``: as einops has it."""
    from shapecalc.importers.python.library.einops import find

    return m.call(find("einops.rearrange"), call.args, call.kwargs, call.position)


def _batch_dot(m: Machine, call: Call) -> Value:
    x, y = call.get(0, "x"), call.get(1, "y")
    axes = call.get(2, "axes")
    if not (isinstance(x, Tensor) and isinstance(y, Tensor)):
        return UNKNOWN
    if axes is None:
        axes = (len(x.shape) - 1, max(len(y.shape) - 2, 1))
    layer = CATALOGUE.layer("Dot", axes=list(axes) if isinstance(axes, tuple) else axes)
    return run_layer(m, layer, [x, y], call.position, library="keras", title="ops.BatchDot")[0]


def _multiplied(m: Machine, call: Call) -> Value:
    """``matmul``; TensorFlow turns its operands where it is told to."""
    turned = [
        any(call.kwargs.get(key) is True for key in (f"transpose_{side}", f"adjoint_{side}"))
        or (place < len(call.args) and call.args[place] is True)
        for place, side in enumerate("ab", start=2)
    ]
    if not any(turned):
        return _operation("matmul")(m, call)
    operands = []
    for place, side in enumerate("ab"):
        x = call.get(place, side)
        if turned[place] and isinstance(x, Tensor):
            x = _applied(m, "swapaxes", "swapaxes", {"axis1": -2, "axis2": -1}, [x], call)
        operands.append(x)
    return _operation("matmul")(m, type(call)(m, operands, {}, call.position))


def _einsum(m: Machine, call: Call) -> Value:
    equation, *operands = call.args
    lost = holds_unknown([equation, *operands])
    if lost is not None:
        m.need(lost, call.position)
        return Unknown(lost.name, lost.position)
    if not isinstance(equation, str) or not flat(operands):
        return UNKNOWN
    return _applied(m, "einsum", "einsum", {"subscripts": equation}, operands, call)


def _gather(m: Machine, call: Call) -> Value:
    """``gather``: along the first axis, or along another past those of the batch."""
    axis = call.get(3, "axis", call.kwargs.get("batch_dims", 0))
    return _picked(m, call, "params", axis, call.get(4, "batch_dims", 0))


def _taken(m: Machine, call: Call) -> Value:
    """``take``: along an axis, or of all numbers."""
    return _picked(m, call, "x", call.get(2, "axis"), 0)


def _picked(m: Machine, call: Call, name: str, axis: Value, batched: Value) -> Value:
    x, indices = call.get(0, name, call.kwargs.get("reference")), call.get(1, "indices")
    if isinstance(x, list | tuple) or isinstance(indices, int | list | tuple):
        x, indices = (as_tensor(each) for each in (x, indices))
    known = isinstance(x, Tensor) and isinstance(indices, Tensor)
    if not (known and isinstance(batched, int) and (axis is None or isinstance(axis, int))):
        return UNKNOWN
    shape = indices.shape
    if axis is not None:
        axis %= max(len(x.shape), 1)
        shape = (*x.shape[:axis], *indices.shape[batched:], *x.shape[axis + 1 :])
    computed = computed_layer([shape], "ops.Take")
    inputs = [each if each.library == "keras" else as_tensor(each) for each in (x, indices)]
    return run_layer(m, computed, inputs, call.position, library="keras")[0]


def _resized(m: Machine, call: Call) -> Value:
    x, size = call.get(0, "images"), call.get(1, "size")
    if not isinstance(x, Tensor) or not isinstance(size, list | tuple) or len(x.shape) < 3:  # noqa: PLR2004
        return UNKNOWN
    shape = (*x.shape[:-3], *size, x.shape[-1])
    computed = computed_layer([shape], "ops.Resize")
    return run_layer(m, computed, [x], call.position, library="keras")[0]


def _enlarged(m: Machine, call: Call) -> Value:
    """``resize_images`` of the backend: the height and the width times so much."""
    names = "x height_factor width_factor data_format=None interpolation=None"
    found = call.bind(names, "resize_images")
    x, factors = found["x"], (found["height_factor"], found["width_factor"])
    if not isinstance(x, Tensor) or not all(isinstance(each, int) for each in factors):
        return UNKNOWN
    shape, first = list(x.shape), 2 if found["data_format"] == "channels_first" else 1
    for axis, factor in enumerate(factors, start=first):
        shape[axis] = shape[axis] * factor
    computed = computed_layer([shape], "ops.Resize")
    return run_layer(m, computed, [x], call.position, library="keras")[0]


def _tiled(m: Machine, call: Call) -> Value:
    """``tile`` so many times along each axis; sizes in letters multiply too."""
    x, counts = call.get(0, "x"), call.get(1, "n", call.kwargs.get("repeats"))
    if not isinstance(counts, list | tuple) or not any(isinstance(n, Dim) for n in counts):
        return _operation("tile")(m, call)
    if not isinstance(x, Tensor) or len(counts) != len(x.shape):
        return UNKNOWN
    shape = tuple(a * b for a, b in zip(x.shape, counts, strict=True))
    computed = computed_layer([shape], "ops.Tile")
    return run_layer(m, computed, [x], call.position, library="keras")[0]


_SPECIAL: Final[dict[str, Callable[[Machine, Call], Value]]] = {
    "resize_images": _enlarged, "tile": _tiled, "pad": _padded, "get_item": _item,
    "rearrange": _rearranged, "matmul": _multiplied,
    "shape": _shape, "int_shape": _int_shape, "ndim": _ndim, "rank": _ndim, "flatten": _flat,
    "batch_flatten": _batch_flat, "dot": _dot, "batch_dot": _batch_dot, "einsum": _einsum,
    "gather": _gather, "take": _taken, "resize": _resized, "resize_bilinear": _resized,
    "resize_nearest_neighbor": _resized, "bias_add": _elementwise("add"), **CREATING, **MAPPING,
}  # fmt: skip

FUNCTIONS: Final = frozenset(_LINES) | frozenset(COMPUTED) | _ELEMENTWISE | frozenset(_SPECIAL)

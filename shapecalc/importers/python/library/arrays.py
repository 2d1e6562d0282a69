"""Arrays of numpy: operators, brackets, attributes and methods.

What torch has too is the step of torch: the shapes are the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from shapecalc.dims import Dim, product
from shapecalc.importers.python.layers import run_layer, whole_size
from shapecalc.importers.python.library.picking import picked
from shapecalc.importers.python.library.torchcreating import nested_shape
from shapecalc.importers.python.tensors import index_text
from shapecalc.importers.python.values import UNKNOWN, Builtin, Ratio, Tensor, Unknown, Value

if TYPE_CHECKING:
    from shapecalc.importers.python.calls import Call
    from shapecalc.importers.python.machine import Machine
    from shapecalc.importers.python.positions import Position

_OPERATORS: Final = {"matmul": "Matmul"}


class ArrayInt(int):
    """A whole number that numpy gave, which is no ``int`` of Python; so is what is made of it."""

    __slots__ = ()

    def __add__(self, other: Any) -> Any:  # noqa: ANN401
        return _kept(int(self).__add__(other))

    def __sub__(self, other: Any) -> Any:  # noqa: ANN401
        return _kept(int(self).__sub__(other))

    def __mul__(self, other: Any) -> Any:  # noqa: ANN401
        return _kept(int(self).__mul__(other))

    def __floordiv__(self, other: Any) -> Any:  # noqa: ANN401
        return _kept(int(self).__floordiv__(other))

    def __radd__(self, other: Any) -> Any:  # noqa: ANN401
        return _kept(int(self).__radd__(other))

    def __rmul__(self, other: Any) -> Any:  # noqa: ANN401
        return _kept(int(self).__rmul__(other))


def _kept(value: Any) -> Any:  # noqa: ANN401
    return ArrayInt(value) if type(value) is int else value


def array(shape: Any, *, whole: bool | None = None) -> Tensor:  # noqa: ANN401
    """Return an array of a shape."""
    sizes = [int(size) if isinstance(size, ArrayInt) else size for size in shape]
    return Tensor(sizes, "numpy", whole=whole)


def as_array(value: Value) -> Tensor | None:
    """Return what lists and numbers are as an array; None where that is not known."""
    if isinstance(value, Tensor):
        return value
    shape = nested_shape(value)
    if shape is None:
        return None
    first = value
    while isinstance(first, list | tuple) and first:
        first = first[0]
    whole = isinstance(first, int | Dim) and not isinstance(first, bool)
    made = array(shape, whole=first.whole if isinstance(first, Tensor) else whole)
    if len(shape) == 1 and all(isinstance(each, int | float | Dim) for each in value):
        made.numbers = list(value)
    elif not shape:
        made.numbers = [value]
    return made


def stepped(
    m: Machine,
    step: str,
    config: dict[str, Any],
    inputs: list[Tensor],
    where: Position | None,
    title: str,
) -> list[Tensor]:
    """Apply a step to arrays, which nothing records."""
    lost = next((each for each in config.values() if isinstance(each, Unknown)), None)
    if lost is not None:
        raise LostError(lost)
    plain = [array(each.shape, whole=each.whole) for each in inputs]
    from shapecalc.importers.python.layers import make
    from shapecalc.layers.torch.dialect import TORCH

    layer = make(m, TORCH, step, config, where)
    assert layer is not None  # noqa: S101  (it is made, or refused)
    return run_layer(m, layer, plain, where, library="numpy", title=title)


class LostError(Exception):
    """What an array depends on is not known."""

    def __init__(self, unknown: Unknown) -> None:
        super().__init__()
        self.unknown = unknown


# What all tensors have.


def operated(m: Machine, name: str, left: Value, right: Value, where: Position) -> Value:
    """Apply an operator: arrays broadcast, a number changes no shape."""
    both = [as_array(each) for each in (left, right) if isinstance(each, Tensor | list | tuple)]
    inputs = [each for each in both if each is not None]
    if name == "neg" or len(inputs) == 1:
        fraction = name == "truediv" or isinstance(left, float) or isinstance(right, float)
        found = array(inputs[0].shape, whole=None if fraction else inputs[0].whole)
        found.numbers = _numbers(m, name, left, right, where)
        return found
    step = _OPERATORS.get(name, "Add")
    (found,) = stepped(m, step, {}, inputs, where, f"numpy.{name}")
    return found


_WORDS: Final = {
    "add": "Add",
    "sub": "Sub",
    "mul": "Mult",
    "truediv": "Div",
    "floordiv": "FloorDiv",
}
#: How many numbers are computed one by one.
_FEW: Final = 64


def _numbers(m: Machine, name: str, left: Value, right: Value, where: Position) -> Any:  # noqa: ANN401
    from shapecalc.importers.python.operators import binary

    tensor = left if isinstance(left, Tensor) else right
    numbers = tensor.numbers if isinstance(tensor, Tensor) else None
    if numbers is None or name not in _WORDS or len(numbers) > _FEW:
        return None
    if not isinstance(left if tensor is right else right, int | float | Dim | Ratio):
        return None
    pairs = [(each, right) if tensor is left else (left, each) for each in numbers]
    found = [binary(m, _WORDS[name], a, b, where) for a, b in pairs]
    return None if any(isinstance(each, Unknown) for each in found) else found


def _forwards(part: Value) -> Value:
    whole = isinstance(part, slice) and part.start is None and part.stop is None
    return slice(None) if whole and part.step == -1 else part


def indexed(m: Machine, tensor: Tensor, index: Value, where: Position | None) -> Value:
    """Take a part in brackets; how much a mask takes is not known."""
    parts = index if isinstance(index, tuple) else (index,)
    if any(isinstance(each, slice) and each.step == -1 for each in parts):
        # Backwards an axis is as long.
        parts = tuple(_forwards(each) for each in parts)
        index = parts if isinstance(index, tuple) else parts[0]
    lost = next((each for each in parts if isinstance(each, Unknown)), None)
    if lost is not None:
        return lost.lost()
    text = index_text(index)
    title = "numpy.ndarray.__getitem__"
    if text is not None:
        (found,) = stepped(m, "Index", {"key": text}, [tensor], where, title)
        found.whole = tensor.whole
        if tensor.numbers is not None and len(tensor.shape) == 1 and isinstance(index, int | slice):
            taken = tensor.numbers[index]
            if not found.shape:
                return taken
            found.numbers = list(taken)
        return found
    shape = picked(m, tensor, parts)
    return Unknown("a mask", where) if shape is None else array(shape, whole=tensor.whole)


def attribute(_m: Machine, tensor: Tensor, name: str, where: Position | None) -> Value:
    """Look up an attribute or a method."""
    if name == "shape":
        return tuple(tensor.shape)
    if name == "ndim":
        return len(tensor.shape)
    if name == "size":
        return product(tensor.shape)
    if name == "T":
        return array(tensor.shape[::-1], whole=tensor.whole)
    if name in {"real", "imag", "flat", "data"}:
        return tensor
    if name in METHODS:
        method = METHODS[name]
        return Builtin(f"numpy.ndarray.{name}", lambda m, call: method(m, tensor, call))
    from shapecalc.importers.python.library.numpy import FUNCTIONS

    if name in FUNCTIONS:
        function = FUNCTIONS[name]
        return Builtin(f"numpy.ndarray.{name}", lambda m, call: function(m, _with(m, tensor, call)))
    if name in {"dtype", "nbytes", "itemsize", "strides", "flags", "base"}:
        return UNKNOWN
    return Unknown(f"numpy.ndarray.{name}", where)


def _with(m: Machine, tensor: Tensor, call: Call) -> Call:
    return type(call)(m, [tensor, *call.args], call.kwargs, call.position)


def is_whole(dtype: Value) -> bool | None:
    """Return whether a type is that of whole numbers; None where it is not known."""
    text = dtype if isinstance(dtype, str) else getattr(dtype, "name", "")
    last = text.rpartition(".")[2]
    return last.startswith(("int", "uint", "long", "<i", "i")) if last else None


def _as_type(_m: Machine, tensor: Tensor, call: Call) -> Value:
    made = array(tensor.shape, whole=is_whole(call.get(0, "dtype", "")))
    made.classes = tensor.classes
    return made


def _reshape(m: Machine, tensor: Tensor, call: Call) -> Value:
    sizes = call.args or [call.kwargs.get("shape", ())]
    shape = sizes[0] if len(sizes) == 1 else tuple(sizes)
    return reshaped(m, tensor, shape, call)


def reshaped(m: Machine, tensor: Tensor, shape: Value, call: Call) -> Value:
    """Give an array another shape."""
    if isinstance(shape, Tensor) and shape.numbers is not None:
        shape = shape.numbers
    sizes = tuple(shape) if isinstance(shape, list | tuple) else (shape,)
    lost = next((each for each in sizes if isinstance(each, Unknown)), None)
    if lost is not None:
        return lost.lost()
    if not all(map(whole_size, sizes)):
        kind = next(type(each).__name__ for each in sizes if not whole_size(each))
        text = f"'{kind}' object cannot be interpreted as an integer"
        m.fail("TypeError", text, call.position)
    (found,) = stepped(m, "Reshape", {"shape": sizes}, [tensor], call.position, "numpy.reshape")
    found.whole, found.numbers = tensor.whole, tensor.numbers if len(found.shape) == 1 else None
    found.classes = tensor.classes
    return found


def _transpose(m: Machine, tensor: Tensor, call: Call) -> Value:
    axes = call.args or [call.kwargs.get("axes")]
    order = axes[0] if len(axes) == 1 and not isinstance(axes[0], int) else tuple(axes)
    return turned(m, tensor, order, call)


def turned(m: Machine, tensor: Tensor, order: Value, call: Call) -> Value:
    """Put the axes of an array into another order, the reverse one without any."""
    if order is None:
        return array(tensor.shape[::-1], whole=tensor.whole)
    if not isinstance(order, list | tuple):
        return UNKNOWN
    config = {"dims": tuple(order)}
    (found,) = stepped(m, "Permute", config, [tensor], call.position, "numpy.transpose")
    found.whole = tensor.whole
    return found


def _flat(_m: Machine, tensor: Tensor, _call: Call) -> Value:
    made = array([product(tensor.shape)], whole=tensor.whole)
    made.classes = tensor.classes
    return made


def _item(_m: Machine, tensor: Tensor, _call: Call) -> Value:
    return tensor.numbers[0] if tensor.numbers is not None and len(tensor.numbers) == 1 else UNKNOWN


def _nothing(_m: Machine, _tensor: Tensor, _call: Call) -> Value:
    return None


#: Methods that are not functions of numpy, or take their arguments otherwise.
METHODS: Final[dict[str, Any]] = {
    "astype": _as_type,
    "reshape": _reshape,
    "transpose": _transpose,
    "flatten": _flat,
    "ravel": _flat,
    "item": _item,
    "tolist": lambda _m, tensor, _call: UNKNOWN if tensor.numbers is None else list(tensor.numbers),
    "copy": lambda _m, tensor, _call: tensor,
    "numpy": lambda _m, tensor, _call: tensor,
    "view": lambda _m, tensor, _call: tensor,
    **dict.fromkeys(("fill", "sort", "setflags", "tofile", "dump"), _nothing),
}

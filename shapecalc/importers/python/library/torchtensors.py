"""Tensors of torch: operators, brackets, attributes and methods."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from shapecalc.dims import Dim, product
from shapecalc.importers.python.layers import computed_layer, run_layer
from shapecalc.importers.python.library.freezing import requires_grad
from shapecalc.importers.python.library.picking import picked
from shapecalc.importers.python.library.torchcomputed import COMPUTED, computed
from shapecalc.importers.python.library.torcheach import of_operator
from shapecalc.importers.python.library.torchfunctions import (
    ALIASES,
    CREATING_LIKE,
    FUNCTIONS,
    SAME,
    function_of,
    made_layer,
)
from shapecalc.importers.python.library.torchkinds import Kind, TypeOf, of_kind
from shapecalc.importers.python.library.torchnames import NO_METHODS
from shapecalc.importers.python.library.torchnumbers import after_operator, number_of
from shapecalc.importers.python.library.torchplaces import written_over
from shapecalc.importers.python.tensors import index_text
from shapecalc.importers.python.values import UNKNOWN, Builtin, Tensor, Unknown, Value

if TYPE_CHECKING:
    from shapecalc.importers.python.calls import Call
    from shapecalc.importers.python.machine import Machine
    from shapecalc.importers.python.positions import Position


def operated(m: Machine, name: str, left: Value, right: Value, where: Position) -> Value:
    """Apply an operator; those that no step does broadcast as a sum does."""
    inputs = [each for each in (left, right) if isinstance(each, Tensor)]
    if name == "neg" or len(inputs) == 1:
        if name == "matmul":
            return m.fail("TypeError", "matmul needs two tensors", where)
        title = f"torch.Tensor.{name}"
        number = right if left is inputs[0] else left
        plain = name != "truediv" and isinstance(number, int | Dim | type(None))
        whole = inputs[0].whole if plain else None
        layer = of_operator(name, left, right)
        (found,) = run_layer(m, layer, inputs, where, library="torch", title=title)
        found.mask = name in _COMPARISONS or (name in _LOGICAL and inputs[0].mask)
        found.whole = found.mask or whole
        found.reach = after_operator(name, left, right)
        if inputs[0].numbers is not None and len(inputs[0].numbers) == 1 and m.tape is None:
            found.numbers = _numbers(m, name, left, right, where)
        return found
    layer = of_operator(name, left, right)
    title = f"torch.Tensor.{name}"
    (found,) = run_layer(m, layer, inputs, where, library="torch", title=title)
    if all(each.whole for each in inputs) and name in _WHOLE_OPERATORS:
        found.whole = True
    found.mask = name in _COMPARISONS or (name in _LOGICAL and all(each.mask for each in inputs))
    if found.mask:
        found.whole = True
    return found


_COMPARISONS: Final = frozenset("eq ne lt le gt ge".split())
_LOGICAL: Final = frozenset("and or xor invert".split())
_WHOLE_OPERATORS: Final = frozenset("add sub mul floordiv mod".split())


def _numbers(m: Machine, name: str, left: Value, right: Value, where: Position) -> Any:  # noqa: ANN401
    from shapecalc.importers.python.operators import binary, compare

    words = {"add": "Add", "sub": "Sub", "mul": "Mult", "truediv": "Div", "pow": "Pow"}
    words |= {"eq": "Eq", "ne": "NotEq", "lt": "Lt", "le": "LtE", "gt": "Gt", "ge": "GtE"}
    if name not in words:
        return None
    a, b = (
        each.numbers[0] if isinstance(each, Tensor) and each.numbers else each
        for each in (left, right)
    )
    value = (compare if name in _COMPARISONS else binary)(m, words[name], a, b, where)
    return None if isinstance(value, Unknown) else [value]


def indexed(m: Machine, tensor: Tensor, index: Value, where: Position | None) -> Value:
    """Take a part in brackets."""
    parts = index if isinstance(index, tuple) else (index,)
    unknown = next((each for each in parts if isinstance(each, Unknown)), None)
    if unknown is not None:
        return UNKNOWN
    text = index_text(index)
    title = "torch.Tensor.__getitem__"
    if text is not None:
        layer = made_layer("Index", {"key": text})
        found = run_layer(m, layer, [tensor], where, library="torch", title=title)[0]
        if tensor.numbers is not None and isinstance(index, int) and len(tensor.shape) == 1:
            found.numbers = [tensor.numbers[index]]
        if all(part is None or part is Ellipsis or part == slice(None) for part in parts):
            found.reach = tensor.reach
        found.whole, found.mask = tensor.whole, tensor.mask
        return found
    shape = picked(m, tensor, parts)
    if shape is None:
        return UNKNOWN
    others = [each for each in parts if isinstance(each, Tensor)]
    computed = computed_layer([shape], title)
    (found,) = run_layer(m, computed, [tensor, *others], where, library="torch")
    found.whole, found.mask = tensor.whole, tensor.mask
    return found


def _size(m: Machine, tensor: Tensor, call: Call) -> Value:
    dim = call.get(0, "dim")
    if dim is None:
        return tuple(tensor.shape)
    if not isinstance(dim, int):
        return UNKNOWN
    try:
        return tensor.shape[dim]
    except IndexError:
        rank = len(tensor.shape)
        text = f"there is no dim {dim}: there are those from {-rank} to {rank - 1}"
        return m.fail("IndexError", text, call.position, rule="rank")


_WHOLE: Final = {"long": True, "int": True, "float": False, "double": False, "half": False}

_METHODS: Final[dict[str, Any]] = {
    "size": _size,
    "dim": lambda _m, tensor, _call: len(tensor.shape),
    "ndimension": lambda _m, tensor, _call: len(tensor.shape),
    "numel": lambda _m, tensor, _call: product(tensor.shape),
    "nelement": lambda _m, tensor, _call: product(tensor.shape),
    "item": number_of,
    "tolist": lambda _m, tensor, _call: UNKNOWN if tensor.numbers is None else list(tensor.numbers),
    "numpy": lambda _m, tensor, _call: Tensor(tensor.shape, "numpy"),
    "backward": lambda _m, _tensor, _call: None,
    "is_floating_point": lambda _m, tensor, _call: (
        UNKNOWN if tensor.whole is None else not tensor.whole
    ),
    "new_zeros": lambda m, _tensor, call: m.call(
        function_of("zeros"), call.args, {}, call.position
    ),
    "new_ones": lambda m, _tensor, call: m.call(function_of("ones"), call.args, {}, call.position),
    "new_empty": lambda m, _tensor, call: m.call(
        function_of("empty"), call.args, {}, call.position
    ),
    "new_tensor": lambda m, _tensor, call: m.call(
        function_of("tensor"), call.args, {}, call.position
    ),
    "new": lambda m, _tensor, call: m.call(function_of("empty"), call.args, {}, call.position),
    "view_as": lambda m, tensor, call: m.call(
        function_of("reshape"), [tensor, tuple(call.args[0].shape)], {}, call.position
    ),
    "reshape_as": lambda m, tensor, call: m.call(
        function_of("reshape"), [tensor, tuple(call.args[0].shape)], {}, call.position
    ),
    "expand_as": lambda m, tensor, call: m.call(
        function_of("expand"), [tensor, tuple(call.args[0].shape)], {}, call.position
    ),
    "new_full": lambda m, _tensor, call: m.call(function_of("full"), call.args, {}, call.position),
    "is_contiguous": lambda _m, tensor, _call: tensor.strides is None,
    **dict.fromkeys(
        "stride data_ptr element_size get_device storage equal allclose".split(),
        lambda _m, _tensor, _call: UNKNOWN,
    ),
    "apply_": lambda _m, tensor, _call: tensor,
    "register_hook": lambda _m, _tensor, _call: None,
    "requires_grad_": requires_grad,
    "retain_grad": lambda _m, _tensor, _call: None,
}


_FACTS: Final[dict[str, Any]] = {
    "shape": lambda tensor: tuple(tensor.shape),
    "ndim": lambda tensor: len(tensor.shape),
    "is_cuda": lambda _tensor: False,
    **dict.fromkeys(("data", "grad", "real"), lambda tensor: tensor),
    "dtype": lambda tensor: TypeOf(Kind(tensor.whole, tensor.mask)),
    **dict.fromkeys(
        ("device", "layout", "requires_grad", "is_leaf", "grad_fn"),
        lambda _tensor: UNKNOWN,
    ),
}


def attribute(m: Machine, tensor: Tensor, name: str, where: Position | None) -> Value:
    """Look up an attribute or a method."""
    if name in _FACTS:
        return _FACTS[name](tensor)
    if name in {"T", "mT", "H"}:
        layer = made_layer("Permute", {"dims": tuple(range(len(tensor.shape)))[::-1]})
        if name != "T":
            layer = made_layer("Transpose", {"dim0": -2, "dim1": -1})
        return run_layer(m, layer, [tensor], where, library="torch", title=f"torch.Tensor.{name}")[
            0
        ]
    if name in _METHODS:
        method = _METHODS[name]
        return Builtin(name, lambda m, call: method(m, tensor, call))
    if name in _WHOLE:
        return Builtin(name, lambda _m, _call: of_kind(tensor, Kind(_WHOLE[name])))
    plain = ALIASES.get(name.rstrip("_"), name.rstrip("_"))
    if name in NO_METHODS:
        return _lacking(m, name, where)
    if (plain in FUNCTIONS and plain != "unfold") or plain in SAME or plain in CREATING_LIKE:
        return _method(tensor, name, function_of(plain))
    if plain in COMPUTED:
        return _method(tensor, name, computed(plain))
    return _lacking(m, name, where)


def _lacking(m: Machine, name: str, where: Position | None) -> Value:
    """Say that a tensor does not have an attribute."""
    from shapecalc.importers.python.library.torchlacking import of_tensor

    known = {*_FACTS, *_METHODS, *_WHOLE, *FUNCTIONS, *SAME, *COMPUTED} - NO_METHODS
    return of_tensor(m, name, known, where)


def _become(tensor: Tensor, made: Value) -> None:
    """Make a tensor what a method that works in place gives."""
    if not isinstance(made, Tensor) or made is tensor:
        return
    tensor.reach, tensor.numbers = made.reach, made.numbers
    if made.shape != tensor.shape:
        for key in ("shape", "strides", "tape", "port"):
            setattr(tensor, key, getattr(made, key))


def _method(tensor: Tensor, name: str, function: Builtin) -> Builtin:
    """Return a function as a method of a tensor."""

    def run(m: Machine, call: Call) -> Value:
        made = m.call(function, [tensor, *call.args], call.kwargs, call.position)
        if name.endswith("_"):
            written_over(m, name, tensor, made, call)
            _become(tensor, made)
        return made

    return Builtin(f"torch.Tensor.{name}", run)

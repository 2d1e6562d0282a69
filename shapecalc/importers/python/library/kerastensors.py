"""Tensors of Keras and TensorFlow: sizes that are None, operators, brackets, attributes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from shapecalc.dims import Dim, Size
from shapecalc.errors import ShapecalcError
from shapecalc.importers.python.layers import computed_layer, run_layer, whole_size
from shapecalc.importers.python.tape import Tape
from shapecalc.importers.python.tensors import index_text
from shapecalc.importers.python.values import UNKNOWN, Builtin, Ratio, Tensor, Unknown, Value
from shapecalc.layers.keras.dialect import CATALOGUE, KERAS
from shapecalc.layers.keras.opnames import COMMUTATIVE
from shapecalc.layers.letters import free_letter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapecalc.importers.python.calls import Call
    from shapecalc.importers.python.machine import Machine
    from shapecalc.importers.python.positions import Position
    from shapecalc.layers.layer import Layer

#: What the operators are called among the operations of Keras.
_OPERATIONS: Final = {
    "add": "add", "sub": "subtract", "mul": "multiply", "truediv": "true_divide", "pow": "power",
    "floordiv": "floor_divide", "mod": "mod", "neg": "negative", "eq": "equal",
    "ne": "not_equal", "lt": "less", "le": "less_equal", "gt": "greater", "ge": "greater_equal",
    "and": "logical_and", "or": "logical_or", "xor": "logical_xor", "invert": "logical_not",
    "abs": "absolute", "lshift": "left_shift", "rshift": "right_shift",
}  # fmt: skip


def tape_of(m: Machine) -> Tape:
    """Return the tape of the graph that ``Input`` begins."""
    tape = m.state.get("keras tape")
    if not isinstance(tape, Tape):
        tape = m.state["keras tape"] = Tape(KERAS, "keras", m.given)
    return tape


def symbolic(
    m: Machine,
    shape: Sequence[Value],
    name: str | None,
    position: Position | None,
    *,
    whole: bool | None = None,
    given: bool = True,
) -> Tensor:
    """Let a tensor come in, whose batch and whose sizes may be None.

    With ``given`` a shape that is given beside the source stands in its place.
    """
    tape = m.tape if m.tape is not None and m.tape.library == "keras" else tape_of(m)
    shape = (_given_shape(m, len(shape), name) if given else None) or shape
    used = tape.scope.used
    letters = KERAS.letters.of(len(shape))
    sizes: list[Size] = []
    unknown = set()
    for axis, each in enumerate(shape):
        size = standard_size(m, each, position)
        if isinstance(size, Unknown):
            # Whatever number it is, the model is made for it.
            size = free_letter(letters[axis], used)
            used.add(str(size))
        elif size is None:
            size = Dim("B") if axis == 0 else free_letter(letters[axis], used)
            used.add(str(size))
            tape.unknown.add(str(size))
            unknown.add(axis)
        sizes.append(size)
    return tape.input(tuple(sizes), name, position, unknown=frozenset(unknown - {0}), whole=whole)


def standard_size(m: Machine, size: Value, position: Position | None) -> Size | Unknown | None:
    """Return a size of a shape as Keras takes it: a whole number of numpy too, or None."""
    if isinstance(size, Tensor) and not size.shape:
        size = Unknown("an array", position) if size.numbers is None else size.numbers[0]
    if size is None or isinstance(size, Unknown) or whole_size(size):
        standard: Size | Unknown | None = size
        return standard
    if isinstance(size, Ratio):
        return UNKNOWN
    text = f"a size of a shape is a whole number or None, not a {type(size).__name__}"
    return m.fail("ValueError", text, position, rule="argument")


def _given_shape(m: Machine, rank: int, name: str | None) -> list[Value] | None:
    """Return the shape given beside the source for the next input, or for that of a name."""
    given = m.given.inputs
    place = m.state["keras inputs"] = m.state.get("keras inputs", -1) + 1
    keys: list[Any] = [name, place, *([None] if place == 0 else [])]
    for key in keys:
        if key in given and (key is not None or place == 0) and len(given[key]) == rank:
            return list(given[key])
    return None


def shape_of(tensor: Tensor) -> tuple[Value, ...]:
    """Return the shape as in Keras: None for what is not known while the model is built."""
    letters = tensor.open_letters or (tensor.tape.unknown if tensor.tape is not None else None)
    if not letters:
        return tuple(tensor.shape)
    return tuple(
        None if isinstance(size, Dim) and not letters.isdisjoint(size.letters) else size
        for size in tensor.shape
    )


def sizes_from(shape: Sequence[Value]) -> list[Size] | None:
    """Take sizes of the program as they are; None where one is not known."""
    return list(shape) if all(map(whole_size, shape)) else None


def made_layer(cls: str, **config: Any) -> Layer:  # noqa: ANN401
    """Make the step of a class."""
    return CATALOGUE.layer(cls, **config)


def operated(m: Machine, name: str, left: Value, right: Value, where: Position) -> Value:
    """Apply an operator."""
    inputs = [_keras(each) for each in (left, right) if isinstance(each, Tensor)]
    if name == "matmul":
        return run_layer(
            m, made_layer("Matmul"), inputs, where, library="keras", title="ops.Matmul"
        )[0]
    operation = _OPERATIONS[name]
    config: dict[str, Any] = {"op": operation}
    others = [each for each in (left, right) if not isinstance(each, Tensor) and each is not None]
    plain = others and isinstance(others[0], int | float) and not isinstance(others[0], bool)
    # A step has the number on the right: of ``1 - x`` it knows none.
    if plain and (isinstance(left, Tensor) or operation in COMMUTATIVE):
        config["value"] = others[0]
    elif others and isinstance(others[0], Ratio | Dim):
        config["value"] = 1
    layer = made_layer("Pointwise", **config)
    title = f"ops.{layer.called}"
    return run_layer(m, layer, inputs, where, library="keras", title=title)[0]


def _keras(tensor: Tensor) -> Tensor:
    return tensor if tensor.library == "keras" else Tensor(tensor.shape, "keras")


def indexed(m: Machine, tensor: Tensor, index: Value, where: Position | None) -> Value:
    """Take a part in brackets."""
    parts = index if isinstance(index, tuple) else (index,)
    if any(isinstance(each, Unknown) for each in parts):
        return UNKNOWN
    text = index_text(index)
    if text is not None:
        layer = made_layer("Slice", key=text)
        return run_layer(m, layer, [tensor], where, library="keras", title="ops.GetItem")[0]
    from shapecalc.importers.python.library.picking import picked

    shape = picked(m, tensor, parts)
    if shape is None:
        return UNKNOWN
    computed = computed_layer([shape], "ops.GetItem")
    return run_layer(m, computed, [tensor], where, library="keras")[0]


def attribute(m: Machine, tensor: Tensor, name: str, where: Position | None) -> Value:
    """Look up an attribute or a method."""
    if name in {"shape", "_keras_shape"}:
        return shape_of(tensor)
    if name == "get_shape":
        return Builtin(name, lambda _m, _call: shape_of(tensor))
    if name in {"ndim", "rank"}:
        return len(tensor.shape)
    if name in {"numpy", "read_value", "value"}:
        return Builtin(name, lambda _m, _call: Tensor(tensor.shape, "numpy"))
    if name in {"assign", "assign_add", "assign_sub"}:
        return Builtin(name, lambda _m, _call: tensor)
    if name == "set_shape":
        return Builtin(name, lambda _m, _call: None)
    if name == "name" and tensor.tape is not None and tensor.port is not None:
        # Of an input it is what the program calls it; of others each release has its own.
        entry = tensor.tape.entries.get(tensor.port.node)
        return tensor.tape.tracer.naming.names[tensor.port.node] if entry is not None else UNKNOWN
    if name in {"dtype", "name", "device", "op", "graph", "node"}:
        return UNKNOWN
    if name == "T":
        layer = made_layer("Transpose")
        return run_layer(m, layer, [tensor], where, library="keras", title="ops.Transpose")[0]
    return Unknown(f"tf.Tensor.{name}", where)


def refused(m: Machine, error: ShapecalcError, call: Call) -> None:
    """Raise the exception that a refusal is."""
    m.refuse(error, call.position, kind="ValueError")

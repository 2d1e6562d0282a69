"""Tensors in operators, brackets and loops; what differs between libraries is asked of them."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from shapecalc.dims import Dim
from shapecalc.importers.python.patches import NOTHING, patched
from shapecalc.importers.python.repeats import repeated
from shapecalc.importers.python.values import (
    UNKNOWN,
    Bound,
    Function,
    Number,
    Ratio,
    Tensor,
    Unknown,
    Value,
)

if TYPE_CHECKING:
    from shapecalc.importers.python.machine import Machine
    from shapecalc.importers.python.positions import Position

#: Whose functions work where tensors of several libraries meet.
_ORDER: Final = ("torch", "keras", "numpy")
_HOMES: Final = {"torch": "torchtensors", "keras": "kerastensors", "numpy": "arrays"}

#: How many parts a tensor is taken apart into where a loop goes over it.
MAX_PARTS: Final = 4096


class ValuesAndIndices(tuple[Tensor, ...]):
    """What torch gives as a pair whose parts have names too: ``values`` and ``indices``."""

    __slots__ = ()

    @property
    def values(self) -> Tensor:
        """The values."""
        return self[0]

    @property
    def indices(self) -> Tensor:
        """Where they stand."""
        return self[1]


def home(library: str) -> Any:  # noqa: ANN401
    """Return the module that knows the tensors of a library."""
    return import_module(f"{__package__}.library.{_HOMES[library]}")


def operated(m: Machine, name: str, left: Value, right: Value, where: Position) -> Value:
    """Apply an operator to tensors, or to a tensor and a number."""
    for each in (left, right):
        if isinstance(each, Unknown) and not isinstance(each, Number):
            m.need(each, where)
            return each.lost()
    both = [each for each in (left, right) if isinstance(each, Tensor)]
    library = next(name for name in _ORDER if any(t.library == name for t in both))
    known = (Tensor, int, float, Dim, Ratio, Number, type(None), list, tuple, complex)
    if library == "torch" and name not in {"eq", "ne", "neg", "invert", "abs"}:
        _refuse_others(m, name, left, right, where)
    if not all(isinstance(each, known) for each in (left, right)):
        return UNKNOWN
    return home(library).operated(m, name, left, right, where)


def _refuse_others(m: Machine, name: str, left: Value, right: Value, where: Position) -> None:
    """Refuse what a tensor of torch has no operator with."""
    for each in (left, right):
        if each is None or isinstance(each, str | list | tuple | dict):
            from shapecalc.importers.python.rewrites import first_of_tuple

            kind = "NoneType" if each is None else type(each).__name__
            kind = "tuple" if isinstance(each, tuple) else kind
            text = f"a tensor and a {kind} have no operator {name}"
            m.fail("TypeError", text, where, rule="unpack", rewrites=first_of_tuple(each))


def attribute_of(m: Machine, tensor: Tensor, name: str, where: Position | None) -> Value:
    """Look up an attribute of a tensor."""
    found = patched(m, f"{tensor.library}.Tensor", name)
    if found is not NOTHING:
        return Bound(found, tensor) if isinstance(found, Function) else found
    return home(tensor.library).attribute(m, tensor, name, where)


def indexed(m: Machine, tensor: Tensor, index: Value, where: Position) -> Value:
    """Take a part of a tensor in brackets."""
    return home(tensor.library).indexed(m, tensor, index, where)


def placed(m: Machine, tensor: Tensor, index: Value, value: Value, where: Position) -> None:
    """Put numbers into a part of a tensor, which keeps its shape."""
    tensor.numbers = tensor.reach = None
    if tensor.library == "torch" and isinstance(value, Tensor) and value.library == "torch":
        from shapecalc.importers.python.library.torchplaces import put_in

        put_in(m, tensor, index, value, where)
        return
    found = indexed(m, tensor, index, where) if m.tape is None else None
    if isinstance(found, Tensor) and isinstance(value, Tensor) and m.tape is None:
        operated(m, "add", found, value, where)


def check_in_place(m: Machine, tensor: Tensor, value: Tensor, where: Position) -> None:
    """Check what an operator like ``+=`` writes over a tensor, where its library does that."""
    if tensor.library == "keras" or value.library == "keras":
        return
    from shapecalc.importers.python.library.torchplaces import fit_into

    why = "an operator in place keeps the shape {}, which {} does not fit into"
    fit_into(m, value.shape, tensor.shape, why, where)


def parts(
    m: Machine, tensor: Tensor, where: Position | None, unpacked: int | None
) -> list[Value] | None:
    """Take a tensor apart along its first axis; None where it is not known how long that is."""
    if not tensor.shape:
        if tensor.library == "numpy":
            # Of objects, an array says nothing.
            return None
        m.fail("TypeError", "iteration over a 0-d tensor", where, rule="unpack")
    if tensor.library == "keras" and tensor.tape is not None and m.tape is None:
        text = "a tensor of a model that is being built cannot be iterated over"
        m.fail("TypeError", text, where, rule="unpack")
    first = tensor.shape[0]
    if unpacked is None and not isinstance(first, int):
        each = indexed(m, tensor, 0, where)  # type: ignore[arg-type]
        return [repeated(m, each, first, "a loop over a tensor", where)]
    count = first if isinstance(first, int) else unpacked
    if count is None or count > MAX_PARTS:
        return None
    if unpacked is not None and isinstance(first, int) and first != unpacked:
        many = "too many" if first > unpacked else "not enough"
        text = f"{many} values to unpack (expected {unpacked}, got {first})"
        m.fail("ValueError", text, where, rule="unpack" if tensor.tape else "python")
    if tensor.numbers is not None and len(tensor.shape) == 1 and tensor.library == "numpy":
        return list(tensor.numbers)
    return [indexed(m, tensor, place, where) for place in range(count)]  # type: ignore[arg-type]


def index_text(index: Value) -> str | None:
    """Write an index as layers take it; None where it is neither a number nor a slice."""
    parts_ = index if isinstance(index, tuple) else (index,)
    texts = []
    for part in parts_:
        if part is None or part is Ellipsis:
            texts.append("None" if part is None else "...")
        elif isinstance(part, bool):
            return None
        elif isinstance(part, int):
            texts.append(str(part))
        elif isinstance(part, slice):
            bounds = (part.start, part.stop, part.step)
            if not all(bound is None or isinstance(bound, int) for bound in bounds):
                return None
            ends = ["" if bound is None else str(bound) for bound in bounds]
            texts.append(":".join(ends if ends[2] else ends[:2]))
        else:
            return None
    return ",".join(texts)

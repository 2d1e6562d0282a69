"""Functions of torch that make tensors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from shapecalc.dims import Dim
from shapecalc.importers.python.layers import flat, holds_unknown, run_layer, whole_size
from shapecalc.importers.python.library.torchkinds import Kind, kind_of, of_kind
from shapecalc.importers.python.library.torchnumbers import of_numbers, of_random
from shapecalc.importers.python.repeats import Step
from shapecalc.importers.python.values import UNKNOWN, Number, Reach, Tensor, Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from shapecalc.importers.python.calls import Call
    from shapecalc.importers.python.machine import Machine


#: How many numbers of a tensor are kept.
MAX_NUMBERS: Final = 256


def created(
    m: Machine,
    shape: Sequence[Value],
    name: str,
    call: Call,
    *,
    whole: bool | None = None,
    numbers: Sequence[Any] | None = None,
    reach: Reach | None = None,
    library: str = "torch",
) -> Value:
    """Make a tensor of a shape, which is a row where a model makes it."""
    lost = holds_unknown(list(shape))
    if lost is not None:
        return lost.lost()
    if not all(whole_size(size) for size in shape):
        kinds = ", ".join(sorted({type(size).__name__ for size in shape}))
        m.fail("TypeError", f"{name}(): a size is a whole number, not {kinds}", call.position)
    if any(isinstance(size, int) and size < 0 for size in shape):
        text = f"Trying to create tensor with negative dimension: {list(shape)}"
        m.fail("RuntimeError", text, call.position, rule="window")
    if m.tape is None:
        made = Tensor(shape, library, whole=whole, numbers=numbers)
        made.reach = reach
        return made
    from shapecalc.layers.coded import Constant

    layer = Constant(shape=tuple(shape), function=name)
    made = run_layer(m, layer, [], call.position, library=library)[0]
    made.whole, made.numbers, made.reach = whole, numbers, reach
    return made


def sizes_of(call: Call, key: str = "size") -> list[Value]:
    """Take sizes that stand one after the other, or in a tuple."""
    args = call.args or ([call.kwargs[key]] if key in call.kwargs else [])
    if len(args) == 1 and isinstance(args[0], list | tuple):
        return list(args[0])
    return [each for each in args if not isinstance(each, str)]


def _plain(name: str) -> Callable[[Machine, Call], Value]:
    def run(m: Machine, call: Call) -> Value:
        made = created(m, sizes_of(call), f"torch.{name}", call)
        return _of_type(made, call, Kind(whole=False))

    return run


def _of_type(made: Value, call: Call, default: Kind) -> Value:
    """Return a tensor with numbers of the type that a call asks for."""
    if not isinstance(made, Tensor):
        return made
    dtype = call.kwargs.get("dtype")
    return of_kind(made, default if dtype is None else kind_of(dtype) or Kind(whole=None))


def _full(m: Machine, call: Call) -> Value:
    size, value = call.get(0, "size", ()), call.get(1, "fill_value")
    shape = list(size) if isinstance(size, list | tuple) else [size]
    made = created(m, shape, "torch.full", call, reach=of_numbers([value]))
    return _of_type(made, call, _kind_of_number(value))


def _kind_of_number(value: Value) -> Kind:
    if isinstance(value, int | Dim | Step):
        return Kind(whole=True, mask=isinstance(value, bool))
    return Kind(whole=False) if isinstance(value, float) else Kind(whole=None)


def _randint(m: Machine, call: Call) -> Value:
    size = call.kwargs.get("size")
    if size is None:
        found = [each for each in call.args if isinstance(each, list | tuple)]
        if not found:
            return UNKNOWN
        size = found[0]
    bounds = [each for each in call.args if not isinstance(each, list | tuple)]
    reach = of_random(call.kwargs.get("high", bounds[-1] if bounds else None), size)
    made = created(m, list(size), "torch.randint", call, reach=reach)
    return _of_type(made, call, Kind(whole=True))


def _arange(m: Machine, call: Call) -> Value:
    # One number alone is the end; numpy's name for it is stop.
    end = call.kwargs.get("end", call.kwargs.get("stop"))
    numbers = call.args if len(call.args) > 1 or end is not None else [0, *call.args]
    given = dict(zip(("start", "end", "step"), numbers, strict=False)) | call.kwargs
    start: Any = given.get("start", 0)
    stop: Any = given.get("end", end)
    step: Any = given.get("step", 1)
    if not all(isinstance(each, int | float | Dim) for each in (start, stop, step)) or not step:
        return UNKNOWN
    if any(isinstance(each, float) for each in (start, stop, step)):
        from math import ceil

        if any(isinstance(each, Dim) for each in (start, stop, step)):
            return UNKNOWN
        count: Any = max(ceil((stop - start) / step), 0)
        made = created(m, [count], "torch.arange", call)
        return _of_type(made, call, Kind(whole=False))
    if isinstance(step, Dim):
        return UNKNOWN
    count = (stop - start + step - 1) // step if step > 0 else (start - stop - step - 1) // -step
    few = isinstance(count, int) and isinstance(start, int) and count <= MAX_NUMBERS
    known = list(range(start, stop, step)) if few else None
    last = start + (count - 1) * step if step > 0 else start
    made = created(m, [count], "torch.arange", call, numbers=known, reach=Reach(last, last))
    return _of_type(made, call, Kind(whole=True))


def _linspace(m: Machine, call: Call) -> Value:
    start, end, count = call.get(0, "start"), call.get(1, "end"), call.get(2, "steps", 100)
    numbers = spaced(start, end, count)
    return created(m, [count], "torch.linspace", call, whole=False, numbers=numbers)


def _logspace(m: Machine, call: Call) -> Value:
    return created(m, [call.get(2, "steps", 100)], "torch.logspace", call, whole=False)


def spaced(start: Value, end: Value, count: Value) -> list[float] | None:
    """Return as many numbers at equal distances; None where they are many, or not known."""
    known = isinstance(start, int | float) and isinstance(end, int | float)
    if not known or not isinstance(count, int) or not 0 <= count <= MAX_NUMBERS:
        return None
    gap = (end - start) / max(count - 1, 1)
    return [start + gap * place for place in range(count)]


def _eye(m: Machine, call: Call) -> Value:
    rows = call.get(0, "n")
    return created(m, [rows, call.get(1, "m", rows)], "torch.eye", call, whole=False)


def _tensor(m: Machine, call: Call) -> Value:
    data = call.get(0, "data")
    if isinstance(data, Tensor):
        return _of_type(_like_array(m, call), call, Kind(data.whole, data.mask))
    shape = nested_shape(data)
    if shape is None:
        return UNKNOWN
    numbers = [data] if not shape else list(data) if len(shape) == 1 else None
    if any(isinstance(each, Unknown) for each in numbers or ()):
        numbers = None
    first = data
    while isinstance(first, list | tuple) and first:
        first = first[0]
    reach = of_numbers(data)
    made = created(m, shape, "torch.tensor", call, numbers=numbers, reach=reach)
    # Whole numbers beside fractions are fractions.
    plain = isinstance(first, bool | float | Step) or reach is not None
    return _of_type(made, call, _kind_of_number(first) if plain else Kind(whole=None))


def nested_shape(data: Value) -> list[Value] | None:
    """Return the shape of nested lists of numbers; None where it is not known."""
    shape: list[Value] = []
    while isinstance(data, list | tuple):
        shape.append(len(data))
        if not data:
            return shape
        data = data[0]
    if isinstance(data, Tensor):
        return [*shape, *data.shape]
    return shape if isinstance(data, int | float | bool | Dim | Number) else None


def _like_array(_m: Machine, call: Call) -> Value:
    data = call.get(0, "data")
    if isinstance(data, Tensor):
        made = Tensor(data.shape, "torch", whole=data.whole)
        made.mask, made.classes = data.mask, data.classes
        return made
    return UNKNOWN


def _typed(name: str, *, whole: bool) -> Callable[[Machine, Call], Value]:
    def run(m: Machine, call: Call) -> Value:
        data = call.get(0, "data")
        if isinstance(data, list) or flat(data):
            made = _tensor(m, call)
            return of_kind(made, Kind(whole)) if isinstance(made, Tensor) else made
        return created(m, sizes_of(call), f"torch.{name}", call, whole=whole)

    return run


def _permutation(m: Machine, call: Call) -> Value:
    count = call.get(0, "n")
    reach = Reach(count - 1, count - 1) if isinstance(count, int | Dim) else None
    return created(m, [count], "torch.randperm", call, whole=True, reach=reach)


def _normal(m: Machine, call: Call) -> Value:
    size = call.get(2, "size")
    if isinstance(size, list | tuple):
        return created(m, list(size), "torch.normal", call, whole=False)
    tensors = flat(list(call))
    return Tensor(tensors[0].shape, "torch") if tensors else UNKNOWN


CREATING: Final[dict[str, Callable[[Machine, Call], Value]]] = {
    **{name: _plain(name) for name in ("zeros", "ones", "randn", "rand", "empty")},
    "full": _full, "randint": _randint, "arange": _arange, "range": _arange, "eye": _eye,
    "linspace": _linspace, "logspace": _logspace, "tensor": _tensor, "as_tensor": _tensor,
    "from_numpy": _like_array,
    "randperm": _permutation,
    "normal": _normal,
    "FloatTensor": _typed("FloatTensor", whole=False), "Tensor": _typed("Tensor", whole=False),
    "LongTensor": _typed("LongTensor", whole=True), "IntTensor": _typed("IntTensor", whole=True),
}  # fmt: skip

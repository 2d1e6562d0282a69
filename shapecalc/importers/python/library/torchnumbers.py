"""What is known of the numbers in tensors: all of them where they are few, and how far they reach.

Whoever looks something up by a tensor of indices needs more rows than the largest of them; with
letters this is a condition on sizes.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any, Final

from shapecalc.dims import Dim, at_least, product
from shapecalc.importers.python.values import Reach, Tensor, Value, Whole

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from shapecalc.dims import Size
    from shapecalc.importers.python.calls import Call
    from shapecalc.importers.python.machine import Machine
    from shapecalc.importers.python.positions import Position
    from shapecalc.importers.python.rewrites import Rewrite

#: Functions that give all the numbers which they get, and no others.
_ALL: Final = frozenset(
    "view reshape permute transpose squeeze unsqueeze expand repeat flatten unflatten flip roll "
    "movedim swapaxes tile repeat_interleave cat concat concatenate stack".split()
)
#: What these give of a few numbers.
_OF_FEW: Final[dict[str, Callable[[Sequence[Any]], Any]]] = {
    "max": max, "amax": max, "min": min, "amin": min, "sum": sum,
}  # fmt: skip
#: How improbable it is that no random number is as large as is said of them.
_HARDLY: Final = 0.001


def pass_on(name: str, inputs: Sequence[Tensor], outputs: Sequence[Tensor]) -> None:
    """Say of what a function gives what is known of the numbers that it gets."""
    first = outputs[0]
    if name in _ALL and len(outputs) == 1:
        known = [each.reach for each in inputs]
        first.reach = known[0] if len(known) == 1 else furthest(known)
    elif name in _OF_FEW and len(inputs) == 1 and not first.shape and inputs[0].numbers:
        first.numbers = [_OF_FEW[name](inputs[0].numbers)]


def furthest(known: Sequence[Reach | None]) -> Reach | None:
    """Return how far several tensors reach together; None where one has letters."""
    furthest: Reach | None = None
    largest = 0
    for each in known:
        if each is None or not isinstance(each.least, int):
            return None
        if furthest is None or each.least > largest:
            furthest, largest = each, each.least
    return furthest


def after_operator(name: str, left: Value, right: Value) -> Reach | None:
    """Return how far a tensor reaches to which a number is added, or by which it is multiplied."""
    number, tensor = (left, right) if isinstance(right, Tensor) else (right, left)
    if not isinstance(number, int | Dim) or isinstance(number, bool) or tensor.reach is None:
        return None
    least, most = tensor.reach
    if name == "add":
        return Reach(least + number, most + number)
    if name == "sub" and isinstance(left, Tensor):
        return Reach(least - number, most - number)
    if name == "mul" and isinstance(number, int) and number > 0:
        return Reach(least * number, most * number)
    return None


def of_numbers(data: Value) -> Reach | None:
    """Return how far whole numbers in nested lists reach; None where not all are known."""
    largest: int | None = None
    waiting = [data]
    while waiting:
        value = waiting.pop()
        if isinstance(value, list | tuple):
            waiting += value
        elif isinstance(value, int) and not isinstance(value, bool):
            largest = value if largest is None else max(largest, value)
        else:
            return None
    return None if largest is None else Reach(largest, largest)


def of_random(high: Value, shape: Sequence[Value]) -> Reach | None:
    """Return how far as many random numbers below another one reach, nearly without exception."""
    count = 1
    for size in shape:
        if not isinstance(size, int):
            return None
        count *= size
    if not isinstance(high, int) or high < 1 or not count:
        return None
    return Reach(min(int(high * _HARDLY ** (1 / count)), high - 1), high - 1)


def number_of(m: Machine, tensor: Tensor, call: Call) -> Value:
    """Return the number of Python that a tensor of one number is, as far as that is known."""
    require_one(m, tensor, call)
    if tensor.numbers is not None and len(tensor.numbers) == 1:
        return tensor.numbers[0]
    node = call.position.node if call.position is not None else None
    written = ast.unparse(node) if isinstance(node, ast.Call) else ""
    return Whole(written if len(written) <= _SHORT else "item()", call.position, is_result=True)


#: How long a call may be that a note repeats.
_SHORT: Final = 40


def require_one(m: Machine, tensor: Tensor, call: Call) -> None:
    """Refuse to make a number of Python of a tensor of several."""
    count = product(tensor.shape)
    if isinstance(count, int) and count != 1:
        text = f"a tensor of {count} numbers is not one number"
        m.fail("RuntimeError", text, call.position, rule="argument")


def within(
    m: Machine,
    index: Tensor,
    rows: Size,
    what: str,
    position: Position | None,
    mended: Callable[[int], Sequence[Rewrite]] = lambda _rows: (),
) -> None:
    """Require that indices are of so many rows; with letters this is a condition.

    ``mended`` makes them as many as are needed.
    """
    if index.reach is None:
        return
    least, most = index.reach
    fits = at_least(rows, least + 1)
    if m.given.decide(m, fits) is False:
        text = f"{what} {rows}, but gets the index {most}"
        rewrites = mended(most + 1) if isinstance(most, int) else ()
        m.fail("IndexError", text, position, rule="index", rewrites=rewrites)
    m.given.require(m, fits, position)

"""Functions of torch whose arguments differ from those of their step, or that letters change."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from shapecalc.dims import Dim, at_least
from shapecalc.errors import ShapeError
from shapecalc.importers.python.layers import computed_layer, flat, run_layer
from shapecalc.importers.python.library.torcheach import of_each
from shapecalc.importers.python.values import UNKNOWN, Ratio, Tensor, Unknown, Value
from shapecalc.layers.layer import apply
from shapecalc.layers.scope import Scope
from shapecalc.layers.torch.dialect import CATALOGUE, TORCH

if TYPE_CHECKING:
    from collections.abc import Callable

    from shapecalc.importers.python.calls import Call
    from shapecalc.importers.python.machine import Machine


def _without_mode(_m: Machine, call: Call) -> Value:
    # F.dropout(x, p, training), F.softmax(x, dim, _stacklevel): the step has no place for the last.
    del call.args[2:]


def _letter_window(kind: str, m: Machine, call: Call) -> Value:
    """Pool with a window that is as large as an axis, whose size may have letters."""
    x, kernel = call.get(0, "input"), call.get(1, "kernel_size")
    stride = call.get(2, "stride")
    sizes = tuple(kernel) if isinstance(kernel, list | tuple) else (kernel,)
    lettered = any(isinstance(size, Dim) for size in sizes)
    more = len(call.args) + len(call.kwargs) > (2 if stride is None else 3)
    if not lettered or not isinstance(x, Tensor) or more or stride not in (None, kernel):
        return None
    rank = len(x.shape) - 2
    sizes = sizes * rank if len(sizes) == 1 else sizes
    spatial = []
    for size, window in zip(x.shape[2:], sizes, strict=True):
        m.given.require(m, at_least(size, window), call.position)
        spatial.append((size - window) // window + 1)
    computed = computed_layer([(*x.shape[:2], *spatial)], f"torch.{kind}_pool{rank}d")
    return run_layer(m, computed, [x], call.position, library="torch")[0]


def _padded(m: Machine, call: Call) -> Value:
    """Pad by sizes in letters, two for each axis, the last axis first."""
    x, pad = call.get(0, "input"), call.get(1, "pad")
    if not isinstance(x, Tensor) or not isinstance(pad, list | tuple):
        return None
    if not any(isinstance(each, Dim) for each in pad) or len(pad) > 2 * len(x.shape):
        return None
    shape = list(x.shape)
    for place in range(0, len(pad) - 1, 2):
        axis = len(shape) - 1 - place // 2
        shape[axis] = shape[axis] + pad[place] + pad[place + 1]
        m.given.require(m, at_least(shape[axis], 0), call.position)
    computed = computed_layer([shape], "torch.pad")
    return run_layer(m, computed, [x], call.position, library="torch")[0]


def _pool(m: Machine, call: Call) -> Value:
    found = _letter_window("max", m, call)
    if found is not None:
        return found
    # The function and the module have their last arguments in another order.
    names = ("kernel_size", "stride", "padding", "dilation", "ceil_mode", "return_indices")
    for name, value in zip(names[3:], call.args[4:], strict=False):
        call.kwargs[name] = value
    del call.args[4:]
    return None


def _lp_pool(m: Machine, call: Call) -> Value:
    """``lp_pool2d(x, norm_type, kernel_size, stride)``."""
    rest = [*call.args[2:]] if len(call.args) > 2 else []  # noqa: PLR2004
    kwargs = {key: value for key, value in call.kwargs.items() if key != "norm_type"}
    return _letter_window("lp", m, type(call)(m, [*call.args[:1], *rest], kwargs, call.position))


def _where(m: Machine, call: Call) -> Value:
    tensors = [each for each in call if isinstance(each, Tensor)]
    if len(tensors) == 3:  # noqa: PLR2004
        return None
    if len(call.args) == 1 and tensors:
        return _places(m, tensors[0], call)
    if len(call.args) < 2 or not tensors:  # noqa: PLR2004
        return UNKNOWN
    named = dict(zip(("input", "other"), call.args[1:3], strict=False))
    numbers = {key: value for key, value in named.items() if not isinstance(value, Tensor)}
    layer = of_each("where", tensors, kwargs=numbers)
    return run_layer(m, layer, tensors, call.position, library="torch", title="torch.where")[0]


def _places(m: Machine, x: Tensor, call: Call) -> Value:
    """``where(condition)``: the places where it holds, how many of which depends on the data."""
    count = (Scope() if m.tape is None else m.tape.scope).fresh("K")
    layer = computed_layer([(count,)] * len(x.shape), "torch.where")
    found = run_layer(m, layer, [x], call.position, library="torch")
    for each in found:
        each.whole = True
    return tuple(found)


def _power(m: Machine, call: Call) -> Value:
    from shapecalc.importers.python.tensors import operated

    left, right = call.get(0, "input"), call.get(1, "exponent")
    if isinstance(left, Tensor) or isinstance(right, Tensor):
        return operated(m, "pow", left, right, call.position)  # type: ignore[arg-type]
    return UNKNOWN


def keep_batch(m: Machine, x: Tensor, config: dict[str, Any]) -> None:
    """Take the batch of a model's input for -1, where its size was not given and it can be.

    ``view(-1, 400)`` takes any number of pixels that some batches make a multiple of: who writes
    it means one row for each example.
    """
    tape, shape = m.tape, config["shape"]
    if not isinstance(shape, list | tuple) or not shape:
        return
    first, *rest = shape
    if tape is None or tape.batch is None or first != -1 or x.shape[:1] != (tape.batch,):
        return
    shape = (tape.batch, *rest)
    scope = Scope(tape.scope.facts.copy(), TORCH, tape.scope.used)
    try:
        apply(CATALOGUE.layer("View", shape=shape), [x.shape], scope)
    except ShapeError:
        return
    config["shape"] = shape


def _two(name: str) -> Callable[[Machine, Call], Value]:
    """``max(a, b)`` of two tensors is another function than ``max(a, dim)``."""

    def run(m: Machine, call: Call) -> Value:
        if len(flat(call.args)) == 2:  # noqa: PLR2004
            from shapecalc.importers.python.library.torchfunctions import applied_function

            return applied_function(m, f"{name}imum", f"{name.title()}imum", call)
        return None

    return run


def _scalar(_m: Machine, call: Call) -> Value:
    # A number in letters, or a quotient of them, changes no shape.
    for place, value in enumerate(call.args):
        if isinstance(value, Dim | Ratio) and place > 0:
            call.args[place] = 1
    for name in ("alpha", "rounding_mode"):
        call.kwargs.pop(name, None)


def _reduction(_m: Machine, call: Call) -> Value:
    if "reduction" in call.kwargs and not isinstance(call.kwargs["reduction"], str):
        call.kwargs.pop("reduction")


def _one_hot(m: Machine, call: Call) -> Value:
    from shapecalc.importers.python.library.torchnumbers import within

    index, classes = call.get(0, "tensor"), call.get(1, "num_classes", -1)
    if not isinstance(index, Tensor) or not isinstance(classes, int):
        return None
    if classes > 0:
        within(m, index, classes, "one_hot has num_classes", call.position)
    elif index.reach is not None and index.reach.least == index.reach.most:
        # There are as many classes as the largest number says.
        call.kwargs["num_classes"] = index.reach.most + 1
        del call.args[1:]
    else:
        lost = Unknown("one_hot without num_classes", call.position)
        m.need(lost, call.position)
        return lost
    return None


SPECIAL: Final[dict[str, Callable[[Machine, Call], Value]]] = {
    **dict.fromkeys(
        ("dropout", "dropout1d", "dropout2d", "dropout3d", "softmax", "log_softmax"), _without_mode
    ),
    **{f"max_pool{n}d": _pool for n in (1, 2, 3)},
    **{f"avg_pool{n}d": partial(_letter_window, "avg") for n in (1, 2, 3)}, "pad": _padded,
    **{f"lp_pool{n}d": _lp_pool for n in (1, 2, 3)},
    "where": _where, "max": _two("max"), "min": _two("min"), "pow": _power,
    "add": _scalar, "sub": _scalar, "mul": _scalar, "div": _scalar,
    "cross_entropy": _reduction, "one_hot": _one_hot,
}  # fmt: skip

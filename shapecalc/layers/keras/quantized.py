"""Quantized kernels: whole numbers of a few bits, with scales that make numbers of them again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from shapecalc.dims import Shape, Size, product
from shapecalc.errors import ShapeError
from shapecalc.layers.keras.policies import PLAIN, Policy, blocks_of, read_policy, within
from shapecalc.layers.result import Product, Weight

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapecalc.layers.keras.layer import KerasLayer

#: What float8 remembers of its inputs, its kernel and the gradient of its outputs.
_WATCHED: Final = ("inputs", "kernel", "outputs_grad")


class Kept(NamedTuple):
    """The weights in which a kernel is kept, and the products that they do not tell."""

    weights: list[Weight]
    products: Sequence[Product] = ()


def policy_of(layer: KerasLayer, *inside: str) -> Policy:
    """Return how a layer keeps its kernel, or how one inside it does."""
    if layer.dtype is None:
        return PLAIN
    policy = read_policy(within(layer.dtype, *([layer.name] if layer.name else []), *inside))
    stored: Any = getattr(layer, "quantization_config", None)
    if policy.mode == "int4" and isinstance(stored, dict):
        return policy._replace(block=blocks_of(stored))
    return policy


def kept(kernel: Weight, policy: Policy, reduced: Sequence[int], scales: Shape = ()) -> Kept:
    """Return what a layer keeps of a kernel under a policy.

    ``reduced`` are the axes of the kernel over which it sums; ``scales`` is the shape of the
    scales of int8, where that is not one for each of the columns.
    """
    if policy.mode is None:
        return Kept([kernel])
    if policy.mode == "float8":
        return Kept([kernel, *_watched(policy.history)])
    rows, columns = _flat(kernel.shape, reduced)
    if policy.mode == "int8":
        scale = _frozen("kernel_scale", scales or (columns,))
        return Kept([kernel._replace(trainable=False), scale])
    products = [Product("kernel", (rows, columns, *kernel.places))] if kernel.places else []
    if policy.mode != "int4":
        return Kept(_blocks(*_halves(kernel.shape), policy), products)
    scales = (columns,) if policy.block is None else (grouped(rows, policy.block), columns)
    table = _frozen("kernel", (rows, (columns + 1) // 2))
    return Kept([table, *scaled("kernel", scales, policy), *indexed(rows, policy)], products)


def _blocks(rows: Size, columns: Size, policy: Policy) -> list[Weight]:
    """Return what gptq and awq keep of a kernel, which they turn and cut to blocks."""
    packs = (columns + 1) // 2 if policy.bits == 4 else columns  # noqa: PLR2004
    scales = (columns, grouped(rows, policy.block))
    shapes = {"kernel": (packs, rows), "kernel_scale": scales, "kernel_zero": scales}
    names = ["awq_scales", "g_idx"] if policy.mode == "awq" else ["g_idx"]
    return [
        _frozen(name, shape) for name, shape in (shapes | dict.fromkeys(names, (rows,))).items()
    ]


def looked_up(
    name: str, rows: Size, columns: Size, policy: Policy, *, turned: bool = False
) -> list[Weight]:
    """Return what a layer keeps of a table under a policy, with a scale for each of its rows.

    It is ``turned`` where its rows stand side by side.
    """
    if policy.mode is None:
        return [Weight(name, (columns, rows) if turned else (rows, columns))]
    width = columns
    scales: Shape = (rows,)
    if policy.mode == "int4":
        width = (columns + 1) // 2
        scales = scales if policy.block is None else (rows, grouped(columns, policy.block))
    table: Shape = (rows, width)
    if turned:
        table, scales = table[::-1], scales[::-1]
    return [_frozen(name, table), *scaled(name, scales, policy)]


def scaled(name: str, shape: Shape, policy: Policy) -> list[Weight]:
    """Return the scales of a quantized tensor; where blocks share them, also their zeros."""
    zeros = policy.mode == "int4" and policy.block is not None
    return [_frozen(f"{name}_{what}", shape) for what in ("scale", *(["zero"] if zeros else ()))]


def indexed(size: Size, policy: Policy) -> list[Weight]:
    """Return the number of the block to which each number belongs, where there are blocks."""
    blocks = policy.mode == "int4" and policy.block is not None
    return [_frozen("g_idx", (size,))] if blocks else []


def grouped(size: Size, block: int | None) -> Size:
    """Return into how many blocks a size falls."""
    return 1 if block is None else (size + block - 1) // block


def refuse_modes(policy: Policy, *modes: str) -> None:
    """Refuse a policy that a layer has no way to keep."""
    if policy.mode in modes:
        raise ShapeError(f"cannot be quantized to {policy.mode}")


def _frozen(name: str, shape: Shape) -> Weight:
    return Weight(name, shape, trainable=False)


def _watched(history: int) -> list[Weight]:
    """Return what float8 learns its scales from, which it keeps beside the kernel."""
    return [
        Weight(f"{what}_{name}", shape)
        for what in _WATCHED
        for name, shape in (("scale", ()), ("amax_history", (history,)))
    ]


def _flat(shape: Shape, reduced: Sequence[int]) -> tuple[Size, Size]:
    """Return the rows, over which is summed, and the columns of a kernel."""
    rows = [size for axis, size in enumerate(shape) if axis in reduced]
    columns = [size for axis, size in enumerate(shape) if axis not in reduced]
    return product(rows), product(columns)


def _halves(shape: Shape) -> tuple[Size, Size]:
    """Return the rows and columns as gptq and awq cut them: three axes at the largest one."""
    if len(shape) == 2:  # noqa: PLR2004
        return shape[0], shape[1]
    if len(shape) != 3 or not all(isinstance(size, int) for size in shape):  # noqa: PLR2004
        raise ShapeError("cannot quantize a kernel by blocks that has not two or three known axes")
    first = shape[0] == max(shape)  # type: ignore[type-var]
    return (shape[0], product(shape[1:])) if first else (product(shape[:2]), shape[2])

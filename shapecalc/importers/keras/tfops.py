"""Operations of TensorFlow's graphs, as TensorFlowOpLayer holds them, as those of Keras."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from shapecalc.errors import SpecError
from shapecalc.importers.keras.calls import Read
from shapecalc.importers.keras.tfnodes import NodeDef, read_node
from shapecalc.layers.keras.opnames import POINTWISE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


class Operation(NamedTuple):
    """An operation by the name that Keras has for it, with its options and what it reads."""

    name: str
    options: dict[str, Any]
    operands: list[Any]


#: Those that work element-wise and are called otherwise in Keras.
_POINTWISE: Final = {
    "AddN": "add",
    "AddV2": "add",
    "BiasAdd": "add",
    "Ceil": "ceil",
    "Div": "divide",
    "DivNoNan": "divide_no_nan",
    "FloorMod": "mod",
    "LeakyRelu": "leaky_relu",
    "LogSoftmax": "log_softmax",
    "Mul": "multiply",
    "Neg": "negative",
    "Pow": "power",
    "RealDiv": "true_divide",
    "Relu6": "relu6",
    "Select": "where",
    "SelectV2": "where",
    "Sub": "subtract",
}

_REDUCTIONS: Final = {
    "All": "all",
    "Any": "any",
    "ArgMax": "argmax",
    "ArgMin": "argmin",
    "Max": "max",
    "Mean": "mean",
    "Min": "min",
    "Prod": "prod",
    "Sum": "sum",
}

#: Those that Keras has too, with the names of what stands behind the first tensor.
_ALIKE: Final = {
    "ExpandDims": ("expand_dims", "axis"),
    "MirrorPad": ("pad", "pad_width"),
    "OneHot": ("one_hot", "num_classes"),
    "Pad": ("pad", "pad_width"),
    "PadV2": ("pad", "pad_width"),
    "Reshape": ("reshape", "shape"),
    "ResizeBilinear": ("resize", "size"),
    "ResizeNearestNeighbor": ("resize", "size"),
    "Tile": ("tile", "repeats"),
    "TopKV2": ("top_k", "k"),
    "Transpose": ("transpose", "axes"),
}


def operation_of(config: Mapping[str, Any], reads: Sequence[Read]) -> Operation | None:
    """Read the config of a TensorFlowOpLayer; None for an operation that is not known.

    ``reads`` are the tensors of its call; the constants among them are in the config.
    """
    node = read_node(config.get("node_def"))
    operands: list[Any] = list(reads)
    constants = config.get("constants") or {}
    for index, value in sorted((int(key), value) for key, value in constants.items()):
        operands.insert(index, value)
    if not operands or node.inputs not in {0, len(operands)}:
        raise SpecError(f"{node.op} reads {node.inputs} tensors, but gets {len(operands)}")
    name = _POINTWISE.get(node.op) or re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", node.op).lower()
    if name in POINTWISE:
        return Operation(name, {}, operands)
    if node.op in _REDUCTIONS:
        keeps = bool(node.attrs.get("keep_dims", False))
        options = {"axis": _constant(operands, 1), "keepdims": keeps}
        return Operation(_REDUCTIONS[node.op], options, operands[:1])
    if node.op in _ALIKE:
        alike, key = _ALIKE[node.op]
        return Operation(alike, {key: _constant(operands, 1)}, operands[:1])
    build = _BUILDERS.get(node.op)
    return None if build is None else build(node, operands)


def _constant(operands: Sequence[Any], place: int) -> Any:  # noqa: ANN401
    """Return a constant among the operands; raises `SpecError` where a tensor stands there."""
    if place >= len(operands) or isinstance(operands[place], Read):
        raise SpecError("an operation reads its sizes or axes from a tensor")
    return operands[place]


def _concatenated(_: NodeDef, operands: list[Any]) -> Operation:
    return Operation("concatenate", {"axis": _constant(operands, len(operands) - 1)}, operands[:-1])


def _packed(node: NodeDef, operands: list[Any]) -> Operation:
    return Operation("stack", {"axis": node.attrs.get("axis") or 0}, operands)


def _unpacked(node: NodeDef, operands: list[Any]) -> Operation:
    options = {"num": node.attrs.get("num"), "axis": node.attrs.get("axis") or 0}
    return Operation("unstack", options, operands)


def _squeezed(node: NodeDef, operands: list[Any]) -> Operation:
    return Operation("squeeze", {"axis": node.attrs.get("squeeze_dims") or None}, operands)


def _split(node: NodeDef, operands: list[Any]) -> Operation:
    options = {"indices_or_sections": node.attrs["num_split"], "axis": _constant(operands, 0)}
    return Operation("split", options, operands[1:])


def _split_sizes(_: NodeDef, operands: list[Any]) -> Operation:
    sizes = _constant(operands, 1)
    cuts = [sum(sizes[: count + 1]) for count in range(len(sizes) - 1)]
    options = {"indices_or_sections": cuts, "axis": _constant(operands, 2)}
    return Operation("split", options, operands[:1])


def _multiplied(node: NodeDef, operands: list[Any]) -> Operation | None:
    turned = ("transpose_a", "transpose_b", "adj_x", "adj_y")
    if any(node.attrs.get(key) for key in turned):
        return None
    return Operation("matmul", {}, operands)


def _taken(_: NodeDef, operands: list[Any]) -> Operation | None:
    if not isinstance(operands[0], Read) or isinstance(operands[1], Read):
        return None
    axis = operands[2] if len(operands) > 2 else 0  # noqa: PLR2004  (the axis stands third)
    return Operation("take", {"axis": axis}, operands[:2])


def _einsum(node: NodeDef, operands: list[Any]) -> Operation:
    return Operation("einsum", {"subscripts": node.attrs.get("equation")}, operands)


def _pooled(name: str) -> Callable[[NodeDef, list[Any]], Operation | None]:
    def build(node: NodeDef, operands: list[Any]) -> Operation | None:
        attrs = node.attrs
        if attrs.get("data_format", "NHWC") != "NHWC":
            return None
        options = {
            "pool_size": attrs["ksize"][1:-1],
            "strides": attrs["strides"][1:-1],
            "padding": str(attrs.get("padding", "VALID")).lower(),
        }
        return Operation(name, options, operands)

    return build


def _strided(node: NodeDef, operands: list[Any]) -> Operation:
    """``x[begin:end:strides]``, where the bits of masks say what is left out, new, or one."""
    begin, end, strides = (_constant(operands, place) for place in (1, 2, 3))
    masks = {
        key: node.attrs.get(f"{key}_mask") or 0
        for key in ("begin", "end", "ellipsis", "new_axis", "shrink_axis")
    }
    key: list[Any] = []
    for place, (first, last, step) in enumerate(zip(begin, end, strides, strict=True)):
        has = {name for name, mask in masks.items() if mask >> place & 1}
        if "ellipsis" in has:
            key.append({"class_name": "__ellipsis__"})
        elif "new_axis" in has:
            key.append(None)
        elif "shrink_axis" in has:
            key.append(first)
        else:
            ends = {
                "start": None if "begin" in has else first,
                "stop": None if "end" in has else last,
            }
            key.append({**ends, "step": None if step == 1 else step})
    return Operation("get_item", {"slice_spec": key}, operands[:1])


_BUILDERS: Final[dict[str, Callable[[NodeDef, list[Any]], Operation | None]]] = {
    "AvgPool": _pooled("average_pool"),
    "BatchMatMul": _multiplied,
    "BatchMatMulV2": _multiplied,
    "ConcatV2": _concatenated,
    "Einsum": _einsum,
    "GatherV2": _taken,
    "MatMul": _multiplied,
    "MaxPool": _pooled("max_pool"),
    "Pack": _packed,
    "Split": _split,
    "SplitV": _split_sizes,
    "Squeeze": _squeezed,
    "StridedSlice": _strided,
    "Unpack": _unpacked,
}

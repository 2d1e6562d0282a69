"""Operations in functional models: Keras 3's op nodes, and Keras 2's TensorFlow functions."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from shapecalc.importers.keras.calls import Call, Read, flat
from shapecalc.layers.keras.dialect import CATALOGUE
from shapecalc.layers.keras.opnames import COMMUTATIVE, POINTWISE, REDUCTIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from shapecalc.layers.layer import Layer

make = CATALOGUE.layer

#: What TensorFlow calls otherwise than Keras.
_TENSORFLOW: Final = {
    "concat": "concatenate",
    "reduce_mean": "mean",
    "reduce_sum": "sum",
    "reduce_max": "max",
    "reduce_min": "min",
    "reduce_prod": "prod",
    "reduce_std": "std",
    "reduce_variance": "var",
    "reduce_all": "all",
    "reduce_any": "any",
    "reduce_logsumexp": "logsumexp",
    "getitem": "get_item",
    "slice_helper": "get_item",
    "radd": "add",
    "rsub": "subtract",
    "rmul": "multiply",
    "rpow": "power",
    "rtruediv": "true_divide",
    "truediv": "true_divide",
    "sub": "subtract",
    "mul": "multiply",
    "pow": "power",
    "neg": "negative",
    "abs": "absolute",
    "linalg.norm": "norm",
}

#: What TensorFlow's arguments are called, and those of older Keras.
_OPTIONS: Final = {
    "newshape": "shape",
    "perm": "axes",
    "multiples": "repeats",
    "num_or_size_splits": "indices_or_sections",
    "paddings": "pad_width",
    "depth": "num_classes",
    "keep_dims": "keepdims",
    "reduction_indices": "axis",
}

_TENSOR_KEYS: Final = ("x", "x1", "a", "input", "tensor", "values", "condition", "y", "x2", "b")


def op_layer(data: Mapping[str, Any], call: Call) -> tuple[Layer | None, list[Read]]:
    """Return the layer that does what an operation does, and the tensors that it reads.

    It is None where the operation is not known, whose shape only the file can say.
    """
    config = dict(data.get("config") or {})
    if data["class_name"] == "TensorFlowOpLayer":
        from shapecalc.importers.keras.tfops import operation_of

        reads = list(call.reads())
        found = operation_of(config, reads)
        return None if found is None else layer_of(*found), reads
    name = _op_name(data["class_name"], config)
    options = _renamed(config)
    named = _renamed(call.kwargs)
    operands = list(call.args)
    order = sorted(named, key=_tensor_place)
    further = [key for key in order if any(flat(named[key])) or key in {"y", "x2", "b"}]
    operands += [named.pop(key) for key in further]
    options |= named
    reads = [read for operand in operands for read in flat(operand)]
    return layer_of(name, options, operands), reads


def layer_of(name: str, options: Mapping[str, Any], operands: Sequence[Any]) -> Layer | None:
    """Return the layer of an operation; None where it is not known."""
    build = _BUILDERS.get(name)
    if build is not None:
        layer: Layer | None = build(options, operands)
        return layer
    if name in REDUCTIONS:
        axis, keeps = _plain(options.get("axis")), bool(options.get("keepdims", False))
        return make("Reduce", op=name, axis=axis, keepdims=keeps)
    if name in POINTWISE:
        given = _constants(operands)
        if name not in COMMUTATIVE and operands and not any(flat(operands[0])):
            # A step has the number on the right: of ``1 - x`` it knows none.
            given.pop("value", None)
        return make("Pointwise", op=name, **given)
    return None


def _renamed(options: Mapping[str, Any]) -> dict[str, Any]:
    return {_OPTIONS.get(key, key): value for key, value in options.items()}


def _tensor_place(key: str) -> tuple[int, str]:
    return (_TENSOR_KEYS.index(key) if key in _TENSOR_KEYS else len(_TENSOR_KEYS), key)


def _op_name(cls: str, config: Mapping[str, Any]) -> str:
    """Return the name of an operation as ``keras.ops`` has it."""
    if cls in {"TFOpLambda", "SlicingOpLambda"}:
        function = str(config.get("function", ""))
        last = function.rpartition(".")[2].strip("_")
        return _TENSORFLOW.get(function) or _TENSORFLOW.get(last) or last
    return re.sub(r"(?<!^)(?=[A-Z])", "_", cls).lower()


def _plain(value: Any) -> Any:  # noqa: ANN401
    """Return a number or a list of them; one axis in a list stays a list."""
    return list(value) if isinstance(value, (list, tuple)) else value


def _array_shape(value: Any) -> tuple[int, ...] | None:  # noqa: ANN401
    """Return the shape of an array that is stored among the arguments; None for a number."""
    if isinstance(value, dict):
        config = value.get("config")
        value = config.get("value") if isinstance(config, dict) else None
    shape = []
    while isinstance(value, (list, tuple)):
        shape.append(len(value))
        value = value[0] if value else None
    return tuple(shape) or None


def _constants(operands: Sequence[Any]) -> dict[str, Any]:
    """Return what stands among the tensors: a number, or the shape of an array."""
    found: dict[str, Any] = {}
    for operand in operands:
        if any(flat(operand)):
            continue
        shape = _array_shape(operand)
        if shape is not None:
            found["constant"] = shape
        elif isinstance(operand, (int, float)):
            found["value"] = operand
    return found


def _array(operands: Sequence[Any]) -> dict[str, Any]:
    shape = _constants(operands).get("constant")
    return {} if shape is None else {"constant": shape}


def _key(operands: Sequence[Any], options: Mapping[str, Any]) -> str:
    """Return the brackets of ``x[...]`` as text."""
    key = operands[1] if len(operands) > 1 else options.get("slice_spec", options.get("key"))
    parts = key if isinstance(key, (list, tuple)) else [key]
    return ",".join(map(_key_part, parts))


def _key_part(part: Any) -> str:  # noqa: ANN401
    if isinstance(part, dict) and part.get("class_name") == "__ellipsis__":
        return "..."
    if isinstance(part, dict):
        bounds = part.get("config", part)
        ends = [bounds.get(end) for end in ("start", "stop", "step")]
        texts = ["" if end is None else str(end) for end in ends]
        return ":".join(texts if texts[2] else texts[:2])
    return str(part)


def _concatenated(options: Mapping[str, Any], operands: Sequence[Any]) -> Layer | None:
    if len(list(flat(list(operands)))) < 2:  # noqa: PLR2004  (a constant among them)
        return None
    return make("Concatenate", axis=options.get("axis", 0))


def _dot(_options: Mapping[str, Any], operands: Sequence[Any]) -> Layer:
    """``dot`` of two tensors: the last axis with the last but one, no axes are repeated."""
    return make("Tensordot", axes=[[-1], [-2]], **_array(operands))


def _pool(cls: str) -> Callable[..., Layer | None]:
    def build(options: Mapping[str, Any], operands: Sequence[Any]) -> Layer | None:
        window, first = options.get("pool_size"), next(flat(list(operands)), None)
        shape = None if first is None else first.shape
        rank = len(window) if isinstance(window, list) else len(shape or ()) - 2
        if rank not in {1, 2, 3}:
            return None
        keys = ("pool_size", "strides", "padding", "data_format")
        given = {key: options[key] for key in keys if options.get(key) is not None}
        return make(f"{cls}{rank}D", **given)

    return build


def _resized(options: Mapping[str, Any], _: Sequence[Any]) -> Layer:
    height, width = options["size"]
    return make("Resizing", height=height, width=width, data_format=options.get("data_format"))


def _same_axis(cls: str, *keys: str) -> Callable[..., Layer]:
    """Return a layer that takes these options as they are."""

    def build(options: Mapping[str, Any], _operands: Sequence[Any]) -> Layer:
        return make(
            cls, **{key: _plain(options[key]) for key in keys if options.get(key) is not None}
        )

    return build


def _swapped(options: Mapping[str, Any], operands: Sequence[Any]) -> Layer | None:
    """``swapaxes`` and ``moveaxis`` as an order of axes."""
    first = next(flat(list(operands)), None)
    if first is None or first.shape is None:
        return None
    rank = len(first.shape)
    order = list(range(rank))
    if "axis1" in options:
        a, b = options["axis1"], options["axis2"]
        order[a], order[b] = order[b], order[a]
    else:
        sources, targets = (
            [each % rank for each in (value if isinstance(value, list) else [value])]
            for value in (options["source"], options["destination"])
        )
        order = [axis for axis in order if axis not in sources]
        for target, source in sorted(zip(targets, sources, strict=True)):
            order.insert(target, source)
    return make("Transpose", axes=order)


def _taken(options: Mapping[str, Any], operands: Sequence[Any]) -> Layer | None:
    if len(list(flat(list(operands)))) != 1 or len(operands) < 2:  # noqa: PLR2004
        return None
    shape = _array_shape(operands[1])
    return make("Take", count=list(shape) if shape else None, axis=options.get("axis"))


_BUILDERS: Final[dict[str, Callable[..., Any]]] = {
    "reshape": _same_axis("NewShape", "shape"),
    "transpose": _same_axis("Transpose", "axes"),
    "expand_dims": _same_axis("ExpandDims", "axis"),
    "squeeze": _same_axis("Squeeze", "axis"),
    "split": _same_axis("Split", "indices_or_sections", "axis"),
    "unstack": _same_axis("Unstack", "num", "axis"),
    "tile": _same_axis("Tile", "repeats"),
    "repeat": _same_axis("RepeatElements", "repeats", "axis"),
    "pad": _same_axis("Pad", "pad_width"),
    "one_hot": _same_axis("OneHot", "num_classes", "axis"),
    "top_k": _same_axis("TopK", "k"),
    "einsum": _same_axis("Einsum", "subscripts"),
    "stack": _same_axis("Stack", "axis"),
    "get_item": lambda options, operands: make("Slice", key=_key(operands, options)),
    "matmul": lambda _, operands: make("Matmul", **_array(operands)),
    "tensordot": lambda options, operands: make(
        "Tensordot", axes=options.get("axes", 2), **_array(operands)
    ),
    "dot": _dot,
    "concatenate": _concatenated,
    "swapaxes": _swapped,
    "moveaxis": _swapped,
    "take": _taken,
    "max_pool": _pool("MaxPooling"),
    "average_pool": _pool("AveragePooling"),
    "resize": _resized,
}

"""Operations of ``keras.ops`` as expressions: a line for each kind."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

from shapecalc.errors import SpecError
from shapecalc.exporters.document import (
    Call,
    Expression,
    Operation,
    listed,
    literal,
    quoted,
    tupled,
)
from shapecalc.layers.keras.dialect import CATALOGUE
from shapecalc.layers.keras.opnames import BINARY

if TYPE_CHECKING:
    from shapecalc.network import Apply

#: The families of layers that are functions in Keras.
_FAMILIES: Final = frozenset({"ops", "rearranging", "slicing"})
_OPERATORS: Final = {
    "add": "+", "subtract": "-", "multiply": "*", "divide": "/", "true_divide": "/",
    "floor_divide": "//", "mod": "%",
}  # fmt: skip
#: Operations that give a list, also of a single tensor.
LISTS: Final = frozenset({"Split", "Unstack"})
#: Operations that must be given more than tensors, which a step does not keep.
_WITH_MORE: Final = frozenset(
    {
        *("batch_norm", "cast", "clip", "clip_by_value", "digitize", "full_like", "heaviside"),
        *("isclose", "layer_norm", "left_shift", "right_shift", "roll", "threshold"),
    }
)
#: Operations that files of TensorFlow name, and what Keras calls them.
_NAMES: Final = {
    "floordiv": "floor_divide", "glu_gate": "glu",
}  # fmt: skip

Written = Callable[[Any, Sequence[str]], Expression]


def is_operation(node: Apply) -> bool:
    """Return whether a step is a function of tensors in Keras, which has no name and no weights."""
    entry = CATALOGUE.find(type(node.layer).__name__)
    if entry is None:
        return False
    return entry.family in _FAMILIES or (
        (node.title or "").startswith("ops.") and type(node.layer).__name__ in _WRITTEN
    )


def operation(layer: Any, reads: Sequence[str]) -> Expression:  # noqa: ANN401
    """Return the expression of a step; raises `SpecError` for unknown values."""
    if getattr(layer, "constant", None) is not None or type(layer).__name__ == "Take":
        raise SpecError(
            f"{layer.called} cannot be written in Keras: the numbers of its array are not known"
        )
    return _WRITTEN[type(layer).__name__](layer, reads)


def _pointwise(layer: Any, reads: Sequence[str]) -> Expression:  # noqa: ANN401
    operands: list[Expression] = [*reads]
    if layer.value is not None:
        operands.append(literal(layer.value))
    refusal = f"{layer.called} cannot be written in Keras: "
    if layer.op in BINARY and len(operands) == 1:
        raise SpecError(f"{refusal}its number is not known")
    if layer.op in _WITH_MORE:
        raise SpecError(f"{refusal}what it is called with is not known")
    sign = _OPERATORS.get(layer.op)
    if sign is not None and len(operands) > 1:
        return Operation(sign, operands)
    return Call(f"ops.{_NAMES.get(layer.op, layer.op)}", operands)


def _reduced(layer: Any, reads: Sequence[str]) -> Expression:  # noqa: ANN401
    given = [] if layer.axis is None else [("axis", literal(layer.axis))]
    return Call(
        f"ops.{layer.op}", reads, given + ([("keepdims", "True")] if layer.keepdims else [])
    )


def _sliced(layer: Any, reads: Sequence[str]) -> Expression:  # noqa: ANN401
    key = ", ".join(part.strip() for part in str(layer.key).split(","))
    return f"{reads[0]}[{key}]"


def _new_shape(layer: Any, reads: Sequence[str]) -> Expression:  # noqa: ANN401
    """Return the batch; if it is None, the size that is left open, or the one that comes in."""
    sizes = list(layer.shape)
    if sizes and sizes[0] is None:
        open_too = any(size in (None, -1) for size in sizes[1:])
        batch: Expression = f"ops.shape({reads[0]})[0]" if open_too else "-1"
        rest = [literal(-1 if size is None else size) for size in sizes[1:]]
        return _called("reshape", reads[0], tupled(batch, *rest))
    return _called("reshape", reads[0], literal(tuple(-1 if n is None else n for n in sizes)))


def _called(name: str, *arguments: Expression, **keywords: Any) -> Call:  # noqa: ANN401
    """Return a call of an operation, with those keywords that are given."""
    given = [(key, literal(value)) for key, value in keywords.items() if value is not None]
    return Call(f"ops.{name}", arguments, given)


def _one(axes: tuple[int, ...] | int | None) -> Any:  # noqa: ANN401
    """Return an axis by itself, where there is one in a tuple."""
    return axes[0] if isinstance(axes, tuple) and len(axes) == 1 else axes


_WRITTEN: Final[dict[str, Written]] = {
    "Pointwise": _pointwise,
    "Reduce": _reduced,
    "Matmul": lambda _, reads: _called("matmul", *reads),
    "Tensordot": lambda layer, reads: _called("tensordot", *reads, axes=layer.axes),
    "Einsum": lambda layer, reads: _called("einsum", quoted(layer.subscripts), *reads),
    "Stack": lambda layer, reads: _called("stack", listed(*reads), axis=layer.axis or None),
    "Concatenate": lambda layer, reads: _called("concatenate", listed(*reads), axis=layer.axis),
    "NewShape": _new_shape,
    "Transpose": lambda layer, reads: _called("transpose", *reads, axes=layer.axes),
    "ExpandDims": lambda layer, reads: _called("expand_dims", *reads, axis=_one(layer.axis or 0)),
    "Squeeze": lambda layer, reads: _called("squeeze", *reads, axis=_one(layer.axis)),
    "Tile": lambda layer, reads: _called("tile", *reads, literal(layer.repeats)),
    "RepeatElements": lambda layer, reads: _called(
        "repeat", *reads, literal(layer.repeats), axis=layer.axis
    ),
    "Pad": lambda layer, reads: _called("pad", *reads, literal(layer.pad_width)),
    "OneHot": lambda layer, reads: _called(
        "one_hot", *reads, literal(layer.num_classes), axis=None if layer.axis == -1 else layer.axis
    ),
    "TopK": lambda layer, reads: _called("top_k", *reads, literal(layer.k)),
    "Slice": _sliced,
    "Split": lambda layer, reads: _called(
        "split", *reads, literal(layer.indices_or_sections), axis=layer.axis or None
    ),
    "Unstack": lambda layer, reads: _called(
        "unstack", *reads, num=layer.num, axis=layer.axis or None
    ),
}

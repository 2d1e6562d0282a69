"""What files store of a layer beside its arguments; any other key is refused, never dropped."""

from __future__ import annotations

from typing import Any, Final

#: Keys that change neither a shape nor a weight. What they say of inputs, the reader takes there.
_SHAPELESS: Final = frozenset(
    {
        "batch_input_shape",
        "dynamic",
        "function_type",
        "fused",
        "implementation",
        "input_dim",
        "input_dtype",
        "key_shape",
        "mask_module",
        "mask_type",
        "module",
        "noise_shape",
        "output_shape_module",
        "output_shape_type",
        "query_shape",
        "rng_type",
        "robust_masking",
        "softmax_robust_masking",
        "sparse",
        "type_spec",
        "value_shape",
        "virtual_batch_size",
        "vocabulary_dtype",
    }
)

#: Keys that change nothing as long as they have one of these values.
_UNSET: Final[dict[str, tuple[Any, ...]]] = {
    "groups": (1, None),
    "input_length": (None,),
    "num_constants": (0, None),
    "time_major": (False, None),
}

_OF_A_FULL_KERNEL: Final = frozenset(
    {"kernel_initializer", "kernel_regularizer", "kernel_constraint"}
)
#: Keys of single classes that say nothing of them, also where they take such an argument: what
#: the classes that they are made of store.
_INHERITED: Final[dict[str, frozenset[str]]] = {
    "SeparableConv1D": _OF_A_FULL_KERNEL,
    "SeparableConv2D": _OF_A_FULL_KERNEL,
    "DepthwiseConv1D": _OF_A_FULL_KERNEL | {"filters"},
    "DepthwiseConv2D": _OF_A_FULL_KERNEL | {"filters"},
    **dict.fromkeys(
        ("SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D"), frozenset({"trainable"})
    ),
}


def is_shapeless(key: str, value: Any) -> bool:  # noqa: ANN401
    """Return whether a key that is not an argument of a layer changes no shape."""
    return key in _SHAPELESS or (key in _UNSET and value in _UNSET[key])


def is_inherited(cls: str, key: str) -> bool:
    """Return whether a class stores this key because another one does."""
    return key in _INHERITED.get(cls, ())

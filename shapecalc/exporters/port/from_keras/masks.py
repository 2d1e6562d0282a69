"""The masks of Keras: which layers make one, hand it on, read it or drop it.

PyTorch has none beside a tensor, so that a network is written only where no layer reads one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from shapecalc.layers.layer import Layer

_READING: Final = (
    "LSTM GRU SimpleRNN RNN Bidirectional TimeDistributed GlobalAveragePooling1D Attention "
    "AdditiveAttention MultiHeadAttention GroupQueryAttention Softmax BatchNormalization "
    "Lambda Pipeline Model"
)
_HANDING_ON: Final = (
    "Dense Embedding Activation ReLU LeakyReLU PReLU ELU Dropout AlphaDropout GaussianDropout "
    "GaussianNoise SpatialDropout1D SpatialDropout2D SpatialDropout3D ActivityRegularization "
    "LayerNormalization GroupNormalization RMSNormalization UnitNormalization Add Subtract "
    "Multiply Average Maximum Minimum Concatenate Identity Masking"
)


def makes_mask(layer: Layer) -> bool:
    """Return whether a layer makes a mask."""
    return layer.called == "Masking" or bool(getattr(layer, "mask_zero", False))


def reads_mask(layer: Layer) -> bool:
    """Return whether what a layer gives depends on a mask."""
    softmax = layer.called == "Activation" and getattr(layer, "activation", "") == "softmax"
    return layer.called in _READING.split() or softmax


def hands_mask_on(layer: Layer) -> bool:
    """Return whether a layer hands on the mask of what it reads."""
    return layer.called in _HANDING_ON.split()

"""Which file writes which layer of Keras in PyTorch."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

from shapecalc.exporters.port.families import writer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from shapecalc.exporters.port.from_keras.applied import Applied
    from shapecalc.exporters.port.from_keras.values import Out

    #: Writes a layer where it is applied.
    Writer = Callable[[Applied], Out | Sequence[Out]]

#: A line for each file: the layers of Keras that it writes.
FAMILIES: Final[dict[str, str]] = {
    "dense": "Dense EinsumDense Embedding ReversibleEmbedding Identity ActivityRegularization",
    "activation": "Activation ReLU LeakyReLU PReLU ELU Softmax",
    "convolution": "Conv1D Conv2D Conv3D DepthwiseConv1D DepthwiseConv2D SeparableConv1D "
    "SeparableConv2D Conv1DTranspose Conv2DTranspose Conv3DTranspose",
    "pooling": "MaxPooling1D MaxPooling2D MaxPooling3D AveragePooling1D AveragePooling2D "
    "AveragePooling3D GlobalAveragePooling1D GlobalAveragePooling2D GlobalAveragePooling3D "
    "GlobalMaxPooling1D GlobalMaxPooling2D GlobalMaxPooling3D AdaptiveAveragePooling1D "
    "AdaptiveAveragePooling2D AdaptiveAveragePooling3D AdaptiveMaxPooling1D "
    "AdaptiveMaxPooling2D AdaptiveMaxPooling3D",
    "normalization": "BatchNormalization LayerNormalization GroupNormalization RMSNormalization "
    "UnitNormalization Normalization",
    "regularization": "Dropout AlphaDropout GaussianDropout GaussianNoise SpatialDropout1D "
    "SpatialDropout2D SpatialDropout3D LayerScale StochasticDepth Rescaling",
    "recurrent": "LSTM GRU SimpleRNN",
    "cells": "LSTMCell GRUCell SimpleRNNCell RNN",
    "bidirectional": "Bidirectional",
    "attention": "MultiHeadAttention GroupQueryAttention Attention AdditiveAttention",
    "merging": "Add Subtract Multiply Average Maximum Minimum Concatenate Dot",
    "reshaping": "Flatten Reshape Permute RepeatVector",
    "resizing": "ZeroPadding1D ZeroPadding2D ZeroPadding3D Cropping1D Cropping2D Cropping3D "
    "UpSampling1D UpSampling2D UpSampling3D Resizing CenterCrop",
    "wrappers": "TimeDistributed Pipeline",
    "operations": "Pointwise Reduce Matmul Einsum Stack",
    "rearranging": "NewShape Transpose ExpandDims Squeeze Tile RepeatElements Pad OneHot TopK "
    "Slice Split Unstack",
    "models": "Model",
}


@cache
def writer_of(cls: str) -> Writer | None:
    """Return what writes a layer of this class; None where PyTorch has nothing for it."""
    found: Writer | None = writer(__package__, FAMILIES, cls)
    return found

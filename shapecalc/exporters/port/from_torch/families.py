"""Which file writes which module or function of PyTorch in Keras."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

from shapecalc.exporters.port.families import writer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from shapecalc.exporters.port.from_torch.applied import Applied
    from shapecalc.exporters.port.from_torch.values import Out

    #: Writes a module where it is applied.
    Writer = Callable[[Applied], Out | Sequence[Out]]

#: A line for each file: the modules of PyTorch that it writes.
FAMILIES: Final[dict[str, str]] = {
    "linear": "Linear LazyLinear Identity Contiguous Embedding Dropout AlphaDropout Dropout1d "
    "Dropout2d Dropout3d",
    "activation": "ReLU ReLU6 ELU SELU CELU GELU SiLU Mish Sigmoid Tanh LogSigmoid Hardsigmoid "
    "Hardswish Hardshrink Tanhshrink Softsign Softplus LeakyReLU Threshold Softshrink Hardtanh "
    "Softmax LogSoftmax Softmin Softmax2d GLU PReLU",
    "convolution": "Conv1d Conv2d Conv3d LazyConv1d LazyConv2d LazyConv3d ConvTranspose1d "
    "ConvTranspose2d ConvTranspose3d LazyConvTranspose1d LazyConvTranspose2d LazyConvTranspose3d",
    "pooling": "MaxPool1d MaxPool2d MaxPool3d AvgPool1d AvgPool2d AvgPool3d AdaptiveAvgPool1d "
    "AdaptiveAvgPool2d AdaptiveAvgPool3d AdaptiveMaxPool1d AdaptiveMaxPool2d AdaptiveMaxPool3d",
    "resizing": "ZeroPad1d ZeroPad2d ZeroPad3d ConstantPad1d ConstantPad2d ConstantPad3d "
    "ReflectionPad1d ReflectionPad2d ReflectionPad3d Upsample UpsamplingNearest2d Interpolate",
    "normalization": "BatchNorm1d BatchNorm2d BatchNorm3d LazyBatchNorm1d LazyBatchNorm2d "
    "LazyBatchNorm3d InstanceNorm1d InstanceNorm2d InstanceNorm3d LayerNorm RMSNorm GroupNorm",
    "recurrent": "RNN LSTM GRU",
    "attention": "MultiheadAttention",
    "shaping": "Flatten Unflatten View Reshape Permute Transpose Squeeze Unsqueeze Select Chunk "
    "Movedim Flip",
    "joining": "Cat Stack Add Sub Mul Div Matmul Bmm Pow Maximum Minimum",
    "numbers": "Exp Log Sqrt Rsqrt Abs Neg Sin Cos Erf Round Floor Ceil Sign Square Reciprocal "
    "Log1p Log2 Log10 Expm1 Exp2 Tan Asin Acos Atan Sinh Cosh Asinh Acosh Atanh Erfinv Trunc "
    "Isnan Isinf Isfinite LogicalNot Clamp Mean Sum Amax Amin Logsumexp Var Std",
}


@cache
def writer_of(cls: str) -> Writer | None:
    """Return what writes a module of this class; None where Keras has nothing for it."""
    found: Writer | None = writer(__package__, FAMILIES, cls)
    return found

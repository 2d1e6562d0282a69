"""The table of names: which modules torch.nn has, what specs call them and their arguments."""

from __future__ import annotations

from typing import Final

#: A line for each module, by the file in which it is found: its class, then its names in specs,
#: the first of which is the one that is printed. The class name itself is always one of them.
FAMILIES: Final[dict[str, dict[str, str]]] = {
    "linear": {
        "Linear": "linear fc",
        "LazyLinear": "lazylinear",
        "Bilinear": "bilinear",
        "Identity": "identity id",
    },
    "conv": {
        "Conv1d": "conv1d",
        "Conv2d": "conv2d",
        "Conv3d": "conv3d",
        "LazyConv1d": "lazyconv1d",
        "LazyConv2d": "lazyconv2d",
        "LazyConv3d": "lazyconv3d",
    },
}

#: Short keys of arguments, each with the parameters that it may stand for.
SHORT_KEYS: Final[dict[str, tuple[str, ...]]] = {
    "k": ("kernel_size",),
    "s": ("stride",),
    "p": ("padding", "p"),
    "d": ("dilation", "dim"),
    "g": ("groups",),
}

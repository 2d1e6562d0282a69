"""Which layers of different frameworks do the same, whatever they are called."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from shapecalc.layers.catalogue import fold

if TYPE_CHECKING:
    from shapecalc.layers.layer import Layer

#: Parts of folded class names, each with what stands for it; what follows them stays, as ``2d``.
KINDS: Final = {
    "dense": "linear",
    "einsumdense": "linear",
    "depthwiseconv": "conv",
    "conv1dtranspose": "convtranspose1d",
    "conv2dtranspose": "convtranspose2d",
    "conv3dtranspose": "convtranspose3d",
    "maxpooling": "maxpool",
    "averagepooling": "avgpool",
    "globalmaxpooling": "adaptivemaxpool",
    "globalaveragepooling": "adaptiveavgpool",
    "batchnormalization": "batchnorm",
    "layernormalization": "layernorm",
    "groupnormalization": "groupnorm",
    "rmsnormalization": "rmsnorm",
    "simplernn": "rnn",
    "concatenate": "cat",
    "multiply": "mul",
    "subtract": "sub",
    "zeropadding": "zeropad",
    "upsampling": "upsample",
    "reshape": "flatten",
    "view": "flatten",
    "unflatten": "flatten",
    "spatialdropout": "dropout",
}
#: Names whose rank says nothing of what they do.
_RANKLESS: Final = ("batchnorm", "upsample", "upsamplingnearest", "zeropad", "dropout", "pad")


def kind_of(layer: Layer) -> str:
    """Return what a layer is, in a word that its counterparts of other frameworks share."""
    inner = layer
    while inner.holds == "layer":
        inner = getattr(inner, inner.holds)
    name = fold(type(inner).__name__)
    name = name.removeprefix("lazy")
    for part, kind in sorted(KINDS.items(), key=lambda pair: -len(pair[0])):
        if name.startswith(part):
            name = kind + name[len(part) :]
            break
    bare = re.sub(r"[123]d$", "", name)
    return bare if bare in _RANKLESS else name

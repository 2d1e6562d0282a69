"""Which name is which layer, and in which family's file it is found.

A line for each layer: its class, then its names in specs, the first of which is the one that
shapecalc prints. The class name itself is always one of them. Families are imported only when one
of their layers is asked for.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from shapecalc.errors import SpecError, did_you_mean
from shapecalc.layers.keras.activations import ACTIVATIONS

if TYPE_CHECKING:
    from shapecalc.layers.layer import Layer

FAMILIES: Final[dict[str, dict[str, str]]] = {
    "core": {
        "Dense": "dense fc",
        "Embedding": "embedding emb",
        "Identity": "id identity",
        "InputLayer": "inputlayer",
        "Lambda": "lambda",
        "Masking": "masking",
        "ReversibleEmbedding": "reversibleembedding",
    },
    "einsum": {
        "EinsumDense": "einsumdense",
    },
    "activation": {
        "Activation": "act activation",
        "ReLU": "relu",
        "LeakyReLU": "leakyrelu",
        "PReLU": "prelu",
        "ELU": "elu",
        "Softmax": "softmax",
    },
    "convolution": {
        "Conv1D": "conv1d convolution1d",
        "Conv2D": "conv2d convolution2d",
        "Conv3D": "conv3d convolution3d",
        "DepthwiseConv1D": "dwconv1d",
        "DepthwiseConv2D": "dwconv2d",
        "SeparableConv1D": "sepconv1d separableconvolution1d",
        "SeparableConv2D": "sepconv2d separableconvolution2d",
    },
    "transposed": {
        "Conv1DTranspose": "tconv1d convolution1dtranspose",
        "Conv2DTranspose": "tconv2d convolution2dtranspose",
        "Conv3DTranspose": "tconv3d convolution3dtranspose",
    },
    "pooling": {
        "MaxPooling1D": "maxpool1d",
        "MaxPooling2D": "maxpool2d",
        "MaxPooling3D": "maxpool3d",
        "AveragePooling1D": "avgpool1d",
        "AveragePooling2D": "avgpool2d",
        "AveragePooling3D": "avgpool3d",
        "GlobalAveragePooling1D": "gap1d globalavgpool1d",
        "GlobalAveragePooling2D": "gap2d globalavgpool2d",
        "GlobalAveragePooling3D": "gap3d globalavgpool3d",
        "GlobalMaxPooling1D": "gmp1d globalmaxpool1d",
        "GlobalMaxPooling2D": "gmp2d globalmaxpool2d",
        "GlobalMaxPooling3D": "gmp3d globalmaxpool3d",
    },
    "adaptive": {
        "AdaptiveAveragePooling1D": "adaptiveavgpool1d",
        "AdaptiveAveragePooling2D": "adaptiveavgpool2d",
        "AdaptiveAveragePooling3D": "adaptiveavgpool3d",
        "AdaptiveMaxPooling1D": "adaptivemaxpool1d",
        "AdaptiveMaxPooling2D": "adaptivemaxpool2d",
        "AdaptiveMaxPooling3D": "adaptivemaxpool3d",
    },
    "recurrent": {
        "LSTM": "lstm",
        "GRU": "gru",
        "SimpleRNN": "simplernn",
    },
    "cells": {
        "RNN": "rnn",
        "LSTMCell": "lstmcell",
        "GRUCell": "grucell",
        "SimpleRNNCell": "simplernncell",
        "StackedRNNCells": "stackedrnncells",
    },
    "convlstm": {
        "ConvLSTM1D": "convlstm1d",
        "ConvLSTM2D": "convlstm2d",
        "ConvLSTM3D": "convlstm3d",
    },
    "merging": {
        "Add": "add",
        "Subtract": "sub",
        "Multiply": "mul",
        "Average": "avg",
        "Maximum": "max",
        "Minimum": "min",
        "Concatenate": "concat",
        "Dot": "dot",
    },
    "attention": {
        "Attention": "attn",
        "AdditiveAttention": "additiveattention",
        "MultiHeadAttention": "mha",
        "GroupQueryAttention": "gqa groupedqueryattention",
    },
    "normalization": {
        "BatchNormalization": "bn",
        "LayerNormalization": "ln",
        "GroupNormalization": "gn",
        "RMSNormalization": "rms",
        "UnitNormalization": "unitnormalization",
        "Normalization": "normalization",
    },
    "regularization": {
        "Dropout": "dropout drop",
        "AlphaDropout": "alphadropout",
        "GaussianDropout": "gaussiandropout",
        "GaussianNoise": "gaussiannoise",
        "SpatialDropout1D": "spatialdropout1d",
        "SpatialDropout2D": "spatialdropout2d",
        "SpatialDropout3D": "spatialdropout3d",
        "ActivityRegularization": "activityregularization",
    },
    "legacy": {
        "CuDNNLSTM": "cudnnlstm",
        "Deconvolution2D": "deconvolution2d",
        "Highway": "highway",
        "LocallyConnected1D": "locallyconnected1d",
        "LocallyConnected2D": "locallyconnected2d",
        "MaxoutDense": "maxoutdense",
        "ParametricSoftplus": "parametricsoftplus",
        "SReLU": "srelu",
        "ThresholdedReLU": "thresholdedrelu",
    },
    "reshaping": {
        "Flatten": "flatten",
        "Reshape": "reshape",
        "Permute": "permute",
        "RepeatVector": "repeat repeatvector",
    },
    "resizing": {
        "ZeroPadding1D": "pad1d",
        "ZeroPadding2D": "pad2d",
        "ZeroPadding3D": "pad3d",
        "Cropping1D": "crop1d",
        "Cropping2D": "crop2d",
        "Cropping3D": "crop3d",
        "UpSampling1D": "upsample1d",
        "UpSampling2D": "upsample2d",
        "UpSampling3D": "upsample3d",
    },
    "wrappers": {
        "TimeDistributed": "timedistributed",
        "Bidirectional": "bidirectional",
        "SpectralNormalization": "spectralnormalization",
        "Pipeline": "pipeline",
    },
    "images": {
        "Resizing": "resizing",
        "CenterCrop": "centercrop",
        "RandomCrop": "randomcrop",
        "Rescaling": "rescaling",
        "MaxNumBoundingBoxes": "maxnumboundingboxes",
    },
    "augmentation": {
        "RandomFlip": "randomflip",
        "RandomRotation": "randomrotation",
        "RandomTranslation": "randomtranslation",
        "RandomZoom": "randomzoom",
        "RandomShear": "randomshear",
        "RandomPerspective": "randomperspective",
        "RandomElasticTransform": "randomelastictransform",
        "RandomErasing": "randomerasing",
        "RandomGaussianBlur": "randomgaussianblur",
        "CutMix": "cutmix",
        "MixUp": "mixup",
        "RandAugment": "randaugment",
        "AugMix": "augmix",
    },
    "color": {
        "RandomBrightness": "randombrightness",
        "RandomContrast": "randomcontrast",
        "RandomSaturation": "randomsaturation",
        "RandomHue": "randomhue",
        "RandomColorJitter": "randomcolorjitter",
        "RandomColorDegeneration": "randomcolordegeneration",
        "RandomSharpness": "randomsharpness",
        "RandomGrayscale": "randomgrayscale",
        "RandomInvert": "randominvert",
        "RandomPosterization": "randomposterization",
        "Solarization": "solarization",
        "AutoContrast": "autocontrast",
        "Equalization": "equalization",
        "ContrastLimitedAdaptiveHistogramEqualization": "clahe",
    },
    "audio": {
        "MelSpectrogram": "melspectrogram",
        "STFTSpectrogram": "stftspectrogram",
    },
    "encoding": {
        "CategoryEncoding": "categoryencoding",
        "Discretization": "discretization",
        "Hashing": "hashing",
        "HashedCrossing": "hashedcrossing",
    },
    "lookup": {
        "IntegerLookup": "integerlookup",
        "StringLookup": "stringlookup",
        "TextVectorization": "textvectorization",
    },
    "ops": {
        "Pointwise": "pointwise",
        "Reduce": "reduce",
        "Matmul": "matmul",
        "Tensordot": "tensordot",
        "Einsum": "einsum",
        "Stack": "stack",
    },
    "rearranging": {
        "NewShape": "newshape",
        "Transpose": "transpose",
        "ExpandDims": "expanddims",
        "Squeeze": "squeeze",
        "Tile": "tile",
        "RepeatElements": "repeatelements",
        "Pad": "pad",
        "OneHot": "onehot",
        "TopK": "topk",
        "Take": "take",
    },
    "slicing": {
        "Slice": "slice",
        "Split": "split",
        "Unstack": "unstack",
    },
    "applications": {
        "LayerScale": "layerscale",
        "StochasticDepth": "stochasticdepth",
    },
}


class Entry(NamedTuple):
    """A layer as a name leads to it."""

    cls: str
    family: str
    name: str
    preset: tuple[tuple[str, Any], ...] = ()


def fold(name: str) -> str:
    """What names are compared by: they ignore case and ``_``."""
    return name.replace("_", "").lower()


@cache
def index() -> dict[str, Entry]:
    """All names, folded."""
    found: dict[str, Entry] = {}
    for family, layers in FAMILIES.items():
        for cls, names in layers.items():
            entry = Entry(cls, family, names.split()[0])
            for name in (cls, *names.split()):
                found[fold(name)] = entry
    for activation in ACTIVATIONS:
        preset = (("activation", activation),)
        found.setdefault(fold(activation), Entry("Activation", "activation", activation, preset))
    return found


def find(name: str) -> Entry | None:
    """Look up a name; None where there is no such layer, of ours or of a plugin."""
    known = index().get(fold(name))
    if known is not None:
        return known
    from shapecalc.layers import plugins

    return plugins.discover().names.get(fold(name))


@cache
def load(cls: str, family: str) -> type[Layer]:
    """Import the class of an entry from its family's file, or give that of a plugin."""
    if family not in FAMILIES:
        from shapecalc.layers import plugins

        return plugins.discover().classes[cls]
    found: type[Layer] = getattr(import_module(f"shapecalc.layers.keras.{family}"), cls)
    return found


def listed() -> list[tuple[Entry, tuple[str, ...]]]:
    """Every layer class with its names in specs: ours by family, then those of plugins."""
    from shapecalc.layers import plugins

    ours = [
        (Entry(cls, family, names.split()[0]), tuple(names.split()))
        for family, layers in FAMILIES.items()
        for cls, names in layers.items()
    ]
    return ours + plugins.discover().listed


def origin(entry: Entry) -> str:
    """The distribution that a layer comes from."""
    return OURS if entry.family in FAMILIES else entry.family


#: The origin of the layers that are there without plugins.
OURS = "shapecalc"


def hint(name: str) -> str | None:
    """The names that may be meant by one that is unknown."""
    from shapecalc.layers import plugins

    entries = [*index().values(), *plugins.discover().names.values()]
    names = {entry.name for entry in entries} | {*index(), *plugins.discover().names}
    return did_you_mean(name, sorted(names, key=len))


@cache
def spec_name(cls: str) -> str:
    """The name that specs print for a class."""
    entry = find(cls)
    return entry.name if entry and entry.cls == cls else cls.lower()


def layer(class_name: str, /, **config: Any) -> Layer:  # noqa: ANN401
    """Make one validated layer from a Keras class name and Keras's arguments.

    Raises `SpecError` for an unknown class, and for arguments that the class does not take.
    """
    from shapecalc.layers.problems import validate

    entry = find(class_name)
    if entry is None:
        classes = [known.cls for known, _ in listed()]
        raise SpecError(f"there is no layer {class_name}", help=did_you_mean(class_name, classes))
    return validate(load(entry.cls, entry.family), dict(entry.preset) | config, entry.cls)

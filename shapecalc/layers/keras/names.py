"""The table of names: which layers Keras has, what specs call them and their arguments."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from shapecalc.layers.catalogue import Entry
from shapecalc.layers.keras.activations import ACTIVATIONS

#: A line for each layer, by its family: its class, then its names in specs, the first of which is
#: the one that is printed. The class name itself is always one of them.
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

#: The files of layers that are not in that of their family: a spec that has one of them need not
#: make the classes of the others, and the other way round.
FILES: Final[dict[str, str]] = {
    "Dense": "dense",
    "Embedding": "embedding",
    "ReversibleEmbedding": "embedding",
    "LSTM": "lstm",
    "GRU": "gru",
    "SimpleRNN": "simplernn",
    "DepthwiseConv1D": "depthwise",
    "DepthwiseConv2D": "depthwise",
    "SeparableConv1D": "separable",
    "SeparableConv2D": "separable",
    "GlobalAveragePooling1D": "globalpooling",
    "GlobalAveragePooling2D": "globalpooling",
    "GlobalAveragePooling3D": "globalpooling",
    "GlobalMaxPooling1D": "globalpooling",
    "GlobalMaxPooling2D": "globalpooling",
    "GlobalMaxPooling3D": "globalpooling",
    "TimeDistributed": "timedistributed",
    "Bidirectional": "bidirectional",
}

#: Names that stand for a layer with an argument, where no layer has them.
PRESETS: Final = tuple(
    Entry("Activation", "activation", name, (("activation", name),)) for name in ACTIVATIONS
)

#: The law of the dialect keras1.
DENSE_2D: Final = "Dense takes only 2-D input"

#: Short keys, and the parameters that they may stand for; a layer has one of these.
SHORT_KEYS: Final[dict[str, tuple[str, ...]]] = {
    "k": ("kernel_size", "pool_size"),
    "s": ("strides",),
    "p": ("padding",),
    "d": ("dilation_rate",),
    "g": ("groups",),
}

#: The replacements of words of other frameworks.
COUNTERPARTS: Final[dict[str, str]] = {
    "linear": "dense:N computes N features; torch has linear:IN:OUT: -d torch",
    "batchnorm1d": "Keras has bn for any number of axes",
    "batchnorm2d": "Keras has bn for any number of axes",
    "batchnorm3d": "Keras has bn for any number of axes",
    "bn1d": "Keras has bn for any number of axes",
    "bn2d": "Keras has bn for any number of axes",
    "aap2d": "gap2d takes the mean of each channel",
    "cat": "concat:@a joins tensors",
    "view": "reshape:-1:400 has no batch in it",
    "bidirectional": "bi-lstm:64",
    "batchfirst": "Keras has the batch first",
    "unsqueeze": "expanddims:axis=1",
}


@lru_cache(maxsize=1024)
def snake_case(class_name: str) -> str:
    """Write a class name as Keras names its layers: MaxPooling2D is max_pooling2d."""
    spaced = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", class_name)
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", spaced).lower()

"""The layers of Keras 1 with all their arguments, and what is each of them today; plain data.

A line for each class: the class of today, then its arguments. ``old=new`` is an argument that is
called otherwise now, ``name`` one that is not, ``old=`` one that changes no shape.
"""

from __future__ import annotations

from typing import Final, NamedTuple

_BIASED: Final = (
    "W_regularizer=kernel_regularizer b_regularizer=bias_regularizer activity_regularizer "
    "W_constraint=kernel_constraint b_constraint=bias_constraint bias=use_bias"
)
_DENSE: Final = f"init=kernel_initializer activation {_BIASED}"
_WIDE: Final = f"output_dim=units {_DENSE}"
_CONV: Final = f"nb_filter=filters border_mode=padding {_DENSE}"
_CONV1D: Final = f"filter_length=kernel_size subsample_length=strides {_CONV}"
_CONV2D: Final = f"nb_row nb_col subsample=strides dim_ordering {_CONV}"
_CONV3D: Final = f"kernel_dim1 kernel_dim2 kernel_dim3 subsample=strides dim_ordering {_CONV}"
_POOL1D: Final = "pool_length=pool_size stride=strides border_mode=padding ignore_border"
_POOL: Final = "pool_size strides border_mode=padding dim_ordering ignore_border"
_RECURRENT: Final = (
    "output_dim=units init=kernel_initializer inner_init=recurrent_initializer activation "
    "W_regularizer=kernel_regularizer U_regularizer=recurrent_regularizer "
    "b_regularizer=bias_regularizer dropout_W=dropout dropout_U=recurrent_dropout "
    "return_sequences go_backwards stateful unroll consume_less= truncate_gradient="
)
_GATED: Final = f"inner_activation=recurrent_activation {_RECURRENT}"

_LINES: Final = {
    "InputLayer": "InputLayer sparse=",
    "Dense": f"Dense {_WIDE}",
    "Activation": "Activation activation",
    "Dropout": "Dropout p=rate noise_shape= seed=",
    "SpatialDropout1D": "SpatialDropout1D p=rate",
    "SpatialDropout2D": "SpatialDropout2D p=rate dim_ordering",
    "SpatialDropout3D": "SpatialDropout3D p=rate dim_ordering",
    "Flatten": "Flatten",
    "Reshape": "Reshape target_shape dims=target_shape",
    "Permute": "Permute dims",
    "RepeatVector": "RepeatVector n",
    "Lambda": "Lambda function= function_type= output_shape output_shape_type arguments=",
    "ActivityRegularization": "ActivityRegularization l1 l2",
    "Masking": "Masking mask_value",
    "Highway": f"Highway transform_bias= {_DENSE}",
    "MaxoutDense": f"MaxoutDense output_dim=units nb_feature init=kernel_initializer {_BIASED}",
    "TimeDistributedDense": f"Dense {_WIDE}",
    "Convolution1D": f"Conv1D {_CONV1D}",
    "AtrousConvolution1D": f"Conv1D atrous_rate=dilation_rate {_CONV1D}",
    "Convolution2D": f"Conv2D {_CONV2D}",
    "AtrousConvolution2D": f"Conv2D atrous_rate=dilation_rate {_CONV2D}",
    "Deconvolution2D": f"Deconvolution2D output_shape {_CONV2D}",
    "SeparableConvolution2D": (
        "SeparableConv2D nb_filter=filters nb_row nb_col init= activation border_mode=padding "
        "subsample=strides depth_multiplier dim_ordering depthwise_regularizer "
        "pointwise_regularizer b_regularizer=bias_regularizer activity_regularizer "
        "depthwise_constraint pointwise_constraint b_constraint=bias_constraint bias=use_bias"
    ),
    "Convolution3D": f"Conv3D {_CONV3D}",
    "Cropping1D": "Cropping1D cropping",
    "Cropping2D": "Cropping2D cropping dim_ordering",
    "Cropping3D": "Cropping3D cropping dim_ordering",
    "UpSampling1D": "UpSampling1D length=size",
    "UpSampling2D": "UpSampling2D size dim_ordering",
    "UpSampling3D": "UpSampling3D size dim_ordering",
    "ZeroPadding1D": "ZeroPadding1D padding",
    "ZeroPadding2D": "ZeroPadding2D padding dim_ordering",
    "ZeroPadding3D": "ZeroPadding3D padding dim_ordering",
    **{f"{kind}Pooling1D": f"{kind}Pooling1D {_POOL1D}" for kind in ("Max", "Average")},
    **{
        f"{kind}Pooling{rank}D": f"{kind}Pooling{rank}D {_POOL}"
        for kind in ("Max", "Average")
        for rank in (2, 3)
    },
    **{f"Global{kind}Pooling1D": f"Global{kind}Pooling1D" for kind in ("Max", "Average")},
    **{
        f"Global{kind}Pooling{rank}D": f"Global{kind}Pooling{rank}D dim_ordering"
        for kind in ("Max", "Average")
        for rank in (2, 3)
    },
    "LocallyConnected1D": f"LocallyConnected1D {_CONV1D}",
    "LocallyConnected2D": f"LocallyConnected2D {_CONV2D}",
    "SimpleRNN": f"SimpleRNN {_RECURRENT}",
    "GRU": f"GRU {_GATED}",
    "LSTM": f"LSTM forget_bias_init= {_GATED}",
    "Embedding": (
        "Embedding input_dim output_dim init=embeddings_initializer input_length mask_zero "
        "activity_regularizer W_regularizer=embeddings_regularizer "
        "W_constraint=embeddings_constraint dropout="
    ),
    "LeakyReLU": "LeakyReLU alpha",
    "PReLU": "PReLU init=alpha_initializer shared_axes",
    "ELU": "ELU alpha",
    "ParametricSoftplus": "ParametricSoftplus alpha_init beta_init shared_axes",
    "ThresholdedReLU": "ThresholdedReLU theta",
    "SReLU": "SReLU t_left_init a_left_init t_right_init a_right_init shared_axes",
    "BatchNormalization": (
        "BatchNormalization epsilon mode= axis momentum beta_init=beta_initializer "
        "gamma_init=gamma_initializer gamma_regularizer beta_regularizer"
    ),
    "GaussianNoise": "GaussianNoise sigma=stddev",
    "GaussianDropout": "GaussianDropout p=rate",
    "TimeDistributed": "TimeDistributed layer",
    "Bidirectional": "Bidirectional layer merge_mode",
    "Merge": (
        "Merge mode mode_type concat_axis dot_axes output_shape output_shape_type output_mask= "
        "output_mask_type= arguments= layers"
    ),
}

#: What every layer stores beside its arguments; ``input_…`` say the shape of an input.
_EVERY: Final = (
    "name trainable batch_input_shape input_shape input_dim input_length input_dtype= "
    "cache_enabled= custom_name="
)


class OldLayer(NamedTuple):
    """A class of Keras 1: the class of today, and each argument with that of today."""

    cls: str
    keys: dict[str, str]


def _read(line: str) -> OldLayer:
    cls, *keys = line.split()
    pairs = [(key.partition("=")) for key in (*_EVERY.split(), *keys)]
    return OldLayer(cls, {old: new if sign else old for old, sign, new in pairs})


LAYERS: Final = {name: _read(line) for name, line in _LINES.items()}

#: Arguments that are called as they were, and yet only Keras 1 had; those that Keras 2 stores too.
_ONLY_OLD: Final = frozenset({"dim_ordering", "ignore_border", "kernel_dim1", "nb_row", "nb_col"})
_STILL: Final = frozenset(
    {"arguments", "function", "function_type", "input_dtype", "noise_shape", "seed", "sparse"}
)

#: The arguments of each class by which a file of Keras 1 is known that does not say its version.
ONLY_OLD: Final = {
    name: frozenset(
        old
        for old, new in layer.keys.items()
        if old not in _STILL and (old != new or old in _ONLY_OLD)
    )
    for name, layer in LAYERS.items()
}
#: Classes that only Keras 1 had.
ONLY_OLD_CLASSES: Final = frozenset(
    [
        "AtrousConvolution1D",
        "AtrousConvolution2D",
        "Deconvolution2D",
        "Graph",
        "Highway",
        "MaxoutDense",
        "Merge",
        "ParametricSoftplus",
        "SReLU",
        "TimeDistributedDense",
    ]
)

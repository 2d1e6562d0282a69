"""Functions of torch and torch.nn.functional: which step each is; its arguments are the step's.

A line for each function. Who adds one adds its name and the class of `layers/torch/` that it is.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final, NoReturn

from shapecalc.dims import shape_text
from shapecalc.errors import ShapeError
from shapecalc.importers.python.layers import flat, holds_unknown, run_layer
from shapecalc.importers.python.library.torchbinding import bound
from shapecalc.importers.python.library.torcheach import number_first, of_each
from shapecalc.importers.python.library.torchkinds import Kind, of_kind, typed
from shapecalc.importers.python.library.torchnumbers import pass_on, within
from shapecalc.importers.python.library.torchparts import taken_apart
from shapecalc.importers.python.library.torchspecial import SPECIAL, keep_batch
from shapecalc.importers.python.open import Found, Open, beside, of_rank, open_in
from shapecalc.importers.python.rewrites import with_method
from shapecalc.importers.python.strides import can_view
from shapecalc.importers.python.tensors import ValuesAndIndices
from shapecalc.importers.python.values import (
    UNKNOWN,
    Builtin,
    Reach,
    Tensor,
    Unknown,
    Value,
)
from shapecalc.layers.torch.dialect import CATALOGUE, TORCH

if TYPE_CHECKING:
    from collections.abc import Callable

    from shapecalc.importers.python.calls import Call
    from shapecalc.importers.python.machine import Machine
    from shapecalc.layers.layer import Layer

#: Functions by name; those of a tensor are its methods as well.
FUNCTIONS: Final[dict[str, str]] = {
    "cat": "Cat", "concat": "Cat", "concatenate": "Cat", "stack": "Stack", "add": "Add",
    "sub": "Sub", "subtract": "Sub", "mul": "Mul", "multiply": "Mul", "div": "Div",
    "divide": "Div", "true_divide": "Div", "matmul": "Matmul", "bmm": "Bmm", "mm": "Mm",
    "einsum": "Einsum", "pow": "Pow", "maximum": "Maximum", "minimum": "Minimum",
    "masked_fill": "MaskedFill", "where": "Where",
    "scaled_dot_product_attention": "ScaledDotProductAttention", "view": "View",
    "reshape": "Reshape", "permute": "Permute", "transpose": "Transpose", "squeeze": "Squeeze",
    "unsqueeze": "Unsqueeze", "select": "Select", "narrow": "Narrow", "chunk": "Chunk",
    "split": "Split", "expand": "Expand", "repeat": "Repeat", "flatten": "Flatten",
    "unflatten": "Unflatten", "flip": "Flip", "roll": "Roll", "movedim": "Movedim",
    "swapaxes": "Swapaxes", "tile": "Tile", "repeat_interleave": "RepeatInterleave",
    "tril": "Tril", "triu": "Triu", "one_hot": "OneHot", "unbind": "Unbind",
    "index_select": "IndexSelect", "gather": "Gather", "topk": "Topk", "diagonal": "Diagonal",
    "mean": "Mean", "sum": "Sum", "amax": "Amax", "amin": "Amin", "argmax": "Argmax",
    "argmin": "Argmin", "max": "Max", "min": "Min", "var": "Var", "std": "Std",
    "logsumexp": "Logsumexp", "norm": "Norm", "prod": "Prod", "cumsum": "Cumsum",
    "sort": "Sort", "clamp": "Clamp", "softmax": "Softmax", "log_softmax": "LogSoftmax",
    "pad": "Pad", "interpolate": "Interpolate", "upsample": "Interpolate", "fold": "Fold",
    "unfold": "Unfold", "pixel_shuffle": "PixelShuffle", "pixel_unshuffle": "PixelUnshuffle",
    "normalize": "Normalize", "relu": "ReLU", "relu6": "ReLU6", "leaky_relu": "LeakyReLU",
    "elu": "ELU", "selu": "SELU", "celu": "CELU", "gelu": "GELU", "silu": "SiLU",
    "mish": "Mish", "sigmoid": "Sigmoid", "tanh": "Tanh", "logsigmoid": "LogSigmoid",
    "hardtanh": "Hardtanh", "hardsigmoid": "Hardsigmoid", "hardswish": "Hardswish",
    "softplus": "Softplus", "softsign": "Softsign", "tanhshrink": "Tanhshrink", "glu": "GLU",
    "dropout": "Dropout", "dropout1d": "Dropout1d", "dropout2d": "Dropout2d",
    "dropout3d": "Dropout3d", "alpha_dropout": "AlphaDropout",
    **{f"max_pool{n}d": f"MaxPool{n}d" for n in (1, 2, 3)},
    **{f"avg_pool{n}d": f"AvgPool{n}d" for n in (1, 2, 3)},
    **{f"adaptive_avg_pool{n}d": f"AdaptiveAvgPool{n}d" for n in (1, 2, 3)},
    **{f"adaptive_max_pool{n}d": f"AdaptiveMaxPool{n}d" for n in (1, 2, 3)},
    "cosine_similarity": "CosineSimilarity", "pairwise_distance": "PairwiseDistance",
    "cross_entropy": "CrossEntropyLoss", "nll_loss": "NLLLoss", "mse_loss": "MSELoss",
    "l1_loss": "L1Loss", "smooth_l1_loss": "SmoothL1Loss", "huber_loss": "HuberLoss",
    "binary_cross_entropy": "BCELoss", "binary_cross_entropy_with_logits": "BCEWithLogitsLoss",
    "kl_div": "KLDivLoss", "cosine_embedding_loss": "CosineEmbeddingLoss",
    "triplet_margin_loss": "TripletMarginLoss", "margin_ranking_loss": "MarginRankingLoss",
    "hinge_embedding_loss": "HingeEmbeddingLoss", "soft_margin_loss": "SoftMarginLoss",
    "multi_margin_loss": "MultiMarginLoss", "poisson_nll_loss": "PoissonNLLLoss",
    "multilabel_margin_loss": "MultiLabelMarginLoss", "gaussian_nll_loss": "GaussianNLLLoss",
    "multilabel_soft_margin_loss": "MultiLabelSoftMarginLoss", "ctc_loss": "CTCLoss",
    **{f"lp_pool{n}d": f"LPPool{n}d" for n in (1, 2, 3)},
    **{f"max_unpool{n}d": f"MaxUnpool{n}d" for n in (1, 2, 3)},
    "channel_shuffle": "ChannelShuffle",
}  # fmt: skip

#: Other names of functions.
ALIASES: Final[dict[str, str]] = {
    "split_with_sizes": "split", "unsafe_split": "split", "unsafe_chunk": "chunk",
    "moveaxis": "movedim", "swapdims": "swapaxes", "less": "lt", "less_equal": "le",
    "greater": "gt", "greater_equal": "ge", "not_equal": "ne", "expit": "sigmoid",
    **dict.fromkeys(("spmm", "sspmm", "hspmm", "dsmm", "smm"), "mm"),
    "upsample_nearest": "upsample", "upsample_bilinear": "upsample", "asarray": "as_tensor",
    "bitwise_not": "logical_not", "absolute": "abs", "negative": "neg", "fix": "trunc",
    **{f"arc{name}": f"a{name}" for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh", "tan2")},
}  # fmt: skip

#: Functions that give what they get, or work on each value separately.
SAME: Final = frozenset(
    "exp log log2 log10 log1p sqrt rsqrt abs neg sin cos tan atan acos asin sinh cosh erf "
    "round floor ceil sign square reciprocal trunc frac erfinv expm1 bernoulli logical_not isnan "
    "detach cpu cuda to contiguous clone requires_grad_ type bool byte type_as nan_to_num fill_ "
    "fill zero_ zero normal_ normal uniform_ uniform xavier_uniform_ kaiming_normal_ sigmoid_ "
    "clip clamp_min clamp_max threshold cumprod instance_norm share_memory_ pin_memory eq ne gt "
    "lt ge le layer_norm batch_norm group_norm rms_norm feature_alpha_dropout copy_ copy "
    "logical_and logical_or logical_xor isinf isfinite isclose gumbel_softmax softmin lerp argsort "
    "random_ random exponential_ exponential bfloat16 short char coalesce to_sparse to_dense erfc "
    "positive i0 acosh asinh atanh exp2 remainder fmod floor_divide rsub atan2 logcumsumexp "
    "fill_diagonal poisson geometric cauchy log_normal".split()
)
#: Functions that make a tensor like another one.
CREATING_LIKE: Final = frozenset(
    f"{name}_like" for name in ("zeros", "ones", "randn", "rand", "empty", "full", "randint")
)
#: Functions of two tensors that broadcast, and that no step is.
_PAIRS: Final = frozenset(
    "eq ne gt lt ge le logical_and logical_or logical_xor lerp isclose remainder fmod "
    "floor_divide rsub atan2".split()
)
#: Functions that give True and False, and those that make whole numbers of such.
_MASKS: Final = frozenset(
    "eq ne gt lt ge le logical_not logical_and logical_or logical_xor isnan isinf isfinite bool "
    "isclose".split()
)
_KEEP_WHOLE: Final = frozenset(
    "abs neg sign square clip clamp_min clamp_max remainder fmod floor_divide rsub".split()
)


def made_layer(cls: str, config: dict[str, Any]) -> Layer:
    """Make the step of a class."""
    return CATALOGUE.layer(cls, **config)


def function_of(name: str) -> Builtin:
    """Return a function by its name, which is in one of the tables or makes a tensor."""
    from shapecalc.importers.python.library.torchcreating import CREATING

    if name in CREATING:
        return Builtin(f"torch.{name}", CREATING[name])
    if name in CREATING_LIKE:
        return Builtin(f"torch.{name}", _like(name[:-5]))
    if name in FUNCTIONS:
        return Builtin(f"torch.{name}", _step(name))
    return Builtin(f"torch.{name}", _same(name))


def _like(name: str) -> Callable[[Machine, Call], Value]:
    """Return a function that makes a tensor of the shape, and of the type, of another one."""
    from shapecalc.importers.python.library.torchcreating import CREATING

    def run(m: Machine, call: Call) -> Value:
        tensor = call.get(0, "input")
        if not isinstance(tensor, Tensor):
            return tensor if isinstance(tensor, Unknown | Open) else UNKNOWN
        made = CREATING[name](m, type(call)(m, [tuple(tensor.shape)], {}, call.position))
        if isinstance(made, Tensor):
            return typed(of_kind(made, Kind(tensor.whole, tensor.mask)), call, len(call.args))
        return made

    return run


def _same(name: str) -> Callable[[Machine, Call], Value]:
    def run(m: Machine, call: Call) -> Value:
        tensors = [each for each in call if isinstance(each, Tensor)]
        if isinstance(call.get(0, "input"), Open):
            return call.get(0, "input")
        unknown = holds_unknown(call.get(0, "input"))
        if unknown is not None:
            return unknown.lost()
        if not tensors:
            return UNKNOWN
        if name in _UNRECORDED:
            return _unrecorded(name, tensors[0], call)
        step = number_first(name, call)
        inputs = tensors[: 2 if name in _PAIRS else 1]
        rest = [each for each in call.args if all(each is not tensor for tensor in inputs)]
        named = {
            key: value
            for key, value in call.kwargs.items()
            if all(value is not tensor for tensor in inputs)
        }
        layer = step or of_each(name, inputs, rest, named)
        title = f"torch.{name}"
        (found,) = run_layer(m, layer, inputs, call.position, library="torch", title=title)
        numbers = [each for each in rest if isinstance(each, float)]
        kept = name in _KEEP_WHOLE and not numbers and all(each.whole for each in inputs[1:])
        found.whole = inputs[0].whole if kept else None
        if name in _MASKS:
            found.mask = found.whole = True
        elif name == "argsort" and found.shape:
            last = found.shape[call.get(1, "dim", -1)] - 1
            found.whole, found.reach = True, Reach(last, last)
        return found

    return run


def _unrecorded(name: str, tensor: Tensor, call: Call) -> Tensor:
    """Apply a function after which the tensor is the same one, with numbers of a type perhaps."""
    if name == "contiguous":
        return in_a_row(tensor)
    if name in {"to", "type", "type_as"}:
        return typed(tensor, call, 1)
    if name in _SETTING:
        tensor.numbers = tensor.reach = None
    return tensor


def in_a_row(tensor: Tensor) -> Tensor:
    """Return a tensor with its numbers one behind the other."""
    if tensor.strides is None:
        return tensor
    made = tensor.again()
    made.strides = None
    return made


#: Functions that put other numbers into a tensor.
_SETTING: Final = frozenset(
    "fill_ fill zero_ zero normal_ normal uniform_ uniform copy_ copy random_ random "
    "fill_diagonal".split()
)
#: Functions after which the tensor is the same one.
_UNRECORDED: Final = _SETTING | frozenset(
    "detach cpu cuda to requires_grad_ type share_memory_ pin_memory contiguous clone type_as "
    "bfloat16 short char coalesce to_sparse to_dense".split()
)


def _step(name: str) -> Callable[[Machine, Call], Value]:
    def run(m: Machine, call: Call) -> Value:
        layer = number_first(name, call)
        if layer is None:
            return applied_function(m, name, FUNCTIONS[name], call)
        (x,) = flat(list(call))
        return run_layer(m, layer, [x], call.position, library="torch", title=f"torch.{name}")[0]

    return run


#: What a function takes for an argument that it is not given, where its module takes another.
_OWN_DEFAULTS: Final[dict[str, dict[str, Any]]] = {"flatten": {"start_dim": 0}}


@cache
def _class(name: str) -> type[Layer]:
    entry = CATALOGUE.find(name)
    assert entry is not None, name  # noqa: S101  (a name of the table)
    return CATALOGUE.load(entry)


def _opened(value: Open, cls: type[Layer], call: Call) -> Open:
    """Say what a function reads; one that keeps the axes of any input gives it back."""
    others = flat(list(call))
    if cls.keeps_rank and not others:
        return value
    if cls.__name__ == "Permute":
        _, *dims = call.args
        of_rank(value, len(dims[0] if dims and isinstance(dims[0], list | tuple) else dims))
    if cls.arity == (1, 1):
        raise Found(value.name, None, by_numbers=cls.__name__ in {"Flatten", "View", "Reshape"})
    return beside(value, others)


def applied_function(m: Machine, name: str, cls: str, call: Call) -> Value:
    """Apply a function: tensors first, then the arguments of its step."""
    special = SPECIAL.get(name)
    if special is not None:
        found = special(m, call)
        if found is not None:
            return found
    opened = open_in(call)
    if opened is not None:
        return _opened(opened, _class(cls), call)
    if name in {"cat", "stack"} and isinstance(call.get(0, "tensors"), list | tuple):
        _require_tensors(m, name, call)
    inputs, config, unknown = bound(_class(cls), call)
    if unknown is not None:
        m.need(unknown, call.position)
        return unknown.lost()
    if not inputs:
        return UNKNOWN
    config = _OWN_DEFAULTS.get(name, {}) | config
    if config.get("shape") and name in {"view", "reshape"}:
        keep_batch(m, inputs[0], config)
    apart = taken_apart(m, name, inputs[0], config, call)
    if apart is not None:
        return apart
    from shapecalc.importers.python.layers import make

    layer = make(m, TORCH, cls, config, call.position)
    outputs = run_layer(m, layer, inputs, call.position, library="torch", title=f"torch.{name}")
    _check(m, name, layer, inputs, outputs, call)
    pass_on(name, inputs, outputs)
    if isinstance(call.kwargs.get("out"), Tensor):
        call.kwargs["out"].reach = call.kwargs["out"].numbers = None
    return _given(name, inputs, outputs)


def _require_tensors(m: Machine, name: str, call: Call) -> None:
    """Require that nothing but tensors is joined."""
    for each in call.get(0, "tensors"):
        if each is None or isinstance(each, int | float | list | tuple | dict | str):
            kind = "None" if each is None else f"a {type(each).__name__}"
            text = f"{name} joins tensors, but one of them is {kind}"
            m.fail("TypeError", text, call.position, rule="argument")


def _check(
    m: Machine, name: str, layer: Layer, inputs: list[Tensor], outputs: list[Tensor], call: Call
) -> None:
    """Check what depends on more than shapes: how numbers lie, and how far indices reach."""
    if name == "view" and not can_view(inputs[0], outputs[0].shape):
        _refuse_view(m, inputs[0], outputs[0], call)
    elif name in {"gather", "index_select"}:
        rows = inputs[0].shape[getattr(layer, "dim", 0)]
        within(m, inputs[1], rows, f"{name} reads an axis of", call.position)


def _refuse_view(m: Machine, x: Tensor, made: Tensor, call: Call) -> NoReturn:
    """Say that a tensor whose axes were moved has no such view."""
    before, after = shape_text(x.shape), shape_text(made.shape)
    text = f"view cannot turn {before}, which is not contiguous, into {after}: reshape can"
    mended = with_method(m.visible(call.position), "view", "reshape")
    m.refuse(ShapeError(text), call.position, rule="reshape", rewrites=mended)


def _given(name: str, inputs: list[Tensor], outputs: list[Tensor]) -> Value:
    """Return what a function gives: some give a tuple, and some whole numbers."""
    if name in {"chunk", "split", "unbind", "max", "min", "topk", "sort"} and (
        len(outputs) > 1 or name in {"chunk", "split", "unbind"}
    ):
        for each in outputs[:1] if name in {"max", "min", "topk", "sort"} else outputs:
            each.whole = inputs[0].whole
        if name in {"max", "min", "topk", "sort"}:
            outputs[1].whole = True
            return ValuesAndIndices(outputs)
        return tuple(outputs)
    if name in {"argmax", "argmin", "one_hot"}:
        outputs[0].whole = True
    elif name in _KEEP_KIND and all(each.whole == inputs[0].whole for each in inputs):
        outputs[0].whole = inputs[0].whole
        outputs[0].mask = inputs[0].mask and name not in {"sum", "cumsum", "prod"}
    return outputs[0] if len(outputs) == 1 else tuple(outputs)


#: Functions that give whole numbers of whole numbers, and the like of what they get.
_KEEP_KIND: Final = frozenset(
    "cat concat stack view reshape permute transpose squeeze unsqueeze select narrow expand repeat "
    "flatten unflatten flip roll movedim swapaxes tile tril triu gather index_select clamp sum "
    "cumsum prod amax amin maximum minimum diagonal repeat_interleave unfold".split()
)

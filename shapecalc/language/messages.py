"""Error messages of Keras, TensorFlow and PyTorch, which people paste where layers are meant."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from shapecalc.errors import SpecError

#: What to run with the code that a message is about, by its framework.
_MODEL: Final = {
    "Keras": 'shapecalc model.py, or shapecalc "LSTM(64), Dense(3)"',
    "TensorFlow": 'shapecalc model.py, or shapecalc "LSTM(64), Dense(3)"',
    "PyTorch": 'shapecalc model.py, or shapecalc "nn.Conv2d(3, 8, 3)"',
}
#: What to run where the data or the labels do not fit.
_DATA: Final = "shapecalc fit model.py"
#: Causes of more than one message.
_WINDOW: Final = (
    "a kernel or a window is larger than its input: smaller ones, padding, or more data"
)
_UNEQUAL: Final = "the joined tensors differ in an axis other than the one they are joined along"
_UNEQUAL_SUM: Final = "tensors of different sizes are added, multiplied or compared"
_LOSS: Final = "the labels do not fit the output under this loss"
_CLASS: Final = (
    "a label is not one of the classes of the output: they count from 0, so the last layer needs"
    " as many units as the largest label, and 1 more"
)
_INDEX: Final = "an Embedding has no row for an index: its table needs the largest index and 1 more"


class Message(NamedTuple):
    """A message: the framework, how to recognize it, what it means, and what to run."""

    framework: str
    pattern: str
    cause: str
    help: str = ""


MESSAGES: Final = (
    Message(
        "Keras",
        r"expected (?:min_)?ndim=3, found ndim=2",
        "a layer over steps gets (batch, features): usually the LSTM or GRU before it needs"
        " return_sequences=True",
    ),
    Message(
        "Keras",
        r"expected (?:min_)?ndim=4, found ndim=3",
        "an image needs its batch and its channels: (batch, height, width, channels)",
    ),
    Message(
        "Keras",
        r"expected (?:min_|max_)?ndim=(\d+), found ndim=(\d+)",
        "a layer needs {0} axes, batch included, and gets {1}",
    ),
    Message(
        "Keras",
        r"expected axis (-?\d+) of input shape to have value (\d+), but received .*?(\([^)]*\))",
        "a layer was built for {1} on axis {0} of its input, and gets {2}",
    ),
    Message(
        "Keras",
        r"(?i)output size would be (?:zero or )?negative|negative dimension size",
        _WINDOW,
    ),
    Message("Keras", r"matching shapes except for the concat", _UNEQUAL),
    Message("Keras", r"Inputs have incompatible shapes\. Received shapes", _UNEQUAL_SUM),
    Message(
        "Keras",
        r"total size of the tensor must be unchanged",
        "a Reshape changes the number of values",
    ),
    Message(
        "Keras",
        r"Shapes \(.*\) and \(.*\) are incompatible|`target` and `output` must have the same",
        _LOSS,
        _DATA,
    ),
    Message(
        "Keras",
        r"should be called on a list of (?:at least|inputs)",
        "a merge layer takes its inputs as one list: Concatenate()([a, b])",
    ),
    Message(
        "Keras",
        r"axis values (\d+) \(at axis -?\d+\) != (\d+) \(at axis",
        "a Dot sums over axes of different sizes, {0} and {1}",
    ),
    Message(
        "Keras",
        r"must be fully-defined \(no `None` dimensions\)\. Received: shape=(\([^)]*\))",
        "a weight would have the shape {0}: the input needs a number where it has None",
    ),
    Message(
        "Keras",
        r"divisible by the number of groups\. Received groups=(\d+), but the input has (\d+)",
        "a convolution in {0} groups gets {1} channels, which {0} does not divide",
    ),
    Message(
        "Keras",
        r"Inner dimensions .* must be equal, .*x1\.shape=(\([^)]*\)).*x2\.shape=(\([^)]*\))",
        "a matrix product of {0} and {1} needs the last axis of the first to be the last but one of"
        " the second",
    ),
    Message(
        "Keras",
        r"Cannot broadcast shape, the failure dim has value",
        _UNEQUAL_SUM,
    ),
    Message(
        "Keras",
        r"`TimeDistributed` Layer should be passed an .*, received: (\([^)]*\))",
        "a TimeDistributed needs (batch, steps, ...), and gets {0}: usually the LSTM or GRU"
        " before it needs return_sequences=True",
    ),
    Message(
        "Keras",
        r"Expected shape (\([^)]*\)), but input has incompatible shape (\([^)]*\))",
        "the data do not fit the Input of the model: it takes {0}, and gets {1}",
        _DATA,
    ),
    Message(
        "Keras",
        r"weight shape (\([^)]*\)) is not compatible with provided weight shape (\([^)]*\))",
        "the saved weights are of a layer with other arguments: {1} where this one has {0}",
    ),
    Message(
        "TensorFlow",
        r"logits and labels must (?:have the same first dimension|be (?:the )?same size|be broad)",
        _LOSS,
        _DATA,
    ),
    Message(
        "TensorFlow",
        r"Received a label value of -?\d+ which is outside the valid range",
        _CLASS,
        _DATA,
    ),
    Message(
        "TensorFlow",
        r"indices\[.*\] = -?\d+ is not in \[0, \d+\)",
        _INDEX,
    ),
    Message(
        "TensorFlow",
        r"Dimensions must be equal, but are \d+ and \d+|Incompatible shapes: \[.*?\] vs\. \[",
        _UNEQUAL_SUM,
    ),
    Message(
        "TensorFlow",
        r"Matrix size-incompatible: In\[0\]: \[\d+,(\d+)\], In\[1\]: \[(\d+),",
        "a Dense takes {1} features, but gets {0}",
    ),
    Message(
        "PyTorch",
        r"mat1 and mat2 shapes cannot be multiplied \(\d+x(\d+) and (\d+)x(\d+)\)",
        "a Linear takes {1} features, but gets {0}, which nn.Linear({0}, {2}) takes",
    ),
    Message(
        "PyTorch",
        r"to have (\d+) channels, but got (\d+) channels",
        "a convolution takes {0} channels, but gets {1}",
    ),
    Message(
        "PyTorch",
        r"[Ee]xpected (?:\dD \(unbatched\) or )?(\d)-?D (?:\(batched\) )?input",
        "a layer needs {0} axes: the batch or the channels may be missing",
    ),
    Message(
        "PyTorch",
        r"Expected (\d)-dimensional input for \1-dimensional weight .*?(\d)-dimensional input",
        "a convolution needs {0} axes, and gets {1}: the batch or the channels may be missing",
    ),
    Message("PyTorch", r"Kernel size can't be greater than actual input size", _WINDOW),
    Message("PyTorch", r"Output size is too small", _WINDOW),
    Message("PyTorch", r"Sizes of tensors must match except in dimension", _UNEQUAL),
    Message(
        "PyTorch",
        r"size of tensor a \(\d+\) must match the size of tensor b \(\d+\)",
        _UNEQUAL_SUM,
    ),
    Message(
        "PyTorch",
        r"shape '\[(.*?)\]' is invalid for input of size (\d+)",
        "a view or a reshape to [{0}] does not hold {1} numbers",
    ),
    Message(
        "PyTorch",
        r"input\.size\(-1\) must be equal to input_size\. Expected (\d+), got (\d+)",
        "a recurrent layer takes {0} features, but gets {1}: batch_first changes the order of axes",
    ),
    Message(
        "PyTorch",
        r"Expected more than 1 value per channel",
        "a BatchNorm in training needs more than 1 value per channel: a larger batch, or eval()",
    ),
    Message("PyTorch", r"(?i)target size .*(?:input size|got)|target batch_size", _LOSS, _DATA),
    Message(
        "PyTorch",
        r"Target -?\d+ is out of bounds",
        _CLASS,
        _DATA,
    ),
    Message(
        "PyTorch",
        r"0D or 1D target tensor expected",
        _LOSS,
        _DATA,
    ),
    Message(
        "PyTorch",
        r"index out of range in self",
        _INDEX,
    ),
    Message(
        "PyTorch",
        r"stack expects each tensor to be equal size, but got (\[.*?\]) at entry \d+ and (\[.*?\])",
        "the tensors of a stack or a batch differ, {0} and {1}: pad, crop or resize them",
    ),
    Message(
        "PyTorch",
        r"Tensors must have same number of dimensions: got (\d+) and (\d+)",
        "the joined tensors have {0} and {1} axes",
    ),
    Message(
        "PyTorch",
        r"normalized_shape=(\[.*?\]), expected .* but got input of size\s?(\[.*?\])",
        "a LayerNorm over {0} gets {1}, which does not end in {0}",
    ),
    Message(
        "PyTorch",
        r"was expecting embedding dimension of (\d+), but got (\d+)",
        "an attention layer takes {0} features, but gets {1}",
    ),
    Message(
        "PyTorch",
        r"embed_dim must be divisible by num_heads",
        "the heads share embed_dim: num_heads must divide it",
    ),
    Message(
        "PyTorch",
        r"Expected input to be (\d)D or (\d)D, got (\d)D",
        "a recurrent layer needs {1} axes, or {0} without the batch, and gets {2}",
    ),
    Message(
        "PyTorch",
        r"expected (\d)D or (\d)D input \(got (\d)D input\)",
        "a layer needs {0} or {1} axes, and gets {2}",
    ),
    Message(
        "PyTorch",
        r"dimensions of batch2 tensor to be: \[\d+, (\d+)\] but got: \[\d+, (\d+)\]",
        "a matrix product needs {0} rows in the second matrix, but there are {1}",
    ),
    Message(
        "PyTorch",
        r"running_mean should contain (\d+) elements not (\d+)",
        "a BatchNorm takes {1} channels, but gets {0}",
    ),
    Message(
        "PyTorch",
        r"expanded size of the tensor \((\d+)\) must match the existing size \((\d+)\)",
        "an axis of size {1} cannot be expanded to {0}: only one of size 1 can",
    ),
    Message(
        "PyTorch",
        r"input\.dim\(\) = (\d+) is not equal to len\(dims\) = (\d+)",
        "a permute names {1} axes of a tensor with {0}",
    ),
    Message(
        "PyTorch",
        r"Dimension out of range \(expected to be in range of \[(-?\d+), (\d+)\], but got (-?\d+)",
        "an axis {2} of a tensor whose axes are {0} to {1}: an axis may be missing",
    ),
    Message(
        "PyTorch",
        r"subscript (\w) has size (\d+) .* previously seen size (\d+)",
        "an einsum has one letter {0} for axes of {2} and of {1}",
    ),
    Message(
        "PyTorch",
        r"expects split_sizes to sum exactly to (\d+)",
        "the sizes of a split must add up to the size of its axis, {0}",
    ),
    Message(
        "PyTorch",
        r"Provided sizes (\[.*?\]) don't multiply up to the size of dim (-?\d+) \((\d+)",
        "an Unflatten to {0} does not hold the {2} numbers of axis {1}",
    ),
    Message(
        "PyTorch",
        r"inconsistent input_size: got (\d+),? expected (\d+)",
        "a recurrent cell takes {1} features, but gets {0}",
    ),
    Message(
        "PyTorch",
        r"Expected hidden(?:\[\d\])? size \((.*?)\), got \[(.*?)\]",
        "a recurrent layer takes a state of ({0}), but gets ({1})",
    ),
    Message(
        "PyTorch",
        r"(in|out)_channels must be divisible by groups",
        "a convolution in groups needs {0}_channels that groups divides",
    ),
    Message(
        "PyTorch",
        r"num_channels \((\d+)\) must be divisible by num_groups \((\d+)\)",
        "a GroupNorm in {1} groups gets {0} channels, which {1} does not divide",
    ),
    Message(
        "PyTorch",
        r"size mismatch for (\S+): copying a param",
        "the saved weights are of a model with other arguments: {0} has another shape",
    ),
    Message(
        "PyTorch",
        r"Padding size should be less than the corresponding input dimension",
        "a reflection pads by less than the size of the axis: a smaller padding, or more data",
    ),
)


def as_message(text: str) -> SpecError | None:
    """Return what a text means that is a message of a framework; None where it is none."""
    for framework, pattern, cause, command in MESSAGES:
        match = re.search(pattern, text)
        if match:
            return SpecError(
                f"this is an error message of {framework}, not a stack of layers",
                notes=[cause.format(*match.groups())],
                help=f"name the code that raises it: {command or _MODEL[framework]}",
            )
    return None

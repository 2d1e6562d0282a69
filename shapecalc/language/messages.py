"""Error messages of Keras and PyTorch, which people paste where layers are meant."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from shapecalc.errors import SpecError

#: What to do with the code that a message is about, by its framework.
_MODEL: Final = {
    "Keras": 'shapecalc model.py, or shapecalc "LSTM(64), Dense(3)"',
    "PyTorch": 'shapecalc model.py, or shapecalc "nn.Conv2d(3, 8, 3)"',
}
_LABELS: Final = "shapecalc fit model.py"
#: Causes of more than one message.
_WINDOW: Final = (
    "a kernel or a window is larger than its input: smaller ones, padding, or more data"
)
_UNEQUAL: Final = "the joined tensors differ in an axis other than the one they are joined along"
_UNEQUAL_SUM: Final = "tensors of different sizes are added, multiplied or compared"
_LOSS: Final = "the labels do not fit the output under this loss"


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
        _LABELS,
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
    Message("PyTorch", r"(?i)target size .*(?:input size|got)|target batch_size", _LOSS, _LABELS),
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

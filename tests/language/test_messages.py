"""Error messages of the frameworks, pasted where a spec is meant."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from terminal import called

from shapecalc.language.messages import MESSAGES, as_message

if TYPE_CHECKING:
    from pathlib import Path

#: As Keras 3.15 and PyTorch 2.14 write them, in the order of the table.
PASTED = (
    (
        'Input 0 of layer "lstm_1" is incompatible with the layer: expected ndim=3, found ndim=2. '
        "Full shape received: (None, 64)",
        "a layer over steps gets (batch, features): usually the LSTM or GRU before it needs"
        " return_sequences=True",
    ),
    (
        "Input 0 with name 'None' of layer 'conv2d' is incompatible with the layer: expected"
        " min_ndim=4, found ndim=3. Full shape received: (None, 28, 28)",
        "an image needs its batch and its channels: (batch, height, width, channels)",
    ),
    (
        'Input 0 of layer "max_pooling2d" is incompatible with the layer: expected ndim=4, found '
        "ndim=2. Full shape received: (None, 10)",
        "a layer needs 4 axes, batch included, and gets 2",
    ),
    (
        'Input 0 of layer "dense" is incompatible with the layer: expected axis -1 of input shape '
        "to have value 64, but received input with shape (None, 32)",
        "a layer was built for 64 on axis -1 of its input, and gets (None, 32)",
    ),
    (
        "Computed output size would be zero or negative. Received `inputs shape=(None, 2, 2, 1)`,"
        " `kernel shape=(3, 3, 1, 3)`, `dilation_rate=[1 1]`, `strides=(1, 1)`, `padding=valid`.",
        "a kernel or a window is larger than its input: smaller ones, padding, or more data",
    ),
    (
        "A `Concatenate` layer requires inputs with matching shapes except for the concatenation"
        " axis. Received: input_shape=[(None, 4, 3), (None, 5, 3)]",
        "the joined tensors differ in an axis other than the one they are joined along",
    ),
    (
        "Inputs have incompatible shapes. Received shapes (4, 3) and (5, 3)",
        "tensors of different sizes are added, multiplied or compared",
    ),
    (
        "The total size of the tensor must be unchanged. Received: input_shape=(4,),"
        " target_shape=(3, 3)",
        "a Reshape changes the number of values",
    ),
    (
        "Arguments `target` and `output` must have the same shape. Received: target.shape=(8, 3),"
        " output.shape=(8, 10)",
        "the labels do not fit the output under this loss",
    ),
    (
        "RuntimeError: mat1 and mat2 shapes cannot be multiplied (1x256 and 400x120)",
        "a Linear takes 400 features, but gets 256, which nn.Linear(256, 120) takes",
    ),
    (
        "Given groups=1, weight of size [8, 3, 3, 3], expected input[1, 1, 28, 28] to have 3"
        " channels, but got 1 channels instead",
        "a convolution takes 3 channels, but gets 1",
    ),
    (
        "Expected 3D (unbatched) or 4D (batched) input to conv2d, but got input of size: [28, 28]",
        "a layer needs 4 axes: the batch or the channels may be missing",
    ),
    (
        "Expected 4-dimensional input for 4-dimensional weight [6, 3, 5, 5], but got 3-dimensional"
        " input of size [3, 32, 32] instead",
        "a convolution needs 4 axes, and gets 3: the batch or the channels may be missing",
    ),
    (
        "Calculated padded input size per channel: (2 x 2). Kernel size: (3 x 3). Kernel size "
        "can't be greater than actual input size",
        "a kernel or a window is larger than its input: smaller ones, padding, or more data",
    ),
    (
        "Given input size: (1x1x1). Calculated output size: (1x0x0). Output size is too small",
        "a kernel or a window is larger than its input: smaller ones, padding, or more data",
    ),
    (
        "Sizes of tensors must match except in dimension 1. Expected size 4 but got size 5 for"
        " tensor number 1 in the list.",
        "the joined tensors differ in an axis other than the one they are joined along",
    ),
    (
        "The size of tensor a (4) must match the size of tensor b (5) at non-singleton dimension 1",
        "tensors of different sizes are added, multiplied or compared",
    ),
    (
        "shape '[-1, 400]' is invalid for input of size 256",
        "a view or a reshape to [-1, 400] does not hold 256 numbers",
    ),
    (
        "input.size(-1) must be equal to input_size. Expected 3, got 5",
        "a recurrent layer takes 3 features, but gets 5: batch_first changes the order of axes",
    ),
    (
        "Expected more than 1 value per channel when training, got input size torch.Size([1, 3])",
        "a BatchNorm in training needs more than 1 value per channel: a larger batch, or eval()",
    ),
    (
        "Using a target size (torch.Size([4])) that is different to the input size"
        " (torch.Size([4, 1]))",
        "the labels do not fit the output under this loss",
    ),
)


def test_every_message_of_the_table_is_tried() -> None:
    assert len(PASTED) == len(MESSAGES)
    for (text, _), message in zip(PASTED, MESSAGES, strict=True):
        assert re.search(message.pattern, text)


@pytest.mark.parametrize(("text", "cause"), PASTED)
def test_a_pasted_message_is_answered_with_its_cause(text: str, cause: str) -> None:
    found = as_message(text)
    assert found is not None
    assert list(found.notes) == [cause]


def test_the_command_says_what_to_name_instead() -> None:
    done = called("mat1 and mat2 shapes cannot be multiplied (1x256 and 400x120)")
    assert (done.code, done.out) == (2, "")
    assert done.err == (
        "error: this is an error message of PyTorch, not a stack of layers\n"
        "  a Linear takes 400 features, but gets 256, which nn.Linear(256, 120) takes\n"
        "help: name the code that raises it: shapecalc model.py, or "
        'shapecalc "nn.Conv2d(3, 8, 3)"\n'
    )
    assert as_message("lstm:64:seq,td-dense:3") is None
    assert called("dense:3:foo").err.startswith("error: dense takes no flag foo")


def test_a_traceback_on_a_pipe_or_in_a_file_is_answered_too(tmp_path: Path) -> None:
    text = (
        "Traceback (most recent call last):\n"
        '  File "train.py", line 12, in <module>\n'
        "    out = model(x)\n"
        "RuntimeError: mat1 and mat2 shapes cannot be multiplied (1x256 and 400x120)\n"
    )
    (tmp_path / "log.txt").write_text(text, encoding="utf-8")
    for done in (called(stdin=text.encode()), called("log.txt", cwd=tmp_path)):
        assert (done.code, done.out) == (2, "")
        assert (
            "  a Linear takes 400 features, but gets 256, which nn.Linear(256, 120) takes\n"
            in done.err
        )

"""Error messages of the frameworks, pasted where a spec is meant."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from terminal import called

from shapecalc.language.messages import MESSAGES, as_message

if TYPE_CHECKING:
    from pathlib import Path

#: As Keras 3.15, TensorFlow 2 and PyTorch 2.14 write them, in the order of the table.
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
        "A `Concatenate` layer should be called on a list of at least 1 input. Received:"
        " input_shape=(None, 3, 2)",
        "a merge layer takes its inputs as one list: Concatenate()([a, b])",
    ),
    (
        "Incompatible input shapes: axis values 3 (at axis 1) != 4 (at axis 1). Full input"
        " shapes: (None, 3, 2), (None, 4, 2)",
        "a Dot sums over axes of different sizes, 3 and 4",
    ),
    (
        "Shapes used to initialize variables must be fully-defined (no `None` dimensions)."
        " Received: shape=(None, 4) for variable path='dense/kernel'",
        "a weight would have the shape (None, 4): the input needs a number where it has None",
    ),
    (
        "The number of input channels must be evenly divisible by the number of groups."
        " Received groups=2, but the input has 3 channels (full input shape is (None, 5, 5,"
        " 3)).",
        "a convolution in 2 groups gets 3 channels, which 2 does not divide",
    ),
    (
        "Inner dimensions (`x1.shape[-1]` and `x2.shape[-2]`) must be equal, but received"
        " `x1.shape=(None, 3, 4)` and `x2.shape=(None, 5, 6)`.",
        "a matrix product of (None, 3, 4) and (None, 5, 6) needs the last axis of the first"
        " to be the last but one of the second",
    ),
    (
        "Cannot broadcast shape, the failure dim has value 4, which cannot be broadcasted to"
        " 5. Input shapes are: [None, 3, 4] and [None, 3, 5].",
        "tensors of different sizes are added, multiplied or compared",
    ),
    (
        "`TimeDistributed` Layer should be passed an `input_shape` with at least 3"
        " dimensions, received: (None, 4)",
        "a TimeDistributed needs (batch, steps, ...), and gets (None, 4): usually the LSTM or"
        " GRU before it needs return_sequences=True",
    ),
    (
        "Invalid input shape for input JitTracer(float32[2,3,5]) with name 'keras_tensor_37'"
        " and path ''. Expected shape (None, 4), but input has incompatible shape (2, 3, 5)",
        "the data do not fit the Input of the model: it takes (None, 4), and gets (2, 3, 5)",
    ),
    (
        "Layer dense_3 weight shape (4, 3) is not compatible with provided weight shape (4, 4).",
        "the saved weights are of a layer with other arguments: (4, 4) where this one has (4, 3)",
    ),
    (
        "logits and labels must have the same first dimension, got logits shape [250,10] and"
        " labels shape [2500]",
        "the labels do not fit the output under this loss",
    ),
    (
        "Received a label value of 9 which is outside the valid range of [0, 6).  Label"
        " values: 3 3 4",
        "a label is not one of the classes of the output: they count from 0, so the last"
        " layer needs as many units as the largest label, and 1 more",
    ),
    (
        "indices[0,2] = 2188 is not in [0, 2027)",
        "an Embedding has no row for an index: its table needs the largest index and 1 more",
    ),
    (
        "Incompatible shapes: [32,10] vs. [32,8]",
        "tensors of different sizes are added, multiplied or compared",
    ),
    (
        "Matrix size-incompatible: In[0]: [32,10], In[1]: [8,4]",
        "a Dense takes 8 features, but gets 10",
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
    (
        "Target 10 is out of bounds.",
        "a label is not one of the classes of the output: they count from 0, so the last"
        " layer needs as many units as the largest label, and 1 more",
    ),
    (
        "0D or 1D target tensor expected, multi-target not supported",
        "the labels do not fit the output under this loss",
    ),
    (
        "index out of range in self",
        "an Embedding has no row for an index: its table needs the largest index and 1 more",
    ),
    (
        "stack expects each tensor to be equal size, but got [3] at entry 0 and [4] at entry 1",
        "the tensors of a stack or a batch differ, [3] and [4]: pad, crop or resize them",
    ),
    (
        "Tensors must have same number of dimensions: got 2 and 3",
        "the joined tensors have 2 and 3 axes",
    ),
    (
        "Given normalized_shape=[8], expected input with shape [*, 8], but got input of size[3, 9]",
        "a LayerNorm over [8] gets [3, 9], which does not end in [8]",
    ),
    (
        "was expecting embedding dimension of 8, but got 9",
        "an attention layer takes 8 features, but gets 9",
    ),
    (
        "embed_dim must be divisible by num_heads",
        "the heads share embed_dim: num_heads must divide it",
    ),
    (
        "LSTM: Expected input to be 2D or 3D, got 4D instead",
        "a recurrent layer needs 3 axes, or 2 without the batch, and gets 4",
    ),
    (
        "expected 2D or 3D input (got 4D input)",
        "a layer needs 2 or 3 axes, and gets 4",
    ),
    (
        "Expected size for first two dimensions of batch2 tensor to be: [2, 4] but got: [2, 5].",
        "a matrix product needs 4 rows in the second matrix, but there are 5",
    ),
    (
        "running_mean should contain 3 elements not 8",
        "a BatchNorm takes 8 channels, but gets 3",
    ),
    (
        "The expanded size of the tensor (4) must match the existing size (3) at"
        " non-singleton dimension 1.  Target sizes: [2, 4].  Tensor sizes: [2, 3]",
        "an axis of size 3 cannot be expanded to 4: only one of size 1 can",
    ),
    (
        "permute(sparse_coo): number of dimensions in the tensor input does not match the"
        " length of the desired ordering of dimensions i.e. input.dim() = 2 is not equal to"
        " len(dims) = 3",
        "a permute names 3 axes of a tensor with 2",
    ),
    (
        "Dimension out of range (expected to be in range of [-2, 1], but got 2)",
        "an axis 2 of a tensor whose axes are -2 to 1: an axis may be missing",
    ),
    (
        "einsum(): subscript i has size 4 for operand 1 which does not broadcast with"
        " previously seen size 3",
        "an einsum has one letter i for axes of 3 and of 4",
    ),
    (
        "split_with_sizes expects split_sizes to sum exactly to 3 (input tensor's size at"
        " dimension 1), but got split_sizes=[1, 1]",
        "the sizes of a split must add up to the size of its axis, 3",
    ),
    (
        "unflatten: Provided sizes [2, 5] don't multiply up to the size of dim 1 (8) in the"
        " input tensor",
        "an Unflatten to [2, 5] does not hold the 8 numbers of axis 1",
    ),
    (
        "input has inconsistent input_size: got 5 expected 3",
        "a recurrent cell takes 3 features, but gets 5",
    ),
    (
        "Expected hidden[0] size (1, 2, 4), got [1, 1, 4]",
        "a recurrent layer takes a state of (1, 2, 4), but gets (1, 1, 4)",
    ),
    (
        "out_channels must be divisible by groups",
        "a convolution in groups needs out_channels that groups divides",
    ),
    (
        "num_channels (8) must be divisible by num_groups (3)",
        "a GroupNorm in 3 groups gets 8 channels, which 3 does not divide",
    ),
    (
        "size mismatch for weight: copying a param with shape torch.Size([4, 5]) from"
        " checkpoint, the shape in current model is torch.Size([4, 3]).",
        "the saved weights are of a model with other arguments: weight has another shape",
    ),
    (
        "Argument #4: Padding size should be less than the corresponding input dimension, but"
        " got: padding (5, 5) at dimension 3 of input [1, 1, 3, 3]",
        "a reflection pads by less than the size of the axis: a smaller padding, or more data",
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

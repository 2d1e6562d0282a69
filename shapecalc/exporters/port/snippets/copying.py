"""Functions that carry the weights of a layer of Keras over to a module."""

from __future__ import annotations

from typing import Final

COPYING: Final[dict[str, str]] = {
    "weights_of": '''
def weights_of(layer):
    """Return the weights of a Keras layer as tensors."""
    return [torch.tensor(array) for array in layer.get_weights()]
''',
    "finder": '''
def finder(source, names):
    """Return what finds layers by name, also where Keras counted on from other models."""

    def key(name):
        kind, _, number = name.rpartition("_")
        return (kind, int(number)) if number.isdigit() else (name, 0)

    known = {layer.name: layer for layer in source.layers}
    found = dict(known)
    for kind in {key(name)[0] for name in names}:
        ours, theirs = (
            sorted((each for each in group if key(each)[0] == kind), key=key)
            for group in (names, known)
        )
        found.update(zip(ours, [known[name] for name in theirs]))
    return found.__getitem__
''',
    "copy_array": '''
def copy_array(variable, parameter):
    """Copy one weight as it is."""
    parameter.copy_(torch.tensor(variable.numpy()).reshape(parameter.shape))
''',
    "copy_dense": '''
def copy_dense(layer, module):
    """Copy a kernel (inputs, units) into a weight (units, inputs)."""
    kernel, *bias = weights_of(layer)
    module.weight.copy_(kernel.T)
    if bias:
        module.bias.copy_(bias[0])
''',
    "copy_einsum_dense": '''
def copy_einsum_dense(layer, module):
    """Copy a kernel and a bias as they are."""
    kernel, *bias = weights_of(layer)
    module.kernel.copy_(kernel)
    if bias:
        module.bias.copy_(bias[0])
''',
    "copy_embedding": '''
def copy_embedding(layer, module):
    """Copy a table of vectors."""
    module.weight.copy_(weights_of(layer)[0])
''',
    "copy_prelu": '''
def copy_prelu(layer, module):
    """Copy the slopes of channels."""
    module.weight.copy_(weights_of(layer)[0].flatten())
''',
    "copy_conv": '''
def copy_conv(layer, module):
    """Copy a kernel whose last two axes stand in front in PyTorch, in reverse."""
    kernel, *bias = weights_of(layer)
    module.weight.copy_(kernel.movedim((-1, -2), (0, 1)))
    if bias:
        module.bias.copy_(bias[0])
''',
    "copy_depthwise": '''
def copy_depthwise(layer, module):
    """Copy a kernel (*window, channels, multiplier) into (channels, 1, *window)."""
    kernel, *bias = weights_of(layer)
    kernel = kernel.movedim((-2, -1), (0, 1)).flatten(0, 1)
    module.weight.copy_(kernel.unsqueeze(1))
    if bias:
        module.bias.copy_(bias[0])
''',
    "copy_separable": '''
def copy_separable(layer, module):
    """Copy the kernel of each channel, and the one that mixes the channels."""
    depthwise, pointwise, *bias = weights_of(layer)
    depthwise = depthwise.movedim((-2, -1), (0, 1)).flatten(0, 1)
    module[0].weight.copy_(depthwise.unsqueeze(1))
    module[1].weight.copy_(pointwise.movedim((-1, -2), (0, 1)))
    if bias:
        module[1].bias.copy_(bias[0])
''',
    "copy_norm": '''
def copy_norm(layer, module):
    """Copy the scale and the offset, where the layer has them."""
    if layer.gamma is not None:
        copy_array(layer.gamma, module.weight)
    if layer.beta is not None:
        copy_array(layer.beta, module.bias)
''',
    "copy_batch_norm": '''
def copy_batch_norm(layer, module):
    """Copy the scale, the offset and what was seen of the batches."""
    copy_norm(layer, module)
    copy_array(layer.moving_mean, module.running_mean)
    copy_array(layer.moving_variance, module.running_var)
''',
    "copy_normalization": '''
def copy_normalization(layer, buffer):
    """Copy the mean that was seen in data."""
    buffer.copy_(weights_of(layer)[0].reshape(buffer.shape))
''',
    "copy_deviation": '''
def copy_deviation(layer, buffer):
    """Copy the standard deviation that was seen in data."""
    buffer.copy_(weights_of(layer)[1].sqrt().reshape(buffer.shape))
''',
    "copy_recurrent": '''
def copy_recurrent(layer, module, end="l0"):
    """Copy the kernels of an LSTM or a SimpleRNN; one bias carries all, one is 0."""
    kernel, recurrent, *bias = weights_of(layer)
    getattr(module, f"weight_ih_{end}").copy_(kernel.T)
    getattr(module, f"weight_hh_{end}").copy_(recurrent.T)
    if bias:
        getattr(module, f"bias_ih_{end}").copy_(bias[0])
        getattr(module, f"bias_hh_{end}").zero_()
''',
    "copy_gru": '''
def copy_gru(layer, module, end="l0"):
    """Copy the gates z, r, h in PyTorch's order r, z, h."""
    kernel, recurrent, *bias = weights_of(layer)

    def ordered(gates):
        z, r, h = gates.chunk(3)
        return torch.cat([r, z, h])

    getattr(module, f"weight_ih_{end}").copy_(ordered(kernel.T))
    getattr(module, f"weight_hh_{end}").copy_(ordered(recurrent.T))
    if bias:
        getattr(module, f"bias_ih_{end}").copy_(ordered(bias[0][0]))
        getattr(module, f"bias_hh_{end}").copy_(ordered(bias[0][1]))
''',
    "copy_cells": '''
def copy_cells(layer, module):
    """Copy the weights of cells as they are, one cell after the other."""
    parameters = [value for cell in module.cells for value in cell.parameters()]
    for parameter, weight in zip(parameters, weights_of(layer), strict=True):
        parameter.copy_(weight.reshape(parameter.shape))
''',
    "copy_cell": '''
def copy_cell(layer, module):
    """Copy the weights of a cell as they are."""
    for parameter, weight in zip(module.parameters(), weights_of(layer), strict=True):
        parameter.copy_(weight.reshape(parameter.shape))
''',
    "copy_heads": '''
def copy_heads(layer, module):
    """Copy the projections of attention: all heads of a kernel side by side."""
    linears = [module.query, module.key, module.gate, module.value, module.output]
    linears = [linear for linear in linears if linear is not None]
    weights = iter(weights_of(layer))
    for linear in linears:
        linear.weight.copy_(next(weights).reshape(linear.weight.T.shape).T)
        if linear.bias is not None:
            linear.bias.copy_(next(weights).flatten())
''',
    "copy_attention": '''
def copy_attention(layer, module):
    """Copy the scale, and the weight of the scores, where there are such."""
    for parameter, weight in zip(module.parameters(), weights_of(layer), strict=True):
        parameter.copy_(weight)
''',
}

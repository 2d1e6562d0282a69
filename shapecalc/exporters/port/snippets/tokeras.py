"""Functions that carry the weights of a module of PyTorch over to a layer of Keras."""

from __future__ import annotations

from typing import Final

TO_KERAS: Final[dict[str, str]] = {
    "put": '''
def put(layer, tensors):
    """Give a layer of Keras these tensors as its weights; None is left out."""
    given = [each.detach().cpu().numpy() for each in tensors if each is not None]
    layer.set_weights(given)
''',
    "modules_of": '''
def modules_of(source, names):
    """Return the modules by these names, or by their order where they have others."""
    known = dict(source.named_modules())
    if not all(name in known for name in names):
        weighted, seen = [], set()
        for module in source.modules():
            own = [*module.parameters(recurse=False), *module.buffers(recurse=False)]
            if own and module not in seen:
                weighted.append(module)
                seen.update(module.modules())
        known = dict(zip(names, weighted, strict=True))
    return known
''',
    "copy_linear": '''
def copy_linear(module, layer):
    """Copy a weight (outputs, inputs) into a kernel (inputs, outputs)."""
    put(layer, [module.weight.T, module.bias])
''',
    "copy_embedding": '''
def copy_embedding(module, layer):
    """Copy a table of vectors."""
    put(layer, [module.weight])
''',
    "copy_conv": '''
def copy_conv(module, layer):
    """Copy a kernel whose first two axes stand at the end in Keras, in reverse."""
    put(layer, [module.weight.movedim((0, 1), (-1, -2)), module.bias])
''',
    "copy_prelu": '''
def copy_prelu(module, layer):
    """Copy the slopes of channels, or one for all of them."""
    shape = tuple(layer.weights[0].shape)
    put(layer, [module.weight.expand(shape)])
''',
    "copy_norm": '''
def copy_norm(module, layer):
    """Copy the scale and the offset, where the module has them."""
    put(layer, [module.weight, getattr(module, "bias", None)])
''',
    "copy_batch_norm": '''
def copy_batch_norm(module, layer):
    """Copy the scale, the offset and what was seen of the batches."""
    learned = [module.weight, module.bias]
    put(layer, [*learned, module.running_mean, module.running_var])
''',
    "ends_of": '''
def ends_of(module, number):
    """Return what the names of the weights of a layer end in, by direction."""
    end = f"l{number}"
    return [end, f"{end}_reverse"] if module.bidirectional else [end]
''',
    "copy_rnn": '''
def copy_rnn(module, layer, number):
    """Copy the kernels of one layer; both biases of PyTorch add up to one."""
    weights = []
    for end in ends_of(module, number):
        weights += [getattr(module, f"weight_{part}_{end}").T for part in ("ih", "hh")]
        if module.bias:
            given = [getattr(module, f"bias_{part}_{end}") for part in ("ih", "hh")]
            weights.append(given[0] + given[1])
    put(layer, weights)
''',
    "copy_gru": '''
def copy_gru(module, layer, number):
    """Copy the gates r, z, n in Keras's order z, r, h."""

    def ordered(gates):
        r, z, n = gates.detach().numpy().reshape(3, -1, *gates.shape[1:])
        return np.concatenate([z, r, n])

    weights = []
    for end in ends_of(module, number):
        weights += [
            ordered(getattr(module, f"weight_{part}_{end}")).T for part in ("ih", "hh")
        ]
        if module.bias:
            given = [getattr(module, f"bias_{part}_{end}") for part in ("ih", "hh")]
            weights.append(np.stack([ordered(each) for each in given]))
    layer.set_weights(weights)
''',
    "copy_attention": '''
def copy_attention(module, layer):
    """Copy the projections of attention, which Keras has head by head."""
    if module.in_proj_weight is None:
        names = ("q_proj_weight", "k_proj_weight", "v_proj_weight")
        kernels = [getattr(module, name) for name in names]
    else:
        kernels = list(module.in_proj_weight.chunk(3))
    biases = [None] * 3
    if module.in_proj_bias is not None:
        biases = list(module.in_proj_bias.chunk(3))
    kernels.append(module.out_proj.weight)
    biases.append(module.out_proj.bias)
    given = [each for pair in zip(kernels, biases) for each in pair if each is not None]
    shapes = [tuple(weight.shape) for weight in layer.weights]
    put(layer, [each.T.reshape(shape) for each, shape in zip(given, shapes)])
''',
}

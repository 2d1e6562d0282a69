"""Records operations of real Keras in one functional model: ``record_ops.py > keras_ops.json``."""

from __future__ import annotations

import json
import sys

import keras
from keras import ops


def operations(x: keras.KerasTensor, y: keras.KerasTensor) -> list[keras.KerasTensor]:
    """Tensors that each come out of an operation."""
    numbers = ops.cast(x, "int32")
    return [
        x[:, 0],
        x[:, 1:-1],
        x[:, ::2, ..., None],
        x[:, -3:, ::-2],
        *ops.split(x, 2, axis=2),
        *ops.split(x, [1, 4], axis=1),
        ops.reshape(x, (-1, 6)),
        ops.transpose(x, (0, 2, 1)),
        ops.matmul(x, ops.transpose(y, (0, 2, 1))),
        ops.mean(x, axis=[1, 2]),
        ops.sum(x),
        ops.stack([x, y], axis=1),
        ops.concatenate([x, y], axis=-1),
        ops.expand_dims(x, 1),
        ops.squeeze(x[:, :1], axis=1),
        1 - x,
        x * 2.0,
        x + y,
        x**2,
        ops.where(x > 0, x, y),
        ops.softmax(x, axis=1),
        ops.einsum("bij,bkj->bik", x, y),
        ops.tile(x, [1, 2, 1]),
        ops.repeat(x, 3, axis=1),
        *ops.top_k(x, 3),
        ops.one_hot(numbers, 5),
        ops.pad(x, [[0, 0], [1, 1], [0, 0]]),
        ops.take(x, [0, 1], axis=1),
        ops.max(x, axis=1, keepdims=True),
        ops.argmax(x, axis=-1),
        ops.swapaxes(x, 1, 2),
        ops.moveaxis(x, 1, 2),
        ops.flip(x, 1),
        ops.cumsum(x, 1),
        ops.norm(x, axis=-1),
        ops.relu(x),
        ops.dot(x, ops.ones((6, 3))),
        x + ops.ones((10, 1)),
        ops.logsumexp(x, axis=1),
        ops.tensordot(x, y, axes=[[1, 2], [1, 2]]),
        ops.max_pool(x, 2),
        ops.average_pool(x, 3, strides=2, padding="same"),
        *ops.unstack(x, axis=2),
        ops.clip(x, 0, 1),
        ops.maximum(x, 0.0),
        ops.image.resize(ops.reshape(x, (-1, 10, 6, 1)), (20, 12)),
        ops.normalize(x),
        ops.roll(x, 1, 1),
        ops.logical_and(x > 0, y > 0),
    ]


def main() -> None:
    x, y = keras.Input((10, 6), name="x"), keras.Input((10, 6), name="y")
    model = keras.Model([x, y], operations(x, y))
    shapes = {}
    for operation in model.operations:
        output = operation.output
        tensors = output if isinstance(output, (list, tuple)) else [output]
        shapes[operation.name] = [list(tensor.shape) for tensor in tensors]
    data = {"model": json.loads(model.to_json()), "shapes": shapes}
    json.dump(data, sys.stdout, separators=(",", ":"))


if __name__ == "__main__":
    main()

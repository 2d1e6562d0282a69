"""What all Keras layers take beside arguments of their own."""

from __future__ import annotations

from typing import Annotated, ClassVar

from shapecalc.layers.arguments import Anything, Switch, switch
from shapecalc.layers.keras.arguments import Regularizer
from shapecalc.layers.layer import Layer
from shapecalc.layers.result import Result


class KerasLayer(Layer):
    """A layer of Keras, whose weights ``frozen`` leaves out of training."""

    abstract: ClassVar[bool] = True

    dtype: Anything = None
    trainable: Annotated[bool, switch(off=("frozen",))] = True
    input_shape: Anything = None
    autocast: Switch = True
    activity_regularizer: Regularizer = None

    def finished(self, result: Result) -> Result:
        """Take the weights of a frozen layer out of training."""
        if self.trainable or not result.weights:
            return result
        return result.replace(weights=[w._replace(trainable=False) for w in result.weights])

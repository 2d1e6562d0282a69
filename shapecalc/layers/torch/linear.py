"""Linear layers: every number of the output is a weighted sum of the features."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import ConfigDict

from shapecalc.dims import Shape, equal
from shapecalc.layers.arguments import Units
from shapecalc.layers.layer import rule
from shapecalc.layers.layout import at_least_axes
from shapecalc.layers.result import Product, Result, Weight, bias
from shapecalc.layers.scope import Scope
from shapecalc.layers.torch.arguments import Bias, InputSize
from shapecalc.layers.torch.layer import Module, require_declared

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapecalc.layers.looking import Looks, Passed


class AnyLinear(Module):
    """What Linear and LazyLinear share."""

    gives_sums = True
    abstract: ClassVar[bool] = True

    def input_letters(self) -> tuple[str, ...]:
        """Return the letters of the default input."""
        return ("N", "F")

    def looks(self, passed: Passed) -> Looks:
        """Return where it looks: each vector is read separately."""
        from shapecalc.layers.looking import one_by_one

        return one_by_one(passed.rank)


class Linear(AnyLinear):
    """Maps the features on the last axis to ``out_features`` new ones, at every position.

    Shape   (*, in_features) -> (*, out_features)
    Errors  the last axis is not in_features (usual cause: another size before flatten)
    Source  torch.nn.Linear
    """

    examples = ("linear:784:10", "in:N:16:5:5,flatten,linear:400:120")
    declares = ("in_features", -1)

    in_features: InputSize
    out_features: Units
    bias: Bias = True


class LazyLinear(AnyLinear):
    """A Linear that takes its in_features from the first input.

    Shape   (*, features) -> (*, out_features)
    Errors  the input has no axis
    Source  torch.nn.LazyLinear
    """

    examples = ("in:N:16:5:5,flatten,lazylinear:120",)

    out_features: Units
    bias: Bias = True


@rule(Linear, LazyLinear)
def linear(layer: Linear | LazyLinear, scope: Scope, x: Shape) -> Result:
    """Multiply the last axis with the weight."""
    *places, size = at_least_axes(x, "features")
    declared = layer.in_features if isinstance(layer, Linear) else None
    features = require_declared(scope, declared, size, "features")
    made = layer.out_features
    return Result.deferred((*places, made), (made, features), _weights, layer)


def _weights(layer: Linear | LazyLinear, weight: Shape, output: Shape) -> tuple[Weight, ...]:
    """Return the weight, which is multiplied with each vector, and the bias."""
    learned = Weight("weight", weight, places=output[:-1])
    return (learned, bias(output[-1])) if layer.bias else (learned,)


class Bilinear(Module):
    """Weights every product of a feature of one input with a feature of another.

    Shape   (*, in1_features) and (*, in2_features) -> (*, out_features)
    Errors  the axes before the last differ, which are not broadcast; a last axis is not as declared
    Source  torch.nn.Bilinear
    """

    gives_sums = True

    arity = (2, 2)
    reads = ("input2",)
    examples = ("in:N:20@a,in:N:30@b,@a,bilinear:20:30:40:@b",)

    in1_features: InputSize
    in2_features: InputSize
    out_features: Units
    bias: Bias = True

    def further_inputs(self, read: Sequence[Shape]) -> Sequence[Shape]:
        """Return the second input, which differs in its features only."""
        return [(*read[0][:-1], self.in2_features or read[0][-1])]

    def looks(self, passed: Passed) -> Looks:
        """Return where it looks: each pair of vectors is read separately."""
        from shapecalc.layers.looking import beside

        return beside(passed, -1)


@rule(Bilinear)
def bilinear(layer: Bilinear, scope: Scope, x: Shape, y: Shape) -> Result:
    """Contract the weight with one input and then with the other."""
    *places, one = at_least_axes(x, "features")
    *others, two = at_least_axes(y, "features")
    why = "takes two inputs that differ in the last axis only, but gets {} and {}"
    scope.require(len(x) == len(y), why, x, y)
    for a, b in zip(places, others, strict=True):
        scope.require(equal(a, b), why, x, y)
    one = require_declared(scope, layer.in1_features, one, "features of its first input")
    two = require_declared(scope, layer.in2_features, two, "features of its second input")
    made, batch = layer.out_features, tuple(places)
    weights = [Weight("weight", (made, one, two), places=batch)]
    if layer.bias:
        weights.append(bias(made))
    return Result(
        (*batch, made), weights=weights, products=[Product("second input", (*batch, made, two))]
    )


class Identity(Module):
    """Returns its input; arguments are accepted and ignored.

    Shape   any -> the same
    Errors  none
    Source  torch.nn.Identity
    """

    moves = True

    model_config = ConfigDict(extra="ignore")
    keeps_rank = True


@rule(Identity)
def identity(_layer: Identity, _scope: Scope, x: Shape) -> Result:
    """Keep the shape."""
    return Result(x)

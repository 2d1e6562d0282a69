"""Functions that compare two tensors, or a tensor with a number, place by place."""

from __future__ import annotations

from shapecalc.dims import Shape
from shapecalc.layers.broadcast import joined
from shapecalc.layers.layer import rule
from shapecalc.layers.result import Result
from shapecalc.layers.scope import Scope
from shapecalc.layers.torch.joining import Arithmetic


class Gt(Arithmetic):
    """Tests whether each value is greater than that of another tensor, or a number.

    Shape   (a, b) and (a, b) -> (a, b); a size of 1 is repeated to fit
    Errors  an axis has two sizes of which none is 1
    Source  torch.gt
    """

    examples = ("in:N:F,gt:0",)


class Ge(Arithmetic):
    """Tests whether each value is at least that of another tensor, or a number.

    Shape   (a, b) and (a, b) -> (a, b); a size of 1 is repeated to fit
    Errors  an axis has two sizes of which none is 1
    Source  torch.ge
    """

    examples = ("in:N:F,ge:0",)


class Lt(Arithmetic):
    """Tests whether each value is less than that of another tensor, or a number.

    Shape   (a, b) and (a, b) -> (a, b); a size of 1 is repeated to fit
    Errors  an axis has two sizes of which none is 1
    Source  torch.lt
    """

    examples = ("in:N:F,lt:0",)


class Le(Arithmetic):
    """Tests whether each value is at most that of another tensor, or a number.

    Shape   (a, b) and (a, b) -> (a, b); a size of 1 is repeated to fit
    Errors  an axis has two sizes of which none is 1
    Source  torch.le
    """

    examples = ("in:N:F,le:0",)


class Eq(Arithmetic):
    """Tests whether each value equals that of another tensor, or a number.

    Shape   (a, b) and (a, b) -> (a, b); a size of 1 is repeated to fit
    Errors  an axis has two sizes of which none is 1
    Source  torch.eq
    """

    examples = ("in:N:F,eq:0",)


class Ne(Arithmetic):
    """Tests whether each value differs from that of another tensor, or a number.

    Shape   (a, b) and (a, b) -> (a, b); a size of 1 is repeated to fit
    Errors  an axis has two sizes of which none is 1
    Source  torch.ne
    """

    examples = ("in:N:F,ne:0",)


@rule(Gt, Ge, Lt, Le, Eq, Ne)
def compare(_layer: Arithmetic, scope: Scope, *inputs: Shape) -> Result:
    """Broadcast all axes, the batch included."""
    return Result(joined(scope, inputs))

"""Functions that compare two tensors, or a tensor with a number, place by place; and logic."""

from __future__ import annotations

from shapecalc.dims import Shape
from shapecalc.layers.broadcast import joined
from shapecalc.layers.layer import rule
from shapecalc.layers.result import Result
from shapecalc.layers.scope import Scope
from shapecalc.layers.torch.combining import Combining
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


class LogicalAnd(Combining):
    """Tests whether each value and that of another tensor are both true.

    Shape   (a, b) and (a, b) -> (a, b); a size of 1 is repeated to fit
    Errors  an axis has two sizes of which none is 1
    Source  torch.logical_and
    """

    examples = ("in:N:F@a,in:N:F@b,@a,logical_and:@b",)


class LogicalOr(Combining):
    """Tests whether each value or that of another tensor is true.

    Shape   (a, b) and (a, b) -> (a, b); a size of 1 is repeated to fit
    Errors  an axis has two sizes of which none is 1
    Source  torch.logical_or
    """

    examples = ("in:N:F@a,in:N:F@b,@a,logical_or:@b",)


class LogicalXor(Combining):
    """Tests whether just one of each value and that of another tensor is true.

    Shape   (a, b) and (a, b) -> (a, b); a size of 1 is repeated to fit
    Errors  an axis has two sizes of which none is 1
    Source  torch.logical_xor
    """

    examples = ("in:N:F@a,in:N:F@b,@a,logical_xor:@b",)


class Isclose(Combining):
    """Tests whether each value is nearly that of another tensor.

    Shape   (a, b) and (a, b) -> (a, b); a size of 1 is repeated to fit
    Errors  an axis has two sizes of which none is 1
    Source  torch.isclose
    """

    examples = ("in:N:F@a,in:N:F@b,@a,isclose:@b",)


class Atan2(Combining):
    """Takes the angle of each point, of which the other tensor has the x.

    Shape   (a, b) and (a, b) -> (a, b); a size of 1 is repeated to fit
    Errors  an axis has two sizes of which none is 1
    Source  torch.atan2
    """

    examples = ("in:N:F@a,in:N:F@b,@a,atan2:@b",)


@rule(Gt, Ge, Lt, Le, Eq, Ne)
@rule(LogicalAnd, LogicalOr, LogicalXor, Isclose, Atan2)
def compare(_layer: Arithmetic | Combining, scope: Scope, *inputs: Shape) -> Result:
    """Broadcast all axes, the batch included."""
    return Result(joined(scope, inputs))

"""The kinds of numbers in tensors: whole ones, fractions, True and False; who takes which."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from shapecalc.importers.python.library.torchnumbers import within
from shapecalc.importers.python.values import Builtin, Library, Tensor, Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapecalc.importers.python.calls import Call
    from shapecalc.importers.python.machine import Machine
    from shapecalc.importers.python.positions import Position
    from shapecalc.layers.layer import Layer


class Kind(NamedTuple):
    """Whether numbers are whole, and whether they are True and False; None where not known."""

    whole: bool | None
    mask: bool = False


class TypeOf(Unknown):
    """The type of a tensor's numbers, of which only the kind is known."""

    __slots__ = ("kind",)

    def __init__(self, kind: Kind) -> None:
        super().__init__()
        self.kind = kind


def kind_of(value: Value) -> Kind | None:
    """Return the kind of numbers that a type is, or that a tensor has; None for what is neither."""
    if isinstance(value, TypeOf):
        return value.kind
    if isinstance(value, Tensor):
        return Kind(value.whole, value.mask)
    name = value if isinstance(value, str) else getattr(value, "name", "")
    if not isinstance(value, str | Library | Builtin) or not name.startswith("torch."):
        return None
    last = name.rpartition(".")[2].removesuffix("Tensor").lower()
    if last.startswith("bool"):
        return Kind(whole=True, mask=True)
    if last.startswith(("int", "uint", "long", "short", "byte", "char")):
        return Kind(whole=True)
    floats = ("float", "half", "double", "bfloat", "complex")
    return Kind(whole=False) if last.startswith(floats) or not last else None


def typed(tensor: Tensor, call: Call, place: int = 0) -> Tensor:
    """Return a tensor with its numbers as another type: ``x.to(torch.float32)``."""
    given = [call.kwargs[key] for key in ("dtype", "other") if key in call.kwargs]
    for value in (*call.args[place:], *given):
        kind = kind_of(value)
        if kind is not None:
            return of_kind(tensor, kind)
    return of_kind(tensor, Kind(None)) if given else tensor


def of_kind(tensor: Tensor, kind: Kind) -> Tensor:
    """Return a tensor with its numbers as those of a kind."""
    if (tensor.whole, tensor.mask) == kind:
        return tensor
    made = tensor.again()
    made.whole, made.mask = kind
    made.trained = False
    return made


# Who takes which.

#: Layers that multiply by their weights, or divide: of fractions alone.
_FRACTIONS: Final = frozenset(
    [f"{kind}{n}d" for n in (1, 2, 3) for kind in ("Conv", "ConvTranspose", "BatchNorm")]
    + "Linear Bilinear LSTM GRU RNN LSTMCell GRUCell RNNCell LayerNorm GroupNorm Softmax".split()
    + "LogSoftmax MultiheadAttention GELU Mean Std Var".split()
)
#: What looks up by its last tensor.
_BY_INDEX: Final = frozenset({"Gather", "IndexSelect", "OneHot"})
#: Losses whose target is of fractions.
_OF_FRACTIONS: Final = frozenset({"BCELoss", "BCEWithLogitsLoss", "KLDivLoss"})
#: Losses whose target may be the numbers of classes.
_OF_CLASSES: Final = frozenset({"CrossEntropyLoss", "NLLLoss", "NLLLoss2d"})


def check_kinds(
    m: Machine, layer: Layer, inputs: Sequence[Tensor], position: Position | None
) -> None:
    """Refuse numbers of a kind that a layer of torch does not take."""
    name = type(layer).__name__
    if name in _FRACTIONS and inputs and inputs[0].whole is True:
        kind = "True and False" if inputs[0].mask else "whole numbers"
        text = f"{layer.called} takes fractions, but gets {kind}: .float() converts them"
        m.fail("RuntimeError", text, position, rule="argument")
    elif name in _BY_INDEX and inputs[-1].whole is False:
        text = f"{layer.called} takes whole numbers as indices, but gets fractions: .long() helps"
        m.fail("RuntimeError", text, position, rule="argument")
    elif name == "MaskedFill" and inputs[1].whole is False and not inputs[1].mask:
        text = "masked_fill takes a mask of True and False, but gets fractions: == 0 makes one"
        m.fail("RuntimeError", text, position, rule="argument")
    elif name.endswith(("Loss", "Loss2d")) and len(inputs) == 2:  # noqa: PLR2004  (output, target)
        _check_target(m, layer, inputs[0], inputs[1], position)


def _check_target(
    m: Machine, layer: Layer, x: Tensor, y: Tensor, position: Position | None
) -> None:
    name = type(layer).__name__
    by_number = name in _OF_CLASSES and len(x.shape) != len(y.shape)
    if by_number and y.whole is False:
        text = f"{name} takes classes as whole numbers, but gets fractions: .long() converts them"
        m.fail("RuntimeError", text, position, rule="labels")
    of_fractions = name in _OF_FRACTIONS or (name == "CrossEntropyLoss" and not by_number)
    if of_fractions and y.whole is True:
        text = f"{name} takes a target of fractions, but gets whole numbers: .float() converts them"
        m.fail("RuntimeError", text, position, rule="labels")
    if by_number and y.reach is not None and y.reach.most != getattr(layer, "ignore_index", None):
        classes = x.shape[1 if len(x.shape) > 1 else 0]
        within(m, y, classes, f"{name} reads classes, of which there are", position)

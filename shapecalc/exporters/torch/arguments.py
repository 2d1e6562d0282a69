"""Modules of PyTorch as calls of their constructors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from shapecalc.errors import SpecError
from shapecalc.exporters.document import Call, Display, Expression, literal
from shapecalc.layers.layer import Layer
from shapecalc.layers.parameters import parameters
from shapecalc.layers.torch.dialect import TORCH

if TYPE_CHECKING:
    from collections.abc import Iterator

#: The families of layers that are functions in PyTorch.
FUNCTIONS: Final = frozenset(
    {
        *("shaping", "cutting", "joining", "reducing", "elementwise", "taking", "moving"),
        *("combining", "comparing", "mathematics", "products", "padfunction"),
    }
)
#: The functions among the modules of other families.
_ALSO: Final = frozenset({"Interpolate", "LogProb"})


def is_module_class(layer: Layer) -> bool:
    """Return whether a layer is a class of torch.nn."""
    entry = TORCH.catalogue.find(type(layer).__name__)
    if entry is None or entry.cls != type(layer).__name__:
        return False
    return entry.family not in FUNCTIONS and entry.cls not in _ALSO


def module_call(layer: Layer) -> Call:
    """Return the call that makes a module; raises `SpecError` where torch.nn has none."""
    if not is_module_class(layer):
        raise SpecError(f"{layer.called} cannot be written in PyTorch: torch.nn has no such module")
    positional, keywords = arguments(layer)
    return Call(f"nn.{type(layer).__name__}", positional, keywords)


def arguments(layer: Layer) -> tuple[list[Expression], list[tuple[str, Expression]]]:
    """Return what must be given in order, then what differs from the defaults by name."""
    positional: list[Expression] = []
    keywords: list[tuple[str, Expression]] = []
    for key, parameter in parameters(type(layer)).items():
        value = getattr(layer, key)
        if key == "name" or (value == parameter.default and not parameter.required):
            continue
        if key == type(layer).holds and isinstance(value, tuple):
            positional += [_written(each) for each in value]
        elif parameter.required and not keywords:
            positional.append(_written(value))
        else:
            keywords.append((key, _written(value)))
    return positional, keywords


def _written(value: Any) -> Expression:  # noqa: ANN401
    """Return the value of an argument, with the modules in it."""
    if isinstance(value, Layer):
        return module_call(value)
    if isinstance(value, (list, tuple)) and any(isinstance(each, Layer) for each in value):
        return Display("[]", [_written(each) for each in value])
    return literal(value)


def letters_of(layer: Layer) -> Iterator[str]:
    """Return the letters in the arguments of a module."""
    from shapecalc.language.arguments import letters_in

    yield from sorted(letters_in(layer.given()))

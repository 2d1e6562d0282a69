"""Layers of Keras as calls of their constructors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from shapecalc.errors import SpecError
from shapecalc.exporters.document import Call, Display, Expression, literal
from shapecalc.language.arguments import own_parameters
from shapecalc.layers.catalogue import OURS
from shapecalc.layers.coded import Coded
from shapecalc.layers.keras.dialect import CATALOGUE
from shapecalc.layers.layer import Layer
from shapecalc.layers.parameters import parameters

if TYPE_CHECKING:
    from collections.abc import Callable

#: What a layer may say of its input, which is a step of its own.
_OF_THE_INPUT: Final = frozenset({"name", "input_shape", "input_length", "batch_input_shape"})
#: The families whose first argument stands without its name, though it has a default.
_FIRST: Final = frozenset({"pooling", "resizing"})
#: What is always named, since a number alone says nothing.
_NAMED: Final = frozenset({"axes", "axis"})
#: The families that Keras 3 no longer has.
_GONE: Final = frozenset({"legacy", "applications"})
#: What arguments are called in Keras 3 that older releases called otherwise.
_RENAMED: Final = {("LeakyReLU", "alpha"): "negative_slope"}


def layer_call(layer: Layer, name: Expression | None, held: Callable[[Layer], Expression]) -> Call:
    """Return the call that makes a layer; ``held`` writes the layers that it holds.

    Raises `SpecError` where Keras 3 has no such layer.
    """
    cls = type(layer)
    entry = CATALOGUE.find(cls.__name__)
    refusal = f"{layer.called} cannot be written in Keras: "
    if isinstance(layer, Coded):
        raise SpecError(f"{refusal}only source code can make it")
    if entry is None or entry.cls != cls.__name__:
        raise SpecError(f"{refusal}what it does is not known")
    if entry.family in _GONE or CATALOGUE.origin(entry) != OURS:
        raise SpecError(f"{refusal}Keras 3 has no such layer")
    if entry.cls == "Lambda":
        raise SpecError(f"{refusal}its function is not known")
    positional: list[Expression] = []
    keywords: list[tuple[str, Expression]] = []
    places = {parameter.name: place for place, parameter in enumerate(own_parameters(cls))}
    for key, parameter in parameters(cls).items():
        value = getattr(layer, key)
        if key in _OF_THE_INPUT or (value == parameter.default and not parameter.required):
            continue
        first = places.get(key) == 0 and entry.family in _FIRST and not isinstance(value, str)
        written = _written(value, held)
        bare = (parameter.required and key not in _NAMED) or first
        if bare and not keywords and key in {*places, cls.holds}:
            positional.append(written)
        else:
            keywords.append((_RENAMED.get((cls.__name__, key), key), written))
    if name is not None:
        keywords.append(("name", name))
    return Call(f"layers.{cls.__name__}", positional, keywords)


def _written(value: Any, held: Callable[[Layer], Expression]) -> Expression:  # noqa: ANN401
    """Return the value of an argument, with the layers in it."""
    if isinstance(value, Layer):
        return held(value)
    if isinstance(value, (list, tuple)) and any(isinstance(each, Layer) for each in value):
        return Display("[]", [_written(each, held) for each in value])
    return literal(value)

"""The parameters of a layer class, and the words that stand for their values."""

from __future__ import annotations

from functools import cache
from inspect import get_annotations
from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic import BaseModel

from shapecalc.layers.arguments import ArgumentKind

if TYPE_CHECKING:
    from shapecalc.layers.layer import Layer


class Parameter(NamedTuple):
    """A parameter of a layer, as specs and messages see it."""

    name: str
    kind: ArgumentKind
    required: bool
    default: Any


@cache
def parameters(cls: type[Layer]) -> dict[str, Parameter]:
    """Return the parameters of a layer class by name, in the order of the constructor."""
    fields = cls.__pydantic_fields__
    # What a class names itself stands where it names it, also where all layers take it.
    own = [name for name in own_names(cls) if name in fields]
    order = dict.fromkeys([*cls.positional, *own, *fields])
    return {
        name: Parameter(
            name,
            next(part for part in fields[name].metadata if isinstance(part, ArgumentKind)),
            fields[name].is_required(),
            fields[name].get_default(call_default_factory=True),
        )
        for name in order
    }


def own_names(cls: type[Layer]) -> list[str]:
    """Return what a class and those that it is made of annotate themselves, in order."""
    bases = [base for base in reversed(cls.__mro__) if issubclass(base, BaseModel)]
    own = [base for base in bases[1:] if not vars(base).get("abstract", False)]
    return [name for base in own for name in get_annotations(base)]


@cache
def common_names(cls: type[Layer]) -> tuple[str, ...]:
    """Return what a layer class takes because all layers of its framework do."""
    own = own_names(cls)
    return tuple(name for name in cls.__pydantic_fields__ if name not in own)


@cache
def flags(cls: type[Layer]) -> dict[str, tuple[str, Any]]:
    """Return the flags of a layer class: each word with its parameter and value.

    A parameter that is True or False is turned on by its own name.
    """
    found: dict[str, tuple[str, Any]] = {}
    for parameter in parameters(cls).values():
        for word, value in parameter.kind.words.items():
            found.setdefault(word, (parameter.name, value))
        if parameter.kind.expects == _SWITCH and parameter.default is False:
            found.setdefault(parameter.name, (parameter.name, True))
    return found


_SWITCH = "True or False"

"""Modules as arguments of modules: as they are, or as a class name and a config."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any

from shapecalc.layers.arguments import ArgumentKind
from shapecalc.layers.held import held, held_several
from shapecalc.layers.layer import Layer
from shapecalc.layers.torch.dialect import CATALOGUE

#: Takes a module as it is, or makes it of its class name and its config.
inner_module = partial(held, CATALOGUE)

OptionalModule = Annotated[Layer | None, ArgumentKind("a module", inner_module).or_none()]
InnerModules = Annotated[
    tuple[Layer, ...], ArgumentKind("modules", partial(held_several, CATALOGUE))
]


def module_of(name: str) -> ArgumentKind:
    """Return a module of a class."""

    def check(value: Any) -> Layer:  # noqa: ANN401
        layer = inner_module(value)
        if type(layer).__name__ != name:
            raise ValueError(f"must be a {name}, not {layer.called}")
        return layer

    return ArgumentKind(f"a {name}", check)

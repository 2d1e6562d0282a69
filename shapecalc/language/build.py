"""From the text of a spec to its network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shapecalc.errors import ShapecalcError, SpecError
from shapecalc.garbage import no_collection
from shapecalc.language.builder import Builder, place_of
from shapecalc.language.entries import with_input
from shapecalc.language.heading import read_heading
from shapecalc.language.parser import Parser
from shapecalc.language.syntax import Stack, steps_in
from shapecalc.layers.budget import MAX_LAYERS, layer_limit
from shapecalc.network import (
    Network,
)

if TYPE_CHECKING:
    from shapecalc.layers.dialect import Dialect


def parse(text: str, *, dialect: Dialect | None = None, max_layers: int = MAX_LAYERS) -> Network:
    """Read a spec to a network, in the dialect that it says, else in the one that is given.

    Raises `SpecError` that knows everything unreadable in it, or that says that they differ.
    """
    if not isinstance(text, str):
        raise SpecError(f"a spec is a string or a network, not {type(text).__name__}")
    with no_collection(steps_in(text)):
        return _read(text, dialect, layer_limit(max_layers))


def _read(text: str, dialect: Dialect | None, max_layers: int) -> Network:
    parser = Parser(text)
    try:
        stack = parser.parse()
    except SpecError as error:
        if not parser.errors:
            raise
        # What can be read is looked up all the same, so that one run reports every layer.
        found = [*parser.errors, *_unknown(parser.read, text, dialect, max_layers)]
        raise SpecError.join(sorted(found, key=place_of)) from error
    heading = read_heading(stack, text, dialect)
    named = with_input(heading.stack, text, heading.dialect)
    if named is not None:
        return _read(named, dialect, max_layers)
    builder = Builder(text, heading.dialect, max_layers)
    return builder.network(heading.stack, declared=heading.declared)


def _unknown(
    stack: Stack, text: str, dialect: Dialect | None, max_layers: int
) -> list[ShapecalcError]:
    """Return what is wrong with the steps that could be read."""
    try:
        heading = read_heading(stack, text, dialect)
    except SpecError as error:
        return [error]
    builder = Builder(text, heading.dialect, max_layers)
    builder.check(heading.stack)
    return builder.resolver.errors

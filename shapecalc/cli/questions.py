"""The options of a command, read to what it asks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from shapecalc.errors import SpecError
from shapecalc.language.shapes import read_shape
from shapecalc.layers.budget import MAX_LAYERS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from shapecalc.answers.limits import Limits
    from shapecalc.answers.question import Question
    from shapecalc.network import Network

_NAMED = re.compile(r"\s*([A-Za-z_][A-Za-z0-9_]*)\s*=(.*)", re.DOTALL)


def limits(options: Mapping[str, Any]) -> Limits:
    """Read the options of what a network may cost."""
    from shapecalc.answers.limits import Limits

    return Limits(
        options["max_params"],
        options["max_macs"],
        options["max_memory"],
        options["dtype"],
        options["training"],
    )


def question(source: str | Network, options: Mapping[str, Any]) -> Question:
    """Read the options of a command on its specs to what it asks; raises `SpecError`."""
    from shapecalc.answers.question import ask

    asked = ask(
        source,
        dialect=options["dialect"],
        values=set_values(options.get("values", ())),
        where=", ".join(options.get("where", ())),
        max_layers=options.get("max_layers", MAX_LAYERS),
        training=options.get("train", False) or options.get("training", False),
    )
    return asked._replace(inputs=by_name(options.get("inputs", ()), "--input") or {})


def by_name(texts: Sequence[str], option: str) -> dict[Any, Any] | None:
    """Read shapes, with their names where they have one; several without are numbered in order."""
    named = [named_shape(text, option) for text in texts]
    unnamed = sum(name is None for name, _ in named)
    found: dict[Any, Any] = {}
    for name, shape in named:
        key: object = len(found) if name is None and unnamed > 1 else name
        if key in found:
            raise SpecError(f"{option} gives {name} twice")
        found[key] = shape
    return found or None


def named_shape(text: str, option: str) -> tuple[str | None, Any]:
    """Read a shape, with its name where it has one; only one that is expected may be empty."""
    least = 0 if option == "--expect" else 1
    match = _NAMED.fullmatch(text)
    try:
        return (match[1], read_shape(match[2], least)) if match else (None, read_shape(text, least))
    except SpecError as error:
        raise error.replaced(message=f"{option}: {error.message}") from None


_NEXT: Final = re.compile(r",(?=\s*[A-Za-z_][A-Za-z0-9_]*\s*=)")


def set_values(texts: Sequence[str]) -> dict[str, str]:
    """Read ``NAME=SIZE``, several in one text or in several."""
    found: dict[str, str] = {}
    for text in (part for each in texts for part in _NEXT.split(each)):
        match = _NAMED.fullmatch(text)
        if not match:
            raise SpecError(f"--set takes NAME=SIZE, not {text}", help="--set T=128")
        if match[1] in found:
            raise SpecError(f"--set gives {match[1]} twice")
        found[match[1]] = match[2]
    return found


def numbers(texts: Sequence[str]) -> list[tuple[str, str]]:
    """Read ``T=100,200`` to a name with each of its numbers."""
    found: list[tuple[str, str]] = []
    for text in texts:
        match = _NAMED.fullmatch(text)
        numbers = [part.strip() for part in match[2].split(",")] if match else []
        if not match or not all(part.isascii() and part.isdigit() for part in numbers):
            raise SpecError(f"--at takes NAME=N, not {text}", help="--at T=100,200")
        found += [(match[1], number) for number in numbers]
    return found

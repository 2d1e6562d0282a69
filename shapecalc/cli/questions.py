"""From the options of a command to its question."""

from __future__ import annotations

import re
from itertools import product
from typing import TYPE_CHECKING, Any, Final

from shapecalc.errors import SpecError
from shapecalc.language.shapes import read_shape
from shapecalc.layers.budget import MAX_LAYERS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from shapecalc.answers.limits import Limits
    from shapecalc.answers.question import Question
    from shapecalc.network import Network

_NAMED: Final = r"(?s)\s*([A-Za-z_][A-Za-z0-9_]*)\s*=(.*)"


def limits(options: Mapping[str, Any], *, counted: bool = False) -> Limits:
    """Read the options of what a network may cost.

    Raises `SpecError` for one that says how costs are ``counted`` where none are.
    """
    from shapecalc.answers.limits import Limits

    memory = counted or options["max_memory"] is not None
    macs = counted or options["max_macs"] is not None
    if options["dtype"] and not memory:
        raise SpecError(
            "--dtype says how many bytes a number takes, and no memory is asked for",
            help="--max-memory 512KiB, or shapecalc cost",
        )
    if options["training"] and not macs:
        raise SpecError(
            "--training counts the backward pass too, and no macs are asked for",
            help="--max-macs 5e9, or shapecalc cost; --train is for layers in training mode",
        )
    return Limits(
        options["max_params"],
        options["max_macs"],
        options["max_memory"],
        options["dtype"],
        options["training"],
    )


def question(source: str | Network, options: Mapping[str, Any]) -> Question:
    """Read the options of a command into a question; raises `SpecError`."""
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
    match = re.fullmatch(_NAMED, text)
    try:
        return (match[1], read_shape(match[2], least)) if match else (None, read_shape(text, least))
    except SpecError as error:
        raise error.replaced(message=f"{option}: {error.message}") from None


_NEXT: Final = r",(?=\s*[A-Za-z_][A-Za-z0-9_]*\s*=)"


def _named(texts: Sequence[str], option: str, example: str) -> Iterator[tuple[str, str]]:
    """Read ``NAME=TEXT``, several in one text or in several."""
    for text in (part for each in texts for part in re.split(_NEXT, each)):
        match = re.fullmatch(_NAMED, text)
        if not match:
            raise SpecError(f"{option}, not {text}", help=example)
        yield match[1], match[2]


def set_values(texts: Sequence[str]) -> dict[str, str]:
    """Read ``NAME=SIZE``, several in one text or in several."""
    found: dict[str, str] = {}
    for name, size in _named(texts, "--set takes NAME=SIZE", "--set T=128"):
        if name in found:
            raise SpecError(f"--set gives {name} twice")
        found[name] = size
        _check_size(name, size, "--set")
    return found


def _check_size(name: str, size: str, option: str) -> None:
    """Read the size of a letter; the `SpecError` for one that cannot be read names the option."""
    from shapecalc.answers.question import named_sizes

    try:
        named_sizes({name: size})
    except SpecError as error:
        raise error.replaced(message=f"{option} {name}: {error.message}") from None


def numbers(texts: Sequence[str]) -> list[dict[str, str]]:
    """Read ``T=100,200``: each number of each letter, in one text with those of the others."""
    found: list[dict[str, str]] = []
    for text in texts:
        each: list[list[tuple[str, str]]] = []
        for name, listed in _named([text], "--at takes NAME=N", "--at T=100,200"):
            if any(name == before for pairs in each for before, _ in pairs):
                raise SpecError(f"--at gives {name} twice", help=f"--at {name}=100,200")
            parts = [part.strip() for part in listed.split(",")]
            if not all(part.isascii() and part.isdigit() for part in parts):
                raise SpecError(f"--at takes NAME=N, not {text}", help="--at T=100,200")
            for part in parts:
                _check_size(name, part, "--at")
            each.append([(name, part) for part in parts])
        found += [dict(chosen) for chosen in product(*each)]
    return found

"""Specs drawn from the grammar: any layer with any arguments, then some tokens moved about."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

import shapecalc
from shapecalc.errors import ShapecalcError
from shapecalc.layers.catalogue import Catalogue, Entry
from shapecalc.layers.keras.dialect import CATALOGUE as KERAS
from shapecalc.layers.parameters import flags, parameters
from shapecalc.layers.torch.dialect import CATALOGUE as TORCH
from shapecalc.render.diagnostic import diagnostic

if TYPE_CHECKING:
    import random

LABELS = ("a", "b", "skip")
VALUES = (
    "0", "1", "2", "3", "4", "8", "16", "-1", "7x5", "4x4x4", "99999999", "10**30", "0.5", "-0.1",
    "1e3", "T", "N+1", "2*T", "T//2", "T%3", "T**9", "max(T,8)", "(1,2)", "(T,2)", "[2,3]",
    "((1,2),(3,4))", "?", "_", "none", "True", "relu", "valid", "same", "'ab'", "@a", "@b.1",
    "@skip",
)  # fmt: skip
SHAPES = ("B:T:4", "B:H:W:3", "B:8", "B:D:H:W:2", "2:9:9:4", "B", "B:?:6", "B:T:T", "1:1:1:1:1:1")
TOKENS = re.compile(r"\w+|\s+|.", re.DOTALL)
HOSTILE = (
    "\x00", "\u202e", "\u0663", "9" * 45, "(" * 30, ")", "|", "td-", "9x", "#", "\n", "'", "{", "=",
)  # fmt: skip


def spec(draw: random.Random) -> str:
    """A spec; every other one is whole, in the others tokens were changed."""
    shape = draw.choice(("", *(f"in:{each}," for each in SHAPES)))
    heading = draw.choice(("", "", "", "dialect:keras1,", "dialect:torch,"))
    catalogue = TORCH if "torch" in heading else KERAS
    text = heading + shape + _stack(draw, catalogue, 0)
    return draw.choice((text, _mutated(draw, text)))


def _stack(draw: random.Random, catalogue: Catalogue, depth: int) -> str:
    return ",".join(_step(draw, catalogue, depth) for _ in range(draw.randint(1, 4)))


def _step(draw: random.Random, catalogue: Catalogue, depth: int) -> str:
    kind = draw.random()
    label = f"@{draw.choice(LABELS)}{draw.randint(0, 9)}" if draw.random() < 0.2 else ""
    if kind < 0.06:
        return draw.choice((f"is:{draw.choice(SHAPES)}", f"@{draw.choice(LABELS)}", "use:@a0"))
    prefix = draw.choice(("", "", "", "", "td-", "bi-", "2x-", "3x-td-"))
    if kind < 0.2 and depth < 3:
        stacks = [_stack(draw, catalogue, depth + 1) for _ in range(draw.randint(1, 3))]
        name = draw.choice(("", "", "add", "concat", "td", "rnn"))
        return f"{prefix}{name}({'|'.join(stacks)}){label}"
    return prefix + _layer(draw, catalogue) + label


@cache
def _listed(catalogue: Catalogue) -> list[tuple[Entry, tuple[str, ...]]]:
    """The layers that there are, which are listed once."""
    return catalogue.listed()


def _layer(draw: random.Random, catalogue: Catalogue) -> str:
    entry, names = draw.choice(_listed(catalogue))
    cls = catalogue.load(entry)
    known, words = list(parameters(cls)), list(flags(cls))
    parts = [draw.choice(names)]
    if draw.random() < 0.7:
        # What it must be given and no more, so that enough stacks get as far as shapes.
        required = sum(parameter.required for parameter in parameters(cls).values())
        return ":".join([*parts, *draw.choices("1234", k=required)])
    for _ in range(draw.randint(0, 4)):
        value = draw.choice(VALUES)
        parts.append(
            draw.choice(
                (value, value, f"{draw.choice(known)}={value}", draw.choice(words or [value]))
            )
        )
    return ":".join(parts)


def _mutated(draw: random.Random, text: str) -> str:
    tokens = TOKENS.findall(text)
    for _ in range(draw.randint(1, 4)):
        place = draw.randrange(len(tokens))
        other = draw.choice((draw.choice(tokens), draw.choice(HOSTILE), draw.choice(VALUES), ""))
        tokens[place : place + draw.randint(0, 2)] = [other]
        tokens = tokens or [""]
    return "".join(tokens)


def obeys(text: str) -> bool:
    """Try a spec; raises where a law is broken, and says whether its shapes fit.

    Only `ShapecalcError` leaves the library, with places that are within the text, and what can
    be read is written so that it reads the same.
    """
    try:
        network = shapecalc.parse(text)
        assert shapecalc.parse(str(network)) == network, text
        shapecalc.trace(network).to_dict()
    except ShapecalcError as error:
        assert diagnostic(error)
        for each in error.errors:
            if each.span is not None:
                start, end = each.span
                assert 0 <= start <= end <= max(len(each.source or ""), 1), text
        return False
    return True

"""Functions and classes that stand in the code above its modules, where PyTorch has no such one."""

from __future__ import annotations

from typing import Final

from shapecalc.exporters.document import Blank, Block, Evaluate, Statement
from shapecalc.exporters.port.snippets.attention import ATTENTION
from shapecalc.exporters.port.snippets.copying import COPYING
from shapecalc.exporters.port.snippets.functions import FUNCTIONS
from shapecalc.exporters.port.snippets.modules import MODULES
from shapecalc.exporters.port.snippets.recurrent import RECURRENT

#: The text of each by its name; what a text names is put above it.
SNIPPETS: Final = FUNCTIONS | MODULES | ATTENTION | RECURRENT | COPYING


def block(text: str) -> Block:
    """Return a function or a class that stands as text as the statement that it is."""
    head, *lines = text.strip().splitlines()
    prefix, _, rest = head.partition(" ")
    body: list[Statement] = [
        Evaluate(line.removeprefix("    ")) if line else Blank() for line in lines
    ]
    return Block(f"{prefix} ", rest.removesuffix(":"), body)

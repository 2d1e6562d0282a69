"""The names of variables, made of labels and of the names of rows."""

from __future__ import annotations

import builtins
import re
from keyword import iskeyword
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from shapecalc.layers.layer import Layer

_BUILTINS: Final = frozenset(dir(builtins))


class Names:
    """Hands out names that are free: no keyword, no builtin, nothing that is imported."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        """Begin with names that something else has."""
        self._taken = set(taken)

    def reserve(self, *names: str) -> None:
        """Keep names from being handed out."""
        self._taken.update(names)

    def new(self, wanted: str) -> str:
        """Return a free name as near to the wanted text as can be, and keep it."""
        base = identifier(wanted)
        name, number = base, 0
        while self.is_taken(name):
            number += 1
            name = f"{base}_{number}"
        self._taken.add(name)
        return name

    def is_taken(self, name: str) -> bool:
        """Return whether a name cannot be given."""
        return name in self._taken or name in _BUILTINS or iskeyword(name)


def state_name(layer: Layer, port: int, label: str | None) -> str:
    """Return the name of a state of a recurrent layer: ``h`` or ``c``, behind its label."""
    inner = [type(each).__name__ for each in (layer, *layer.inside())]
    letter = "c" if port % 2 == 0 and any("LSTM" in name for name in inner) else "h"
    return f"{identifier(label)}_{letter}" if label else letter


def identifier(text: str) -> str:
    """Return a text as an identifier, which may be a keyword or a builtin still."""
    name = re.sub(r"\W", "_", text, flags=re.ASCII)
    return name if name[:1].isalpha() or name[:1] == "_" else f"x{name}" if name else "x"

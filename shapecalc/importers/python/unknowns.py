"""What is not known: values of which a program makes others, which are not known either."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from shapecalc.importers.python.positions import Position


class Unknown:
    """What is not known: ``name`` is what gave it, noted where a model depends on it.

    ``is_result`` says that a call gave it: what is made of it is lost for the same reason.
    """

    __slots__ = ("is_result", "name", "position")

    def __init__(
        self, name: str = "", position: Position | None = None, *, is_result: bool = False
    ) -> None:
        self.name = name
        self.position = position
        self.is_result = is_result

    def lost(self) -> Unknown:
        """Return what is not known because this is not."""
        return Unknown(self.name, self.position, is_result=True)

    def __repr__(self) -> str:
        return f"<Unknown {self.name}>"


class Number(Unknown):
    """A number that is not known: beside a tensor it changes no shape."""

    __slots__ = ()


class Whole(Number):
    """A number that may be a whole one, and so a size."""

    __slots__ = ()


#: Stands for None in a table of names.
NONE: Any = object()

#: An unknown value whose reason is never reported.
UNKNOWN = Unknown()

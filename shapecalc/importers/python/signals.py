"""What ends a run of statements early: a return, a break, an exception of the program."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapecalc.errors import ShapecalcError
    from shapecalc.importers.python.positions import Position
    from shapecalc.importers.python.rewrites import Rewrite
    from shapecalc.importers.python.values import Value


#: How long texts and lists get.
MAX_LENGTH: Final = 200_000


class Signal(Exception):  # noqa: N818  (it is not an error)
    """What leaves the statements around."""


class Return(Signal):
    """A function ends, with a value."""

    def __init__(self, value: Value) -> None:
        super().__init__()
        self.value = value


class Break(Signal):
    """A loop ends."""


class Continue(Signal):
    """The turn of a loop ends."""


class Enough(Signal):
    """A generator has given as much as is asked of it."""


class Raised(Signal):
    """An exception of the program, by the name of its class.

    Attributes:
        kind: the class: a name of Python's own, or a class of the program.
        message: what it says.
        position: where it was raised.
        error: the refusal of a layer that it stands for, if it is one.
        rule: the kind of finding that it is.
        calls: the calls in which it was raised, innermost first.
        helper: the innermost of them, with arguments, of a function that the program calls itself.
    """

    def __init__(
        self,
        kind: Value,
        message: str,
        position: Position | None,
        *,
        error: ShapecalcError | None = None,
        rule: str = "python",
        made: Position | None = None,
    ) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.position = position
        self.error = error
        self.rule = rule
        self.made = made
        self.calls: list[Position] = []
        self.helper: Position | None = None
        #: Whether a model was being made or called.
        self.inside = False
        self.value: Value = None
        #: Changes of the source that may mend it.
        self.rewrites: Sequence[Rewrite] = ()

    @property
    def is_finding(self) -> bool:
        """Whether it says something of a model, rather than of what the program does besides."""
        return self.error is not None or self.inside or self.rule != "python"


class OverBudget(BaseException):
    """The program takes too long, or makes too much."""

    def __init__(self, message: str, position: Position | None) -> None:
        super().__init__(message)
        self.message = message
        self.position = position

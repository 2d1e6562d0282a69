"""Losses by what they take: the y for an output, and what that output has to be; for all."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from functools import cached_property
from importlib import import_module
from typing import Any, Final, NamedTuple

from shapecalc.dims import Shape, Size, equal
from shapecalc.errors import SpecError, did_you_mean
from shapecalc.layers.catalogue import fold
from shapecalc.layers.ranges import Range

#: Stands for the batch in shapes that are compared: it is not an other size, whatever letters are.
BATCH: Final = 1_000_003


class Outcome(Enum):
    """What comes of a y and an output."""

    FITS = "fits"
    REFUSED = "refused"
    #: It is computed, but numbers are compared with others than their own.
    BROADCASTS = "broadcasts"


def same_shape(output: Shape) -> Shape:
    """Return a y of the shape of the output."""
    return output


def without_last(output: Shape) -> Shape | None:
    """Return a y without the axis of the classes, which is the last."""
    return output[:-1] if len(output) > 1 else None


def without_second(output: Shape) -> Shape | None:
    """Return a y without the axis of the classes, which is that behind the batch."""
    return (*output[:1], *output[2:]) if len(output) > 1 else None


class Target(NamedTuple):
    """A kind of y: what it holds, in which types, and its shape for an output."""

    name: str
    shape: Callable[[Shape], Shape | None] = same_shape
    #: The types of numbers that it may have; none where any will do.
    dtypes: tuple[str, ...] = ()


class Loss(NamedTuple):
    """A loss of a framework.

    Attributes:
        name: the name of its class.
        takes: the kinds of y.
        suits: what outputs it is made for.
        compares: what comes of a y and an output.
        words: its other names, separated by blanks.
        logits: the output that it is made for with ``from_logits``; None where it has none.
        rank: how many axes the output has that it is made for; None where any number.
        classes: the least size of the axis of the classes; 0 where there is no such axis.
        steps: the axis of the output along which labels are put; None where they are not.
        order: what the tensors are that it reads, ``output`` or ``y``, where outputs are several.
        arguments: those that it was made with.
    """

    name: str
    takes: tuple[Target, ...]
    suits: tuple[Range, ...]
    compares: Callable[[Loss, Shape, Shape], Outcome]
    words: str = ""
    logits: Range | None = None
    rank: int | None = None
    classes: int = 0
    steps: int | None = None
    order: tuple[str, ...] = ()
    arguments: Mapping[str, Any] = {}

    @property
    def is_of_logits(self) -> bool:
        """Whether it was made for logits, where it could be for probabilities too."""
        return self.logits is not None and bool(self.arguments.get("from_logits"))

    @property
    def due(self) -> tuple[Range, ...]:
        """What outputs it is made for, with its arguments."""
        return (self.logits,) if self.logits is not None and self.is_of_logits else self.suits

    def outcome(self, y: Shape, output: Shape, dtype: str | None = None) -> Outcome:
        """Return what comes of a y and an output; a type that is not said is right."""
        if dtype is not None and not self.takes_dtype(y, output, dtype):
            return Outcome.REFUSED
        return self.compares(self, y, output)

    def takes_dtype(self, y: Shape, output: Shape, dtype: str) -> bool:
        """Return whether a y of this shape may hold numbers of a type."""
        fitting = [each for each in self.takes if agree(each.shape(output), y)]
        return any(not t.dtypes or dtype in t.dtypes for t in fitting or self.takes)


class Losses:
    """The losses of a framework by their names."""

    def __init__(
        self,
        listed: tuple[Loss, ...],
        prefixes: tuple[str, ...],
        join: Callable[[Loss, Sequence[Shape]], None] | None = None,
    ) -> None:
        """Take the losses, and what may stand before their names in code.

        ``join`` raises `ShapeError` where a loss does not take several outputs and y together.
        """
        self.listed = listed
        self.prefixes = prefixes
        self._join = join

    def join(self, loss: Loss, shapes: Sequence[Shape]) -> None:
        """Ask a loss that reads several outputs; raises `ShapeError`."""
        if self._join is not None:
            self._join(loss, shapes)

    @cached_property
    def _index(self) -> dict[str, Loss]:
        return {
            fold(name): loss for loss in self.listed for name in (loss.name, *loss.words.split())
        }

    @property
    def names(self) -> list[str]:
        """All names, the class first."""
        return [n for loss in self.listed for n in dict.fromkeys((loss.name, *loss.words.split()))]

    def find(self, name: str) -> Loss | None:
        """Look up a loss by one of its names; None where there is none."""
        for prefix in self.prefixes:
            name = name.removeprefix(prefix)
        return self._index.get(fold(name))

    def has(self, text: str) -> bool:
        """Return whether a loss as it is written is one of these."""
        return self.find(_parts(text)[0]) is not None

    def read(self, text: str) -> Loss:
        """Read a name, with arguments as ``Name(from_logits=True)`` or ``name:from_logits``.

        Raises `SpecError` for what is not a loss.
        """
        name, arguments = _parts(text.strip())
        found = self.find(name)
        if found is None:
            known = sorted(self.names, key=len)
            hint = did_you_mean(name, known) or "shapecalc fit without --loss lists them"
            raise SpecError(f"there is no loss {name}", help=hint)
        return found._replace(arguments=arguments)


def losses_in(package: str) -> Losses | None:
    """Return the losses of the framework whose layers a package has; None where it has none."""
    try:
        found: Losses = import_module(f"{package}.losses").LOSSES
    except ModuleNotFoundError:
        return None
    return found


def _parts(text: str) -> tuple[str, dict[str, Any]]:
    """Return the name and the arguments of a loss as it is written."""
    name, bracket, _ = text.partition("(")
    if bracket:
        try:
            call = ast.parse(text, mode="eval").body
            assert isinstance(call, ast.Call)  # noqa: S101  (anything else is an error, too)
            given = {str(each.arg): ast.literal_eval(each.value) for each in call.keywords}
        except (SyntaxError, ValueError, AssertionError):
            raise SpecError(f"{text} is not a loss with arguments", help=f"{name}(…)") from None
        return name, given
    name, *flags = text.split(":")
    found: dict[str, Any] = {}
    for flag in flags:
        key, equals, value = flag.partition("=")
        found[key.strip()] = value.strip() not in {"False", "0"} if equals else True
    return name, found


def agree(a: Shape | None, b: Shape) -> bool:
    """Return whether two shapes can be the same, for some value of their letters."""
    if a is None or len(a) != len(b):
        return False
    return all(can_equal(*pair) for pair in zip(a, b, strict=True))


def can_equal(a: Size, b: Size) -> bool:
    """Return whether two sizes can be the same, for some value of their letters."""
    return a == b if BATCH in (a, b) else equal(a, b) is not False


def repeated(a: Shape, b: Shape) -> Shape | None:
    """Return what two shapes broadcast to, aligned at the last axis; None where they do not."""
    rank = max(len(a), len(b))
    padded = [(1,) * (rank - len(shape)) + tuple(shape) for shape in (a, b)]
    found: list[Size] = []
    for x, y in zip(*padded, strict=True):
        if 1 not in (x, y) and not can_equal(x, y):
            return None
        found.append(y if x == 1 else x)
    return tuple(found)


def elementwise(y: Shape, output: Shape) -> Outcome:
    """Compare element by element; shapes that only broadcast are seldom meant."""
    if agree(output, y):
        return Outcome.FITS
    return Outcome.REFUSED if repeated(y, output) is None else Outcome.BROADCASTS


def equal_shapes(y: Shape, output: Shape) -> Outcome:
    """Accept equal shapes only."""
    return Outcome.FITS if agree(output, y) else Outcome.REFUSED


#: What a y holds.
REAL: Final = Target("numbers")
COUNTS: Final = Target("counts")
BINARY: Final = Target("0 or 1")
SIGNS: Final = Target("-1 or 1")
ONE_HOT: Final = Target("one-hot")

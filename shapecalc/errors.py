"""The exceptions: what is wrong, where in the spec, and what to write instead."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Any, NamedTuple, Self, TypedDict, TypeVar, Unpack

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    #: A hint, or what finds one.
    Help = str | Callable[[], str | None] | None

#: Where a part begins and ends in a text.
Span = tuple[int, int]

AnyError = TypeVar("AnyError", bound="ShapecalcError")


class Place(NamedTuple):
    """A part of a file: lines count from 1, columns from 0; ``text`` is its first line."""

    path: str
    line: int
    column: int
    end_line: int
    end_column: int
    text: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column + 1}"


def place_in(path: str, text: str, start: int, end: int) -> Place:
    """Return the place in a file of a part of its text."""
    begin = text.rfind("\n", 0, start) + 1
    stop = text.find("\n", start)
    line = text[begin : len(text) if stop < 0 else stop]
    number = text.count("\n", 0, start) + 1
    return Place(path, number, start - begin, number, min(end - begin, len(line)), line)


class ExitCode(IntEnum):
    """How the command ends."""

    OK = 0
    UNFIT = 1
    UNREADABLE = 2
    INTERRUPTED = 130


class Failure:
    """Where reading or tracing stopped, from which repairs begin: a `Stop`, or a part `Refused`."""

    __slots__ = ()


class Changes(TypedDict, total=False):
    """The fields that a new error changes of the one that it is made of."""

    message: str
    span: Span | None
    layer: str | None
    help: Help
    notes: Sequence[str]
    source: str | None
    others: Sequence[ShapecalcError]
    failure: Failure | None
    place: Place | None
    rule: str | None


class ShapecalcError(ValueError):
    """The base of all errors here; immutable: context is added by making a new one.

    Attributes:
        message: the fact, in a line.
        span: the part of `source` that it is about, where there is one.
        layer: the name of the layer that it is about, where there is one.
        help: a spec that works, or a hint at what to write instead.
        notes: lines that say why.
        errors: all of them, where there are several; this error is then the first.
        source: the text of the spec.
        failure: where a trace stopped, if it is a trace that failed.
        place: the part of a file that it is about, where it is one of source code.
        rule: the kind of finding that it is there.
    """

    exit_code = ExitCode.UNFIT

    def __init__(
        self,
        message: str,
        *,
        span: Span | None = None,
        layer: str | None = None,
        help: Help = None,  # noqa: A002  (the promised name)
        notes: Sequence[str] = (),
        source: str | None = None,
        failure: Failure | None = None,
        place: Place | None = None,
        rule: str | None = None,
    ) -> None:
        super().__init__(message)
        self._message = message
        self._span = span
        self._layer = layer
        self._help = help
        self._notes = tuple(notes)
        self._source = source
        self._failure = failure
        self._place = place
        self._rule = rule
        self._others: tuple[ShapecalcError, ...] = ()

    @property
    def message(self) -> str:
        """The fact, in a line."""
        return self._message

    @property
    def span(self) -> Span | None:
        """The part of the source that it is about."""
        return self._span

    @property
    def layer(self) -> str | None:
        """The name of the layer that it is about."""
        return self._layer

    @property
    def help(self) -> str | None:
        """What to write instead; looked for when it is asked for, since of many few are shown."""
        if callable(self._help):
            self._help = self._help()
        return self._help

    @property
    def notes(self) -> list[str]:
        """Lines that say why."""
        return list(self._notes)

    @property
    def errors(self) -> list[ShapecalcError]:
        """The error, and those found with it."""
        return [self, *self._others]

    @property
    def source(self) -> str | None:
        """The text of the spec."""
        return self._source

    @property
    def failure(self) -> Failure | None:
        """Where a trace stopped."""
        return self._failure

    @property
    def place(self) -> Place | None:
        """The part of a file that it is about."""
        return self._place

    @property
    def rule(self) -> str | None:
        """The kind of finding that it is in source code."""
        return self._rule

    def replaced(self, **changes: Unpack[Changes]) -> Self:
        """Return an error of the same kind that says this, and else what this one does."""
        state = self.__dict__ | {f"_{name}": fact for name, fact in changes.items()}
        state["_notes"], state["_others"] = tuple(state["_notes"]), tuple(state["_others"])
        return _made(type(self), state)

    def noted(self, notes: Iterable[str]) -> Self:
        """Return an error that says more on why."""
        return self.replaced(notes=(*self._notes, *notes))

    def __reduce__(self) -> tuple[Any, ...]:
        return (_made, (type(self), self.__dict__ | {"_help": self.help, "_failure": None}))

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data, as JSON has it."""
        span = list(self.span) if self.span else None
        said = {"message": self.message, "layer": self.layer, "span": span, "help": self.help}
        if self.place is None:
            return said
        path, line, column, end_line, end_column, _ = self.place
        where = {"path": path, "line": line, "column": column + 1}
        return {
            "rule": self.rule,
            **said,
            **where,
            "end_line": end_line,
            "end_column": end_column + 1,
        }

    @classmethod
    def join(cls, errors: Iterable[ShapecalcError]) -> ShapecalcError:
        """Make one error of several: the first, which knows all."""
        first, *more = errors
        return first.replaced(others=more)


def _made(kind: type[AnyError], state: dict[str, Any]) -> AnyError:
    # Not kind(message): some are made of more than their message, and all is in the state.
    error = kind.__new__(kind, state["_message"])
    error.__dict__.update(state)
    return error


class SpecError(ShapecalcError):
    """The spec, an argument or a file cannot be read."""

    exit_code = ExitCode.UNREADABLE


class UnknownLayerError(SpecError):
    """A name that no layer has."""

    def __init__(self, name: str, **facts: Any) -> None:  # noqa: ANN401
        super().__init__(f"there is no layer {name}", **facts)


class ShapeError(ShapecalcError):
    """The spec is readable, but its shapes do not fit."""

    exit_code = ExitCode.UNFIT


class SubstitutionError(SpecError, ShapeError):
    """A value for a letter that could not be written where the letter is.

    It is unreadable as if it had been written, and at this value of the letters nothing fits.
    """


class RankError(ShapeError):
    """An input has another number of axes than a layer needs."""


def suggestions(word: str, known: Iterable[str]) -> list[str]:
    """Return the known words that are near an unknown one, nearest first."""
    from difflib import get_close_matches  # loaded for an error only

    folded: dict[str, str] = {}
    for name in known:
        folded.setdefault(name.lower(), name)
    close = get_close_matches(word.lower(), folded, n=3, cutoff=0.6)
    return [folded[name] for name in close]


def did_you_mean(word: str, known: Iterable[str]) -> str | None:
    """Return the question that an unknown word gets, where something known is near."""
    close = suggestions(word, known)
    return f"did you mean {' or '.join(close)}?" if close else None


def no_letter(name: str, known: Iterable[str]) -> SpecError:
    """Return the error for a letter that is nowhere printed, with those that are."""
    listed = sorted(known)
    hint = did_you_mean(name, listed) or f"the letters are {', '.join(listed)}"
    return SpecError(f"there is no letter {name}", help=hint if listed else None)


class PluginWarning(UserWarning):
    """A plugin that cannot be used, or only in part; the others can."""

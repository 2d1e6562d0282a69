"""The kinds of arguments that layers take: what each accepts, and how to say so.

A field of a layer is ``Annotated[type, kind]``. The kind checks a value, names what it expects
for messages, and knows the words (flags) that stand for a value of this field.
"""

from __future__ import annotations

from math import isfinite
from operator import index
from typing import TYPE_CHECKING, Annotated, Any

from pydantic_core import core_schema

from shapecalc.dims import Dim, Size, TooLargeError, check_digits
from shapecalc.dims.atoms import MAX_DIGITS
from shapecalc.dims.bounds import interval

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

# What is below needs no look at its digits.
_FEW_DIGITS = 10**18


class ArgumentKind:
    """What a parameter accepts.

    ``check`` returns the value as the model keeps it, or raises ``ValueError``; a text in that
    error replaces the general ``expects``. ``words`` maps flags to values. A ``variadic``
    parameter takes all positional values from its place on. What takes sizes in letters says how
    small these can be, by ``least``; None takes no letters, or asks nothing of them. What is
    ``open_ended`` may be None, for whatever comes in, which specs write as ``_``.
    """

    __slots__ = ("check", "expects", "least", "open_ended", "variadic", "words")

    def __init__(
        self,
        expects: str,
        check: Callable[[Any], Any],
        words: Mapping[str, Any] | None = None,
        *,
        variadic: bool = False,
        least: int | None = None,
        open_ended: bool = False,
    ) -> None:
        self.expects = expects
        self.check = check
        self.least = least
        self.open_ended = open_ended
        self.words: Mapping[str, Any] = words or {}
        self.variadic = variadic

    def __get_pydantic_core_schema__(self, _source: object, _handler: object) -> Any:  # noqa: ANN401
        return core_schema.no_info_plain_validator_function(self.check)

    def or_none(self) -> ArgumentKind:
        """Return the same kind, which accepts None too."""

        def check(value: Any) -> Any:  # noqa: ANN401
            return None if value is None else self.check(value)

        return ArgumentKind(
            f"{self.expects}, or None",
            check,
            self.words,
            variadic=self.variadic,
            least=self.least,
        )


def whole(value: Any) -> int:  # noqa: ANN401
    """Read a whole number: a bool is one, as in Keras, a float is not; raises `ValueError`."""
    if value.__class__ is int and -_FEW_DIGITS < value < _FEW_DIGITS:
        return value
    try:
        number = int(index(value))
    except TypeError:
        raise ValueError from None
    try:
        check_digits(number)
    except TooLargeError:
        raise ValueError(f"holds a number of more than {MAX_DIGITS} digits") from None
    return number


def integer(least: int | None = None) -> ArgumentKind:
    """Return a whole number."""

    def check(value: Any) -> int:  # noqa: ANN401
        number = whole(value)
        if least is not None and number < least:
            raise ValueError
        return number

    return ArgumentKind(
        "a whole number" + ("" if least is None else f" of at least {least}"), check
    )


def size(least: int = 1) -> ArgumentKind:
    """Return a size: a whole number, or letters."""

    def check(value: Any) -> Size:  # noqa: ANN401
        return as_size(value, least)

    expects = f"a whole number of at least {least}, or a size in letters"
    return ArgumentKind(expects, check, least=least)


def as_size(value: Any, least: int) -> Size:  # noqa: ANN401
    """Return a value as a size that can be at least ``least``; raises `ValueError`."""
    if value.__class__ is int and least <= value < _FEW_DIGITS:
        return value
    if isinstance(value, Dim):
        if interval(value, {})[1] is not None and interval(value, {})[1] < least:  # type: ignore[operator]
            raise ValueError
        return value
    number = whole(value)
    if number < least:
        raise ValueError
    return number


def size_or_open(value: Any) -> Size:  # noqa: ANN401
    """Read a size, or -1 for one that is to be found, for which letters never stand."""
    return as_size(value, 1 if isinstance(value, Dim) else -1)


def per_axis(least: int = 1) -> ArgumentKind:
    """Return a whole number, or one for each spatial axis; equal ones are kept as one."""
    alone = integer(least).check

    def check(value: Any) -> int | tuple[int, ...]:  # noqa: ANN401
        if value.__class__ is int and least <= value < _FEW_DIGITS:
            return value
        if not isinstance(value, (list, tuple)):
            return alone(value)  # type: ignore[no-any-return]
        numbers = tuple(map(whole, value))
        if not numbers or min(numbers) < least:
            raise ValueError
        return numbers

    return ArgumentKind(f"a whole number of at least {least}, or one for each axis", check)


def switch(*on: str, off: Sequence[str] = ()) -> ArgumentKind:
    """Return the kind of True or False; the words turn it on or off."""

    def check(value: Any) -> bool:  # noqa: ANN401
        if value in (True, False):
            return bool(value)
        raise ValueError

    words = dict.fromkeys(on, True) | dict.fromkeys(off, False)
    return ArgumentKind("True or False", check, words)


def choice(
    *options: str | None,
    also: Mapping[str, str | None] | None = None,
    any_case: bool = False,
) -> ArgumentKind:
    """Return one of several words, which are flags; ``also`` adds short ones."""

    def check(value: Any) -> str | None:  # noqa: ANN401
        if any_case and isinstance(value, str):
            value = value.lower()
        if (value is None or isinstance(value, str)) and value in options:
            return value
        raise ValueError

    words: dict[str, str | None] = {option: option for option in options if option}
    shown = [str(option) for option in options]
    expects = f"{', '.join(shown[:-1])} or {shown[-1]}" if len(shown) > 1 else shown[0]
    return ArgumentKind(expects, check, words | dict(also or {}))


def number(least: float | None = None, most: float | None = None) -> ArgumentKind:
    """Return a number, whole or not, and finite."""

    def check(value: Any) -> float:  # noqa: ANN401
        number: float = value if isinstance(value, float) else whole(value)
        if isinstance(value, float) and not isfinite(value):
            raise ValueError
        if (least is not None and number < least) or (most is not None and number > most):
            raise ValueError
        return number

    if least is not None and most is not None:
        return ArgumentKind(f"a number from {least:g} to {most:g}", check)
    return ArgumentKind("a number" + ("" if least is None else f" of at least {least:g}"), check)


def _text(value: Any) -> str:  # noqa: ANN401
    if isinstance(value, str) and value:
        return value
    raise ValueError


def _anything(value: Any) -> Any:  # noqa: ANN401
    return value


Units = Annotated[Size, size()]
Integer = Annotated[int, integer()]
PositiveInteger = Annotated[int, integer(1)]
Fraction = Annotated[float, number(0, 1)]
Switch = Annotated[bool, switch()]
Text = Annotated[str, ArgumentKind("a string", _text)]
OptionalText = Annotated[str | None, ArgumentKind("a string", _text).or_none()]
Seed = Annotated[int | None, integer().or_none()]
Anything = Annotated[Any, ArgumentKind("a value", _anything)]


def spread(value: int | tuple[int, ...], rank: int) -> tuple[int, ...]:
    """Return one number for each axis; one in a tuple, as torch takes it, stands for all."""
    if isinstance(value, int):
        return (value,) * rank
    return value * rank if len(value) == 1 else value

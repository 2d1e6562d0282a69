"""Text to sizes: whole-number expressions over letters.

size   = term { ("+" | "-") term } ;
term   = factor { ("*" | "//" | "%") factor } ;
factor = "-" factor | power ;
power  = atom [ "**" INT ] | INT power ;            (2T is 2*T; the letter stands right after it)
atom   = INT | LETTER | ("max" | "min") "(" size { "," size } ")" | "(" size ")" ;
"""

from __future__ import annotations

import re
from collections.abc import Generator
from typing import Any, Final

from shapecalc.dims.atoms import TooLargeError
from shapecalc.dims.bounds import FREE, interval
from shapecalc.dims.division import floordiv, mod
from shapecalc.dims.expression import Dim, Size
from shapecalc.dims.extrema import maximum, minimum

MAX_DIGITS: Final = 40
MAX_DEPTH: Final = 400
MAX_POWER: Final = 64
MAX_BITS: Final = 4096

_NUMBER = re.compile(r"[0-9]+")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_BLANK = re.compile(r"[ \t]*")
#: Reads a part of a size: yields the parts within it, gets what they are, and returns what it is.
_Part = Generator[Any, Any, Any]

_RESERVED = frozenset({"None", "True", "False"})


class SizeTextError(ValueError):
    """Text that is not a size: the bare fact and the place in the text."""

    def __init__(self, message: str, start: int, end: int) -> None:
        super().__init__(message)
        self.message = message
        self.start = start
        self.end = end


class SizeReader:
    """Reads one size of a text, from a position on."""

    def __init__(
        self, text: str, start: int = 0, *, lower: bool = True, certain: bool = True
    ) -> None:
        """Begin at ``start``; ``lower`` allows letters that begin with a small letter.

        ``certain`` asks for divisors that are positive whatever their letters are.
        """
        self.certain = certain
        #: The divisors that may be less than 1.
        self.doubtful: list[Size] = []
        self.text = text
        self.pos = start
        self.lower = lower
        self._depth = 0

    def skip(self) -> None:
        """Go past blanks."""
        match = _BLANK.match(self.text, self.pos)
        self.pos = match.end() if match else self.pos

    def read(self) -> Size:
        """Read the longest size that begins here; the position is then behind it."""
        start = self.pos
        open_parts: list[_Part] = [self._sum()]
        value: Any = None
        try:
            # Each part yields the parts that it is made of, so that texts may nest deeply.
            while open_parts:
                try:
                    inner = open_parts[-1].send(value)
                except StopIteration as end:
                    open_parts.pop()
                    value = end.value
                else:
                    open_parts.append(inner)
                    value = None
        except TooLargeError as error:
            raise self.fail(str(error), start, self.pos) from None
        size: Size = value
        return size

    def _sum(self) -> _Part:
        value = yield self._term()
        while True:
            self.skip()
            mark = self.text[self.pos : self.pos + 1]
            if mark not in {"+", "-"}:
                return value
            self.pos += 1
            right = yield self._term()
            value = self._bounded(value + right if mark == "+" else value - right)

    def fail(self, message: str, start: int, end: int | None = None) -> SizeTextError:
        """Make the error for a place; up to the next character by default."""
        return SizeTextError(message, start, max(start + 1, end or 0))

    def _term(self) -> _Part:
        value = yield self._factor()
        while True:
            self.skip()
            start = self.pos
            if self.text.startswith("//", start) or self.text.startswith("%", start):
                mark = "//" if self.text[start] == "/" else "%"
                self.pos += len(mark)
                divisor = yield self._factor()
                self._check_divisor(divisor, start)
                value = floordiv(value, divisor) if mark == "//" else mod(value, divisor)
            elif self.text.startswith("*", start) and not self.text.startswith("**", start):
                self.pos += 1
                factor = yield self._factor()
                value = self._bounded(value * factor)
            elif self.text.startswith("/", start):
                raise self.fail("sizes are divided with //, which rounds down", start, start + 1)
            else:
                return value

    def _check_divisor(self, divisor: Size, start: int) -> None:
        least, most = interval(divisor, FREE)
        impossible = most is not None and most < 1
        doubtful = least is None or least < 1
        if impossible or (self.certain and doubtful):
            raise self.fail(f"the divisor {divisor} is not certainly positive", start, self.pos)
        if doubtful:
            self.doubtful.append(divisor)

    def _factor(self) -> _Part:
        sign = 1
        self.skip()
        while self.text.startswith("-", self.pos):
            sign = -sign
            self.pos += 1
            self.skip()
        start = self.pos
        count = 1
        number = _NUMBER.match(self.text, start)
        if number:
            count = self._number(number)
            start = self.pos
            name = _NAME.match(self.text, start)
            if not name:
                return self._raised(count, number.start()) * sign
            if count == 0:
                # 0x10 is a number in Python, and nothing times a letter here.
                found = self.text[number.start() : name.end()]
                raise self.fail(f"{found} is not a size", number.start(), name.end())
        base = yield self._atom()
        value = self._raised(base, start)
        return (self._bounded(value * count) if number else value) * sign

    def _raised(self, base: Size, start: int) -> Size:
        self.skip()
        if not self.text.startswith("**", self.pos):
            return base
        self.pos += 2
        self.skip()
        number = _NUMBER.match(self.text, self.pos)
        if not number:
            raise self.fail("an exponent must be a whole number", self.pos)
        power = self._number(number)
        if power > MAX_POWER:
            raise self.fail(
                f"an exponent must be at most {MAX_POWER}", number.start(), number.end()
            )
        result = base**power
        if isinstance(result, int) and result.bit_length() > MAX_BITS:
            raise self.fail("this number is too large", start, self.pos)
        return result

    def _number(self, match: re.Match[str]) -> int:
        if len(match[0]) > MAX_DIGITS:
            message = f"a number has at most {MAX_DIGITS} digits, this one has {len(match[0])}"
            raise self.fail(message, match.start(), match.end())
        self.pos = match.end()
        return int(match[0])

    def _bounded(self, size: Size) -> Size:
        if isinstance(size, int) and size.bit_length() > MAX_BITS:
            raise self.fail("this number is too large", self.pos - 1, self.pos)
        return size

    def _atom(self) -> _Part:
        start = self.pos
        if self.text.startswith("(", start):
            sizes = yield self._arguments()
            if len(sizes) != 1:
                raise self.fail("one size is expected in these parentheses", start, self.pos)
            return sizes[0]
        name = _NAME.match(self.text, start)
        if not name:
            shown = self.text[start : start + 1]
            got = f"not {shown!r}" if shown else "but the text ends"
            raise self.fail(f"a size is expected here, {got}", start)
        word = name[0]
        if word in {"max", "min"} and self.text.startswith("(", name.end()):
            self.pos = name.end()
            sizes = yield self._arguments()
            return maximum(*sizes) if word == "max" else minimum(*sizes)
        if word in _RESERVED or not (self.lower or word[0].isupper()):
            raise self.fail(f"{word} is not a size", start, name.end())
        self.pos = name.end()
        return Dim(word)

    def _arguments(self) -> _Part:
        """Yield the sizes in parentheses, as a list."""
        opening = self.pos
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise self.fail(f"parentheses nest at most {MAX_DEPTH} deep", opening)
        self.pos += 1
        first = yield self._sum()
        sizes = [first]
        self.skip()
        while self.text.startswith(",", self.pos):
            self.pos += 1
            more = yield self._sum()
            sizes.append(more)
            self.skip()
        if not self.text.startswith(")", self.pos):
            raise self.fail("this parenthesis is not closed", opening, opening + 1)
        self.pos += 1
        self._depth -= 1
        return sizes


def parse_size(text: str, *, certain: bool = False) -> Size:
    """Read a size from a text that holds nothing else; raises `SizeTextError`.

    Any size that is printed can be read; ``certain`` refuses divisors that may be less than 1.
    """
    reader = SizeReader(text, certain=certain)
    size = reader.read()
    reader.skip()
    if reader.pos < len(text):
        raise reader.fail("this is not part of a size", reader.pos, len(text))
    return size

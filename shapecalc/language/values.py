"""The values of arguments.

value  = CONST | INT | FLOAT | TUPLE | SIZE | WORD | TEXT | ref | list | "_" | "?" ;
CONST  = "True" | "False" | "None" ;                   TUPLE = 3x3 | 2x1x2 ;
list   = "(" value { "," value } [ "," ] ")" | "[" … "]" ;
SIZE   = a whole-number expression over letters ;      TEXT = "…" | '…' ;     (see `literals`)

In the shapes of ``in:`` and ``is:`` every name is a letter.
"""

from __future__ import annotations

import re
from math import isinf
from typing import Final

from shapecalc.dims import SizeReader, SizeTextError
from shapecalc.errors import SpecError
from shapecalc.language.literals import MAX_LIST_DEPTH, read_text
from shapecalc.language.syntax import Ref, Value

# Most arguments: a number and nothing else, which needs no reader of sizes.
_NUMBER = re.compile(r"(?:0|[1-9][0-9]{0,17})(?=[:,)|@]|\Z)")
_TUPLE = re.compile(r"[0-9]{1,40}(?:x[0-9]{1,40})+(?![A-Za-z0-9_])")
_OPEN_TUPLE = re.compile(
    r"(?=[0-9x]*\?)(?:[0-9]{1,40}|\?)(?:x(?:[0-9]{1,40}|\?))+(?![A-Za-z0-9_?])"
)
_FLOAT = re.compile(r"-?[0-9]+(?:\.[0-9]+(?:e[+-]?[0-9]+)?|e[+-]?[0-9]+)(?![A-Za-z0-9_.])")
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_REF = re.compile(r"@([a-z][A-Za-z0-9_]*)(?:\.([0-9]{1,9}))?(?![A-Za-z0-9_.])")
_BLANK = re.compile(r"[ \t\r\n]*")
_PART = re.compile(r"[^,|()\[\]\n#:@]+")
_CONSTANTS: Final = {"True": True, "False": False, "None": None}
#: Words that are likely meant for them.
SPELLED: Final = frozenset({"true", "false", "none"})
_OPERATORS: Final = ("+", "-", "*", "/", "%")


def read_ref(text: str, pos: int, base: int) -> tuple[Value, int]:
    """Read ``@label`` or ``@label.1``."""
    match = _REF.match(text, pos)
    if not match:
        part = _PART.match(text, pos + 1)
        end = part.end() if part else pos + 1
        raise SpecError(
            f"{text[pos:end]} is not a label",
            span=(pos, end),
            help="a label begins with a lower-case letter, such as @skip or @enc.1",
        )
    ref = Ref(match[1], int(match[2]) if match[2] else None)
    return Value("ref", ref, (pos - base, match.end() - base)), match.end()


class ValueReader:
    """Reads one value of a text; places in it count from the beginning of its step."""

    def __init__(
        self, text: str, brackets: dict[int, int], base: int, *, shape: bool = False
    ) -> None:
        self.text = text
        self.brackets = brackets
        self.base = base
        self.shape = shape

    def read(self, pos: int, depth: int = 0) -> tuple[Value, int]:
        """Read the value that begins here; gives the place behind it too."""
        plain = _NUMBER.match(self.text, pos)
        if plain:
            return self._value("int", int(plain[0]), pos, plain.end())
        mark = self.text[pos : pos + 1]
        if mark == "@":
            return read_ref(self.text, pos, self.base)
        if mark and mark in "\"'":
            end = self.brackets[pos]
            return self._value("text", read_text(self.text[pos + 1 : end]), pos, end + 1)
        opened = None if self.shape else _OPEN_TUPLE.match(self.text, pos)
        if opened:
            return self._open_tuple(opened)
        if mark == "?":
            return self._value("unknown", None, pos, pos + 1)
        if mark in {"(", "["}:
            return self._list_or_size(pos, depth)
        match = _WORD.match(self.text, pos)
        if match:
            return self._word(match)
        for pattern, kind in ((_TUPLE, "tuple"), (_FLOAT, "float")):
            number = pattern.match(self.text, pos)
            if number:
                return self._value(kind, _number(kind, number), pos, number.end())
        return self._size(pos)

    def _value(self, kind: str, value: object, start: int, end: int) -> tuple[Value, int]:
        return Value(kind, value, (start - self.base, end - self.base)), end

    def _open_tuple(self, match: re.Match[str]) -> tuple[Value, int]:
        """Read ``3x?`` as the list (3, ?)."""
        items: list[Value] = []
        pos = match.start()
        for part in match[0].split("x"):
            kind, number = ("unknown", None) if part == "?" else ("int", int(part))
            items.append(self._value(kind, number, pos, pos + len(part))[0])
            pos += len(part) + 1
        return self._value("list", tuple(items), match.start(), match.end())

    def _word(self, match: re.Match[str]) -> tuple[Value, int]:
        word, start, end = match[0], match.start(), match.end()
        if word == "_":
            return self._value("any", None, start, end)
        if word in _CONSTANTS:
            if self.shape and word == "None":
                return self._value("unknown", None, start, end)
            return self._value("const", _CONSTANTS[word], start, end)
        if word in SPELLED:
            raise SpecError(
                f"{word} is not a value", span=(start, end), help=f"did you mean {word.title()}?"
            )
        if self.shape or word[0].isupper() or self._calls(word, end):
            return self._size(start)
        if self._operator(end):
            raise SpecError(
                f"{word} is not a size",
                span=(start, end),
                help=f"letters in arguments begin upper-case, such as {word[0].upper()}{word[1:]}",
            )
        return self._value("word", word, start, end)

    def _calls(self, word: str, end: int) -> bool:
        return word in {"max", "min"} and self.text.startswith("(", end)

    def _operator(self, pos: int) -> bool:
        blank = _BLANK.match(self.text, pos)
        return self.text.startswith(_OPERATORS, blank.end() if blank else pos)

    def _size(self, pos: int) -> tuple[Value, int]:
        reader = SizeReader(self.text, pos, lower=self.shape)
        try:
            size = reader.read()
        except SizeTextError as error:
            raise self._no_value(pos, error) from None
        end = pos + len(self.text[pos : reader.pos].rstrip())
        kind = "int" if isinstance(size, int) else "size"
        return self._value(kind, size, pos, end)

    def _no_value(self, pos: int, error: SizeTextError) -> SpecError:
        if error.start > pos:
            return SpecError(error.message, span=(error.start, error.end))
        part = _PART.match(self.text, pos)
        if not part or not part[0].strip():
            return SpecError("a value is expected here", span=(pos - 1, pos))
        got = part[0].strip()
        hint = f"did you mean 0{got}?" if re.fullmatch(r"\.[0-9]+", got) else None
        if error.message.startswith("a number"):
            return SpecError(error.message, span=(error.start, error.end))
        return SpecError(f"{got!r} is not a value", span=(pos, pos + len(got)), help=hint)

    def _list_or_size(self, pos: int, depth: int) -> tuple[Value, int]:
        """Read a bracket: ``(2)`` is 2, ``(T + 1)//2`` a size, ``(2,)`` and ``(2, 3)`` lists."""
        if depth >= MAX_LIST_DEPTH:
            raise SpecError(f"lists nest at most {MAX_LIST_DEPTH} deep", span=(pos, pos + 1))
        closing = self.brackets[pos]
        if self.text[pos] == "(" and self._operator(closing + 1):
            return self._size(pos)
        values, comma = self._items(pos, closing, depth)
        if self.text[pos] == "(" and len(values) == 1 and not comma:
            only = values[0]
            return self._value(only.kind, only.value, pos, closing + 1)
        return self._value("list", tuple(values), pos, closing + 1)

    def _items(self, opening: int, closing: int, depth: int) -> tuple[list[Value], bool]:
        values: list[Value] = []
        comma = False
        pos = self._skip(opening + 1)
        while pos < closing:
            value, pos = self.read(pos, depth + 1)
            values.append(value)
            pos = self._skip(pos)
            comma = self.text[pos] == ","
            if comma:
                pos = self._skip(pos + 1)
            elif pos != closing:
                raise SpecError("a comma is expected here", span=(pos, pos + 1))
        return values, comma

    def _skip(self, pos: int) -> int:
        blank = _BLANK.match(self.text, pos)
        return blank.end() if blank else pos


def _number(kind: str, match: re.Match[str]) -> tuple[int, ...] | float:
    if kind == "tuple":
        return tuple(map(int, match[0].split("x")))
    number = float(match[0])
    if isinf(number):
        raise SpecError(f"{match[0]} is too large a number", span=match.span())
    return number

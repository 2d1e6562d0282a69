"""Text to steps.

stack  = [ step ] { "," [ step ] } ;             (a newline is a comma; "#" begins a comment)
step   = ref | { prefix "-" } layer | { prefix "-" } prefix? block { ":" arg } [ label ] ;
prefix = "td" | "bi" | COUNT "x" ;
layer  = NAME [ block ] { ":" arg } [ label ] ;
block  = "(" stack { "|" stack } ")" ;
label  = "@" LABEL ;
ref    = "@" LABEL [ "." INT ] ;
arg    = [ KEY "=" ] value ;                     (values: see `values`)
"""

from __future__ import annotations

import re
from typing import Final

from shapecalc.errors import ShapecalcError, SpecError
from shapecalc.language.brackets import match_brackets
from shapecalc.language.syntax import RESERVED, Argument, Form, LongStep, Prefix, Stack, Step, Word
from shapecalc.language.values import SPELLED, ValueReader, read_ref

MAX_DEPTH: Final = 100
MAX_COUNT_DIGITS: Final = 18
MAX_PREFIXES: Final = 20

_GAP = re.compile(r"(?:[ \t\r\n,]|#[^\n]*)*")
_BLANK = re.compile(r"[ \t\r]*")
#: A step with a comma before and behind it, without blocks, strings, lists and a label.
_BETWEEN = re.compile(r",([A-Za-z0-9_][A-Za-z0-9_:=. \t\r+*/%?-]*)(?=,)")
#: A name with whole numbers and flags, as most steps are.
_PLAIN = re.compile(
    r"([A-Za-z][A-Za-z0-9_]*)"
    rf"(?::(?:0|[1-9][0-9]{{0,17}}|(?!(?:{'|'.join(sorted(SPELLED))})\b)[a-z][a-z0-9_]*))*+(?=[,)|\n]|\Z)"
)
_SIMPLE = re.compile(r"[A-Za-z0-9_:=. \t\r+*/%?-]+(?=[,|)\n#@]|$)")
_PREFIX = re.compile(r"(td|bi|([0-9]+)x)(?=[ \t]*[-(])", re.IGNORECASE)
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_KEY = re.compile(r"([A-Za-z][A-Za-z0-9_]*)=")
_LABEL = re.compile(r"[a-z][A-Za-z0-9_]*")
#: The step before a comma, as far as it is short.
_BEFORE: Final = re.compile(r"([A-Za-z][A-Za-z0-9_-]*(?::[A-Za-z0-9_=.]+)*)\s*,\s*$")
_PART = re.compile(r"[^,|()\[\]\n#:]+")

#: The names of wrappers, each with its prefix.
WRAPPERS: Final = {"td": "td", "bi": "bi", "timedistributed": "td", "bidirectional": "bi"}
_NO_LAYERS: Final = RESERVED | WRAPPERS.keys()
#: A layer as if it were an argument.
_WRAPPED: Final = r"\s*:\s*(?=[A-Za-z][A-Za-z0-9_]*\s*(?:[:(,|)@]|$))"


class Parser:
    """Reads one text into steps; goes on after an error, to report all of them at once."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.pos = 0
        self.errors: list[ShapecalcError] = []
        self.read: Stack = []
        self._forms: dict[str, Form] = {}
        self._brackets: dict[int, int] = {}

    def parse(self) -> Stack:
        """Read all; raises `SpecError` that knows every error found."""
        self._brackets = match_brackets(self.text)
        stack = self.read = self._stack(0)
        if self.pos < len(self.text):
            mark = self.text[self.pos]
            self._report(f"{mark} is only allowed inside a block", self.pos, self.pos + 1)
        if self.errors:
            raise SpecError.join(self.errors)
        return stack

    def _report(self, message: str, start: int, end: int, hint: str | None = None) -> None:
        span = (start, max(end, start + 1))
        self.errors.append(SpecError(message, span=span, help=hint, source=self.text))

    def _stack(self, depth: int) -> Stack:
        """Read the steps up to a ``|``, a closing parenthesis or the end."""
        steps: Stack = []
        text, size = self.text, len(self.text)
        while True:
            between = _BETWEEN.match(text, self.pos)
            if between:
                form = self._forms.get(between[1])
                if form is not None:
                    steps.append(Step(form, self.pos + 1))
                    self.pos = between.end()
                    continue
                self.pos += 1
            else:
                gap = _GAP.match(text, self.pos)
                self.pos = gap.end() if gap else self.pos
            if self.pos >= size or text[self.pos] in "|)":
                return steps
            start = self.pos
            try:
                step = self._plain(start) or self._simple(start)
                if step is None:
                    step = self._step(start, depth)
                    self._end_of_step()
                steps.append(step)
            except SpecError as error:
                past = error.span and error.span[0] >= size
                # What is missing at the end is shown under the last mark.
                span = (size - 1, size) if past else error.span
                self.errors.append(error.replaced(source=text, span=span))
                self._resume(start)

    def _simple(self, start: int) -> Step | None:
        """Return a step without blocks, strings and lists; equal texts are read once."""
        match = _SIMPLE.match(self.text, start)
        if not match:
            return None
        form = self._forms.get(match[0].rstrip())
        if form is None:
            return None
        self.pos = match.end()
        if not self.text.startswith("@", self.pos):
            return Step(form, start)
        step = LongStep(form, start, None, self._label())
        self._end_of_step()
        return step

    def _plain(self, start: int) -> Step | None:
        """Return a step that is a name with numbers and flags; None for any other."""
        match = _PLAIN.match(self.text, start)
        if not match or match[1].lower() in _NO_LAYERS:
            return None
        text = match[0]
        form = self._forms.get(text)
        if form is None:
            form = self._forms[text] = Form(text)
        self.pos = match.end()
        return Step(form, start)

    def _step(self, start: int, depth: int) -> Step:
        form = Form()
        if self.text.startswith("@", start):
            form.ref, self.pos = read_ref(self.text, start, start)
            form.length = self.pos - start
            return Step(form, start)
        self.pos = start
        self._prefixes(form, start)
        branches, ends = self._name_and_block(form, start, depth)
        while self._skip() < len(self.text) and self.text[self.pos] == ":":
            form.args.append(self._argument(form, start))
        form.length = len(self.text[start : self.pos].rstrip())
        simple = _SIMPLE.match(self.text, start)
        if branches is None and simple and simple.end() >= start + form.length:
            self._forms[simple[0].rstrip()] = form
        label = self._label()
        if branches is None and label is None:
            return Step(form, start)
        return LongStep(form, start, branches, label, ends)

    def _skip(self) -> int:
        blank = _BLANK.match(self.text, self.pos)
        self.pos = blank.end() if blank else self.pos
        return self.pos

    def _prefixes(self, form: Form, start: int) -> None:
        while match := _PREFIX.match(self.text, self.pos):
            span = (match.start() - start, match.end() - start)
            form.prefixes = (*form.prefixes, Prefix(self._prefix_kind(match), span))
            if len(form.prefixes) > MAX_PREFIXES:
                raise SpecError(f"a layer has at most {MAX_PREFIXES} prefixes", span=match.span())
            self.pos = match.end()
            if self.text[self._skip()] == "(":
                return
            self.pos += 1

    def _prefix_kind(self, match: re.Match[str]) -> str | int:
        count = match[2]
        if count is None:
            return match[1].lower()
        if len(count) > MAX_COUNT_DIGITS or int(count) < 1:
            raise SpecError(
                f"a repeat counts from 1 up to {MAX_COUNT_DIGITS} digits, not {count[:24]}",
                span=match.span(2),
            )
        return int(count)

    def _name_and_block(
        self, form: Form, start: int, depth: int
    ) -> tuple[list[Stack] | None, tuple[int, ...]]:
        match = _NAME.match(self.text, self.pos)
        if match:
            form.name = Word(match[0], (match.start() - start, match.end() - start))
            self.pos = match.end()
            self._refuse_dash(match)
        block = self._skip() < len(self.text) and self.text[self.pos] == "("
        if not match and not block:
            raise self._no_step(form)
        if not block:
            if match and match[0].lower() in WRAPPERS:
                self._refuse_wrapper(match)
            return None, ()
        return self._block(depth + 1)

    def _refuse_wrapper(self, match: re.Match[str]) -> None:
        """Refuse ``td:dense:3``, and a class of wrappers behind which a layer is named so."""
        prefix = WRAPPERS[match[0].lower()]
        wrapped = re.compile(_WRAPPED).match(self.text, match.end())
        if wrapped is None and match[0].lower() not in {"td", "bi"}:
            return
        hint = f"write {match[0]}-LAYER or {match[0]}(LAYER)"
        if wrapped is not None and "\n" not in self.text:
            hint = f"{self.text[: match.start()]}{prefix}-{self.text[wrapped.end() :]}"
        raise SpecError(f"{match[0]} wraps a layer", span=match.span(), help=hint)

    def _refuse_dash(self, match: re.Match[str]) -> None:
        if not self.text.startswith("-", match.end()):
            return
        word = match[0]
        hint = "a prefix is td, bi or a count such as 3x"
        if word.lower() in WRAPPERS:
            hint = f"write {WRAPPERS[word.lower()]}-LAYER"
        raise SpecError(f"{word} is not a prefix", span=match.span(), help=hint)

    def _no_step(self, form: Form) -> SpecError:
        part = _PART.match(self.text, self.pos)
        got = part[0].strip() if part else self.text[self.pos : self.pos + 1]
        end = self.pos + max(len(got), 1)
        if form.prefixes:
            return SpecError("a prefix must be followed by a layer", span=(self.pos, end))
        number = re.match(r"([0-9]+)([-x ]*)", got)
        hint = None
        if number and number.end() < len(got):
            hint = f"to repeat a layer, write {number[1]}x-{got[number.end() :].lstrip('-x ')}"
        elif number and (before := _BEFORE.search(self.text, self.pos - 99, self.pos)):
            hint = f"values follow a colon: {before[1]}:{got}"
        message = f"a layer is expected here, not {got!r}" if got else "a layer is expected here"
        return SpecError(message, span=(self.pos, end), help=hint)

    def _block(self, depth: int) -> tuple[list[Stack], tuple[int, ...]]:
        opening = self.pos
        if depth > MAX_DEPTH:
            self.pos = self._brackets[opening] + 1
            raise SpecError(f"blocks nest at most {MAX_DEPTH} deep", span=(opening, opening + 1))
        branches: list[Stack] = []
        ends: list[int] = []
        while True:
            self.pos += 1
            branches.append(self._stack(depth))
            ends.append(self.pos)
            if self.text[self.pos] == ")":
                self.pos += 1
                return branches, tuple(ends)

    def _argument(self, form: Form, start: int) -> Argument:
        self.pos += 1
        self._skip()
        begin = self.pos
        key = None
        match = _KEY.match(self.text, begin)
        if match and not self.text.startswith("=", match.end()):
            key = Word(match[1], (begin - start, begin - start + len(match[1])))
            self.pos = match.end()
        shape = form.name is not None and form.name.text.lower() in {"in", "is"}
        reader = ValueReader(self.text, self._brackets, start, shape=shape and key is None)
        value, self.pos = reader.read(self.pos)
        return Argument(key, value, (begin - start, self.pos - start))

    def _label(self) -> Word | None:
        self._skip()
        if not self.text.startswith("@", self.pos):
            return None
        match = _LABEL.match(self.text, self.pos + 1)
        if not match or match[0].lower() in RESERVED:
            part = _PART.match(self.text, self.pos + 1)
            end = part.end() if part else self.pos + 1
            got = self.text[self.pos + 1 : end]
            reason = "is reserved" if match else "is not a label"
            raise SpecError(
                f"{got or 'nothing'} {reason}",
                span=(self.pos, max(end, self.pos + 1)),
                help="a label begins with a lower-case letter, such as @skip",
            )
        span = (self.pos, match.end())
        self.pos = match.end()
        return Word(match[0], span)

    def _end_of_step(self) -> None:
        self._skip()
        if self.pos < len(self.text) and self.text[self.pos] not in ",|)\n#":
            part = _PART.match(self.text, self.pos)
            end = part.end() if part else self.pos + 1
            got = self.text[self.pos : end].strip() or self.text[self.pos]
            raise SpecError(
                f"{got!r} does not belong here",
                span=(self.pos, self.pos + len(got)),
                help="a comma separates layers, a colon begins an argument",
            )

    def _resume(self, start: int) -> None:
        """Go to the end of a step that could not be read, past what its brackets hold."""
        pos = max(self.pos, start)
        text = self.text
        while pos < len(text) and text[pos] not in ",|)\n#":
            pos = self._brackets.get(pos, pos) + 1
        self.pos = pos

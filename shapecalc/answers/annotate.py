"""Source code with the shape behind each line that makes a tensor."""

from __future__ import annotations

import io
import re
import tokenize
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from shapecalc.dims import shape_text
from shapecalc.errors import SpecError
from shapecalc.importers.python.positions import CodeOrigin
from shapecalc.layers.coded import Parameter
from shapecalc.network import Apply, Input
from shapecalc.tracing.rows import plain_shape

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from shapecalc.answers.question import Question
    from shapecalc.dims import Shape
    from shapecalc.errors import Place
    from shapecalc.importers.python.program import Program
    from shapecalc.tracing.trace import Trace

#: How a comment of ours begins, and all of it at the end of a line.
_ARROW: Final = "# -> "
_OWN: Final = re.compile(r"(?:^|\s+)# -> [(?][^#]*$")
#: How many shapes of a line are shown that is run more than once.
_FEW: Final = 3


class Made(NamedTuple):
    """A tensor, or several, that a call makes; ``end`` is the line of the text where it ends."""

    place: Place
    end: int
    name: str
    layer: str
    shapes: tuple[Shape, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data, as JSON has it."""
        path, line, column, end_line, end_column, _ = self.place
        return {
            "path": path,
            "line": line,
            "column": column + 1,
            "end_line": end_line,
            "end_column": end_column + 1,
            "name": self.name,
            "layer": self.layer,
            "shapes": [plain_shape(shape) for shape in self.shapes],
        }


def tensors_of(program: Program, question: Question) -> list[Made]:
    """Return what the calls of a program make, in the order of the calls; raises `ShapeError`."""
    from shapecalc.answers.programs import models

    found: list[Made] = []
    for _, network in models(program, question):
        trace = question.walk(network)
        found += _made(trace, program.path)
    return found


def _made(trace: Trace, path: str) -> Iterator[Made]:
    rows = iter(trace.layers)
    inputs = iter(trace.inputs)
    for node in trace.network.nodes:
        if isinstance(node, Apply):
            row = next(rows)
            name, layer, shapes = row.name, row.layer, row.outputs
        elif isinstance(node, Input):
            name, shape = next(inputs)
            layer, shapes = "Input", (shape,)
        else:
            continue
        origin = node.origin
        if isinstance(node, Apply) and isinstance(node.layer, Parameter):
            # Its place is that of the call which reads it.
            continue
        if not isinstance(origin, CodeOrigin) or origin.call.module.path != path or not shapes:
            continue
        call = origin.call.node
        end = getattr(call, "end_lineno", None)
        if end is None or (isinstance(node, Input) and not _makes_input(call)):
            continue
        yield Made(origin.call.place, end, name, layer, shapes)


def _makes_input(call: Any) -> bool:  # noqa: ANN401
    """Return whether a call makes an input, as Keras's functional models begin."""
    func = getattr(call, "func", None)
    return getattr(func, "attr", getattr(func, "id", "")) in {"Input", "InputLayer"}


def annotated(text: str, made: Sequence[Made], limit: int) -> str:
    """Return the text with the shapes behind its lines; our own comments are made anew.

    A line that would get longer than the limit gets none.
    """
    lines = text.split("\n")
    ends, comments = _ends(text)
    for number, column in comments.items():
        line = lines[number - 1]
        comment = _OWN.sub("", line[column:])
        lines[number - 1] = line[:column] + comment if comment else line[:column].rstrip()
    for number, found in _outermost(made).items():
        line = lines[number - 1].rstrip()
        for shown in _texts(found) if number in ends else ():
            whole = f"{line}  {_ARROW}{shown}"
            if len(whole) <= limit:
                lines[number - 1] = whole
                break
    return "\n".join(lines)


def _texts(said: Sequence[str]) -> Iterator[str]:
    """Yield the texts that say the shapes of all runs of a line, the longest first."""
    each = list(dict.fromkeys(said))
    if len(each) <= _FEW:
        yield " or ".join(each)
    ends = f"{each[0]} … {each[-1]}" if len(each) > 1 else each[0]
    yield ends
    yield ends.replace(", ", ",")


def _outermost(made: Sequence[Made]) -> dict[int, list[str]]:
    """Return what the outermost call of each line makes, in every run of it."""
    outer: dict[int, Place] = {}
    for each in made:
        before = outer.get(each.end)
        if before is None or _reach(each.place) >= _reach(before):
            outer[each.end] = each.place
    found: dict[int, list[str]] = {}
    for each in made:
        if each.place == outer[each.end]:
            found.setdefault(each.end, []).append(", ".join(map(shape_text, each.shapes)))
    return found


def _reach(place: Place) -> tuple[int, int, int, int]:
    """Return how far out a call is: it ends last, and of those begins first."""
    return place.end_line, place.end_column, -place.line, -place.column


def _ends(text: str) -> tuple[set[int], dict[int, int]]:
    """Return the lines that a comment can follow, and the columns of existing comments."""
    ends: set[int] = set()
    comments: dict[int, int] = {}
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type in (tokenize.NEWLINE, tokenize.NL):
                ends.add(token.start[0])
            elif token.type == tokenize.COMMENT:
                comments[token.start[0]] = token.start[1]
    except (tokenize.TokenError, SyntaxError) as error:
        raise SpecError(f"the source cannot be read: {error}") from None
    return ends, comments

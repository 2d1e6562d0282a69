"""What source says of the shapes of inputs: comments for this reader, and annotations of shapes.

class Net(nn.Module):  # shapecalc: x=N,3,32,32
def forward(self, x: Float[Tensor, "batch 3 h w"]) -> Tensor:
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Final

from shapecalc.errors import Place, SpecError
from shapecalc.importers.python.models import framework_of
from shapecalc.importers.python.notebooks import located
from shapecalc.importers.python.values import Class, Function, Instance
from shapecalc.language.shapes import read_shape

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shapecalc.importers.python.frames import Frame
    from shapecalc.importers.python.values import Module
    from shapecalc.language.shapes import GivenShape

_COMMENT: Final = re.compile(r"#\s*shapecalc:\s*(\w+\s*=[^#]*)")
#: Annotations of jaxtyping and of torchtyping, by what the numbers are.
_WHOLE: Final = re.compile(r"^(?:Int|UInt|Integer|Long)\d*$")
_SHAPED: Final = re.compile(
    r"^(?:Float|BFloat|Int|UInt|Integer|Long|Num|Real|Complex|Inexact|Shaped|Bool|Key|TensorType)\d*$"
)


class Hint:
    """The shape that source says of an input, and whether its numbers are whole."""

    def __init__(self, shape: GivenShape, *, whole: bool | None = None) -> None:
        self.shape = shape
        self.whole = whole


def hints(value: Instance, forward: Function | None) -> dict[str, Hint]:
    """Return what source says of the inputs of a model: its comments first, then annotations."""
    if isinstance(value.cls, Class) and value.cls.module.is_hidden:
        return {}
    found = {} if forward is None else dict(_annotated(forward))
    if isinstance(value.cls, Class):
        node = value.cls.position.node
        if isinstance(node, ast.ClassDef):
            first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
            found.update(commented(value.cls.module, first, node.body[0].lineno))
    if forward is not None and isinstance(forward.body, list):
        first = last = forward.body[0].lineno
        while first > 1 and not re.match(r"\s*(?:async\s+)?def\b", forward.module.lines[first - 1]):
            first -= 1
        found.update(commented(forward.module, first, last))
    return found


def call_to_write(frame: Frame) -> str | None:
    """Return the call that makes the last model whose class needs arguments, as far as known.

    None where there is no such class.
    """
    classes = [v for v in frame.names.values() if isinstance(v, Class) and v.module is frame.module]
    bases = {id(base) for cls in classes for base in cls.bases}
    for cls in reversed(classes):
        try:
            made = cls.find("__init__")
        except KeyError:
            continue
        if not framework_of(cls) or id(cls) in bases or not isinstance(made, Function):
            continue
        names = [each.arg for each in (*made.args.posonlyargs, *made.args.args)][1:]
        names = names[: len(names) - len(made.defaults)] if made.defaults else names
        only = [e.arg for e in made.args.kwonlyargs if e.arg not in made.kw_defaults]
        if names or only:
            return f"{cls.name}({', '.join([*names, *(f'{name}=…' for name in only)])})"
    return None


def commented(module: Module, first: int, last: int) -> Iterator[tuple[str, Hint]]:
    """Yield the shapes that comments say above a statement and in its head."""
    for number in range(max(first - 1, 1), max(last, first + 1)):
        line = module.lines[number - 1]
        match = _COMMENT.search(line)
        if match is None or (number < first and not line.lstrip().startswith("#")):
            continue
        for part in filter(None, map(str.strip, match[1].split(";"))):
            name, _, text = part.partition("=")
            try:
                yield name.strip(), Hint(read_shape(text.strip()))
            except SpecError as error:
                path, shown = located(module.path, module.cells, number)
                place = Place(path, shown, match.start(), shown, match.end(), line)
                raise SpecError(error.message, place=place, help=error.help) from None


def _annotated(forward: Function) -> Iterator[tuple[str, Hint]]:
    """Yield the shapes that annotations of parameters say."""
    for each in (*forward.args.posonlyargs, *forward.args.args):
        if isinstance(each.annotation, ast.Subscript):
            hint = _of_annotation(each.annotation)
            if hint is not None:
                yield each.arg, hint


def _of_annotation(node: ast.Subscript) -> Hint | None:
    """Read ``Float[Tensor, "batch 3 h w"]``; None for other annotations."""
    name = node.value.attr if isinstance(node.value, ast.Attribute) else ast.unparse(node.value)
    inside = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    texts = [str(e.value) for e in inside if isinstance(e, ast.Constant)]
    if not _SHAPED.match(name) or not texts:
        return None
    axes = [_axis(each) for each in " ".join(texts).split()]
    if None in axes:
        return None
    try:
        shape = read_shape(",".join(map(str, axes)))
    except SpecError:
        return None
    return Hint(shape, whole=True if _WHOLE.match(name) else None)


def _axis(text: str) -> str | None:
    """Return an axis as shapes write it; None for several axes at once."""
    if text == "..." or text.startswith("*"):
        return None
    return text.lstrip("#?").rpartition("=")[2] or "_"

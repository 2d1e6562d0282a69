"""Edits of source code: of one argument, or of one line; everything else is unchanged."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from shapecalc.errors import SpecError
from shapecalc.importers.python.positions import CodeOrigin, Position
from shapecalc.importers.python.trees import tree_of
from shapecalc.importers.python.writing import (
    arguments,
    called_name,
    handed_over,
    parameter_of,
    unwritten,
    written,
)
from shapecalc.layers.parameters import parameters
from shapecalc.network import Append, Apply, Input, Insert, LeaveOut, Replace, Reshape

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from shapecalc.dims import Shape
    from shapecalc.importers.python.program import Program
    from shapecalc.layers.layer import Layer
    from shapecalc.network import Edit

#: How code writes a layer of torch that is a function of a tensor.
_METHODS: Final = {
    "Unsqueeze": ("unsqueeze", ("dim",)),
    "Squeeze": ("squeeze", ("dim",)),
    "Transpose": ("transpose", ("dim0", "dim1")),
    "Permute": ("permute", ("dims",)),
    "Argmax": ("argmax", ("dim",)),
}
#: Parameters of layers that learn, which are hardly there by mistake.
_LEARNS: Final = ("affine", "elementwise_affine", "num_heads", "bias", "use_bias")
#: What can stand before a dot.
_TIGHT: Final = (ast.Name, ast.Call, ast.Attribute, ast.Subscript)


class _Change(NamedTuple):
    """A part of the text, and what stands there instead."""

    start: int
    end: int
    text: str


def edited(program: Program, edits: Sequence[Edit]) -> Program:
    """Return the program with edits in it; raises `SpecError` where one cannot be written."""
    editor = _Editor(program)
    changes = [change for edit in edits for change in editor.changes(edit)]
    text = program.text
    for change in sorted(set(changes), reverse=True):
        text = text[: change.start] + change.text + text[change.end :]
    if text == program.text:
        raise SpecError("the change does not alter the source")
    return program.with_text(text)


def changed_lines(before: str, after: str) -> Iterator[tuple[int, str]]:
    """Yield the lines that are new, each with its number; of those that are gone the number."""
    from difflib import SequenceMatcher

    old, new = before.split("\n"), after.split("\n")
    for kind, a, _, b, end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "delete":
            yield a + 1, f"leave out {old[a].strip()}"
        elif kind != "equal":
            for place in range(b, end):
                yield place + 1, new[place].strip()


class _Editor:
    """Finds what an edit of a node changes in the text."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._text = program.text
        self._nodes = program.network.nodes if program.network is not None else []
        self._begins = [0]
        for line in self._text.split("\n"):
            self._begins.append(self._begins[-1] + len(line) + 1)
        self._lines = self._text.split("\n")

    def changes(self, edit: Edit) -> Iterator[_Change]:
        """Yield the changes of an edit."""
        node = self._nodes[edit.node] if edit.node < len(self._nodes) else None
        if isinstance(edit, Reshape) and isinstance(node, Input):
            yield self._turned(edit.node, node, edit.shape)
            return
        if not isinstance(node, Apply) or not isinstance(node.origin, CodeOrigin):
            raise unwritten()
        if isinstance(edit, Replace):
            yield from self._replace(node, node.origin, edit.layer)
        elif isinstance(edit, Insert) and edit.layers:
            yield self._insert(node, node.origin, edit.layers, edit.read)
        elif isinstance(edit, Append) and len(edit.layers) == 1:
            yield self._append(node, node.origin, edit.layers[0])
        elif isinstance(edit, LeaveOut):
            if any(name in parameters(type(node.layer)) for name in _LEARNS):
                raise unwritten()
            yield self._leave_out(node.origin)
        else:
            raise unwritten()

    # Where things stand.

    def _call(self, position: Position | None) -> ast.Call:
        """Return the call at a position of this file."""
        if position is None or not isinstance(position.node, ast.Call):
            raise unwritten()
        if position.module.path != self._program.path:
            raise unwritten()
        return position.node

    def _span(self, node: ast.AST) -> tuple[int, int]:
        line, column, end_line, end_column = (
            getattr(node, name) for name in ("lineno", "col_offset", "end_lineno", "end_col_offset")
        )
        return self._offset(line, column), self._offset(end_line, end_column)

    def _offset(self, line: int, column: int) -> int:
        text = self._lines[line - 1]
        return self._begins[line - 1] + len(text.encode()[:column].decode(errors="replace"))

    def _source(self, node: ast.AST) -> str:
        start, end = self._span(node)
        return self._text[start:end]

    def _in_container(self, origin: CodeOrigin) -> ast.Call | None:
        """Return the constructor of a layer that a container calls; None where code calls it."""
        made = origin.made
        if made is None or made.node is origin.call.node:
            return self._call(origin.call) if self._makes(origin.call) else None
        return None

    @staticmethod
    def _makes(position: Position) -> bool:
        """Return whether a call makes a layer: its function has the name of a class."""
        node = position.node
        return isinstance(node, ast.Call) and called_name(node)[:1].isupper()

    # A layer with other arguments.

    def _replace(self, node: Apply, origin: CodeOrigin, layer: Layer) -> Iterator[_Change]:
        made = origin.made is not None or self._makes(origin.call)
        call = self._call(origin.made or origin.call)
        if any(isinstance(each, ast.Starred) for each in call.args):
            raise unwritten()
        if any(keyword.arg is None for keyword in call.keywords):
            raise unwritten()
        if type(layer) is not type(node.layer):
            yield self._renamed(call, node.layer, layer)
        skipped = 0 if made or self._is_method(call) else 1
        old = node.layer
        names = [name for name in parameters(type(layer)) if name != "name"]
        changed = [name for name in names if getattr(old, name, None) != getattr(layer, name)]
        if not changed and type(layer) is type(old):
            raise unwritten()
        added: list[str] = []
        for name in changed:
            before, after = getattr(old, name, None), getattr(layer, name)
            found = list(self._argument(call, names, name, before, after, skipped))
            yield from found
            if not found:
                added.append(f"{name}={written(after)}")
        if added:
            end = self._span(call)[1] - 1
            inside = [*call.args, *(each.value for each in call.keywords)]
            last = max((self._span(each)[1] for each in inside), default=end)
            yield _Change(last, last, (", " if inside else "") + ", ".join(added))

    def _renamed(self, call: ast.Call, old: Layer, new: Layer) -> _Change:
        if called_name(call) != old.called:
            raise unwritten()
        end = self._span(call.func)[1]
        return _Change(end - len(old.called), end, new.called)

    def _argument(
        self,
        call: ast.Call,
        names: Sequence[str],
        name: str,
        before: Any,  # noqa: ANN401
        after: Any,  # noqa: ANN401
        skipped: int,
    ) -> Iterator[_Change]:
        """Yield the changes of an argument that stands there; none where it does not."""
        for keyword in call.keywords:
            if keyword.arg == name:
                yield _Change(*self._span(keyword.value), self._number(keyword.value, after))
                return
        place = names.index(name) + skipped
        if place >= len(call.args):
            return
        stands = call.args[place:]
        if isinstance(after, tuple) and isinstance(before, tuple) and len(stands) == len(before):
            # A shape that is written one size after the other.
            if len(before) != len(after):
                raise unwritten()
            for node, a, b in zip(stands, before, after, strict=True):
                if a != b:
                    yield _Change(*self._span(node), written(b))
            return
        argument = call.args[place]
        if isinstance(argument, ast.Name):
            handed = handed_over(tree_of(self._text), argument, before)
            if handed is not None:
                yield _Change(*self._span(handed), written(after))
                return
        yield _Change(*self._span(argument), self._number(argument, after))

    def _number(self, stands: ast.expr, value: Any) -> str:  # noqa: ANN401
        """Write a value; where a parameter of the function around it has it, as that."""
        plain = isinstance(stands, ast.Constant) and type(value) is int
        named = parameter_of(tree_of(self._text), stands, value) if plain else None
        return named or written(value)

    def _is_method(self, call: ast.Call) -> bool:
        """Return whether a call is one of a tensor's methods rather than a function in a module."""
        func = call.func
        if not isinstance(func, ast.Attribute):
            return False
        while isinstance(func, ast.Attribute):
            func = func.value
        return not (isinstance(func, ast.Name) and func.id in self._imported)

    @property
    def _imported(self) -> set[str]:
        """The names that imports bind at the top of the file."""
        found: set[str] = set()
        for node in tree_of(self._text).body:
            if isinstance(node, ast.Import | ast.ImportFrom):
                for each in node.names:
                    found.add(each.asname or each.name.partition(".")[0])
        return found

    # A layer more, or less.

    def _insert(
        self, node: Apply, origin: CodeOrigin, layers: Sequence[Layer], read: int
    ) -> _Change:
        first = layers[0]
        container = self._in_container(origin)
        if container is not None and len(layers) == 1:
            start = self._span(container)[0]
            return self._beside(start, start, f"{self._constructed(container, first)},")
        added = self._added(origin)
        if added is not None and len(layers) == 1:
            line = self._begins[added.lineno - 1]
            return _Change(line, line, self._adding(added, first, origin))
        argument = self._read_by(origin, read)
        text = self._applied(first, argument, node, origin)
        for layer in layers[1:]:
            if node.layer.framework != "torch":
                raise unwritten()
            text += self._method(layer)
        return _Change(*self._span(argument), text)

    def _read_by(self, origin: CodeOrigin, read: int) -> ast.expr:
        """Return what an operator or a call reads at a place."""
        call = origin.call.node
        if isinstance(call, ast.BinOp) and read in (0, 1):
            return call.left if read == 0 else call.right
        made = self._call(origin.call)
        given = list(made.args)
        if self._is_method(made) and origin.made is None and isinstance(made.func, ast.Attribute):
            given = [made.func.value, *given]
        elif given and isinstance(given[0], ast.List | ast.Tuple):
            given = given[0].elts
        if read >= len(given):
            raise unwritten()
        return given[read]

    def _turned(self, place: int, node: Input, shape: Shape) -> _Change:
        """Return a tensor with its axes permuted, or one more, where it is read."""
        before, turn = node.shape, None
        if sorted(map(str, before)) == sorted(map(str, shape)) and len(set(before)) == len(before):
            turn = f"permute({', '.join(str(before.index(size)) for size in shape)})"
        elif sorted(map(str, before)) == sorted(map(str, shape)) and shape[1] == before[-1]:
            # Channels that stood last stand behind the batch.
            axes = (0, len(before) - 1, *range(1, len(before) - 1))
            turn = f"permute({', '.join(map(str, axes))})"
        for axis in range(len(shape)):
            if shape[axis] == 1 and (*shape[:axis], *shape[axis + 1 :]) == before:
                turn = turn or f"unsqueeze({axis})"
        readers = [
            each
            for each in self._nodes
            if isinstance(each, Apply) and any(t.node == place for t in each.inputs)
        ]
        if turn is None or len(readers) != 1 or readers[0].layer.framework != "torch":
            raise unwritten()
        origin, read = readers[0].origin, [t.node for t in readers[0].inputs].index(place)
        if not isinstance(origin, CodeOrigin) or self._in_container(origin) is not None:
            origin, read = node.origin, [*self._inputs()].index(node)
        if not isinstance(origin, CodeOrigin):
            raise unwritten()
        call = self._call(origin.call)
        if read >= len(call.args):
            raise unwritten()
        argument = call.args[read]
        text = self._source(argument)
        tight = text if isinstance(argument, _TIGHT) else f"({text})"
        return _Change(*self._span(argument), f"{tight}.{turn}")

    def _inputs(self) -> Iterator[Input]:
        return (node for node in self._nodes if isinstance(node, Input))

    def _append(self, node: Apply, origin: CodeOrigin, layer: Layer) -> _Change:
        container = self._in_container(origin)
        if container is not None:
            start, end = self._span(container)
            made = self._constructed(container, layer)
            line = self._text.rfind("\n", 0, start) + 1
            alone = not self._text[line:start].strip()
            return _Change(end, end, f",\n{self._text[line:start]}{made}" if alone else f", {made}")
        added = self._added(origin)
        if added is not None:
            end = self._begins[added.end_lineno or added.lineno]
            return _Change(end, end, self._adding(added, layer, origin))
        call = origin.call.node
        if not isinstance(call, ast.expr) or origin.call.module.path != self._program.path:
            raise unwritten()
        return _Change(*self._span(call), self._applied(layer, call, node, origin))

    def _leave_out(self, origin: CodeOrigin) -> _Change:
        added = self._added(origin)
        if added is not None:
            start, end = (
                self._begins[line] for line in (added.lineno - 1, added.end_lineno or added.lineno)
            )
            return _Change(start, end, "")
        container = self._in_container(origin)
        if container is None:
            call = self._call(origin.call)
            if origin.made is None or len(call.args) != 1 or call.keywords:
                raise unwritten()
            return _Change(*self._span(call), self._source(call.args[0]))
        start, end = self._span(container)
        rest = self._text[end:]
        blank = len(rest) - len(rest.lstrip(" \t"))
        if not rest[blank:].startswith(","):
            raise unwritten()
        end += blank + 1
        line = self._text.rfind("\n", 0, start) + 1
        if not self._text[line:start].strip() and self._text[end : end + 1] == "\n":
            return _Change(line, end + 1, "")
        return _Change(start, end + (self._text[end : end + 1] == " "), "")

    def _added(self, origin: CodeOrigin) -> ast.Call | None:
        """Return the call that adds a layer to a stack, where it has lines of its own."""
        call = origin.call.node
        if not isinstance(call, ast.Call) or called_name(call) != "add" or len(call.args) != 1:
            return None
        if origin.made is None or call.args[0] is not origin.made.node:
            return None
        self._call(origin.call)
        start, end = self._span(call)
        line, after = self._begins[call.lineno - 1], self._begins[call.end_lineno or call.lineno]
        alone = not self._text[line:start].strip() and not self._text[end:after].strip()
        return call if alone else None

    def _adding(self, call: ast.Call, layer: Layer, origin: CodeOrigin) -> str:
        """Write a line that adds a layer to a stack as another one does."""
        indent = self._text[self._begins[call.lineno - 1] : self._span(call)[0]]
        made = self._constructed(self._call(origin.made), layer)
        return f"{indent}{self._source(call.func)}({made})\n"

    def _beside(self, start: int, end: int, text: str) -> _Change:
        """Put an element before another one: in a line of its own where that has one."""
        line = self._text.rfind("\n", 0, start) + 1
        before = self._text[line:start]
        return _Change(start, end, f"{text}\n{before}" if not before.strip() else f"{text} ")

    def _constructed(self, like: ast.Call, layer: Layer) -> str:
        """Write a layer as a call, from the module of another one."""
        source = self._source(like.func)
        prefix = source[: len(source) - len(called_name(like))]
        return f"{prefix}{layer.called}({arguments(layer)})"

    @staticmethod
    def _method(layer: Layer) -> str:
        """Write a layer of torch as a method that is called."""
        name = type(layer).__name__
        if name not in _METHODS:
            raise unwritten()
        method, fields = _METHODS[name]
        values = [getattr(layer, field) for field in fields]
        flat = [n for each in values for n in (each if isinstance(each, tuple) else (each,))]
        return f".{method}({', '.join(map(written, flat))})"

    def _applied(self, layer: Layer, argument: ast.expr, node: Apply, origin: CodeOrigin) -> str:
        """Write a layer that is applied to a tensor."""
        text = self._source(argument)
        name = type(layer).__name__
        if node.layer.framework == "torch":
            tight = text if isinstance(argument, _TIGHT) else f"({text})"
            if name == "Flatten" and not arguments(layer):
                known = "torch" in self._imported
                return f"torch.flatten({text}, 1)" if known else f"{tight}.flatten(1)"
            return tight + self._method(layer)
        return f"{self._constructed(self._call(origin.made), layer)}({text})"

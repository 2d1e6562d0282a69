"""Where something stands in Python source."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from shapecalc.errors import Place
from shapecalc.importers.python.notebooks import located
from shapecalc.network import Origin

if TYPE_CHECKING:
    from shapecalc.importers.python.values import Module

#: The blanks, and the last comma, that lines between brackets leave.
_SPACED: Final = re.compile(r"([(\[{]) |,? ([)\]}])")


class Position(NamedTuple):
    """A part of a file; ``helper`` is the call of the function in which it made something."""

    module: Module
    node: ast.AST
    helper: Any = None

    @property
    def line(self) -> int:
        """The line in which it begins."""
        line: int = getattr(self.node, "lineno", 1)
        return line

    @property
    def place(self) -> Place:
        """The part as messages show it: columns count characters, as editors do."""
        node = self.node
        line, column = getattr(node, "lineno", 1), getattr(node, "col_offset", 0)
        end_line, end_column = getattr(node, "end_lineno", line), getattr(node, "end_col_offset", 0)
        lines = self.module.lines
        text = lines[line - 1] if line <= len(lines) else ""
        last = lines[end_line - 1] if end_line <= len(lines) else ""
        begin = len(text.encode()[:column].decode(errors="replace"))
        end = len(last.encode()[:end_column].decode(errors="replace"))
        path = self.module.path
        if self.module.cells:
            path, line = located(path, self.module.cells, line)
            _, end_line = located(path, self.module.cells, end_line)
        return Place(path, line, begin, end_line, end, text)


class CodeOrigin(Origin):
    """Where a layer was applied in source, where it was made, and of which class of the program."""

    __slots__ = ("_own_class", "call", "made")

    def __init__(
        self, call: Position, made: Position | None = None, own_class: str | None = None
    ) -> None:
        self.call = call
        self.made = made
        self._own_class = own_class

    @property
    def own_class(self) -> str | None:
        """The class of the program of which the layer is; None where it is the framework's."""
        return self._own_class

    @property
    def line(self) -> int:
        """The line in which it is called; in a notebook that of its cell."""
        return self.call.place.line if self.call.module.cells else self.call.line

    @property
    def made_at(self) -> Place | None:
        """The part in which it was made, where that is known."""
        return None if self.made is None else self.made.place

    @property
    def code(self) -> Place:
        """The part in which it is called."""
        return self.call.place

    @property
    def written(self) -> str:
        """The source code that makes it, on one line; of a function its call."""
        position = self.made or self.call
        source = "\n".join(position.module.lines)
        text = " ".join((ast.get_source_segment(source, position.node) or "").split())
        return _SPACED.sub(r"\1\2", text)

"""Changes of source that mend what Python would raise, where no layer of a network is to blame.

Each is only proposed here: who asks for repairs reads the changed program and keeps what works.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from shapecalc.importers.python.positions import CodeOrigin, Position
from shapecalc.importers.python.trees import tree_of
from shapecalc.importers.python.values import Tensor, Value
from shapecalc.layers.parameters import parameters

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from shapecalc.errors import ShapecalcError
    from shapecalc.importers.python.values import Module
    from shapecalc.layers.layer import Layer

_SPLIT: Final = re.compile(r"into (\d+) (groups|heads); nearest: (\d+)(?: and (\d+))?")
_SPLITS: Final = {"groups": ("groups", "num_groups"), "heads": ("num_heads", "nhead")}


class Rewrite(NamedTuple):
    """A part of a line, columns in characters, and what is to stand there."""

    path: str
    line: int
    start: int
    end: int
    text: str

    def applied(self, source: str) -> str:
        """Return the source with the change."""
        lines = source.split("\n")
        line = lines[self.line - 1]
        lines[self.line - 1] = line[: self.start] + self.text + line[self.end :]
        return "\n".join(lines)


def _column(module: Module, line: int, offset: int) -> int:
    return len(module.lines[line - 1].encode()[:offset].decode(errors="replace"))


def _instead(module: Module, node: Any, text: str) -> Rewrite:  # noqa: ANN401  (a node in a line)
    start = _column(module, node.lineno, node.col_offset)
    end = _column(module, node.lineno, node.end_col_offset)
    return Rewrite(module.path, node.lineno, start, end, text)


def with_method(where: Position | None, name: str, other: str) -> list[Rewrite]:
    """Call another method instead of one."""
    func = getattr(where.node, "func", None) if where is not None else None
    if where is None or not isinstance(func, ast.Attribute) or func.attr != name:
        return []
    line = func.end_lineno or func.lineno
    end = _column(where.module, line, func.end_col_offset or 0)
    return [Rewrite(where.module.path, line, end - len(name), end, other)]


def with_name(where: Position | None, name: str, other: str) -> list[Rewrite]:
    """Write another attribute instead of one."""
    node = where.node if where is not None else None
    if where is None or not isinstance(node, ast.Attribute) or node.attr != name:
        return []
    line = node.end_lineno or node.lineno
    end = _column(where.module, line, node.end_col_offset or 0)
    return [Rewrite(where.module.path, line, end - len(name), end, other)]


def for_each_step(where: Position | None) -> list[Rewrite]:
    """Call a model of Keras on each step of a sequence, by a name that the program has."""
    func = getattr(where.node, "func", None) if where is not None else None
    if where is None or not isinstance(func, ast.Name | ast.Attribute):
        return []
    text = ast.unparse(func)
    homes = ("TimeDistributed", "layers.TimeDistributed", "keras.layers.TimeDistributed",
             "tf.keras.layers.TimeDistributed")  # fmt: skip
    known = (home for home in homes if home.partition(".")[0] in where.module.attrs)
    return [_instead(where.module, func, f"{home}({text})") for home in known]


def first_of(value: Tensor) -> list[Rewrite]:
    """Take the first of several outputs, where what gave them is called."""
    tape, port = value.tape, value.port
    origin = None if tape is None or port is None else tape.network.nodes[port.node].origin
    if not isinstance(origin, CodeOrigin) or not isinstance(origin.call.node, ast.Call):
        return []
    call, module = origin.call.node, origin.call.module
    for node in ast.walk(tree_of(module.source)):
        if isinstance(node, ast.Assign) and _same(node.value, call) and len(node.targets) == 1:
            target = node.targets[0]
            if isinstance(target, ast.Name):
                return [_instead(module, target, f"{target.id}, _")]
    line = call.end_lineno or call.lineno
    end = _column(module, line, call.end_col_offset or 0)
    return [Rewrite(module.path, line, end, end, "[0]")]


def _same(node: ast.AST, other: ast.Call) -> bool:
    return isinstance(node, ast.Call) and (
        (node.lineno, node.col_offset, node.end_lineno, node.end_col_offset)
        == (other.lineno, other.col_offset, other.end_lineno, other.end_col_offset)
    )


def split_otherwise(
    error: ShapecalcError, cls: type[Layer], position: Position | None
) -> list[Rewrite]:
    """Split into the nearest number of groups, or of heads, that divides."""
    match = _SPLIT.search(error.message)
    if match is None or position is None or not isinstance(position.node, ast.Call):
        return []
    names = [name for name in _SPLITS[match[2]] if name in parameters(cls)]
    node = next(iter(_argument(position.node, cls, names)), None)
    if isinstance(node, ast.Name):
        node = _default_of(position.module, node)
    if not isinstance(node, ast.Constant) or node.value != int(match[1]):
        return []
    return [_instead(position.module, node, text) for text in match.groups()[2:] if text]


def with_size(layer: Layer, name: str, position: Position | None, size: int) -> list[Rewrite]:
    """Write another size as an argument of a layer, where it is a number that stands there."""
    if position is None or not isinstance(position.node, ast.Call):
        return []
    node = next(iter(_argument(position.node, type(layer), [name])), None)
    if isinstance(node, ast.Name):
        node = _default_of(position.module, node) or _assigned(position.module, node)
    if not isinstance(node, ast.Constant) or node.value != getattr(layer, name):
        return []
    return [_instead(position.module, node, str(size))]


def _assigned(module: Module, name: ast.Name) -> ast.expr | None:
    """Return what a name of the module is set to, where that is done once."""
    found = [
        node.value
        for node in tree_of(module.source).body
        if isinstance(node, ast.Assign)
        and any(isinstance(each, ast.Name) and each.id == name.id for each in node.targets)
    ]
    return found[0] if len(found) == 1 else None


def _argument(call: ast.Call, cls: type[Layer], names: list[str]) -> Iterator[ast.expr]:
    order = [name for name in parameters(cls) if name != "name"]
    for name in names:
        yield from (keyword.value for keyword in call.keywords if keyword.arg == name)
        yield from call.args[order.index(name) : order.index(name) + 1]


def _default_of(module: Module, name: ast.Name) -> ast.expr | None:
    """Return the default of the parameter that a name is, in the function around it."""
    for node in ast.walk(tree_of(module.source)):
        if isinstance(node, ast.FunctionDef) and node.lineno <= name.lineno <= (
            node.end_lineno or 0
        ):
            names = [each.arg for each in node.args.args]
            pairs = zip(reversed(names), reversed(node.args.defaults), strict=False)
            found = dict(pairs).get(name.id)
            if found is not None:
                return found
    return None


def first_of_tuple(value: Value) -> Sequence[Rewrite]:
    """Unpack a tuple of tensors where it is made, of which a part is used as if it were alone."""
    first = value[0] if isinstance(value, tuple) and value else None
    return first_of(first) if isinstance(first, Tensor) else ()

"""Layers as Python calls, as tables show them and as people write them, to the text of a spec.

LSTM(64, return_sequences=True), Dense(3)
nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU())
Sequential( (0): Conv2d(3, 8, kernel_size=(3, 3), stride=(1, 1)) (1): ReLU() )
"""

from __future__ import annotations

import ast
import operator
import re
from typing import TYPE_CHECKING, Any, Final

from shapecalc import dialects
from shapecalc.dims import Dim
from shapecalc.errors import SpecError
from shapecalc.importers.python.trees import tree_of
from shapecalc.importers.python.writing import called_name
from shapecalc.importers.refusals import refused_call
from shapecalc.language.literals import size_text
from shapecalc.language.printer import layer_text
from shapecalc.layers.parameters import parameters
from shapecalc.layers.problems import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from shapecalc.errors import Span
    from shapecalc.layers.dialect import Dialect
    from shapecalc.layers.layer import Layer

#: What is not a spec and may be calls; and a name in what torch prints of a Sequential.
_CALL: Final = re.compile(r"[A-Za-z_][\w.]*\s*\(")
_NUMBERED: Final = re.compile(r"\(([A-Za-z_]\w*|\d+)\):\s*")
#: Of which framework a name is that stands before a dot.
_HOMES: Final = {
    "nn": "torch", "torch": "torch", "keras": "keras", "layers": "keras", "tf": "keras",
    "tensorflow": "keras",
}  # fmt: skip
_OPERATORS: Final[dict[type, Callable[[Any, Any], Any]]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}
_INPUTS: Final = ("Input", "InputLayer")
#: What a layer may say of its input, as the first of a stack.
_SHAPES: Final = ("shape", "batch_shape", "input_shape", "batch_input_shape")
#: How large a text is read, and how large a number may get.
_MAX_TEXT: Final = 1_000_000
_MAX_NUMBER: Final = 10**18


def calls_as_spec(text: str, dialect: Dialect | None) -> str | None:
    """Write layers that stand as calls as a spec; None for what is none.

    Raises `SpecError` for a call that cannot be read.
    """
    if len(text) > _MAX_TEXT or not _CALL.search(text):
        return None
    elements = _elements(text)
    if elements is None:
        return None
    calls = list(_flat(elements))
    if not calls or not all(isinstance(call, ast.Call) for call in calls):
        return None
    reader = _Reader(text, calls, _dialect(calls, dialect))
    steps = [step for call in calls for step in reader.steps(call)]
    return reader.heading + ",".join(steps)


def _elements(text: str) -> Sequence[ast.expr] | None:
    """Return the expressions that a text is: with commas between them, or each on its line."""
    if _NUMBERED.search(text):
        text = re.sub(r"\(\s*,", "(", _NUMBERED.sub(", ", text))
    try:
        (whole,) = tree_of(f"[{text.strip().rstrip(',')}\n]").body
        if isinstance(whole, ast.Expr):
            return whole.value.elts if isinstance(whole.value, ast.List) else None
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        pass
    try:
        lines = tree_of(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    found: list[ast.expr] = []
    last = None
    for line in lines:
        value = _layer_of(line, last)
        if value is None:
            return None
        found.append(value)
        last = line.targets[0].id if isinstance(line, ast.Assign) else last  # type: ignore[attr-defined]
    return found


def _layer_of(line: ast.stmt, last: str | None) -> ast.expr | None:
    """Return what a line adds to a stack: ``LSTM(64)``, ``m = Sequential()``, ``x = LSTM(64)(x)``.

    Of the last kind a line reads what the line before it gave, whose name is ``last``.
    """
    if isinstance(line, ast.Expr):
        return line.value
    if not isinstance(line, ast.Assign) or len(line.targets) != 1:
        return None
    if not isinstance(line.targets[0], ast.Name) or not isinstance(line.value, ast.Call):
        return None
    call = line.value
    if called_name(call) == "Sequential" or (last is None and called_name(call) in _INPUTS):
        return call
    read = [each.id for each in call.args if isinstance(each, ast.Name)]
    if isinstance(call.func, ast.Call) and (read == [last] or (len(read) == 1 and last is None)):
        return call.func
    return None


def _flat(nodes: Sequence[ast.expr]) -> Iterator[ast.expr]:
    """Yield the calls of layers, out of containers and lists."""
    for node in nodes:
        if isinstance(node, ast.List):
            yield from _flat(node.elts)
        elif isinstance(node, ast.Tuple) and len(node.elts) == 2 and _is_text(node.elts[0]):  # noqa: PLR2004
            yield from _flat(node.elts[1:])
        elif isinstance(node, ast.Tuple):
            yield from _flat(node.elts)
        elif isinstance(node, ast.Starred):
            yield from _flat([node.value])
        elif isinstance(node, ast.Call) and called_name(node) in {"Sequential", "OrderedDict"}:
            inside = [each.value for each in node.keywords if each.arg == "layers"]
            yield from _flat([*node.args, *inside])
        elif isinstance(node, ast.Call) and _adds(node):
            yield from _flat(node.args)
        else:
            yield node


def _adds(node: ast.Call) -> bool:
    """Return whether a call is ``model.add(layer)``."""
    func = node.func
    named = isinstance(func, ast.Attribute) and isinstance(func.value, ast.Name)
    return named and called_name(node) == "add" and len(node.args) == 1 and not node.keywords


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _dialect(calls: Sequence[ast.expr], said: Dialect | None) -> Dialect:
    """Return the dialect of calls: by the module, by what only one has, else what is said."""
    nodes = [n for call in calls for n in ast.walk(call) if isinstance(n, ast.Call)]
    for node in nodes:
        func: ast.expr = node.func
        while isinstance(func, ast.Attribute):
            func = func.value
        home = _HOMES.get(func.id) if isinstance(func, ast.Name) and func is not node.func else None
        if home is not None:
            return _of(home, said)
    scores = {name: sum(_known(node, name) for node in nodes) for name in ("keras", "torch")}
    if scores["keras"] != scores["torch"]:
        return _of(max(scores, key=lambda name: scores[name]), said)
    return said or dialects.default()


def _of(home: str, said: Dialect | None) -> Dialect:
    """Return the dialect that is said, where it is one of that framework."""
    found = dialects.find(home)
    return said if said is not None and said.catalogue is found.catalogue else found


def _known(call: ast.Call, name: str) -> int:
    """Return how much of a call a framework knows: its class as spelled, and each keyword."""
    catalogue = dialects.find(name).catalogue
    entry = catalogue.find(called_name(call))
    if entry is None:
        return 2 if called_name(call) in _INPUTS and name == "keras" else 0
    cls = catalogue.load(entry)
    same = (cls.__name__ == called_name(call)) * 2
    return same + sum(keyword.arg in parameters(cls) for keyword in call.keywords)


class _Reader:
    """Reads the calls of a text in a dialect."""

    def __init__(self, text: str, calls: Sequence[ast.expr], dialect: Dialect) -> None:
        self._text = text
        self._calls = calls
        self._dialect = dialect
        self._begun = False
        name = dialect.name
        self.heading = "" if name == dialects.DEFAULT else f"dialect:{name},"

    def steps(self, call: Any) -> Iterator[str]:  # noqa: ANN401  (a call)
        """Yield the steps of a call: a layer, and before the first one its input."""
        if called_name(call) in _INPUTS:
            yield from self._input(call)
            return
        if not self._begun:
            yield from self._input(call)
        self._begun = True
        yield layer_text(self._layer(call), self._dialect)

    def _input(self, call: ast.Call) -> Iterator[str]:
        """Yield the input that a call says, if it does."""
        named = {keyword.arg: keyword.value for keyword in call.keywords}
        if called_name(call) in _INPUTS and call.args:
            named.setdefault("shape", call.args[0])
        for key in _SHAPES:
            if key in named:
                shape = self._value(named[key])
                sizes = list(shape) if isinstance(shape, tuple | list) else [shape]
                sizes = sizes if key.startswith("batch") else [None, *sizes]
                self._begun = True
                yield "in:" + ":".join("?" if n is None else size_text(n) for n in sizes)
                return
        is_size = self._dialect.name != "torch" and called_name(call) != "Embedding"
        if "input_dim" in named and is_size:
            self._begun = True
            yield f"in:?:{size_text(self._value(named['input_dim']))}"

    def _layer(self, call: ast.Call) -> Layer:
        catalogue = self._dialect.catalogue
        entry = catalogue.find(called_name(call))
        try:
            if entry is None:
                return catalogue.layer(called_name(call) or ast.unparse(call.func))
            cls = catalogue.load(entry)
            config = self._config(call, cls)
        except SpecError as error:
            raise self._placed(error, call) from None
        try:
            return catalogue.layer(called_name(call), **config)
        except ArgumentError as error:
            names = [name for name in parameters(cls) if name != "name"]
            refused = refused_call(self._text, self._calls, call, cls, (config, names))
            raise self._placed(error, call).replaced(failure=refused) from None

    def _config(self, call: ast.Call, cls: type[Layer]) -> dict[str, Any]:
        known = parameters(cls)
        names = [name for name in known if name != "name"]
        found: dict[str, Any] = {}
        values = [self._value(node) for node in call.args]
        for name in names:
            if not values:
                break
            if known[name].kind.variadic and not isinstance(values[0], tuple | list):
                found[name], values = tuple(values), []
            else:
                found[name] = values.pop(0)
        if values:
            raise SpecError(f"{cls.__name__} takes no more than {len(names)} arguments")
        for keyword in call.keywords:
            if keyword.arg in {*_SHAPES, "input_dim"} and keyword.arg not in known:
                continue
            if keyword.arg is None or keyword.arg in found:
                raise SpecError(f"{cls.__name__} gets {keyword.arg or '**'} beside it")
            found[keyword.arg] = self._value(keyword.value)
        return found

    def _value(self, node: ast.expr) -> Any:  # noqa: ANN401
        """Return the value of an argument."""
        if isinstance(node, ast.Constant):
            return node.value
        if isinstance(node, ast.Tuple | ast.List):
            return tuple(map(self._value, node.elts))
        if isinstance(node, ast.Call):
            return self._layer(node)
        if isinstance(node, ast.Name):
            # A letter; what begins lower-case torch prints of a text.
            return Dim(node.id) if node.id[:1].isupper() else node.id
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            return -self._value(node.operand)
        if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
            return self._computed(node)
        if isinstance(node, ast.Attribute):
            return node.attr
        raise self._placed(SpecError(f"{ast.unparse(node)} cannot be read as an argument"), node)

    def _computed(self, node: ast.BinOp) -> Any:  # noqa: ANN401
        left, right = self._value(node.left), self._value(node.right)
        if all(isinstance(each, int | float | Dim) for each in (left, right)):
            try:
                found = _OPERATORS[type(node.op)](left, right)
            except (ArithmeticError, TypeError) as error:
                raise self._placed(SpecError(str(error)), node) from None
            if not isinstance(found, int) or abs(found) < _MAX_NUMBER:
                return found
        raise self._placed(SpecError(f"{ast.unparse(node)} cannot be read as an argument"), node)

    def _placed(self, error: SpecError, node: ast.expr) -> SpecError:
        """Say where in the text it is, which stands behind a bracket."""
        if error.span is not None and error.source is not None:
            return error
        return error.replaced(span=self._span(node), source=self._text)

    def _span(self, node: ast.expr) -> Span | None:
        if _NUMBERED.search(self._text):
            return None
        written = ast.unparse(node)
        start = self._text.find(written)
        if start < 0 and isinstance(node, ast.Call):
            written = f"{ast.unparse(node.func)}("
            start = self._text.find(written)
        return None if start < 0 else (start, start + len(written))

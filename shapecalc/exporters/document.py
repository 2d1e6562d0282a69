"""Python code as data: expressions, statements, and the imports above them.

An expression is a text that is never broken, or one of the classes here, which `layout` breaks over
lines where it is too long.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from math import isfinite
from typing import TYPE_CHECKING, Any, NamedTuple

from shapecalc.dims import Dim

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapecalc.dims import Size


@dataclass(frozen=True, slots=True)
class Call:
    """A call; what it calls may be a call itself, as in ``Dense(8)(x)``."""

    func: Expression
    positional: Sequence[Expression] = ()
    keywords: Sequence[tuple[str, Expression]] = ()

    @property
    def items(self) -> list[Expression]:
        """Its arguments in order, keywords with their names."""
        named = (Prefixed(f"{name}=", value) for name, value in self.keywords)
        return [*self.positional, *named]


@dataclass(frozen=True, slots=True)
class Display:
    """A list, tuple or dictionary: brackets with items between them."""

    brackets: str
    items: Sequence[Expression]


@dataclass(frozen=True, slots=True)
class Comprehension:
    """A list with an element for each turn, as in ``[Dense(8) for _ in range(3)]``."""

    element: Expression
    clause: str


@dataclass(frozen=True, slots=True)
class Prefixed:
    """An expression behind a text: ``*`` of a starred one, the name of a keyword, a dict's key."""

    prefix: str
    value: Expression


@dataclass(frozen=True, slots=True)
class Operation:
    """Operands with the same operator between each two of them."""

    operator: str
    operands: Sequence[Expression]


Expression = str | Call | Display | Comprehension | Prefixed | Operation


def listed(*items: Expression) -> Display:
    """Return a list of expressions."""
    return Display("[]", items)


def tupled(*items: Expression) -> Display:
    """Return a tuple of expressions."""
    return Display("()", items)


def literal(value: Any) -> Expression:  # noqa: ANN401
    """Return a value of an argument as an expression."""
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, (list, tuple)):
        return Display("[]" if isinstance(value, list) else "()", [literal(each) for each in value])
    if isinstance(value, dict):
        return Display("{}", [Prefixed(f"{quoted(k)}: ", literal(v)) for k, v in value.items()])
    if isinstance(value, float) and not isfinite(value):
        return f'float("{value}")'
    if isinstance(value, Dim):
        return size_code(value)
    return str(value)


def size_code(size: Size) -> str:
    """Return a size as an expression of Python, spaced as ruff does it."""
    text = ast.unparse(ast.parse(str(size), mode="eval"))
    # Simple operands of a power stand close to it.
    return re.sub(r"(?<![)\w])([A-Za-z]\w*|\d+) \*\* (\w+)(?!\()", r"\1**\2", text)


def quoted(text: str) -> str:
    """Return a text as a string in the quotes that ``ruff format`` prefers."""
    body = repr(text)[1:-1].replace("\\'", "'")
    if '"' in body and "'" not in text:
        return f"'{body}'"
    return '"{}"'.format(body.replace('"', '\\"'))


@dataclass(frozen=True, slots=True)
class Assign:
    """An assignment; ``target`` is a name, an attribute, or several with commas."""

    target: str
    value: Expression


@dataclass(frozen=True, slots=True)
class Return:
    """The end of a function; several values are a tuple."""

    value: Expression


@dataclass(frozen=True, slots=True)
class Evaluate:
    """An expression as a statement."""

    value: Expression


@dataclass(frozen=True, slots=True)
class Comment:
    """A line of comment, broken where it is too long."""

    text: str


@dataclass(frozen=True, slots=True)
class Docstring:
    """The first statement of a function, a class or a file."""

    text: str


@dataclass(frozen=True, slots=True)
class Blank:
    """An empty line between statements."""


@dataclass(frozen=True, slots=True)
class Block:
    """A statement that holds others: ``prefix`` is its keyword, ``head`` what stands behind it."""

    prefix: str
    head: Expression
    body: Sequence[Statement]

    @property
    def is_definition(self) -> bool:
        """Whether empty lines set it apart."""
        return self.prefix in {"def ", "class "}


Statement = Assign | Return | Evaluate | Comment | Docstring | Blank | Block


def function(
    name: str,
    parameters: Sequence[Expression],
    body: Sequence[Statement],
    defaults: Sequence[tuple[str, Expression]] = (),
) -> Block:
    """Return the definition of a function."""
    return Block("def ", Call(name, parameters, defaults), body)


def class_(name: str, base: str, body: Sequence[Statement]) -> Block:
    """Return the definition of a class."""
    return Block("class ", Call(name, [base]), body)


def loop(target: str, iterable: Expression, body: Sequence[Statement]) -> Block:
    """Return a ``for`` loop."""
    return Block(f"for {target} in ", iterable, body)


class Import(NamedTuple):
    """What code imports: a module, perhaps by another name, or a name of a module."""

    module: str
    name: str = ""
    alias: str = ""

    @property
    def bound(self) -> str:
        """The name that it binds."""
        return self.alias or self.name or self.module.partition(".")[0]


@dataclass(slots=True)
class Document:
    """A file of code."""

    body: list[Statement] = field(default_factory=list)
    imports: set[Import] = field(default_factory=set)
    docstring: str = ""

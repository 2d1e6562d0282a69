"""Code as text, as ``ruff format`` leaves it at 88 columns.

A call that is too long is broken at its first brackets: its arguments stand on one line of their
own where they fit, else each on a line with a comma behind it. Of ``Dense(8)(x)`` the arguments of
the layer are broken rather than ``(x)``; the comma behind the last one lets ruff leave that so.
"""

from __future__ import annotations

import re
from itertools import groupby
from textwrap import wrap
from typing import TYPE_CHECKING, Final

from shapecalc.exporters.document import (
    Assign,
    Blank,
    Block,
    Call,
    Comment,
    Comprehension,
    Display,
    Docstring,
    Evaluate,
    Import,
    Operation,
    Prefixed,
    Return,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from shapecalc.exporters.document import Document, Expression, Statement

WIDTH: Final = 88
_STEP: Final = 4
#: The modules that come with Python, which are imported in a section of their own.
_STANDARD: Final = frozenset({"math"})


def text_of(document: Document) -> str:
    """Return the text of a file of code."""
    parts = []
    if document.docstring:
        parts += [*_statement(Docstring(document.docstring), 0), ""]
    imports = list(_imports(document.imports))
    parts += imports
    body = list(_statements(document.body, 0))
    if imports and body:
        parts += [""] if body[0] else []
    return "\n".join([*parts, *body]) + "\n"


def flat(expression: Expression) -> str:
    """Return an expression on one line."""
    if isinstance(expression, Call):
        return f"{flat(expression.func)}({', '.join(map(flat, expression.items))})"
    if isinstance(expression, Display):
        inner = ", ".join(map(flat, expression.items))
        comma = "," if expression.brackets == "()" and len(expression.items) == 1 else ""
        return f"{expression.brackets[0]}{inner}{comma}{expression.brackets[1]}"
    if isinstance(expression, Comprehension):
        return f"[{flat(expression.element)} {expression.clause}]"
    if isinstance(expression, Prefixed):
        return expression.prefix + flat(expression.value)
    if isinstance(expression, Operation):
        if expression.operator == "**" and all(map(_is_simple, expression.operands)):
            return "**".join(map(flat, expression.operands))
        return f" {expression.operator} ".join(map(flat, expression.operands))
    return expression


def _is_simple(expression: Expression) -> bool:
    """Return whether the operand of a power stands close to it: a name or a number."""
    return isinstance(expression, str) and re.fullmatch(r"-?[\w.]+", expression) is not None


def lines(expression: Expression, indent: int, before: str = "", after: str = "") -> list[str]:
    """Return the lines of an expression; ``before`` and ``after`` are texts around it."""
    start = " " * indent + before
    whole = start + flat(expression) + after
    if len(whole) <= WIDTH:
        return [whole]
    if isinstance(expression, Prefixed):
        return lines(expression.value, indent, before + expression.prefix, after)
    if isinstance(expression, Call):
        return _call(expression, indent, start, after)
    if isinstance(expression, Display):
        inner = _items(expression.items, indent + _STEP, apart=True)
        return [
            start + expression.brackets[0],
            *inner,
            " " * indent + expression.brackets[1] + after,
        ]
    if isinstance(expression, Comprehension):
        inner = lines(expression.element, indent + _STEP)
        clause = " " * (indent + _STEP) + expression.clause
        return [f"{start}[", *inner, clause, " " * indent + "]" + after]
    return [whole]


def _call(call: Call, indent: int, start: str, after: str) -> list[str]:
    """Break the brackets of a call, or of a call of a call, one after the other."""
    groups: list[list[Expression]] = []
    func: Expression = call
    while isinstance(func, Call):
        groups.append(func.items)
        func = func.func
    groups.reverse()
    texts = [f"({', '.join(map(flat, group))})" for group in groups]
    current, done = start + flat(func), []
    for place, group in enumerate(groups):
        if len(current + "".join(texts[place:]) + after) <= WIDTH:
            current += "".join(texts[place:])
            break
        last = place == len(groups) - 1
        fits = not last and len(current + texts[place]) + 1 <= WIDTH
        if not group or (fits and not _is_plain(groups[place + 1])):
            current += texts[place]
            continue
        done.append(current + "(")
        done += _items(group, indent + _STEP, apart=fits)
        current = " " * indent + ")"
    return [*done, current + after]


def _is_plain(group: Sequence[Expression]) -> bool:
    """Return whether arguments are one name, which needs no line of its own."""
    return len(group) == 1 and isinstance(group[0], str)


def _items(items: Sequence[Expression], indent: int, *, apart: bool = False) -> list[str]:
    """Return what stands between brackets: one line where it fits, else a line for each item.

    A comma stands behind the last item where each has its line, but for a single argument; where
    they are to stay ``apart``, in any case.
    """
    together = " " * indent + ", ".join(map(flat, items))
    if not apart and len(together) <= WIDTH:
        return [together]
    comma = "," if len(items) > 1 or apart else ""
    found = []
    for item in items:
        found += lines(item, indent, after=comma)
    return found


def _statements(body: Iterable[Statement], indent: int) -> Iterator[str]:
    """Yield the lines of statements; definitions stand apart."""
    before: Statement | None = None
    for statement in body:
        if before is not None and (_is_definition(statement) or _is_definition(before)):
            yield from [""] * (1 if indent else 2)
        elif before is None and _is_definition(statement) and not indent:
            yield from [""] * 2
        yield from _statement(statement, indent)
        before = statement


def _is_definition(statement: Statement) -> bool:
    return isinstance(statement, Block) and statement.is_definition


def _statement(statement: Statement, indent: int) -> Iterator[str]:
    if isinstance(statement, Blank):
        yield ""
    elif isinstance(statement, Comment):
        width = WIDTH - indent - len("# ")
        yield from (f"{' ' * indent}# {line}" for line in wrap(statement.text, width))
    elif isinstance(statement, Docstring):
        yield f'{" " * indent}"""{statement.text}"""'
    elif isinstance(statement, Block):
        yield from lines(statement.head, indent, statement.prefix, ":")
        yield from _statements(statement.body, indent + _STEP)
    elif isinstance(statement, Evaluate):
        yield from lines(statement.value, indent)
    else:
        yield from _valued(statement, indent)


def _valued(statement: Assign | Return, indent: int) -> list[str]:
    """Return an assignment or a return; of targets that are too long each has its line."""
    if isinstance(statement, Return):
        return _behind("return ", statement.value, indent, bare=True)
    found = _behind(f"{statement.target} = ", statement.value, indent)
    if ", " not in statement.target or len(" " * indent + statement.target + " = (") <= WIDTH:
        return found
    if len(found) == 1 and len(found[0]) <= WIDTH:
        return found
    targets = [" " * (indent + _STEP) + f"{each}," for each in statement.target.split(", ")]
    return [" " * indent + "(", *targets, *_behind(") = ", statement.value, indent)]


def _behind(before: str, value: Expression, indent: int, *, bare: bool = False) -> list[str]:
    """Return a value behind a text; it goes into parentheses where nothing else helps.

    A tuple may stand ``bare``, without its own.
    """
    several = isinstance(value, Display) and value.brackets == "()" and len(value.items) > 1
    whole = " " * indent + before + (flat(value)[1:-1] if bare and several else flat(value))
    if len(whole) <= WIDTH:
        return [whole]
    start, end = " " * indent + before + "(", " " * indent + ")"
    inner = " " * (indent + _STEP) + flat(value)
    if isinstance(value, Operation):
        if len(inner) <= WIDTH:
            return [start, inner, end]
        first, *rest = (flat(each) for each in value.operands)
        operands = [first, *(f"{value.operator} {each}" for each in rest)]
        return [start, *(" " * (indent + _STEP) + each for each in operands), end]
    broken = lines(value, indent, before)
    if len(broken[0]) > WIDTH and len(inner) <= WIDTH:
        return [start, inner, end]
    return broken


def _imports(imports: Iterable[Import]) -> Iterator[str]:
    """Yield the imports: the standard library first, modules before names, as isort orders them."""
    found = sorted(imports, key=lambda each: (each.module not in _STANDARD, bool(each.name), each))
    sections = groupby(found, key=lambda each: each.module not in _STANDARD)
    for number, (_, section) in enumerate(sections):
        if number:
            yield ""
        for (module, named), group in groupby(section, key=lambda e: (e.module, bool(e.name))):
            parts = [f"{e.name or module} as {e.alias}" if e.alias else e.name for e in group]
            if named:
                yield f"from {module} import {', '.join(parts)}"
            else:
                yield from (f"import {part or module}" for part in parts)

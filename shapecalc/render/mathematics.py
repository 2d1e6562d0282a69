"""Sizes, shapes and conditions, whose text is Python, as LaTeX sets mathematics."""

from __future__ import annotations

import ast
import re
from typing import Final

#: A plain count, with its thousands apart or not.
_COUNT: Final = re.compile(r"[\d,]+")
_NAME: Final = re.compile(r"([A-Za-z]+)_?(\d+)?")
_SIGNS: Final = {ast.Add: " + ", ast.Sub: " - "}
_COMPARED: Final = {
    ast.Eq: " = ", ast.NotEq: r" \ne ", ast.Lt: " < ", ast.LtE: r" \le ", ast.Gt: " > ",
    ast.GtE: r" \ge ",
}  # fmt: skip
#: How tightly an operator binds.
_REMAINDER, _SUM, _PRODUCT, _POWER = range(4)
_BINDS: Final = {
    ast.Add: _SUM, ast.Sub: _SUM, ast.Mult: _PRODUCT, ast.Mod: _REMAINDER, ast.Pow: _POWER,
}  # fmt: skip


def mathematics(text: str) -> str | None:
    """Return a text as LaTeX between dollars; None where it is none of a size."""
    if _COUNT.fullmatch(text):
        return text
    try:
        return _joined(ast.parse(text, mode="eval").body)
    except (SyntaxError, ValueError, KeyError, RecursionError, MemoryError):
        return None


def _joined(node: ast.expr) -> str:
    """Write a condition, whose words stand between formulas."""
    if isinstance(node, ast.BoolOp):
        word = " and " if isinstance(node.op, ast.And) else " or "
        return word.join(map(_joined, node.values))
    return f"${_formula(node)}$"


def _formula(node: ast.expr) -> str:
    match node:
        case ast.Constant(value=int(value)):
            return str(value)
        case ast.Name(id=name):
            return _letter(name)
        case ast.Tuple(elts=sizes):
            return f"({', '.join(map(_formula, sizes))}{',' * (len(sizes) == 1)})"
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return f"-{_operand(operand, _PRODUCT)}"
        case ast.Call(func=ast.Name(id="max" | "min" as name), args=sizes, keywords=[]):
            return rf"\{name}({', '.join(map(_formula, sizes))})"
        case ast.Compare(left=left, ops=signs, comparators=others):
            pairs = zip(signs, others, strict=True)
            return _formula(left) + "".join(_COMPARED[type(s)] + _formula(o) for s, o in pairs)
        case ast.BinOp():
            return _operation(node)
    raise ValueError


def _operation(node: ast.BinOp) -> str:
    left, right = node.left, node.right
    match node.op:
        case ast.FloorDiv():
            return rf"\lfloor {_operand(left, _PRODUCT)}/{_operand(right, _POWER)} \rfloor"
        case ast.Mod():
            return rf"{_operand(left, _PRODUCT)} \bmod {_operand(right, _POWER)}"
        case ast.Pow():
            return f"{_operand(left, _POWER)}^{{{_formula(right)}}}"
        case ast.Mult():
            factors = [_operand(left, _PRODUCT), _operand(right, _PRODUCT)]
            return (r" \cdot " if factors[1][:1].isdigit() else r" \, ").join(factors)
    return _operand(left, _SUM) + _SIGNS[type(node.op)] + _operand(right, _PRODUCT)


def _operand(node: ast.expr, binds: int) -> str:
    """Write what stands beside an operator, in parentheses where it binds less."""
    own = _BINDS.get(type(node.op)) if isinstance(node, ast.BinOp) else None
    text = _formula(node)
    return f"({text})" if own is not None and own < binds else text


def _letter(name: str) -> str:
    match = _NAME.fullmatch(name)
    letter, number = match.groups() if match else (name, None)
    escaped = letter.replace("_", r"\_")
    shown = escaped if len(letter) == 1 else rf"\mathit{{{escaped}}}"
    return f"{shown}_{{{number}}}" if number else shown

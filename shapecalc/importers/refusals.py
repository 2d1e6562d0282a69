"""Calls whose layers refuse arguments, written with those near to them that they take."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from shapecalc.language.refused import Refused, Splice
from shapecalc.layers.nearby import OMITTED, nearby

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from shapecalc.layers.layer import Layer


def refused_call(
    text: str,
    calls: Sequence[ast.expr],
    call: ast.Call,
    cls: type[Layer],
    given: tuple[Mapping[str, Any], Sequence[str]],
) -> Refused:
    """Return the refusal of a call among others; ``given`` are its arguments, and all names."""
    config, names = given

    def meant() -> Iterator[Sequence[Splice]]:
        args, keywords = call.args, call.keywords
        for changes in nearby(cls, config, config, cls.__name__):
            try:
                call.args, call.keywords = _changed(call, changes, names)
                written = ", ".join(map(ast.unparse, calls))
            finally:
                call.args, call.keywords = args, keywords
            yield [Splice(0, len(text), written)]

    return Refused(meant, is_listed=True)


def _changed(
    call: ast.Call, changes: Mapping[str, Any], names: Sequence[str]
) -> tuple[list[ast.expr], list[ast.keyword]]:
    """Return the arguments of a call with others instead of some."""
    args = [
        ast.parse(repr(changes[name]), mode="eval").body if _is_changed(changes, name) else arg
        for name, arg in zip(names, call.args, strict=False)
    ]
    placed = names[: len(args)]
    kept = {keyword.arg: keyword for keyword in call.keywords}
    for name, value in changes.items():
        if name not in placed and value is OMITTED:
            kept.pop(name, None)
        elif name not in placed:
            kept[name] = ast.keyword(name, ast.parse(repr(value), mode="eval").body)
    return args, list(kept.values())


def _is_changed(changes: Mapping[str, Any], name: str) -> bool:
    return changes.get(name, OMITTED) is not OMITTED

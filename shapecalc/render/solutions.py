"""The solutions of an output: for people, on lines of fields, and as JSON."""

from __future__ import annotations

import json as standard
import re
from typing import TYPE_CHECKING, Any, Final

from shapecalc.language.literals import data_text
from shapecalc.tracing.rows import joined

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from shapecalc.answers.solve import Solution

#: Up to this many values are all shown.
SHOWN: Final = 10

_BREAK = re.compile(r"(?<= and )|(?<= or )|(?<=,)(?=\S)")


def table(found: Sequence[Solution], *, width: int | None) -> Iterator[str]:
    """Yield each solution on lines of its own, which break at a width; a spec stays whole."""
    for solution in found:
        yield from _broken(solution.where, width, "", "  ")
        if solution.spec:
            yield f"  {solution.spec}\n"
        for text in _values(solution):
            yield from _broken(text, width, "  ", "    ")
        if solution.assumptions:
            yield from _broken(f"assumes {joined(solution.assumptions)}", width, "  ", "    ")


def tsv(found: Sequence[Solution]) -> Iterator[str]:
    """Yield a line for each solution: its condition, its values and its assumptions."""
    for solution in found:
        fields = [solution.where, ";".join(_values(solution))]
        if solution.assumptions:
            fields.append(f"assumes {joined(solution.assumptions)}")
        yield "\t".join(fields) + "\n"


def json(found: Sequence[Solution]) -> str:
    """Return one object, indented."""
    data = {"solutions": [solution.to_dict() for solution in found]}
    return standard.dumps(data, indent=2, ensure_ascii=False) + "\n"


def _values(solution: Solution) -> list[str]:
    """Return the values of each letter; of many the first and the last, with their count."""
    if solution.values is not None:
        return [f"{name}={_listed(numbers)}" for name, numbers in solution.values.items()]
    if solution.examples is None:
        return ["any"]
    return [
        f"{name}={_listed(solution.settled[name])}"
        if name in solution.settled
        else f"{name}={','.join(map(str, numbers))},…"
        for name, numbers in solution.examples.items()
    ]


def _listed(numbers: Sequence[Any]) -> str:
    if len(numbers) > SHOWN:
        return f"{numbers[0]},…,{numbers[-1]} ({len(numbers):,} values)"
    return ",".join(map(data_text, numbers))


def _broken(text: str, width: int | None, first: str, rest: str) -> Iterator[str]:
    """Break a line behind conditions and commas; what is longer than that stays whole."""
    line = first
    for part in _BREAK.split(text):
        if width is not None and line.strip() and len((line + part).rstrip()) > width:
            yield line.rstrip() + "\n"
            line = rest
        line += part
    yield line.rstrip() + "\n"

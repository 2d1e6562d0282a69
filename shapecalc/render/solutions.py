"""The solutions of an output: for people, on lines of fields, and as JSON."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any, Final

from shapecalc.language.literals import data_text
from shapecalc.render.grid import Line, Listed, titled
from shapecalc.render.json import json_text
from shapecalc.tracing.rows import joined

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from shapecalc.answers.solve import Solution
    from shapecalc.render.formats import Page

#: Up to this many values are all shown.
SHOWN: Final = 10

#: What is said of a solution that asks for nothing.
_ANYTHING: Final = {"True": "every input"}


def table(found: Sequence[Solution], page: Page) -> Iterator[str]:
    """Yield a row for each solution: when it holds, the spec, the values of each letter."""
    from shapecalc.render.sheet import drawn

    shown = [
        {
            "when": _ANYTHING.get(each.where, each.where),
            "spec": each.spec or "",
            **_fields(each),
            "assumes": joined(each.assumptions) if each.assumptions else "",
        }
        for each in found
    ]
    names = [name for name in dict.fromkeys(chain(*shown)) if any(row.get(name) for row in shown)]
    columns = [titled(name, heads=name == "when", is_whole=name == "spec") for name in names]
    lines = [Line([[row.get(name, "")] for name in names]) for row in shown]
    yield from drawn(Listed(columns, lines), page)


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
    return json_text(data)


def _values(solution: Solution) -> list[str]:
    """Return the values of each letter, without blanks; of many the first and the last."""
    if solution.values is None and solution.examples is None:
        return ["any"]
    return [f"{name}={text}" for name, text in _fields(solution, ",").items()]


def _fields(solution: Solution, comma: str = ", ") -> dict[str, str]:
    """Return the values of each letter as text."""
    if solution.values is not None:
        return {name: _listed(numbers, comma) for name, numbers in solution.values.items()}
    return {
        name: _listed(solution.settled[name], comma)
        if name in solution.settled
        else comma.join([*map(str, numbers), "…"])
        for name, numbers in (solution.examples or {}).items()
    }


def _listed(numbers: Sequence[Any], comma: str) -> str:
    if len(numbers) > SHOWN:
        return f"{numbers[0]}{comma}…{comma}{numbers[-1]} ({len(numbers):,} values)"
    return comma.join(map(data_text, numbers))

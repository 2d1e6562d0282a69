"""What training would make of data and labels: for people, on lines of fields, and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shapecalc.dims import field_text, shape_text
from shapecalc.render.breaking import aligned
from shapecalc.render.diagnostic import diagnostic
from shapecalc.render.json import json_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from shapecalc.answers.training import End, Fit, Problem

    #: The answers, each with the name of its model where there are several.
    Answers = Sequence[tuple[str | None, Fit]]


def table(found: Answers, *, width: int | None, color: bool) -> Iterator[str]:
    """Yield a line for each input and output, the losses that suit, and what does not fit."""
    for name, fit in found:
        if len(found) > 1 and name is not None:
            yield f"{name}\n"
        yield from aligned(_filled([_cells(end, fit) for end in fit.ends]), width, "")
        for end in fit.ends:
            if end.choices:
                yield from _choices(end, width)
        for problem in fit.problems:
            yield _problem(problem, width=width, color=color)


def _cells(end: End, fit: Fit) -> list[str]:
    given = "" if end.given is None else shape_text(end.given)
    problems = fit.of(end)
    says = "" if end.given is None and not problems else "fits"
    if problems:
        says = "does not fit" if any(each.refused for each in problems) else "fits, but see below"
    loss = end.loss or ""
    return [end.end, end.name, shape_text(end.shape), given, loss, says]


def _filled(rows: Sequence[Sequence[str]]) -> list[Sequence[str]]:
    """Leave out the columns in which nothing stands."""
    columns = [column for column in zip(*rows, strict=True) if any(column)]
    return [*zip(*columns, strict=True)]


def _choices(end: End, width: int | None) -> Iterator[str]:
    yield "\n"
    rows = [["loss", "y", "shape of y"]]
    rows += [
        [each.loss, each.y, "" if each.shape is None else shape_text(each.shape)]
        for each in end.choices
    ]
    yield from aligned(rows, width)


def _problem(problem: Problem, *, width: int | None, color: bool) -> str:
    error = problem.as_error()
    if error.place is None:
        error = error.replaced(message=f"{error.message}  [{problem.rule}]")
    kind = "error" if problem.refused else "warning"
    return "\n" + diagnostic(error, width=width, color=color, kind=kind)


def tsv(found: Answers) -> Iterator[str]:
    """Yield a line for each end, loss that suits, or problem of it.

    The fields: the end, its name, what is given, the shape in the model, the outcome, the rule,
    the message, code to write, a model to write; of a loss that suits the loss, the kind of y and
    its shape stand instead of the last four.
    """
    for _, fit in found:
        for end in fit.ends:
            start = [
                end.end,
                end.name,
                "" if end.given is None else field_text(end.given),
                field_text(end.shape),
            ]
            problems = fit.of(end)
            for each in problems:
                yield "\t".join([*start, *_fields(each)]) + "\n"
            for choice in end.choices:
                shape = "" if choice.shape is None else field_text(choice.shape)
                yield "\t".join([*start, "suits", choice.loss, choice.y, shape]) + "\n"
            if not problems and not end.choices:
                yield "\t".join([*start, "" if end.given is None else "fits"]) + "\n"
        for each in fit.problems:
            if each.end == "model":
                yield "\t".join(["model", each.name, "", "", *_fields(each)]) + "\n"


def _fields(problem: Problem) -> list[str]:
    outcome = "error" if problem.refused else "warning"
    return [outcome, problem.rule, problem.message, "; ".join(problem.lines), problem.spec or ""]


def json(found: Answers) -> str:
    """Return one object; a list of them where there are several models."""
    several: list[dict[str, Any]] = [
        ({"model": name} if len(found) > 1 else {}) | fit.to_dict() for name, fit in found
    ]
    data: Any = several if len(several) > 1 else several[0]
    return json_text(data)

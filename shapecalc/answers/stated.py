"""The training that a program states: likely mistakes in it, and the loss to write instead."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from shapecalc.errors import ShapecalcError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shapecalc.answers.question import Question
    from shapecalc.answers.training import Problem
    from shapecalc.errors import Place
    from shapecalc.importers.python.program import Program
    from shapecalc.network import Network

#: A loss by its name, as an argument of ``compile``.
_LOSS: Final = re.compile(r"""loss\s*=\s*(?:"[^"\n]*"|'[^'\n]*')""")


def of_training(network: Network, question: Question, place: Place | None) -> Iterator[Problem]:
    """Yield likely mistakes in the training that a program states, each with its place.

    Nothing where it says no loss.
    """
    if not network.said.losses or place is None:
        return
    from shapecalc.answers.fit import fit
    from shapecalc.answers.training import Training

    try:
        found = fit(Training(question._replace(source=network)))
    except ShapecalcError:
        return
    for problem in found.problems:
        # A model may give all places of its samples as rows, for labels that are rows as well.
        is_meant = (problem.end, problem.rule) == ("model", "batch")
        if problem.end != "x" and problem.rule != "samples" and not is_meant:
            yield problem._replace(place=problem.place or place)


def with_other_loss(program: Program, question: Question, problem: Problem) -> Iterator[Program]:
    """Yield programs with another loss that have fewer mistakes in their training."""
    from shapecalc.answers.programs import models

    lines = program.text.split("\n")
    place = problem.place
    line = next((n for n, text in enumerate(lines) if place and _is_at(program, n, place)), None)
    old = None if line is None else _LOSS.search(lines[line])
    if line is None or old is None:
        return
    before = _count(models(program, question), question)
    for text in problem.lines:
        if text.startswith('loss="'):
            start, end = old.span()
            changed = [*lines]
            changed[line] = f"{lines[line][:start]}{text}{lines[line][end:]}"
            mended = program.with_text("\n".join(changed))
            if _count(models(mended, question), question) < before:
                yield mended


def _is_at(program: Program, line: int, place: Place) -> bool:
    return program.located(line + 1) == f"{place.path}:{place.line}"


def _count(found: list[tuple[str, Network]], question: Question) -> int:
    return sum(len(list(of_training(each, question, each.said.place))) for _, each in found)

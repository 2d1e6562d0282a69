"""What is wrong in files that hold models: a finding for each fault, and what is not understood."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from shapecalc.answers.lints import LINTS
from shapecalc.errors import Place, ShapecalcError, ShapeError, SpecError, place_in
from shapecalc.importers.python.findings import RULES as FINDINGS
from shapecalc.importers.python.searching import NO_INPUT
from shapecalc.importers.python.trees import tree_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from shapecalc.answers.limits import Limits
    from shapecalc.answers.question import Question
    from shapecalc.importers.python.program import Program
    from shapecalc.network import Network

#: The endings of files that are looked at.
ENDINGS: Final = (".py", ".ipynb", ".shape", ".json", ".keras")
#: What a program that has models names, and what a JSON file that is a model does.
_LIBRARIES: Final = re.compile(r"\b(?:torch|keras|tensorflow|tf_keras)\b")
#: An import of one of them.
_IMPORTS: Final = re.compile(rf"(?m)^\s*(?:from|import)\s.*{_LIBRARIES.pattern}")
_MODEL: Final = re.compile(rb'"class_name"|"modelTopology"')
#: What source that makes models calls, or is a class of.
_MODEL_NAMES: Final = re.compile(r"(?:^|\.)(?:Module|Model|Sequential|Layer|LightningModule)$")
#: The kinds of findings, each with what it is about.
RULES: Final = {**FINDINGS, **LINTS}
#: How many faults of one file are looked for.
_MOST: Final = 8
_IGNORE: Final = re.compile(r"#\s*shapecalc:\s*ignore(?:\[([\w\s,-]*)\])?")


class Finding(NamedTuple):
    """A fault in a file: lines and columns count from 1."""

    path: str
    line: int
    column: int
    end_line: int
    end_column: int
    rule: str
    message: str
    notes: tuple[str, ...] = ()
    help: str | None = None
    #: The line of the file.
    text: str = ""

    @property
    def error(self) -> ShapecalcError:
        """The finding as an error, which diagnostics can show."""
        place = Place(
            self.path, self.line, self.column - 1, self.end_line, self.end_column - 1, self.text
        )
        return ShapeError(
            self.message, place=place, rule=self.rule, notes=self.notes, help=self.help
        )

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data, as JSON has it."""
        return {**self._asdict(), "notes": list(self.notes)}


class Report(NamedTuple):
    """What is known about a file: how many models it has, what is wrong, what is not understood."""

    path: str
    models: int = 0
    findings: tuple[Finding, ...] = ()
    #: Why no model of it was understood; None where one was, or where there is none.
    unclear: str | None = None
    #: What it is understood with, where nothing else hinders: an input, or arguments.
    needs: str | None = None

    @property
    def note(self) -> str:
        """Why no model of it was understood, after what kind of reason that is."""
        kind = "not understood" if self.needs is None else f"needs {self.needs}"
        return f"{kind}: {self.unclear}"


def check_file(path: str, *, repair: bool = True, limits: Limits | None = None) -> Report:
    """Look at a file; what is wrong with it is in the report, and nothing is raised."""
    try:
        if path.endswith((".py", ".ipynb")):
            return _check_program(path, repair=repair, limits=limits)
        return _check_model(path, repair=repair, limits=limits)
    except RecursionError:
        return Report(path, 1, unclear="it nests too deeply")
    except MemoryError:
        return Report(path, 1, unclear="there is not enough memory for it")
    except Exception as error:  # noqa: BLE001  (one file must not end the look at the others)
        return Report(path, 1, unclear=f"internal error: {type(error).__name__}: {error}")


# Source code.


def _check_program(path: str, *, repair: bool, limits: Limits | None) -> Report:
    from shapecalc.importers.load import load_program

    try:
        program = load_program(path)
    except SpecError as error:
        return _unread(path, error)
    if program is None or not _LIBRARIES.search(program.text):
        return Report(path)
    try:
        models, findings = _models(program, repair=repair, limits=limits)
    except ShapeError as error:
        if not _IMPORTS.search(program.text) and not _has_models(program.text):
            return Report(path)
        if error.place is None:
            return Report(path, 1, unclear=error.message)
        errors = _all_errors(program, error, repair=repair)
        found = tuple(_finding(each, each.place) for each in errors if each.place is not None)
        return _silenced(Report(path, len(found), found), program)
    except SpecError as error:
        if not _has_models(program.text):
            return Report(path)
        return Report(path, 1, unclear=_unclear(error), needs=_needed(error))
    return _silenced(Report(path, models, findings), program) if models else Report(path)


def _all_errors(program: Program, first: ShapeError, *, repair: bool) -> list[ShapeError]:
    """Return what is wrong with a program, of which each model is looked at by itself.

    The statement that fails is passed over, and what comes after it is followed. A repair of one
    fault is sought where the statements of all others are left out.
    """
    from shapecalc.answers.programs import models
    from shapecalc.answers.question import Question

    places = [] if program.failed is None else [program.failed]
    while len(places) < _MOST:
        asked = program.without_statements(places)
        try:
            asked.networks({}, {})
        except ShapeError:
            if asked.failed is None or asked.failed in places:
                break
            places.append(asked.failed)
        except SpecError:
            break
        else:
            break
    if len(places) < 2:  # noqa: PLR2004  (it is the first one alone)
        return [first]
    errors: dict[tuple[Place | None, str | None], ShapeError] = {}
    for place in places:
        others = program.without_statements(each for each in places if each != place)
        try:
            models(others, Question(repair=repair))
        except ShapeError as error:
            errors.setdefault((error.place, error.rule), error)
        except SpecError:
            continue
    return list(errors.values()) or [first]


def _unclear(error: SpecError) -> str:
    """Say in a line why no model is understood."""
    if error.place is not None:
        return f"line {error.place.line}: {error.message}"
    if error.rule == NO_INPUT:
        return f"{error.message}; {error.help}"
    if error.notes:
        return error.notes[0]
    reason = "no model is made or called with known shapes"
    call = _call_to_write(error)
    return f"{reason}; nothing calls {call}" if call else reason


def _needed(error: SpecError) -> str | None:
    """Say what a program needs to be understood; None where something else hinders."""
    if error.place is not None:
        return None
    if error.rule == NO_INPUT:
        return "an input"
    return "arguments" if not error.notes and _call_to_write(error) else None


def _call_to_write(error: SpecError) -> str | None:
    """Return the call that a refusal asks for, with the names of its arguments."""
    return error.help.rpartition(":")[2] if error.help and "arguments:" in error.help else None


def _models(
    program: Program, *, repair: bool, limits: Limits | None
) -> tuple[int, tuple[Finding, ...]]:
    """Count the models of a program, all of which fit, with likely mistakes in their losses.

    Raises `ShapecalcError` where one does not fit.
    """
    from shapecalc.answers.limits import Limits, check_limits
    from shapecalc.answers.programs import models
    from shapecalc.answers.question import Question

    question = Question(repair=repair)
    found = models(program, question)
    findings: list[Finding] = []
    for _, network in found:
        trace = question.walk(network)
        findings += _of_training(network, question, network.said.place)
        try:
            check_limits(trace, limits or Limits())
        except ShapeError as error:
            # It is about the whole model, which has no line of its own.
            first = program.text.partition("\n")[0]
            raise error.replaced(place=Place(program.path, 1, 0, 1, len(first), first)) from None
    return len(found), tuple(findings)


def _of_training(network: Network, question: Question, place: Place | None) -> Iterator[Finding]:
    """Yield a finding for each likely mistake in the training that a source states."""
    from shapecalc.answers.stated import of_training

    for problem in of_training(network, question, place):
        if problem.place is not None:
            yield _finding(problem.as_error(), problem.place)


def _has_models(text: str) -> bool:
    """Return whether source has classes of models, or makes containers of layers."""
    try:
        tree = tree_of(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return True
    for node in ast.walk(tree):
        named: list[ast.expr] = []
        if isinstance(node, ast.ClassDef):
            named = node.bases
        elif isinstance(node, ast.Call):
            named = [node.func]
        if any(_MODEL_NAMES.search(_dotted(each)) for each in named):
            return True
    return False


def _dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def _finding(error: ShapecalcError, place: Place) -> Finding:
    return Finding(
        place.path,
        place.line,
        place.column + 1,
        place.end_line,
        place.end_column + 1,
        error.rule or _rule_of(error),
        error.message,
        tuple(error.notes),
        error.help,
        place.text,
    )


def _rule_of(error: ShapecalcError) -> str:
    if isinstance(error, SpecError) and not isinstance(error, ShapeError):
        return "spec"
    from shapecalc.importers.python.layers import rule_of

    return rule_of(error)


def _silenced(report: Report, program: Program) -> Report:
    """Leave out what a comment silences; a comment that silences nothing is a finding."""
    if "shapecalc:" not in program.text:
        return report
    left: list[Finding] = list(report.findings)
    for line, column, text, rules in _comments(program.text):
        silent = [
            each
            for each in left
            if program.located(line) in _lines(each) and (rules is None or each.rule in rules)
        ]
        left = [each for each in left if each not in silent]
        if not silent:
            shown = text[column:].rstrip()
            message = f"{shown} silences nothing"
            path, _, number = program.located(line).rpartition(":")
            shown_line = int(number)
            place = Place(path, shown_line, column, shown_line, len(text.rstrip()), text)
            left.append(_finding(ShapeError(message, rule="unused-ignore"), place))
    return report._replace(findings=tuple(sorted(left, key=lambda each: each[:3])))


def _lines(finding: Finding) -> set[str]:
    """Return the lines on which a comment silences a finding, with their path."""
    return {f"{finding.path}:{line}" for line in range(finding.line, finding.end_line + 1)}


def _comments(text: str) -> Iterator[tuple[int, int, str, frozenset[str] | None]]:
    """Yield the comments that silence: line, column, the line itself, and the rules.

    None for all.
    """
    lines = text.split("\n")
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            match = _IGNORE.search(token.string) if token.type == tokenize.COMMENT else None
            if match is not None:
                line, column = token.start
                names = match[1]
                rules = None if names is None else frozenset(names.replace(",", " ").split())
                yield line, column + match.start(), lines[line - 1], rules
    except (tokenize.TokenError, SyntaxError):
        return


# Specs and model files.


def _check_model(path: str, *, repair: bool, limits: Limits | None) -> Report:
    from shapecalc.answers.limits import Limits
    from shapecalc.answers.question import Question
    from shapecalc.answers.trace import trace
    from shapecalc.importers.load import load

    try:
        if path.endswith(".json") and not _is_model(path):
            return Report(path)
        network = load(path)
        question = Question(network, repair=repair, limits=limits or Limits())
        trace(question)
        # What it was compiled with has no line of its own.
        findings = tuple(_of_training(network, question, Place(path, 1, 0, 1, 0, "")))
    except ShapeError as error:
        return Report(path, 1, (_finding(error, _spec_place(path, error)),))
    except SpecError as error:
        if error.span is not None and error.source is not None:
            found = [_finding(each, _spec_place(path, each)) for each in error.errors]
            return Report(path, 1, tuple(found))
        return _unread(path, error)
    return Report(path, 1, findings)


def _unread(path: str, error: SpecError) -> Report:
    """Return the report on a file that cannot be read, which need not name it once more."""
    return Report(path, 1, unclear=error.message.removeprefix(f"{path}: "))


def _is_model(path: str) -> bool:
    """Return whether a JSON file has what a model has; raises `SpecError` where it is not read."""
    from shapecalc.language.files import read_file

    content = read_file(path)
    return isinstance(content, bytes) and _MODEL.search(content) is not None


def _spec_place(path: str, error: ShapecalcError) -> Place:
    """Return the place of an error of a spec in its file."""
    if error.span is None or error.source is None:
        return Place(path, 1, 0, 1, 0, "")
    return place_in(path, error.source, *error.span)


def summary(reports: Sequence[Report]) -> str:
    """Say in a line how many models there are, and how many do not fit."""
    shown = [report for report in reports if report.models or report.unclear]
    models = sum(report.models for report in shown)
    if not shown:
        files = len(reports)
        return f"no models in {files:,} file{'s' * (files != 1)}"
    faults = [sum(f.rule != "unused-ignore" for f in report.findings) for report in shown]
    # A model may have several faults.
    bad = sum(min(report.models, count) for report, count in zip(shown, faults, strict=True))
    unclear = sum(report.unclear is not None and report.needs is None for report in shown)
    waiting = sum(report.needs is not None for report in shown)
    parts = []
    if bad:
        parts.append(f"{bad:,} do{'es' * (bad == 1)} not fit")
    if unclear:
        parts.append(f"{unclear:,} not understood")
    if waiting:
        parts.append(f"{waiting:,} need{'s' * (waiting == 1)} an input or arguments")
    unused = sum(f.rule == "unused-ignore" for report in shown for f in report.findings)
    if unused:
        parts.append(
            f"{unused:,} comment{'s' * (unused != 1)} that silence{'s' * (unused == 1)} nothing"
        )
    count = f"{models:,} model{'s' * (models != 1)} in {len(shown):,} file{'s' * (len(shown) != 1)}"
    said = ", ".join(parts) or ("it fits" if models == 1 else "all fit")
    return f"{count}: {said}"

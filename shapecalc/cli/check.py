"""The command ``shapecalc check``: all models below paths, and what is wrong with them."""

from __future__ import annotations

import os
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from shapecalc.cli import options as option
from shapecalc.cli.files import over_files
from shapecalc.cli.streams import Streams, is_terminal, terminal_width
from shapecalc.errors import ExitCode, SpecError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from shapecalc.answers.check import Finding, Report
    from shapecalc.answers.limits import Limits

_EPILOG = """\b
Examples:
  shapecalc check .
  shapecalc check src/model.py -f concise
  shapecalc check . --baseline shapecalc.baseline --write-baseline
"""


@option.command(_EPILOG)
@click.argument("path", nargs=-1)
@option.form("full", "concise", "json", "github", "sarif", default="full", more="--output-format")
@click.option("--rules", is_flag=True, help="List the kinds of findings.")
@click.option("--baseline", metavar="FILE", help="Leave out the findings that this file lists.")
@click.option("--write-baseline", is_flag=True, help="Write the findings to the baseline.")
@option.jobs_of_files
@option.dtype
@option.training
@option.limits
@option.color
def command(
    path: tuple[str, ...],
    form: str,
    *,
    rules: bool,
    baseline: str | None,
    write_baseline: bool,
    jobs: int | None,
    color: str,
    **most: Any,  # noqa: ANN401
) -> None:
    """Check the models in files: Python source, notebooks, specs and Keras models.

    In folders, the files that git knows are checked. Nothing is run. A comment "# shapecalc:
    ignore[features]" silences a line. Exits 1 if something does not fit.
    """
    context = click.get_current_context()
    streams = context.obj or Streams()
    streams.color = color
    if rules:
        streams.write(_rules())
        context.exit(ExitCode.OK)
    if write_baseline and baseline is None:
        raise SpecError("--write-baseline needs --baseline FILE")
    from shapecalc.answers.files import files_below

    files = files_below(path or (".",))
    from shapecalc.cli.questions import limits

    work = partial(_work, repair=form in {"full", "json"}, limits=limits(most))
    reports = over_files(files, work, _fits, streams, jobs)
    if write_baseline:
        _write_baseline(str(baseline), reports)
        reports = [report._replace(findings=()) for report in reports]
    elif baseline is not None:
        reports = _without_known(reports, _read_baseline(baseline))
    _show(reports, form, streams)
    found = any(report.findings for report in reports)
    context.exit(ExitCode.UNFIT if found else ExitCode.OK)


def _show(reports: Sequence[Report], form: str, streams: Streams) -> None:
    from shapecalc.render.findings import FORMATS

    width = terminal_width() if is_terminal(streams.out) else None
    streams.write(FORMATS[form](reports, color=streams.colored(streams.out), width=width))


def _rules() -> Iterator[str]:
    from shapecalc.answers.check import RULES

    width = max(map(len, RULES))
    for name, about in RULES.items():
        yield f"{name.ljust(width)}  {about}\n"


def _work(files: Sequence[str], *, repair: bool, limits: Limits) -> list[Report]:
    from shapecalc.answers.check import check_file

    return [check_file(path, repair=repair, limits=limits) for path in files]


def _fits(report: Report) -> bool | None:
    return False if report.findings else True if report.models else None


def _known(finding: Finding) -> tuple[str, str, str]:
    """Return what a finding is known by when lines have moved."""
    return finding.path.replace(os.sep, "/"), finding.rule, finding.text.strip()


def _write_baseline(path: str, reports: Sequence[Report]) -> None:
    from shapecalc.cli.writing import write_whole
    from shapecalc.render.json import json_text

    found = [_known(each) for report in reports for each in report.findings]
    data = [{"path": a, "rule": b, "text": c} for a, b, c in sorted(found)]
    write_whole(path, json_text({"version": 1, "findings": data}).encode())


def _read_baseline(path: str) -> Counter[tuple[str, str, str]]:
    """Count the findings that a baseline lists; raises `SpecError` where it is none."""
    import json

    from shapecalc.language.files import read_file

    content = read_file(path)
    try:
        data = json.loads(content) if isinstance(content, bytes) else None
        found = [(each["path"], each["rule"], each["text"]) for each in data["findings"]]  # type: ignore[index]
        return Counter(found)
    except (ValueError, TypeError, KeyError, RecursionError):
        raise SpecError(
            f"{path} is not a baseline", help=f"shapecalc check --baseline {path} --write-baseline"
        ) from None


def _without_known(reports: Sequence[Report], known: Counter[tuple[str, str, str]]) -> list[Report]:
    """Leave out findings that a baseline lists, each as often as it does."""
    found = []
    for report in reports:
        left = []
        for finding in report.findings:
            key = _known(finding)
            if known[key]:
                known[key] -= 1
            else:
                left.append(finding)
        found.append(report._replace(findings=tuple(left)))
    return found

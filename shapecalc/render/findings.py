"""Findings as pages: for people, for other programs, for GitHub, as SARIF."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from shapecalc import __version__
from shapecalc.answers.check import RULES, summary
from shapecalc.render.breaking import broken
from shapecalc.render.diagnostic import diagnostic, headline, visible
from shapecalc.render.json import json_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from shapecalc.answers.check import Finding, Report

_SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"


def full(reports: Sequence[Report], *, color: bool, width: int | None) -> Iterator[str]:
    """Yield each finding with its line of code, then the files not understood, and a summary."""
    for report in reports:
        for finding in report.findings:
            yield diagnostic(finding.error, width=width, color=color) + "\n"
    yield from _ending(reports, width)


def concise(reports: Sequence[Report], *, color: bool, width: int | None) -> Iterator[str]:  # noqa: ARG001
    """Yield a line for each finding, then the files that are not understood, and a summary."""
    for report in reports:
        for finding in report.findings:
            yield headline(finding.error, color=color) + "\n"
    yield from _ending(reports, None)


def _ending(reports: Sequence[Report], width: int | None) -> Iterator[str]:
    notes = [
        f"{visible(report.path)}: note: {visible(report.note)}"
        for report in reports
        if report.unclear is not None
    ]
    for each in (*notes, summary(reports)):
        yield from (line + "\n" for line in broken("", each, width))


def as_json(reports: Sequence[Report], *, color: bool, width: int | None) -> Iterator[str]:  # noqa: ARG001
    """Yield one object: the findings, the files that are not understood, and counts."""
    data = {
        "version": 1,
        "findings": [each.to_dict() for report in reports for each in report.findings],
        "not_understood": [
            {"path": report.path, "reason": report.unclear}
            for report in reports
            if report.unclear is not None
        ],
        "models": sum(report.models for report in reports),
        "files": sum(bool(report.models) for report in reports),
    }
    yield json_text(data)


def github(reports: Sequence[Report], *, color: bool, width: int | None) -> Iterator[str]:  # noqa: ARG001
    """Yield the commands by which GitHub shows findings, and files that are not understood."""
    for report in reports:
        for finding in report.findings:
            place = {
                "title": f"shapecalc ({finding.rule})",
                "file": finding.path,
                "line": finding.line,
                "col": finding.column,
                "endLine": finding.end_line,
                "endColumn": finding.end_column,
            }
            said = ",".join(f"{key}={_property(str(value))}" for key, value in place.items())
            text = [finding.message, *finding.notes]
            text += [f"help: {finding.help}"] if finding.help else []
            yield f"::error {said}::{_data(chr(10).join(text))}\n"
        if report.unclear is not None:
            where = f"title=shapecalc,file={_property(report.path)}"
            yield f"::notice {where}::{_data(report.note)}\n"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def sarif(reports: Sequence[Report], *, color: bool, width: int | None) -> Iterator[str]:  # noqa: ARG001
    """Yield a log of SARIF 2.1.0, with a notification for each file that is not understood."""
    rules = [{"id": name, "shortDescription": {"text": text}} for name, text in RULES.items()]
    results = [_result(each) for report in reports for each in report.findings]
    tool = {"driver": {"name": "shapecalc", "version": __version__, "rules": rules}}
    run: dict[str, Any] = {"tool": tool, "results": results}
    notes = [_notification(each) for each in reports if each.unclear is not None]
    if notes:
        run["invocations"] = [{"executionSuccessful": True, "toolExecutionNotifications": notes}]
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    yield json_text(log)


def _notification(report: Report) -> dict[str, Any]:
    place = {"physicalLocation": {"artifactLocation": {"uri": _uri(report.path)}}}
    return {
        "level": "note",
        "message": {"text": report.note},
        "locations": [place],
    }


def _uri(path: str) -> str:
    from urllib.parse import quote

    return quote(path.replace("\\", "/"))


def _result(finding: Finding) -> dict[str, Any]:
    text = [finding.message, *finding.notes, *([finding.help] if finding.help else [])]
    region = {
        "startLine": finding.line,
        "startColumn": finding.column,
        "endLine": finding.end_line,
        "endColumn": max(finding.end_column, 1),
    }
    place = {"artifactLocation": {"uri": _uri(finding.path)}, "region": region}
    return {
        "ruleId": finding.rule,
        "level": "error",
        "message": {"text": "\n".join(text)},
        "locations": [{"physicalLocation": place}],
    }


#: The formats by name.
FORMATS: Final[dict[str, Callable[..., Iterator[str]]]] = {
    "full": full,
    "concise": concise,
    "json": as_json,
    "github": github,
    "sarif": sarif,
}

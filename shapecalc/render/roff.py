"""The man page, written from the commands themselves."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from shapecalc.render.columns import COLUMNS
from shapecalc.render.formats import FORMATS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    import click

_EXIT_CODES: Final = (
    ("0", "All shapes fit."),
    ("1", "They do not fit, an expectation or a fact failed, or the output could not be written."),
    ("2", "The spec, an option or a file cannot be read."),
    ("130", "Stopped by Ctrl-C."),
)

_ENVIRONMENT: Final = (
    ("NO_COLOR", "No colors, unless --color says otherwise."),
    ("FORCE_COLOR, CLICOLOR_FORCE", "Colors on pipes too."),
    ("COLUMNS", "The width of the terminal."),
    ("PAGER", "The pager for pages longer than the terminal; cat for none."),
)


def man_page(version: str, main: click.Command, commands: Mapping[str, click.Command]) -> str:
    """Write the page for the main command and those beside it."""
    return "".join(f"{line}\n" for line in _lines(version, main, commands))


def _lines(
    version: str, main: click.Command, commands: Mapping[str, click.Command]
) -> Iterator[str]:
    yield f'.TH SHAPECALC 1 "" "shapecalc {escaped(version)}" "User Commands"'
    yield ".SH NAME"
    yield "shapecalc \\- say what shape comes out of each layer of a stack"
    yield ".SH SYNOPSIS"
    yield from _synopsis("shapecalc", main)
    for name, command in commands.items():
        yield ".br"
        yield from _synopsis(f"shapecalc {name}", command)
    yield ".SH DESCRIPTION"
    yield from _paragraphs(main.help or "")
    yield ".SH OPTIONS"
    yield from _options(main)
    yield ".SH COMMANDS"
    for name, command in commands.items():
        yield f".SS {escaped(name)}"
        yield from _paragraphs(command.help or "")
        yield from _options(command)
    yield ".SH FORMATS"
    yield from _terms((each.name, each.sentence) for each in FORMATS.values())
    yield ".SH COLUMNS"
    yield from _terms((each.name, each.sentence) for each in COLUMNS.values())
    yield ".SH EXAMPLES"
    for command in (main, *commands.values()):
        yield from _examples(command.epilog or "")
    yield ".SH EXIT STATUS"
    yield from _terms(_EXIT_CODES)
    yield ".SH ENVIRONMENT"
    yield from _terms(_ENVIRONMENT)


def escaped(text: str) -> str:
    """Return a text escaped for roff."""
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("…", "...")
    return f"\\&{text}" if text.startswith((".", "'")) else text


def _synopsis(name: str, command: click.Command) -> Iterator[str]:
    kinds = [parameter.param_type_name for parameter in command.params if not _is_hidden(parameter)]
    words = [_argument(each) for each in command.params if each.param_type_name == "argument"]
    if "option" in kinds:
        words.append("[OPTIONS]")
    yield f".B {escaped(name)}"
    if words:
        yield f".I {escaped(' '.join(words))}"


def _argument(parameter: click.Parameter) -> str:
    """Return an argument as usage says it: ``A``, ``[SHELL]``, ``[SPEC]...``."""
    if parameter.metavar:
        return parameter.metavar
    name = (parameter.name or "").upper()
    return (name if parameter.required else f"[{name}]") + "..." * (parameter.nargs < 0)


def _is_hidden(parameter: click.Parameter) -> bool:
    return bool(getattr(parameter, "hidden", False))


def _paragraphs(text: str) -> Iterator[str]:
    for part in re.split(r"\n\s*\n", text.strip().replace("\b", "")):
        yield ".PP"
        yield escaped(" ".join(part.split()))


def _options(command: click.Command) -> Iterator[str]:
    for parameter in command.params:
        if parameter.param_type_name != "option" or _is_hidden(parameter):
            continue
        names = ", ".join([*parameter.opts, *parameter.secondary_opts])
        value = "" if getattr(parameter, "is_flag", False) else f" {_metavar(parameter)}"
        yield ".TP"
        yield f".B {escaped(names + value)}"
        yield escaped(" ".join((getattr(parameter, "help", "") or "").split()))
    yield ".TP"
    yield f".B {escaped('-h, --help')}"
    yield "Show the help."


def _metavar(parameter: click.Parameter) -> str:
    choices = getattr(parameter.type, "choices", None)
    if choices:
        return "|".join(choices)
    return str(parameter.metavar or (parameter.name or "").upper())


def _examples(epilog: str) -> Iterator[str]:
    lines = [line.strip() for line in epilog.splitlines()]
    shown = [line for line in lines if line.startswith(("shapecalc", "eval"))]
    if shown:
        yield ".PP"
        yield ".nf"
        yield from map(escaped, shown)
        yield ".fi"


def _terms(terms: Iterable[tuple[str, str]]) -> Iterator[str]:
    for term, text in terms:
        yield ".TP"
        yield f".B {escaped(term)}"
        yield escaped(text)

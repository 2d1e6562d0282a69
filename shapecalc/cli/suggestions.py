"""What can follow on a command line: commands, options, and the parts of a spec."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import click

from shapecalc import dialects
from shapecalc.cli.main import COMMANDS, loaded
from shapecalc.cli.main import command as main_command
from shapecalc.cli.options import Listed, LossName

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from shapecalc.layers.dialect import Dialect
    from shapecalc.layers.layer import Layer

#: Words with which a step begins that is not a layer; the first stands only at the very beginning.
HEADING: Final = "dialect:"
RESERVED: Final = ("in:", "is:", "use:@")
REPEAT: Final = "2x-"
#: The commands that read nothing but files, and those that read none.
OF_FILES: Final = ("annotate", "batch", "check")
WITHOUT_FILES: Final = ("completion", "help", "layers", "man", "schema")
#: The options that name letters.
OF_LETTERS: Final = ("values", "at", "where")
#: The step that is being written: what stands after the last separator outside of it.
_STEP: Final = re.compile(r"[^,|(\n]*$")
_LABEL: Final = re.compile(r"@([a-z][A-Za-z0-9_]*)")
_SAID: Final = re.compile(r"(?:--dialect=|dialect:)([a-z0-9]+)")
_PREFIX: Final = re.compile(r"(?:(?:td|bi|\d+x)-)*", re.IGNORECASE)


def complete(line: str) -> list[str]:
    """Return the words that the last word of a line can become."""
    words, closed = split(line)
    word = words[-1]
    command = _command(words)
    first = len(words) == 2  # noqa: PLR2004  (the command itself, and the word)
    if closed:
        return []
    option, equals, value = word.partition("=")
    if equals and (named := _option(command, option)) is not None:
        return [f"{option}={each}" for each in _values_of(named, value, words[:-1])]
    if word.startswith("-"):
        return _fitting(word, _options(command))
    behind = None if first else _option(command, words[-2])
    if behind is not None:
        return _values_of(behind, word, words[:-1])
    name = command.name if command is not main_command else None
    dialect = _dialect(words)
    if name == "layers":
        return _fitting(word, [*_names(dialect), *dialect.catalogue.families])
    if name == "help":
        return _fitting(word, COMMANDS)
    if name in {"completion", "schema", "man", *OF_FILES}:
        return _fitting(word, _argument_choices(command))
    found = _in_spec(word, dialect)
    return sorted(_fitting(word, COMMANDS)) + found if first else found


def takes_files(line: str) -> bool:
    """Return whether the last word of a line can be a file."""
    words, closed = split(line)
    command = _command(words)
    if closed or words[-1].startswith("-") or (command.name in WITHOUT_FILES):
        return False
    option = _option(command, words[-2]) if len(words) > 1 else None
    return option is None or option.metavar == "FILE"


def split(line: str) -> tuple[list[str], bool]:
    """Return the words of a line as shells see them, and whether the last is a closed quote."""
    words, word, quote = [], "", ""
    closed = False
    for mark in line:
        closed = mark == quote != ""
        if quote:
            word, quote = (word, "") if mark == quote else (word + mark, quote)
        elif mark in "'\"":
            quote = mark
        elif mark in " \t":
            words += [word] if word else []
            word = ""
        else:
            word += mark
    return [*words, word], closed


def last_word(line: str) -> str:
    """Return the word that is being written."""
    return split(line)[0][-1]


def _fitting(word: str, candidates: Iterable[str]) -> list[str]:
    return [each for each in dict.fromkeys(candidates) if each.startswith(word)]


def _command(words: list[str]) -> click.Command:
    """Return the command that the line is for."""
    if len(words) > 2 and words[1] in COMMANDS:  # noqa: PLR2004  (a word after it)
        found = loaded(words[1])
        found.name = words[1]
        return found
    return main_command


def _options(command: click.Command) -> Iterator[str]:
    for parameter in command.params:
        if not getattr(parameter, "hidden", False) and parameter.param_type_name == "option":
            yield from (each for each in parameter.opts + parameter.secondary_opts if "--" in each)
    yield "--help"


def _option(command: click.Command, name: str) -> click.Option | None:
    """Return the option of a name that a value stands behind; None where there is none."""
    for parameter in command.params:
        if isinstance(parameter, click.Option) and name in parameter.opts:
            return None if parameter.is_flag else parameter
    return None


def _values_of(option: click.Option, word: str, words: list[str]) -> list[str]:
    """Return the values that the word can become; of a list only its last one is completed."""
    kind = option.type
    if option.name in OF_LETTERS:
        before, comma, last = word.rpartition(",")
        named = [f"{each}=" if option.name != "where" else each for each in _letters(words)]
        return [before + comma + each for each in _fitting(last, named)]
    if isinstance(kind, LossName):
        return _fitting(word, kind.names)
    if not isinstance(kind, Listed):
        return _fitting(word, getattr(kind, "choices", ()))
    before, comma, last = word.rpartition(",")
    rest = [name for name in kind.names if name not in before.split(",")]
    return [before + comma + name for name in _fitting(last, rest)]


def _letters(words: list[str]) -> list[str]:
    """Return the letters of the specs and files on a line, as the table prints them."""
    from shapecalc.answers.question import ask
    from shapecalc.answers.trace import traced
    from shapecalc.cli.sources import spec_text
    from shapecalc.errors import ShapecalcError
    from shapecalc.language.inputs import letters_in_order

    command = _command([*words, ""])
    given = words[2:] if command is not main_command else words[1:]
    specs = [
        word
        for before, word in pairwise(["", *given])
        if not word.startswith("-") and _option(command, before) is None and word != "-"
    ]
    dialect = _dialect(words)
    try:
        trace = traced(ask(spec_text(specs, dialect), dialect=dialect)) if specs else None
    except ShapecalcError:
        return []
    return letters_in_order(shape for _, shape in trace.inputs) if trace else []


def _argument_choices(command: click.Command) -> tuple[str, ...]:
    for parameter in command.params:
        if parameter.param_type_name == "argument":
            return tuple(getattr(parameter.type, "choices", ()))
    return ()


def _dialect(words: list[str]) -> Dialect:
    """Return the dialect that a spec or an option on the line says, else the default one."""
    said = [match[1] for word in words if (match := _SAID.match(word))]
    said += [word for option, word in pairwise(words) if option in {"-d", "--dialect"}]
    name = next((name for name in said if name in dialects.PLACES), dialects.DEFAULT)
    return dialects.find(name)


def _names(dialect: Dialect) -> list[str]:
    catalogue = dialect.catalogue
    entries = [*catalogue.index.values(), *catalogue.plugins.names.values()]
    return sorted({entry.name for entry in entries})


def _in_spec(word: str, dialect: Dialect) -> list[str]:
    """Return the specs that a spec can become: the step at its end, completed."""
    match = _STEP.search(word)
    before, step = (word[: match.start()], match[0]) if match else ("", word)
    found = _steps(step, _LABEL.findall(before), dialect)
    if not before:
        found += _fitting(step, (f"{HEADING}{name}" for name in dialects.PLACES)) if step else []
    return [before + each for each in found]


def _steps(step: str, labels: list[str], dialect: Dialect) -> list[str]:
    name, colon, rest = step.partition(":")
    if not colon:
        return _beginnings(name, labels, dialect)
    done, _, last = rest.rpartition(":")
    start = f"{name}:{done}:" if done else f"{name}:"
    prefix = (_PREFIX.match(name) or [""])[0]
    if name.lower() == "use" or last.startswith("@"):
        return [start + each for each in _fitting(last, (f"@{label}" for label in labels))]
    layer = _layer(name[len(prefix) :], dialect)
    if layer is None:
        return []
    key, equals, value = last.partition("=")
    if equals:
        return [
            f"{start}{key}={each}" for each in _fitting(value, _values(layer, key, labels, dialect))
        ]
    given = set(rest.split(":"))
    found = [each for each in _arguments(layer) if each not in given]
    return [start + each for each in _fitting(last, sorted(found))]


def _beginnings(name: str, labels: list[str], dialect: Dialect) -> list[str]:
    """Return the words with which a step can begin: labels, layer names, prefixes."""
    prefix = (_PREFIX.match(name) or [""])[0]
    rest = name[len(prefix) :]
    if name.startswith("@"):
        return _fitting(name, (f"@{label}" for label in labels))
    prefixes = [*(f"{each}-" for each in dialect.prefixes), REPEAT]
    candidates = [*_names(dialect), *prefixes, *(() if prefix else RESERVED)]
    return [prefix + each for each in _fitting(rest, candidates)] if rest or prefix else []


def _layer(name: str, dialect: Dialect) -> type[Layer] | None:
    entry = dialect.catalogue.find(name)
    return None if entry is None else dialect.catalogue.load(entry)


def _arguments(layer: type[Layer]) -> Iterator[str]:
    """Yield the flags and the keys that a layer takes."""
    from shapecalc.layers.parameters import flags, parameters

    yield from flags(layer)
    for name in parameters(layer):
        if name not in {"input_shape", layer.holds}:
            yield f"{name}="
    yield from (f"{name}=" for name in layer.reads)


def _values(layer: type[Layer], key: str, labels: list[str], dialect: Dialect) -> Iterator[str]:
    """Yield the values that a parameter takes, as far as they are words."""
    from shapecalc.language.arguments import parameter_of
    from shapecalc.layers.parameters import flags, parameters

    known = parameters(layer)
    name = parameter_of(layer, key, dialect) or key
    yield from (
        word
        for word, (parameter, value) in flags(layer).items()
        if _says(parameter, name, word, value)
    )
    if name in known and known[name].kind.expects == "True or False":
        yield from ("True", "False")
    if name in layer.reads or key == "kv":
        yield from (f"@{label}" for label in labels)


def _says(parameter: str, name: str, word: str, value: Any) -> bool:  # noqa: ANN401
    return parameter == name and word == value

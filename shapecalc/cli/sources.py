"""What the commands read: texts, files of specs, of models and of code, and standard input."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Final

import click

from shapecalc import dialects
from shapecalc.cli.questions import question
from shapecalc.cli.streams import Streams
from shapecalc.errors import SpecError, suggestions
from shapecalc.language.files import (
    MODEL_ENDINGS,
    SPEC_ENDING,
    SPEC_ENDINGS,
    Content,
    decode,
    is_model,
    is_program,
    program_path,
    read_file,
    read_stream,
)
from shapecalc.language.syntax import RESERVED
from shapecalc.layers.budget import MAX_LAYERS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapecalc.answers.question import Question
    from shapecalc.importers.python.program import Program
    from shapecalc.layers.dialect import Dialect
    from shapecalc.network import Network

#: A model as it was read, and the name of where.
Model = tuple[Content, str]


class Code:
    """A program that is given."""

    def __init__(self, program: Program) -> None:
        self.program = program

    def network(self, asked: Question) -> Network:
        """Return the network of its model; raises `SpecError` where it has several."""
        from shapecalc.answers.programs import models as read
        from shapecalc.importers.load import the_only

        return the_only(read(self.program, asked), self.program.path)


#: What an argument is read to: a text, a model or a program.
Source = str | Model | Code

#: What is a path and cannot be a spec: it has a folder, or an ending that is not a number.
_PATH: Final = re.compile(
    r"(?=[^:,()|@=\"'\n]*(?:[/\\]|[^.]\.[A-Za-z]\w*$))(?!.*//)[^:,()|@=\"'\n]+"
)
#: The name with which a spec begins.
_WORD: Final = r"\s*(?:[A-Za-z0-9]+-)*([A-Za-z_][A-Za-z0-9_]*)(?=\s*[:,(@|]|\s*$)"
#: How the text begins that Python writes of an exception.
_TRACEBACK: Final = "Traceback (most recent call last)"
#: Of so many files beside one that is missing, some may be meant.
MOST_BESIDE: Final = 1000


def models(
    arguments: Sequence[str],
    asked: Question,
    *,
    custom_classes: Sequence[str] = (),
    expand: bool = False,
    leaves_data: bool = False,
) -> list[tuple[str | None, Network]]:
    """Read what is given to networks: a program may have several, each with its name.

    With ``leaves_data`` its models are not called on the data that they are trained on.
    """
    given = read_sources(arguments)
    refuse_needless(given, custom_classes, expand=expand)
    if len(given) == 1 and isinstance(given[0], Code):
        from shapecalc.answers.programs import models as read

        program = given[0].program
        program = program.laid_open() if expand else program
        return [*read(program.without_data() if leaves_data else program, asked)]
    network = network_of(given, asked, custom_classes, expand=expand)
    return [(None, network)]


def read_network(
    arguments: Sequence[str],
    dialect: Dialect | None,
    *,
    max_layers: int = MAX_LAYERS,
    custom_classes: Sequence[str] = (),
    expand: bool | None = False,
    asked: Question | None = None,
) -> Network:
    """Read what is given: texts, files of specs, of models, of code, and - for standard input.

    ``asked`` is what else is said, for which a program is read. Where ``expand`` is None, models
    within models are laid open if there can be some.
    """
    given = read_sources(arguments)
    refuse_needless(given, custom_classes, expand=expand is True)
    asked = asked or question("", {"dialect": dialect, "max_layers": max_layers})
    return network_of(given, asked, custom_classes, expand=expand is not False)


def network_of(
    given: Sequence[Source], asked: Question, custom_classes: Sequence[str], *, expand: bool
) -> Network:
    """Return the network of what was read, whatever kind of source it is."""
    dialect, max_layers = asked.dialect, asked.max_layers
    if len(given) == 1 and isinstance(given[0], Code):
        code = given[0]
        return (Code(code.program.laid_open()) if expand else code).network(asked)
    if len(given) == 1 and isinstance(given[0], tuple):
        from shapecalc.importers.keras.files import read_model

        content, name = given[0]
        return read_model(
            content,
            dialect=dialect,
            custom_classes=_custom_classes(custom_classes),
            expand=expand,
            max_layers=max_layers,
            name=name,
        )
    from shapecalc.importers.load import read

    try:
        return read(_joined(given, asked), dialect=dialect, max_layers=max_layers)
    except SpecError as error:
        if not asked.repair:
            raise
        from shapecalc.answers.unread import with_repair

        raise with_repair(error, asked) from None


def refuse_needless(
    given: Sequence[Source], custom_classes: Sequence[str], *, expand: bool
) -> None:
    """Refuse options that do not apply to what is given; raises `SpecError`."""
    if expand and all(isinstance(each, str) for each in given):
        raise SpecError("--expand is for models within models, and a spec has none")
    if custom_classes and not any(isinstance(each, tuple) for each in given):
        if any(isinstance(each, Code) for each in given):
            why = "source code has the class itself"
            hint = "name what is not known in a comment: width = f()  # shapecalc: width=64"
        else:
            why, hint = "a spec has no classes of its own", "shapecalc layers lists all layers"
        raise SpecError(f"--custom is for files of models: {why}", help=hint)


def spec_text(arguments: Sequence[str], dialect: Dialect | None, inputs: Sequence[str] = ()) -> str:
    """Read what is given to the text of one spec; a model is written as one.

    A program is read for the inputs that are given.
    """
    asked = question("", {"dialect": dialect, "inputs": inputs})
    return _joined(read_sources(arguments), asked)


def program_in(given: Sequence[Source]) -> Program | None:
    """Return the program that was read; None where it is something else."""
    return given[0].program if len(given) == 1 and isinstance(given[0], Code) else None


def read_sources(arguments: Sequence[str]) -> list[Source]:
    """Read what is given: a text, a model or a program for each argument."""
    if not arguments and Streams.waits():
        return [_standard_input()]
    if not arguments:
        path = click.get_current_context().command_path
        raise SpecError("a spec is missing", help=f'{path} "lstm:64:seq,td-dense:3"')
    return [_source(argument) for argument in arguments]


def _joined(given: Sequence[Source], asked: Question) -> str:
    from shapecalc.language.heading import join

    return join([_text(each, asked) for each in given], asked.dialect)


def _text(each: Source, asked: Question) -> str:
    """Return the text of a spec; a model is written as one."""
    if isinstance(each, str):
        return each
    if isinstance(each, Code):
        return str(each.network(asked))
    from shapecalc.importers.keras.files import read_model

    content, name = each
    dialect, max_layers = asked.dialect, asked.max_layers
    return str(read_model(content, dialect=dialect, max_layers=max_layers, name=name))


def _custom_classes(texts: Sequence[str]) -> dict[str, str]:
    """Read ``NAME=same``, ``NAME=LAYER`` or ``NAME=SHAPE``: what each name is said to be."""
    found = {}
    for text in texts:
        name, _, meaning = text.partition("=")
        if not name.strip() or not meaning.strip():
            raise SpecError(
                f"--custom takes NAME=same, NAME=LAYER or NAME=SHAPE, not {text}",
                help="--custom MyLayer=same",
            )
        found[name.strip()] = meaning.strip()
    return found


def _source(argument: str) -> Source:
    """Return the text of a spec, a model with its name, or source code."""
    if argument == "-":
        return _standard_input()
    if program_path(argument) is not None:
        from shapecalc.importers.load import load_program

        program = load_program(argument)
        if program is not None:
            return Code(program)
    if argument.endswith((*SPEC_ENDINGS, *MODEL_ENDINGS)) or _is_file(argument):
        return _text_or_model(read_file(argument), argument)
    if _PATH.fullmatch(argument):
        raise _missing(argument)
    return argument


def _is_file(argument: str) -> bool:
    """Return whether a file has this name, and neither a layer nor a command has it."""
    # Any text may stand here, of which pathlib would refuse some.
    if not os.path.exists(argument):  # noqa: PTH110
        return False
    from shapecalc.cli.main import COMMANDS

    if argument in COMMANDS:
        return False
    word = re.match(_WORD, argument)
    return word is None or not _is_layer(word[1])


def _is_layer(name: str) -> bool:
    """Return whether a spec of any dialect can begin with a name."""
    known = (dialects.find(each).catalogue for each in dialects.DIALECTS)
    return name.lower() in RESERVED or any(each.find(name) for each in known)


def _missing(path: str) -> SpecError:
    """Return the error for a missing file, with similar names in its folder."""
    folder, name = os.path.split(path)
    try:
        beside = sorted(os.listdir(folder or "."))[:MOST_BESIDE]  # noqa: PTH208  (any text)
    except OSError:
        beside = []
    near = [os.path.join(folder, each) for each in suggestions(name, beside)]  # noqa: PTH118
    hint = f"did you mean {' or '.join(near)}?" if near else None
    return SpecError(f"{path}: no such file or directory", help=hint)


def _standard_input() -> Source:
    return _text_or_model(read_stream(Streams.source(), "standard input"), "standard input")


def _text_or_model(content: Content, name: str) -> Source:
    if not isinstance(content, bytes) or name.endswith(MODEL_ENDINGS) or is_model(content):
        return content, name
    text = decode(content, name)
    if text.lstrip().startswith(_TRACEBACK):
        from shapecalc.language.messages import as_message

        if (meant := as_message(text)) is not None:
            raise meant
    if not name.endswith(SPEC_ENDING) and is_program(text):
        from shapecalc.importers.calls import calls_as_spec

        # Lines of calls alone need nothing that a program would import.
        if calls_as_spec(text, None) is None:
            from shapecalc.importers.python.program import program

            return Code(program(content, "<stdin>" if name == "standard input" else name))
    if name != "standard input":
        _remember(name, text)
    return text


def _remember(name: str, text: str) -> None:
    """Keep where a text is from, for errors that are in it."""
    context = click.get_current_context(silent=True)
    if context is not None and isinstance(context.obj, Streams):
        context.obj.read.append((name, text))

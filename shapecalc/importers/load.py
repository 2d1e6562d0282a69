"""From a file, whatever it holds, to a network: a spec, a model, source code."""

from __future__ import annotations

from collections.abc import Mapping
from os import PathLike
from typing import TYPE_CHECKING, Any

from shapecalc.errors import SpecError
from shapecalc.language.files import MODEL_ENDINGS, decode, is_model, program_path, read_file
from shapecalc.layers.budget import MAX_LAYERS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapecalc.importers.python.program import Program
    from shapecalc.layers.dialect import Dialect
    from shapecalc.network import Network


def load(
    source: str | PathLike[str] | Mapping[str, Any], dialect: Dialect | None = None
) -> Network:
    """Read a network from a file, or from the data of a model; raises `SpecError`.

    A program that has several models must say which is meant, as in ``model.py:Net``.
    """
    if isinstance(source, Mapping):
        from shapecalc.importers.keras.files import read_model

        return read_model(source, dialect=dialect)
    if not isinstance(source, (str, PathLike)):
        raise SpecError(f"a path or the data of a model is expected, not {type(source).__name__}")
    name = str(source)
    program = load_program(name)
    if program is not None:
        return the_only(program.networks({}, {}), program.path).under(dialect)
    content = read_file(source)
    if not isinstance(content, bytes) or name.endswith(MODEL_ENDINGS) or is_model(content):
        from shapecalc.importers.keras.files import read_model

        return read_model(content, dialect=dialect, name=name)
    return read(decode(content, name), dialect=dialect)


def read(text: str, *, dialect: Dialect | None = None, max_layers: int = MAX_LAYERS) -> Network:
    """Read a text to a network: a spec, or layers as calls; raises `SpecError`."""
    from shapecalc.language.build import parse

    try:
        return parse(text, dialect=dialect, max_layers=max_layers)
    except SpecError as error:
        if not isinstance(text, str) or "(" not in text:
            raise
        from shapecalc.importers.calls import calls_as_spec

        written = calls_as_spec(text, dialect)
        if written is None:
            raise error from None
    return parse(written, dialect=dialect, max_layers=max_layers)


def load_program(argument: str) -> Program | None:
    """Read a file of source code, with an expression behind it or not; None for other files."""
    found = program_path(argument)
    if found is None:
        return None
    path, expression = found
    content = read_file(path)
    if not isinstance(content, bytes):
        raise SpecError(f"{path}: it is an archive, not source code")
    from shapecalc.importers.python.program import program

    return program(content, path, expression)


def the_only(networks: Sequence[tuple[str, Network]], path: str) -> Network:
    """Return the network of a program that has one model; raises `SpecError` for several."""
    if len(networks) > 1:
        names = ", ".join(name for name, _ in networks)
        raise SpecError(
            f"{path} has {len(networks)} models: {names}", help=f"{path}:{networks[-1][0]}"
        )
    return networks[0][1]

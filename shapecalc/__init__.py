"""Compute the shapes, parameters and costs of Keras and PyTorch layer stacks.

>>> import shapecalc
>>> trace = shapecalc.trace("lstm:64:seq,td-dense:3", input="B,T,10")
>>> trace.output
(Dim('B'), Dim('T'), 3)
>>> trace.params
19395

`trace` takes a spec, or a network that `parse` made of a spec or `load` of a file: a Keras model,
or Python source, which is never run. `solve` finds inputs for an output, `fit` compares data and
labels, `check` finds errors in files, `code` writes source, and `layer` makes one layer.

Data goes one way: text -> `language` (or `importers`) -> `Network` -> `tracing` (layers and their
rules, over dims) -> `Trace` -> `answers` (with `analysis`, `repair`) -> `render`. The law of
imports: a package imports only those above it in this list.

    garbage, dims, errors, layers, dialects, network, language, tracing, importers, exporters,
    analysis, repair, answers, render, cli

``import shapecalc`` alone loads none of click, rich and pydantic.
"""

from __future__ import annotations

from os import fspath
from typing import TYPE_CHECKING, Any

from shapecalc.errors import ShapecalcError, ShapeError, SpecError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from os import PathLike

    from shapecalc.answers.check import Finding
    from shapecalc.answers.solve import Solution
    from shapecalc.answers.training import Fit
    from shapecalc.dims import Dim
    from shapecalc.layers.layer import Layer
    from shapecalc.network import Network
    from shapecalc.tracing.trace import Trace

__version__ = "0.1.0"
__all__ = [
    "Dim",
    "ShapeError",
    "ShapecalcError",
    "SpecError",
    "__version__",
    "check",
    "code",
    "fit",
    "layer",
    "load",
    "parse",
    "solve",
    "trace",
]


def trace(
    spec: str | Network,
    input: Any = None,  # noqa: A002, ANN401  (the promised name)
    *,
    dialect: str | None = None,
    set: Mapping[str, Any] | None = None,  # noqa: A002  (the promised name)
    where: str | None = None,
    max_layers: int | None = None,
    expect: Any = None,  # noqa: ANN401
    training: bool = False,
    repair: bool = True,
) -> Trace:
    """Trace a spec: the shapes that every layer gets and gives, weights, conditions.

    Args:
        spec: the text of a spec, or a network.
        input: the input shape, batch included: text, a tuple (None is an unknown size), or a
            dict by input name.
        dialect: ``keras``; ``keras1``, where Dense takes only 2-D input; or ``torch``. A spec
            that says its own must agree. None is that of the spec, else ``keras``.
        set: numbers or sizes for letters.
        where: facts about letters, separated by commas: ``"T >= 10, H % 32 == 0"``.
        max_layers: the upper limit on layers made by repeats and nested models.
        expect: the output shape that is required for every size of the letters: text, a tuple
            (None matches any size), or a dict by output name.
        training: whether layers work as in training, where some want more of their input.
        repair: whether to look for a spec that works instead of one that does not, which
            takes more time than to trace it; False leaves the ``help`` of a `ShapeError` empty.

    Returns:
        A trace: ``.output`` (``.outputs`` of several), ``.layers`` with a row for each layer,
        ``.params``, ``.conditions``, ``.macs``, ``.peak``, and ``.to_dict()``, which is the JSON.

    Raises:
        SpecError: the spec or an argument cannot be read.
        ShapeError: the shapes do not fit, or the output is not what is expected.
            Both have ``.message``, ``.span``, ``.layer``, ``.help`` and ``.errors``.
    """
    from shapecalc.answers.question import ask
    from shapecalc.answers.trace import trace as answer
    from shapecalc.layers.budget import MAX_LAYERS

    question = ask(
        spec,
        inputs=input,
        dialect=dialect,
        values=set,
        where=where,
        max_layers=MAX_LAYERS if max_layers is None else max_layers,
        expect=expect,
        training=training,
        repair=repair,
    )
    return answer(question)


def solve(
    spec: str | Network,
    output: Any,  # noqa: ANN401
    input: Any = None,  # noqa: A002, ANN401  (the promised name)
    *,
    dialect: str | None = None,
    set: Mapping[str, Any] | None = None,  # noqa: A002  (the promised name)
    where: str | None = None,
    training: bool = False,
) -> list[Solution]:
    """Find the inputs, or the argument marked ``?``, for which the output has a shape.

    Args:
        spec: the text of a spec, or a network; ``?`` in an argument is what is looked for.
        output: the output shape that is wanted; None matches any size.
        input: the input shape, as `trace` takes it.
        dialect: ``keras``, ``keras1`` or ``torch``.
        set: numbers or sizes for letters.
        where: facts about letters, separated by commas.
        training: whether layers work as in training.

    Returns:
        Solutions with ``.where``, the exact condition, ``.values`` of each letter, where they are
        few, and ``.examples``.

    Raises:
        SpecError: the spec or an argument cannot be read.
        ShapeError: there is no solution; the nearest outputs are in its notes.
    """
    from shapecalc.answers.question import ask
    from shapecalc.answers.solve import solve as answer
    from shapecalc.language.shapes import given_shape

    required = given_shape(output, least=0)
    question = ask(spec, inputs=input, dialect=dialect, values=set, where=where, training=training)
    return answer(question, required)


def fit(
    source: str | Network,
    *,
    x: Any = None,  # noqa: ANN401
    y: Any = None,  # noqa: ANN401
    loss: Any = None,  # noqa: ANN401
    y_dtype: Any = None,  # noqa: ANN401
    y_length: Any = None,  # noqa: ANN401
    batch_size: int | None = None,
    dialect: str | None = None,
    set: Mapping[str, Any] | None = None,  # noqa: A002  (the promised name)
    where: str | None = None,
) -> Fit:
    """Say what training would make of data and labels: whether they fit, and what to write if not.

    Args:
        source: the text of a spec, or a network.
        x: the shape of the data, samples included; a dict by name for several inputs.
        y: the shape of the labels; a dict by name for several outputs.
        loss: the name of the loss; a dict by name for several outputs. Without it the losses that
            suit are listed.
        y_dtype: the type of the labels, such as ``int64``.
        y_length: the length of the longest label, for CTC.
        batch_size: how many samples are taken at once.
        dialect: ``keras``, ``keras1`` or ``torch``.
        set: numbers or sizes for letters.
        where: facts about letters, separated by commas.

    Returns:
        A fit: ``.fits``, ``.ends`` for each input and output, and ``.problems``, each with its
        ``.message``, ``.lines`` of code to write, and ``.spec``, a model that works.

    Raises:
        SpecError: something cannot be read.
        ShapeError: the model itself does not fit.
    """
    from shapecalc.answers.fit import fit as answer
    from shapecalc.answers.question import ask, named_shapes
    from shapecalc.answers.training import Training, by_output

    question = ask(source, dialect=dialect, values=set, where=where)
    return answer(
        Training(
            question,
            named_shapes(x),
            named_shapes(y),
            by_output(loss),
            by_output(y_dtype),
            by_output(y_length),
            batch_size,
        )
    )


def parse(text: str, *, dialect: str | None = None) -> Network:
    """Turn a spec into a network, in the dialect that it says, else in this one.

    Raises `SpecError` where it cannot be read.
    """
    from shapecalc.answers.question import named_dialect
    from shapecalc.importers.load import read

    return read(text, dialect=named_dialect(dialect))


def load(source: str | PathLike[str] | Mapping[str, Any], *, dialect: str | None = None) -> Network:
    """Read a network from a file, a spec or a Keras model, or from a model's data.

    A model is JSON, YAML, HDF5, a ``.keras`` archive or TensorFlow.js's ``model.json``, of any
    version of Keras. Raises `SpecError` where it cannot be read.
    """
    from shapecalc.answers.question import named_dialect
    from shapecalc.importers.load import load as read

    return read(source, named_dialect(dialect))


def check(path: str | PathLike[str]) -> list[Finding]:
    """Find what is wrong in a file, or in all files below a folder; runs nothing.

    Each finding has ``.path``, ``.line``, ``.column``, ``.rule``, ``.message`` and ``.help``.
    Raises `SpecError` where the path does not exist.
    """
    from shapecalc.answers.check import check_file
    from shapecalc.answers.files import files_below

    return [each for file in files_below([fspath(path)]) for each in check_file(file).findings]


def code(
    network: str | Network, to: str, *, weights: bool = False, layout: str | None = None
) -> str:
    """Write a network, or a spec, as source code of ``keras`` or ``torch``.

    Args:
        network: what to write, whatever it was read from.
        to: the framework.
        weights: whether to add ``copy_weights(source, model)``, which carries the weights of the
            other framework's model over.
        layout: ``torch`` for channels first, where a network of Keras becomes code of PyTorch.

    Raises `SpecError` where a layer cannot be written, `ShapeError` where the shapes do not fit.
    """
    from shapecalc.exporters.code import code as written
    from shapecalc.importers.load import read
    from shapecalc.network import Network

    read_network = network if isinstance(network, Network) else read(network)
    return written(read_network, to, weights=weights, layout=layout)


def layer(class_name: str, /, *, dialect: str = "keras", **config: Any) -> Layer:  # noqa: ANN401
    """Make one validated layer from a class name and arguments of a dialect.

    Raises `SpecError` for an unknown class or argument.
    """
    from shapecalc.dialects import find

    return find(dialect).layer(class_name, **config)


def __dir__() -> list[str]:
    return sorted({*__all__, *(name for name in globals() if name.startswith("__"))})


def __getattr__(name: str) -> Any:  # noqa: ANN401
    if name == "Dim":
        from shapecalc.dims import Dim

        return Dim
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

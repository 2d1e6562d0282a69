"""User-defined classes of a file: what they do to a shape, as the user or the file says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from shapecalc.errors import SpecError
from shapecalc.importers.keras.configs import arguments
from shapecalc.importers.keras.tfnodes import read_node
from shapecalc.language.shapes import GivenShape, read_shape
from shapecalc.layers.catalogue import Entry
from shapecalc.layers.keras.custom import Custom
from shapecalc.layers.keras.dialect import CATALOGUE
from shapecalc.layers.parameters import parameters
from shapecalc.layers.problems import validate

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from shapecalc.layers.layer import Layer

RecordedShape = tuple[int | None, ...]

#: Classes of Keras that stand for functions, which have no weights.
_FUNCTIONS = frozenset({"Lambda", "TFOpLambda", "SlicingOpLambda", "TensorFlowOpLayer"})


class Meaning(NamedTuple):
    """What was said of a class: that it keeps the shape, is as a layer, or gives a shape."""

    entry: Entry | None = None
    shape: GivenShape | None = None


def meaning_of(name: str, text: str) -> Meaning:
    """Read what was said of a class; raises `SpecError`."""
    said = text.strip()
    if said.lower() == "same":
        return Meaning()
    entry = CATALOGUE.find(said)
    if entry is not None:
        return Meaning(entry=entry)
    problem = f"--custom takes NAME=same, NAME=LAYER or NAME=SHAPE, not {name}={text}"
    if "," not in said:
        raise SpecError(problem, help=CATALOGUE.hint(said) or f"--custom {name}=same")
    try:
        return Meaning(shape=read_shape(said))
    except SpecError as error:
        raise SpecError(f"{problem}: {error.message}", help=f"--custom {name}=B,T,8") from None


def said_layer(
    data: Mapping[str, Any],
    meaning: Meaning,
    unknown: Callable[[Mapping[str, Any]], Layer],
    notes: dict[str, None],
) -> Layer:
    """Return the layer that a class is said to be.

    Raises `SpecError` where its arguments make none.
    """
    cls = str(data["class_name"])
    weightless = cls in _FUNCTIONS
    if meaning.shape is not None:
        return Custom(class_name=cls, shape="said", said=meaning.shape, weightless=weightless)
    entry = meaning.entry
    if entry is None:
        return Custom(class_name=cls, shape="same", weightless=weightless)
    kind = CATALOGUE.load(entry)
    config = data.get("config")
    stored = config if isinstance(config, dict) else {}
    found = arguments(kind, stored, unknown)
    extra = [key for key in found if key not in parameters(kind)]
    if extra:
        notes[f"{cls} is read as {entry.cls}, which takes no {', '.join(sorted(extra))}"] = None
    kept = {key: value for key, value in found.items() if key not in extra}
    name = str(stored.get("name") or entry.name)
    return validate(kind, dict(entry.preset) | kept, name)


def recorded_layer(
    data: Mapping[str, Any],
    before: RecordedShape | None,
    outputs: Sequence[RecordedShape] | None,
    notes: dict[str, None],
) -> Layer:
    """Return the layer of an undeclared class, with the shape that the file records."""
    cls = str(data["class_name"])
    if not outputs:
        problem = f"there is no {_what(data)}, and the file does not record its shape"
        if cls == "Lambda":
            problem = "the output of the function of a Lambda is only known when it runs"
        raise SpecError(
            problem,
            help=f"--custom {cls}=same where it keeps the shape of its input, "
            f"--custom {cls}=B,T,8 where it gives that, --custom {cls}=dense where it is as one",
        )
    weightless = cls in _FUNCTIONS
    if not weightless:
        notes[
            f"{cls} is not a Keras layer: its shape is the one in the file, its params are unknown"
        ] = None
    recorded = (before, tuple(outputs))
    return Custom(class_name=cls, shape="recorded", recorded=recorded, weightless=weightless)


def _what(data: Mapping[str, Any]) -> str:
    """Return a class, or the operation that it stands for."""
    cls, config = str(data["class_name"]), data.get("config")
    if isinstance(config, dict) and cls == "TensorFlowOpLayer":
        return f"operation {read_node(config.get('node_def')).op}"
    if isinstance(config, dict) and cls in _FUNCTIONS and isinstance(config.get("function"), str):
        return f"operation {config['function']}"
    return f"layer {cls}"

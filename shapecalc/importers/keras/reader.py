"""Keras models, as their own ``to_json`` has them, to networks; Keras 2's forms too."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from shapecalc.errors import SpecError
from shapecalc.importers.keras.calls import (
    MASKS,
    Call,
    Read,
    called_with,
    calls_of,
    flat,
    recorded_shape,
)
from shapecalc.importers.keras.configs import entry_of, is_stored, layer_of
from shapecalc.importers.keras.custom_classes import (
    RecordedShape,
    meaning_of,
    recorded_layer,
    said_layer,
)
from shapecalc.importers.keras.nodes import LayerCall, ModelGraph, networks
from shapecalc.importers.keras.numbering import (
    MODELS,
    Renumbered,
    in_order,
    moved,
    places_of,
    recorded_shapes,
    renumbered_calls,
)
from shapecalc.layers.keras.custom import Custom
from shapecalc.layers.keras.dialect import KERAS
from shapecalc.layers.keras.names import snake_case
from shapecalc.layers.layer import Layer
from shapecalc.network import PLAINLY, Network
from shapecalc.tracing.nested import Model

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from shapecalc.layers.dialect import Dialect

#: What the config of a model may have.
_OF_A_MODEL: Final = frozenset(
    {
        *("name", "trainable", "dtype", "layers", "input_layers", "output_layers"),
        *("build_input_shape", "batch_input_shape", "autocast", "ragged", "sparse"),
    }
)
#: Families whose layers all keep the shape, and may record nothing.
_SHAPE_KEEPING: Final = frozenset({"regularization", "activation"})

#: The name of an input that a file does not name.
_ENTRY: Final = "input_layer"


class Reader:
    """Reads stored models; ``custom_classes`` says what user-defined classes do to a shape."""

    def __init__(
        self,
        custom_classes: Mapping[str, str],
        dialect: Dialect | None = None,
        *,
        expand: bool,
        max_layers: int,
    ) -> None:
        self.custom_classes = {
            name: meaning_of(name, text) for name, text in custom_classes.items()
        }
        self.dialect = dialect or KERAS
        self.declared = dialect is not None
        self.expand = expand
        self.max_layers = max_layers
        self.notes: dict[str, None] = {}

    def network(self, data: Mapping[str, Any]) -> Network:
        """Return the network of a whole model; raises `SpecError`."""
        graph = self.graph(data)
        return self._network(graph, list(self.notes))

    def _network(self, graph: ModelGraph, notes: Sequence[str] = ()) -> Network:
        return networks(
            graph,
            self.dialect,
            expand=self.expand,
            notes=notes,
            max_layers=self.max_layers,
            declared=self.declared,
        )

    def graph(self, data: Mapping[str, Any]) -> ModelGraph:
        """Return a model, or a model within one."""
        config = data.get("config")
        name = data.get("class_name")
        if isinstance(config, list):
            config = {"layers": config}
        if not isinstance(config, dict) or not isinstance(config.get("layers"), list):
            raise SpecError(
                f"{name} is not a model: the file lists no layers of it",
                help="Sequential and Functional models can be read",
            )
        for key in config:
            if key not in _OF_A_MODEL:
                own = config.get("name", name)
                raise SpecError(f"{own} has {key}, which is not part of a {name}")
        for layer in config["layers"]:
            if not is_stored(layer):
                raise SpecError(f"a layer of {config.get('name', name)} has no class_name")
        if "input_layers" in config:
            return self._functional(str(name), config)
        return self._sequential(str(name), config)

    def _held(self, data: Mapping[str, Any]) -> Layer:
        """Return a layer that another one holds."""
        what = self._what(data, None, None)
        if isinstance(what, ModelGraph):
            return Model(class_name=_class_name(what), network=self._network(what))
        return what

    def _custom(
        self,
        data: Mapping[str, Any],
        before: RecordedShape | None,
        outputs: Sequence[RecordedShape] | None,
    ) -> Layer:
        """Return a user-defined layer: as declared, else with the shape recorded in the file."""
        cls = str(data["class_name"])
        if cls in self.custom_classes:
            return said_layer(data, self.custom_classes[cls], self._held, self.notes)
        return recorded_layer(data, before, outputs, self.notes)

    def _sequential(self, name: str, config: Mapping[str, Any]) -> ModelGraph:
        layers = list(config["layers"])
        given: Mapping[str, Any] | None = None
        if layers and layers[0]["class_name"] == "InputLayer":
            given = layers.pop(0)["config"]
        names = _distinct([_name(layer) for layer in layers])
        made = [
            self._what(layer, _built_for(layer), [after] if after else None)
            for layer, after in zip(layers, _shapes_after(layers), strict=True)
        ]
        if given is not None:
            entries = [(str(given.get("name") or _ENTRY), _input_shape(given))]
        else:
            entries = _entries(config, layers, made, names)
        calls: list[LayerCall] = []
        before = tuple((entry, 0, 0) for entry, _ in entries)
        for own, what in zip(names, made, strict=True):
            calls.append(LayerCall(own, 0, what, before))
            before = ((own, 0, 0),)
        return ModelGraph(name, tuple(entries), tuple(calls), before)

    def _what(
        self,
        data: Mapping[str, Any],
        before: RecordedShape | None,
        outputs: Sequence[RecordedShape] | None,
    ) -> Layer | ModelGraph:
        if data["class_name"] in MODELS and entry_of(data) is None:
            return self.graph(data)
        if entry_of(data) is None or data["class_name"] in self.custom_classes:
            return self._custom(data, before, outputs)
        layer = layer_of(data, self._held)
        if type(layer).__name__ == "Lambda" and layer.output_shape is None:  # type: ignore[attr-defined]
            return self._custom(data, before, outputs)
        return layer

    def _functional(self, name: str, config: Mapping[str, Any]) -> ModelGraph:
        layers = {_name(layer): layer for layer in config["layers"]}
        names = set(layers)
        if len(names) < len(config["layers"]):
            counts = Counter(map(_name, config["layers"]))
            raise SpecError(f"{counts.most_common(1)[0][0]} is the name of several layers")
        calls = {own: calls_of(layer, names) for own, layer in layers.items()}
        inputs = list(places_of(config["input_layers"]))
        outputs = list(places_of(config.get("output_layers") or []))
        if not outputs:
            raise SpecError(f"the model {config.get('name', name)} has no output_layers")
        refs = [read for each in calls.values() for call in each for read in call.reads()]
        refs += outputs
        renumbered = renumbered_calls(layers, refs)
        recorded = recorded_shapes(refs, renumbered)
        made: list[LayerCall] = []
        for own, layer in layers.items():
            if layer["class_name"] == "InputLayer":
                continue
            made += self._layer_calls(own, layer, calls[own], renumbered, recorded)
        entries = tuple((read.layer, _input_shape(layers[read.layer]["config"])) for read in inputs)
        placed = tuple(moved(read, renumbered) for read in outputs)
        return ModelGraph(
            name, entries, tuple(in_order(made, [each for each, _ in entries])), placed
        )

    def _layer_calls(
        self,
        own: str,
        layer: Mapping[str, Any],
        calls: Sequence[Call],
        renumbered: Renumbered,
        recorded: Mapping[tuple[str, int], dict[int, RecordedShape]],
    ) -> Iterator[LayerCall]:
        """Yield the calls of one layer, which all use its weights."""
        what: Layer | ModelGraph | None = None
        for number, call in enumerate(calls):
            known = recorded.get((own, number), {})
            outputs = [known[port] for port in sorted(known)]
            if _is_op(layer):
                from shapecalc.importers.keras.ops import op_layer

                each, reads = op_layer(layer, call)
                if each is None:
                    each = self._custom(layer, reads[0].shape if reads else None, outputs)
                yield LayerCall(own, number, each, tuple(moved(read, renumbered) for read in reads))
                continue
            reads = list(_tensors(call))
            if what is None or isinstance(what, Custom):
                what = self._what(layer, reads[0].shape if reads else None, outputs)
            called, masks = PLAINLY, list[Read]()
            if not isinstance(what, Custom):
                called, masks = called_with(own, what if isinstance(what, Layer) else Model, call)
            sources = tuple(moved(read, renumbered) for read in [*reads, *masks])
            yield LayerCall(own, number, what, sources, called)


def _is_op(layer: Mapping[str, Any]) -> bool:
    module = str(layer.get("module") or "")
    return module.startswith(("keras.src.ops", "keras.ops")) or layer["class_name"] in {
        "TFOpLambda",
        "SlicingOpLambda",
        "TensorFlowOpLayer",
    }


def _class_name(graph: ModelGraph) -> str:
    return "Functional" if graph.name == "Model" else graph.name


def _name(layer: Mapping[str, Any]) -> str:
    config = layer.get("config")
    name = layer.get("name") or (config.get("name") if isinstance(config, dict) else None)
    return str(name or snake_case(layer["class_name"]))


def _distinct(names: Sequence[str]) -> list[str]:
    """Names of which each is there once: the first stays as it is, the others are numbered."""
    counts: dict[str, int] = {}
    taken = set(names)
    found = []
    for name in names:
        own = name
        while name in counts and own in taken:
            counts[name] += 1
            own = f"{name}_{counts[name]}"
        counts.setdefault(name, 0)
        taken.add(own)
        found.append(own)
    return found


def _tensors(call: Call) -> Iterator[Read]:
    """Yield what a call reads, but masks: its arguments, then those that it names."""
    yield from flat(call.args)
    order = ("query", "value", "key", "inputs", "sequences", "initial_state")
    named = {key: value for key, value in call.kwargs.items() if key not in MASKS}
    for key in sorted(named, key=lambda key: order.index(key) if key in order else len(order)):
        yield from flat(named[key])


class _Sizes(NamedTuple):
    """Where a file may say the shape of an input: with the batch, or without."""

    whole: tuple[str, ...] = ("batch_shape", "batch_input_shape")
    rest: tuple[str, ...] = ("input_shape", "shape")


def _input_shape(config: Mapping[str, Any]) -> RecordedShape | None:
    """Return the shape of an input, as its layer or the first layer stores it."""
    places = _Sizes()
    for key in places.whole:
        if isinstance(config.get(key), (list, tuple)):
            return recorded_shape(config[key])
    for key in places.rest:
        if isinstance(config.get(key), (list, tuple)):
            return (None, *recorded_shape(config[key]))
    if isinstance(config.get("input_dim"), int) and "output_dim" not in config:
        return (None, config["input_dim"])
    return None


def _entries(
    config: Mapping[str, Any],
    layers: Sequence[Mapping[str, Any]],
    made: Sequence[Layer | ModelGraph],
    names: Sequence[str],
) -> list[tuple[str, RecordedShape | None]]:
    """Return the inputs of a Sequential that has no InputLayer: those that its first layer stores.

    A model stores its own, be it the first layer of the first layer.
    """
    if not layers:
        return [(_ENTRY, None)]
    if isinstance(made[0], ModelGraph) and len(made[0].inputs) > 1:
        own = _distinct([*names, *(name for name, _ in made[0].inputs)])[len(names) :]
        return [(name, shape) for name, (_, shape) in zip(own, made[0].inputs, strict=True)]
    if isinstance(made[0], ModelGraph) and made[0].inputs[0][1] is not None:
        return [(_ENTRY, made[0].inputs[0][1])]
    stored = layers[0].get("config")
    found = _input_shape(stored) if isinstance(stored, dict) else None
    if found is None and isinstance(config.get("build_input_shape"), list):
        found = recorded_shape(config["build_input_shape"])
    return [(_ENTRY, found or _built_for(layers[0]))]


def _built_for(layer: Mapping[str, Any]) -> RecordedShape | None:
    """Return the input shape that a layer was built for, where it is one shape."""
    build = layer.get("build_config")
    shape = build.get("input_shape") if isinstance(build, dict) else None
    if not isinstance(shape, list) or any(isinstance(size, (list, dict)) for size in shape):
        return None
    return recorded_shape(shape)


def _shapes_after(layers: Sequence[Mapping[str, Any]]) -> list[RecordedShape | None]:
    """Return the shape that each layer gives, which the next one that was built records."""
    found: list[RecordedShape | None] = []
    after: RecordedShape | None = None
    for layer in reversed(layers):
        found.append(after)
        built = _built_for(layer)
        entry = entry_of(layer)
        if built is not None or entry is None or entry.family not in _SHAPE_KEEPING:
            after = built
    return found[::-1]

"""Keras models, as their own ``to_json`` has them, to networks; Keras 2's forms too."""

from __future__ import annotations

from collections import Counter
from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from shapecalc.errors import SpecError
from shapecalc.importers.keras.calls import Call, Read, calls_of, flat, read_of, recorded_shape
from shapecalc.importers.keras.configs import entry_of, is_stored, layer_of
from shapecalc.importers.keras.nodes import Part, Step, networks
from shapecalc.layers.keras.custom import Custom
from shapecalc.layers.keras.dialect import KERAS
from shapecalc.layers.keras.names import snake_case
from shapecalc.network import Network
from shapecalc.tracing.nested import Model

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from shapecalc.layers.dialect import Dialect
    from shapecalc.layers.layer import Layer

MODELS: Final = frozenset({"Sequential", "Functional", "Model"})

#: What a call is told beside tensors that change its shape.
_IGNORED: Final = frozenset({"mask", "training", "attention_mask", "query_mask", "value_mask"})

#: Families whose layers all keep the shape, and may record nothing.
_SHAPE_KEEPING: Final = frozenset({"regularization", "activation"})

RecordedShape = tuple[int | None, ...]


class Reader:
    """Reads stored models; ``customs`` says what classes of somebody's own do to a shape."""

    def __init__(
        self,
        customs: Mapping[str, str],
        dialect: Dialect | None = None,
        *,
        expand: bool,
        max_layers: int,
    ) -> None:
        self.customs = customs
        self.dialect = dialect or KERAS
        self.declared = dialect is not None
        self.expand = expand
        self.max_layers = max_layers
        self.notes: dict[str, None] = {}

    def network(self, data: Mapping[str, Any]) -> Network:
        """The network of a whole model; raises `SpecError`."""
        part = self.part(data)
        return self._network(part, list(self.notes))

    def _network(self, part: Part, notes: Sequence[str] = ()) -> Network:
        return networks(
            part,
            self.dialect,
            expand=self.expand,
            notes=notes,
            max_layers=self.max_layers,
            declared=self.declared,
        )

    def part(self, data: Mapping[str, Any]) -> Part:
        """A model, or a model within one."""
        config = data.get("config")
        name = data.get("class_name")
        if isinstance(config, list):
            config = {"layers": config}
        if not isinstance(config, dict) or not isinstance(config.get("layers"), list):
            raise SpecError(
                f"{name} is no model whose layers the file names",
                help="Sequential and Functional models can be read",
            )
        for layer in config["layers"]:
            if not is_stored(layer):
                raise SpecError(f"a layer of {config.get('name', name)} has no class_name")
        if "input_layers" in config:
            return self._functional(str(name), config)
        return self._sequential(str(name), config)

    def _held(self, data: Mapping[str, Any]) -> Layer:
        """A layer that is no Keras layer: a model, or a class of somebody's own."""
        if data["class_name"] in MODELS:
            part = self.part(data)
            return Model(class_name=_class_name(part), network=self._network(part))
        return self._custom(data, None, None)

    def _custom(
        self,
        data: Mapping[str, Any],
        before: RecordedShape | None,
        outputs: Sequence[RecordedShape] | None,
    ) -> Layer:
        """A layer of somebody's own: as told, else with the shape that the file records."""
        cls = str(data["class_name"])
        if cls in self.customs:
            return Custom(class_name=cls, shape="same")
        if not outputs:
            raise SpecError(
                f"there is no layer {cls}, and the file does not record its shape",
                help=f"--custom {cls}=same where it keeps the shape of its input; else a plugin",
            )
        self.notes[
            f"{cls} is no Keras layer: its shape is the one in the file, its params are not known"
        ] = None
        return Custom(class_name=cls, shape="recorded", recorded=(before, tuple(outputs)))

    def _sequential(self, name: str, config: Mapping[str, Any]) -> Part:
        layers = list(config["layers"])
        shape: RecordedShape | None = None
        entry = "input_layer"
        if layers and layers[0]["class_name"] == "InputLayer":
            first = layers.pop(0)["config"]
            shape, entry = _input_shape(first), str(first.get("name") or entry)
        elif layers:
            shape = _first_shape(config, layers[0])
        names = _distinct([_name(layer) for layer in layers])
        steps: list[Step] = []
        before = (entry, 0, 0)
        for layer, own, after in zip(layers, names, _shapes_after(layers), strict=True):
            recorded = (_built_for(layer), [after] if after else None)
            steps.append(Step(own, 0, self._what(layer, *recorded), (before,)))
            before = (own, 0, 0)
        return Part(name, ((entry, shape),), tuple(steps), (before,))

    def _what(
        self,
        data: Mapping[str, Any],
        before: RecordedShape | None,
        outputs: Sequence[RecordedShape] | None,
    ) -> Layer | Part:
        if data["class_name"] in MODELS and entry_of(data) is None:
            return self.part(data)
        if entry_of(data) is None:
            return self._custom(data, before, outputs)
        return _lambda(layer_of(data, self._held), before, outputs)

    def _functional(self, name: str, config: Mapping[str, Any]) -> Part:
        layers = {_name(layer): layer for layer in config["layers"]}
        names = set(layers)
        if len(names) < len(config["layers"]):
            counts = Counter(map(_name, config["layers"]))
            raise SpecError(f"{counts.most_common(1)[0][0]} is the name of several layers")
        calls = {own: calls_of(layer, names) for own, layer in layers.items()}
        inputs = list(_places(config["input_layers"]))
        outputs = list(_places(config.get("output_layers") or []))
        if not outputs:
            raise SpecError(f"the model {config.get('name', name)} has no output_layers")
        refs = [read for each in calls.values() for call in each for read in call.reads()]
        refs += outputs
        shift = _shifts(layers, refs)
        recorded = _recorded(refs, shift)
        steps: list[Step] = []
        for own, layer in layers.items():
            if layer["class_name"] == "InputLayer":
                continue
            steps += self._steps(own, layer, calls[own], shift, recorded)
        entries = tuple((read.layer, _input_shape(layers[read.layer]["config"])) for read in inputs)
        placed = tuple(_moved(read, shift) for read in outputs)
        return Part(name, entries, tuple(_sorted(steps, [each for each, _ in entries])), placed)

    def _steps(
        self,
        own: str,
        layer: Mapping[str, Any],
        calls: Sequence[Call],
        shift: Mapping[str, int],
        recorded: Mapping[tuple[str, int], dict[int, RecordedShape]],
    ) -> Iterator[Step]:
        """The calls of one layer, which all use its weights."""
        what: Layer | Part | None = None
        for number, call in enumerate(calls):
            known = recorded.get((own, number), {})
            outputs = [known[port] for port in sorted(known)]
            if _is_op(layer):
                from shapecalc.importers.keras.ops import op_layer

                each, reads = op_layer(layer, call)
                if each is None:
                    each = self._custom(layer, reads[0].shape if reads else None, outputs)
                yield Step(own, number, each, tuple(_moved(read, shift) for read in reads))
                continue
            reads = list(_tensors(call))
            if what is None or isinstance(what, Custom):
                what = self._what(layer, reads[0].shape if reads else None, outputs)
            yield Step(own, number, what, tuple(_moved(read, shift) for read in reads))


def _lambda(
    layer: Layer, before: RecordedShape | None, outputs: Sequence[RecordedShape] | None
) -> Layer:
    """A Lambda whose output_shape is not stored has the shape that is recorded after it."""
    if type(layer).__name__ != "Lambda" or layer.output_shape is not None or not outputs:  # type: ignore[attr-defined]
        return layer
    return Custom(class_name="Lambda", shape="recorded", recorded=(before, tuple(outputs)))


def _is_op(layer: Mapping[str, Any]) -> bool:
    module = str(layer.get("module") or "")
    return module.startswith(("keras.src.ops", "keras.ops")) or layer["class_name"] in {
        "TFOpLambda",
        "SlicingOpLambda",
    }


def _class_name(part: Part) -> str:
    return "Functional" if part.name == "Model" else part.name


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


def _places(value: Any) -> Iterator[Read]:  # noqa: ANN401
    """The tensors of a structure of ``[layer, call, port]``."""
    if isinstance(value, dict):
        for each in value.values():
            yield from _places(each)
    elif isinstance(value, list) and len(value) >= 3 and isinstance(value[0], str):  # noqa: PLR2004
        yield read_of(value[0], value[1], value[2])
    elif isinstance(value, list):
        for each in value:
            yield from _places(each)


def _tensors(call: Call) -> Iterator[Read]:
    """What a call reads, but masks: its arguments, then those that it names."""
    yield from flat(call.args)
    order = ("query", "value", "key", "inputs", "sequences", "initial_state")
    named = {key: value for key, value in call.kwargs.items() if key not in _IGNORED}
    for key in sorted(named, key=lambda key: order.index(key) if key in order else len(order)):
        yield from flat(named[key])


def _shifts(layers: Mapping[str, Mapping[str, Any]], refs: Sequence[Read]) -> dict[str, int]:
    """By how much call numbers are too large: Keras 2 counts the making of a model as a call."""
    used: dict[str, set[int]] = {}
    for read in refs:
        used.setdefault(read.layer, set()).add(read.call)
    return {
        name: 1
        for name, numbers in used.items()
        if name in layers
        and layers[name]["class_name"] in MODELS
        and 0 not in numbers
        and len(layers[name].get("inbound_nodes") or []) in numbers
    }


def _moved(read: Read, shift: Mapping[str, int]) -> tuple[str, int, int]:
    return (read.layer, read.call - shift.get(read.layer, 0), read.port)


def _recorded(
    refs: Sequence[Read], shift: Mapping[str, int]
) -> dict[tuple[str, int], dict[int, RecordedShape]]:
    """The shapes of tensors that those who read them record."""
    found: dict[tuple[str, int], dict[int, RecordedShape]] = {}
    for read in refs:
        if read.shape is not None:
            name, call, port = _moved(read, shift)
            found.setdefault((name, call), {})[port] = read.shape
    return found


def _sorted(steps: Sequence[Step], entries: Sequence[str]) -> list[Step]:
    """Steps in an order in which each reads only earlier ones, else as they stand."""
    places = {(step.name, step.call): place for place, step in enumerate(steps)}
    waiting = []
    readers: dict[int, list[int]] = {}
    for place, step in enumerate(steps):
        sources = {(name, call) for name, call, _ in step.sources if name not in entries}
        for source in sources:
            if source not in places:
                raise SpecError(
                    f"{step.name} reads {source[0]}, call {source[1]}, which is not there"
                )
            readers.setdefault(places[source], []).append(place)
        waiting.append(len(sources))
    ready = [place for place, count in enumerate(waiting) if not count]
    heapify(ready)
    found = []
    while ready:
        place = heappop(ready)
        found.append(steps[place])
        for reader in readers.get(place, ()):
            waiting[reader] -= 1
            if not waiting[reader]:
                heappush(ready, reader)
    if len(found) < len(steps):
        stuck = next(step.name for step, count in zip(steps, waiting, strict=True) if count)
        raise SpecError(f"{stuck} reads what is made of it")
    return found


class _Sizes(NamedTuple):
    """Where a file may say the shape of an input: with the batch, or without."""

    whole: tuple[str, ...] = ("batch_shape", "batch_input_shape")
    rest: tuple[str, ...] = ("input_shape", "shape")


def _input_shape(config: Mapping[str, Any]) -> RecordedShape | None:
    """The shape of an input, as its layer or the first layer stores it."""
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


def _first_shape(config: Mapping[str, Any], first: Mapping[str, Any]) -> RecordedShape | None:
    stored = first.get("config")
    if is_stored(first) and first["class_name"] in MODELS and isinstance(stored, dict):
        inner = stored.get("layers") or [{}]
        if isinstance(inner[0], dict) and isinstance(inner[0].get("config"), dict):
            return _input_shape(inner[0]["config"])
    found = _input_shape(stored) if isinstance(stored, dict) else None
    if found is None and isinstance(config.get("build_input_shape"), list):
        found = recorded_shape(config["build_input_shape"])
    return found or _built_for(first)


def _built_for(layer: Mapping[str, Any]) -> RecordedShape | None:
    """The input shape that a layer was built for, where it is one shape."""
    build = layer.get("build_config")
    shape = build.get("input_shape") if isinstance(build, dict) else None
    if not isinstance(shape, list) or any(isinstance(size, (list, dict)) for size in shape):
        return None
    return recorded_shape(shape)


def _shapes_after(layers: Sequence[Mapping[str, Any]]) -> list[RecordedShape | None]:
    """The shape that each layer gives, which the next one that was built records."""
    found: list[RecordedShape | None] = []
    after: RecordedShape | None = None
    for layer in reversed(layers):
        found.append(after)
        built = _built_for(layer)
        entry = entry_of(layer)
        if built is not None or entry is None or entry.family not in _SHAPE_KEEPING:
            after = built
    return found[::-1]

"""How Keras stores what a layer was called with: Keras 3's arguments, and Keras 2's lists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from shapecalc.errors import SpecError
from shapecalc.importers.keras.configs import is_stored
from shapecalc.layers.given import given_sizes
from shapecalc.network import Called

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from shapecalc.layers.layer import Layer


#: The keywords of tensors that a layer does not work on.
MASKS: Final = frozenset({"mask", "attention_mask", "query_mask", "value_mask", "key_mask"})


class Read(NamedTuple):
    """An output of a call that another one reads, and the shape that the file records of it."""

    layer: str
    call: int
    port: int
    shape: tuple[int | None, ...] | None = None


def read_of(layer: Any, call: Any, port: Any, shape: Any = None) -> Read:  # noqa: ANN401
    """Make a `Read` of what a file has; raises `SpecError` where it names no tensor."""
    numbers = all(type(number) is int and number >= 0 for number in (call, port))
    if not isinstance(layer, str) or not numbers:
        raise SpecError(
            f"the file refers to a tensor that does not exist: {layer!r}, {call!r}, {port!r}"
        )
    return Read(layer, call, port, None if shape is None else recorded_shape(shape))


def recorded_shape(shape: Any) -> tuple[int | None, ...]:  # noqa: ANN401
    """Take a shape of a file, which has numbers and None; raises `SpecError`."""
    try:
        sizes = given_sizes(shape)
    except SpecError as error:
        raise SpecError(f"the file has an invalid shape: {error.message}") from None
    numbers = tuple(size for size in sizes if size is None or isinstance(size, int))
    if len(numbers) < len(sizes):
        raise SpecError("the file has an invalid shape: it contains letters")
    return numbers


class Call(NamedTuple):
    """One call of a layer: its arguments, in which each tensor is a `Read`."""

    args: tuple[Any, ...]
    kwargs: dict[str, Any]

    def reads(self) -> Iterator[Read]:
        """Yield all tensors in it, in order."""
        yield from flat(self.args)
        yield from flat(self.kwargs)


def called_with(own: str, cls: Layer | type[Layer], call: Call) -> tuple[Called, list[Read]]:
    """Read what a layer is called with beside what it works on, and the masks, in their order.

    Raises `SpecError` where the layer takes no such thing.
    """
    names: list[str] = []
    reads: list[Read] = []
    values: dict[str, Any] = {}
    for key, value in call.kwargs.items():
        found = list(flat(value))
        if key in MASKS and found and key in cls.masks:
            names += [key] * len(found)
            reads += found
        elif (found and key not in MASKS) or value is False or _is_nothing(value):
            continue
        elif key in cls.call_arguments and isinstance(value, (bool, int, float, str)):
            values[key] = value
        else:
            told = "" if found else f"={value!r}"
            raise SpecError(f"{own} is called with {key}{told}, which cannot be read")
    for value in call.args:
        if not _is_nothing(value) and not list(flat(value)):
            raise SpecError(f"{own} is called with {value!r}, which cannot be read")
    return Called(tuple(names), tuple(values.items())), reads


def _is_nothing(value: Any) -> bool:  # noqa: ANN401
    """Return whether a value is None, or a list of nothing else."""
    several = isinstance(value, (list, tuple))
    return all(map(_is_nothing, value)) if several else value is None


def flat(value: Any) -> Iterator[Read]:  # noqa: ANN401
    """Yield the tensors in a structure of lists and dicts, in order."""
    if isinstance(value, Read):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from flat(each)
    elif isinstance(value, (list, tuple)):
        for each in value:
            yield from flat(each)


def calls_of(data: Mapping[str, Any], names: set[str]) -> list[Call]:
    """Read the calls of a layer; ``names`` are the layers of its model."""
    nodes = data.get("inbound_nodes") or []
    if not isinstance(nodes, list):
        raise SpecError(f"the inbound_nodes of {data.get('name')} are not a list")
    return [_call(node, names) for node in nodes]


def _call(node: Any, names: set[str]) -> Call:  # noqa: ANN401
    if isinstance(node, dict):
        args, kwargs = node.get("args") or (), node.get("kwargs") or {}
        return Call(
            tuple(_value(each) for each in args),
            {key: _value(each) for key, each in kwargs.items()},
        )
    return _old_call(node, names)


def _value(value: Any) -> Any:  # noqa: ANN401
    """Return an argument of Keras 3: its tensors are objects that say where they come from."""
    if isinstance(value, list):
        return [_value(each) for each in value]
    if not isinstance(value, dict):
        return value
    if value.get("class_name") == "__keras_tensor__":
        config = value.get("config") or {}
        layer, call, port = config["keras_history"]
        return read_of(layer, call, port, config.get("shape"))
    if value.get("class_name") == "__tuple__":
        return tuple(_value(each) for each in value.get("items", ()))
    if is_stored(value):
        return value
    return {key: _value(each) for key, each in value.items()}


def _old_call(node: Any, names: set[str]) -> Call:  # noqa: ANN401
    """Return a call of Keras 2: a list of tensors, each with its place and further arguments."""
    if not isinstance(node, (list, dict)):
        raise SpecError(f"a call of a layer cannot be read: {node!r}")
    if _is_tensor(node, names) or (node and node[0] == "_CONSTANT_VALUE"):
        return _merged([node], names)
    if isinstance(node, dict) or any(not isinstance(part, list) or not part for part in node):
        raise SpecError("a call of a layer has tensors that cannot be read")
    return _merged(node, names)


def _merged(parts: Sequence[Any], names: set[str]) -> Call:
    kwargs: dict[str, Any] = {}
    args: list[Any] = []
    for part in parts:
        args.append(part[2] if part[0] == "_CONSTANT_VALUE" else read_of(part[0], part[1], part[2]))
        more = part[3] if len(part) > 3 and isinstance(part[3], dict) else {}  # noqa: PLR2004
        kwargs |= {key: _old_value(each, names) for key, each in more.items()}
    return Call(tuple(args), kwargs)


def _old_value(value: Any, names: set[str]) -> Any:  # noqa: ANN401
    if _is_tensor(value, names):
        return read_of(value[0], value[1], value[2])
    if isinstance(value, list):
        if value and value[0] == "_CONSTANT_VALUE":
            return value[2]
        return [_old_value(each, names) for each in value]
    if isinstance(value, dict):
        return {key: _old_value(each, names) for key, each in value.items()}
    return value


def _is_tensor(value: Any, names: set[str]) -> bool:  # noqa: ANN401
    return (
        isinstance(value, list)
        and len(value) in {3, 4}
        and isinstance(value[0], str)
        and value[0] in names
        and all(type(part) is int for part in value[1:3])
    )

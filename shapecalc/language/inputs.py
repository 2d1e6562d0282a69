"""The shapes of inputs: letters for unknown sizes, channels, the input that a spec leaves out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from shapecalc.dims import letters
from shapecalc.errors import SpecError, did_you_mean
from shapecalc.language.arguments import argument_letters
from shapecalc.layers.layout import channel_axis
from shapecalc.layers.letters import free_letter, name_unknown
from shapecalc.network import Apply, Input

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from shapecalc.dims import Shape, Size
    from shapecalc.layers.layer import Layer
    from shapecalc.layers.letters import Letters
    from shapecalc.network import Network, Node

Expected = TypeVar("Expected")


def name_inputs(nodes: Sequence[Node], made: int | None, taken: set[str], names: Letters) -> None:
    """Give letters to unknown sizes, and a shape to the input at ``made``, which has none.

    They differ from those that are taken by arguments.
    """
    used = set(taken)
    inputs = [(place, node) for place, node in enumerate(nodes) if isinstance(node, Input)]
    for _, node in inputs:
        used.update(name for size in node.shape if size for name in letters(size))
    for place, node in inputs:
        if place == made:
            read = first_input(nodes, place, lambda layer: layer.default_input())
            expected = read or names.default_input
            node.shape = tuple(
                free_letter(size, used) if isinstance(size, str) else size for size in expected
            )
        else:
            node.unknown = unknown_axes(node.shape)
            node.shape = name_unknown(node.shape, used, letters=names)


def letters_in_order(shapes: Iterable[Shape]) -> list[str]:
    """Return the letters of shapes, each once, in the order of the axes; those of one by name."""
    found = (name for shape in shapes for size in shape for name in sorted(letters(size)))
    return list(dict.fromkeys(found))


def unknown_axes(shape: Sequence[Size | None]) -> frozenset[int]:
    """Return the axes whose size is not given."""
    return frozenset(axis for axis, size in enumerate(shape) if size is None)


def first_input(
    nodes: Sequence[Node], start: int, made_for: Callable[[Layer], Expected | None]
) -> Expected | None:
    """Return the input that the first layer is made for that fixes its axes; None where none does.

    Each layer is asked once, since nested models ask again inside.
    """
    reached = {start}
    for place in range(start + 1, len(nodes)):
        node = nodes[place]
        if not isinstance(node, Apply) or reached.isdisjoint(t.node for t in node.worked):
            continue
        expected = made_for(node.layer)
        if expected is not None:
            return expected
        if not node.layer.keeps_rank:
            break
        reached.add(place)
    return None


def channel_axes(nodes: Sequence[Node], ranks: Sequence[int]) -> list[int | None]:
    """Return the channel axis of each input, as the first layer that fixes its axes reads it.

    ``ranks`` may be those of the first inputs only.
    """
    first: dict[int, int] = {}
    for place in range(len(nodes) - 1, -1, -1):
        node = nodes[place]
        if not isinstance(node, Apply):
            continue
        fixes = not node.layer.keeps_rank or node.layer.input_letters() is not None
        reader = place if fixes else first.get(place)
        if reader is not None:
            for tensor in node.worked:
                first[tensor.node] = min(reader, first.get(tensor.node, reader))
    found: list[int | None] = []
    places = (place for place, node in enumerate(nodes) if isinstance(node, Input))
    for place, rank in zip(places, ranks, strict=False):
        reader_node = nodes[first[place]] if place in first else None
        layer = reader_node.layer if isinstance(reader_node, Apply) else None
        found.append(channel_axis(layer.input_letters() if layer else None, rank))
    return found


def _by_name(
    given: Mapping[Any, tuple[Size | None, ...]], names: Sequence[str]
) -> Mapping[str | None, tuple[Size | None, ...]]:
    """Return shapes that stand in order, under numbers, the names of the inputs."""
    numbers = [name for name in given if isinstance(name, int)]
    if numbers and len(numbers) > len(names):
        raise SpecError(
            f"there {'is' if len(names) == 1 else 'are'} {len(names)} "
            f"input{'s' * (len(names) != 1)}, and {len(numbers)} are given"
        )
    return {names[name] if isinstance(name, int) else name: each for name, each in given.items()}


def input_shapes(
    network: Network,
    node_names: Callable[[], Sequence[str]],
    given: Mapping[str | None, tuple[Size | None, ...]],
) -> tuple[list[Shape], set[str]]:
    """Return the shapes of the inputs, in order, with those that were given put in their place.

    The letters of unknown sizes stand apart, but for those of channels, which may be unknown.
    """
    nodes, names = network.inputs, [""]
    if given.keys() - {None} or len(nodes) != 1:
        # The name of a single input is never asked for.
        pairs = zip(node_names(), network.nodes, strict=True)
        names = [name for name, node in pairs if isinstance(node, Input)]
    made = network.dialect.letters
    given = _by_name(given, names)
    for name in given:
        if name is None and len(nodes) != 1:
            raise SpecError(
                f"there are {len(nodes)} inputs, and this shape names none",
                help=" ".join(f"-i {each}=SHAPE" for each in names),
            )
        if name is not None and name not in names:
            hint = did_you_mean(name, names) or f"the inputs are {', '.join(names)}"
            raise SpecError(f"there is no input {name}", help=hint)
    replaced = [given.get(name, given.get(None)) for name in names]
    kept = [n.shape[1:] for n, shape in zip(nodes, replaced, strict=True) if shape is None]
    used: set[str] = set(argument_letters(network))
    for sizes in (*given.values(), *kept):
        used.update(name for size in sizes if size is not None for name in letters(size))
    shapes: list[Shape] = []
    unknown: list[frozenset[int]] = []
    for node, shape in zip(nodes, replaced, strict=True):
        shapes.append(node.shape if shape is None else name_unknown(shape, used, letters=made))
        unknown.append(node.unknown if shape is None else unknown_axes(shape))
    if not any(unknown):
        return shapes, set()
    channels = channel_axes(network.nodes, [len(shape) for shape in shapes])
    found = {
        str(shape[axis])
        for shape, axes, channel in zip(shapes, unknown, channels, strict=True)
        for axis in axes - {channel}
    }
    return shapes, found

"""A network that was not read from a spec, as the text of one that traces to the same shapes."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Final

from shapecalc.errors import SpecError
from shapecalc.language.literals import size_text
from shapecalc.language.printer import call_text, layer_step, plain_step, ref_text
from shapecalc.language.syntax import RESERVED, Ref
from shapecalc.network import STATES, Apply, Input, Network, Requirement, Tensor

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shapecalc.dims import Size
    from shapecalc.network import Node

_LABEL: Final = re.compile(r"[a-z][A-Za-z0-9_]*")


def write_network(network: Network) -> str:
    """Write a network as a spec; raises `SpecError` where a layer is not allowed in one."""
    return ",".join(_Writer(network).steps())


class _Writer:
    """Writes the nodes in order; a label wherever a tensor is read that is not the current one."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.dialect = network.dialect
        self.labels: dict[int, str] = {}
        self._taken: set[str] = set()
        #: The labels that nodes ask for, which made ones differ from.
        self._given = {
            node.label if isinstance(node, Apply) else node.name
            for node in network.nodes
            if not isinstance(node, Requirement)
        }
        self._numbers: Counter[str] = Counter()
        self._current: Tensor | None = None
        self._needed = self._find_needed()
        self._reads = Counter(
            tensor.node
            for place, node in enumerate(network.nodes)
            if isinstance(node, Apply) and place in self._needed
            for tensor in _written(node)
        )
        self._labelled = self._find_labelled()

    def _find_needed(self) -> set[int]:
        """Return the nodes that the outputs depend on; others, such as masks, are left out."""
        waiting = [tensor.node for tensor in self.network.outputs]
        found: set[int] = set()
        while waiting:
            place = waiting.pop()
            if place in found:
                continue
            found.add(place)
            node = self.network.nodes[place]
            if isinstance(node, Apply):
                waiting += [tensor.node for tensor in node.inputs]
                waiting += [] if node.shares is None else [node.shares]
        checks = enumerate(self.network.nodes)
        return found | {place for place, node in checks if not isinstance(node, Apply)}

    def _find_labelled(self) -> set[int]:
        """Return the nodes that something later refers to."""
        nodes = [(place, self.network.nodes[place]) for place in sorted(self._needed)]
        found = {node.shares for _, node in nodes if isinstance(node, Apply)}
        current: Tensor | None = None
        for place, node in nodes:
            read = _reads(node)
            found |= {tensor.node for tensor in read[1:]}
            found |= {tensor.node for tensor in read[:1] if tensor != current}
            current = _given(place, node)
        found |= {tensor.node for tensor in self._jumps()}
        return {place for place in found if place is not None}

    def _jumps(self) -> list[Tensor]:
        """Return the outputs that have to be said, since they are not what a spec would give."""
        outputs = list(self.network.outputs)
        last = max(self._needed)
        end = _given(last, self.network.nodes[last])
        unread = [
            Tensor(place)
            for place in sorted(self._needed)
            if isinstance(self.network.nodes[place], Apply) and not self._reads[place]
        ]
        natural = [end, *(each for each in unread if each != end)]
        return [] if outputs == natural else outputs

    def steps(self) -> Iterator[str]:
        """Yield the steps of the spec, with an end that gives the outputs in their order."""
        for place in sorted(self._needed):
            node = self.network.nodes[place]
            if isinstance(node, Input):
                yield self._input(place, node)
            elif isinstance(node, Apply):
                yield from self._apply(place, node)
            elif isinstance(node, Requirement):
                yield from self._go_to(node.tensor)
                sizes = ["_" if size is None else _size(size) for size in node.pattern]
                yield plain_step("is", sizes)
            self._current = _given(place, node)
        yield from self._outputs()

    def _outputs(self) -> Iterator[str]:
        """End at the first output; outputs that a layer reads too are passed on, to be seen."""
        jumps = self._jumps()
        if not jumps:
            return
        given = Counter(tensor.node for tensor in jumps)
        for tensor in jumps[1:]:
            if self._reads[tensor.node] or tensor.port or given[tensor.node] > 1:
                yield from self._go_to(tensor)
                yield "id"
        yield from self._go_to(jumps[0], always=True)

    def _input(self, place: int, node: Input) -> str:
        if not node.shape or not self._reads[place]:
            what = "is read by no layer that can" if node.shape else "has no axes, which cannot"
            raise SpecError(f"the input {node.name} {what} be written in a spec")
        label = self._label(place, node.name, self.dialect.input_name)
        shape = [None if axis in node.unknown else n for axis, n in enumerate(node.shape)]
        return plain_step("in", map(_size, shape)) + label

    def _apply(self, place: int, node: Apply) -> Iterator[str]:
        yield from self._go_to(node.inputs[0])
        layer = node.layer
        written = layer.in_spec()
        default = self.dialect.row_name((written or layer).called)
        # What shares weights has the label of its owner, which does not ask for another one.
        shared = node.shares is not None and node.label == self._owner(node).label
        label = self._label(place, None if shared else node.label, default)
        call = self._call(node)
        if node.shares is not None and self._owner(node).worked[1:] == node.worked[1:]:
            used = plain_step("use", [ref_text(Ref(self.labels[node.shares], None))])
            yield used + call + label
            return
        inside = getattr(getattr(layer, layer.holds or "called"), "network", None)
        if inside is not None:
            yield self._steps_inside(node, inside, label)
            return
        if written is None or (node.shares is not None and not layer.merges):
            raise SpecError(f"{node.label or layer.called} cannot be written in a spec")
        if not label and node.label and self._needs_name(node.label, default):
            written = written.model_copy(update={"name": node.label})
        if any(not self._reads[tensor.node] for tensor in node.worked[1:]):
            raise SpecError(
                f"{node.label or layer.called} reads several tensors, which no spec can write"
            )
        yield layer_step(written, self.dialect, self._reads_of(node)) + call + label

    def _call(self, node: Apply) -> str:
        """Return what a layer is called with else.

        Where it is used again, also what it no longer is.
        """
        values = dict(node.call.values)
        masks = [(name, self._ref(tensor)) for name, tensor in node.masks]
        if node.shares is not None:
            before = self._owner(node)
            gone = [name for name, _ in before.call.values if name not in values]
            values |= dict.fromkeys(gone, False)
            lost = [name for name in before.call.masks if name not in node.call.masks]
            values |= dict.fromkeys(lost)
        return call_text(values, masks)

    def _owner(self, node: Apply) -> Apply:
        owner = self.network.nodes[node.shares or 0]
        assert isinstance(owner, Apply)  # noqa: S101  (only layers have weights to share)
        return owner

    def _steps_inside(self, node: Apply, network: Network, label: str) -> str:
        """Write ``td`` of a model as ``td`` of each of its layers, where they stand in a line.

        Raises `SpecError` where they do not.
        """
        straight = [Tensor(place) for place in range(len(network.nodes))]
        layers = [inner for inner in network.nodes if isinstance(inner, Apply)]
        linear = (
            type(node.layer).__name__ == self.dialect.prefixes.get("td")
            and len(layers) == len(network.nodes) - 1
            and all(
                inner.inputs == (before,) and inner.shares is None
                for inner, before in zip(layers, straight, strict=False)
            )
            and network.outputs == (straight[-1],)
        )
        written = [inner.layer.in_spec() for inner in layers]
        if not linear or not layers or None in written:
            raise SpecError(f"{node.label or node.layer.called} cannot be written in a spec")
        texts = [f"td-{layer_step(each, self.dialect)}" for each in written if each is not None]
        if not label:
            return ",".join(texts)
        return f"({','.join(texts)}){label}" if len(texts) > 1 else texts[0] + label

    def _needs_name(self, preferred: str, default: str) -> bool:
        """Return whether a name would be lost: it cannot be a label, and is not the default one."""
        plain = re.fullmatch(re.escape(default) + r"(_\d+)?", preferred)
        return not plain and not _is_label(preferred) and "/" not in preferred

    def _reads_of(self, node: Apply) -> list[tuple[str | None, Ref]]:
        """Return what a layer reads besides the current tensor: merged, named, or states."""
        rest = node.worked[1:]
        keys = node.layer.reads
        if node.layer.merges:
            return [(None, self._ref(tensor)) for tensor in rest]
        if not keys:
            return []
        if "value" not in keys:
            state = node.layer.reads_states
            return [(keys[0], self._ref(tensor, state=state)) for tensor in rest]
        if len(set(rest)) == 1 and rest[0] != node.inputs[0]:
            return [("kv", self._ref(rest[0]))]
        pairs = zip(keys, rest, strict=False)
        return [(key, self._ref(tensor)) for key, tensor in pairs if tensor != node.inputs[0]]

    def _ref(self, tensor: Tensor, *, state: bool = False) -> Ref:
        bare = tensor.port == STATES or (tensor.port == 0 and not state)
        return Ref(self.labels[tensor.node], None if bare else tensor.port)

    def _go_to(self, tensor: Tensor, *, always: bool = False) -> Iterator[str]:
        if tensor != self._current or (always and tensor.port):
            yield ref_text(self._ref(tensor))
            self._current = tensor

    def _is_taken(self, label: str, preferred: str | None) -> bool:
        return label in self._taken or (label != preferred and label in self._given)

    def _label(self, place: int, preferred: str | None, default: str) -> str:
        """Return a label if something refers to the node or its name is not the default one."""
        plain = preferred is None or re.fullmatch(re.escape(default) + r"(_\d+)?", preferred)
        if plain and place not in self._labelled:
            return ""
        base = preferred or default
        if not _is_label(base):
            if place not in self._labelled:
                return ""
            base = re.sub(r"\W", "_", base)
            base = base[:1].lower() + base[1:] if base[:1].isalpha() else f"x{base}"
        label = base
        while self._is_taken(label, preferred) or label.lower() in RESERVED:
            self._numbers[base] += 1
            label = f"{base}_{self._numbers[base]}"
        self._taken.add(label)
        self.labels[place] = label
        return f"@{label}"


def _reads(node: Node) -> tuple[Tensor, ...]:
    """Return the tensors that a node reads."""
    if isinstance(node, Requirement):
        return (node.tensor,)
    return node.inputs if isinstance(node, Apply) else ()


def _given(place: int, node: Node) -> Tensor:
    """Return the tensor that a step leaves: a check leaves the one that it looks at."""
    return node.tensor if isinstance(node, Requirement) else Tensor(place)


def _is_label(name: str) -> bool:
    return bool(_LABEL.fullmatch(name)) and name.lower() not in RESERVED


def _written(node: Apply) -> tuple[Tensor, ...]:
    """Return the inputs that a step names; of a layer known only by a file, the first tensor."""
    worked = node.worked if node.layer.merges or node.layer.reads else node.worked[:1]
    return (*worked, *node.inputs[len(node.worked) :])


def _size(size: Size | None) -> str:
    return "?" if size is None else size_text(size)

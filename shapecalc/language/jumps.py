"""Edits of what a spec reads by labels: new layers between a label and what reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from shapecalc.errors import SpecError
from shapecalc.language.printer import layer_step, layer_text, ref_text
from shapecalc.language.syntax import Ref
from shapecalc.language.written import is_word
from shapecalc.network import STATES, Apply, Input, Joined

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from shapecalc.language.arguments import Read as Reading
    from shapecalc.language.syntax import Stack, Step
    from shapecalc.layers.dialect import Dialect
    from shapecalc.layers.layer import Layer
    from shapecalc.network import Node, Read, Tensor

    #: A place in a text, and what comes there.
    Part = tuple[int, int, str]

#: What the label is called that is put behind layers on the way from another one.
_BETWEEN: Final = "p"


class Jumps:
    """The labels of a spec, and what comes between them and the steps that read them."""

    def __init__(
        self, stack: Stack, dialect: Dialect, reads: Callable[[Step], Sequence[Reading]]
    ) -> None:
        self._dialect = dialect
        self._reads = reads
        #: By label the step that has it, and the ones before and behind it in its stack.
        self._labelled: dict[str, tuple[Step | None, Step, Step | None]] = {}
        self._enter(stack)
        self._taken = set(self._labelled)

    def _enter(self, stack: Stack) -> None:
        around = zip([None, *stack], stack, [*stack[1:], None], strict=False)
        for before, step, after in around:
            if step.label is not None:
                self._labelled[step.label.text] = before, step, after
            for branch in step.branches or ():
                self._enter(branch)

    def inserted(self, step: Step, place: int, layers: Sequence[Layer]) -> Iterator[Part]:
        """Put layers behind a label, for the step that reads it as its label number ``place``."""
        reads = self._reads(step)
        if not 0 <= place < len(reads):
            raise SpecError("this tensor is not read by its label")
        ref, label = reads[place].ref, self._free(_BETWEEN)
        begin = f"{ref_text(ref)}," if ref.port else ""
        written = ",".join(layer_text(layer, self._dialect) for layer in layers)
        yield self._behind(ref.label, f"{begin}{written}@{label}")
        yield (*step.place(reads[place].span), f"@{label}")

    def left_out(self, label: str) -> Part:
        """Leave out the step that has a label, which the step before it gets."""
        before, step, _ = self._labelled[label]
        plain = before is not None and before.label is None and before.form.ref is None
        if before is None or not plain or is_word(before.form, "is"):
            raise SpecError(
                "a layer with a label can only be removed after a layer that can take the label"
            )
        return before.span[1], step.span[1], ""

    def read(self, step: Step, node: Apply, nodes: Sequence[Node], edit: Read) -> Iterator[Part]:
        """Let a step read other tensors by one key, new ones behind the label of their first."""
        reads = self._reads(step)
        key = reads[0].key if reads else None
        if key is None or any(read.key != key for read in reads):
            raise SpecError("tensors that are read by several names stay as they are")
        known = zip(node.inputs[1:], reads, strict=False)
        labels = {tensor.node: read.ref.label for tensor, read in known}
        refs: list[str] = []
        made: dict[str, list[str]] = {}
        for tensor in edit.tensors:
            if isinstance(tensor, Joined):
                first, *others = [self._ref(each, labels, nodes) for each in tensor.inputs]
                label = self._free(tensor.label)
                joined = layer_step(tensor.layer, self._dialect, [(None, ref) for ref in others])
                made.setdefault(first.label, []).append(f"{ref_text(first)},{joined}@{label}")
                # A label alone means the states of its layer, where these are read.
                alone = len(edit.tensors) == 1 and node.layer.reads_states
                refs.append(f"@{label}.0" if alone else f"@{label}")
            else:
                refs.append(ref_text(self._ref(tensor, labels, nodes)))
        for label, parts in made.items():
            yield self._behind(label, ",".join(parts))
        argument = next(arg for arg in step.form.args if arg.key and arg.key.text == key)
        written = refs[0] if len(refs) == 1 else f"({','.join(refs)})"
        yield (*step.place(argument.value.span), written)

    def _ref(self, tensor: Tensor, labels: dict[int, str], nodes: Sequence[Node]) -> Ref:
        label = labels.get(tensor.node)
        if label is None:
            node = nodes[tensor.node]
            label = node.label if isinstance(node, Apply) else None
            label = node.name if isinstance(node, Input) else label
        if label not in self._labelled:
            raise SpecError("this tensor has no label")
        return Ref(label, None if tensor.port == STATES else tensor.port)

    def _behind(self, label: str, text: str) -> Part:
        """Put steps behind a label, after which it goes on as before."""
        _, step, after = self._labelled[label]
        assert step.label is not None  # noqa: S101  (it has the label)
        jumps = after is not None and (after.form.ref is not None or is_word(after.form, "in"))
        end = step.label.span[1]
        return end, end, f",{text}" if jumps else f",{text},@{label}"

    def _free(self, wanted: str) -> str:
        """Return a label that is not taken, and take it."""
        numbers = range(1, len(self._taken) + 2)
        names = (wanted, *(f"{wanted}_{number}" for number in numbers))
        label = next(name for name in names if name not in self._taken)
        self._taken.add(label)
        return label

"""Labels of a spec: the tensors that they name, and what stands under them to be applied again."""

from __future__ import annotations

from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from shapecalc.errors import suggestions
from shapecalc.network import STATES, Tensor

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shapecalc.errors import Span
    from shapecalc.language.resolve import Resolver
    from shapecalc.language.syntax import Ref, Word


class Group(NamedTuple):
    """A layer or several with a label: nodes, what they read and what they give."""

    start: int
    end: int
    entry: Tensor | None
    output: Tensor


class Labels:
    """What the labels stand for, as far as the spec was read."""

    def __init__(self, resolver: Resolver) -> None:
        self.groups: dict[str, Group] = {}
        self._tensors: dict[str, Tensor] = {}
        self._resolver = resolver

    def bind(self, label: Word, tensor: Tensor, group: Group | None, *, again: bool) -> None:
        """Give a name to a tensor, in a repeat ``again``, and to the layers that made it."""
        name = label.text
        if name in self._tensors and not again:
            raise self._resolver.fail(f"the label @{name} is already used", label.span)
        self._tensors[name] = tensor
        if group is not None:
            self.groups[name] = group

    def node(self, ref: Ref) -> int | None:
        """Return the place of the node under a label; None where there is none yet."""
        tensor = self._tensors.get(ref.label)
        return None if tensor is None else tensor.node

    def tensor(self, ref: Ref, span: Span, *, states: bool = False) -> Tensor:
        """Return the tensor of a label; ``states`` means all its states where no port is named."""
        tensor = self._tensors.get(ref.label)
        if tensor is None:
            raise self._resolver.fail(
                f"there is no label @{ref.label} yet",
                span,
                partial(_hint, ref.label, self._tensors, len(self._tensors)),
            )
        if states and ref.port is None:
            return Tensor(tensor.node, STATES)
        return tensor if ref.port is None else Tensor(tensor.node, ref.port)


def _hint(label: str, labels: Mapping[str, Tensor], count: int) -> str | None:
    """Return the label that may be meant, of the first so many."""
    close = suggestions(label, islice(labels, count))
    return f"did you mean {' or '.join(f'@{name}' for name in close)}?" if close else None

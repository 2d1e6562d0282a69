"""Edits of a network, written into the text of the spec that it was read from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from shapecalc.errors import SpecError
from shapecalc.language.arguments import Assignment
from shapecalc.language.jumps import Jumps
from shapecalc.language.literals import data_text, size_text
from shapecalc.language.printer import argument_text, layer_text, plain_step, positional_text
from shapecalc.language.refused import Splice
from shapecalc.language.syntax import Step
from shapecalc.layers.layer import Layer
from shapecalc.layers.parameters import parameters
from shapecalc.network import (
    Append,
    Apply,
    Input,
    Insert,
    LeaveOut,
    Read,
    Replace,
    Requirement,
    Reshape,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from shapecalc.errors import Span
    from shapecalc.language.arguments import Read as Reading
    from shapecalc.language.syntax import Argument, Prefix, Stack
    from shapecalc.layers.dialect import Dialect
    from shapecalc.network import Edit, Node

#: The prefix that a layer is wrapped with, and its class.
_TD: Final = ("td-", "TimeDistributed")


class Editor:
    """Writes edits into the parts of a text that they are about."""

    def __init__(
        self,
        text: str,
        stack: Stack,
        nodes: Sequence[Node],
        dialect: Dialect,
        reads: Callable[[Step], Sequence[Reading]],
    ) -> None:
        """Take what a spec was read to; ``reads`` are the labels that a step reads."""
        self._jumps = Jumps(stack, dialect, reads)
        self._text = text
        self._dialect = dialect
        self._stack = stack
        self._nodes = nodes
        #: By step the prefixes of the groups around it, which wrap it too.
        self._around: dict[int, tuple[Prefix, ...]] = {}
        self._enter(stack, ())

    def _enter(self, stack: Stack, around: tuple[Prefix, ...]) -> None:
        for step in stack:
            self._around[id(step)] = around
            if step.form.name is None:
                inner = (*around, *_wrappers(step))
                for branch in step.branches or ():
                    self._enter(branch, inner)
            else:
                for branch in step.branches or ():
                    self._enter(branch, ())

    def edited(self, edits: Sequence[Edit]) -> str:
        """Return the text with edits; raises `SpecError` where one cannot be written."""
        text, end = self._text, len(self._text)
        splices = dict.fromkeys(splice for edit in edits for splice in self._splices(edit))
        for splice in sorted(splices, key=lambda splice: splice.start, reverse=True):
            if splice.end > end:
                raise SpecError("edits of the same part of a spec cannot be written")
            text = f"{text[: splice.start]}{splice.text}{text[splice.end :]}"
            end = splice.start
        return text

    def _splices(self, edit: Edit) -> Iterator[Splice]:
        """Yield the parts that an edit changes."""
        node = self._nodes[edit.node]
        if isinstance(edit, Reshape) and isinstance(node, Input):
            yield self._reshaped(node, edit)
        elif isinstance(edit, Append) and not isinstance(node, Requirement):
            yield self._appended(node, edit)
        elif isinstance(node, Apply) and not isinstance(edit, Reshape):
            if isinstance(edit, Replace):
                yield from self._replaced(node, edit)
            elif isinstance(edit, Insert):
                yield from self._inserted(node, edit)
            elif isinstance(edit, Read):
                step = self._step(node)
                for part in self._jumps.read(step, node, self._nodes, edit):
                    yield Splice(*part)
            elif isinstance(edit, LeaveOut):
                yield self._left_out(node)
        else:
            raise SpecError(f"{type(edit).__name__} is an edit of another kind of node")

    def _reshaped(self, node: Input, edit: Reshape) -> Splice:
        written = plain_step("in", map(size_text, edit.shape))
        if isinstance(node.origin, Step):
            return Splice(*node.origin.span, written)
        start = self._stack[0].start
        return Splice(start, start, f"{written},")

    def _appended(self, node: Apply | Input, edit: Append) -> Splice:
        step = self._step(node)
        if step.label is not None:
            raise SpecError("no layer can be inserted after a label for every step that reads it")
        written = self._beside(step, edit.layers)
        return Splice(step.span[1], step.span[1], f",{written}")

    def _beside(self, step: Step, layers: tuple[Layer, ...]) -> str:
        """Write layers beside a step, within the groups around it."""
        for prefix in self._around[id(step)]:
            layers = tuple(_inside(layer, prefix) for layer in layers)
        return ",".join(layer_text(layer, self._dialect) for layer in layers)

    def _step(self, node: Apply | Input) -> Step:
        if not isinstance(node.origin, Step):
            raise SpecError("this is not written in the spec")
        return node.origin

    def _left_out(self, node: Apply) -> Splice:
        step = self._step(node)
        if node.layer.merges and step.branches is not None:
            raise SpecError("a layer with branches cannot be left out")
        if step.label is not None:
            return Splice(*self._jumps.left_out(step.label.text))
        return Splice(*step.span, "")

    def _inserted(self, node: Apply, edit: Insert) -> Iterator[Splice]:
        step = self._step(node)
        own = len(step.ends) if node.layer.merges and step.branches is not None else 1
        if edit.read >= own:
            for part in self._jumps.inserted(step, edit.read - own, edit.layers):
                yield Splice(*part)
            return
        written = self._beside(step, edit.layers)
        if node.layer.merges and step.branches is not None:
            # Behind the last step of the branch.
            end = step.ends[edit.read]
            bare = self._text[:end].rstrip().endswith(("(", "|", ","))
            yield Splice(end, end, written if bare else f",{written}")
        else:
            yield Splice(step.start, step.start, f"{written},")

    def _replaced(self, node: Apply, edit: Replace) -> Iterator[Splice]:
        owner = node if node.shares is None else self._nodes[node.shares]
        assert isinstance(owner, Apply)  # noqa: S101  (only layers have weights to share)
        step = self._step(owner)
        old, new = owner.layer, edit.layer
        for _ in self._around[id(step)]:
            old, new = _held(old, new)
        yield from self._layer(step, old, new)

    def _layer(self, step: Step, old: Layer, new: Layer) -> Iterator[Splice]:
        """Write another layer as a step, with as little change as there can be."""
        wrappers = _wrappers(step)
        named = step.form.name or wrappers[-1]
        for prefix in wrappers if step.form.name else wrappers[:-1]:
            start, end = step.place(prefix.span)
            if getattr(old, old.holds) == new:
                after = self._text[end:].lstrip(" \t").removeprefix("-")
                yield Splice(start, len(self._text) - len(after), "")
                return
            if self._wraps(new, old):
                yield Splice(start, start, _TD[0])
                return
            old, new = _held(old, new)
        start, _ = step.place(named.span)
        if self._wraps(new, old):
            yield Splice(start, start, _TD[0])
        elif type(old) is type(new):
            yield from self._arguments(step, old, new)
        elif not old.merges and not new.merges and not old.reads:
            yield Splice(start, step.span[1], layer_text(new, self._dialect))
        else:
            raise SpecError(f"{old.called} cannot be written as {new.called} in its place")

    def _arguments(self, step: Step, old: Layer, new: Layer) -> Iterator[Splice]:
        blocks = [branch[0] for branch in step.branches or () if len(branch) == 1]
        for name in parameters(type(old)):
            before, after = getattr(old, name), getattr(new, name)
            if before == after:
                continue
            if isinstance(before, Layer) and isinstance(after, Layer):
                place = 0 if name == old.holds else 1
                if place >= len(blocks):
                    raise SpecError(f"{name} of {old.called} is not written in the spec")
                yield from self._layer(blocks[place], before, after)
            else:
                yield self._argument(step, type(old), name, after)

    def _argument(self, step: Step, cls: type[Layer], name: str, value: Any) -> Splice:  # noqa: ANN401
        """Write an argument where it stands, else behind all others."""
        return argument(step, cls, (name, value), self._written(step, cls), self._dialect)

    def _written(self, step: Step, cls: type[Layer]) -> dict[str, Span]:
        """Return where the arguments of a layer stand in a step; others are of its wrapper."""
        assignment = Assignment(cls, cls.__name__, self._dialect)
        assignment.fill(step.form.args)
        return assignment.places

    def _wraps(self, new: Layer, old: Layer) -> bool:
        """Return whether a layer is another one in the wrapper that has a prefix, and no more."""
        return (
            type(new).__name__ == _TD[1]
            and getattr(new, new.holds) == old
            and layer_text(new, self._dialect) == _TD[0] + layer_text(old, self._dialect)
        )


def argument(
    step: Step,
    cls: type[Layer],
    given: tuple[str, Any],
    places: Mapping[str, Span],
    dialect: Dialect,
) -> Splice:
    """Write an argument of a step where it stands, else behind all others.

    ``places`` are those of the arguments in its form.
    """
    (name, value), span = given, places.get(given[0])
    if span is None:
        end = step.span[1]
        return Splice(end, end, f":{argument_text(cls, name, value, dialect)}")
    found = [arg for arg in step.form.args if span[0] <= arg.span[0] and arg.span[1] <= span[1]]
    return Splice(*step.place(span), _as_before(found, cls, name, value, dialect))


def _as_before(
    found: Sequence[Argument],
    cls: type[Layer],
    name: str,
    value: Any,  # noqa: ANN401
    dialect: Dialect,
) -> str:
    """Write an argument as it was written before: with its key, without it, or as a flag."""
    first = found[0]
    is_open = value is None and parameters(cls)[name].kind.open_ended
    if first.key is not None:
        return f"{first.key.text}={'_' if is_open else data_text(value)}"
    if is_open:
        return "_"
    if first.value.kind == "word":
        return argument_text(cls, name, value, dialect)
    if any(each.key is not None or each.value.kind == "word" for each in found):
        raise SpecError(f"the values of {name} are not adjacent")
    several = parameters(cls)[name].kind.variadic and isinstance(value, (list, tuple)) and value
    return ":".join(map(positional_text, value)) if several else positional_text(value)


def _wrappers(step: Step) -> list[Prefix]:
    return [prefix for prefix in step.form.prefixes if isinstance(prefix.kind, str)]


def _same_wrapper(a: Layer, b: Layer) -> bool:
    return type(a) is type(b) and all(
        getattr(a, name) == getattr(b, name) for name in parameters(type(a)) if name != a.holds
    )


def _held(old: Layer, new: Layer) -> tuple[Layer, Layer]:
    """Return the layers inside two wrappers that differ in nothing else."""
    if not _same_wrapper(old, new):
        raise SpecError(f"{old.called} around this layer stays as it is")
    return getattr(old, old.holds), getattr(new, new.holds)


def _inside(layer: Layer, prefix: Prefix) -> Layer:
    """Return the layer inside the wrapper of a prefix, which stands around a group."""
    if prefix.kind != "td" or type(layer).__name__ != _TD[1]:
        raise SpecError(f"{layer.called} cannot be inserted in {prefix.kind}(…)")
    inner = getattr(layer, layer.holds)
    assert isinstance(inner, Layer)  # noqa: S101  (a wrapper holds one)
    return inner

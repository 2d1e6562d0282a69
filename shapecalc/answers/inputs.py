"""The inputs of a model, each with its data: whether it takes them, and what to write if not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shapecalc.answers import data
from shapecalc.answers.question import is_program
from shapecalc.answers.remade import Models
from shapecalc.answers.training import End, Problem, named
from shapecalc.dims import shape_text
from shapecalc.errors import ShapeError
from shapecalc.layers.letters import name_unknown
from shapecalc.network import BATCH_SIZE, Apply, Input, Requirement, Reshape
from shapecalc.tracing.rows import joined

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from shapecalc.answers.training import Training
    from shapecalc.dims import Shape, Size
    from shapecalc.language.shapes import GivenShape
    from shapecalc.tracing.trace import Trace


class Inputs:
    """What becomes of the data.

    Attributes:
        ends: a line for each input.
        problems: what does not fit.
        trace: the model as it is for the data, or as it is where they do not fit.
        models: makes other models of this one.
        samples: how many there are; None where nothing says it.
        batch: the size of the batch in the model, a letter in most.
    """

    def __init__(self, training: Training, free: Trace) -> None:
        self.free = free
        self.network = free.network
        self.is_torch = self.network.dialect.catalogue.framework == "torch"
        self._is_run = is_program(self.network.source)
        self._question = training.question._replace(repair=False)
        self.models = Models(training.question, free)
        self._batch_size = training.batch_size or BATCH_SIZE
        names = [name for name, _ in free.inputs]
        given = named(training.x, names, "--x", "input")
        self._shapes = {name: self._lettered(shape, name) for name, shape in given.items()}
        self.ends = [End("x", name, self._shapes.get(name), wanted) for name, wanted in free.inputs]
        first = free.inputs[0][1] if free.inputs else ()
        self.batch: Size = first[self._batch_axis(first)] if first else 1
        self.problems = list(self._found())
        self.samples = next(iter(self._numbers()), None)
        taken = self._shapes and not any(problem.refused for problem in self.problems)
        self.trace = self._walked(self._shapes) if taken else free

    def _lettered(self, shape: GivenShape, name: str) -> Shape:
        """Give unknown sizes the letters that the model has for them."""
        wanted = dict(self.free.inputs)[name]
        if len(shape) == len(wanted):
            pairs = zip(shape, wanted, strict=True)
            shape = tuple(own if size is None else size for size, own in pairs)
        used = set(map(str, self.free.letters))
        return name_unknown(shape, used, letters=self.network.dialect.letters)

    def _numbers(self) -> list[int]:
        """Return how many samples the data have, each number once."""
        pairs = [(self._shapes.get(name, ()), wanted) for name, wanted in self.free.inputs]
        sizes = [x[axis] for x, wanted in pairs if (axis := self._batch_axis(wanted)) < len(x)]
        return list(dict.fromkeys(size for size in sizes if isinstance(size, int)))

    def _found(self) -> Iterator[Problem]:
        if len(self._numbers()) > 1:
            listed = ", ".join(f"{name} {shape_text(x)}" for name, x in self._shapes.items())
            text = f"all inputs need the same number of samples: {listed}"
            yield Problem("samples", "x", next(iter(self._shapes)), text)
        for (name, wanted), node in zip(self.free.inputs, self.network.inputs, strict=True):
            if name in self._shapes:
                yield from self._stateful(name, wanted)
                yield from self._refused(name, wanted, node)

    def with_samples(self, count: int) -> tuple[str, ...]:
        """Return the line that brings an axis of the data to the front that has as many samples."""
        if len(self._shapes) != 1:
            return ()
        (shape,) = self._shapes.values()
        axes = [axis for axis, size in enumerate(shape) if axis and size == count]
        move = "x.movedim({}, 0)" if self.is_torch else "np.moveaxis(x, {}, 0)"
        return tuple(f"x = {move.format(axis)}" for axis in axes[:1])

    def _is_made(self, node: Input) -> bool:
        """Return whether the source leaves an input out, which is then whatever comes."""
        source = self.network.source
        is_spec = source is not None and not source.is_run and source.text is not None
        return is_spec and node.origin is None

    def _batch_axis(self, wanted: Shape) -> int:
        """Return the axis of the batch: the first, unless the letter for it stands elsewhere."""
        letter = self.network.dialect.letters.batch
        named_so = [axis for axis, size in enumerate(wanted) if str(size) == letter]
        return named_so[0] if named_so else 0

    def _walked(self, shapes: Mapping[str, Shape]) -> Trace:
        """Trace the model for data, with its batch instead of the samples."""
        inputs: dict[str | None, GivenShape] = {}
        for (name, wanted), node in zip(self.free.inputs, self.network.inputs, strict=True):
            if name not in shapes:
                continue
            taken: Shape | None = shapes[name]
            if not self.is_torch and not self._is_made(node):
                taken = data.taken(shapes[name], wanted, is_stack=self._is_stack)
            if taken is None:
                raise ShapeError(data.why_not(shapes[name], wanted))
            is_taken = not self._is_run or data.as_declared(taken, wanted)
            if not is_taken or (self._is_run and data.broken(self.free, taken, wanted)):
                raise ShapeError(data.why_not(shapes[name], wanted))
            axis = self._batch_axis(wanted)
            inputs[name] = (*taken[:axis], wanted[axis], *taken[axis + 1 :])
        if self._is_run:
            # A program is made for what it says, and is not read anew.
            return self.free
        found = self._question.walk(self.network, inputs)
        if not isinstance(self.batch, int) and self._batch_size not in found.facts.domain(
            str(self.batch)
        ):
            raise ShapeError(f"it holds only when {joined(found.conditions)}")
        if not self.is_torch and (row := data.of_other_weights(self.free, found)) is not None:
            raise ShapeError(f"the weights of {row} are made for the shape that is declared")
        return found

    @property
    def _is_stack(self) -> bool:
        """Whether each layer reads the one before, so that people write a Sequential model."""
        nodes = self.network.nodes
        chain = all(
            isinstance(node, Apply) and [t.node for t in node.inputs] == [place - 1]
            for place, node in enumerate(nodes)
            if place and not isinstance(node, Requirement)
        )
        return chain and isinstance(nodes[0], Input)

    def _stateful(self, name: str, wanted: Shape) -> Iterator[Problem]:
        """Ask that a batch that the model fixes is that of training."""
        batch, samples, asked = wanted[0], self._shapes[name][0], self._batch_size
        fixed = not self._is_run or any(
            getattr(row.model, "stateful", False) for row in self.free.layers
        )
        if self.is_torch or not isinstance(batch, int) or not fixed:
            return
        if asked != batch:
            text = f"the model has a fixed batch size of {batch}, but batches of {asked} are used"
            yield Problem("batch-size", "x", name, text, (f"model.fit(…, batch_size={batch})",))
        if isinstance(samples, int) and samples % batch:
            whole = samples // batch * batch
            last = samples % batch
            text = f"the model has a fixed batch size of {batch}, but the last batch has {last}"
            cut = (f"x, y = x[:{whole}], y[:{whole}]",) if whole else ()
            yield Problem("batch-size", "x", name, text, cut)

    def _refused(self, name: str, wanted: Shape, node: Input) -> Iterator[Problem]:
        """Say why an input does not take its data, and how they fit."""
        shape = self._shapes[name]
        shown = "x" if len(self.free.inputs) == 1 else name
        why = data.why_not(shape, wanted)
        try:
            self._walked({name: shape})
            taken = data.taken(shape, wanted, is_stack=True)
            is_free = self.is_torch or self._is_made(node) or taken is None
            if not is_free and taken is not None and not data.as_declared(taken, wanted):
                only = ("a Sequential model accepts this, a functional model does not",)
                yield Problem("data", "x", name, f"{shown} {why}", (), None, only, refused=False)
        except ShapeError as error:
            if not self._is_made(node) and data.is_pasted(shape, wanted):
                yield self._pasted(name, wanted, node)
                return
            is_free = self.is_torch or self._is_made(node) or data.as_declared(shape, wanted)
            notes = [error.message] if is_free and error.message != why else []
            same_rank = len(shape) == len(wanted)
            broken = data.broken(self.free, shape, wanted) if same_rank else []
            text = f"{shown} {shape_text(shape)}: {broken[0]}" if broken else f"{shown} {why}"
            lines = data.ways(
                shown,
                shape,
                wanted,
                lambda turned: self._walked({name: turned}),
                is_torch=self.is_torch,
            )
            yield Problem("data", "x", name, text, tuple(lines), notes=(*notes, *broken[1:]))

    def _pasted(self, name: str, wanted: Shape, node: Input) -> Problem:
        """Say that the samples stand in the shape of an input, and leave them out."""
        text = f"the input shape includes the number of samples, {wanted[1]}"
        place = self.network.nodes.index(node)
        spec = self.models.edited([Reshape(place, (wanted[0], *wanted[2:]))])
        written = f"Input(shape={shape_text(wanted[2:])})"
        return Problem("data", "x", name, text, () if spec else (written,), spec)

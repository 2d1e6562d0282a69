"""The outputs of a model, each with its labels and its loss: what fits, what to write if not."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from shapecalc.analysis.endings import ending
from shapecalc.answers import ctc, labels, lints
from shapecalc.answers.labels import Labels
from shapecalc.answers.training import Choice, End, Problem, named, spread
from shapecalc.errors import ShapeError, SpecError
from shapecalc.layers.letters import name_unknown
from shapecalc.layers.losses import BATCH, Outcome, agree, losses_in
from shapecalc.layers.ranges import Range
from shapecalc.tracing.numbers import type_named

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from shapecalc.answers.inputs import Inputs
    from shapecalc.answers.training import Training
    from shapecalc.dims import Shape
    from shapecalc.language.shapes import GivenShape
    from shapecalc.layers.losses import Loss, Losses
    from shapecalc.network import Network


def losses_of(network: Network) -> Losses:
    """Return the losses of the framework of a network; raises `SpecError` where it has none."""
    found = losses_in(network.dialect.catalogue.package)
    if found is None:
        raise SpecError(f"the losses of {network.dialect.name} are not known")
    return found


class Outputs:
    """What becomes of the labels.

    Attributes:
        ends: a line for each output.
        problems: what does not fit, and what is not meant.
    """

    def __init__(self, training: Training, inputs: Inputs) -> None:
        self._trace = inputs.trace
        self._network = inputs.trace.network
        self._inputs = inputs
        self._losses = losses_of(self._network)
        self.ends: list[End] = []
        self.problems: list[Problem] = []
        names = [name for name, _ in self._trace.named_outputs]
        ys = named(training.y, names, "--y", "output")
        losses = spread(training.losses, names, "--loss")
        said = spread(training.dtypes, names, "--y-dtype")
        dtypes = {name: type_named(str(text)) for name, text in said.items()}
        lengths = spread(training.lengths, names, "--y-length")
        for place, (name, output) in enumerate(self._trace.named_outputs):
            y = self._lettered(ys[name]) if name in ys else None
            made = self._compared(place, y, dtypes.get(name))
            loss = self._losses.read(losses[name]) if name in losses else None
            # Data that do not fit come first: what the output is of others is not asked.
            asked = loss is None and (y is not None or not any(p.refused for p in inputs.problems))
            choices = tuple(self._choices(made, output, y=y)) if asked else ()
            self.ends.append(End("y", name, y, output, loss and loss.name, choices))
            if loss is not None and loss.order:
                self.problems += self._joint(loss, names, ys) if place == 0 else ()
                continue
            self.problems += self._found(name, made, y, loss, choices=bool(choices))
            length = lengths.get(name, y[1] if y is not None and len(y) > 1 else None)
            if loss is not None and loss.steps is not None and length is not None:
                self.problems += ctc.too_short(name, output, loss, length, inputs.trace)

    def _lettered(self, shape: GivenShape) -> Shape:
        """Give unknown sizes letters; the first is the batch."""
        if shape[:1] == (None,):
            shape = (self._inputs.batch, *shape[1:])
        return name_unknown(shape, set(self._trace.letters), letters=self._network.dialect.letters)

    def _joint(
        self, loss: Loss, names: Sequence[str], ys: Mapping[str, GivenShape]
    ) -> Iterator[Problem]:
        """Say why a loss does not take all outputs together."""
        batch = self._inputs.batch
        outputs = [labels.numbered(shape, batch) for shape in self._trace.outputs]
        count = loss.order.count("output")
        given = [y for name in names if (y := ys.get(name)) is not None]
        if len(outputs) != count:
            has = f"the model has {len(outputs)}"
            yield Problem("labels", "y", names[0], f"{loss.name} reads {count} outputs, but {has}")
            return
        if "y" in loss.order and not given:
            return
        y = (BATCH, *name_unknown(given[0], set())[1:]) if given else ()
        following = iter(outputs)
        shapes = [y if each == "y" else next(following) for each in loss.order]
        try:
            self._losses.join(loss, shapes)
        except ShapeError as error:
            text = error.message.replace(str(BATCH), str(batch))
            yield Problem("labels", "y", names[0], f"{loss.name} {text}")

    def _compared(self, place: int, y: Shape | None, dtype: str | None) -> Labels:
        """Return the shapes that are compared, with one number for the batch in both."""
        name, output = self._trace.named_outputs[place]
        batch = self._inputs.batch
        numbered = labels.numbered(output, batch)
        shown = "y" if len(self._trace.outputs) == 1 else name
        last = ending(self._trace, self._network.outputs[place])
        known = (BATCH, *y[1:]) if y else numbered
        return Labels(shown, known, numbered, last, str(batch), self._inputs.is_torch, dtype)

    def _choices(self, made: Labels, output: Shape, *, y: Shape | None) -> Iterator[Choice]:
        """Yield the losses that suit an output, or those of them that take y."""
        for loss in labels.losses_for(made, self._losses):
            if y is not None and loss.outcome(made.y, made.output, made.dtype) is not Outcome.FITS:
                continue
            seen: set[tuple[str, Shape | None]] = set()
            for target in loss.takes:
                shape = target.shape(output)
                fits = y is None or agree(target.shape(made.output), made.y)
                if shape is None or (target.name, shape) in seen or not (fits or not made.is_torch):
                    continue
                seen.add((target.name, shape))
                yield Choice(labels.written(loss, is_torch=made.is_torch), target.name, shape)

    def _found(
        self, name: str, made: Labels, y: Shape | None, loss: Loss | None, *, choices: bool
    ) -> Iterator[Problem]:
        """Yield what is wrong at an output."""
        samples = self._inputs.samples
        if y and samples is not None and isinstance(y[0], int) and y[0] != samples:
            text = f"x has {samples} sample{'s' * (samples != 1)}, but {made.name} has {y[0]}"
            yield Problem("samples", "y", name, text, self._inputs.with_samples(y[0]))
        rows = labels.rows_made(dict(self._trace.named_outputs)[name], self._inputs.batch)
        if rows is not None and y is not None:
            text = f"the output has {rows} rows for {made.batch} samples"
            yield Problem("batch", "y", name, text)
        elif loss is None:
            if y is not None and not choices:
                yield self._none_takes(name, made)
        else:
            if y is not None:
                yield from self._refused(name, made, loss)
            yield from self._not_meant(name, made, loss)

    def _refused(self, name: str, made: Labels, loss: Loss) -> Iterator[Problem]:
        """Say why a loss does not take y, and what to write."""
        outcome = loss.outcome(made.y, made.output, made.dtype)
        if outcome is Outcome.FITS:
            return
        if loss.outcome(made.y, made.output) is Outcome.FITS:
            yield self._of_other_type(name, made, loss)
            return
        refused = outcome is Outcome.REFUSED
        text = (labels.misfit if refused else labels.compared)(made, loss)
        others = labels.other_losses(made, loss, self._losses)
        lines = [*labels.lines(made, loss), *(self._said(each) for each in islice(others, 1))]
        spec = None if lines else self._inputs.models.with_output(made, loss)
        yield Problem("labels" if refused else "broadcast", "y", name, text, tuple(lines), spec)

    def _of_other_type(self, name: str, made: Labels, loss: Loss) -> Problem:
        fitting = [t for t in loss.takes if agree(t.shape(made.output), made.y)]
        wanted = next(t.dtypes[0] for t in (*fitting, *loss.takes) if t.dtypes)
        line = f"{made.name} = {made.name}.{'long' if wanted == 'int64' else 'float'}()"
        text = f"{loss.name} needs {made.name} of type {wanted} here, not {made.dtype}"
        takes = {target.name for target in loss.takes}
        is_row = labels.CLASSES in takes and len(made.y) == len(made.output)
        more = (f"{made.name} = {made.name}.argmax(1)",) if is_row and len(made.y) > 1 else ()
        return Problem("dtype", "y", name, text, (line, *more))

    def _none_takes(self, name: str, made: Labels) -> Problem:
        """Say what could be written where no loss takes y."""
        suit = list(labels.losses_for(made, self._losses))
        lines = [
            f"{line}, and {self._said(loss)}" for loss in suit for line in labels.lines(made, loss)
        ]
        specs = (self._inputs.models.with_output(made, loss) for loss in suit[:2])
        spec = None if lines else next((each for each in specs if each), None)
        text = f"no loss suits both the output {made.shown(made.output)} and {made.name} "
        return Problem("labels", "y", name, text + made.shown(made.y), tuple(lines[:2]), spec)

    def _not_meant(self, name: str, made: Labels, loss: Loss) -> Iterator[Problem]:
        for lint in lints.of_loss(made.ending, loss):
            if lint.rule == lints.SOFTMAX_OF_ONE:
                yield self._alone(name, made, loss, lint)
                continue
            suit = labels.losses_for(made, self._losses)
            takes = {target.name for target in loss.takes}
            lines = [self._said(o) for o in suit if {t.name for t in o.takes} & takes][:1]
            if lint.rule == "logits" and loss.logits is not None:
                lines = [f"loss=keras.losses.{loss.name}(from_logits=True)"]
            spec = self._inputs.models.with_activation(lint)
            yield Problem(lint.rule, "y", name, lint.message, tuple(lines), spec, refused=False)

    def _alone(self, name: str, made: Labels, loss: Loss, lint: lints.Lint) -> Problem:
        """Share between two classes where the loss is over classes; else use a sigmoid."""
        models = self._inputs.models
        spec = models.with_classes(2, made, loss) if loss.classes else None
        lines: list[str] = []
        if spec is None:
            spec = models.with_activation(lint)
            of_one = made._replace(ending=made.ending._replace(range=Range.SHARES))
            suit = labels.losses_for(of_one, self._losses) if loss.classes else ()
            lines = [self._said(each) for each in islice(suit, 1)]
        return Problem(lint.rule, "y", name, lint.message, tuple(lines), spec)

    def _said(self, loss: Loss) -> str:
        is_torch = self._inputs.is_torch
        return ("criterion = " if is_torch else "loss=") + labels.written(loss, is_torch=is_torch)

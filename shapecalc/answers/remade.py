"""Other models instead of one: with another output, with another activation; each traced."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final

from shapecalc.analysis.endings import ending
from shapecalc.answers import labels, lints
from shapecalc.answers.question import is_program
from shapecalc.answers.trace import as_said, repairs
from shapecalc.errors import ShapecalcError, SpecError
from shapecalc.language.source import MadeSource
from shapecalc.layers.losses import Outcome
from shapecalc.network import Append, LeaveOut, Replace
from shapecalc.repair.layers import changed

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from shapecalc.answers.labels import Labels
    from shapecalc.answers.question import Question
    from shapecalc.dims import Size
    from shapecalc.layers.layer import Layer
    from shapecalc.layers.losses import Loss
    from shapecalc.network import Edit, Source
    from shapecalc.tracing.rows import Row
    from shapecalc.tracing.trace import Trace

    #: An output that is wanted; None in it matches any size.
    Pattern = tuple[Size | None, ...]

#: How many repaired models are looked at.
MOST: Final = 3
#: The modules of torch that are activations by themselves.
MODULES: Final = {
    "sigmoid": ("Sigmoid", {}),
    "softmax": ("Softmax", {"dim": 1}),
    "log_softmax": ("LogSoftmax", {"dim": 1}),
}


class Models:
    """Makes models of one that is not right for data or labels, as texts that can be written."""

    def __init__(self, question: Question, trace: Trace) -> None:
        self._question = question
        self._trace = trace
        self._network = trace.network

    def edited(self, edits: Sequence[Edit]) -> str | None:
        """Return the model with edits; None where they cannot be made, or do not fit."""
        source: Source = self._network.source or MadeSource(self._network)
        try:
            edited = source.edited(edits)
            if is_program(edited):
                return edited.change
            text = f"{self._network.heading}{edited}"
            asked = self._question._replace(source=text, repair=False)
            asked.walk(asked.network())
        except ShapecalcError:
            return None
        return as_said(text, self._network)

    def with_output(self, made: Labels, loss: Loss) -> str | None:
        """Return a model that gives the output with which the loss takes this y."""
        return self._giving(labels.patterns(made, loss), made, loss)

    def with_classes(self, count: int, made: Labels, loss: Loss) -> str | None:
        """Return a model whose output has so many classes, with which the loss takes this y."""
        rank = len(made.output)
        kept = 1 if made.is_torch else rank - 1
        pattern = tuple(count if axis == kept else None for axis in range(rank))
        return self._giving([pattern], made, loss)

    def _giving(self, patterns: Iterable[Pattern], made: Labels, loss: Loss) -> str | None:
        """Return a model whose output has one of the shapes; None in them matches any size."""
        key = None if len(self._trace.outputs) == 1 else made.name
        for pattern in patterns:
            asked = self._question._replace(expected=((key, pattern),))
            try:
                for found in islice(repairs(asked), MOST):
                    if self._is_right(found, made, loss):
                        return found
            except ShapecalcError:
                continue
        return None

    def _is_right(self, spec: str, made: Labels, loss: Loss) -> bool:
        """Return whether the loss takes y for the output of a repaired spec, which it can learn."""
        if self._network.source is None or self._network.source.is_run:
            return True
        asked = self._question._replace(source=spec, repair=False)
        trace = asked.walk(asked.network())
        last = ending(trace, trace.network.outputs[0])
        if any(lint.rule == lints.SOFTMAX_OF_ONE for lint in lints.of_loss(last, loss)):
            return False
        output = labels.numbered(trace.output, trace.inputs[0][1][0])
        several = len(trace.outputs) > 1
        return several or loss.outcome(made.y, output) is Outcome.FITS

    def with_activation(self, lint: lints.Lint) -> str | None:
        """Return the model with another activation instead of the one that is not meant."""
        row = lint.row
        if row is None or lint.activation is None:
            return None
        places = [at for at, node in enumerate(self._network.nodes) if node is row.node]
        edit = self._activated(row, lint.activation, places[0]) if places else None
        return None if edit is None else self.edited([edit])

    def _activated(self, row: Row, name: str, place: int) -> Edit | None:
        """Return the edit after which a layer has another activation."""
        layer = changed(row.model, activation=None if name == "linear" and row.weights else name)
        if layer is not None:
            return Replace(place, layer)
        given = row.model.activated()
        is_one = not row.weights and given is not None and given.name is not None
        if name == "linear":
            return LeaveOut(place) if is_one else None
        made = self._made(name)
        if made is None:
            return None
        return Replace(place, made) if is_one else Append(place, (made,))

    def _made(self, name: str) -> Layer | None:
        catalogue = self._network.dialect.catalogue
        cls, config = "Activation", {"activation": name}
        if catalogue.find(cls) is None:
            cls, config = MODULES[name]  # type: ignore[assignment]
        try:
            return catalogue.layer(cls, **config)
        except SpecError:
            return None

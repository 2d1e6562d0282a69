"""From the form of a step to its validated layer: each form is looked up and validated once."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from shapecalc import dialects
from shapecalc.errors import ShapecalcError, SpecError, UnknownLayerError
from shapecalc.language.arguments import Assignment, letters_in
from shapecalc.language.refused import Refused, Splice, misspelt, placed
from shapecalc.layers.making import Maker, maker
from shapecalc.layers.problems import ArgumentError, Problem, validate

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from shapecalc.errors import Help, Span
    from shapecalc.language.arguments import Read
    from shapecalc.language.syntax import Form, Stack, Step, Word
    from shapecalc.layers.dialect import Dialect
    from shapecalc.layers.layer import Layer


#: A call with nothing but what the layer works on: no values, no masks.
_PLAIN_CALL: Final[tuple[Mapping[str, Any], Sequence[Read]]] = ({}, ())
#: A whole number in the text of a plain step.
_NUMBER: Final = re.compile(r":([0-9]+)")


class _Pattern(NamedTuple):
    """What makes the layers of plain steps that differ in numbers only, and what these say.

    ``numbers`` are parameters, each with the place of its number in the text that is split at
    numbers; ``others`` is all else that such a step says.
    """

    maker: Maker
    numbers: tuple[tuple[str, int], ...]
    others: dict[str, Any]


class Resolver:
    """Makes layers of steps, and remembers them by form and wrappers."""

    def __init__(
        self,
        text: str,
        dialect: Dialect,
        filled: Mapping[tuple[Form, Span], Any] | None = None,
    ) -> None:
        """Take the text, and values for ``?`` by the form in which it stands, and its place."""
        self.text = text
        self.dialect = dialect
        self._filled = filled or {}
        self.errors: list[ShapecalcError] = []
        self.letters: set[str] = set()
        self._layers: dict[tuple[Form, tuple[str, ...], int | None], Layer | None] = {}
        self._reads: dict[Form, list[Read]] = {}
        self._calls: dict[Form, tuple[dict[str, Any], list[Read]]] = {}
        #: By the text of plain steps between its numbers, what these mean.
        self._patterns: dict[tuple[str, ...], _Pattern] = {}

    def fail(self, message: str, span: Span, hint: Help = None) -> SpecError:
        """Make an error for a place of the text."""
        return SpecError(message, span=span, help=hint, source=self.text)

    def report(self, error: ShapecalcError) -> None:
        """Keep an error, to go on and find the others."""
        self.errors.append(error.replaced(source=self.text))

    def layer(self, step: Step, wraps: tuple[str, ...]) -> Layer | None:
        """Return the layer of a step inside wrappers; None where it was reported as unreadable."""
        key = (step.form, wraps, id(step.branches) if step.branches else None)
        if key in self._layers:
            return self._layers[key]
        try:
            layer = None if wraps else self._alike(step.form)
            if layer is None:
                layer = self._resolve(step, wraps)
        except SpecError as error:
            for each in error.errors:
                self.report(each)
            layer = None
        self._layers[key] = layer
        return layer

    def made(self) -> list[tuple[tuple[Form, tuple[str, ...], int | None], Layer]]:
        """Return all layers, each with the form, the wrappers and the block that it is made of."""
        return [(key, layer) for key, layer in self._layers.items() if layer is not None]

    def reads(self, step: Step) -> Sequence[Read]:
        """Return the labels that a step reads, once its layer is known."""
        return self._reads.get(step.form, ())

    def call(self, step: Step) -> tuple[Mapping[str, Any], Sequence[Read]]:
        """Return the other call arguments of the layer of a step: values and masks."""
        return self._calls.get(step.form, _PLAIN_CALL)

    def again(self, step: Step, layer: Layer) -> None:
        """Look up what a layer is called with where a step uses it again."""
        assignment = Assignment(type(layer), "use", self.dialect)
        assignment.fill(step.form.args[1:])
        given = next(iter(assignment.places.values()), None)
        if given is not None or assignment.reads:
            span = step.place(given or assignment.reads[0].span)
            raise self.fail("use: takes a label, and what the layer is called with", span)
        if assignment.errors:
            placed = [e.replaced(span=step.place(e.span or (0, 0))) for e in assignment.errors]
            raise SpecError.join(placed)
        self._calls[step.form] = (assignment.call, assignment.masks)

    def _alike(self, form: Form) -> Layer | None:
        """Return the layer of a step that differs in numbers only from one before.

        None where there was none before, or where these numbers are refused.
        """
        parts = _NUMBER.split(form.plain)
        pattern = self._patterns.get(tuple(parts[::2]))
        if pattern is None:
            return None
        config = pattern.others.copy()
        for name, place in pattern.numbers:
            config[name] = int(parts[place])
        layer: Layer | None = pattern.maker.made(config)
        return layer

    def _resolve(self, step: Step, wraps: tuple[str, ...]) -> Layer:
        if wraps and wraps[-1] == "bi" and step.form.name is None:
            return self._bidirectional_block(step, wraps[:-1])
        name = step.form.name
        assert name is not None  # noqa: S101  (blocks without a name are unfolded before)
        entry = self.dialect.catalogue.find(name.text)
        if entry is None:
            raise self._unknown(name, step)
        cls = self.dialect.catalogue.load(entry)
        filled = self._filled_in(step.form)
        inner = Assignment(cls, entry.name, self.dialect, filled)
        inner.preset(entry.preset)
        outer = self._wrapper(wraps[-1], step, filled) if wraps else None
        if step.branches is not None and not cls.merges:
            self._fill_block(inner, step)
        inner.fill(step.form.args, outer)
        if wraps and (cls.merges or (inner.reads and "td" in wraps)):
            what = "a merge" if cls.merges else "a label"
            raise self.fail(f"{what} is not allowed in {wraps[-1]}", step.span)
        if inner.masks and "td" in wraps and len(wraps) > 1:
            raise self.fail(f"a mask is not allowed in {wraps[-1]} in td", step.span)
        if inner.reads:
            self._reads[step.form] = inner.reads
        if inner.call or inner.masks:
            self._calls[step.form] = (inner.call, inner.masks)
        layer = self._make(inner, step)
        self.letters |= letters_in([getattr(layer, name) for name in inner.config])
        if outer is None:
            self._note_pattern(step.form, inner)
            return layer
        outer.config[outer.cls.holds] = layer
        return self._around(self._make(outer, step), wraps[:-1], step)

    def _note_pattern(self, form: Form, assignment: Assignment) -> None:
        """Keep what the numbers of a plain step mean, unless several make one argument."""
        makes = maker(assignment.cls)
        if makes is None or not form.plain or form in self._calls:
            return
        numbers = [each for each in form.args if each.value.kind == "int"]
        by_place = {span: name for name, span in assignment.places.items()}
        names = [by_place.get(each.span, "") for each in numbers]
        given = [assignment.config.get(name) for name in names]
        if given == [each.value.value for each in numbers]:
            others = {k: v for k, v in assignment.config.items() if k not in names}
            key = tuple(_NUMBER.split(form.plain)[::2])
            places = tuple((name, 2 * place + 1) for place, name in enumerate(names))
            self._patterns[key] = _Pattern(makes, places, others)

    def _wrapper(
        self, prefix: str, step: Step, filled: Mapping[Span, Any] | None = None
    ) -> Assignment:
        """Return the wrapper that a prefix stands for in this dialect."""
        entry = self.dialect.catalogue.find(self.dialect.prefixes.get(prefix, ""))
        if entry is None:
            hint = dialects.hint(self.dialect, prefix, lambda other: prefix in other.prefixes)
            raise self.fail(f"{self.dialect.name} has no prefix {prefix}-", step.span, hint)
        return Assignment(self.dialect.catalogue.load(entry), prefix, self.dialect, filled)

    def _filled_in(self, form: Form) -> dict[Span, Any]:
        return {span: value for (of, span), value in self._filled.items() if of is form}

    def _around(self, layer: Layer, wraps: tuple[str, ...], step: Step) -> Layer:
        for wrap in reversed(wraps):
            outer = self._wrapper(wrap, step)
            outer.config[outer.cls.holds] = layer
            layer = self._make(outer, step)
        return layer

    def _bidirectional_block(self, step: Step, wraps: tuple[str, ...]) -> Layer:
        """Return the layer of ``bi(forward|backward)``, each of which is a recurrent layer."""
        outer = self._wrapper("bi", step, self._filled_in(step.form))
        self._fill_block(outer, step)
        outer.fill(step.form.args)
        if outer.call or outer.masks:
            self._calls[step.form] = (outer.call, outer.masks)
        return self._around(self._make(outer, step), wraps, step)

    def _fill_block(self, target: Assignment, step: Step) -> None:
        """Put the layers of a block into the parameters that hold them."""
        branches = step.branches or []
        if target.cls.holds in {"cell", "cells", "layers"}:
            self._fill_several(target, step, branches)
            return
        fields = [target.cls.holds]
        if target.cls.holds_also:
            fields.append(target.cls.holds_also)
        if not target.cls.holds:
            raise self.fail(f"{target.subject} holds no layers", step.span, target.takes())
        if len(branches) > len(fields):
            raise self.fail(
                f"{target.subject} takes {len(fields)} branch{'es' * (len(fields) > 1)},"
                f" not {len(branches)}",
                step.span,
            )
        for field, branch in zip(fields, branches, strict=False):
            target.config[field] = self._only_layer(branch, step)

    def _fill_several(self, target: Assignment, step: Step, branches: list[Stack]) -> None:
        """Fill in one layer or several, as ``rnn(a|b)`` holds them, or all of ``pipeline(a,b)``."""
        holds = target.cls.holds
        if holds == "cell":
            layers = [self._only_layer(branch, step) for branch in branches]
            target.config[holds] = layers[0] if len(layers) == 1 else layers
        else:
            target.config[holds] = [self._held(inner) for branch in branches for inner in branch]

    def _only_layer(self, branch: Stack, step: Step) -> Layer:
        if len(branch) != 1:
            raise self.fail(f"one layer is expected here, not {len(branch)}", step.span)
        return self._held(branch[0])

    def _held(self, inner: Step) -> Layer:
        kinds = [prefix.kind for prefix in inner.form.prefixes]
        wraps = tuple(kind for kind in kinds if isinstance(kind, str))
        nameless = inner.form.name is None and not (wraps and wraps[-1] == "bi")
        if len(wraps) < len(kinds) or nameless or inner.label is not None:
            raise self.fail("one layer is expected here", inner.span)
        errors = len(self.errors)
        layer = self.layer(inner, wraps)
        if layer is None:
            found = self.errors[errors:]
            del self.errors[errors:]
            raise SpecError.join(found or [self.fail("this layer cannot be read", inner.span)])
        return layer

    def _make(self, assignment: Assignment, step: Step) -> Layer:
        """Validate, with each problem at its argument."""
        errors: list[ShapecalcError] = [
            error.replaced(
                span=step.place(error.span) if error.span else step.span,
                layer=assignment.subject,
                failure=placed(error.failure, step),
            )
            for error in assignment.errors
        ]
        try:
            layer = validate(assignment.cls, assignment.config, assignment.subject)
        except ArgumentError as error:
            broken = {problem.field for problem in error.problems}
            refused = Refused(partial(_mended, assignment, step), is_listed=True)
            for problem in error.problems:
                if problem.missing and errors:
                    continue
                place = assignment.places.get(problem.field or "")
                errors.append(
                    SpecError(
                        f"{assignment.subject}: {problem.message}",
                        span=step.place(place) if place else step.span,
                        layer=assignment.subject,
                        help=self._help(assignment, problem, step, broken),
                        failure=refused,
                    )
                )
        if errors:
            raise SpecError.join(errors)
        return layer

    def _help(
        self, assignment: Assignment, problem: Problem, step: Step, broken: set[str | None]
    ) -> str | None:
        """Return what the layer takes; where a first size is left out, how to leave it open."""
        if None in broken:
            return None
        arguments = step.form.args
        keyed = arguments and arguments[0].key is not None
        if keyed or not (problem.missing and arguments and assignment.begins_open):
            return assignment.takes()
        begin, end = step.place(arguments[0].span)[0], step.place(arguments[-1].span)[1]
        given, name = self.text[begin:end], assignment.subject
        hint = f"{name}:_:{given} accepts any input"
        lazy = self.dialect.catalogue.find(f"lazy{name}")
        return hint if lazy is None else f"{hint}, as does {lazy.name}:{given}"

    def _unknown(self, name: Word, step: Step) -> SpecError:
        span, catalogue = step.place(name.span), self.dialect.catalogue
        return UnknownLayerError(
            name.text,
            span=span,
            help=partial(self._layer_hint, name.text),
            source=self.text,
            failure=misspelt(name.text, span, catalogue.names),
        )

    def _layer_hint(self, name: str) -> str | None:
        """Return the dialect that has the layer, else the names that may be meant."""
        return dialects.hint(
            self.dialect, name, lambda other: other.catalogue.find(name) is not None
        ) or self.dialect.catalogue.hint(name)


def _mended(assignment: Assignment, step: Step) -> Iterator[Sequence[Splice]]:
    from shapecalc.language.mending import mended  # for those who ask what works instead

    return mended(assignment, step)

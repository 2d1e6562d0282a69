"""What the text of a spec says, before any layer is looked up: steps, arguments, places."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from shapecalc.network import Origin

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapecalc.errors import Span

#: The words that no layer and no label can have.
RESERVED: Final = frozenset({"td", "bi", "in", "is", "use", "dialect"})
#: The steps that are not layers, each as it is written, with what it says.
STEPS: Final = {
    "in": ("in:B:T:10", "An input of this shape, batch included; in:B:T:10@text names it."),
    "is": (
        "is:B:T:9",
        "Requires this shape here; _ matches any size, a new letter is bound to it.",
    ),
    "use": ("use:@tower", "Applies the layer or the group of this label again: the same weights."),
    "dialect": ("dialect:torch", "The framework of the spec, as its first step."),
}


class Word(NamedTuple):
    """A word and its place."""

    text: str
    span: Span


class Prefix(NamedTuple):
    """``td``, ``bi``, or how often to repeat."""

    kind: str | int
    span: Span


class Value(NamedTuple):
    """A value of an argument: its kind, what it is in Python, and its place.

    The kinds are const, int, float, tuple, size, word, text, ref, list, any and unknown; a list
    holds values, a ref a `Ref`.
    """

    kind: str
    value: Any
    span: Span


class Argument(NamedTuple):
    """A value, with the key before it where there is one; ``span`` holds both."""

    key: Word | None
    value: Value
    span: Span


class Ref(NamedTuple):
    """A tensor by its label; without a port it is the first that the label gives."""

    label: str
    port: int | None


class Form:
    """How a step is written, apart from its place, its block and its label.

    Places in it count from the beginning of the step, so that steps written the same share one.
    ``plain`` is the text of a name with whole numbers and flags, as most steps are, whose parts
    are read when they are asked for; of other steps it is empty.
    """

    __slots__ = ("_args", "_name", "length", "plain", "prefixes", "ref")

    def __init__(self, plain: str = "") -> None:
        self.plain = plain
        self.length = len(plain)
        self.prefixes: Sequence[Prefix] = ()
        self.ref: Value | None = None
        self._name: Word | None = None
        self._args: list[Argument] | None = None

    @property
    def name(self) -> Word | None:
        """The name of the layer, where it has one."""
        if self._name is None and self.plain:
            name = self.plain.partition(":")[0]
            self._name = Word(name, (0, len(name)))
        return self._name

    @name.setter
    def name(self, name: Word) -> None:
        self._name = name

    @property
    def args(self) -> list[Argument]:
        """Its arguments, in order."""
        if self._args is None:
            self._args = _plain_arguments(self.plain)
        return self._args


def _plain_arguments(text: str) -> list[Argument]:
    """Read the arguments of a plain step."""
    name, *words = text.split(":")
    found, end = [], len(name)
    for word in words:
        span = (end + 1, end + 1 + len(word))
        value = Value("int", int(word), span) if word.isdigit() else Value("word", word, span)
        found.append(Argument(None, value, span))
        end = span[1]
    return found


class Step(Origin):
    """A step in its place, from which nodes came; see `LongStep` for what most have not."""

    __slots__ = ("form", "start")

    branches: list[Stack] | None = None
    label: Word | None = None
    ends: tuple[int, ...] = ()

    def __init__(self, form: Form, start: int) -> None:
        self.form = form
        self.start = start

    @property
    def span(self) -> Span:
        """The place of the whole step, without its label."""
        return (self.start, self.start + self.form.length)

    def place(self, span: Span) -> Span:
        """Return the place in the text of a part of the form."""
        return (self.start + span[0], self.start + span[1])


class LongStep(Step):
    """A step with a label or a block.

    ``branches`` are the stacks of its block, where it has one, and ``ends`` the places behind them.
    """

    __slots__ = ("branches", "ends", "label")

    def __init__(
        self,
        form: Form,
        start: int,
        branches: list[Stack] | None,
        label: Word | None,
        ends: tuple[int, ...] = (),
    ) -> None:
        super().__init__(form, start)
        self.branches = branches
        self.label = label
        self.ends = ends


#: Steps in the order in which the tensor goes through them.
Stack = list[Step]


def steps_in(text: str) -> int:
    """Return about how many steps a spec has, without reading it."""
    return text.count(",") + text.count("\n")

"""A training as a question, and what would come of it as an answer; plain values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from shapecalc.answers.question import Question
from shapecalc.dims import Shape
from shapecalc.errors import Place, ShapecalcError, ShapeError, SpecError, did_you_mean
from shapecalc.language.shapes import GivenShape
from shapecalc.tracing.rows import plain_shape

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapecalc.network import Said

#: What is said by the name of an input or an output; by None of the only one, or of all.
ByName = Mapping[Any, Any]


class Training(NamedTuple):
    """What is trained on what.

    Attributes:
        question: the model, and all that is said beside it.
        x: the shapes of the data by the name of the input.
        y: the shapes of the labels by the name of the output.
        losses: the names of the losses by the name of the output.
        dtypes: the types of the labels by the name of the output.
        lengths: how long the longest label is, by the name of the output.
        batch_size: how many samples are taken at once; None where it is not said.
    """

    question: Question
    x: Mapping[Any, GivenShape] = {}
    y: Mapping[Any, GivenShape] = {}
    losses: Mapping[Any, str] = {}
    dtypes: Mapping[Any, str] = {}
    lengths: Mapping[Any, int] = {}
    batch_size: int | None = None

    def with_said(self, said: Said) -> Training:
        """Return it with what the source says, where nothing else is said."""
        return self._replace(
            x=self.x or said.x,
            y=self.y or said.y,
            losses=self.losses or said.losses,
            batch_size=self.batch_size or said.batch_size,
        )


class Problem(NamedTuple):
    """What does not fit, or is not meant.

    Attributes:
        rule: its name.
        end: ``x``, ``y`` or ``model``.
        name: the input or the output.
        message: the fact.
        lines: code to write instead, the most likely first.
        spec: the model to write instead, which was traced; None where none was found.
        notes: why.
        place: the line of source code; None where it came from none.
        refused: whether the framework refuses it, or compares other numbers; else it is a warning.
    """

    rule: str
    end: str
    name: str
    message: str
    lines: tuple[str, ...] = ()
    spec: str | None = None
    notes: tuple[str, ...] = ()
    refused: bool = True
    place: Place | None = None

    def as_error(self) -> ShapecalcError:
        """Return it as an error, which diagnostics can show."""
        notes = [*self.notes, *(f"write  {line}" for line in self.lines)]
        return ShapeError(
            self.message, notes=notes, help=self.spec, place=self.place, rule=self.rule
        )

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data, as JSON has it."""
        said = {**self._asdict(), "lines": list(self.lines), "notes": list(self.notes)}
        del said["place"]
        line = {} if self.place is None else {"path": self.place.path, "line": self.place.line}
        return said | line


class Choice(NamedTuple):
    """A loss that suits an output: how it is written, and the shapes and kinds of y it takes."""

    loss: str
    y: str
    shape: Shape | None


class End(NamedTuple):
    """An input or an output: what is given for it, and the shape that it has in the model."""

    end: str
    name: str
    given: Shape | None
    shape: Shape
    loss: str | None = None
    choices: tuple[Choice, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data, as JSON has it."""
        return {
            "end": self.end,
            "name": self.name,
            "given": None if self.given is None else plain_shape(self.given),
            "shape": plain_shape(self.shape),
            "loss": self.loss,
            "losses": [
                {
                    "loss": each.loss,
                    "y": each.y,
                    "shape": None if each.shape is None else plain_shape(each.shape),
                }
                for each in self.choices
            ],
        }


class Fit(NamedTuple):
    """What training would make of it."""

    ends: tuple[End, ...]
    problems: tuple[Problem, ...]

    @property
    def fits(self) -> bool:
        """Whether it is trained as it is meant; what is a warning may be meant."""
        return not any(problem.refused for problem in self.problems)

    def of(self, end: End) -> list[Problem]:
        """Return the problems of an end."""
        return [each for each in self.problems if (each.end, each.name) == (end.end, end.name)]

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data, as JSON has it."""
        return {
            "version": 1,
            "fits": self.fits,
            "ends": [end.to_dict() for end in self.ends],
            "problems": [problem.to_dict() for problem in self.problems],
        }


def named(given: ByName, names: Sequence[str], option: str, noun: str) -> dict[str, Any]:
    """Return what is given by name, under the names of the inputs or the outputs."""
    found: dict[str, Any] = {}
    for key, value in given.items():
        if key is None and len(names) > 1:
            raise SpecError(
                f"there are {len(names)} {noun}s, and {option} names none",
                help=" ".join(f"{option} {name}=SHAPE" for name in names),
            )
        place = 0 if key is None else key
        if isinstance(place, int) and place >= len(names):
            raise SpecError(f"there {_are(len(names), noun)}, and more of {option} are given")
        name = names[place] if isinstance(place, int) else place
        if name not in names:
            hint = did_you_mean(name, names) or f"the {noun}s are {', '.join(names)}"
            raise SpecError(f"there is no {noun} {name}", help=hint)
        found[name] = value
    return found


def _are(count: int, noun: str) -> str:
    return f"is 1 {noun}" if count == 1 else f"are {count} {noun}s"


def spread(given: ByName, names: Sequence[str], option: str) -> dict[str, Any]:
    """Return what is said of each output; without a name it is said of all."""
    everywhere = {name: given[None] for name in names if None in given}
    own = {key: value for key, value in given.items() if key is not None}
    return everywhere | named(own, names, option, "output")


def by_output(given: Any) -> dict[Any, Any]:  # noqa: ANN401
    """Take a value for all outputs, or values by output; None is none."""
    if given is None:
        return {}
    return dict(given) if isinstance(given, Mapping) else {None: given}

"""Looks for the shapes of inputs that nothing says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from shapecalc.dims import Dim
from shapecalc.errors import SpecError
from shapecalc.importers.python.library.torchholding import walk
from shapecalc.importers.python.open import Open, OpenList
from shapecalc.importers.python.signals import Raised
from shapecalc.importers.python.values import Class, Instance, Tensor, Value
from shapecalc.layers.layer import Layer
from shapecalc.layers.letters import free_letter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapecalc.importers.python.open import Found

#: What an input may be whose axes nothing tells: images, vectors, sequences, words, volumes.
_CANDIDATES: Final = ("NCHW", "NF", "NLF", "NL", "NCDHW", "N")
_SEQUENCE: Final = "NLF"
#: The kind of refusal that more said of the inputs would mend, and how such an input is written.
NO_INPUT: Final = "input"
_EXAMPLES: Final = {"torch": "N,3,32,32", "keras": "B,32,32,3"}


class _Guess(NamedTuple):
    """An input whose rank is guessed, what was given before, and the ranks to try."""

    name: str
    before: dict[str, Value]
    ranks: list[str]


class Search:
    """Looks for the shapes of inputs that are not given.

    What the first layer that reads one is made for is sure where that layer reads so many axes and
    no others; else ranks are tried one after the other.
    """

    def __init__(self, value: Instance, fixed: dict[str, Value], library: str) -> None:
        self._value = value
        self.given = dict(fixed)
        self._fixed = fixed
        self._library = library
        #: How many inputs are in one that is a list.
        self._parts: dict[str, int] = {}
        #: Whether the shape of an input is not given.
        self.is_open = False
        self._guesses: list[_Guess] = []
        self._is_sure = True
        self._first: Raised | None = None
        #: Where and how each try failed, and whether a number of axes was ever a guess.
        self._ends: set[tuple[object, str]] = set()
        self._has_guessed = False
        self._more: tuple[str, list[Any]] | None = None
        self._open_name = "x"

    def look_for(self, names: Sequence[str]) -> None:
        """Say which inputs there are, of which some are not given."""
        for name in names:
            count = sum(key.startswith(f"{name}[") for key in self._fixed)
            self._parts.update({name: count} if count else {})
        known = {*self._fixed, *self._parts}
        unknown = [name for name in names if name not in known]
        self.is_open = bool(unknown)
        self._open_name = unknown[0] if unknown else self._open_name

    def of(self, name: str) -> Value:
        """Return what an input is by now: its tensor, several in a list, or what is not known."""
        if name in self._parts:
            return OpenList(name, map(self.of, self.parts(name)))
        known = self.given.get(name)
        may_be_list = self._library == "keras" and "[" not in name
        return Open(name, may_be_list=may_be_list) if known is None else known

    def parts(self, name: str) -> list[str]:
        """Return the names of the inputs in one that is a list, or its own."""
        count = self._parts.get(name)
        return [name] if count is None else [f"{name}[{place}]" for place in range(count)]

    def take(self, found: Found) -> None:
        """Take the shape that an input has, or the rank that is tried now."""
        shape: Any = found.shape
        if found.parts:
            self._parts[found.name] = max(found.parts, self._parts.get(found.name, 0))
            return
        self._is_sure = self._is_sure and found.is_sure
        if found.many:
            made = tuple(_tensor(each, self.given, self._library) for each in found.many)
            self.given[found.name] = made
            return
        if shape is None:
            ranks = list(_CANDIDATES) if found.by_numbers else _suiting(self._value)
            self._guesses.append(_Guess(found.name, dict(self.given), ranks))
            self._has_guessed = True
            shape = ranks[0]
        self.given[found.name] = _tensor(shape, self.given, self._library)

    def goes_on(self, error: Raised, names: Sequence[str]) -> bool:
        """Return whether there is another shape to try."""
        self._first = self._first or error
        self._ends.add((error.position, error.rule if error.error is not None else ""))
        if self._has_guessed:
            return self._guess_anew()
        if self._more is None:
            self._more = _with_more_axes(self.given, names)
        name, shapes = self._more
        if not shapes:
            return False
        self.given[name] = _tensor(shapes.pop(0), {**self.given, name: None}, self._library)
        return True

    def _guess_anew(self) -> bool:
        """Try the next rank of the input that was guessed last, or of one before it."""
        while self._guesses:
            name, before, ranks = self._guesses[-1]
            del ranks[0]
            if ranks:
                self.given = {**before, name: _tensor(ranks[0], before, self._library)}
                return True
            self._guesses.pop()
        return False

    def _fails_alike(self, first: Raised) -> bool:
        """Return whether a width is wrong in the same place, however many axes there are."""
        alike = len(self._ends) == 1 and not self._has_guessed
        return alike and first.error is not None and first.rule in {"features", "channels"}

    def failure(self, value: Instance) -> Raised | SpecError:
        """Return what is wrong: with the model, or that its inputs are not found."""
        first = self._first
        if first is not None and first.kind == "NotImplementedError" and not self._fixed:
            return SpecError(f"{value.cls.name} is abstract: what it does is not implemented")
        if first is not None and (
            not self.is_open
            or (self._is_sure and first.error is not None)
            or self._fails_alike(first)
        ):
            return first
        notes = [] if first is None else [first.message]
        example = _EXAMPLES[self._library]
        told = f"give it with -i, such as -i {example}"
        if isinstance(value.cls, Class):
            told += f", or in a comment at the class: # shapecalc: {self._open_name}={example}"
        return SpecError(
            f"no input was found that fits {value.cls.name}", help=told, notes=notes, rule=NO_INPUT
        )


def _with_more_axes(given: dict[str, Value], names: Sequence[str]) -> tuple[str, list[Any]]:
    """Shapes with more axes for an input that is made for a layer which reads any number."""
    for name in names:
        tensor = given.get(name)
        if isinstance(tensor, Tensor) and len(tensor.shape) == 2:  # noqa: PLR2004  (a row each)
            batch, features = tensor.shape
            if str(batch) in {"N", "B"}:
                return name, [(str(batch), "L", features), (str(batch), "H", "W", features)]
    return "", []


def _suiting(value: Instance) -> list[str]:
    """Return what an input may be that no layer reads first.

    As many axes as the layers of the model read, the most first; without layers a sequence.
    """
    layers = [held.payload for _, held in walk(value) if isinstance(held, Instance)]
    read = [each for each in layers if isinstance(each, Layer) and each.input_letters()]
    ranks = {_rank(each) for each in read} or {len(_SEQUENCE)}

    def order(letters: str) -> tuple[bool, int]:
        suits = len(letters) in ranks
        return not suits, -len(letters) if suits else len(letters)

    return sorted(_CANDIDATES, key=order)


def _rank(layer: Layer) -> int:
    """Return how many axes the natural input of a layer has; a cell reads a step of a sequence."""
    rank = len(layer.input_letters() or ())
    return len(_SEQUENCE) if layer.reads_states else rank


def _tensor(shape: Any, given: dict[str, Value], library: str) -> Tensor:  # noqa: ANN401
    """Return a tensor of the shape that an input has; the batch is that of the other inputs."""
    used = {
        letter
        for tensor in given.values()
        if isinstance(tensor, Tensor)
        for size in tensor.shape
        if isinstance(size, Dim)
        for letter in size.letters
    }
    used -= {"N", "B"}
    return Tensor(
        [free_letter(size, used) if isinstance(size, str) else size for size in shape], library
    )

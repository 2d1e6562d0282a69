"""The letters of a trace: which there are, what each stands for, and what was said of it.

Letters come from inputs and arguments, from rules that make new ones, from sizes that are put in
for others (``-s T=8*K``), from facts that define them (``-w "T == 2*J"``) and from checks that give
a size a name (``is:B:N``). All of them are one set, in which each has one meaning.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from shapecalc.dims import (
    Contradiction,
    Dim,
    Facts,
    Size,
    TooLargeError,
    check_digits,
    is_letter,
    letters,
    substitute,
)
from shapecalc.errors import ShapeError, SpecError, no_letter
from shapecalc.language.facts import GivenFacts
from shapecalc.network import Requirement

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from collections.abc import Set as AbstractSet

    from shapecalc.language.statements import Statement
    from shapecalc.network import Network


class _Link(NamedTuple):
    """An equality as a definition: a letter, and those of what it stands for."""

    name: str
    rest: frozenset[str]


class Symbols:
    """What is known about letters before and during a walk.

    Attributes:
        used: the letters that have been met so far, from which new ones must differ.
        values: what letters are replaced by.
        met: the sizes that checks gave a name.
        facts: all that must hold.
        given: what of it was given, rather than required by a layer.
    """

    def __init__(
        self,
        network: Network,
        known: Iterable[str] = (),
        values: Mapping[str, Size] | None = None,
        given: GivenFacts | None = None,
    ) -> None:
        """Begin with the letters of inputs and arguments; raises where facts cannot hold."""
        self.used = set(known)
        self.met: dict[str, Size] = {}
        self._set = values or {}
        self.values = _resolved(self._set, self.used)
        self._put_in = frozenset(name for size in self._set.values() for name in letters(size))
        self._given = given or GivenFacts()
        self._links = [*_links(self._given.statements)]
        self._named = _names_of_sizes(network) if self._given.statements or values else set()
        self.given = Facts()
        named = self._named - set(self.values) - self.known
        self._waiting = [each for each in self._given.statements if each.letters & named]
        for statement in self._given.statements:
            if statement not in self._waiting:
                self._require(statement, self.given)
        self.facts = self.given.copy()

    @property
    def known(self) -> set[str]:
        """All letters that have a meaning by now."""
        found = {*self.used, *self._put_in}
        before = -1
        while before < len(found):
            before = len(found)
            for name, rest in self._links:
                if name in found:
                    found |= rest
                elif rest <= found:
                    found.add(name)
        return found

    def __contains__(self, name: object) -> bool:
        if name in self.used or not (self._links or self._put_in):
            return name in self.used
        return name in self.known

    def __iter__(self) -> Iterator[str]:
        return iter(self.known)

    def __len__(self) -> int:
        return len(self.known)

    @property
    def meanings(self) -> dict[str, Size]:
        """The letters that stand for something else."""
        return {**self.values, **self.met}

    def release(self) -> None:
        """Let facts hold whose letters all have a meaning now; raises `ShapeError`."""
        self.used.update(self.met)
        known = self.known if self._waiting else ()
        ready = [each for each in self._waiting if not each.letters & self._named - set(known)]
        for statement in ready:
            self._waiting.remove(statement)
            self._require(statement, self.given, self.facts)

    def _require(self, statement: Statement, *facts: Facts) -> None:
        meanings = self.meanings
        try:
            for each in facts:
                each.require(statement.truth(meanings))
        except Contradiction:
            said = self._given.said(statement)
            names = [name for name in meanings if name in statement.letters] or meanings
            shown = " and ".join(f"{name} is {meanings[name]}" for name in names)
            raise ShapeError(f"{said} cannot hold where {shown}") from None

    def missing(self) -> list[str]:
        """Return the letters that were set or stated but do not exist."""
        known = self.known | self._named
        said = [name for each in self._given.statements for name in sorted(each.letters)]
        return [name for name in dict.fromkeys([*self._set, *said]) if name not in known]

    def check(self) -> None:
        """Refuse values and facts for letters that are nowhere printed."""
        for name in self.missing():
            raise no_letter(name, self.known)


def _resolved(values: Mapping[str, Size], known: AbstractSet[str]) -> Mapping[str, Size]:
    """Values in which letters that only values bring in are replaced by their own values."""
    found = dict(values)
    waiting = {name: size for name, size in values.items() if name not in known}
    while ready := {n: size for n, size in waiting.items() if not letters(size) & waiting.keys()}:
        found = {name: _replaced(name, size, ready) for name, size in found.items()}
        waiting = {name: found[name] for name in waiting.keys() - ready.keys()}
    return found


def _replaced(name: str, size: Size, values: Mapping[str, Size]) -> Size:
    try:
        replaced = substitute(size, values)
        check_digits(replaced)
    except TooLargeError as error:
        raise SpecError(f"the size of {name} is too large: {error}") from None
    return replaced


def _links(statements: Iterable[Statement]) -> Iterable[_Link]:
    """Yield the equalities by which one letter stands for others."""
    for statement in statements:
        if statement.sign == "==" and len(statement.letters) > 1:
            alone = Facts()
            try:
                alone.require(statement.truth())
            except Contradiction:
                continue
            for name in sorted(statement.letters):
                size = alone.simplify(Dim(name))
                if size != Dim(name) and letters(size):
                    yield _Link(name, letters(size))


def _names_of_sizes(network: Network) -> set[str]:
    """Return the letters that checks may give a size, standing alone."""
    sizes = [
        size for node in network.nodes if isinstance(node, Requirement) for size in node.pattern
    ]
    return {name for size in sizes if size is not None and (name := is_letter(size)) is not None}

"""What is known about the letters: what follows from it, and how sizes are written in its light."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from shapecalc.dims.atoms import TooLargeError
from shapecalc.dims.bounds import FREE, POSITIVE, Ranges, interval
from shapecalc.dims.conditions import AnyOf, Condition, Truth, any_of, at_least, equal, implies
from shapecalc.dims.domain import EVERY, Domain
from shapecalc.dims.exactness import Known, known_by
from shapecalc.dims.expression import Dim, Size, letters
from shapecalc.dims.extrema import largest
from shapecalc.dims.implied import contradicts, follows
from shapecalc.dims.merging import cleared
from shapecalc.dims.remainders import without_known
from shapecalc.dims.rewrite import evaluated, holds_extrema, rewrite
from shapecalc.dims.rules import multiplied
from shapecalc.dims.showing import shown
from shapecalc.dims.single import by_values, satisfying, satisfying_any
from shapecalc.dims.splitting import alternatives, split_product, without_floor

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from shapecalc.dims.atoms import Atom

#: By how much the values of `Knowledge.samples` are larger than the least ones.
SAMPLED: Final = (1, 3, 1009)

_Memory = tuple[dict["Size", "Size"], dict["Atom", "Size | None"]]


class Knowledge:
    """What is known about letters: it decides statements, and writes sizes in its light."""

    def __init__(self) -> None:
        """Begin with nothing but that letters are positive integers."""
        self._domains: dict[str, Domain] = {}
        #: What each letter can be by itself; None where that is to be made of the domains.
        self._alone: Ranges | None = None
        #: What statements on several letters add to that, but for what was narrowed since.
        self._joint = FREE
        self._narrowed: set[str] = set()
        #: What stands instead of a letter; no letter of it has a value itself.
        self._values: dict[str, Size] = {}
        self.general: dict[Condition | AnyOf, None] = {}
        self._known: Known | None = None
        #: What sizes, and the floors and extrema in them, are written as: by what each letter can
        #: be by itself, and by all.
        self._written_as: dict[bool, _Memory] = {}

    @property
    def _bounds(self) -> Ranges:
        """What each letter can be by itself."""
        if self._alone is None:
            self._alone = Ranges({name: (d.low, d.high) for name, d in self._domains.items()})
        return self._alone

    @property
    def ranges(self) -> Ranges:
        """What each letter can be by all that is known."""
        if self._narrowed:
            joint = Ranges(self._joint, self._joint.least)
            for name in self._narrowed:
                domain, (low, high) = self._domains[name], joint.get(name, POSITIVE)
                tops = [top for top in (high, domain.high) if top is not None]
                joint[name] = (max(low or 1, domain.low), min(tops, default=None))
            self._joint, self._narrowed = joint, set()
        return self._joint

    def domain(self, name: str) -> Domain:
        """Return the values that a letter may take."""
        return self._domains.get(name, EVERY)

    def possible(self, name: str) -> Domain:
        """Return the values of a letter within the bounds that statements on several imply."""
        low, high = self.ranges.get(name, (1, None))
        domain = self.domain(name).at_least(low or 1)
        return domain if high is None else domain.at_most(high)

    def reduced(self, truth: Condition | AnyOf) -> Truth:
        """Say a statement in the light of what is known about its letters one by one.

        Bounds that follow from statements on several letters would let one vouch for itself.
        """
        found = self._in_light(truth, self._bounds)
        if isinstance(found, Condition) and self.general:
            low, high = interval(found.expr, self.ranges)
            above, below = low is not None and low > 0, high is not None and high < 0
            if below or (above and found.exact):
                return False
        return found

    def _in_light(self, truth: Condition | AnyOf, ranges: Ranges) -> Truth:
        if isinstance(truth, AnyOf):
            return any_of(*(alternatives(self._decided(option)) for option in truth.options))
        known = self._quotients()
        asked = multiplied(truth.expr, known.rules)
        expr = self._written(asked, ranges)
        reduced = equal(expr, 0) if truth.exact else at_least(expr, 0)
        if truth.exact and isinstance(reduced, Condition) and known.exact:
            # Letters that all terms had are gone, which may show that quotients are exact.
            reduced = without_known(equal(cleared(reduced.expr, known), 0), known)
        if isinstance(reduced, Condition) and len(reduced.letters) > 1:
            reduced = without_floor(reduced)
        if isinstance(reduced, Condition):
            if truth.turned != reduced.turned and len(reduced.expr.terms) > 1:
                reduced = Condition(reduced.expr, exact=truth.exact, turned=True)
            low, high = interval(reduced.expr, ranges)
            if (low is not None and low > 0) or (high is not None and high < 0):
                return not truth.exact and low is not None and low > 0
            if not truth.exact and low == 0:
                return True
            if self.general and len(reduced.letters) > 1:
                others = [each for each in self.general if isinstance(each, Condition)]
                if contradicts(reduced, others, self.ranges):
                    return False
        return reduced

    def _decided(self, option: Condition) -> Truth:
        """Return a reduced option, or the answer if it is known."""
        known = self.decide(option)
        return self._in_light(option, self._bounds) if known is None else known

    def decide(self, truth: Truth) -> bool | None:
        """Return whether a statement follows (True), cannot hold (False), or neither (None)."""
        try:
            return self._decision(truth)
        except (ZeroDivisionError, TooLargeError):
            return None

    def _decision(self, truth: Truth) -> bool | None:
        if isinstance(truth, bool):
            return truth
        reduced = self._in_light(truth, self.ranges)
        if isinstance(reduced, bool):
            return reduced
        if isinstance(reduced, AnyOf):
            if reduced in self.general:
                return True
            if len(reduced.letters) > 1:
                return (
                    True if any(self._is_said_by(each, reduced) for each in self.general) else None
                )
            (name,) = reduced.letters
            return _compared(satisfying_any(reduced, name, self.domain(name)), self.domain(name))
        factors = split_product(reduced)
        if factors is not None:
            answers = [self.decide(factor) for factor in factors]
            return False if False in answers else None if None in answers else True
        names = reduced.letters
        if len(names) == 1:
            (name,) = names
            return _compared(satisfying(reduced, name, self.domain(name)), self.domain(name))
        known = [each for each in self.general if isinstance(each, Condition)]
        return True if follows(reduced, known, self.ranges) else None

    def _is_said_by(self, known: Condition | AnyOf, truth: AnyOf) -> bool:
        """Return whether each option of a statement implies an option of another one."""
        options = known.options if isinstance(known, AnyOf) else (known,)
        return all(any(self._leads_to(one, other) for other in truth.options) for one in options)

    def _leads_to(self, one: Condition, other: Condition) -> bool:
        if implies(one, other):
            return True
        if len(one.letters) > 1 or one.letters != other.letters:
            return False
        (name,) = one.letters
        within = satisfying(one, name, self.domain(name))
        if within is None or within.empty:
            return False
        return _compared(satisfying(other, name, within), within) is True

    def gives(self, name: str, value: Size) -> bool:
        """Return whether it follows that a letter stands for a value."""
        return self._values.get(name) == value or self.decide(equal(Dim(name), value)) is True

    def samples(self, names: Iterable[str]) -> list[dict[str, int]]:
        """Return a few values of letters, from the least on, that meet all that is known."""
        domains = {name: self.possible(name) for name in names}
        found = []
        for times in SAMPLED:
            later = {name: each.at_least(times * each.low) for name, each in domains.items()}
            point = {name: each.low for name, each in later.items() if not each.empty}
            if len(point) == len(domains) and all(_holds_at(each, point) for each in self.general):
                found.append(point)
        return found

    @property
    def named(self) -> list[str]:
        """The letters of which something is known."""
        general = [name for truth in self.general for name in sorted(truth.letters)]
        values = [name for value in self._values.values() for name in sorted(letters(value))]
        return list(dict.fromkeys([*self._domains, *self._values, *values, *general]))

    @property
    def plain(self) -> bool:
        """Whether nothing is known that changes how sums of letters and floors are written."""
        if self._values or self.general:
            return False
        return all(d.modulus == 1 and d.high is None for d in self._domains.values())

    def simplify(self, size: Size) -> Size:
        """Write a size as it is where the conditions hold."""
        return self._written(size, self.ranges)

    def largest(self, sizes: Iterable[Size]) -> Size:
        """Return the largest of sizes where the conditions hold."""
        return self.simplify(largest(list(sizes), self.ranges))

    def _written(self, size: Size, ranges: Ranges) -> Size:
        if isinstance(size, int):
            return size
        memory = self._written_as.get(ranges is self._joint)
        if memory is None:
            memory = self._written_as[ranges is self._joint] = ({}, {})
        known, atoms = memory
        found = known.get(size)
        if found is None:
            quotients = self._quotients()
            found = size
            if not self._values.keys().isdisjoint(letters(size)) or holds_extrema(size):
                found = rewrite(size, self._values.get, ranges, atoms)
            if quotients.exact:
                found = shown(found, quotients)
            if isinstance(found, Dim) and any(atom.depth for m, _ in found.terms for atom, _ in m):
                found = by_values(found, self.domain)
            known[size] = found
        return found

    def _quotients(self) -> Known:
        """Return what says that quotients are exact."""
        if self._known is None:
            self._known = known_by(self.general, self._domains)
        return self._known


def _holds_at(truth: Condition | AnyOf, numbers: Mapping[str, int]) -> bool:
    """Return whether a statement holds at numbers; False where it has other letters too."""
    for option in truth.options if isinstance(truth, AnyOf) else (truth,):
        if not option.letters <= numbers.keys():
            continue
        try:
            left = evaluated(option.expr, numbers)
        except ZeroDivisionError:
            continue
        if left == 0 or (left > 0 and not option.exact):
            return True
    return False


def _compared(solved: Domain | None, domain: Domain) -> bool | None:
    """Return whether the values that satisfy a statement are none or all of the possible ones."""
    if solved is None:
        return None
    return False if solved.empty else True if solved == domain else None

"""The conditions on the letters: they join here, and are said as few as can be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from shapecalc.dims.bounds import FREE, POSITIVE, Interval, Ranges
from shapecalc.dims.conditions import AnyOf, Condition, Truth, any_of, at_least, equal, implies
from shapecalc.dims.definitions import definition, domain_of
from shapecalc.dims.domain import EVERY, Domain
from shapecalc.dims.expression import Dim, Size, plain_letter
from shapecalc.dims.implied import Needed, follows, implied_ranges
from shapecalc.dims.knowledge import Knowledge
from shapecalc.dims.options import condition_text
from shapecalc.dims.remainders import joined
from shapecalc.dims.rewrite import is_letter, substitute
from shapecalc.dims.single import inner, satisfying, satisfying_any
from shapecalc.dims.splitting import split_extrema, split_product

if TYPE_CHECKING:
    from collections.abc import Iterable


#: So often bounds are passed on for one statement.
TIGHTEN_LIMIT: Final = 30
#: What a letter can be is said as it was asked, where the text of its values is longer than this.
LONG: Final = 80


class Contradiction(ValueError):  # noqa: N818  (a name of logic)
    """A statement that contradicts the known facts."""

    def __init__(self, statement: Truth) -> None:
        super().__init__(str(statement))
        self.statement = statement


class Facts(Knowledge):
    """A growing set of conditions on letters, kept simplified."""

    def __init__(self) -> None:
        """Begin with nothing but that letters are positive integers."""
        super().__init__()
        #: The statements that said what a letter can be; None where others had a part in it.
        self._asked: dict[str, list[Truth | None]] = {}
        #: The same without what is only assumed; None where nothing is.
        self._exact: Facts | None = None
        #: The same without what was said of sizes that rest on what is assumed; None where nothing.
        self._firm: Facts | None = None
        #: How often bounds were passed on from letter to letter for one statement.
        self._tightened = 0

    @property
    def exact(self) -> Facts:
        """What must hold, without what is only assumed."""
        return self if self._exact is None else self._exact

    @property
    def firm(self) -> Facts:
        """What must hold whether what is assumed does or not."""
        return self.exact if self._firm is None else self._firm

    def copy(self) -> Facts:
        """Return the same facts, to which others can be added."""
        twin = Facts()
        twin._domains = dict(self._domains)
        twin._asked = {name: list(said) for name, said in self._asked.items()}
        twin._joint = Ranges(self.ranges, self.ranges.least)
        twin._values = dict(self._values)
        twin.general = dict(self.general)
        twin._exact = None if self._exact is None else self._exact.copy()
        twin._firm = None if self._firm is None else self._firm.copy()
        return twin

    def require(self, truth: Truth, *, relative: bool = False) -> None:
        """Add a statement; raises `Contradiction` where it cannot hold any more.

        One that is ``relative`` says something of sizes that rest on what is assumed.
        """
        if truth is True:
            return
        apart: Truth = truth
        if relative and self._exact is not None and not isinstance(truth, bool):
            apart = self.reduced(truth)
        self._tightened = 0
        try:
            admitted = self._admit(truth)
        except ZeroDivisionError:
            # What divides by zero for the only values that are left says nothing that holds.
            admitted = False
        if not admitted:
            raise Contradiction(truth)
        if self._exact is not None:
            if relative and self._firm is None:
                self._firm = self._exact.copy()
            self._exact.require(apart)
            if not relative and self._firm is not None:
                self._firm.require(truth)

    def assume(self, truth: Truth) -> None:
        """Go on as if a statement held; raises `Contradiction` where it cannot."""
        exact = self.exact.copy()
        grown = self.copy()
        grown.require(truth)
        self.__dict__.update(grown.__dict__)
        self._exact = exact

    def _admit(self, truth: Truth) -> bool:
        if isinstance(truth, bool):
            return truth
        if isinstance(truth, Condition) and not truth.exact and not self._values:
            bound = truth.expr if truth.expr.plain else inner(truth.expr)
            name = bound.plain or plain_letter(bound)
            if name:
                known = self.domain(name)
                least = -bound.const
                return least <= known.low or self._narrow(name, known.at_least(least), truth)
        reduced = self.reduced(truth)
        if isinstance(reduced, bool):
            return reduced
        if isinstance(reduced, AnyOf):
            return self._admit_any(reduced)
        return self._admit_condition(reduced)

    def take_bound(self, truth: Truth) -> bool:
        """Let a letter be at least so much, as most layers ask of it.

        Return whether the statement says that, and nothing else is known that has a part in it:
        then it is all that `require` does, in a third of the time.
        """
        if truth.__class__ is not Condition or truth.exact or self.general:
            return False
        name = truth.expr.plain
        if not name or self._values or self._exact is not None:
            return False
        known, least = self._domains.get(name, EVERY), -truth.expr.const
        if least > known.low:
            if known.high is not None:
                return False
            self._take(name, Domain(least, None, known.modulus, known.residues), truth)
        return True

    def _admit_any(self, truth: AnyOf) -> bool:
        if len(truth.letters) == 1:
            (name,) = truth.letters
            solved = satisfying_any(truth, name, self.domain(name))
            if solved is not None:
                return self._narrow(name, solved, truth)
        return self._keep(truth)

    def _admit_condition(self, condition: Condition) -> bool:
        alternatives = split_extrema(condition)
        if alternatives is not None:
            every, parts = alternatives
            if every:
                return all(map(self._admit, parts))
            joined = any_of(*parts)
            if joined != condition:
                return self._admit(joined)
        factors = split_product(condition)
        if factors is not None:
            return all(map(self._admit, factors))
        names = condition.letters
        if len(names) == 1:
            (name,) = names
            solved = satisfying(condition, name, self.domain(name))
            if solved is not None:
                return self._narrow(name, solved, condition)
        elif condition.exact and len(names) > 1:
            unified = self._unify(condition)
            if unified is not None:
                return unified
        return self._keep(condition)

    def _keep(self, truth: Condition | AnyOf) -> bool:
        """Keep a statement as it is, with the bounds on its letters that follow from it."""
        if isinstance(truth, AnyOf):
            self._keep_any(truth)
            return True
        for other in self._alike(truth):
            if other.exact or other.expr.const <= truth.expr.const:
                return True
            del self.general[other]
        if not truth.exact:
            opposite = at_least(-truth.expr, 0)
            if isinstance(opposite, Condition) and opposite in self.general:
                # x >= 0 and x <= 0
                del self.general[opposite]
                return self._admit(equal(truth.expr, 0))
        together = joined(truth, self.general)
        if together is not None:
            whole, known = together
            if whole == known:
                return True
            del self.general[known]
            return isinstance(whole, Condition) and self._keep(whole)
        self.general[truth] = None
        self._forget()
        if not truth.exact:
            least = {**self.ranges.least, truth.expr.terms: -truth.expr.const}
            self._joint = Ranges(self.ranges, least)
        return self._tighten(implied_ranges(truth, self.ranges))

    def _keep_any(self, truth: AnyOf) -> None:
        """Keep a statement of several options, and none that says less."""
        others = [each for each in self.general if isinstance(each, AnyOf)]
        if any(_implies(each, truth) for each in others):
            return
        for each in others:
            if _implies(truth, each):
                del self.general[each]
        self.general[truth] = None
        self._forget()

    def _alike(self, condition: Condition) -> list[Condition]:
        """Return what bounds the same sum as an inequality does: one of them says all."""
        terms = condition.expr.terms
        known = [] if condition.exact else [t for t in self.general if isinstance(t, Condition)]
        return [each for each in known if each.expr.terms == terms]

    def _tighten(self, ranges: Ranges | None) -> bool:
        """Take narrower bounds; what has a single value left is known."""
        if ranges is None:
            return False
        self._tightened += 1
        if self._tightened > TIGHTEN_LIMIT:
            # Bounds can raise each other without end; those that there are hold all the same.
            return True
        before, self._joint = self.ranges, ranges
        for name, (low, high) in ranges.items():
            if before.get(name) == (low, high) or name in self._values:
                continue
            if low is not None and low == high:
                if not self._narrow(name, self.domain(name).at_least(low).at_most(low)):
                    return False
            elif not self._recheck(name):
                return False
        return True

    def _forget(self) -> None:
        if self._written_as:
            self._written_as = {}
        self._known = None

    def _narrow(self, name: str, domain: Domain, asked: Truth | None = None) -> bool:
        if domain.empty:
            return False
        if self._domains.get(name) == domain:
            return True
        self._take(name, domain, asked)
        if domain.high == domain.low:
            self._set(name, domain.low)
        return not self.general or self._recheck(name)

    def _take(self, name: str, domain: Domain, asked: Truth | None) -> None:
        """Keep what a letter can be."""
        known = self._asked.get(name)
        if known is None:
            self._asked[name] = [asked]
        else:
            known.append(asked)
        self._domains[name] = domain
        self._alone = self._known = None
        self._narrowed.add(name)
        if self._written_as:
            self._written_as = {}

    def _set(self, name: str, value: Size) -> None:
        """Let a value stand for a letter, also in the values of others."""
        self._values = {
            other: substitute(size, {name: value}) for other, size in self._values.items()
        }
        self._values[name] = value

    def _recheck(self, name: str) -> bool:
        """Take up again what was said of this letter together with others: it may say more now."""
        again = [truth for truth in self.general if name in truth.letters]
        for truth in again:
            self.general.pop(truth, None)
        if again:
            # None of them is to be read by what it says itself.
            self._forget()
        return all(map(self._admit, again))

    def _unify(self, condition: Condition) -> bool | None:
        """Let a letter stand for what it equals, as in ``S == T`` and ``W == 2*H``.

        None where no letter can: where what it equals could be less than 1.
        """
        found = definition(condition, self._bounds)
        if found is None:
            return None
        name, rest = found
        others = {k: v for k, v in self.ranges.items() if k != name}
        self._joint = Ranges(others, self._joint.least)
        domain = self._domains.pop(name, Domain())
        self._alone = None
        self._asked.pop(name, None)
        self._set(name, rest)
        self._forget()
        return all(map(self._admit, domain_of(rest, domain))) and self._recheck(name)

    def conditions(self, order: Iterable[str] = (), given: Facts | None = None) -> list[str]:
        """Return all that must hold beyond what was given, in Python, letter by letter."""
        given = given or Facts()
        together = self._together(given)
        needed = Needed(together, given.ranges, self._bounds)
        texts: list[str] = []
        for name in dict.fromkeys([*order, *self._domains, *self._values]):
            value = self._values.get(name)
            if value is None and name in self._domains:
                texts += self.said(name, given, needed.bounds(name))
            elif isinstance(value, int) and not given.gives(name, value):
                texts.append(f"{name} == {value}")
        texts += [
            _equality_text(name, self.simplify(value))
            for name, value in self._values.items()
            if isinstance(value, Dim) and not given.gives(name, value)
        ]
        texts += map(condition_text, needed.conditions())
        return list(dict.fromkeys(texts))

    def _together(self, given: Facts) -> list[Condition | AnyOf]:
        """Return what is said of several letters together, in the light of each by itself."""
        alone = self._domains_alone()
        found: list[Condition | AnyOf] = []
        for each in self.general:
            known = each in given.general or given.decide(each) is True
            shorter = known or alone.reduced(each)
            if shorter is not True:
                # What is only here seen never to hold is said as it is.
                found.append(shorter or each)
        return found

    def said(
        self, name: str, given: Facts | None = None, implied: Interval = POSITIVE
    ) -> list[str]:
        """Say the values of a letter, or what was asked of it, where that is much shorter.

        Bounds that follow from what else is said need not be said.
        """
        given = given or Facts()
        domain = self.domain(name)
        texts = domain.conditions(name, domain.beside(given.possible(name), *implied))
        length = sum(map(len, texts))
        longest = length if domain.listed else length // 2
        if length < LONG and not domain.listed:
            return texts
        asked = dict.fromkeys(self._asked.get(name, ()))
        if None in asked:
            return texts
        narrower = [each for each in asked if each is not None and given.decide(each) is not True]
        bounds = [each for each in narrower if isinstance(each, Condition) and not each.exact]
        for bound in bounds:
            others = [
                each for each in narrower if isinstance(each, Condition) and each is not bound
            ]
            if follows(bound, others, FREE):
                narrower.remove(bound)
        shorter = [
            condition_text(each) if isinstance(each, AnyOf) else str(each) for each in narrower
        ]
        return shorter if 0 < sum(map(len, shorter)) < longest else texts

    def _domains_alone(self) -> Facts:
        """Return the statements on single letters, by which all others are simplified."""
        twin = Facts()
        twin._domains.update(self._domains)
        twin._values.update(self._values)
        twin._joint = Ranges(self._bounds)
        return twin


def _equality_text(name: str, value: Size) -> str:
    return f"{value} == {name}" if is_letter(value) else f"{name} == {value}"


def _implies(one: AnyOf, other: AnyOf) -> bool:
    """Return whether each option of one says more than an option of the other."""
    return all(any(implies(mine, theirs) for theirs in other.options) for mine in one.options)

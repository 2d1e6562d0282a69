"""What is known of the letters: conditions join here, and sizes are shown in their light."""

from __future__ import annotations

from math import gcd
from typing import TYPE_CHECKING

from shapecalc.dims.atoms import Atom, Extremum, Floor, Symbol
from shapecalc.dims.bounds import Interval, interval
from shapecalc.dims.conditions import AnyOf, Condition, Truth, any_of, at_least, equal
from shapecalc.dims.domain import Domain
from shapecalc.dims.expression import Dim, Size, atom_size, floordiv, letters, mod
from shapecalc.dims.rewrite import is_letter, rewrite, substitute
from shapecalc.dims.single import solve

if TYPE_CHECKING:
    from collections.abc import Iterable


class Contradiction(ValueError):  # noqa: N818  (a name of logic)
    """A statement that cannot hold beside what is known."""

    def __init__(self, statement: Truth) -> None:
        super().__init__(str(statement))
        self.statement = statement


class Facts:
    """A growing set of conditions on letters, kept simplified."""

    def __init__(self) -> None:
        """Begin with nothing but that letters are positive integers."""
        self._domains: dict[str, Domain] = {}
        self._ranges: dict[str, Interval] = {}
        self._values: dict[str, Size] = {}
        self.general: dict[Condition | AnyOf, None] = {}
        self.equalities: list[str] = []
        self._shown: dict[Size, Size] = {}

    def copy(self) -> Facts:
        """The same facts, to which others can be added."""
        twin = Facts()
        twin._domains = dict(self._domains)
        twin._ranges = dict(self._ranges)
        twin._values = dict(self._values)
        twin.general = dict(self.general)
        twin.equalities = list(self.equalities)
        return twin

    def require(self, truth: Truth) -> None:
        """Add a statement; raises `Contradiction` where it cannot hold any more."""
        if truth is True:
            return
        if truth is False or not self._admit(truth):
            raise Contradiction(truth)

    def _admit(self, truth: Condition | AnyOf) -> bool:
        if isinstance(truth, Condition) and not truth.exact and not self._values:
            bound = _plain_bound(truth.expr)
            if bound is not None:
                domain = self.domain(bound[0])
                return self._narrow(bound[0], domain.at_least(bound[1]))
        reduced = self._reduce(truth)
        if isinstance(reduced, bool):
            return reduced
        if isinstance(reduced, AnyOf):
            self.general[reduced] = None
            return True
        return self._admit_condition(reduced)

    def _admit_condition(self, condition: Condition) -> bool:
        alternatives = _split_extrema(condition)
        if alternatives is not None:
            every, parts = alternatives
            if every:
                return all(
                    part is not False and (part is True or self._admit(part)) for part in parts
                )
            joined = any_of(*parts)
            if joined != condition and not isinstance(joined, bool):
                return self._admit(joined)
        names = letters(condition.expr)
        if len(names) == 1:
            (name,) = names
            solved = solve(condition, name, self.domain(name))
            if solved is not None:
                return self._narrow(name, solved)
        elif condition.exact and len(names) > 1:
            unified = self._unify(condition)
            if unified is not None:
                return unified
        self.general[condition] = None
        self._shown.clear()
        return True

    def domain(self, name: str) -> Domain:
        """The values that a letter may take."""
        return self._domains.get(name) or Domain()

    def _narrow(self, name: str, domain: Domain) -> bool:
        if domain.empty:
            return False
        if self._domains.get(name) == domain:
            return True
        self._domains[name] = domain
        self._ranges[name] = (domain.low, domain.high)
        if domain.single is not None:
            self._values[name] = domain.single
        self._shown.clear()
        return self._recheck(name)

    def _recheck(self, name: str) -> bool:
        """Take up again what was said of this letter together with others: it may say more now."""
        if not self.general:
            return True
        again = [truth for truth in self.general if name in _letters(truth)]
        for truth in again:
            del self.general[truth]
        return all(self._admit(truth) for truth in again)

    def _unify(self, condition: Condition) -> bool | None:
        """Let a letter stand for what it equals, as in ``S == T`` and ``W == 2*H``.

        None where no letter can: where what it equals could be less than 1.
        """
        found = self._definition(condition)
        if found is None:
            return None
        name, rest = found
        domain = self._domains.pop(name, Domain())
        self._ranges.pop(name, None)
        self.equalities.append(str(condition))
        self._values = {
            other: substitute(value, {name: rest}) for other, value in self._values.items()
        }
        self._values[name] = rest
        self._shown.clear()
        return self._inherit(domain, rest) and self._recheck(name)

    def _definition(self, condition: Condition) -> tuple[str, Size] | None:
        """A letter that stands alone in an equality, with the rest: of two letters the second."""
        found: list[tuple[str, Size]] = []
        for monomial, coefficient in condition.expr.terms:
            name = is_letter(atom_size(monomial[0][0]))
            alone = name is not None and len(monomial) == 1 and monomial[0][1] == 1
            if name is None or not alone or coefficient not in {1, -1}:
                continue
            rest = -coefficient * (condition.expr - coefficient * Dim(name))
            least, _ = interval(rest, self._ranges)
            if name not in letters(rest) and least is not None and least >= 1:
                found.append((name, rest))
        if not found:
            return None
        return found[0 if condition.turned else -1]

    def _inherit(self, domain: Domain, rest: Size) -> bool:
        """What was known of a letter holds for what it stands for."""
        truths = [at_least(rest, domain.low)]
        if domain.high is not None:
            truths.append(at_least(domain.high, rest))
        if domain.residue is not None and domain.modulus > 1:
            truths.append(equal(mod(rest, domain.modulus), domain.residue))
        elif domain.modulus > 1:
            truths.append(any_of(*(equal(mod(rest, domain.modulus), r) for r in domain.residues)))
        return all(truth is True or (truth is not False and self._admit(truth)) for truth in truths)

    def _reduce(self, truth: Condition | AnyOf) -> Truth:
        """Say a statement in the light of what is known."""
        if isinstance(truth, AnyOf):
            return any_of(*(self._reduce(option) for option in truth.options))
        expr = self.simplify(truth.expr)
        reduced = equal(expr, 0) if truth.exact else at_least(expr, 0)
        if isinstance(reduced, Condition):
            if truth.turned != reduced.turned and len(reduced.expr.terms) > 1:
                reduced = Condition(reduced.expr, exact=truth.exact, turned=True)
            low, high = interval(reduced.expr, self._ranges)
            if (low is not None and low > 0) or (high is not None and high < 0):
                return not truth.exact and low is not None and low > 0
            if not truth.exact and low == 0:
                return True
        return reduced

    def decide(self, truth: Truth) -> bool | None:
        """Whether a statement follows (True), cannot hold (False), or neither (None)."""
        if isinstance(truth, bool):
            return truth
        reduced = self._reduce(truth)
        if isinstance(reduced, bool):
            return reduced
        if isinstance(reduced, Condition):
            names = letters(reduced.expr)
            if len(names) == 1:
                (name,) = names
                domain = self.domain(name)
                solved = solve(reduced, name, domain)
                if solved is not None and solved.empty:
                    return False
                if solved == domain:
                    return True
        return None

    @property
    def named(self) -> list[str]:
        """The letters of which something is known."""
        general = [name for truth in self.general for name in sorted(_letters(truth))]
        values = [name for value in self._values.values() for name in sorted(letters(value))]
        return list(dict.fromkeys([*self._domains, *self._values, *values, *general]))

    @property
    def plain(self) -> bool:
        """Whether nothing is known that could change how a size is written."""
        return not self._values and all(d.modulus == 1 for d in self._domains.values())

    def simplify(self, size: Size) -> Size:
        """Write a size as it is where the conditions hold."""
        if isinstance(size, int):
            return size
        shown = self._shown.get(size)
        if shown is None:
            shown = self._exact_floors(rewrite(size, self._values.get, self._ranges))
            self._shown[size] = shown
        return shown

    def _exact_floors(self, size: Size) -> Size:
        """Drop the floors that the remainders of the letters make exact.

        With x % c == 0: ``k*(x//c) = (k//h)*(x//(c//h))`` for h = gcd(k, c).
        """
        if isinstance(size, int) or all(d.modulus == 1 for d in self._domains.values()):
            return size
        total: Size = size.const
        for monomial, coefficient in size.terms:
            factor: int = coefficient
            rest: Size = 1
            for atom, power in monomial:
                part, factor = self._exact_atom(atom, power, factor)
                rest = rest * part
            total = total + rest * factor
        return total

    def _exact_atom(self, atom: Atom, power: int, factor: int) -> tuple[Size, int]:
        if isinstance(atom, Extremum) or not isinstance(atom, Floor):
            return atom_size(atom) ** power, factor
        num, den = atom.num, atom.den
        known = self._remainder(num)
        if known is None or not isinstance(den, int):
            return atom_size(atom) ** power, factor
        value, modulus = known
        shared = gcd(modulus, den)
        offset = value % shared
        if shared < den or power > 1:
            # All of num - offset ... num - offset + shared - 1 have this quotient.
            const = num.const if isinstance(num, Dim) else 0
            least = const - offset
            nearest = min(max(0, least), least + shared - 1)
            return floordiv(num + (nearest - const), den) ** power, factor
        common = gcd(factor, den)
        return floordiv(num - offset, den // common), factor // common

    def _remainder(self, num: Size) -> tuple[int, int] | None:
        """The remainder of ``a*n + b`` that follows from that of n."""
        if not isinstance(num, Dim) or len(num.terms) != 1:
            return None
        ((monomial, slope),) = num.terms
        atom, power = monomial[0]
        if len(monomial) != 1 or power != 1 or not isinstance(atom, Symbol):
            return None
        domain = self._domains.get(atom.name)
        if domain is None or domain.residue is None or domain.modulus == 1:
            return None
        return slope * domain.residue + num.const, abs(slope) * domain.modulus

    def conditions(self, order: Iterable[str] = (), given: Facts | None = None) -> list[str]:
        """All that must hold beyond what was given, in Python, letter by letter."""
        given = given or Facts()
        texts = [
            text
            for name in dict.fromkeys([*order, *self._domains])
            if name in self._domains
            for text in self._domains[name].conditions(name, given.domain(name))
        ]
        equalities = [text for text in self.equalities if text not in given.equalities]
        general = [self._reduce(each) for each in self.general if each not in given.general]
        rest = [str(condition) for condition in general if not isinstance(condition, bool)]
        return [*texts, *equalities, *dict.fromkeys(rest)]


def _letters(truth: Condition | AnyOf) -> frozenset[str]:
    options = truth.options if isinstance(truth, AnyOf) else (truth,)
    return frozenset(name for option in options for name in letters(option.expr))


def _plain_bound(expr: Dim) -> tuple[str, int] | None:
    """``n + c >= 0`` as the letter and its bound."""
    if len(expr.terms) != 1:
        return None
    ((monomial, coefficient),) = expr.terms
    if coefficient == 1 and len(monomial) == 1 and monomial[0][1] == 1:
        atom = monomial[0][0]
        if isinstance(atom, Symbol):
            return atom.name, -expr.const
    return None


def _split_extrema(condition: Condition) -> tuple[bool, list[Truth]] | None:
    """``max(a, b) + c >= 0`` as a + c >= 0 or b + c >= 0; with ``min`` both must hold.

    The first of the pair says whether all parts must hold.
    """
    if condition.exact or len(condition.expr.terms) != 1:
        return None
    ((monomial, coefficient),) = condition.expr.terms
    atom, power = monomial[0]
    if len(monomial) != 1 or power != 1 or not isinstance(atom, Extremum):
        return None
    parts = [at_least(coefficient * arg + condition.expr.const, 0) for arg in atom.args]
    return (atom.op == "min") == (coefficient > 0), parts

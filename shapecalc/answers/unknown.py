"""What ``?`` stands for in an argument of a layer: solved where it can be a letter, else tried."""

from __future__ import annotations

from itertools import chain, count, product
from typing import TYPE_CHECKING, Any, Final

from shapecalc.answers.combinations import Endless, Group, boxes, members
from shapecalc.answers.giving import gives
from shapecalc.answers.nearest import closest_outputs
from shapecalc.answers.solve import MAX_EXAMPLES, Solution, Target, other_rank
from shapecalc.dims import (
    Dim,
    ExhaustedError,
    TooLargeError,
    letters,
    limited,
    shape_text,
    spent,
)
from shapecalc.dims.conditions import Condition
from shapecalc.dims.expression import collect
from shapecalc.errors import RankError, ShapecalcError, ShapeError, SpecError
from shapecalc.language.literals import data_text
from shapecalc.network import Apply, Input
from shapecalc.tracing.trace import stop_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from shapecalc.dims import Facts, Size
    from shapecalc.language.open import OpenSpec
    from shapecalc.language.shapes import GivenShape
    from shapecalc.network import Network
    from shapecalc.tracing.trace import Trace

#: How many numbers are tried, and how much work all of them together may make, and those after
#: one that fits: what a trace costs at least, and what each layer that is made, each node and each
#: sum costs.
MAX_TRIED: Final = 4096
MAX_WORK: Final = 30_000
MORE_WORK: Final = 8_000
TRACE: Final = 10
LAYER: Final = 2
NODE: Final = 1
LETTERED: Final = 4
SUM: Final = 3
#: After so many outputs with as many axes, which is not the required number, no more are tried.
MAX_RANKS: Final = 32
#: How many sums are made to solve it with a letter for ``?``: beyond that numbers are tried.
MAX_SUMS: Final = 6_000
#: After so many that all come to the same no more are tried, or after a last one that fits.
MAX_SAME: Final = 512
#: How many axes a list instead of ``?`` may be for.
AXES: Final = (2, 3)

#: The letter instead of ``?``.
LETTER: Final = "_asked_"


class _Blank:
    """Stand in for the number that is searched where a message shows it."""

    def __repr__(self) -> str:
        return "?"


def find(
    spec: OpenSpec,
    required: GivenShape,
    traced: Callable[[Network], Trace],
    on_tried: Callable[[bool], None] | None = None,
) -> list[Solution]:
    """Return the values of ``?`` for which the output has a shape whatever the letters are.

    The smallest few are found. Raises `ShapeError` where there is none, `SpecError` where the
    argument takes no number.
    """
    search = _Search(spec, required, traced, on_tried)
    numbers = search.solved()
    marks = len(spec.asked.marks)
    if numbers is not None:
        # A letter stands for no 0, which some arguments take.
        zero = (0,) if not search.found and search.reads_zero() else ()
        search.try_all((number,) for number in chain(zero, numbers))
    elif marks > 1:
        search.try_all(_vectors(marks))
    else:
        search.try_all((number,) for number in count())
    if spec.alone and not search.found:
        search.try_lists()
    if search.found:
        return search.found
    raise search.refusal()


def _vectors(length: int) -> Iterator[tuple[int, ...]]:
    """Yield vectors of numbers, those with a smaller largest number first."""
    for most in count():
        for vector in product(range(most + 1), repeat=length):
            if max(vector) == most:
                yield vector


class _Search:
    """Tries values, and remembers what came out."""

    def __init__(
        self,
        spec: OpenSpec,
        required: GivenShape,
        traced: Callable[[Network], Trace],
        on_tried: Callable[[bool], None] | None,
    ) -> None:
        self.found: list[Solution] = []
        self._spec = spec
        self._required = required
        self._traced = traced
        self._on_tried = on_tried
        self._left: float = MAX_WORK
        self._work = 0
        self._missed = 0
        self._same: tuple[object, int] = (None, 0)
        #: The numbers of axes of all outputs.
        self._ranks: list[int] = []
        self._notes: list[str] = []
        #: The largest number that was tried, and whether there are no others; the last that cannot
        #: be read, and the first that was refused.
        self._largest = 0
        self._all = False
        self._unreadable: SpecError | None = None
        self._readable = False
        self._refused: tuple[str, ShapecalcError] | None = None
        self._near: tuple[int, str, Trace] | None = None

    def solved(self) -> Iterable[int] | None:
        """Return the numbers that ``?`` can be, found with a letter in its place; None: any."""
        if len(self._spec.asked.marks) > 1 or LETTER in self._spec.text:
            return None
        try:
            network = self._spec.whole([Dim(LETTER)])
        except SpecError as error:
            wrong = self._spec.refusal(error)
            if wrong is not None:
                raise wrong from None
            return None
        try:
            with limited(MAX_SUMS):
                return self._lettered(network)
        except (ExhaustedError, TooLargeError):
            return None

    def _lettered(self, network: Network) -> Iterable[int] | None:
        """Trace a network that has a letter instead of ``?``, and solve for it."""
        try:
            trace = self._traced(network)
        except ShapeError as error:
            self._refuse_whatever(error, network)
            return None
        except SpecError:
            # The same is said of a number, without this letter.
            return None
        if trace.assumptions or len(trace.output) != len(self._required):
            return None
        return self._from(trace, network)

    def _from(self, trace: Trace, network: Network) -> Iterable[int] | None:
        """Return what the trace with a letter instead of ``?`` leaves of numbers."""
        facts = Target(trace, self._required).narrowed()
        if facts is None:
            near = closest_outputs(trace, self._required)
            self._notes = [note.replace(LETTER, "?") for note in near]
            return []
        sizes = _expressions(facts, trace)
        if not self._declares(network):
            # A letter that only the output has may be any number.
            sizes = (size for size in sizes if letters(size) <= trace.letters)
        if self._express(sizes):
            return []
        free = letters(facts.simplify(Dim(LETTER)))
        if free - {LETTER}:
            return None
        domain = facts.domain(LETTER)
        try:
            found = boxes(facts, Group((LETTER,), free))
        except Endless:
            return members(domain)
        return sorted({number for (numbers,) in found for number in numbers})

    def _declares(self, network: Network) -> bool:
        """Return whether ``?`` is a size that a layer declares of its input."""
        node = network.nodes[self._spec.place(network)]
        return isinstance(node, Apply) and node.layer.declared == Dim(LETTER)

    def _express(self, sizes: Iterable[Size]) -> bool:
        """Take the first expression that may stand for ``?`` and gives the output."""
        for size in sizes:
            try:
                network = self._spec.whole([size])
                trace = self._traced(network)
            except ShapecalcError:
                continue
            if not trace.assumptions and gives(trace, self._required):
                self.found.append(Solution(f"? == {size}", {"?": [str(size)]}, spec=str(network)))
                return True
        return False

    def reads_zero(self) -> bool:
        """Return whether the argument takes a 0."""
        return self._reads(0)

    def try_all(self, values: Iterable[tuple[Any, ...]]) -> None:
        """Try values until enough are found, or too much was tried."""
        for tried, value in enumerate(values):
            if tried == MAX_TRIED or self._ended():
                break
            fits = self._try(value)
            self._missed = 0 if fits else self._missed + 1
            if fits:
                self._left = min(self._left, MORE_WORK)
            if self._on_tried is not None:
                self._on_tried(fits)
        else:
            self._all = True

    def _ended(self) -> bool:
        enough = len(self.found) == MAX_EXAMPLES or (self.found and self._missed > MAX_SAME)
        return bool(enough) or self._left < 0 or self._same[1] > MAX_SAME or self._has_other_rank()

    def _has_other_rank(self) -> bool:
        """Return whether all outputs have as many axes, but not as many as are required."""
        ranks = set(self._ranks)
        alike = len(ranks) == 1 and len(self._ranks) >= MAX_RANKS
        return alike and len(self._required) not in ranks

    def try_lists(self) -> None:
        """Try a number for each axis, where the argument takes that."""
        for axes in AXES:
            if not self._reads([1] * axes) and not self._reads([0] * axes):
                continue
            self._left, self._same = MAX_WORK // 2, (None, 0)
            self.try_all((list(vector),) for vector in _vectors(axes) if len(set(vector)) > 1)
            if self.found:
                return

    def _reads(self, value: Any) -> bool:  # noqa: ANN401
        try:
            self._spec.network([value])
        except SpecError:
            return False
        return True

    def _try(self, value: tuple[Any, ...]) -> bool:
        try:
            network = self._spec.network(value)
        except SpecError as error:
            wrong = self._spec.refusal(error)
            if wrong is not None:
                raise wrong from None
            self._unreadable = error
            self._tried(value, "unreadable")
            return False
        self._readable = True
        if not self._work:
            layers = {id(node.layer) for node in network.nodes if isinstance(node, Apply)}
            each = LETTERED if _has_letters(network) else NODE
            self._work = TRACE + LAYER * len(layers) + each * len(network.nodes)
        before = spent()
        try:
            with limited(self._left / SUM):
                return self._fits(value, network)
        except ExhaustedError:
            return False
        finally:
            self._left -= self._work + SUM * (spent() - before)

    def _fits(self, value: tuple[Any, ...], network: Network) -> bool:
        """Trace a network with values instead of ``?``, and keep what comes out."""
        said = data_text(value[0] if len(value) == 1 else value)
        try:
            trace = self._traced(network)
        except ShapeError as error:
            if self._refused is None:
                if not self._ranks:
                    self._refuse_whatever(error, network)
                self._refused = (said, error)
            self._tried(value, "refused")
            return False
        fits = gives(trace, self._required)
        self._tried(value, trace.output)
        self._ranks.append(len(trace.output))
        if not fits:
            self._remember(said, trace)
            return False
        spec = str(self._spec.whole(value))
        shown = value[0] if len(value) == 1 else value
        shown = tuple(shown) if isinstance(shown, list) else shown
        self.found.append(
            Solution(f"? == {shown}", {"?": [shown]}, spec=spec, assumptions=trace.assumptions)
        )
        return True

    def _refuse_whatever(self, error: ShapeError, network: Network) -> None:
        """Raise an error that no value could mend: that of a layer before, or of its input."""
        stop = stop_of(error)
        failed = stop.row if stop else None
        if failed is None:
            return
        nodes = network.nodes
        place = next((i for i, node in enumerate(nodes) if node is failed.node), len(nodes))
        first = self._spec.place(network)
        if place < first or (place == first and isinstance(error, RankError)):
            raise error

    def _tried(self, value: tuple[Any, ...], outcome: object) -> None:
        """Keep how large a number was tried, and how often in a row it came to the same."""
        self._largest = max(self._largest, *(n for n in value if isinstance(n, int)), 0)
        before, times = self._same
        same = outcome is not None and outcome == before
        self._same = (outcome, times + 1 if same else 1)

    def _remember(self, said: str, trace: Trace) -> None:
        """Keep the output that is nearest to what is required."""
        pairs = list(zip(trace.output, self._required, strict=False))
        away = sum(abs(a - b) for a, b in pairs if isinstance(a, int) and isinstance(b, int))
        if self._near is None or away < self._near[0]:
            self._near = (away, said, trace)

    def refusal(self) -> ShapecalcError:
        """Say that nothing was found, with what is nearest."""
        if not self._readable and self._unreadable is not None:
            return self._no_number()
        if self._has_other_rank():
            return other_rank(self._ranks[0], len(self._required))
        notes = self._notes
        if not notes and self._near is not None:
            notes = [f"with {self._near[1]} the output is {shape_text(self._near[2].output)}"]
        elif not notes and self._refused is not None:
            notes = [f"with {self._refused[0]} it says: {self._refused[1].message}"]
        upto = "" if self._all else f" up to {self._largest}"
        return ShapeError(f"no number{upto} gives this output", notes=notes)

    def _no_number(self) -> SpecError:
        """Return the error for an argument that takes other things than numbers."""
        assert self._unreadable is not None  # noqa: S101  (asked by the caller)
        try:
            self._spec.network([_Blank() for _ in self._spec.asked.marks])
        except SpecError as error:
            # An error about the whole layer is not one about the number that is tried.
            whole = self._unreadable.span == self._spec.asked.step.span
            return self._unreadable if whole else error
        return self._unreadable


def _expressions(facts: Facts, trace: Trace) -> Iterator[Size]:
    """Yield what ``?`` is in other letters, as what is known says it.

    It stands for it, or for ``?`` a letter stands; or ``c*? + rest == 0`` with c of 1 or -1.
    """
    asked = Dim(LETTER)
    known = facts.simplify(asked)
    if letters(known) and LETTER not in letters(known):
        yield known
    for name in sorted(trace.letters - {LETTER}):
        # ``n == ? + rest``, for which ``? == n - rest``.
        value = facts.simplify(Dim(name))
        rest = value - known
        if LETTER in letters(value) and LETTER not in letters(rest):
            yield Dim(name) - rest
    for truth in facts.general:
        if isinstance(truth, Condition) and truth.exact and LETTER in truth.letters:
            alone = asked.terms[0][0]
            others = dict(truth.expr.terms)
            slope = others.pop(alone, 0)
            rest = collect(others, truth.expr.const)
            if slope in (1, -1) and LETTER not in letters(rest):
                said = -slope * rest
                shown = facts.simplify(said)
                # What is known about it may be that it is the letter instead of ``?``.
                yield said if LETTER in letters(shown) else shown


def _has_letters(network: Network) -> bool:
    """Return whether an input has letters beside the batch, so that most sizes have some."""
    shapes = [node.shape for node in network.nodes if isinstance(node, Input)]
    return any(letters(size) for shape in shapes for size in shape[1:])

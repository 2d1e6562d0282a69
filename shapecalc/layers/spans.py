"""Which positions of one axis each position of another one sees, exactly."""

from __future__ import annotations

from fractions import Fraction
from math import gcd, lcm
from typing import TYPE_CHECKING, Final, NamedTuple

from shapecalc.dims import Dim, Size, maximum, minimum
from shapecalc.layers.window import extent

if TYPE_CHECKING:
    from shapecalc.layers.window import Window


#: The number of phases of a span that are told apart.
MAX_PERIOD: Final = 4096
#: Where the first place begins is said with so many letters and quotients.
MAX_PARTS: Final = 64


class Span(NamedTuple):
    """What the places of one axis see of another one, of which the first and the last count.

    Place ``p*q + r`` sees those from ``step*q + first[r]`` to ``step*q + last[r]``, where p is the
    number of phases; ``everything`` all that there are. Where place 0 begins is not known about one
    that is ``adrift``, as the text of that would be too long.
    """

    step: int
    first: tuple[Size, ...]
    last: tuple[Size, ...]
    everything: bool = False
    adrift: bool = False

    @property
    def period(self) -> int:
        """After how many places it begins anew."""
        return len(self.first)

    @property
    def size(self) -> Size:
        """How many places one sees at most."""
        return maximum(*(b - a + 1 for a, b in zip(self.first, self.last, strict=True)))

    def behind(self, look: Span) -> Span | None:
        """Return what positions see that look at these; None where that cannot be followed."""
        if self.everything or look.everything:
            stride = Fraction(self.step * look.step, self.period * look.period)
            phases = stride.denominator
            zeros = (0,) * phases
            return Span(stride.numerator, zeros, zeros, everything=True)
        if self.period > 1 and any(isinstance(n, Dim) for n in (*look.first, *look.last)):
            return None
        turns = self.period // gcd(look.step, self.period)
        phases = look.period * turns
        if phases > MAX_PERIOD:
            return None
        first, last = (
            tuple(
                self._at(ends, look.step * (place // look.period) + begins[place % look.period])
                for place in range(phases)
            )
            for ends, begins in ((self.first, look.first), (self.last, look.last))
        )
        step = self.step * (look.step * turns // self.period)
        drifts = self.adrift or look.adrift or _is_long(first[0])
        return Span(step, first, last, adrift=drifts).shortest().moored()

    def moored(self) -> Span:
        """Return the same from 0 on, where it is adrift."""
        if not self.adrift or isinstance(self.first[0], int):
            return self
        begin = self.first[0]
        first, last = (tuple(end - begin for end in ends) for ends in (self.first, self.last))
        return self._replace(first=first, last=last)

    def _at(self, ends: tuple[Size, ...], place: Size) -> Size:
        if isinstance(place, int):
            return self.step * (place // self.period) + ends[place % self.period]
        return self.step * place + ends[0]

    def with_that(self, other: Span) -> Span | None:
        """Return what a place sees that sees both; None where they move differently."""
        if self.everything or other.everything:
            return (other if self.everything else self)._replace(everything=True)
        if self.step * other.period != other.step * self.period:
            return None
        if self.adrift or other.adrift:
            return self if self == other else None
        phases = lcm(self.period, other.period)
        if phases > MAX_PERIOD:
            return None
        a, b = self.over(phases), other.over(phases)
        first = tuple(map(minimum, a.first, b.first))
        last = tuple(map(maximum, a.last, b.last))
        return Span(a.step, first, last).shortest()

    def over(self, phases: int) -> Span:
        """Return the same with more phases."""
        turns = phases // self.period
        shifts = [self.step * turn for turn in range(turns)]
        return self._replace(
            step=self.step * turns,
            first=tuple(shift + end for shift in shifts for end in self.first),
            last=tuple(shift + end for shift in shifts for end in self.last),
        )

    def shortest(self) -> Span:
        """Return the same with as few phases as possible."""
        for period in range(1, self.period):
            step, rest = divmod(self.step * period, self.period)
            if self.period % period == 0 and not rest:
                first, last = self.first[:period], self.last[:period]
                shorter = self._replace(step=step, first=first, last=last)
                if shorter.over(self.period) == self:
                    return shorter
        return self


def _is_long(size: Size) -> bool:
    return isinstance(size, Dim) and size.parts > MAX_PARTS


#: Each place sees the one that it comes from.
ITSELF: Final = Span(1, (0,), (0,))
#: Each place sees all.
ALL: Final = Span(1, (0,), (0,), everything=True)


def windowed(kernel: int, stride: int, dilation: int, before: Size) -> Span:
    """Return a window that begins so much before the place: ``[i*s - p, i*s - p + (k - 1)*d]``."""
    return Span(stride, (-before,), ((kernel - 1) * dilation - before,))


def transposed(kernel: int, stride: int, dilation: int, cut: int) -> Span:
    """Return a reversed window: ``[ceil((i + c - (k - 1)*d)/s), (i + c)//s]`` for a crop c."""
    reach = extent(kernel, dilation) - 1
    first, last = [], []
    for place in range(cut, cut + stride):
        taps = [place - tap * dilation for tap in range(kernel)]
        seen = [tap // stride for tap in taps if tap % stride == 0]
        first.append(min(seen, default=-((reach - place) // stride)))
        last.append(max(seen, default=place // stride))
    return Span(1, tuple(first), tuple(last))


def repeated(times: int) -> Span:
    """Repeat each position: ``i//m``."""
    return Span(1, (0,) * times, (0,) * times)


def mixed(times: int, reach: int = 1) -> Span:
    """Spread each position to several, interpolated from ``reach`` neighbors on each side.

    Between ``x = (2*i + 1)/(2*m) - 1/2`` rounded down and up.
    """
    ends = [(2 * place + 1 - times, 2 * times) for place in range(times)]
    first = tuple(above // below - (reach - 1) for above, below in ends)
    last = tuple(-(-above // below) + (reach - 1) for above, below in ends)
    return Span(1, first, last)


def shares(size: Size, made: Size) -> Span | None:
    """Windows of which there are as many as wanted: ``[i*n//m, ceil((i + 1)*n/m) - 1]``.

    None where that cannot be said in letters.
    """
    if made == 1:
        return ALL
    if not isinstance(size, int) or not isinstance(made, int):
        return ITSELF if size == made else None
    period = made // gcd(size, made)
    first = tuple(place * size // made for place in range(period))
    last = tuple(-(-(place + 1) * size // made) - 1 for place in range(period))
    return Span(size * period // made, first, last)


#: How far the ways of going between places reach to each side, by their names.
REACH: Final = {
    "linear": 1,
    "bilinear": 1,
    "trilinear": 1,
    "bicubic": 2,
    "lanczos3": 3,
    "lanczos5": 5,
}


def resampled(times: int, how: str) -> Span:
    """Spread each position to several, repeated or interpolated."""
    return mixed(times, REACH[how]) if how in REACH else repeated(times)


def between(size: Size, made: Size, how: str, *, aligned: bool = False) -> Span | None:
    """Places that lie between others of which there are more or fewer; None where unknown.

    Place i lies at ``(2*i + 1)*n/(2*m) - 1/2``, or where the ends are ``aligned`` at
    ``i*(n - 1)/(m - 1)``.
    """
    if size == made:
        return ITSELF
    if how == "area":
        return shares(size, made)
    times = made // size
    if isinstance(times, int) and times > 1 and made == size * times and not aligned:
        return resampled(times, how)
    if not isinstance(size, int) or not isinstance(made, int) or made == 1:
        return None
    reach = REACH.get(how, 0) - 1
    top, below = (size - 1, made - 1) if aligned else (size, made)
    shared = gcd(top, below)
    places = range(below // shared)
    if how not in REACH:
        first = tuple(place * size // made for place in places)
        return Span(size // shared, first, first)
    tops = [2 * i * top if aligned else (2 * i + 1) * top - below for i in places]
    ends = [(above, 2 * below) for above in tops]
    first = tuple(above // under - reach for above, under in ends)
    last = tuple(-(-above // under) + reach for above, under in ends)
    return Span(top // shared, first, last)


def shifted(before: Size) -> Span:
    """Places that were pushed back by what stands before them; less than 0 is cut off."""
    return Span(1, (-before,), (-before,))


def left_of(window: Window, size: Size, kernel: int, stride: int, dilation: int) -> Size:
    """Return how much is added before an axis, by the name of the padding."""
    reach = extent(kernel, dilation)
    if window.padding == "causal":
        return reach - 1
    if window.padding == "valid":
        return 0
    # The last of the n/s windows, rounded up, ends so far behind the axis.
    more = (-size) % stride
    added = reach - stride + more
    if reach < stride:
        added = maximum(added, 0)
    return added // 2

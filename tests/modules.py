"""Specs of torch over letters, drawn as those of Keras are: channels first, functions among them.

No step is drawn that gives as many tensors as a letter says, which no trace can.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import strategies as st
from steps import TORCH
from strategies import LETTERS, Case, facts, letters_in, more, numbers, of, sizes

if TYPE_CHECKING:
    from collections.abc import Callable

    from strategies import Draw


class _Modules:
    """Draws the steps of one spec, and knows the number of axes of the tensor at hand."""

    def __init__(self, draw: Draw, letters: tuple[str, ...], rank: int) -> None:
        self.draw = draw
        self.letters = letters
        self.rank = rank
        self.labels = 0
        self.shaped = False

    def one_of(self, *texts: str) -> str:
        return self.draw(of(*texts))

    def number(self, low: int, high: int) -> str:
        return self.draw(numbers(low, high))

    def axis(self) -> str:
        return self.number(1, self.rank - 1)

    def steps(self, most: int) -> str:
        return ",".join(self.step() for _ in range(int(self.number(1, most))))

    def step(self) -> str:
        kinds: list[Callable[[], str]] = [self._plain, self._moved, self._part, self._shaped]
        kinds += [self._linear, self._reduced, self._turned]
        if self.rank in TORCH:
            kinds += [self._more, self._more]
        if self.rank > 2:
            kinds += [self.kept, self.kept, self.kept, self._flat, self._skip, self._flat]
        return self.draw(st.sampled_from(kinds))()

    def kept(self) -> str:
        """A step that keeps the number of axes, and leaves 4 channels."""
        windows = [self._conv, self._transposed, self._pool, self._padded, self._scaled]
        return self.draw(st.sampled_from(windows))()

    def _conv(self) -> str:
        window = f"{self.number(1, 4)}:{self.number(1, 3)}:{self.number(0, 2)}:{self.number(1, 2)}"
        same = f"{self.number(1, 4)}:p=same"
        return f"conv{self.rank - 2}d:_:4:{self.one_of(window, same)}"

    def _transposed(self) -> str:
        return (
            f"tconv{self.rank - 2}d:_:4:{self.number(1, 3)}:{self.number(1, 3)}:{self.number(0, 1)}"
        )

    def _pool(self) -> str:
        kind = self.one_of("maxpool", "avgpool")
        kernel = int(self.number(1, 4))
        ceil = self.one_of("", ":ceil_mode")
        stride, padding = self.number(1, 3), self.number(0, kernel // 2)
        return f"{kind}{self.rank - 2}d:{kernel}:{stride}:{padding}{ceil}"

    def _padded(self) -> str:
        ends = [self.number(-2, 3) for _ in range(2 * (self.rank - 2))]
        mode = self.one_of("constant", "reflect", "replicate", "circular")
        return f"pad:{':'.join(ends)}:mode={mode}"

    def _scaled(self) -> str:
        return f"upsample:scale_factor={self.one_of('2', '1.5', '0.5', '3', '0.7')}"

    def _more(self) -> str:
        self.labels += 1
        found = self.draw(more(TORCH, self.rank, self.letters, f"x{self.labels}"))
        self.rank = found.rank
        return str(found.step)

    def _plain(self) -> str:
        return self.one_of("relu", "softmax:-1", "cumsum:-1", "flip:-1", "sort")

    def _moved(self) -> str:
        axis = self.axis()
        return self.one_of(
            f"repeat_interleave:{self.number(1, 3)}:{axis}",
            f"tile:{self.number(1, 3)}",
            f"roll:2:{axis}",
        )

    def _part(self) -> str:
        axis, start = self.axis(), self.number(-4, 4)
        before = ",".join([":"] * int(axis))
        ends = self.one_of("", "-1", "-3", "5", "2")
        return self.one_of(
            f"narrow:{axis}:{start}:{self.number(1, 4)}",
            f"topk:{self.number(1, 4)}:{axis}",
            f'index:"{before},{start}:{ends}"',
            f'index:"{before},::{self.number(1, 3)}"',
        )

    def _shaped(self) -> str:
        # Remainders of one size in another one have too many texts.
        size = self.draw(sizes(self.letters)) if not self.shaped else "6"
        self.rank, self.shaped = 3, True
        return f"view:B:{self.one_of('4', '2', '8', size)}:-1"

    def _linear(self) -> str:
        return f"linear:_:{self.number(1, 6)}"

    def _reduced(self) -> str:
        axis = self.axis()
        if self.rank > 2 and self.draw(st.booleans()):
            self.rank -= 1
            return self.one_of(
                f"mean:{axis}", f"amax:{axis}", f"select:{axis}:{self.number(-3, 2)}"
            )
        return self.one_of(f"sum:{axis}:keepdim=True", f"norm:dim=({axis},):keepdim=True")

    def _turned(self) -> str:
        return f"transpose:{self.axis()}:{self.axis()}"

    def _flat(self) -> str:
        start = self.number(1, self.rank - 2)
        self.rank = int(start) + 1
        return f"flatten:{start}"

    def _skip(self) -> str:
        """Leave the line, and come back to it."""
        self.labels += 1
        label = f"x{self.labels}"
        inner = ",".join(self.kept() for _ in range(int(self.number(1, 2))))
        merge = self.one_of("add", "maximum", "cat")
        dim = f":dim={self.axis()}" if merge == "cat" else ""
        return f"relu@{label},{inner},{merge}:@{label}{dim}"


@st.composite
def module_cases(draw: Draw, count: int) -> Case:
    """A spec of torch over so many letters, with facts on them."""
    letters = LETTERS[:count]
    rank = int(draw(numbers(2, 4)))
    shape = ["B", *(["4"] if rank > 2 else []), *letters]
    shape = [*shape[: rank - 1], draw(sizes(letters))] if len(shape) >= rank else shape
    shape += [draw(sizes(letters)) for _ in range(rank - len(shape))]
    steps = _Modules(draw, letters, rank).steps(4)
    spec = f"dialect:torch,in:{':'.join(shape)},{steps}"
    used = letters_in(spec.removeprefix("dialect:torch"))
    said = draw(st.lists(facts(used), max_size=2)) if used else []
    return Case(spec, used, tuple(said))

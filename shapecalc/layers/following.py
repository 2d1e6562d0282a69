"""Receptive fields across layers: what each axis of a tensor sees of the inputs."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from shapecalc.layers.looking import Look, Passed
from shapecalc.layers.spans import ALL, ITSELF, Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from shapecalc.dims import Shape
    from shapecalc.layers.layer import Layer
    from shapecalc.layers.looking import Looks


#: An axis of an input: which of them, and which of its axes.
Origin = tuple[int, int]
#: What an axis sees of each axis of the inputs that it rests on.
Seen = dict[Origin, Span]


class Traced(NamedTuple):
    """What the axes of a tensor see.

    ``lost`` are the axes of inputs on which it rests too, though none of its axes says how: all of
    their places where it is true, and where it is false which is not known.
    """

    axes: list[Seen]
    lost: dict[Origin, bool]

    @property
    def looks(self) -> Looks:
        """The same as where its axes look."""
        found = [
            tuple(Look(axis, span, tensor) for (tensor, axis), span in seen.items())
            for seen in self.axes
        ]
        mixed = tuple(Look(axis, ALL, n) for (n, axis), wholly in self.lost.items() if wholly)
        return (*found, mixed)


def followed(looks: Looks, before: Sequence[Traced], rank: int) -> Traced:
    """Return what the axes of an output see, by what the axes that they look at see."""
    axes: list[Seen] = [{} for _ in range(rank)]
    lost = _lost(looks, before, rank)
    for seen, each in zip(axes, looks, strict=False):
        for look in each:
            for origin, span in before[look.tensor].axes[look.axis].items():
                known, new = seen.get(origin), span.behind(look.span)
                joined = new if new is None or known is None else known.with_that(new)
                if joined is None:
                    lost.setdefault(origin, False)
                else:
                    seen[origin] = joined
    for seen in axes:
        for origin in lost.keys() & seen.keys():
            if lost[origin]:
                seen[origin] = seen[origin]._replace(everything=True)
            else:
                del seen[origin]
    return Traced(axes, lost)


def _lost(looks: Looks, before: Sequence[Traced], rank: int) -> dict[Origin, bool]:
    """Return the axes of inputs on which it depends although none of its own looks there."""
    lost: dict[Origin, bool] = {}
    kept = {(look.tensor, look.axis) for each in looks[:rank] for look in each}
    mixed = {(look.tensor, look.axis) for each in looks[rank:] for look in each}
    for tensor, traced in enumerate(before):
        for origin, wholly in traced.lost.items():
            lost[origin] = lost.get(origin, False) or wholly
        for axis, seen in enumerate(traced.axes):
            for origin, span in seen.items() if (tensor, axis) not in kept else ():
                wholly = (tensor, axis) in mixed or span.everything
                lost[origin] = lost.get(origin, False) or wholly
    return lost


def untouched(inputs: Sequence[Shape]) -> list[Traced]:
    """Return what the axes of the inputs see: each itself."""
    return [
        Traced([{(tensor, axis): ITSELF} for axis in range(len(shape))], {})
        for tensor, shape in enumerate(inputs)
    ]


def chained(layers: Iterable[Layer], passed: Passed) -> Looks:
    """Return what the axes see through several layers, each of which reads the one before."""
    from shapecalc.layers.layer import apply
    from shapecalc.layers.scope import Scope

    shapes, before = list(passed.inputs), untouched(passed.inputs)
    for layer in layers:
        outputs = apply(layer, shapes, Scope()).outputs
        before = [
            followed(layer.looks(Passed(shapes, shape, port)), before, len(shape))
            for port, shape in enumerate(outputs)
        ]
        shapes = list(outputs)
    return before[passed.port].looks

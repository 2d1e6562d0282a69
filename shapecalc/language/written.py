"""What a step says by itself, before it is built: its word, its sizes, how many layers it makes."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

from shapecalc.layers.given import check_positive

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from shapecalc.dims import Size
    from shapecalc.language.resolve import Resolver
    from shapecalc.language.syntax import Argument, Form, Prefix, Step


def is_word(form: Form, *words: str) -> bool:
    """Return whether the name of a step is one of these words."""
    return form.name is not None and form.name.text.lower() in words


def least_layers(step: Step, prefixes: Sequence[Prefix]) -> int:
    """Return how many layers and checks a step makes at least, with what is left of its prefixes.

    What is used again, and what stands in the block of a merge, may be more.
    """
    form = step.form
    kinds = [prefix.kind for prefix in prefixes]
    times = prod(kind for kind in kinds if isinstance(kind, int))
    if form.ref is not None or is_word(form, "in", "use"):
        return 0
    if form.name is not None or (kinds and kinds[-1] == "bi"):
        return times
    steps = (each for stack in step.branches or [] for each in stack)
    return times * sum(least_layers(each, each.form.prefixes) for each in steps)


def axes(step: Step, resolver: Resolver, *, unknown: str) -> Iterator[Size | None]:
    """Yield the sizes that stand in a step, None for each of which ``unknown`` is written."""
    for argument in step.form.args:
        yield from _sizes(argument, step, resolver, unknown)


def _sizes(
    argument: Argument, step: Step, resolver: Resolver, unknown: str
) -> Iterator[Size | None]:
    value, span = argument.value, step.place(argument.span)
    if argument.key is not None:
        raise resolver.fail("a shape has no keys", span)
    if value.kind == "list":
        if any(item.kind == "list" for item in value.value):
            raise resolver.fail("a shape is one list of sizes", span)
        for item in value.value:
            yield from _sizes(argument._replace(value=item), step, resolver, unknown)
    elif value.kind in {"int", "size"}:
        # A layer can leave nothing of an axis, and a check may say so.
        check_positive(value.value, span, resolver.text, 0 if unknown == "_" else 1)
        yield value.value
    elif value.kind == "unknown" or (value.kind == "any" and unknown == "_"):
        yield None
    else:
        raise resolver.fail("a size is a whole number or a letter", span)

"""The input that the first layer of a spec names, as Keras takes it: ``input_shape=`` and its kin.

What such arguments say is what ``in:`` says, and they are read as one:
``lstm:8:input_shape=(12,9)`` is ``in:B:12:9,lstm:8``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from shapecalc.errors import SpecError
from shapecalc.layers.parameters import own_names

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from shapecalc.language.syntax import Argument, Stack, Step, Value
    from shapecalc.layers.dialect import Dialect
    from shapecalc.layers.layer import Layer

#: With the batch, and without it.
_WHOLE: Final = ("batch_input_shape", "batch_shape")
_REST: Final = ("input_shape",)
_SIZES: Final = ("input_dim", "input_length")
KEYS: Final = frozenset({*_WHOLE, *_REST, *_SIZES})


class Entry(NamedTuple):
    """A step with the arguments that name an input, by their keys."""

    step: Step
    cls: type[Layer]
    arguments: dict[str, Argument]


def with_input(stack: Stack, text: str, dialect: Dialect) -> str | None:
    """Return the text with an ``in:`` instead of what names the input; None where none does.

    Raises `SpecError` where that does not stand on the first layer, or beside another input.
    """
    if not any(key in text for key in KEYS):
        return None
    found = list(_entries(stack, dialect))
    if not found:
        return None
    first = _first(stack)
    for entry in found:
        if entry.step is not first:
            raise _misplaced(entry, stack, text)
    (entry,) = found
    sizes = _sizes(entry, text)
    start = stack[0].start
    cut, end = "", start
    for argument in entry.arguments.values():
        place = entry.step.place(argument.span)
        cut += text[end : text.rindex(":", end, place[0])]
        end = place[1]
    return f"{text[:start]}in:{':'.join(sizes)},{cut}{text[end:]}"


def _entries(stack: Stack, dialect: Dialect) -> Iterator[Entry]:
    """Yield all steps with such arguments, which are not parameters of their own layer."""
    for step in stack:
        name = step.form.name
        entry = dialect.catalogue.find(name.text) if name is not None else None
        if entry is not None and step.form.args:
            cls = dialect.catalogue.load(entry)
            own = own_names(cls)
            named = {
                argument.key.text: argument
                for argument in step.form.args
                if argument.key is not None and argument.key.text in KEYS
                if argument.key.text not in own or (argument.key.text == "input_length")
            }
            if named and cls.arity != (0, 0):
                yield Entry(step, cls, named)
        for branch in step.branches or ():
            yield from _entries(branch, dialect)


def _first(stack: Stack) -> Step | None:
    """Return the first layer, which may stand in a group."""
    while stack:
        step = stack[0]
        if step.form.name is not None or not step.branches or len(step.branches) > 1:
            return step
        stack = step.branches[0]
    return None


def _misplaced(entry: Entry, stack: Stack, text: str) -> SpecError:
    key, argument = next(iter(entry.arguments.items()))
    begins = stack[0].form.name
    given = begins is not None and begins.text.lower() == "in"
    fact = (
        f"{key} names an input, but in: gives it already"
        if given
        else f"{key} names the input of the first layer, which this is not"
    )
    span = entry.step.place(argument.span)
    return SpecError(fact, span=span, source=text, help=f"leave {key} out")


def _sizes(entry: Entry, text: str) -> Sequence[str]:
    """Return the sizes of the input as they are written, with the batch."""
    given = entry.arguments
    shapes = [key for key in given if key not in _SIZES]
    if len(shapes) > 1 or (shapes and len(given) > 1):
        raise _refused(entry, given.keys(), text, "say the input twice")
    batch = "None" if "B" in text else "B"
    if shapes:
        (key,) = shapes
        written = _written(entry, given[key], text)
        return written if key in _WHOLE else [batch, *written]
    length, size = given.get("input_length"), given.get("input_dim")
    lengths = [] if length is None else _written(entry, length, text)
    if "input_dim" in own_names(entry.cls):
        return [batch, *lengths]
    if size is None:
        raise _refused(entry, given.keys(), text, "needs input_dim= beside it")
    steps = getattr(entry.cls, "recurrent", False) or getattr(entry.cls, "rank", 0) == 1
    return [batch, *(lengths or (["None"] if steps else [])), *_written(entry, size, text)]


def _written(entry: Entry, argument: Argument, text: str) -> list[str]:
    """Return the sizes of an argument: one, or those of a list."""
    value = argument.value
    if value.kind == "tuple":
        return list(map(str, value.value))
    items: Sequence[Value] = value.value if value.kind == "list" else (value,)
    if any(
        item.kind not in {"int", "size", "unknown"} and item.value is not None for item in items
    ):
        raise _refused(entry, [argument.key.text if argument.key else ""], text, "takes sizes")
    spans = [entry.step.place(item.span) for item in items]
    return [text[start:end] for start, end in spans]


def _refused(entry: Entry, keys: Sequence[str] | object, text: str, fact: str) -> SpecError:
    places = [entry.step.place(argument.span) for argument in entry.arguments.values()]
    span = (places[0][0], places[-1][1])
    return SpecError(f"{' and '.join(keys)} {fact}", span=span, source=text)  # type: ignore[arg-type]

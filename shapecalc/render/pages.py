"""The catalogue and the page of a layer, as text for people."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING, Final

from shapecalc.dims import product, shape_text, sum_text
from shapecalc.language.printer import layer_text
from shapecalc.language.syntax import STEPS
from shapecalc.layers.explaining import multiplied
from shapecalc.render.breaking import LEAST, WIDTH, aligned, broken
from shapecalc.render.cells import count_text
from shapecalc.tracing.rows import joined

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from shapecalc.analysis.lookup import Argument
    from shapecalc.analysis.reference import Example, Reference
    from shapecalc.analysis.variants import Variant
    from shapecalc.dims import Shape
    from shapecalc.layers.catalogue import Entry
    from shapecalc.tracing.rows import Row


def overview(
    listed: Sequence[tuple[Entry, tuple[str, ...]]],
    summaries: dict[str, str],
    *,
    width: int | None,
    color: bool,
) -> Iterator[str]:
    """Yield the layers by family, a line each."""
    families: dict[str, list[tuple[str, ...]]] = {}
    for entry, names in listed:
        row = (" ".join(names), entry.cls, summaries.get(entry.cls, ""))
        families.setdefault(entry.family, []).append(row)
    for number, (family, rows) in enumerate(families.items()):
        yield ("\n" if number else "") + _bold(family, color=color) + "\n"
        yield from aligned(rows, width or WIDTH)


def page(reference: Reference, *, width: int | None, color: bool) -> Iterator[str]:
    """Yield the page of a layer."""
    room = width or WIDTH
    entry = reference.entry
    names = ", ".join(reference.names)
    heading, *others = broken("", f"{entry.cls}  {names}  ({entry.family})", room)
    yield _bold(entry.cls, color=color) + heading.removeprefix(entry.cls) + "\n"
    yield "".join(f"{line}\n" for line in others) + "\n"
    purpose, _, more = reference.text.partition("\n\n")
    yield from _paragraphs(purpose, room)
    tried = reference.variants()
    yield from _listed("Shapes", list(_returned(reference, tried)), room, color=color)
    if more:
        yield "\n"
        yield from _paragraphs(more, room)
    changing = {variant.argument for variant in tried}
    arguments = list(reference.arguments())
    telling = [each for each in arguments if each[0] in changing]
    rest = [each for each in arguments if each[0] not in changing]
    yield from _listed("Arguments that change the shape", telling, room, color=color)
    yield from _listed("Flags", list(reference.words().items()), room, color=color)
    title = "Other arguments" if telling else "Arguments"
    yield from _listed(title, rest, room, color=color)
    yield from _listed("Short keys", list(reference.keys().items()), room, color=color)
    if reference.examples:
        first = reference.examples[0]
        yield from _listed(f"Weights of {first.spec}", _weights(first.rows[-1]), room, color=color)
        yield from _listed(f"Costs of {first.spec}", _costs(first.rows[-1]), room, color=color)
    yield from _examples(reference.examples, room, color=color)


def argument_page(
    argument: Argument,
    references: Sequence[Reference],
    summaries: Mapping[str, str],
    *,
    width: int | None,
    color: bool,
) -> Iterator[str]:
    """Yield what layers return with an argument and without it, and which layers take it."""
    room = width or WIDTH
    words = f"  {', '.join(argument.flags)}" if argument.flags else ""
    yield f"{_bold(argument.name, color=color)}{words}  (argument)\n"
    if not references:
        yield "\n  does not change the shape\n"
    for number, each in enumerate(references):
        tried = [variant for variant in each.variants() if variant.argument == argument.name]
        lines = list(_returned(each, tried, required=True))
        yield from _listed("Shapes", lines, room, color=color) if not number else ("\n",)
        yield from aligned(lines, room) if number else ()
    rows = [(entry.name, summaries.get(entry.cls, "")) for entry, _ in argument.layers]
    yield from _listed("Layers that take it", rows, room, color=color)


def step_page(name: str, *, width: int | None, color: bool) -> Iterator[str]:
    """Yield what a step says that is not a layer."""
    form, about = STEPS[name]
    yield f"{_bold(name, color=color)}  (step of a spec)\n\n"
    yield from aligned([(form, about)], width or WIDTH)


def _returned(
    reference: Reference, tried: Sequence[Variant], *, required: bool = False
) -> Iterator[tuple[str, ...]]:
    """Yield what the layer returns as it is, and with other values of what need not be given."""
    row = reference.shown
    if row is None:
        return
    given = {name for name, default, _ in reference.arguments() if default == "required"}
    given = set() if required else given
    lines: list[tuple[str, Sequence[Shape], Sequence[Shape]]] = [
        (layer_text(row.model, row.dialect), row.inputs, row.outputs)
    ]
    lines += [
        (each.spec, each.inputs, each.outputs)
        for each in tried
        if each.outputs is not None and each.argument not in given
    ]
    for spec, inputs, outputs in lines:
        yield spec, f"{_shapes(inputs)} -> {_shapes(outputs)}"


_PARTS: Final = frozenset({"Shape", "Errors", "Source"})
#: How far the text of a part stands from its name.
_INDENT: Final = 8


def _paragraphs(text: str, room: int) -> Iterator[str]:
    """Write a docstring anew, whose lines break where there is no more room."""
    for line in _unbroken(text):
        indent = " " * (len(line) - len(line.lstrip()))
        rest = indent + " " * _INDENT if line[:_INDENT].rstrip() in _PARTS else indent
        lines = wrap(line, max(room - 2, LEAST), subsequent_indent=rest, break_on_hyphens=False)
        yield "".join(f"  {each}\n" for each in lines) or "\n"


def _unbroken(text: str) -> list[str]:
    """Join the lines of each paragraph, and of each part that goes on indented."""
    found: list[str] = []
    for line in text.splitlines():
        before = found[-1] if found else ""
        depth = len(line) - len(line.lstrip())
        in_part = before[:_INDENT].rstrip() in _PARTS
        goes_on = depth == (_INDENT if in_part else len(before) - len(before.lstrip()))
        if before and line.strip() and goes_on and line[:_INDENT].rstrip() not in _PARTS:
            found[-1] += f" {line.strip()}"
        else:
            found.append(line)
    return found


def _weights(row: Row) -> list[tuple[str, ...]]:
    if not row.weights:
        return []
    found = [(w.name, shape_text(w.shape), count_text(product(w.shape))) for w in row.weights]
    return [*found, ("params", "", count_text(row.params))]


def _costs(row: Row) -> list[tuple[str, ...]]:
    """Return what the layer multiplies, and what it holds."""
    held = [] if row.memory is None else [(f"memory {count_text(row.memory)} numbers",)]
    if row.result.varies:
        return [("macs depend on the data",), *held]
    said = [(line,) for line in multiplied(row.result, row.walk.facts.simplify)]
    if len(said) == 1:
        return [*said, *held]
    return [*said[:-1], (f"macs {count_text(sum_text(row.result.multiplied))}",), *held]


def _examples(examples: Sequence[Example], room: int, *, color: bool) -> Iterator[str]:
    for number, example in enumerate(examples):
        yield f"\n{_bold('Examples', color=color)}\n" if not number else "\n"
        yield f"  {example.spec}\n"
        rows = [
            (
                f"  {row.name}",
                f"{_shapes(row.inputs)} -> {_shapes(row.outputs)}",
                f"{count_text(row.params)} params" if row.weights else "",
            )
            for row in example.rows
        ]
        yield from aligned(rows, room)
        if example.conditions:
            yield f"    holds when {joined(example.conditions)}\n"


def _shapes(shapes: Sequence[Sequence[object]]) -> str:
    return ", ".join(shape_text(shape) for shape in shapes)  # type: ignore[arg-type]


def _listed(
    title: str, rows: Sequence[tuple[str, ...]], room: int, *, color: bool
) -> Iterator[str]:
    if rows:
        yield f"\n{_bold(title, color=color)}\n"
        yield from aligned(rows, room)


def _bold(text: str, *, color: bool) -> str:
    return f"\x1b[1m{text}\x1b[0m" if color else text

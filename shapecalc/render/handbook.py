"""The layers of a dialect as a Markdown document: a section for each."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from shapecalc.dims import shape_text
from shapecalc.render.cells import count_text
from shapecalc.tracing.rows import joined

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from shapecalc.analysis.reference import Example, Reference

_PART: Final = re.compile(r"(?m)^(Shape|Errors|Source) +")


def document(references: Sequence[Reference], command: str) -> Iterator[str]:
    """Write all layers of a dialect, by family."""
    shared = _shared(references)
    families: dict[str, list[Reference]] = {}
    for each in references:
        families.setdefault(each.entry.family, []).append(each)
    framework = references[0].cls.framework
    yield f"# All {_FRAMEWORKS[framework]} layers\n\n"
    yield f"Written by `{command}`.\n`shapecalc layers NAME` shows one layer, "
    yield "with its weights, costs and flags.\nEvery layer also takes "
    yield f"{_codes(shared)}.\n\n"
    yield " ·\n".join(f"[{family}](#{family}-layers)" for family in families) + "\n"
    for family, members in families.items():
        yield f"\n## {family} layers\n"
        for each in members:
            yield from section(each, shared)


_FRAMEWORKS: Final = {"keras": "Keras", "torch": "PyTorch"}


def _shared(references: Sequence[Reference]) -> list[str]:
    """Return the arguments that every layer has."""
    names = [[name for name, _, _ in each.arguments()] for each in references]
    return [name for name in names[0] if all(name in others for others in names)]


def section(reference: Reference, shared: Sequence[str] = ()) -> Iterator[str]:
    """Write one layer: what it does, its arguments, its shapes, examples."""
    prose, *parts = _PART.split(reference.text)
    yield f"\n### {reference.entry.cls}\n\n{_codes(reference.names)}: {prose.rstrip()}\n\n"
    arguments = [
        f"`{name}`" if default == "required" else f"`{name}={default}`"
        for name, default, _ in reference.arguments()
        if name not in shared
    ]
    if arguments:
        yield f"- Arguments: {', '.join(arguments)}\n"
    for title, text in zip(parts[::2], parts[1::2], strict=True):
        said = " ".join(text.split())
        yield f"- {title}: {f'`{said}`' if title == 'Shape' and '`' not in said else said}\n"
    for example in reference.examples:
        yield _line(example)


def _line(example: Example) -> str:
    """Return an example with what its last layer reads and returns."""
    row = example.rows[-1]
    inputs, outputs = (_codes(map(shape_text, shapes)) for shapes in (row.inputs, row.outputs))
    params = f", `{count_text(row.params)}` params" if row.weights else ""
    holds = f", when `{joined(example.conditions)}`" if example.conditions else ""
    return f"- Example: `{example.spec}` {inputs} → {outputs}{params}{holds}\n"


def _codes(texts: Iterable[str]) -> str:
    return ", ".join(f"`{text}`" for text in texts)

"""What a word may mean that is not the name of a layer: a step, a family, an argument, a part."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from shapecalc.analysis.reference import reference
from shapecalc.errors import SpecError
from shapecalc.layers.catalogue import fold
from shapecalc.layers.parameters import flags, parameters

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from shapecalc.analysis.reference import Reference
    from shapecalc.layers.catalogue import Catalogue, Entry
    from shapecalc.layers.dialect import Dialect

#: A layer class with its names in specs.
Listed = tuple["Entry", tuple[str, ...]]


class Argument(NamedTuple):
    """An argument, the flags that stand for its values, and the layers that take it."""

    name: str
    flags: tuple[str, ...]
    layers: list[Listed]


def family(word: str, catalogue: Catalogue) -> list[Listed]:
    """Return the layers of a family; none where there is no such family."""
    folded = fold(word)
    return [each for each in catalogue.listed() if fold(each[0].family) == folded]


def arguments(word: str, dialect: Dialect) -> list[Argument]:
    """Return the arguments that a word means: by its name, as a short key, or as a flag."""
    catalogue = dialect.catalogue
    names = {word, *dialect.short_keys.get(word, ())}
    found: dict[str, Argument] = {}
    for entry, listed in catalogue.listed():
        cls = catalogue.load(entry)
        known, words = parameters(cls), flags(cls)
        meant = [name for name in known if name in names]
        meant += [words[word][0]] if word in words and words[word][0] not in meant else []
        for name in meant:
            own = tuple(each for each, (of, _) in words.items() if of == name and each != name)
            argument = found.setdefault(name, Argument(name, own, []))
            argument.layers.append((entry, listed))
    return sorted(found.values(), key=lambda each: (each.name != word, -len(each.layers)))


def named(word: str, catalogue: Catalogue) -> list[Listed]:
    """Return the layers whose class, names or family contain a word, in any case."""
    folded = fold(word)
    return [
        (entry, names)
        for entry, names in catalogue.listed()
        if any(folded in fold(each) for each in (entry.cls, entry.family, *names))
    ]


def containing(word: str, catalogue: Catalogue, summaries: Mapping[str, str]) -> list[Listed]:
    """Return the layers that a word names in part, or whose text has a word that begins so."""
    begins = re.compile(rf"\b{re.escape(word)}", re.IGNORECASE)
    found = named(word, catalogue)
    return [
        each
        for each in catalogue.listed()
        if each in found or begins.search(summaries[each[0].cls])
    ]


def shown(argument: Argument, dialect: Dialect, most: int) -> Iterator[Reference]:
    """Return pages of layers that return another shape with an argument, at most so many."""
    for entry, _ in argument.layers:
        if most == 0:
            return
        try:
            page = reference(entry.name, dialect)
        except SpecError:
            continue
        if any(each.argument == argument.name and each.outputs for each in page.variants()):
            most -= 1
            yield page

"""The law on many drawn specs: how many of each kind, and where it is broken.

`python -m tests.benchmarks.law SECONDS SEED` prints, for both dialects and one, two and three
letters, how many specs have conditions, assumptions or neither, how many are refused, and how many break the law.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, Phase, given, seed, settings
from law import broken, general
from modules import module_cases
from strategies import cases

from shapecalc.errors import ShapecalcError

if TYPE_CHECKING:
    from collections.abc import Callable

    from hypothesis.strategies import SearchStrategy
    from strategies import Case

#: How many specs are drawn from one seed; those of another seed differ more.
ROUND = 50

#: How many faults of each kind are shown.
SHOWN = 3

#: What draws specs, by dialect.
DRAWN: dict[str, Callable[[int], SearchStrategy[Case]]] = {"keras": cases, "torch": module_cases}

#: What is counted, in the order in which it is printed.
KINDS = ("always", "conditions", "assumptions", "refused", "broken")


def kind(case: Case) -> str:
    """What letters say of a spec."""
    trace = general(case.spec, ", ".join(case.facts))
    if trace is None:
        return "refused"
    if trace.assumptions:
        return "assumptions"
    return "conditions" if trace.conditions else "always"


def verdict(case: Case) -> str | None:
    """Where a spec breaks the law; what crashes breaks it too."""
    try:
        return broken(case.spec, case.letters, case.facts)
    except ShapecalcError as error:
        return f"{type(error).__name__}: {error}"
    except Exception as error:  # noqa: BLE001  (it is what is looked for)
        return f"crash: {type(error).__name__}: {error}"


def search(
    drawing: SearchStrategy[Case], start: int, end: float
) -> tuple[Counter[str], list[tuple[str, Case]]]:
    """Draw specs until the time is over; counts, and what breaks the law."""
    counts: Counter[str] = Counter()
    found: dict[Case, str] = {}

    def law(case: Case) -> None:
        if time.monotonic() > end:
            return
        said = verdict(case)
        if said is not None:
            found[case] = said
        if said is None or not said.startswith("crash"):
            counts[kind(case)] += 1
        counts["specs"] += 1
        counts["graphs"] += "@" in case.spec or "|" in case.spec
        counts["facts"] += bool(case.facts)
        counts["broken"] += said is not None

    drawn = settings(
        max_examples=ROUND,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    while time.monotonic() < end:
        seed(start)(drawn(given(drawing)(law)))()
        start += 1
    return counts, [(said, case) for case, said in found.items()]


def shortest(found: list[tuple[str, Case]]) -> list[tuple[str, Case]]:
    """Of each kind of fault the shortest few."""
    found = sorted(found, key=lambda each: len(each[1].spec) + len(str(each[1].facts)))
    kinds: dict[str, list[tuple[str, Case]]] = {}
    for said, case in found:
        kinds.setdefault(said.partition(":")[0], []).append((said, case))
    return [each for alike in kinds.values() for each in alike[:SHOWN]]


def main(seconds: float, start: int) -> int:
    broke = 0
    kinds_of = [(dialect, letters) for dialect in DRAWN for letters in (1, 2, 3)]
    for dialect, letters in kinds_of:
        end = time.monotonic() + seconds / len(kinds_of)
        counts, found = search(DRAWN[dialect](letters), start, end)
        kinds = ", ".join(f"{counts[each]} {each}" for each in KINDS)
        sys.stdout.write(
            f"seed {start}, {dialect}, {letters} letters: {counts['specs']} specs"
            f" ({counts['graphs']} graphs, {counts['facts']} with facts): {kinds}\n"
        )
        for said, case in shortest(found):
            where = f" -w {', '.join(case.facts)!r}" if case.facts else ""
            sys.stdout.write(f"  {case.spec!r}{where} {said}\n")
        broke += counts["broken"]
    return min(broke, 1)


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]), int(sys.argv[2])))

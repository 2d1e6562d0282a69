"""Many specs and questions: how many, how many fit, crashes, the longest time, the most memory.

`python -m tests.benchmarks.fuzz SECONDS SEED` draws short specs of the whole grammar, and
questions on long ones: options, solve, fix, diff, nested models; small programs; commands; and
commands on files that were damaged. What crashes or is slow is made smaller and printed.
"""

from __future__ import annotations

import gc
import random
import re
import resource
import signal
import sys
import time
from collections import Counter
from typing import TYPE_CHECKING, Any

from commands import Command, command, typed
from grammar import obeys, spec
from mutants import Mutant, given, mutant
from programs import Source, program, understood
from questions import Question, answered, question

if TYPE_CHECKING:
    from collections.abc import Callable

#: What is tried.
Case = str | Question | Command | Mutant

#: What draws a case, and the kinds that are counted.
DRAWN: tuple[Callable[[random.Random], Case], ...] = (spec, question, program, command, mutant)
KINDS = ("short", "trace", "solve", "fix", "diff", "model", "source", "command", "mutant")

#: After so many seconds of this process an answer is slow, a solution is slow, and it is given up.
SLOW = 1.0
SLOW_SOLUTION = 2.0
PATIENCE = 10.0

#: After so many cases garbage is collected: a command in this process leaves it to the end.
COLLECTED = 500

#: The commands that search.
SEARCHING = {"solve", "fix", "sweep"}

#: How many faults are made smaller, and for how many seconds each.
SHRUNK = 30
EFFORT = 20.0


class OverdueError(BaseException):
    """It takes too long; no handler of exceptions keeps it."""


def _interrupt(*_: object) -> None:
    raise OverdueError


def asked(text: str) -> str:
    """Try a short spec, or a program."""
    if isinstance(text, Source):
        return "fits" if understood(text) else "refused"
    return "fits" if obeys(text) else "refused"


#: What tries a case; specs and programs are texts.
ASKING: dict[type, Callable[[Any], str]] = {Command: typed, Question: answered, Mutant: given}


def _kind_of(case: Case) -> str:
    """What is counted as one kind of case."""
    if isinstance(case, Question):
        return case.kind
    return "short" if type(case) is str else type(case).__name__.lower()


def fault(case: Case) -> tuple[str | None, str, float]:
    """What is wrong with an answer, or None; how it ended; and how long it took."""
    begin = time.process_time()
    ended, wrong = "refused", None
    signal.setitimer(signal.ITIMER_PROF, PATIENCE)
    try:
        ended = ASKING.get(type(case), asked)(case)
    except OverdueError:
        wrong = "slow"
    except Exception as error:  # noqa: BLE001  (it is what is looked for)
        wrong = f"{type(error).__name__}: {error}"[:200]
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    took = time.process_time() - begin
    searches = SEARCHING & {getattr(case, "kind", ""), getattr(case, "word", "")}
    if wrong is None and took > (SLOW_SOLUTION if searches else SLOW):
        wrong = "slow"
    return wrong, ended, took


def smaller(case: Case, wrong: str) -> Case:
    """The case with fewer steps and options, as long as the same is wrong with it."""
    end = time.monotonic() + EFFORT

    def same(other: Case) -> bool:
        return time.monotonic() < end and _kind(fault(other)[0]) == _kind(wrong)

    if isinstance(case, Question):
        for name in list(case.options):
            other = case._replace(options={k: v for k, v in case.options.items() if k != name})
            case = other if same(other) else case
        if case.kind == "model":
            return case
        alone = [Question("trace", text, case.options) for text in (case.text, case.other)]
        whole = next(filter(same, alone), case) if case.kind in {"diff", "fix"} else case
        return whole._replace(text=_fewer(whole.text, lambda text: same(whole._replace(text=text))))
    if isinstance(case, Source | Mutant):
        return case
    if isinstance(case, Command):
        return case.with_text(_fewer(case.text, lambda text: same(case.with_text(text))))
    return _fewer(case, same)


def _kind(wrong: str | None) -> str | None:
    return wrong and wrong.partition(":")[0]


def _fewer(text: str, same: Callable[[str], bool]) -> str:
    """Leave out steps, many at a time at first."""
    steps = text.split(",")
    count = max(1, len(steps) // 2)
    while count:
        place = len(steps) - count
        while place >= 0:
            rest = [*steps[:place], *steps[place + count :]]
            if rest and same(",".join(rest)):
                steps = rest
            place -= count
        count //= 2
    return _less_often(",".join(steps), same)


def _less_often(text: str, same: Callable[[str], bool]) -> str:
    """Repeat less."""
    for place in reversed(list(re.finditer(r"\d+(?=x\()", text))):
        before, count, after = text[: place.start()], int(place[0]), text[place.end() :]
        while count > 1 and same(f"{before}{count // 2}{after}"):
            count //= 2
        text = f"{before}{count}{after}"
    return text


def main(seconds: float, seed: int) -> int:
    signal.signal(signal.SIGPROF, _interrupt)
    draw = random.Random(seed)  # noqa: S311  (no secret)
    counts: Counter[str] = Counter()
    faults: dict[str, list[tuple[str, Case]]] = {}
    longest, slowest = 0.0, ""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if (counts["fits"] + counts["refused"]) % COLLECTED == 0:
            gc.collect()
        case = draw.choice(DRAWN)(draw)
        wrong, ended, took = fault(case)
        counts[ended] += 1
        counts[_kind_of(case)] += 1
        if wrong is not None:
            counts["slow" if wrong == "slow" else "crashes"] += 1
            faults.setdefault(_kind(wrong) or "", []).append((wrong, case))
        if took > longest:
            longest, slowest = took, str(case)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    for alike in faults.values():
        alike.sort(key=lambda each: len(str(each[1])))
        for wrong, case in alike[: SHRUNK // len(faults)]:
            sys.stderr.write(f"{wrong}: {str(smaller(case, wrong))[:400]}\n")
    total = counts["fits"] + counts["refused"]
    kinds = ", ".join(f"{counts[each]} {each}" for each in KINDS)
    sys.stdout.write(
        f"seed {seed}: {total} inputs ({kinds}), {counts['fits']} fit,"
        f" {counts['crashes']} crashes, {counts['slow']} slow\n"
        f"longest {longest:.2f} s, {memory:.0f} MB: {slowest[:400]}\n"
    )
    return min(counts["crashes"] + counts["slow"], 1)


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]), int(sys.argv[2])))

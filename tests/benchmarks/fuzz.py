"""Many specs of the grammar: how many, how many fit, crashes, the longest time, the most memory."""

from __future__ import annotations

import random
import resource
import sys
import time
from collections import Counter

from tests.grammar import obeys, spec


def main(seconds: float, seed: int) -> int:
    draw = random.Random(seed)  # noqa: S311  (no secret)
    counts: Counter[str] = Counter()
    longest, slowest = 0.0, ""
    end = time.monotonic() + seconds
    while (begin := time.monotonic()) < end:
        text = spec(draw)
        try:
            counts["fit" if obeys(text) else "refused"] += 1
        except Exception as error:  # noqa: BLE001  (it is what is looked for)
            counts["crashes"] += 1
            sys.stderr.write(f"{type(error).__name__}: {error}: {text!r}"[:400] + "\n")
        took = time.monotonic() - begin
        if took > longest:
            longest, slowest = took, text
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    sys.stdout.write(
        f"seed {seed}: {counts.total()} inputs, {counts['fit']} fit, {counts['crashes']} crashes\n"
        f"longest {longest:.2f} s, {memory:.0f} MB: {slowest[:200]!r}\n"
    )
    return min(counts["crashes"], 1)


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]), int(sys.argv[2])))

"""Records the code that networks become in the other framework: ``python record_port.py``."""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from ported import FOLDER, LISTS, cases, ported


def main() -> None:
    """Write what each line of the lists becomes."""
    for name in LISTS:
        found = [{"case": case, "code": ported(case)} for case in cases(name)]
        text = "".join(json.dumps(each) + "\n" for each in found)
        target = FOLDER / f"{name}.code.jsonl.gz"
        target.write_bytes(gzip.compress(text.encode(), mtime=0))


if __name__ == "__main__":
    main()

"""Records the code of the networks of `tests/networks.py`: ``python record_code.py``.

With ``--requests keras`` (or ``torch``) it prints what ``tests/running.py`` runs, where that
framework is installed: ``python record_code.py --requests keras | python running.py keras``.
"""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from networks import DATA, expected, networks, to

from shapecalc.errors import ShapecalcError
from shapecalc.exporters.code import code

TARGET = DATA / "code.jsonl.gz"


def main() -> None:
    """Write each network as code of its own framework."""
    asked = sys.argv[2] if len(sys.argv) > 2 else None
    found = []
    for name, network in networks():
        entry = {"id": name, "to": to(network)}
        try:
            entry["code"] = code(network, to(network))
        except ShapecalcError as error:
            entry["refused"] = error.message
        if asked is None:
            found.append(entry)
        elif asked == to(network) and "code" in entry:
            print(json.dumps(entry | {"expected": expected(network)}))  # noqa: T201
    if asked is None:
        text = "".join(json.dumps(entry) + "\n" for entry in found)
        TARGET.write_bytes(gzip.compress(text.encode(), mtime=0))


if __name__ == "__main__":
    main()

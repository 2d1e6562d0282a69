"""Files as people keep them: each container, Keras 2's leftovers, Keras 1, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from terminal import called

FILES = Path(__file__).parents[2] / "data" / "models" / "files"
EXPECTED = [json.loads(line) for line in (FILES / "expected.jsonl").read_text().splitlines()]
NEEDS = {".h5": "h5py", ".yaml": "yaml"}


def same_sizes(theirs: list[int | None], ours: list[int | str]) -> bool:
    return len(theirs) == len(ours) and all(
        known in {None, size} for known, size in zip(theirs, ours, strict=True)
    )


@pytest.mark.parametrize("case", EXPECTED, ids=lambda case: case["file"])
def test_file_is_read_as_keras_reads_it(case: dict[str, Any]) -> None:
    path = FILES / case["file"]
    if path.suffix in NEEDS:
        pytest.importorskip(NEEDS[path.suffix], reason="pip install '.[test]'")
    done = called(str(path), "-f", "json", *case.get("args", ()))
    if "refusal" in case:
        assert done.code == 2
        assert done.out == ""
        assert done.err.startswith(f"error: {path}: ")
        return
    assert done.code == 0, done.err
    found = json.loads(done.out)
    assert len(found["layers"]) == len(case["layers"])
    for row, (_, outputs, params) in zip(found["layers"], case["layers"], strict=True):
        assert all(map(same_sizes, outputs, row["outputs"])), row["outputs"]
        assert row["params"] == params
    assert found["params"]["total"] == case["total"]

"""The code of many networks, as it was recorded and run under Keras 3 and PyTorch."""

from __future__ import annotations

import gzip
import json
from functools import cache
from typing import TYPE_CHECKING

import pytest
from formatting import problems_below
from networks import APPLICATIONS, DATA, KINDS, to
from round_trips import comes_back

from shapecalc.errors import SpecError
from shapecalc.exporters.code import code

if TYPE_CHECKING:
    from pathlib import Path


@cache
def recorded() -> dict[str, dict[str, str]]:
    """What `record_code.py` wrote, by the name of the network."""
    text = gzip.decompress((DATA / "code.jsonl.gz").read_bytes()).decode()
    return {entry["id"]: entry for entry in map(json.loads, text.splitlines())}


@pytest.mark.parametrize("kind", KINDS)
def test_code_is_what_was_recorded_and_comes_back(kind: str) -> None:
    count = 0
    for name, network in KINDS[kind]():
        entry = recorded()[f"{kind}: {name}"]
        if "refused" in entry:
            with pytest.raises(SpecError, match="cannot be written") as caught:
                code(network, to(network))
            assert caught.value.message == entry["refused"]
            continue
        assert code(network, to(network)) == entry["code"], name
        # Every second one is read again too, which takes most of the time.
        assert count % 2 or comes_back(network), name
        count += 1
    assert count >= len(APPLICATIONS)


def test_ruff_leaves_all_code_as_it_is(tmp_path: Path) -> None:
    for number, entry in enumerate(recorded().values()):
        (tmp_path / f"model_{number}.py").write_text(entry.get("code", ""), encoding="utf-8")
    assert not problems_below(tmp_path)


def test_no_line_is_longer_than_88_columns() -> None:
    codes = [entry["code"] for entry in recorded().values() if "code" in entry]
    assert len(codes) > 200
    assert max(len(line) for text in codes for line in text.splitlines()) <= 88

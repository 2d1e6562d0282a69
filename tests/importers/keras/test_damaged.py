"""Files of all kinds, cut short and with bytes changed: what is wrong is said, and nothing hangs."""

from __future__ import annotations

import random
import struct
from pathlib import Path

import pytest

import shapecalc
from shapecalc.importers.keras.files import read_model

FILES = Path(__file__).parents[2] / "data" / "models" / "files"
NEEDS = {".h5": "h5py", ".yaml": "yaml"}
KINDS = sorted(each for each in FILES.iterdir() if each.suffix != ".jsonl")
TURNS = 60
MARKS = b'0123456789[]{},:"-&*!'


def damaged(data: bytes, draw: random.Random) -> bytes:
    """The bytes of a file, a part of them missing or others."""
    found = bytearray(data)
    if draw.random() < 0.3:
        found = found[: draw.randrange(len(found))]
    for _ in range(draw.choice([0, 1, 2, 20])):
        if found:
            place = draw.randrange(len(found))
            found[place] = draw.choice(MARKS) if draw.random() < 0.4 else draw.randrange(256)
    return bytes(found)


@pytest.mark.parametrize("path", KINDS, ids=lambda path: path.name)
def test_a_damaged_file_is_read_or_refused(path: Path) -> None:
    if path.suffix in NEEDS:
        pytest.importorskip(NEEDS[path.suffix], reason="pip install '.[test]'")
    draw = random.Random(path.name)  # noqa: S311  (no secret)
    data = path.read_bytes()
    for _ in range(TURNS):
        try:
            shapecalc.trace(read_model(damaged(data, draw), name=path.name), repair=False)
        except shapecalc.ShapecalcError as error:
            assert error.message


def test_hdf5_whose_parts_say_too_much_is_refused_at_once() -> None:
    pytest.importorskip("h5py", reason="pip install '.[h5]'")
    data = bytearray((FILES / "hdf5.h5").read_bytes())
    name, heap = data.find(b"model_config\0"), data.find(b"GCOL")
    parts = struct.unpack_from("<HHH", data, name - 6)
    text = name + sum(-(-part // 8) * 8 for part in parts)
    # The text, the heap, and the first thing in the heap: the last one without end.
    for place, value in ((text, 0xFFFFFFF0), (heap + 8, 1 << 40), (heap + 24, (1 << 64) - 16)):
        changed = data.copy()
        struct.pack_into("<Q" if value >> 32 else "<I", changed, place, value)
        assert changed != data
        with pytest.raises(shapecalc.SpecError, match="the HDF5 file is broken: it"):
            read_model(bytes(changed))

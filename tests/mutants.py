"""Files that may be given to a command: models and source in which parts or bytes were changed."""

from __future__ import annotations

import base64
import gzip
import io
import json
import tempfile
import zipfile
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from commands import promised
from terminal import called

if TYPE_CHECKING:
    import random

DATA = Path(__file__).parent / "data"
MODELS = ("small", "called", "keras1", "legacy", "quantized")
#: A file of Keras's JSON is at most so long, so that many can be tried.
LONGEST = 20_000
COMMANDS = (
    ("",), ("",), ("explain",), ("cost",), ("check",), ("check",), ("fix",), ("annotate",), ("batch",),
    ("convert", "--to", "spec"), ("convert", "--to", "keras"), ("convert", "--to", "torch"),
    ("fit", "--x", "60,28,28"), ("solve", "-o", "B,3"),
)  # fmt: skip
#: What may stand where something else is expected.
VALUES: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 2, 3, 10**6, 10**30, -(10**19), 0.5, 1e308, float("nan"), float("inf"), "",
    "x", "same", "float32", "\0", "\ud800", "é" * 40, "None", "__class__", [], {}, [None], [[]], [1, [2, [3]]],
    {"class_name": "Dense", "config": {"units": 4}}, {"class_name": "Nothing", "config": None},
    {"class_name": "__tuple__", "items": [1]}, {"class_name": "__lambda__", "config": {}},
    {"class_name": "__numpy__", "config": {"value": [1], "dtype": "int8"}}, [None, None, 4], [None, 9],
)  # fmt: skip
BYTES = (
    b"\0", b"\xff", b"\xef\xbb\xbf", b'"', b"{", b"}", b"[" * 40, b"]", b",", b"9" * 50, b"\n", b"\t", b"\\",
    b"1e999", b"-", b"NaN", b"(", b")", b":", b"#", b"'''", b"lambda: ", b"*", b"\xc3\xa9", b"\r",
)  # fmt: skip
ENCODINGS = ("utf-16", "utf-32", "utf-8-sig", "latin-1", "cp1252")


class Mutant(NamedTuple):
    """A file and the command that it is given to."""

    name: str
    data: bytes
    words: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.words} {self.name} {base64.b85encode(gzip.compress(self.data)).decode()}"


def mutant(draw: random.Random) -> Mutant:
    """A model or a program, changed in a few places, and a command."""
    name, data = draw.choice(draw.choice((_models, _models, _files, _programs))())
    ending = name.rpartition(".")[2]
    if ending == "json" and draw.random() < 0.7:
        data = _with_values(draw, data)
    if draw.random() < (0.3 if ending == "json" else 0.9):
        data = _with_bytes(draw, data)
    if ending == "json" and draw.random() < 0.3:
        return Mutant("model.keras", _zipped(draw, data), draw.choice(COMMANDS))
    return Mutant(f"model.{ending}", data, draw.choice(COMMANDS))


@cache
def _models() -> list[tuple[str, bytes]]:
    """Models in JSON, of all versions of Keras."""
    found = []
    for name in MODELS:
        for line in gzip.decompress((DATA / f"models/{name}.jsonl.gz").read_bytes()).splitlines():
            entry = json.loads(line)
            model = entry.get("json") or entry["model"]
            text = model if isinstance(model, str) else json.dumps(model)
            found.append(("model.json", text.encode()))
    return [each for each in found if len(each[1]) < LONGEST]


@cache
def _files() -> list[tuple[str, bytes]]:
    """Files of other programs, and one of HDF5."""
    return [(each.name, each.read_bytes()) for each in sorted((DATA / "models/files").iterdir())]


@cache
def _programs() -> list[tuple[str, bytes]]:
    """Source code."""
    lines = gzip.decompress((DATA / "python_source.jsonl.gz").read_bytes()).splitlines()
    return [("model.py", json.loads(line)["text"].encode()) for line in lines]


def _with_values(draw: random.Random, data: bytes) -> bytes:
    """Other values in the place of some, or a part twice, or none, in JSON."""
    try:
        root = json.loads(data)
    except ValueError:
        return data
    for _ in range(draw.randint(1, 3)):
        places = _places(root) if isinstance(root, dict | list) else []
        if not places:
            break
        held, key = draw.choice(places)
        other = draw.choice(places)
        kind = draw.random()
        if kind < 0.15:
            del held[key]
        elif kind < 0.3:
            # A copy, since a part within itself has no end.
            held[key] = deepcopy(other[0][other[1]])
        elif kind < 0.4 and isinstance(held, list):
            held.insert(key, held[key])
        elif kind < 0.45:
            for _ in range(draw.choice((3, 200))):
                held[key] = [held[key]]
        else:
            held[key] = deepcopy(draw.choice(VALUES))
    return json.dumps(root).encode()


def _places(root: Any) -> list[tuple[Any, Any]]:
    """What holds each value, and the key or the number by which it does."""
    found, waiting = [], [root]
    while waiting:
        held = waiting.pop()
        keys = list(held) if isinstance(held, dict) else range(len(held))
        for key in keys:
            found.append((held, key))
            if isinstance(held[key], dict | list):
                waiting.append(held[key])
    return found


def _with_bytes(draw: random.Random, data: bytes) -> bytes:
    """Some bytes changed, left out, put in or doubled; or all of them in another encoding."""
    if draw.random() < 0.05:
        return data.decode("utf-8", "replace").encode(draw.choice(ENCODINGS), "replace")
    for _ in range(draw.randint(1, 4)):
        start = draw.randrange(len(data) + 1)
        end = min(len(data), start + draw.choice((0, 1, 1, 5, 200)))
        put = draw.choice((*BYTES, data[start:end] * 2, b"", bytes([draw.randrange(256)])))
        data = data[:start] + put + data[end:]
    return data if draw.random() < 0.9 else data[: draw.randrange(len(data) + 1)]


def _zipped(draw: random.Random, data: bytes) -> bytes:
    """An archive of Keras, of which bytes may be changed."""
    written = io.BytesIO()
    with zipfile.ZipFile(
        written, "w", draw.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))
    ) as zipped:
        for name in draw.choice((("config.json",), ("metadata.json", "config.json"), ("other",))):
            zipped.writestr(name, data if name == "config.json" else "{}")
    whole = written.getvalue()
    return _with_bytes(draw, whole) if draw.random() < 0.4 else whole


def given(case: Mutant) -> str:
    """Give the file to the command; says whether it ``fits`` or was ``refused``."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, case.name)
        path.write_bytes(case.data)
        word, *options = case.words
        done = called(*filter(None, [word]), case.name, *options, cwd=Path(folder))
    promised(done, word)
    return "refused" if done.code else "fits"

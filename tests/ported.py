"""The networks that are written as code of the other framework: a line each in ``data/port``."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Final

import shapecalc
from shapecalc.exporters.code import code
from shapecalc.network import Network

FOLDER: Final = Path(__file__).parent / "data" / "port"
#: The lists, by the framework that their networks are of.
LISTS: Final = ("keras", "torch")


def cases(name: str) -> list[str]:
    """The lines of a list: a spec, and behind ``;`` the sizes of letters."""
    lines = (FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def case_of(line: str) -> tuple[Network, dict[str, int]]:
    """The network of a line, and its sizes."""
    spec, _, given = line.partition(";")
    pairs = (each.split("=") for each in given.replace(",", " ").split())
    return shapecalc.parse(spec.strip()), {name: int(value) for name, value in pairs}


def ported(line: str) -> str:
    """The code of a line in the other framework, with what carries weights over."""
    network, _ = case_of(line)
    to = "keras" if network.dialect.name == "torch" else "torch"
    return code(network, to, weights=True)


def recorded(name: str) -> list[tuple[str, str]]:
    """The lines of a list with the code that is recorded for them."""
    lines = gzip.decompress((FOLDER / f"{name}.code.jsonl.gz").read_bytes()).decode().splitlines()
    return [(each["case"], each["code"]) for each in map(json.loads, lines)]

"""Ruff on generated code: what it would leave, and what it finds."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PLACE = Path(sys.executable).parent


def ruff(*arguments: str, text: str = "") -> str:
    """What ruff prints, without the settings of this project."""
    program = shutil.which("ruff", path=str(PLACE)) or shutil.which("ruff")
    if program is None:
        pytest.skip("ruff is not installed")
    options = ("--isolated", "--no-cache", "--line-length", "88")
    done = subprocess.run(
        [program, *arguments, *options], input=text, capture_output=True, text=True, check=False
    )
    assert not done.stderr.startswith("error"), done.stderr
    return done.stdout


def formatted(text: str) -> str:
    """The text as ``ruff format`` leaves it."""
    return ruff("format", "-", text=text)


def problems(text: str) -> str:
    """What ``ruff check`` finds, unsorted imports too; nothing where all is well."""
    return ruff("check", "--quiet", "--extend-select", "I", "-", text=text)


def problems_below(folder: Path) -> str:
    """What ruff finds in the files of a folder, and which it would write otherwise."""
    found = ruff("check", "--quiet", "--extend-select", "I", str(folder))
    return found + ruff("format", "--quiet", "--diff", str(folder))

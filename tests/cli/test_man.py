"""The man page says what the commands say, and is installed with the package."""

from __future__ import annotations

import shutil
import subprocess
from importlib import import_module
from itertools import pairwise
from pathlib import Path

import pytest
from terminal import called

import shapecalc
from shapecalc.cli.main import COMMANDS, command
from shapecalc.render.columns import COLUMNS
from shapecalc.render.formats import FORMATS
from shapecalc.render.roff import escaped

PAGE = Path(shapecalc.__file__).parent / "cli" / "shapecalc.1"


def test_the_installed_page_is_the_one_that_is_printed(*, renew: bool) -> None:
    printed = called("man").out
    if renew:
        PAGE.write_text(printed, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == printed


def test_every_command_and_option_is_there() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert [name for name in COMMANDS if f".SS {name}\n" not in page] == []
    options = [name for parameter in command.params for name in parameter.opts if name[:2] == "--"]
    assert [name for name in options if escaped(name) not in page] == []
    assert [name for name in (*COLUMNS, *FORMATS) if f".B {name}\n" not in page] == []


@pytest.mark.parametrize("name", COMMANDS)
def test_an_option_says_the_same_in_every_command(name: str) -> None:
    """What it is, and what it is for; only what is wanted may differ: formats, and what fails."""
    own = import_module(f"shapecalc.cli.{name}").command
    everywhere = {each.name: each for each in command.params if each.param_type_name == "option"}
    for option in own.params:
        if option.param_type_name != "option" or getattr(option, "hidden", False):
            continue
        assert option.help
        same = everywhere.get(option.name)
        if same is not None and option.name not in {"form", "header", "expect", "strict"}:
            assert (option.opts, option.help) == (same.opts, same.help)


def test_the_wheel_brings_the_page() -> None:
    project = PAGE.parent.parent.parent / "pyproject.toml"
    assert '"shapecalc/cli/shapecalc.1" = "share/man/man1/shapecalc.1"' in project.read_text(
        encoding="utf-8"
    )


@pytest.mark.parametrize(
    ("text", "shown"), [("a-b", "a\\-b"), (".x", "\\&.x"), ("'x", "\\&'x"), ("a\\b", "a\\eb")]
)
def test_marks_of_roff_are_escaped(text: str, shown: str) -> None:
    assert escaped(text) == shown


def test_groff_has_nothing_to_say_against_it() -> None:
    if shutil.which("groff") is None:
        pytest.skip("groff is not installed here")
    done = subprocess.run(
        ["groff", "-man", "-Tutf8", "-ww", "-z", str(PAGE)],  # noqa: S607
        capture_output=True,
        check=False,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_synopsis_says_what_may_be_left_out_and_what_may_be_several() -> None:
    lines = called("man").out.splitlines()
    said = dict(pairwise(lines))
    for name, arguments in (
        ("shapecalc", "[SPEC]... [OPTIONS]"),
        ("shapecalc diff", "A B [OPTIONS]"),
        ("shapecalc annotate", "FILE... [OPTIONS]"),
        ("shapecalc completion", "[SHELL]"),
        ("shapecalc convert", "[SPEC]... [OPTIONS]"),
    ):
        assert said[f".B {name}"] == f".I {arguments}"

"""Every example of the README is run, and prints what the README says."""

from __future__ import annotations

import doctest
import re
import shlex
from pathlib import Path
from typing import NamedTuple

import pytest
from terminal import called, on_terminal, shown

import shapecalc

README = Path(__file__).parent.parent / "README.md"
BLOCK = re.compile(
    r"(?:<!-- file: (?P<file>\S+) -->\n)?```(?P<kind>\w*)\n(?P<text>.*?)```\n", re.DOTALL
)


class Block(NamedTuple):
    kind: str
    text: str
    file: str | None


def blocks() -> list[Block]:
    text = README.read_text(encoding="utf-8")
    return [Block(m["kind"], m["text"], m["file"]) for m in BLOCK.finditer(text)]


def commands(text: str) -> list[tuple[str, str]]:
    """The commands of a block, which begin with ``$``, and what they print."""
    parts = re.split(r"(?m)^\$ ", text)
    assert parts[0] == "", "a block begins with a command"
    return [(line, printed) for line, _, printed in (part.partition("\n") for part in parts[1:])]


CONSOLE = [block for block in blocks() if block.kind == "console"]


@pytest.fixture
def workshop(tmp_path: Path) -> Path:
    """A folder with the files that the README shows."""
    for block in blocks():
        if block.file:
            (tmp_path / block.file).write_text(block.text, encoding="utf-8")
    return tmp_path


#: What a shell does more with than splitting words, outside of quotes.
SHELL = re.compile(r"[][|&;<>()$`\\*?{}~#!]")
QUOTED = re.compile(r"""'[^']*'|"[^"$`\\]*\"""")


def printed_by(command: str, folder: Path) -> str:
    """What a command prints on a terminal; in a process of its own where a shell has a part.

    What is piped on is run within this process too, and the shell gets what it wrote.
    """
    first, _, others = command.partition(" | ")
    name, *arguments = shlex.split(first)
    if name != "shapecalc" or SHELL.search(QUOTED.sub("", first)):
        return on_terminal(command, columns=96, cwd=folder)[1]
    if not others:
        return shown(*arguments, columns=96, cwd=folder)[1]
    done = called(*arguments, cwd=folder, COLUMNS="96")
    return done.err + on_terminal(others, columns=96, cwd=folder, stdin=done.out.encode())[1]


@pytest.mark.parametrize("block", CONSOLE, ids=lambda block: block.text.splitlines()[0][2:60])
def test_console_example(block: Block, workshop: Path, *, renew: bool) -> None:
    printed = [(command, printed_by(command, workshop)) for command, _ in commands(block.text)]
    if renew:
        anew = "".join(f"$ {command}\n{said}" for command, said in printed)
        text = README.read_text(encoding="utf-8")
        README.write_text(text.replace(block.text, anew), encoding="utf-8")
    else:
        assert printed == commands(block.text)


def test_python_examples() -> None:
    examples = [block.text for block in blocks() if block.kind == "python"]
    assert examples
    parser, runner = doctest.DocTestParser(), doctest.DocTestRunner()
    for text in examples:
        test = parser.get_doctest(text, {"shapecalc": shapecalc}, "README", str(README), 0)
        assert test.examples
        runner.run(test)
    assert runner.summarize(verbose=False).failed == 0


def test_there_are_examples() -> None:
    assert len(CONSOLE) > 5


def test_a_process_of_its_own_prints_the_same(workshop: Path) -> None:
    command, printed = commands(CONSOLE[0].text)[0]
    assert on_terminal(command, columns=96, cwd=workshop) == (0, printed)


def test_the_step_of_continuous_integration(workshop: Path) -> None:
    (step,) = re.findall(r"(?m)^  run: (.*)$", (workshop / "shapes.yml").read_text("utf-8"))
    assert on_terminal(step, cwd=workshop) == (0, "B,T,9\n")


def test_the_picture_is_the_one_that_is_drawn(*, renew: bool) -> None:
    picture = README.parent / ".docs" / "shapes.svg"
    spec = "in:B:T:4,conv1d:32:3:s=2:relu,lstm:64:seq,td-dense:3"
    drawn = called(spec, "-f", "svg", "--width", "100").out
    if renew:
        picture.write_text(drawn, encoding="utf-8")
    assert picture.read_text(encoding="utf-8") == drawn
    assert "](.docs/shapes.svg)" in README.read_text(encoding="utf-8")
